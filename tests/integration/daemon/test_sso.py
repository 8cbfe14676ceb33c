"""Sessions of IAM Identity Center: what `aws sso login` left is used by all, kept alive, and given to nobody else."""

import json
import os
import re
import stat
import time

import pytest

from rig_aws import ACCOUNT, arn
from rig_crowd import Crowd
from rig_ecr import Behaviour
from rig_keys import timestamp
from rig_process import wait_until
from rig_sso import OIDC, PORTAL, REGION, START_URL, token_file, write_token
from rig_world import ECR

ALWAYS = -1
PUBLIC_ECR = "public.ecr.aws"
SOON = 240  # seconds until the end of a token that has to be renewed
OVER = -60
SESSION = {"sso_region": REGION, "sso_start_url": START_URL, "sso_registration_scopes": "sso:account:access"}
DEV_LABEL = f"sso {ACCOUNT}/Dev"


def profile(role: str = "Dev", **settings: str) -> dict[str, str]:
    """The settings of a profile with the session "corp"."""
    return {"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": role, **settings}


def legacy(role: str = "Dev") -> dict[str, str]:
    """The settings of a profile without a session."""
    return {"sso_start_url": START_URL, "sso_region": REGION, "sso_account_id": ACCOUNT, "sso_role_name": role}


class User:
    """A home with the profiles "dev" and, in the older form, "old". Whoever logs in may have the role "Dev"."""

    def __init__(self, aws, home):
        self.aws = aws
        self.home = home
        aws.sso.assign(ACCOUNT, "Dev")
        home.aws_config({"corp": SESSION}, dev=profile(), old=legacy())

    def log_in(self, seconds: int = 8 * 3600, key: str = "corp", **options) -> dict:
        """What is in the token's file from now on."""
        token = self.aws.sso.log_in(seconds, **options)
        write_token(self.home, key, token)
        return token

    def get(self, name: str = "dev", registry: str = ECR) -> dict:
        return self.home.get(registry, AWS_PROFILE=name)

    def refused(self, name: str = "dev") -> str:
        return self.home.refused(ECR, AWS_PROFILE=name)

    def told_to_log_in(self, name: str = "dev") -> None:
        line = self.refused(name)
        assert f"aws sso login --profile {name}" in line, line

    def stored(self) -> dict:
        return json.loads(token_file(self.home, "corp").read_text())


@pytest.fixture
def user(aws, aws_home) -> User:
    return User(aws, aws_home)


def bearers(aws) -> list[str]:
    """The access tokens that the portal was shown."""
    return [call.headers["x-amz-sso_bearer_token"] for call in aws.sso.portal_calls()]


def test_a_login_is_enough(world, aws, user):
    token = user.log_in()
    answer = user.get()
    call = aws.sso.calls()[0]
    assert call.fields == {"role_name": "Dev", "account_id": ACCOUNT} and bearers(aws) == [token["accessToken"]]
    assert [(call.label, call.outcome) for call in world.ecr.calls()] == [(DEV_LABEL, "issued")]
    assert user.get() == answer
    assert aws.counts() == {"sso": 1, "ecr": 1}, "a warm get asks nobody"


def test_the_keys_of_a_role_are_kept_for_other_tokens(aws, user):
    user.log_in()
    for registry in (ECR, PUBLIC_ECR):
        assert aws.whose(user.get(registry=registry)) == DEV_LABEL
    assert aws.counts() == {"sso": 1, "ecr": 2}


def test_keys_are_fetched_again_at_their_end(aws, user):
    user.log_in()
    aws.sso.lifetime = 4
    user.get()
    wait_until(lambda: aws.expired(aws.sso.issued[0]), 10, "the end of the keys")
    assert aws.whose(user.get(registry=PUBLIC_ECR)) == DEV_LABEL
    assert aws.counts()["sso"] >= 2


def test_a_profile_of_the_older_form(aws, user):
    user.log_in(key=START_URL, refreshable=False)
    assert aws.whose(user.get("old")) == DEV_LABEL
    user.get("old")
    assert aws.counts() == {"sso": 1, "ecr": 1}


