"""Sessions of `aws login`: what it left is used by all, kept alive, and given to nobody else."""

import json
import os
import re
import stat
import time

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rig_aws import arn
from rig_crowd import Crowd
from rig_ecr import Behaviour
from rig_keys import timestamp
from rig_process import wait_until
from rig_signin import SESSION, session_file, write_session
from rig_world import ECR

ALWAYS = -1
PUBLIC_ECR = "public.ecr.aws"
SOON = 240  # seconds until the end of keys that have to be renewed
OVER = -60
LABEL = "login admin"
OTHER = "arn:aws:iam::123456789012:user/other"


class User:
    """A home with the profile "dev"."""

    def __init__(self, aws, home):
        self.aws = aws
        self.home = home
        home.aws_config(dev={"login_session": SESSION, "region": "us-east-1"})

    def log_in(self, seconds: int = 900, session: str = SESSION, **options) -> dict:
        """What is in the session's file from now on."""
        content = self.aws.signin.log_in(seconds, **options)
        write_session(self.home, content, session)
        return content

    def get(self, name: str = "dev", registry: str = ECR, **variables: str) -> dict:
        return self.home.get(registry, AWS_PROFILE=name, **variables)

    def refused(self, name: str = "dev") -> str:
        return self.home.refused(ECR, AWS_PROFILE=name)

    def told_to_log_in(self, name: str = "dev") -> str:
        line = self.refused(name)
        assert f"run: aws login --profile {name}" in line, line
        return line

    def stored(self) -> dict:
        return json.loads(session_file(self.home).read_text())


@pytest.fixture
def user(aws, aws_home) -> User:
    return User(aws, aws_home)


def test_a_login_is_enough(world, aws, user):
    user.log_in()
    answer = user.get()
    assert [(call.label, call.outcome) for call in world.ecr.calls()] == [(LABEL, "issued")]
    assert user.get() == answer
    assert aws.counts() == {"ecr": 1}, "its keys are used as they are, and a warm get asks nobody"


def test_the_file_has_the_name_that_the_aws_command_gives_it(user):
    assert session_file(user.home).name == "76c34dc5bc54e898fa0fb3d4f12aba206ccb28038e8acbf52ecb478d1c8214d6.json"


@pytest.mark.parametrize("named", ["{home}/elsewhere", "~/elsewhere"])
def test_another_folder_of_sessions(aws, user, named):
    user.log_in()
    file = session_file(user.home)
    (user.home.home / "elsewhere").mkdir()
    file.rename(user.home.home / "elsewhere" / file.name)
    folder = named.format(home=user.home.home)
    assert aws.whose(user.get(AWS_LOGIN_CACHE_DIRECTORY=folder)) == LABEL
    user.told_to_log_in()


def test_a_profile_with_a_session_as_source_of_a_role(aws, user):
    aws.sts.allow(arn("deploy"), LABEL)
    user.home.aws_config(dev={"login_session": SESSION}, deploy={"role_arn": arn("deploy"), "source_profile": "dev"})
    user.log_in()
    assert aws.whose(user.get("deploy")) == "role deploy"
    assert [call.label for call in aws.sts.calls()] == [LABEL]


# The end of the keys.


def test_keys_near_their_end_are_renewed(aws, user):
    old = user.log_in(SOON, somethingNew="FAKE-value")
    file = session_file(user.home)
    before = file.with_name("before")
    os.link(file, before)
    answer = user.get()
    assert aws.whose(answer) == LABEL
    assert [(call.outcome, call.fields) for call in aws.signin.calls()] == [
        ("issued", {"grantType": "refresh_token", "clientId": old["clientId"], "refreshToken": old["refreshToken"]})]
    new = user.stored()
    assert new["accessToken"]["accessKeyId"] == aws.signin.issued[-1].key_id != old["accessToken"]["accessKeyId"]
    assert new["accessToken"]["accountId"] == old["accessToken"]["accountId"]
    assert new["refreshToken"] == aws.signin.secrets()[-1]
    assert timestamp(time.time() + 840) < new["accessToken"]["expiresAt"] <= timestamp(time.time() + 900)
    changed = {"accessToken", "refreshToken"}
    assert {name: new[name] for name in new.keys() - changed} == {name: old[name] for name in old.keys() - changed}
    # Another file took its place: whoever reads sees the one or the other, and never half of one.
    assert json.loads(before.read_text()) == old
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert set(file.parent.iterdir()) == {file, before}, "something was left behind"
    assert user.get() == answer
    assert aws.counts() == {"signin": 1, "ecr": 1}, "a warm get asks nobody"


