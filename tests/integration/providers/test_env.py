"""Credentials that are there already: in a variable of whoever asks, or in a file (`"provider": "env"`)."""

import json
import os

import pytest

from rig_home import NOT_FOUND

HOST = "ghcr.example"
RULE = {"match": HOST, "provider": "env", "username": "ci", "secret_env": "GITHUB_TOKEN"}


def not_found(home, registry=HOST, **variables):
    outcome = home.helper("get", registry, **variables)
    return (outcome.status, outcome.stdout) == (1, NOT_FOUND + "\n")


def test_the_secret_is_that_of_whoever_asks(home):
    home.purser_config(RULE)
    answer = home.get(f"https://{HOST}/v2/", GITHUB_TOKEN="fake-one")
    assert answer == {"ServerURL": f"https://{HOST}/v2/", "Username": "ci", "Secret": "fake-one"}


def test_two_jobs_never_meet(home):
    home.purser_config(RULE)
    for number in range(4):
        for job in ("fake-a", "fake-b"):
            assert home.get(HOST, GITHUB_TOKEN=f"{job}-{number}")["Secret"] == f"{job}-{number}"
    assert home.ask("/v1/status")["entries"] == [], "nothing is kept"
    home.refused(HOST)


def test_what_docker_login_stores_again_is_not_for_others(home):
    """docker login asks for a credential, and stores what it was given."""
    home.purser_config(RULE)
    answer = home.get(HOST, GITHUB_TOKEN="fake-a")
    home.helper("store", json.dumps(answer), GITHUB_TOKEN="fake-a").ok()
    assert home.get(HOST, GITHUB_TOKEN="fake-b")["Secret"] == "fake-b"
    home.refused(HOST)


def test_nor_where_it_stores_what_the_caller_has_before_it_ever_asked(home):
    home.purser_config(RULE)
    for token in ("fake-a", "fake-other"):  # the second one is not its own
        stored = {"ServerURL": HOST, "Username": "ci", "Secret": token}
        home.helper("store", json.dumps(stored), GITHUB_TOKEN="fake-a").ok()
    assert home.get(HOST, GITHUB_TOKEN="fake-b")["Secret"] == "fake-b"
    assert home.get(HOST, GITHUB_TOKEN="fake-a")["Secret"] == "fake-other"


def test_without_the_variable_it_is_an_error_that_names_it(home):
    home.purser_config(RULE)
    for variables in ({}, {"GITHUB_TOKEN": ""}, {"GITHUB_TOKEN": " \t"}):
        line = home.refused(HOST, **variables)
        assert "the variable GITHUB_TOKEN of whoever asks is not set, or empty: set it" in line


def test_where_a_client_may_go_on_without_it_does(home):
    home.purser_config({**RULE, "anonymous": True})
    assert not_found(home)
    assert home.get(HOST, GITHUB_TOKEN="fake-one")["Secret"] == "fake-one"


def test_the_user_may_be_in_a_variable_too(home):
    home.purser_config({"match": HOST, "provider": "env", "username_env": "PURSER_USER",
                        "secret_env": "PURSER_SECRET", "anonymous": True})
    assert home.get(HOST, PURSER_USER="ann", PURSER_SECRET="fake")["Username"] == "ann"
    assert "the variable PURSER_USER of whoever asks" in home.refused(HOST, PURSER_SECRET="fake")
    assert not_found(home, PURSER_USER="ann")


def test_a_user_with_a_colon_is_refused(home):
    """No Authorization header can hold one: the client would log in as somebody else."""
    home.purser_config({"match": HOST, "provider": "env", "username_env": "PURSER_USER", "secret_env": "GITHUB_TOKEN"})
    line = home.refused(HOST, PURSER_USER="a:fake-b", GITHUB_TOKEN="fake")
    assert "the variable PURSER_USER of whoever asks is a user name with a colon" in line and "fake-b" not in line


@pytest.mark.parametrize("name", [
    f"{HOST}.evil.example", f"evil-{HOST}", f"evil.{HOST}", f"{HOST}:8443", f"{HOST}@evil.example",
    f"evil.example/{HOST}", f"evil.example:443/{HOST}", HOST.replace("c", "с"), f"{HOST}%2eevil.example", "ghcr.examplе"])
