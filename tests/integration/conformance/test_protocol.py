"""What clients rely on, asked of the helper and a real daemon. table.py says which client relies on what."""

import json
import signal
import subprocess

import pytest

from conftest import message
from rig_home import NOT_FOUND
from rig_process import wait_until

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
NO_SERVER = "no credentials server URL\n"
NO_USER = "no credentials username\n"
# One registry, as clients write it.
SPELLINGS = (
    "reg.example.test", "https://reg.example.test", "http://reg.example.test", "reg.example.test:443",
    "https://reg.example.test:443", "http://reg.example.test:443", "http://reg.example.test:80", "REG.Example.Test",
    "https://reg.example.test/", "https://reg.example.test/v1/", "https://reg.example.test/v2/", "reg.example.test/v2",
)
HUB = (
    "https://index.docker.io/v1/", "docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1",
    "registry-1.docker.io:443", "https://docker.io",
)
OAUTH = ("https://index.docker.io/v1/access-token", "https://index.docker.io/v1/refresh-token")


@pytest.mark.parametrize("end", ["", "\n", "\r\n", " \t\r\n"], ids=repr)
def test_a_key_may_have_an_end_of_line(helper, end):
    helper.store("reg.example.test")
    got = json.loads(helper.call("get", "reg.example.test" + end).ok().stdout)
    assert got["ServerURL"] == "reg.example.test"
    helper.call("erase", "reg.example.test" + end).ok()
    assert helper.list() == {}


@pytest.mark.parametrize("verb", ["get", "erase"])
@pytest.mark.parametrize("key", ["", "\n", " \r\n"], ids=repr)
def test_no_key_is_said_in_dockers_words(helper, verb, key):
    outcome = helper.call(verb, key)
    assert (outcome.status, outcome.stdout) == (1, NO_SERVER)


def test_an_answer_is_one_object_and_a_line_feed(helper):
    helper.store("reg.example.test:5000", "ann", 'fake "password" \\ é\n')
    answer = helper.call("get", "https://reg.example.test:5000/v2/").ok().stdout
    assert answer.endswith("}\n") and answer.count("\n") == 1
    assert list(json.loads(answer).items()) == [  # nothing beside it: json.loads would refuse
        ("ServerURL", "https://reg.example.test:5000/v2/"), ("Username", "ann"), ("Secret", 'fake "password" \\ é\n')]


@pytest.mark.parametrize("name, value", [("Username", ""), ("Username", None), ("Secret", ""), ("Secret", None)])
def test_a_credential_without_name_or_secret_is_never_kept(helper, name, value):
    """BuildKit and containerd would take a secret without a name for an identity token."""
    fields = {"ServerURL": "reg.example.test", "Username": "ann", "Secret": "fake-password", name: value}
    outcome = helper.call("store", json.dumps({key: text for key, text in fields.items() if text is not None}))
    assert outcome.status == 1 and len(outcome.stdout.splitlines()) == 1
    assert "fake-password" not in outcome.stdout
    if name == "Username":
        assert outcome.stdout == NO_USER
    assert helper.list() == {} and helper.get("reg.example.test") is None


def test_not_found_is_the_same_sentence_for_all(helper):
    asked = ("reg.example.test", "https://not.a.real.registry/url", "docker.io", *OAUTH)
    assert {helper.call("get", key).stdout for key in asked} == {NOT_FOUND + "\n"}


@pytest.mark.parametrize("verb", ["get", "store", "erase"])
def test_any_other_failure_is_one_line_that_names_the_host(helper, verb):
    """A registry that tokens are obtained for, and no keys; then a name that is none."""
    for key in (ECR, "not a registry"):
        if (verb, key) in (("erase", ECR), ("store", ECR)):
            continue  # succeeds: see below
        outcome = helper.call(verb, message(key, "ann", "fake-password") if verb == "store" else key)
        assert outcome.status == 1 and outcome.stdout.endswith("\n") and len(outcome.stdout.splitlines()) == 1
        assert NOT_FOUND not in outcome.stdout and "fake-password" not in outcome.stdout
        assert (ECR if key == ECR else "HOST[:PORT]") in outcome.stdout


@pytest.mark.parametrize("spellings", [SPELLINGS, HUB], ids=["host", "hub"])
def test_a_registry_is_the_same_under_each_spelling(helper, spellings):
    for i, stored in enumerate(spellings):
        helper.store(stored, "ann", f"fake-{i}")
        for asked in spellings:
            got = helper.get(asked)
            assert got == {"ServerURL": asked, "Username": "ann", "Secret": f"fake-{i}"}, (stored, asked)
        assert helper.list() == {"https://index.docker.io/v1/" if spellings is HUB else "reg.example.test": "ann"}
        helper.erase(spellings[i - 1])
        assert helper.get(stored) is None, (stored, spellings[i - 1])


def test_a_port_and_another_name_are_another_registry(helper):
    helper.store("reg.example.test")
    for other in ("reg.example.test:5000", "https://reg.example.test:80", "reg.example.tes", "reg.example.test.other"):
        assert helper.get(other) is None, other


