"""`purser doctor` says what a get of the same shell is answered, and why."""

import json
import subprocess

import pytest

from rig_aws import ACCOUNT, arn
from rig_doctor import Report
from rig_ecr import DEV, PROD, SESSION, Behaviour
from rig_home import environment_of
from rig_signature import AccessKey
from rig_sso import REGION, START_URL, write_token
from rig_web_identity import web_identity_token
from rig_world import ECR, LOCAL, UNRESOLVABLE, user_of

ALWAYS = -1
PUBLIC_ECR = "public.ecr.aws"
WRONG = AccessKey("wrong", PROD.key_id, "fake/secret/that/is/wrong/0000000000")
PROD_ARN = "arn:aws:iam::123456789012:user/prod"
ABSENT = {"the rule's profile": "absent", "keys in the environment": "absent",
          "web identity in the environment": "absent", "the shared files": "absent",
          "the container's endpoint": "absent"}


@pytest.fixture
def patient(aws_home):
    """A home with a daemon at its most talkative."""
    aws_home.purser_config(log={"level": "debug"})
    aws_home.daemon = aws_home.start_daemon()
    aws_home.ask("/v1/version")  # it listens before it has read its configuration
    return aws_home


def doctor(home, *arguments: str, **variables: str):
    return home.run(str(home.programs / "purser"), "doctor", *arguments, seconds=70, **variables)


def examined(home, *arguments: str, **variables: str) -> Report:
    outcome = doctor(home, *arguments, "--json", **variables)
    assert outcome.stderr == ""
    return Report(outcome.status, outcome.stdout)


# The daemon itself.


def test_a_daemon_that_is_well(patient):
    report = examined(patient)
    assert report.outcome == (0, "ok")
    assert report.json["registry"] is None and report.json["token"] is None
    state, text = report.step("daemon")
    assert state == "ok" and str(patient.socket) in text and "started by hand" in text
    assert report.step("version")[0] == "ok" and report.step("helper")[0] == "ok"
    assert report.step("configuration") == ("ok", str(patient.home / ".config/purser/config.json"))
    assert report.step("store")[0] == "ok" and report.step("clock")[0] == "ok"
    assert report.step("rule")[0] == "absent"


def test_it_is_readable(patient):
    lines = doctor(patient).ok().stdout.splitlines()
    assert lines[0].split() == ["WHAT", "STATE", "FINDING"]
    column = lines[0].index("FINDING")
    assert all(line[column - 2:column] == "  " and line[column] != " " for line in lines[1:-2])
    assert lines[-2] == "" and lines[-1].startswith("The daemon is well")


def test_the_rules_are_listed(patient):
    patient.purser_config({"match": ECR, "provider": "ecr", "profile": "prod"})
    assert examined(patient).steps("rule") == [("ok", f"{ECR}: ecr, profile prod")]


def test_a_broken_configuration(patient):
    patient.write(".config/purser/config.json", '{"version": 1, "registrys": []}')
    report = examined(patient)
    assert report.outcome == (4, "configuration")
    state, text = report.step("configuration")
    assert state == "failed" and "registrys" in text and "last right is used" in text
    assert examined(patient, ECR, **environment_of(PROD)).outcome == (0, "ok"), "with the last good one"


def test_a_configuration_that_was_never_right(aws_home):
    aws_home.write(".config/purser/config.json", "{")
    aws_home.start_daemon()
    assert examined(aws_home).outcome == (4, "configuration")
    report = examined(aws_home, ECR, **environment_of(PROD))
    assert report.outcome == (4, "configuration") and "config.json" in report.json["conclusion"]


def test_a_host_that_a_configuration_names_which_was_never_right(aws_home):
    """Nobody knows its rule: it is no registry that nobody configured."""
    aws_home.write(".config/purser/config.json", '{"version": 1, "registries": [{"match": "ghcr.io", "provider": "enw"}]}')
    aws_home.start_daemon()
    report = examined(aws_home, "ghcr.io")
    assert report.outcome == (4, "configuration") and "config.json" in report.json["conclusion"]
    assert "provider" in aws_home.refused("ghcr.io")
    stored = aws_home.helper("store", json.dumps({"ServerURL": "ghcr.io", "Username": "ci", "Secret": "fake"}))
    assert stored.status == 1 and "config.json" in stored.output
    assert examined(aws_home, "docker.io").outcome == (5, "no_credentials")


