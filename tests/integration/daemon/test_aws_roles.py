"""Roles in the shared files: assumed once for all who ask, and never for somebody else."""

import re

import pytest

from rig_aws import arn
from rig_crowd import Crowd
from rig_ecr import DEV, PROD, Behaviour
from rig_process import wait_until
from rig_world import ECR

ALWAYS = -1
PUBLIC_ECR = "public.ecr.aws"


@pytest.fixture
def user(aws, aws_home):
    """Has the profile "base" with the keys of prod, which may assume the role "deploy"."""
    aws_home.profile("base", PROD)
    aws.sts.allow(arn("deploy"), "prod")
    return aws_home


def role(name: str = "deploy", **settings: str) -> dict[str, str]:
    """The settings of a profile with a role."""
    return {"role_arn": arn(name), **settings}


def test_a_role_is_assumed_once(world, aws, user):
    user.aws_config(deploy=role(source_profile="base"))
    answer = user.get(ECR, AWS_PROFILE="deploy")
    assert [(call.action, call.label, call.outcome) for call in aws.sts.calls()] == [("AssumeRole", "prod", "issued")]
    assert [(call.label, call.outcome) for call in world.ecr.calls()] == [("role deploy", "issued")]
    assert user.get(ECR, AWS_PROFILE="deploy") == answer
    assert aws.counts() == {"sts": 1, "ecr": 1}, "a warm get asks nobody"


def test_the_keys_of_a_role_are_kept_for_other_tokens(aws, user):
    user.aws_config(deploy=role(source_profile="base"))
    for registry in (ECR, PUBLIC_ECR):
        assert aws.whose(user.get(registry, AWS_PROFILE="deploy")) == "role deploy"
    assert aws.counts() == {"sts": 1, "ecr": 2}


def test_a_role_is_assumed_again_when_its_keys_are_at_their_end(world, aws, user):
    user.aws_config(deploy=role(source_profile="base"))
    aws.sts.lifetime = 4
    user.get(ECR, AWS_PROFILE="deploy")
    wait_until(lambda: aws.expired(aws.sts.issued[0]), 10, "the end of the session")
    assert aws.whose(user.get(PUBLIC_ECR, AWS_PROFILE="deploy")) == "role deploy"
    assert len(aws.sts.calls()) >= 2, "also where it was renewed before its end"
    assert [call.outcome for call in world.ecr.calls()] == ["issued"] * 2


def test_what_the_profile_says_is_asked_for_as_written(aws, user):
    aws.sts.allow(arn("deploy"), "prod", external_id="a/b=c:d,e+f")
    user.aws_config(deploy=role(source_profile="base", external_id="a/b=c:d,e+f", role_session_name="ci@build+1",
                                duration_seconds="7200"))
    user.get(ECR, AWS_PROFILE="deploy")
    form = aws.sts.calls()[0].form
    assert form["RoleArn"] == arn("deploy") and form["ExternalId"] == "a/b=c:d,e+f"
    assert form["RoleSessionName"] == "ci@build+1" and form["DurationSeconds"] == "7200"


def test_what_the_profile_does_not_say_has_a_default(aws, user):
    user.aws_config(deploy=role(source_profile="base"))
    user.get(ECR, AWS_PROFILE="deploy")
    form = aws.sts.calls()[0].form
    assert re.fullmatch(r"[\w+=,.@-]{2,64}", form["RoleSessionName"], re.A)
    assert form.get("DurationSeconds", "3600") == "3600"
    assert form.keys() <= {"Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds"}


def test_a_chain_of_three_profiles(world, aws, user):
    aws.sts.allow(arn("middle"), "prod")
    aws.sts.allow(arn("deploy"), "role middle")
    user.aws_config(deploy=role(source_profile="middle"), middle=role("middle", source_profile="base"))
    assert aws.whose(user.get(ECR, AWS_PROFILE="deploy")) == "role deploy"
    assert [call.label for call in aws.sts.calls()] == ["prod", "role middle"]
    assert [call.label for call in world.ecr.calls()] == ["role deploy"]


def test_a_profile_may_be_its_own_source(aws, user):
    user.profile("own", PROD)
    user.aws_config(own=role(source_profile="own"))
    assert aws.whose(user.get(ECR, AWS_PROFILE="own")) == "role deploy"


def test_keys_beside_the_first_role_are_not_used(aws, user):
    user.profile("deploy", DEV)
    user.aws_config(deploy=role(source_profile="base"))
    assert aws.whose(user.get(ECR, AWS_PROFILE="deploy")) == "role deploy"
    assert [call.label for call in aws.sts.calls()] == ["prod"]