def test_a_repository_is_answered_for_by_its_registry(helper):
    helper.store("reg.example.test", "ann", "fake-host")
    helper.store("reg.example.test/team", "bob", "fake-team")
    assert helper.get("reg.example.test/team/app")["Username"] == "bob"
    assert helper.get("reg.example.test/teams/app")["Username"] == "ann"


def test_dockers_oauth_tokens_are_keys_of_their_own(helper):
    for key in OAUTH:
        helper.store(key, "ann", "fake-" + key)
        assert helper.get(key)["Secret"] == "fake-" + key
    for hub in HUB:
        assert helper.get(hub) is None, "a token of docker's own is no credential of Docker Hub"
    assert helper.list() == dict.fromkeys(OAUTH, "ann")
    helper.store(HUB[0], "ann", "fake-hub")
    for hub in HUB:
        assert helper.get(hub)["Secret"] == "fake-hub"
    helper.erase("docker.io")
    assert helper.list() == dict.fromkeys(OAUTH, "ann")
    helper.erase(OAUTH[1])
    assert helper.list() == {OAUTH[0]: "ann"}


@pytest.mark.parametrize("end", ["", "\n"], ids=repr)
def test_store_takes_what_go_writes(helper, end):
    """Escapes; with a line feed (docker) and without (oras)."""
    helper.call("store", message("reg.example.test", "<a&b>", "fake <&> \u2028").rstrip("\n") + end).ok()
    assert helper.get("reg.example.test") == {
        "ServerURL": "reg.example.test", "Username": "<a&b>", "Secret": "fake <&> \u2028"}


def test_store_takes_a_mebibyte(helper):
    secret = "fake" * (2**18 - 25)
    assert 2**20 - 200 < len(message("reg.example.test", "ann", secret)) <= 2**20
    helper.store("reg.example.test", "ann", secret)
    assert helper.get("reg.example.test")["Secret"] == secret


@pytest.mark.parametrize("missing, sentence", [("ServerURL", NO_SERVER), ("Username", NO_USER)])
def test_what_store_lacks_is_said_in_dockers_words(helper, missing, sentence):
    fields = {"ServerURL": "reg.example.test", "Username": "ann", "Secret": "fake-password"}
    del fields[missing]
    outcome = helper.call("store", json.dumps(fields))
    assert (outcome.status, outcome.stdout) == (1, sentence)


def test_an_identity_token_comes_back_as_one(helper):
    helper.store("reg.example.test", "<token>", "fake-identity")
    assert helper.get("reg.example.test")["Username"] == "<token>"
    assert helper.list() == {"reg.example.test": "<token>"}


def test_store_for_a_managed_registry_is_not_written_down(helper, home):
    helper.store(ECR, "AWS", "fake-password")
    assert helper.list() == {}
    assert not (home.home / ".local/state/purser/credentials").exists()


@pytest.mark.parametrize("key", ["nobody.example.test", "https://index.docker.io/v1/", ECR, OAUTH[0]])
def test_erase_of_what_is_not_there_is_silent(helper, key):
    for _ in range(2):
        helper.erase(key)


def test_list_is_an_object_even_when_empty(helper):
    for text in ("unused", "", "reg.example.test\n", '{"not": "read"'):
        assert helper.call("list", text).ok().stdout == "{}\n"


def test_list_names_only_what_a_get_answers(helper, home):
    """Clients that list get each key next, and many give up on all where one fails."""
    helper.store("mine.example.test")
    helper.store("images.example.test")
    helper.store("docker.io")
    assert set(helper.list()) == {"mine.example.test", "images.example.test", "https://index.docker.io/v1/"}
    home.purser_config({"match": "images.example.test", "provider": "ecr", "registry": ECR})
    assert set(helper.list()) == {"mine.example.test", "https://index.docker.io/v1/"}
    for key in helper.list():
        assert helper.get(key) is not None
    home.purser_config()
    assert helper.get("images.example.test") is not None


def test_list_stays_below_64_kib(helper):
    for i in range(90):
        helper.store(f"reg.example.test/{'x' * 900}/{i}")
    listed = helper.call("list", "unused").ok().stdout
    assert 50 * 1024 < len(listed) < 64 * 1024
    assert json.loads(listed)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_client_that_is_interrupted_leaves_the_daemon(helper, home, number):
    """Ctrl-C reaches the helper that waits, and nobody behind it."""
    helper.store("reg.example.test")
    (daemon,) = home.daemons()
    subprocess.run(["kill", "-STOP", str(daemon)], check=True, timeout=10)
    try:
        waiting = home.start_helper("get", "reg.example.test")
        wait_until(lambda: _waits(waiting.pid), 8, "the helper does not wait")
        subprocess.run(["kill", f"-{number.value}", "--", f"-{waiting.pid}"], check=True, timeout=10)
        out, err = waiting.communicate(timeout=10)
    finally:
        subprocess.run(["kill", "-CONT", str(daemon)], check=True, timeout=10)
    assert waiting.returncode != 0 and (out, err) == (b"", b"")
    assert home.daemons() == [daemon]
    assert helper.get("reg.example.test") is not None


def _waits(pid: int) -> bool:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        return stat.read().rpartition(")")[2].split()[0] == "S"
