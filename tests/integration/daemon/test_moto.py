"""Our calls to STS and ECR before a judge that others wrote: moto computes each signature anew, and has policies.

rig_moto.py says what the relay in front of it changes, and why.
"""

import base64
import re

import pytest

from rig_home import environment_of
from rig_moto import ACCOUNT, EVERYTHING, Moto
from rig_signature import AccessKey
from rig_world import ECR

ECR_CALL = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken"
PASSWORD = f"{ACCOUNT}-auth-token"


@pytest.fixture(scope="module")
def moto(running_world, session):
    """With a user "maker" who may do everything, "reader" who may do nothing, and roles that "maker" may assume."""
    moto = Moto(session / "moto")
    moto.maker = moto.user("maker", EVERYTHING)
    moto.reader = moto.user("reader")
    moto.deploy = moto.role("deploy", "maker")
    moto.guarded = moto.role("guarded", "maker", "a/b=c:d")
    moto.be_strict()
    yield moto
    moto.stop()


@pytest.fixture
def user(moto, home):
    """Whose services all are moto."""
    moto.forget()
    home.environment["AWS_ENDPOINT_URL"] = moto.endpoint
    home.environment["AWS_EC2_METADATA_DISABLED"] = "true"
    return home


def altered(key: AccessKey) -> AccessKey:
    """With one letter of the secret changed."""
    last = "A" if key.secret[-1] != "A" else "B"
    return AccessKey("altered", key.key_id, key.secret[:-1] + last, key.session_token)


def test_a_users_key_is_good(moto, user):
    assert user.get(ECR, **environment_of(moto.maker))["Secret"] == PASSWORD
    assert [(call.target, call.key_id, call.outcome) for call in moto.calls()] == [
        (ECR_CALL, moto.maker.key_id, "200")]


def test_a_role_is_assumed_and_used(moto, user):
    user.profile("base", moto.maker)
    user.aws_config(deploy={"role_arn": moto.deploy, "source_profile": "base", "role_session_name": "ci@build+1"})
    assert user.get(ECR, AWS_PROFILE="deploy")["Secret"] == PASSWORD
    assume, authorize = moto.calls()
    assert (assume.target, assume.key_id, assume.outcome) == ("AssumeRole", moto.maker.key_id, "200")
    assert (authorize.target, authorize.outcome) == (ECR_CALL, "200")
    assert authorize.key_id.startswith("ASIA")


def test_an_external_id_arrives_as_it_is_written(moto, user):
    user.profile("base", moto.maker)
    role = {"role_arn": moto.guarded, "source_profile": "base"}
    user.aws_config(right={**role, "external_id": "a/b=c:d"}, wrong={**role, "external_id": "a/b=c:e"})
    assert user.get(ECR, AWS_PROFILE="right")["Secret"] == PASSWORD
    assert "AccessDenied" in user.refused(ECR, AWS_PROFILE="wrong")


def test_keys_of_a_session_are_good(moto, user):
    made = moto.client("sts", moto.maker).assume_role(RoleArn=moto.deploy, RoleSessionName="by-hand")["Credentials"]
    session = AccessKey("session", made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])
    assert user.get(ECR, **environment_of(session))["Secret"] == PASSWORD
    line = user.refused(ECR, **environment_of(altered(session)))
    assert re.search("signature|SignatureDoesNotMatch", line, re.I), line


@pytest.mark.parametrize("service", ["ecr", "sts"])
def test_a_secret_with_a_wrong_letter_is_refused(moto, user, service):
    wrong = altered(moto.maker)
    user.profile("base", wrong)
    user.aws_config(deploy={"role_arn": moto.deploy, "source_profile": "base"})
    line = user.refused(ECR, AWS_PROFILE="base" if service == "ecr" else "deploy")
    assert "SignatureDoesNotMatch" in line and ECR in line and 'profile "base"' in line, line
    assert wrong.secret not in line
    assert {call.outcome for call in moto.calls()} == {"403"} and len(moto.calls()) <= 2


def test_a_key_that_nobody_knows_is_refused(moto, user):
    stranger = AccessKey("stranger", "AKIAFAKESTRANGER0001", "fake/secret/of/a/stranger")
    line = user.refused(ECR, **environment_of(stranger))
    assert re.search("InvalidClientTokenId|UnrecognizedClient", line), line


def test_what_a_user_may_not_do_is_said(moto, user):
    line = user.refused(ECR, **environment_of(moto.reader))
    assert re.search("AccessDenied", line) and "ecr:GetAuthorizationToken" in line, line
    assert [call.outcome for call in moto.calls()] == ["403"]


def test_the_relay_changes_nothing_but_the_end(moto):
    """Or moto would judge something else than what was sent."""
    answer = moto.client("ecr", moto.maker).get_authorization_token()["authorizationData"][0]
    assert base64.b64decode(answer["authorizationToken"]).decode() == f"AWS:{PASSWORD}"