def test_both_forms_that_say_the_same(aws, user):
    user.home.aws_config({"corp": SESSION}, dev={**legacy(), **profile()})
    user.log_in()
    assert aws.whose(user.get()) == DEV_LABEL


def test_a_profile_with_a_session_as_source_of_a_role(world, aws, user):
    aws.sts.allow(arn("deploy"), DEV_LABEL)
    user.home.aws_config({"corp": SESSION}, dev=profile(), deploy={"role_arn": arn("deploy"), "source_profile": "dev"})
    user.log_in()
    assert aws.whose(user.get("deploy")) == "role deploy"
    assert [call.label for call in aws.sts.calls()] == [DEV_LABEL]
    user.get("deploy")
    assert aws.counts() == {"sso": 1, "sts": 1, "ecr": 1}


def test_services_are_asked_in_the_region_of_the_session(aws, user):
    for name in ("AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"):
        del user.home.environment[name]
    user.home.aws_config({"corp": SESSION}, dev=profile(region="eu-west-1"))
    user.log_in(SOON)
    user.get()
    assert [(call.target, call.host) for call in aws.sso.calls()] == [
        (OIDC, "oidc.us-east-1.amazonaws.com"), (PORTAL, "portal.sso.us-east-1.amazonaws.com")]


# The end of a token.


def test_a_token_near_its_end_is_renewed(aws, user):
    old = user.log_in(SOON)
    file = token_file(user.home, "corp")
    before = file.with_name("before")
    os.link(file, before)
    aws.sso.token_lifetime = 7200
    assert aws.whose(user.get()) == DEV_LABEL
    assert aws.counts() == {"oidc": 1, "sso": 1, "ecr": 1}
    assert aws.sso.oidc_calls()[0].fields == {
        "grantType": "refresh_token", **{name: old[name] for name in ("clientId", "clientSecret", "refreshToken")}}
    new = user.stored()
    assert bearers(aws) == [new["accessToken"]] and new["accessToken"] != old["accessToken"]
    assert aws.sso.refresh_tokens.keys() == {new["refreshToken"]}
    changed = {"accessToken", "expiresAt", "refreshToken"}
    assert {name: new[name] for name in new.keys() - changed} == {name: old[name] for name in old.keys() - changed}
    assert timestamp(time.time() + 7140) < new["expiresAt"] <= timestamp(time.time() + 7200)
    # Another file took its place: whoever reads sees the one or the other, and never half of one.
    assert json.loads(before.read_text()) == old
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(file.parent.iterdir()) == {file, before}, "something was left behind"


def test_what_else_is_in_the_file_stays(user):
    user.log_in(SOON, somethingNew="FAKE-value")
    user.get()
    assert user.stored()["somethingNew"] == "FAKE-value"


def test_a_token_is_renewed_after_its_end_too(aws, user):
    user.log_in(OVER)
    assert aws.whose(user.get()) == DEV_LABEL
    assert aws.counts() == {"oidc": 1, "sso": 1, "ecr": 1}


def test_a_renewed_token_can_be_renewed(aws, user):
    user.log_in(OVER)
    aws.sso.token_lifetime = SOON
    aws.sso.lifetime = 4
    user.get()
    wait_until(lambda: aws.expired(aws.sso.issued[0]), 10, "the end of the keys")
    user.get(registry=PUBLIC_ECR)
    assert len(aws.sso.oidc_calls()) >= 2
    assert {call.outcome for call in aws.sso.calls()} == {"issued"}


FAILED_RENEWALS = {
    "refused": Behaviour("error", ALWAYS, "InvalidGrantException", at=OIDC),
    "of a stranger": Behaviour("error", ALWAYS, "InvalidClientException", status=401, at=OIDC),
    "broken": Behaviour("status", ALWAYS, status=500, at=OIDC),
    "reset": Behaviour("reset", ALWAYS, at=OIDC),
    "nonsense": Behaviour("status", ALWAYS, status=200, body='{"accessToken": 1}', at=OIDC),
}


