import json
import os
import pathlib
import signal
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))
sys.path.insert(0, str(ROOT / "tests/support"))
import rig_keyring_home  # noqa: E402
import rig_secret_service  # noqa: E402

LIMIT = 80  # seconds; the program promises 75


class Programs:
    """Ours and docker's on one Secret Service. `entry` is (server, username, secret)."""

    def __init__(self, service):
        self.service = service
        self.environment = {**service.environment, "PURSER_KEYRING_PROMPT": "0"}

    def command(self, *words):
        return [str(BIN / "purser-keyring"), *words]

    def run(self, *words, stdin=b"", **variables):
        environment = {**self.environment, **variables}
        return subprocess.run(self.command(*words), input=stdin, capture_output=True, timeout=LIMIT, check=False,
                              env={name: value for name, value in environment.items() if value is not None})

    def start(self, *words, stdin=b""):
        process = subprocess.Popen(self.command(*words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, env=self.environment)
        process.stdin.write(stdin)
        process.stdin.close()
        process.stdin = None
        return process

    def docker(self, verb, stdin=b""):
        return subprocess.run(["docker-credential-secretservice", verb], input=stdin, capture_output=True,
                              timeout=60, check=False, env=self.environment)

    def store(self, *entry):
        done = self.run("store", stdin=message(*entry))
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def get(self, key):
        """None where it is not found."""
        done = self.run("get", stdin=key.encode())
        assert done.stderr == b"" and (done.returncode, done.stdout == b"") in ((0, False), (1, True)), done
        return entry_of(done.stdout) if done.returncode == 0 else None

    def list(self):
        done = self.run("list")
        assert (done.returncode, done.stderr) == (0, b""), done
        return [(each["ServerURL"], each["Username"]) for each in json.loads(done.stdout)]

    def survey(self):
        done = self.run("probe")
        assert (done.returncode, done.stderr) == (0, b""), done
        found = json.loads(done.stdout)
        assert sorted(found) == ["Default", "Entries"]
        return found["Default"], found["Entries"]

    def erase(self, key):
        done = self.run("erase", stdin=key.encode())
        assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")

    def docker_store(self, *entry):
        done = self.docker("store", message(*entry))
        assert done.returncode == 0, done

    def docker_get(self, server):
        done = self.docker("get", server.encode())
        if done.returncode != 0:
            assert b"credentials not found" in done.stdout, done
            return None
        return entry_of(done.stdout)


def message(server, username, secret):
    return json.dumps({"ServerURL": server, "Username": username, "Secret": secret}, ensure_ascii=False).encode()


def entry_of(text):
    json_object = json.loads(text)
    assert sorted(json_object) == ["Secret", "ServerURL", "Username"]
    return json_object["ServerURL"], json_object["Username"], json_object["Secret"]


@pytest.fixture
def bus():
    """A bus without a Secret Service; `start_keyring` adds one."""
    if reason := rig_secret_service.missing():
        pytest.skip(reason)
    service = rig_secret_service.SecretService()
    yield service
    service.close()


@pytest.fixture
def own(bus):
    """Programs on a Secret Service that the test may spoil."""
    bus.start_keyring()
    return Programs(bus)


@pytest.fixture
def homes(bus):
    """Makes homes on that bus, which end before it does."""
    made = []

    def make(**options):
        made.append(rig_keyring_home.KeyringHome(bus.root / f"purser-{len(made)}", bus, **options))
        return made[-1]

    yield make
    if bus.keyring is not None:
        bus.signal_keyring(signal.SIGCONT)
    for home in made:
        home.stop()


@pytest.fixture(scope="module")
def unlocked_service():
    if reason := rig_secret_service.missing():
        pytest.skip(reason)
    service = rig_secret_service.SecretService()
    try:
        service.start_keyring()
        yield service
    finally:
        service.close()


@pytest.fixture
def programs(unlocked_service):
    """Programs on the module's Secret Service, which is empty."""
    made = Programs(unlocked_service)
    for key, _ in made.list():
        made.erase(key)
    assert unlocked_service.items() == []
    return made