def test_a_damaged_store(patient):
    name, password = user_of(LOCAL)
    patient.helper("store", json.dumps({"ServerURL": LOCAL, "Username": name, "Secret": password})).ok()
    (patient.home / ".local/state/purser/credentials").write_bytes(b"damaged")
    report = examined(patient)
    assert report.outcome == (6, "failed") and report.step("store")[0] == "failed"
    assert examined(patient, LOCAL).outcome == (6, "failed")


def test_a_key_that_cannot_be_used(aws_home):
    """Also before anything is stored: the first docker login would fail."""
    key = aws_home.write("var/key", "too short")
    aws_home.purser_config(store={"key_file": str(key)})
    aws_home.start_daemon()
    report = examined(aws_home)
    assert report.outcome == (6, "failed")
    state, text = report.step("store")
    assert state == "failed" and str(key) in text


def test_a_helper_that_is_not_on_the_path(patient):
    report = examined(patient, PATH="/usr/bin:/bin")
    assert report.outcome == (0, "ok") and report.step("helper")[0] == "warning"


def test_another_helpers_version_is_told(patient):
    program = patient.write("other/docker-credential-purser", "#!/bin/sh\necho 'x (purser) 0.0.9'\n")
    program.chmod(0o700)
    state, text = examined(patient, PATH=f"{program.parent}:/usr/bin:/bin").step("helper")
    assert state == "warning" and "0.0.9" in text


# Each source of AWS credentials.


def test_keys_in_the_environment(world, aws, patient):
    report = examined(patient, ECR, **environment_of(PROD))
    assert report.outcome == (0, "ok")
    assert report.sources() == {
        "the rule's profile": "absent", "keys in the environment": "used",
        "web identity in the environment": "skipped", "the shared files": "skipped",
        "the container's endpoint": "skipped", "EC2's metadata service": "skipped"}
    assert report.json["principal"] == {"arn": PROD_ARN, "account": "123456789012"}
    assert report.json["token"]["state"] == "fresh" and report.json["token"]["remaining_seconds"] > 40_000
    assert report.step("region") == ("ok", "us-east-1")
    assert report.step("endpoint") == ("ok", "api.ecr.us-east-1.amazonaws.com")
    assert report.step("proxy")[0] == "absent" and report.step("certificates") == ("used", "the system's")
    assert PROD_ARN in report.json["conclusion"]
    assert [(call.action, call.label, call.outcome) for call in aws.sts.calls()] == [
        ("GetCallerIdentity", "prod", "told")], "signed"


def test_it_is_the_token_of_a_get(world, aws, patient):
    patient.get(ECR, **environment_of(PROD))
    report = examined(patient, ECR, **environment_of(PROD))
    assert report.outcome == (0, "ok")
    patient.get(ECR, **environment_of(PROD))
    assert aws.counts() == {"ecr": 1, "sts": 1}, "only the doctor asks STS"


def test_a_get_asks_nobody_who_it_is(aws, patient):
    patient.get(ECR, **environment_of(PROD))
    assert aws.counts() == {"ecr": 1}


def test_a_profile(patient):
    patient.profile("prod", PROD)
    report = examined(patient, ECR, AWS_PROFILE="prod")
    assert report.outcome == (0, "ok") and report.json["principal"]["arn"] == PROD_ARN
    assert ("used", 'the shared files: the access keys of profile "prod"') in report.steps("source")


def test_a_profile_that_is_not_there(patient):
    report = examined(patient, ECR, AWS_PROFILE="gone")
    assert report.outcome == (6, "failed") and report.sources()["the shared files"] == "failed"
    assert str(patient.home / ".aws/config") in report.json["conclusion"]
    assert report.steps("keys") == []


def test_shared_files_that_cannot_be_read(patient):
    patient.write(".aws/config", "[profile prod\n")
    report = examined(patient, ECR, AWS_PROFILE="prod")
    assert report.outcome == (6, "failed") and ".aws/config" in report.json["conclusion"]
    assert report.json["conclusion"] == "A get fails: " + report.step("token")[1]