def test_keys_are_renewed_after_their_end_too(aws, user):
    user.log_in(OVER)
    assert aws.whose(user.get()) == LABEL
    assert aws.counts() == {"signin": 1, "ecr": 1}


def test_keys_that_are_in_use_are_renewed_again(aws, user):
    user.log_in(OVER)
    aws.signin.lifetime = 4
    user.get()
    first = aws.signin.issued[-1]
    wait_until(lambda: aws.expired(first), 10, "the end of the keys")
    assert aws.whose(user.get(registry=PUBLIC_ECR)) == LABEL
    assert len(aws.signin.calls()) >= 2
    assert {call.outcome for call in aws.signin.calls()} == {"issued"}


@pytest.mark.parametrize("region", ["us-east-1", "eu-west-1"])
def test_sign_in_is_asked_in_the_region_of_the_profile(aws, user, region):
    del user.home.environment["AWS_ENDPOINT_URL_SIGNIN"]
    user.home.aws_config(dev={"login_session": SESSION, "region": region})
    user.log_in(SOON)
    user.get()
    assert [(call.host, call.outcome) for call in aws.signin.calls()] == [
        (f"{region}.signin.aws.amazon.com", "issued")]


FAILED_RENEWALS = {
    "expired": Behaviour("error", ALWAYS, "TOKEN_EXPIRED", status=401),
    "changed": Behaviour("error", ALWAYS, "USER_CREDENTIALS_CHANGED", status=403),
    "forbidden": Behaviour("error", ALWAYS, "INSUFFICIENT_PERMISSIONS", status=403),
    "invalid": Behaviour("error", ALWAYS, "INVALID_REQUEST", status=400),
    "broken": Behaviour("error", ALWAYS, "server_error", status=500),
    "reset": Behaviour("reset", ALWAYS),
    "nonsense": Behaviour("status", ALWAYS, status=200, body='{"accessToken": 1}'),
}


@pytest.mark.parametrize("name", FAILED_RENEWALS)
def test_the_old_keys_are_good_as_long_as_they_live(aws, user, name):
    content = user.log_in(SOON)
    aws.signin.script(FAILED_RENEWALS[name])
    assert aws.whose(user.get()) == LABEL
    assert user.stored() == content
    assert 1 <= aws.counts()["signin"] <= 4


@pytest.mark.parametrize("name", ["expired", "changed", "invalid"])
def test_a_session_that_cannot_be_renewed_after_its_end(aws, user, name):
    user.log_in(OVER)
    aws.signin.script(FAILED_RENEWALS[name])
    user.told_to_log_in()
    assert aws.counts() == {"signin": 1}, "asking again does not help"


def test_who_may_not_renew_is_told_what_to_allow(aws, user):
    user.log_in(OVER)
    aws.signin.script(FAILED_RENEWALS["forbidden"])
    line = user.refused()
    assert "dev" in line and "signin:CreateOAuth2Token" in line and "aws login" not in line.partition("allow")[2]
    assert aws.counts() == {"signin": 1}


