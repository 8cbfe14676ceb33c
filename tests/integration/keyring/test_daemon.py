"""purserd with the Secret Service as its store, through the helper and beside docker-credential-secretservice."""

import json
import signal
import time

import pytest
from conftest import message
from rig_keyring_home import ANSWERED, NOT_FOUND

KEY = "registry.example.org"
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
AT_ONCE = 1  # seconds; what needs no keyring takes a thousandth of it


@pytest.fixture
def purser(own, homes):
    made = homes()
    made.choose("secret-service")
    return made


def test_a_login_is_one_for_both_programs(own, purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    assert own.docker_get(KEY) == (KEY, "ann", "fake-secret-of-ann")
    own.docker_store("https://index.docker.io/v1/", "bob", "fake-secret-of-bob")
    assert purser.secret("https://index.docker.io/v1/") == "fake-secret-of-bob"
    assert json.loads(purser.helper("list").stdout) == {KEY: "ann", "https://index.docker.io/v1/": "bob"}
    assert purser.helper("erase", KEY).status == 0
    assert own.docker_get(KEY) is None
    assert purser.helper("get", KEY).stdout == NOT_FOUND


def test_no_file_of_ours_holds_it(own, purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    assert purser.secret(KEY) == "fake-secret-of-ann"
    assert not (purser.home / ".local/state/purser/credentials").exists()
    assert purser.ask("/v1/status")["store"]["description"] == "Secret Service"


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
    doctor = purser.run(str(purser.programs / "purser"), "doctor", KEY)
    assert doctor.status != 0 and "the keyring is locked" in doctor.stdout


def test_without_a_secret_service_it_says_what_to_do(homes):
    purser = homes()
    purser.choose("secret-service")
    refusal = purser.refusal("get", KEY)
    assert "no Secret Service answers" in refusal and 'set store.kind to "file"' in refusal


def test_without_the_program_it_says_which_one(own, purser):
    purser.copy_programs()
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
        answer, _ = helper.communicate(timeout=ANSWERED)
        assert helper.returncode == 1 and b"did not answer in time" in answer, answer
    own.service.signal_keyring(signal.SIGCONT)
    assert purser.secret(KEY) == "fake-secret-of-ann"


def test_a_crowd_is_answered(purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    helpers = [purser.start_helper("get", KEY) for _ in range(100)]
    answers = [helper.communicate(timeout=ANSWERED)[0] for helper in helpers]
    assert {json.loads(answer)["Secret"] for answer in answers} == {"fake-secret-of-ann"}


def test_a_keyring_that_comes_back_is_used_again(own, purser):
    purser.login(KEY, "ann", "fake-secret-of-ann")
    own.service.stop_keyring()
    assert "no Secret Service answers" in purser.refusal("get", KEY)
    own.service.start_keyring()
    assert purser.secret(KEY) == "fake-secret-of-ann"