def test_keys_that_aws_rejects(aws, patient):
    report = examined(patient, ECR, **environment_of(WRONG))
    assert report.outcome == (6, "failed") and report.json["code"] == "rejected"
    assert report.step("keys")[0] == "ok", "there are some"
    assert report.step("principal")[0] == "warning" and report.json["principal"] is None
    assert "aws sts get-caller-identity" in report.step("token")[1]


def test_half_a_key(patient):
    report = examined(patient, ECR, AWS_ACCESS_KEY_ID=PROD.key_id)
    assert report.outcome == (6, "failed") and report.sources()["keys in the environment"] == "failed"


def test_a_web_identity(aws, patient):
    token = web_identity_token("pod")
    aws.sts.allow(arn("deploy"))
    file = patient.write("var/token", token)
    pod = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(file), "AWS_ROLE_ARN": arn("deploy")}
    denied = examined(patient, ECR, **pod)
    assert denied.outcome == (6, "failed") and denied.step("keys")[0] == "failed"
    assert str(file) in denied.json["conclusion"] and denied.steps("principal") == []
    aws.sts.trust(token, arn("deploy"))
    patient.write("var/other", token)
    report = examined(patient, ECR, **pod, AWS_ROLE_SESSION_NAME="again")
    assert report.outcome == (0, "ok") and report.sources()["web identity in the environment"] == "used"
    assert "assumed-role/deploy" in report.json["principal"]["arn"]
    file.unlink()
    assert examined(patient, ECR, **pod).outcome == (6, "failed")


def test_a_chain_of_roles(aws, patient):
    patient.profile("base", PROD)
    aws.sts.allow(arn("middle"), "prod")
    aws.sts.allow(arn("deploy"), "role middle")
    patient.aws_config(deploy={"role_arn": arn("deploy"), "source_profile": "middle"},
                       middle={"role_arn": arn("middle"), "source_profile": "base"})
    report = examined(patient, ECR, AWS_PROFILE="deploy")
    assert report.outcome == (0, "ok")
    assert report.steps("keys") == [
        ("ok", 'the access keys of profile "base"'),
        ("ok", f'the role {arn("middle")} (profile "middle")'),
        ("ok", f'the role {arn("deploy")} (profile "deploy")')]
    assert report.json["principal"]["arn"].endswith("assumed-role/deploy")


def test_a_role_that_may_not_be_assumed(aws, patient):
    patient.profile("base", DEV)
    aws.sts.allow(arn("deploy"), "prod")
    patient.aws_config(deploy={"role_arn": arn("deploy"), "source_profile": "base"})
    report = examined(patient, ECR, AWS_PROFILE="deploy")
    assert report.outcome == (6, "failed") and report.json["code"] == "forbidden"
    assert [state for state, _ in report.steps("keys")] == ["ok", "failed"]
    assert f"sts:AssumeRole on {arn('deploy')}" in report.step("token")[1]


def test_the_role_of_a_rule(aws, patient):
    aws.sts.allow(arn("team"), "prod")
    patient.purser_config({"match": ECR, "provider": "ecr", "role_arn": arn("team")})
    report = examined(patient, ECR, **environment_of(PROD))
    assert report.outcome == (0, "ok")
    assert report.step("rule") == ("used", f'the rule "{ECR}": provider ecr, role {arn("team")}')
    assert report.steps("keys") == [("ok", "the access keys of the environment"), ("ok", f"the role {arn('team')}")]


def test_a_session_of_sso(aws, patient):
    """Also one that was opened after a failure: the doctor answers for now, as a get does."""
    aws.sso.assign(ACCOUNT, "Dev")
    patient.aws_config({"corp": {"sso_region": REGION, "sso_start_url": START_URL}},
                       dev={"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": "Dev"})
    closed = examined(patient, ECR, AWS_PROFILE="dev")
    assert closed.outcome == (6, "failed") and closed.step("keys")[0] == "failed"
    assert "aws sso login --profile dev" in closed.json["conclusion"]
    write_token(patient, "corp", aws.sso.log_in(8 * 3600))
    report = examined(patient, ECR, AWS_PROFILE="dev")
    assert report.outcome == (0, "ok") and report.sources()["the shared files"] == "used"
    assert report.step("keys") == (
        "ok", f'the role Dev in the account {ACCOUNT} through IAM Identity Center (profile "dev")')
    assert "assumed-role/AWSReservedSSO_Dev" in report.json["principal"]["arn"]