@pytest.mark.parametrize("name", FAILED_RENEWALS)
def test_the_old_token_is_good_as_long_as_it_lives(aws, user, name):
    token = user.log_in(SOON)
    aws.sso.script(FAILED_RENEWALS[name])
    assert aws.whose(user.get()) == DEV_LABEL
    assert bearers(aws) == [token["accessToken"]]
    assert user.stored() == token
    assert 1 <= aws.counts()["oidc"] <= 4


@pytest.mark.parametrize("name", ["refused", "of a stranger"])
def test_a_token_that_cannot_be_renewed_after_its_end(aws, user, name):
    user.log_in(OVER)
    aws.sso.script(FAILED_RENEWALS[name])
    user.told_to_log_in()
    assert aws.counts().keys() == {"oidc"}


def test_a_registration_that_is_over_renews_nothing(aws, user):
    user.log_in(SOON, registrationExpiresAt=timestamp(time.time() - 60))
    assert aws.whose(user.get()) == DEV_LABEL
    assert aws.counts() == {"sso": 1, "ecr": 1}


def test_a_registration_that_is_over_and_a_token_at_its_end(aws, user):
    user.log_in(OVER, registrationExpiresAt=timestamp(time.time() - 60))
    user.told_to_log_in()
    assert aws.counts() == {}


def test_the_older_form_renews_nothing(aws, user):
    user.log_in(SOON, key=START_URL)
    assert aws.whose(user.get("old")) == DEV_LABEL
    assert aws.counts() == {"sso": 1, "ecr": 1}


def test_a_token_with_enough_time_is_left_alone(aws, user):
    token = user.log_in(600)
    user.get()
    assert user.stored() == token
    assert aws.counts() == {"sso": 1, "ecr": 1}


# The person has to log in.


@pytest.mark.parametrize("name, key", [("dev", "corp"), ("old", START_URL)])
def test_a_token_at_its_end(aws, user, name, key):
    user.log_in(OVER, key, refreshable=False)
    user.told_to_log_in(name)
    assert aws.counts() == {}


@pytest.mark.parametrize("name", ["dev", "old"])
def test_nobody_has_logged_in(aws, user, name):
    user.told_to_log_in(name)
    assert aws.counts() == {}


@pytest.mark.parametrize("content", ["", "fake-secret-text", "[]", "null", "{}", '{"accessToken": "fake-secret-text"}',
                                     '{"accessToken": 1, "expiresAt": "2099-01-01T00:00:00Z"}',
                                     '{"accessToken": "fake-secret-text", "expiresAt": "tomorrow"}'])
def test_a_file_that_holds_no_token(aws, user, content):
    user.home.write(str(token_file(user.home, "corp").relative_to(user.home.home)), content)
    line = user.refused()
    assert "aws sso login --profile dev" in line and "fake-secret-text" not in line
    assert aws.counts() == {}


def test_a_session_that_was_ended_elsewhere(aws, user):
    user.log_in()
    aws.sso.log_out()
    user.told_to_log_in()
    assert aws.counts() == {"sso": 1}, "asking again does not help"


def test_the_profile_that_has_the_session_is_named(aws, user):
    """`aws sso login` knows nothing of source_profile."""
    user.home.aws_config({"corp": SESSION}, dev=profile(), deploy={"role_arn": arn("deploy"), "source_profile": "dev"})
    assert "aws sso login --profile dev" in user.refused("deploy")


@pytest.mark.parametrize("before", ["nothing", "over", "ended", "not renewed"])
def test_a_login_counts_at_once(aws, user, before):
    if before != "nothing":
        user.log_in(8 * 3600 if before == "ended" else OVER, refreshable=before == "not renewed")
    aws.sso.log_out()
    if before == "not renewed":
        aws.sso.refresh_tokens.clear()
    user.told_to_log_in()
    token = user.log_in()
    assert aws.whose(user.get()) == DEV_LABEL
    assert bearers(aws)[-1] == token["accessToken"]


