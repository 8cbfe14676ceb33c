"""`purser doctor REGISTRY/REPOSITORY:ACTIONS` and `purser login` at real registries: what is told, stored and ended with."""

import json
import pathlib

import jsonschema
import pytest

from rig_home import NOT_FOUND
from rig_purser_tokens import (FAILED, NO_CREDENTIALS, NOT_ALLOWED, OK, SOURCE_FAILS, USAGE, PurserTokens, access, log_in,
                               log_out, store)
from rig_token_registries import DEBIAN, DOCKERS, NEWER, ROTATING, USERS
from rig_world import ECR, LOCAL, PUBLIC, user_of

pytestmark = pytest.mark.usefixtures("token_registries")
SCHEMA = json.loads((pathlib.Path(__file__).parents[2] / "docs/doctor.schema.json").read_text())


def outcomes(report: dict) -> dict[str, str]:
    jsonschema.validate(report, SCHEMA)
    return {action["action"]: action["outcome"] for action in report["actions"]}


def stored(home, host: str) -> str | None:
    answer = home.helper("get", host)
    return None if answer.stdout == NOT_FOUND + "\n" else json.loads(answer.ok().stdout)["Secret"]


@pytest.mark.parametrize("host", [DEBIAN, NEWER, DOCKERS])
def test_an_owner_may_do_everything(home, host, repository):
    log_in(home, host, "owner", USERS["owner"]).ok()
    target = f"{host}/owner/{repository}"
    PurserTokens(home, host).client().push(f"owner/{repository}", b"content")
    status, report = access(home, f"{target}:*")
    assert (status, report["outcome"]) == (OK, "ok")
    assert outcomes(report) == {"pull": "allowed", "push": "allowed", "delete": "allowed"}
    push = report["actions"][1]
    assert push["granted"] == push["scopes"] == [f"repository:owner/{repository}:pull,push"]
    assert (push["username"], push["service"]) == ("owner", host) and push["realm"].startswith(f"https://{host}/")
    topics = [step["topic"] for step in report["steps"]]
    assert "realm" in topics and topics.count("access") == 3 and topics.count("store") == 1
    # It was looked at, and left as it was.
    assert PurserTokens(home, host).client().pull(f"owner/{repository}") == b"content"


@pytest.mark.parametrize("host", [DEBIAN, NEWER])
def test_a_reader_may_only_pull(new_home, host, repository):
    owner, home = new_home(), new_home()
    log_in(owner, host, "owner", USERS["owner"]).ok()
    PurserTokens(owner, host).client().push(f"owner/{repository}", b"content")
    log_in(home, host, "reader", USERS["reader"]).ok()
    status, report = access(home, f"{host}/owner/{repository}:pull,push,delete")
    assert (status, report["outcome"], report["code"]) == (NOT_ALLOWED, "not_allowed", "forbidden")
    assert outcomes(report) == {"pull": "allowed", "push": "refused", "delete": "refused"}
    push = report["actions"][1]
    assert (push["status"], push["error"], push["granted"]) == (401, "insufficient_scope", [f"repository:owner/{repository}:pull"])
    assert "reader may not push and delete" in report["conclusion"]
    assert access(home, f"{host}/owner/{repository}:pull")[0] == OK


def test_without_a_credential_reading_is_tried_and_writing_is_not(token_registries, home, repository):
    status, report = access(home, f"{DEBIAN}/public/{repository}:pull")
    assert status in (OK, NOT_ALLOWED)  # there is no such repository yet
    before = len(token_registries.debian.asked())
    status, report = access(home, f"{DEBIAN}/public/{repository}:push")
    assert (status, report["outcome"], report["code"]) == (NO_CREDENTIALS, "no_credentials", "not_configured")
    assert len(token_registries.debian.asked()) == before


def test_a_wrong_password_is_shown_once(token_registries, home, repository):
    store(home, DEBIAN, "owner", "fake-and-wrong")
    before = len(token_registries.debian.asked())
    status, report = access(home, f"{DEBIAN}/owner/{repository}:*")
    assert (status, report["outcome"], report["code"]) == (SOURCE_FAILS, "failed", "rejected")
    assert outcomes(report) == {"pull": "rejected"}
    assert len(token_registries.debian.asked()) == before + 1
    assert "fake-and-wrong" not in json.dumps(report)


@pytest.mark.parametrize("tail", ["app:latest", "app:pull,latest", "app:push "])
def test_what_cannot_be_tried_is_a_wrong_command_line(home, tail):
    done = home.run(str(home.programs / "purser"), "doctor", f"{DEBIAN}/{tail}")
    assert (done.status, done.stdout) == (USAGE, "") and len(done.stderr.splitlines()) == 1


def test_a_registry_that_takes_passwords(home, repository):
    store(home, LOCAL, *user_of(LOCAL))
    status, report = access(home, f"{LOCAL}/{repository}:pull,push")
    assert status == OK and outcomes(report) == {"pull": "allowed", "push": "allowed"}
    assert report["actions"][0]["scheme"] == "basic"
    store(home, LOCAL, user_of(LOCAL)[0], "fake-and-wrong")
    status, report = access(home, f"{LOCAL}/{repository}:pull,push")
    assert status == SOURCE_FAILS and outcomes(report) == {"pull": "rejected"}