def test_a_container(aws, patient):
    task = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.container.uri,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "FAKE-agent-token"}
    aws.container.authorization = "FAKE-agent-token"
    report = examined(patient, ECR, **task)
    assert report.outcome == (0, "ok") and report.sources()["the container's endpoint"] == "used"
    assert "FAKE-agent-token" not in report.text and "/" not in report.step("keys")[1], "the host alone"
    refused = examined(patient, ECR, **{**task, "AWS_CONTAINER_AUTHORIZATION_TOKEN": "FAKE-other"})
    assert refused.outcome == (6, "failed") and refused.step("keys")[0] == "failed"


def test_a_machine(aws, patient):
    report = examined(patient, ECR)
    assert report.outcome == (0, "ok")
    assert report.sources() == {**ABSENT, "EC2's metadata service": "used"}


def test_no_source_at_all(patient):
    report = examined(patient, ECR, AWS_EC2_METADATA_DISABLED="true")
    assert report.outcome == (5, "no_credentials") and report.json["code"] == "misconfigured"
    assert report.sources() == {**ABSENT, "EC2's metadata service": "absent"}
    public = examined(patient, PUBLIC_ECR, AWS_EC2_METADATA_DISABLED="true")
    assert public.outcome == (5, "no_credentials") and public.json["code"] == "not_configured"
    assert patient.helper("get", PUBLIC_ECR, AWS_EC2_METADATA_DISABLED="true").status == 1


def test_a_machine_that_is_none_of_ec2s(world, home):
    home.start_daemon()
    report = examined(home, ECR)
    assert report.outcome == (5, "no_credentials") and report.step("keys")[0] == "failed"
    assert "there are no AWS credentials" in report.json["conclusion"]


# The network.


def test_sts_that_cannot_be_reached_hinders_nothing(aws, patient):
    aws.sts.script(Behaviour("hang", ALWAYS))
    report = examined(patient, ECR, **environment_of(PROD))
    assert report.outcome == (0, "ok") and report.step("principal")[0] == "warning"
    assert report.json["principal"] is None and report.json["conclusion"] == "A get is answered with a token of environment"


def test_an_answer_of_sts_that_is_none(aws, patient):
    body = "<GetCallerIdentityResponse><R><Arn>arn:\x1b[31m</Arn><Account>1</Account></R></GetCallerIdentityResponse>"
    aws.sts.script(Behaviour("status", ALWAYS, status=200, body=body, content_type="text/xml"))
    outcome = doctor(patient, ECR, **environment_of(PROD)).ok()
    assert "STS's answer names no principal" in outcome.stdout and "[31m" not in outcome.stdout


def test_an_api_that_does_not_resolve(aws, patient):
    report = examined(patient, UNRESOLVABLE, **environment_of(PROD))
    assert report.outcome == (6, "failed") and "api.ecr.eu-west-1.amazonaws.com" in report.step("token")[1]
    assert "check the network or the proxy" in report.json["conclusion"]


def test_proxy_and_certificates_without_a_password(patient):
    report = examined(patient, ECR, **environment_of(PROD), HTTPS_PROXY="http://ann:fake-password@127.0.0.1:9",
                      AWS_CA_BUNDLE="/nowhere/ca.pem")
    assert report.step("proxy") == ("used", "proxy 127.0.0.1:9")
    assert report.step("certificates") == ("used", "/nowhere/ca.pem")
    assert report.outcome == (6, "failed") and "fake-password" not in report.text


def test_a_clock_that_is_wrong(world, patient):
    world.ecr.script(Behaviour("skew", ALWAYS, seconds=600))
    assert examined(patient, ECR, **environment_of(PROD)).outcome == (0, "ok")
    state, text = examined(patient).step("clock")
    assert state == "warning" and "api.ecr.us-east-1.amazonaws.com" in text


# Stored credentials.