FAILURES = {
    "throttled": (Behaviour("error", ALWAYS, "TooManyRequests", status=429, headers={"Retry-After": "60"}),
                  "throttl|too (many|often)|rate", 1),
    "broken": (FAILED_RENEWALS["broken"], "fault|500", 3),
    "gateway": (Behaviour("status", ALWAYS, status=502, body="<html>fake-body</html>"), "502", 3),
    "HTML": (Behaviour("status", ALWAYS, status=200, body="<html>fake-body</html>"), "no credentials", 1),
    "half an answer": (Behaviour("truncate"), "incomplete|truncat|closed|broke|aws login", 2),
    "reset": (Behaviour("reset", ALWAYS), "reset", 3),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_sign_in_does_not_answer_is_said(aws, user, name):
    behaviour, words, calls = FAILURES[name]
    content = user.log_in(OVER)
    aws.signin.script(behaviour)
    line = user.refused()
    assert re.search(words, line, re.I), line
    assert "fake-body" not in line
    assert user.stored() == content
    assert aws.counts() == {"signin": calls}


@pytest.mark.parametrize("behaviour", [Behaviour("error", code="server_error", status=500),
                                       Behaviour("error", code="TooManyRequests", status=429), Behaviour("reset")],
                         ids=lambda each: each.code or each.kind)
def test_one_failure_of_sign_in_is_not_noticed(aws, user, behaviour):
    user.log_in(OVER)
    aws.signin.script(behaviour)
    assert aws.whose(user.get()) == LABEL
    assert aws.counts() == {"signin": 2, "ecr": 1}


def test_a_sign_in_that_hangs_holds_nobody_for_long(aws, user):
    user.log_in(OVER)
    aws.signin.script(Behaviour("hang", ALWAYS))
    begin = time.monotonic()
    user.refused()
    assert time.monotonic() - begin < 9


def test_a_sign_in_that_is_slow(aws, user):
    user.log_in(OVER)
    aws.signin.script(Behaviour("slow", seconds=2))
    assert aws.whose(user.get()) == LABEL
    assert aws.counts() == {"signin": 1, "ecr": 1}


# The person has to log in.


def test_nobody_has_logged_in(aws, user):
    user.told_to_log_in()
    assert aws.counts() == {}


@pytest.mark.parametrize("content", ["", "fake-secret-text", "[]", "null", "{}", '{"accessToken": "fake-secret-text"}'])
def test_a_file_that_holds_no_session_is_named(aws, user, content):
    write_session(user.home, content)
    line = user.told_to_log_in()
    assert str(session_file(user.home)) in line and "fake-secret-text" not in line
    assert aws.counts() == {}


@pytest.mark.parametrize("missing", ["accessToken", "refreshToken", "clientId", "dpopKey"])
def test_a_session_that_is_not_complete_is_named(aws, user, missing):
    content = aws.signin.log_in()
    del content[missing]
    write_session(user.home, content)
    assert str(session_file(user.home)) in user.told_to_log_in()


def _key(curve: ec.EllipticCurve, password: bytes = b"") -> str:
    encryption = serialization.BestAvailableEncryption(password) if password else serialization.NoEncryption()
    kind = serialization.PrivateFormat.TraditionalOpenSSL
    return ec.generate_private_key(curve).private_bytes(serialization.Encoding.PEM, kind, encryption).decode()


@pytest.mark.parametrize("key", ["fake-secret-text", _key(ec.SECP384R1()), _key(ec.SECP256R1(), b"fake")],
                         ids=["no key", "another curve", "encrypted"])
def test_a_key_that_signs_nothing_is_said(aws, user, key):
    user.log_in(OVER, dpopKey=key)
    line = user.told_to_log_in()
    assert str(session_file(user.home)) in line and "dpopKey" in line and "fake-secret-text" not in line
    assert aws.counts() == {}


def test_a_key_of_another_session_renews_nothing(aws, user):
    user.log_in(OVER, dpopKey=_key(ec.SECP256R1()))
    user.told_to_log_in()
    assert [call.outcome for call in aws.signin.calls()] == ["TOKEN_EXPIRED"]


@pytest.mark.parametrize("before", ["nothing", "nonsense", "ended"])
def test_a_login_counts_at_once(aws, user, before):
    if before == "nonsense":
        write_session(user.home, "{}")
    elif before == "ended":
        user.log_in(OVER)
        aws.signin.log_out()
    user.told_to_log_in()
    user.log_in()
    assert aws.whose(user.get()) == LABEL


def test_a_login_while_the_old_session_fails_to_be_renewed(aws, user, folder):
    user.log_in(OVER)
    user.home.environment["AWS_PROFILE"] = "dev"
    user.home.start_daemon()
    aws.signin.script(Behaviour("hold", code="TOKEN_EXPIRED", status=401))
    crowd = Crowd(user.home, folder, ECR, 1)
    assert aws.signin.wait_for_calls(1, 5)
    content = user.log_in()
    aws.signin.release()
    assert crowd.answers()[0].secret()
    assert user.stored() == content


def test_a_login_while_the_old_session_is_renewed(aws, user, folder):
    """What the person has put there is not overwritten."""
    user.log_in(OVER)
    user.home.environment["AWS_PROFILE"] = "dev"
    user.home.start_daemon()
    aws.signin.script(Behaviour("hold"))
    crowd = Crowd(user.home, folder, ECR, 1)
    assert aws.signin.wait_for_calls(1, 5)
    content = user.log_in()
    aws.signin.release()
    assert crowd.answers()[0].secret()
    assert user.stored() == content


# One identity, one call.


def test_new_keys_of_a_session_are_the_same_identity(aws, user):
    user.log_in()
    answer = user.get()
    user.log_in()
    assert user.get() == answer
    assert len(user.home.ask("/v1/status")["entries"]) == 1
    assert aws.counts() == {"ecr": 1}


def test_two_sessions_never_share_a_token(aws, user):
    user.home.aws_config(dev={"login_session": SESSION}, other={"login_session": OTHER})
    user.log_in()
    user.log_in(session=OTHER, label="login other")
    dev, other = user.get("dev"), user.get("other")
    assert (aws.whose(dev), aws.whose(other)) == (LABEL, "login other")
    assert (user.get("dev"), user.get("other")) == (dev, other)
    assert aws.counts() == {"ecr": 2}


def test_20_helpers_on_a_cold_cache_renew_one_session(aws, user, folder):
    user.log_in(OVER)
    user.home.environment["AWS_PROFILE"] = "dev"
    user.home.start_daemon()
    aws.signin.script(Behaviour("hold"))
    crowd = Crowd(user.home, folder, ECR, 20)
    assert aws.signin.wait_for_calls(1, 5)
    assert crowd.running() == 20, "the call is held, and yet somebody has an answer"
    aws.signin.release()
    assert len({answer.secret() for answer in crowd.answers()}) == 1
    assert aws.counts() == {"signin": 1, "ecr": 1}


def test_two_profiles_renew_their_session_once(aws, user, folder):
    """By different properties they are two identities; the refresh token is good once."""
    user.home.aws_config(dev={"login_session": SESSION, "region": "us-east-1"},
                         again={"login_session": SESSION, "region": "us-east-1", "output": "json"})
    user.log_in(OVER)
    user.home.start_daemon()
    aws.signin.script(Behaviour("hold"))
    crowds = []
    for name in ("dev", "again"):
        (folder / name).mkdir()
        user.home.environment["AWS_PROFILE"] = name
        crowds.append(Crowd(user.home, folder / name, ECR, 5))
    assert aws.signin.wait_for_calls(1, 5)
    assert [crowd.running() for crowd in crowds] == [5, 5]
    aws.signin.release()
    assert [len({answer.secret() for answer in crowd.answers()}) for crowd in crowds] == [1, 1]
    assert aws.counts() == {"signin": 1, "ecr": 2}


@pytest.mark.parametrize("answers", ["good", "refusals", "nonsense"])
def test_no_secret_is_written_down(aws, user, answers):
    scripts = {
        "good": [],
        "refusals": [Behaviour("error", ALWAYS, "TOKEN_EXPIRED", message="fake-message-secret", status=401)],
        "nonsense": [Behaviour("status", ALWAYS, status=200, body='{"accessToken": "fake-message-secret"')],
    }
    home = user.home
    home.purser_config(log={"level": "debug"})
    daemon = home.start_daemon()
    aws.signin.script(*scripts[answers])
    content = user.log_in(OVER)
    said = home.helper("get", ECR, AWS_PROFILE="dev")
    assert said.status == (0 if answers == "good" else 1)
    assert aws.counts().keys() >= {"signin"}
    log = daemon.tail(10**7)
    assert ECR in log, "the log says nothing at all"
    secrets = [secret for key in aws.issued() for secret in (key.secret, key.session_token)]
    secrets += [*aws.signin.secrets(), "fake-message-secret", content["dpopKey"].splitlines()[1]]
    told = [log, json.dumps(home.ask("/v1/status")), json.dumps(home.ask("/v1/audit"))]
    for text in (*told, *([said.output] if said.status == 1 else [])):
        assert not [secret for secret in secrets if secret in text], text
    ours = session_file(home)
    for file in home.folder.rglob("*"):
        if file.is_file() and not file.is_symlink() and file != ours:
            kept = file.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in kept], file