# login


@pytest.mark.parametrize("host", [DEBIAN, NEWER, DOCKERS])
def test_a_login_is_stored_once_the_registry_took_it(home, host):
    wrong = log_in(home, host, "owner", "fake-and-wrong")
    assert (wrong.status, wrong.stdout) == (SOURCE_FAILS, "") and "nothing was stored" in wrong.stderr
    assert stored(home, host) is None
    log_in(home, host, "owner", USERS["owner"]).ok()
    assert stored(home, host) == USERS["owner"]


def test_a_wrong_password_leaves_the_old_login_and_is_not_shown_again(token_registries, home):
    log_in(home, DEBIAN, "owner", USERS["owner"]).ok()
    before = len(token_registries.debian.asked())
    for _ in range(3):
        assert log_in(home, DEBIAN, "owner", "fake-and-wrong").status == SOURCE_FAILS
    assert len(token_registries.debian.asked()) == before + 1, "it locks users out where it is repeated"
    assert stored(home, DEBIAN) == USERS["owner"]
    PurserTokens(home, DEBIAN).header(f"{DEBIAN}/owner/app")


def test_a_token_that_is_held_proves_no_login(token_registries, home):
    log_in(home, DEBIAN, "reader", USERS["reader"]).ok()
    PurserTokens(home, DEBIAN).header(f"{DEBIAN}/owner/app")
    token_registries.debian.users["reader"] = "fake-password-since-then"
    try:
        assert log_in(home, DEBIAN, "reader", USERS["reader"]).status == SOURCE_FAILS
    finally:
        token_registries.debian.users["reader"] = USERS["reader"]


def test_a_login_to_a_registry_that_takes_passwords(home):
    name, password = user_of(LOCAL)
    assert log_in(home, LOCAL, name, "fake-and-wrong").status == SOURCE_FAILS
    assert stored(home, LOCAL) is None
    log_in(home, LOCAL, name, password).ok()
    assert stored(home, LOCAL) == password


@pytest.mark.parametrize("scope", ["owner/{}:pull", "repository:owner/{}:pull"])
def test_a_scope_is_checked_before_anything_is_stored(home, repository, scope):
    refused = log_in(home, DEBIAN, "reader", USERS["reader"], "--scope", f"owner/{repository}:pull,push")
    assert refused.status == NOT_ALLOWED and "insufficient_scope" in refused.stderr
    assert stored(home, DEBIAN) is None
    log_in(home, DEBIAN, "reader", USERS["reader"], "--scope", scope.format(repository)).ok()
    assert stored(home, DEBIAN) == USERS["reader"]


def test_a_registry_that_asks_nobody_is_said_so(home):
    done = log_in(home, PUBLIC, "ann", "fake-password")
    assert done.status != OK and "asks nobody" in done.stderr and stored(home, PUBLIC) is None


def test_what_needs_no_login_has_none(home):
    done = log_in(home, ECR, "AWS", "fake-password")
    assert done.status != OK and f"purser doctor {ECR}" in done.stderr


@pytest.mark.parametrize("user, password", [("ann", ""), ("ann", b"fake-\xff")])
def test_what_cannot_be_verified_is_refused(home, user, password):
    done = log_in(home, DEBIAN, user, password)
    assert done.status in (FAILED, USAGE) and len(done.stderr.splitlines()) == 1 and stored(home, DEBIAN) is None
    assert "fake-" not in done.stderr


def test_an_identity_token_is_stored_as_it_became(token_registries, home, repository):
    name = f"owner/{repository}"
    first = token_registries.rotating.identity("owner", f"repository:{name}:pull,push")
    log_in(home, ROTATING, "<token>", first, "--scope", f"{name}:push").ok()
    assert stored(home, ROTATING) not in (None, first)
    home.stop()  # nothing but the store remembers it
    PurserTokens(home, ROTATING).client().push(name, b"content")
    assert log_in(home, ROTATING, "<token>", "fake-identity").status == SOURCE_FAILS


def test_logout_leaves_nothing(token_registries, home, repository):
    log_in(home, DEBIAN, "owner", USERS["owner"]).ok()
    target = f"{DEBIAN}/owner/{repository}:push"
    PurserTokens(home, DEBIAN).header(target)
    for _ in range(2):
        log_out(home, DEBIAN).ok()
        assert stored(home, DEBIAN) is None
        assert PurserTokens(home, DEBIAN).run(target).status == NO_CREDENTIALS


def test_no_password_is_written_down(home):
    log_in(home, DEBIAN, "owner", USERS["owner"]).ok()
    log_in(home, NEWER, "owner", "fake-and-wrong")
    audit = json.dumps(home.audit())
    assert USERS["owner"] not in audit and "fake-and-wrong" not in audit
    verbs = [(event["verb"], event["outcome"]) for event in home.audit() if event["verb"] == "login"]
    assert verbs == [("login", "ok"), ("login", "rejected")]