def test_what_is_stored_is_found_and_not_shown(patient):
    name, password = user_of(LOCAL)
    missing = examined(patient, f"https://{LOCAL}/v2/")
    assert missing.outcome == (5, "no_credentials") and missing.step("store")[0] == "absent"
    assert missing.step("registry") == ("ok", f"{LOCAL}, from https://{LOCAL}/v2/")
    patient.helper("store", json.dumps({"ServerURL": LOCAL, "Username": name, "Secret": password})).ok()
    found = examined(patient, LOCAL)
    assert found.outcome == (0, "ok") and found.json["provider"] == "store"
    assert found.step("store") == ("used", f"stored for {LOCAL}, user {name}")
    assert password not in found.text


def test_what_docker_login_brought_for_ecr(world, patient):
    patient.helper("store", json.dumps({"ServerURL": ECR, "Username": "AWS", "Secret": "fake-login"})).ok()
    report = examined(patient, ECR)
    assert report.outcome == (0, "ok") and report.json["provider"] == "override"
    assert "fake-login" not in report.text and world.ecr.calls() == []


# Who asks.


def foreign(home, *arguments: str, **variables: str) -> Report:
    command = ["unshare", "--mount", str(home.programs / "purser"), "doctor", *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=70, cwd="/",
                          env={**home.environment, **variables})
    return Report(done.returncode, done.stdout)


def test_a_foreign_peer_is_answered_as_its_get_is(aws, patient):
    patient.profile("prod", PROD)
    denied = foreign(patient, ECR, AWS_PROFILE="prod")
    assert denied.outcome == (6, "failed") and denied.step("caller")[0] == "warning"
    assert "another mount namespace" in denied.json["conclusion"]
    assert aws.counts() == {}
    assert foreign(patient, ECR, **environment_of(SESSION)).outcome == (0, "ok")
    patient.purser_config({"match": ECR, "provider": "ecr", "profile": "prod"})
    assert foreign(patient, ECR).json["token"], "what the configuration names"


def test_it_is_in_the_audit(patient):
    examined(patient, ECR, **environment_of(PROD))
    event = patient.audit()[-1]
    assert (event["verb"], event["registry"], event["outcome"]) == ("doctor", ECR, "ok")


def test_names_cannot_command_the_terminal(patient):
    evil = "evil\x1b[31m\x9b"
    patient.write(".aws/config", f"[profile {evil}]\nrole_arn = arn:{evil}\nsource_profile = base\n")
    patient.profile("base", PROD)
    for arguments in ((ECR,), (ECR, "--json")):
        outcome = doctor(patient, *arguments, AWS_PROFILE=evil)
        assert "evil" in outcome.stdout
        assert not {"\x1b", "\x9b"} & set(outcome.stdout), outcome.stdout


@pytest.mark.parametrize("trouble", [None, "refusals", "nonsense"])
def test_no_secret_is_told_or_logged(world, aws, patient, trouble):
    patient.profile("base", PROD)
    aws.sts.allow(arn("deploy"), "prod")
    patient.aws_config(deploy={"role_arn": arn("deploy"), "source_profile": "base", "external_id": "fake-external"})
    aws.sts.allow(arn("deploy"), "prod", external_id="fake-external")
    scripts = {None: [], "refusals": [Behaviour("error", ALWAYS, "FakeRefusal", "fake-message", status=403)],
               "nonsense": [Behaviour("status", ALWAYS, status=200, body="<x>fake-message")]}
    aws.sts.script(*scripts[trouble])
    world.ecr.script(*scripts[trouble])
    aws.container.authorization = "FAKE-agent-token"
    agent = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.container.uri,
             "AWS_CONTAINER_AUTHORIZATION_TOKEN": aws.container.authorization}
    said = [doctor(patient, ECR, *more, **variables).output for more in ((), ("--json",))
            for variables in (environment_of(SESSION), {"AWS_PROFILE": "deploy"}, agent, {}, {"GITHUB_TOKEN": "fake-gh"})]
    said.append(patient.daemon.tail(10**7))
    assert ECR in said[-1], "the log says nothing at all"
    secrets = [text for key in (PROD, SESSION, *aws.issued()) for text in (key.key_id, key.secret, key.session_token)]
    secrets += ["fake-external", "fake-message", "FAKE-agent-token", "fake-gh", *aws.imds.tokens()]
    secrets += [issued.password for issued in world.ecr.ledger.issued()]
    for text in said:
        assert not [secret for secret in secrets if secret and secret in text], text
