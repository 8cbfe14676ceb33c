"""purserd with the Secret Service as its store, through the helper and beside docker-credential-secretservice."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest
from conftest import BIN, Programs, message
from rig_process import wait_until

KEY = "registry.example.org"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
LIMIT = 9  # seconds in which a client is answered, whatever happens
AT_ONCE = 1  # seconds; what needs no keyring takes a thousandth of it
NOT_FOUND = "credentials not found in native keychain\n"


class Purser:
    """A home with a daemon that its helpers start, on this Secret Service."""

    def __init__(self, service):
        self.root, self.environment = service.root, dict(service.environment)
        self.programs = self.root / "bin"
        self.programs.mkdir()
        for name in ("purserd", "purser", "purser-keyring", "docker-credential-purser"):
            shutil.copy2(BIN / name, self.programs)
        self.choose("secret-service")

    def choose(self, kind):
        """Takes the place of the configuration at once, as an editor does."""
        path = pathlib.Path(self.environment["XDG_CONFIG_HOME"]) / "purser/config.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(json.dumps({"version": 1, "store": {"kind": kind}}))
        path.with_suffix(".new").rename(path)

    def run(self, name, *words, text=""):
        return subprocess.run([self.programs / name, *words], input=text, text=True, capture_output=True, timeout=60,
                              check=False, env=self.environment)

    def helper(self, verb, text=""):
        return self.run("docker-credential-purser", verb, text=text)

    def start_helper(self, verb, text):
        process = subprocess.Popen([self.programs / "docker-credential-purser", verb], stdin=subprocess.PIPE, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=self.environment)
        process.stdin.write(text)
        process.stdin.close()
        process.stdin = None
        return process

    def login(self, server, username, secret):
        done = self.helper("store", message(server, username, secret).decode())
        assert (done.returncode, done.stdout) == (0, ""), done

    def secret(self, server):
        done = self.helper("get", server)
        assert done.returncode == 0, done
        return json.loads(done.stdout)["Secret"]

    def refusal(self, verb, text):
        began = time.monotonic()
        done = self.helper(verb, text)
        assert time.monotonic() - began < LIMIT + 1
        assert done.returncode == 1 and done.stdout.count("\n") == 1, done
        return done.stdout

    def status(self):
        return json.loads(self.run("purser", "status", "--json").stdout)

    def stop(self):
        try:
            pid = self.status()["pid"]
        except json.JSONDecodeError:
            return
        os.kill(pid, signal.SIGTERM)
        wait_until(lambda: not pathlib.Path(f"/proc/{pid}").exists(), 20, "purserd is still there")


@pytest.fixture
def purser(own):
    made = Purser(own.service)
    yield made
    own.service.signal_keyring(signal.SIGCONT)
    made.stop()


def test_a_login_is_one_for_both_programs(own, purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    assert own.docker_get(KEY) == (KEY, "ann", "fake-secret-of-ann")
    own.docker_store("https://index.docker.io/v1/", "bob", "fake-secret-of-bob")
    assert purser.secret("https://index.docker.io/v1/") == "fake-secret-of-bob"
    assert json.loads(purser.helper("list").stdout) == {KEY: "ann", "https://index.docker.io/v1/": "bob"}
    assert purser.helper("erase", KEY).returncode == 0
    assert own.docker_get(KEY) is None
    assert purser.helper("get", KEY).stdout == NOT_FOUND


def test_no_file_of_ours_holds_it(own, purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    assert purser.secret(KEY) == "fake-secret-of-ann"
    assert not (own.service.root / ".local/state/purser/credentials").exists()
    assert purser.status()["store"]["description"] == "Secret Service"


def test_a_large_secret_comes_back_whole(purser):
    secret = "fake-" + "x" * 64 * 1024
    purser.login(KEY, "ann", secret)
    assert purser.secret(KEY) == secret


def test_the_configuration_counts_at_once_and_moves_nothing(purser):
    purser.login(KEY, "ann", "fake-secret-in-the-keyring")
    purser.choose("file")
    assert purser.helper("get", KEY).stdout == NOT_FOUND
    purser.login(KEY, "ann", "fake-secret-in-the-file")
    purser.choose("secret-service")
    assert purser.secret(KEY) == "fake-secret-in-the-keyring"
    purser.choose("file")
    assert purser.secret(KEY) == "fake-secret-in-the-file"


@pytest.mark.parametrize("verb", ["get", "store", "erase"])
def test_a_locked_keyring_is_an_error_that_says_so(own, purser, verb):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    own.service.lock()
    text = message(KEY, "ann", "fake-secret-of-today").decode() if verb == "store" else KEY
    refusal = purser.refusal(verb, text)
    assert "the keyring is locked: unlock it" in refusal and "fake-secret" not in refusal
    doctor = purser.run("purser", "doctor", KEY)
    assert doctor.returncode != 0 and "the keyring is locked" in doctor.stdout


def test_without_a_secret_service_it_says_what_to_do(bus):
    purser = Purser(bus)
    try:
        refusal = purser.refusal("get", KEY)
    finally:
        purser.stop()
    assert "no Secret Service answers" in refusal and 'set store.kind to "file"' in refusal


def test_without_the_program_it_says_which_one(own, purser):
    (purser.programs / "purser-keyring").unlink()
    assert "purser-keyring cannot be started (No such file or directory)" in purser.refusal("get", KEY)


def test_a_keyring_that_hangs_holds_up_only_who_needs_it(own, purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    purser.login(ECR, "AWS", "fake-token-of-somebody-else")  # held in memory: see docs/configuration.md
    own.service.signal_keyring(signal.SIGSTOP)
    hung = [purser.start_helper("get", KEY) for _ in range(4)]
    for _ in range(20):
        began = time.monotonic()
        assert purser.secret(ECR) == "fake-token-of-somebody-else"
        assert time.monotonic() - began < AT_ONCE
    for helper in hung:
        answer, _ = helper.communicate(timeout=LIMIT + 1)
        assert helper.returncode == 1 and "no Secret Service answers" in answer, answer
    own.service.signal_keyring(signal.SIGCONT)
    assert purser.secret(KEY) == "fake-secret-of-ann"


def test_a_crowd_is_answered(purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    helpers = [purser.start_helper("get", KEY) for _ in range(100)]
    answers = [helper.communicate(timeout=LIMIT + 1)[0] for helper in helpers]
    assert {json.loads(answer)["Secret"] for answer in answers} == {"fake-secret-of-ann"}


def test_a_keyring_that_comes_back_is_used_again(own, purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    own.service.stop_keyring()
    assert "no Secret Service answers" in purser.refusal("get", KEY)
    own.service.start_keyring()
    assert purser.secret(KEY) == "fake-secret-of-ann"