def test_other_hosts_do_not_get_it(home, name):
    home.purser_config(RULE)
    outcome = home.helper("get", name, GITHUB_TOKEN="fake-one")
    assert outcome.status == 1 and "fake" not in outcome.output


def test_the_secret_is_told_to_nobody_else(home):
    home.purser_config(RULE, log={"level": "debug"})
    daemon = home.start_daemon()
    home.get(HOST, GITHUB_TOKEN="fake-hidden")
    doctor = home.run(str(home.programs / "purser"), "doctor", HOST, GITHUB_TOKEN="fake-hidden").ok()
    for text in (daemon.tail(), json.dumps(home.audit()), json.dumps(home.ask("/v1/status")), doctor.output):
        assert "fake-hidden" not in text
    files = [path for path in home.folder.rglob("*") if path.is_file() and not path.is_symlink()]
    assert not [path for path in files if b"fake-hidden" in path.read_bytes()]


def test_a_container_brings_its_own(home, in_container):
    home.purser_config(RULE)
    home.start_daemon()
    assert json.loads(in_container(HOST, GITHUB_TOKEN="fake-inside"))["Secret"] == "fake-inside"
    assert "GITHUB_TOKEN" in in_container(HOST)
    assert home.audit()[-1]["local"] is False


def test_doctor_and_refresh_say_where_it_is_from(home):
    home.purser_config(RULE)
    home.start_daemon()
    purser = str(home.programs / "purser")
    told = json.loads(home.run(purser, "doctor", HOST, "--json", GITHUB_TOKEN="fake").ok().stdout)
    assert told["conclusion"] == "A get is answered with the credential of the variable GITHUB_TOKEN"
    assert told["provider"] == "env" and told["token"] is None
    assert {"topic": "source", "state": "used", "text": "the variable GITHUB_TOKEN, user ci"} in told["steps"]
    assert "GITHUB_TOKEN" in home.run(purser, "doctor", HOST).output
    refresh = home.run(purser, "refresh", HOST, GITHUB_TOKEN="fake")
    assert refresh.status == 7 and "the variable GITHUB_TOKEN is handed out as it is" in refresh.stderr
    assert "variable GITHUB_TOKEN" in home.run(purser, "doctor").output


class TestFile:
    @pytest.fixture
    def secret(self, home):
        file = home.write("secret", "fake-one\n")
        home.purser_config({"match": HOST, "provider": "env", "username": "ci", "secret_file": str(file)})
        return file

    def test_it_is_read_for_each_request(self, home, secret):
        assert home.get(HOST)["Secret"] == "fake-one"
        secret.write_text("fake-two\r\n")
        assert home.get(HOST)["Secret"] == "fake-two"

    def test_links_are_followed(self, home, secret):
        """Kubernetes changes all of a secret at once, behind two links."""
        versions = home.home / "..v1"
        versions.mkdir()
        secret.rename(versions / "secret")
        (home.home / "..data").symlink_to("..v1")
        secret.symlink_to("..data/secret")
        assert home.get(HOST)["Secret"] == "fake-one"

    @pytest.mark.parametrize("mode, good", [(0o600, True), (0o400, True), (0o440, True), (0o644, False), (0o660, False),
                                            (0o602, False)])
    def test_others_may_not_read_it(self, home, secret, mode, good):
        secret.chmod(mode)
        if good:
            assert home.get(HOST)["Secret"] == "fake-one"
        else:
            assert f"run: chmod g-w,o-rwx {secret}" in home.refused(HOST)

    @pytest.mark.parametrize("content, says", [("", "is missing, or empty"), ("\n", "is missing, or empty"),
                                               ("fake\nfake\n", "has several lines"), ("f" * 70000, "is over 64 KiB")])
    def test_what_is_no_secret_is_said(self, home, secret, content, says):
        secret.write_text(content)
        line = home.refused(HOST)
        assert says in line and "fake" not in line

    def test_a_pipe_or_nothing_in_its_place(self, home, secret):
        secret.unlink()
        assert "is missing, or empty: write it" in home.refused(HOST)
        os.mkfifo(secret, 0o600)
        assert "is no plain file" in home.refused(HOST)