def test_a_login_while_the_old_token_fails_to_be_renewed(aws, user, folder):
    user.log_in(OVER)
    user.home.environment["AWS_PROFILE"] = "dev"
    user.home.start_daemon()
    aws.sso.script(Behaviour("hold", code="InvalidGrantException", at=OIDC))
    crowd = Crowd(user.home, folder, ECR, 1)
    assert aws.sso.wait_for_calls(1, 5)
    token = user.log_in()
    aws.sso.release()
    assert crowd.answers()[0].secret()
    assert bearers(aws) == [token["accessToken"]]
    assert user.stored() == token


def test_a_login_while_the_old_token_is_renewed(aws, user, folder):
    """What the person has put there is not overwritten."""
    user.log_in(OVER)
    user.home.environment["AWS_PROFILE"] = "dev"
    user.home.start_daemon()
    aws.sso.script(Behaviour("hold", at=OIDC))
    crowd = Crowd(user.home, folder, ECR, 1)
    assert aws.sso.wait_for_calls(1, 5)
    token = user.log_in()
    aws.sso.release()
    assert crowd.answers()[0].secret()
    assert user.stored() == token


def test_half_a_file_is_one_that_somebody_writes(aws, user, folder):
    """The aws command writes into the file that is there."""
    user.log_in()
    file = token_file(user.home, "corp")
    whole = file.read_text()
    file.write_text(whole[: len(whole) // 2])
    os.utime(file, (0, time.time()))  # its first reader shows in the time of access
    user.home.environment["AWS_PROFILE"] = "dev"
    user.home.start_daemon()
    crowd = Crowd(user.home, folder, ECR, 1)
    wait_until(lambda: file.stat().st_atime > 0, 5, "nobody reads the session")
    file.write_text(whole)
    assert crowd.answers()[0].secret()


# One identity, one call.


def test_a_new_token_of_a_session_is_the_same_identity(aws, user):
    user.log_in()
    answer = user.get()
    user.log_in()
    assert user.get() == answer
    assert len(user.home.ask("/v1/status")["entries"]) == 1
    assert aws.counts() == {"sso": 1, "ecr": 1}


def test_two_roles_never_share_a_token(aws, user):
    aws.sso.assign(ACCOUNT, "Ops")
    user.home.aws_config({"corp": SESSION}, dev=profile(), ops=profile("Ops"))
    user.log_in()
    dev, ops = user.get("dev"), user.get("ops")
    assert (aws.whose(dev), aws.whose(ops)) == (DEV_LABEL, f"sso {ACCOUNT}/Ops")
    assert (user.get("dev"), user.get("ops")) == (dev, ops)
    assert aws.counts() == {"sso": 2, "ecr": 2}


@pytest.mark.parametrize("change", [{"sso_role_name": "Ops"}, {"sso_account_id": "210987654321"},
                                    {"sso_session": "other"}], ids=lambda change: next(iter(change)))
def test_an_edited_profile_is_another_identity_at_once(aws, user, change):
    sessions = {"corp": SESSION, "other": SESSION}
    aws.sso.assign(ACCOUNT, "Ops")
    aws.sso.assign("210987654321", "Dev")
    user.home.aws_config(sessions, dev=profile())
    user.log_in()
    user.log_in(key="other")
    first = user.get()
    user.home.aws_config(sessions, dev=profile(**change))
    assert user.get()["Secret"] != first["Secret"]
    assert aws.counts() == {"sso": 2, "ecr": 2}


@pytest.mark.parametrize("seconds, counts", [(3600, {"sso": 1, "ecr": 1}), (SOON, {"oidc": 1, "sso": 1, "ecr": 1})],
                         ids=["alive", "to be renewed"])
def test_20_helpers_on_a_cold_cache_use_one_session(aws, user, folder, seconds, counts):
    user.log_in(seconds)
    user.home.environment["AWS_PROFILE"] = "dev"
    user.home.start_daemon()
    aws.sso.script(Behaviour("hold"))
    crowd = Crowd(user.home, folder, ECR, 20)
    assert aws.sso.wait_for_calls(1, 5)
    assert crowd.running() == 20, "the call is held, and yet somebody has an answer"
    aws.sso.release()
    assert len({answer.secret() for answer in crowd.answers()}) == 1
    assert aws.counts() == counts


def test_two_roles_renew_their_session_once(aws, user, folder):
    """The refresh token is good once."""
    aws.sso.assign(ACCOUNT, "Ops")
    user.home.aws_config({"corp": SESSION}, dev=profile(), ops=profile("Ops"))
    user.log_in(OVER)
    user.home.start_daemon()
    aws.sso.script(Behaviour("hold", at=OIDC))
    crowds = []
    for name in ("dev", "ops"):
        (folder / name).mkdir()
        user.home.environment["AWS_PROFILE"] = name
        crowds.append(Crowd(user.home, folder / name, ECR, 5))
    assert aws.sso.wait_for_calls(1, 5)
    assert [crowd.running() for crowd in crowds] == [5, 5]
    aws.sso.release()
    assert [len({answer.secret() for answer in crowd.answers()}) for crowd in crowds] == [1, 1]
    assert aws.counts() == {"oidc": 1, "sso": 2, "ecr": 2}


# What a person sees when it does not work.

WRONG_PROFILES = {
    "session is not there": ({}, profile(), "sso-session corp|sso_session.*corp"),
    "session without region": ({"corp": {"sso_start_url": START_URL}}, profile(), "sso_region"),
    "session without URL": ({"corp": {"sso_region": REGION}}, profile(), "sso_start_url"),
    "neither session nor URL": ({}, {**legacy(), "sso_start_url": ""}, "sso_start_url"),
    "no region": ({}, {**legacy(), "sso_region": ""}, "sso_region"),
    "another region": ({"corp": SESSION}, profile(sso_region="eu-west-1"), "sso_region"),
    "another URL": ({"corp": SESSION}, profile(sso_start_url="https://other.awsapps.com/start"), "sso_start_url"),
    "no account": ({"corp": SESSION}, profile(sso_account_id=""), "sso_account_id"),
    "no role": ({"corp": SESSION}, profile(sso_role_name=""), "sso_role_name"),
    "region that is a host": ({"corp": {**SESSION, "sso_region": "evil.example.test/#"}}, profile(), "region"),
}


@pytest.mark.parametrize("name", WRONG_PROFILES)
def test_a_profile_that_is_wrong(world, aws, user, name):
    sessions, settings, words = WRONG_PROFILES[name]
    for endpoint in ("AWS_ENDPOINT_URL_SSO", "AWS_ENDPOINT_URL_SSO_OIDC"):
        del user.home.environment[endpoint]
    user.home.aws_config(sessions, dev={key: value for key, value in settings.items() if value})
    for key in ("corp", START_URL):
        user.log_in(key=key)
    line = user.refused()
    assert "dev" in line and re.search(words, line), line
    assert "aws sso login" not in line, "that does not help"
    assert aws.counts() == {} and world.sink.visits() == []


@pytest.mark.parametrize("settings", [{"sso_role_name": "Secret-Team"}, {"sso_account_id": "210987654321"}],
                         ids=["role", "account"])
def test_a_role_that_was_not_assigned(aws, user, settings):
    wanted = profile(**settings)
    user.home.aws_config({"corp": SESSION}, dev=wanted)
    user.log_in()
    line = user.refused()
    assert wanted["sso_role_name"] in line and wanted["sso_account_id"] in line
    assert aws.counts() == {"sso": 1}, "asking again does not help"


def test_a_role_with_letters_of_its_own(aws, user):
    """They are part of a query."""
    label = aws.sso.assign(ACCOUNT, "a+b=c,d.e@f-g_h")
    user.home.aws_config({"corp": SESSION}, dev=profile("a+b=c,d.e@f-g_h"))
    user.log_in()
    assert aws.whose(user.get()) == label


FAILURES = {
    "throttled": (Behaviour("error", ALWAYS, "TooManyRequestsException", status=429, at=PORTAL),
                  "throttl|too (many|often)|rate"),
    "gateway": (Behaviour("status", ALWAYS, status=502, body="<html>fake-body</html>"), "502"),
    "HTML": (Behaviour("status", ALWAYS, status=200, body="<html>fake-body</html>"), "JSON|not .*understand|answer"),
    "no keys": (Behaviour("status", ALWAYS, status=200, body='{"roleCredentials": {"accessKeyId": "fake-body"}}'),
                "JSON|not .*understand|answer"),
    "half an answer": (Behaviour("truncate", ALWAYS), "incomplete|truncat|closed|broke"),
    "reset": (Behaviour("reset", ALWAYS), "reset"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_the_portal_does_not_answer_is_said(aws, user, name):
    behaviour, words = FAILURES[name]
    user.log_in()
    aws.sso.script(behaviour)
    line = user.refused()
    assert re.search("sso|127.0.0.6", line, re.I) and re.search(words, line, re.I), line
    assert "fake-body" not in line and "aws sso login" not in line
    assert aws.counts().keys() == {"sso"} and aws.counts()["sso"] <= 4


def test_a_portal_that_wants_to_be_left_alone(aws, user):
    """It is not asked again before the time that it says."""
    user.log_in()
    aws.sso.script(Behaviour("error", ALWAYS, "TooManyRequestsException", status=429, headers={"Retry-After": "60"}))
    for _ in range(3):
        user.refused()
    assert aws.counts() == {"sso": 1}


@pytest.mark.parametrize("behaviour", [Behaviour("status", status=503, body="<html></html>"),
                                       Behaviour("error", code="TooManyRequestsException", status=429)],
                         ids=["unavailable", "throttled"])
def test_one_failure_of_the_portal_is_not_noticed(aws, user, behaviour):
    user.log_in()
    aws.sso.script(behaviour)
    assert aws.whose(user.get()) == DEV_LABEL
    assert aws.counts() == {"sso": 2, "ecr": 1}


@pytest.mark.parametrize("answers", ["good", "refusals", "nonsense"])
def test_no_secret_is_written_down(aws, user, answers):
    scripts = {
        "good": [],
        "refusals": [Behaviour("error", ALWAYS, "FakeRefusal", message="fake-message-secret", status=403)],
        "nonsense": [Behaviour("status", ALWAYS, status=200, body='{"accessToken": "fake-message-secret"')],
    }
    home = user.home
    home.purser_config(log={"level": "debug"})
    daemon = home.start_daemon()
    aws.sso.script(*scripts[answers])
    user.log_in(OVER)
    user.log_in(key=START_URL)
    said = [home.helper("get", ECR, AWS_PROFILE=name) for name in ("dev", "old")]
    assert {outcome.status for outcome in said} == {0 if answers == "good" else 1}
    assert aws.counts().keys() >= {"sso", "oidc"}
    log = daemon.tail(10**7)
    assert ECR in log, "the log says nothing at all"
    secrets = [secret for key in aws.issued() for secret in (key.secret, key.session_token)]
    secrets += [*aws.sso.secrets(), "fake-message-secret"]
    told = [log, json.dumps(home.ask("/v1/status")), json.dumps(home.ask("/v1/audit"))]
    for text in (*told, *(outcome.output for outcome in said if outcome.status == 1)):
        assert not [secret for secret in secrets if secret in text], text


def test_no_secret_of_a_session_is_in_another_file(aws, user):
    user.log_in(SOON)
    user.get()
    ours = token_file(user.home, "corp")
    files = [file for file in user.home.folder.rglob("*") if file.is_file() and not file.is_symlink() and file != ours]
    assert files, "where is the log?"
    for file in files:
        content = file.read_bytes()
        assert not [secret for secret in aws.sso.secrets() if secret.encode() in content], file