def test_keys_of_a_source_end_the_chain(aws, user):
    user.aws_config(deploy=role(source_profile="base"), base=role("other", source_profile="nobody"))
    assert aws.whose(user.get(ECR, AWS_PROFILE="deploy")) == "role deploy"
    assert [call.label for call in aws.sts.calls()] == ["prod"]


@pytest.mark.parametrize(
    "settings, variables, region",
    [
        ({"region": "eu-west-1"}, {"AWS_REGION": "us-east-1"}, "eu-west-1"),
        ({}, {"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({}, {}, "us-east-1"),  # the registry's
    ],
    ids=["of the profile", "of the environment", "of the registry"],
)
def test_sts_is_asked_in_a_region(aws, user, settings, variables, region):
    del user.environment["AWS_ENDPOINT_URL_STS"]
    user.aws_config(deploy=role(source_profile="base", **settings))
    user.get(ECR, AWS_PROFILE="deploy", **variables)
    assert [(call.host, call.region) for call in aws.sts.calls()] == [(f"sts.{region}.amazonaws.com", region)]


# Sources that are no profile.


def test_the_environment_as_source(aws, user):
    """By a rule: keys in the environment win over AWS_PROFILE."""
    user.aws_config(deploy=role(credential_source="Environment"))
    user.purser_config({"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr", "profile": "deploy"})
    user.keys_in_environment(PROD)
    assert aws.whose(user.get(ECR)) == "role deploy"
    assert [call.label for call in aws.sts.calls()] == ["prod"]


def test_the_container_as_source(aws, user):
    aws.sts.allow(arn("deploy"), "container")
    user.aws_config(deploy=role(credential_source="EcsContainer"))
    variables = {"AWS_PROFILE": "deploy", "AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.container.uri}
    assert aws.whose(user.get(ECR, **variables)) == "role deploy"
    assert aws.counts() == {"container": 1, "sts": 1, "ecr": 1}


def test_the_machine_as_source(aws, user):
    aws.sts.allow(arn("deploy"), "machine")
    user.aws_config(deploy=role(credential_source="Ec2InstanceMetadata"))
    assert aws.whose(user.get(ECR, AWS_PROFILE="deploy")) == "role deploy"
    assert [call.label for call in aws.sts.calls()] == ["machine"]


@pytest.mark.parametrize("source", ["Environment", "EcsContainer"])
def test_a_source_that_has_nothing(aws, user, source):
    user.aws_config(deploy=role(credential_source=source))
    line = user.refused(ECR, AWS_PROFILE="deploy")
    assert "deploy" in line and source in line
    assert aws.counts() == {}


# One identity, one call.


def test_two_names_of_the_same_role_are_one_identity(aws, user):
    user.aws_config(deploy=role(source_profile="base"), again=role(source_profile="base"))
    assert user.get(ECR, AWS_PROFILE="deploy") == user.get(ECR, AWS_PROFILE="again")
    assert aws.counts() == {"sts": 1, "ecr": 1}


@pytest.mark.parametrize("change", [{"role_arn": arn("other")}, {"role_session_name": "other"}, {"external_id": "ab"}],
                         ids=lambda change: next(iter(change)))
def test_an_edited_role_is_another_identity_at_once(aws, user, change):
    aws.sts.allow(arn("other"), "prod")
    user.aws_config(deploy=role(source_profile="base"))
    first = user.get(ECR, AWS_PROFILE="deploy")
    aws.sts.allow(arn("deploy"), "prod", external_id=change.get("external_id"))
    user.aws_config(deploy={**role(source_profile="base"), **change})
    assert user.get(ECR, AWS_PROFILE="deploy")["Secret"] != first["Secret"]
    assert aws.counts() == {"sts": 2, "ecr": 2}


def test_the_same_role_by_other_keys_is_another_identity(aws, user):
    """STS decides who may assume a role: what it gave to one must not reach the other."""
    user.profile("dev", DEV)
    user.aws_config(deploy=role(source_profile="base"), mine=role(source_profile="dev"))
    user.get(ECR, AWS_PROFILE="deploy")
    assert arn("deploy") in user.refused(ECR, AWS_PROFILE="mine")


def test_20_helpers_on_a_cold_cache_assume_one_role(aws, user, folder):
    user.aws_config(deploy=role(source_profile="base"))
    user.environment["AWS_PROFILE"] = "deploy"
    user.start_daemon()
    aws.sts.script(Behaviour("hold"))
    crowd = Crowd(user, folder, ECR, 20)
    assert aws.sts.wait_for_calls(1, 5)
    assert crowd.running() == 20, "the call is held, and yet somebody has an answer"
    aws.sts.release()
    assert len({answer.secret() for answer in crowd.answers()}) == 1
    assert aws.counts() == {"sts": 1, "ecr": 1}


def test_two_registries_on_a_cold_cache_share_one_role(aws, user, folder):
    user.aws_config(deploy=role(source_profile="base"))
    user.environment["AWS_PROFILE"] = "deploy"
    user.start_daemon()
    aws.sts.script(Behaviour("hold"))
    crowds = []
    for registry in (ECR, PUBLIC_ECR):
        (folder / registry).mkdir()
        crowds.append(Crowd(user, folder / registry, registry, 5))
    assert aws.sts.wait_for_calls(1, 5)
    assert [crowd.running() for crowd in crowds] == [5, 5]
    aws.sts.release()
    assert [len({answer.secret() for answer in crowd.answers()}) for crowd in crowds] == [1, 1]
    assert aws.counts() == {"sts": 1, "ecr": 2}


# What a person sees when it does not work.

WRONG_PROFILES = {
    "circle": ({"deploy": role(source_profile="second"), "second": role("second", source_profile="deploy")},
               "deploy.*second.*deploy"),
    "source is not there": ({"deploy": role(source_profile="nowhere")}, "nowhere"),
    "source is empty": ({"deploy": role(source_profile="empty"), "empty": {"region": "us-east-1"}}, "empty"),
    "own source without keys": ({"deploy": role(source_profile="deploy")}, "source_profile|keys"),
    "two sources": ({"deploy": role(source_profile="base", credential_source="Environment")},
                    "source_profile.*credential_source"),
    "no source": ({"deploy": role()}, "source_profile"),
    "unknown source": ({"deploy": role(credential_source="Moon")}, "credential_source"),
    "second factor": ({"deploy": role(source_profile="base", mfa_serial="arn:aws:iam::123456789012:mfa/u")},
                      "mfa_serial.*(use|remove|log in)"),
    "length": ({"deploy": role(source_profile="base", duration_seconds="1d")}, "duration_seconds"),
}


@pytest.mark.parametrize("name", WRONG_PROFILES)
def test_a_profile_that_is_wrong_is_no_other_identity(aws, user, name):
    profiles, words = WRONG_PROFILES[name]
    user.aws_config(**profiles)
    line = user.refused(ECR, AWS_PROFILE="deploy")
    assert "deploy" in line and re.search(words, line, re.I), line
    assert aws.counts() == {}


def test_a_role_that_the_keys_may_not_assume(aws, user):
    user.aws_config(deploy=role("secret-team", source_profile="base"))
    line = user.refused(ECR, AWS_PROFILE="deploy")
    assert arn("secret-team") in line and "sts:AssumeRole" in line
    assert aws.counts() == {"sts": 1}


FAILURES = {
    "expired": (Behaviour("error", ALWAYS, "ExpiredToken", status=403), "expired"),
    "region": (Behaviour("error", ALWAYS, "RegionDisabledException", status=403), "region"),
    "throttled": (Behaviour("error", ALWAYS, "Throttling"), "throttl|too (many|often)|rate"),
    "gateway": (Behaviour("status", ALWAYS, status=502, body="<html>fake-body</html>"), "502"),
    "HTML": (Behaviour("status", ALWAYS, status=200, body="<html>fake-body</html>"), "XML|not .*understand|answer"),
    "entities": (Behaviour("status", ALWAYS, status=200, body="<!DOCTYPE a [<!ENTITY b 'fake-body'>]><a>&b;</a>"),
                 "XML|not .*understand|answer"),
    "half an answer": (Behaviour("truncate", ALWAYS), "incomplete|truncat|closed|broke"),
    "reset": (Behaviour("reset", ALWAYS), "reset"),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_sts_does_not_answer_is_said(aws, user, name):
    behaviour, words = FAILURES[name]
    user.aws_config(deploy=role(source_profile="base"))
    aws.sts.script(behaviour)
    line = user.refused(ECR, AWS_PROFILE="deploy")
    assert re.search("sts|127.0.0.5", line, re.I) and re.search(words, line, re.I), line
    assert "fake-body" not in line
    assert "ecr" not in aws.counts()


def test_one_failure_of_sts_is_not_noticed(aws, user):
    user.aws_config(deploy=role(source_profile="base"))
    aws.sts.script(Behaviour("status", status=503, body="<html></html>"))
    assert aws.whose(user.get(ECR, AWS_PROFILE="deploy")) == "role deploy"
    assert aws.counts() == {"sts": 2, "ecr": 1}
