"""Credentials that nobody typed in: a pod's web identity, a container's, a virtual machine's."""

import json
import re
import subprocess
import time

import pytest

from rig_aws import arn
from rig_ecr import DEV, PROD, Behaviour
from rig_home import environment_of
from rig_process import wait_until
from rig_web_identity import web_identity_token
from rig_world import ECR

ALWAYS = -1
PUBLIC_ECR = "public.ecr.aws"
ROLES = "/latest/meta-data/iam/security-credentials/"


# Web identity.


class Pod:
    """A home with a token of a cluster in a file, for the role "deploy"."""

    def __init__(self, aws, home):
        self.aws = aws
        self.home = home
        aws.sts.allow(arn("deploy"))
        self.token = self.new_token("system:serviceaccount:team:app")
        self.file = home.write("var/token", self.token)

    def new_token(self, subject: str) -> str:
        token = web_identity_token(subject)
        self.aws.sts.trust(token, arn("deploy"))
        return token

    @property
    def variables(self) -> dict[str, str]:
        return {"AWS_WEB_IDENTITY_TOKEN_FILE": str(self.file), "AWS_ROLE_ARN": arn("deploy")}

    def get(self, registry: str = ECR, **variables: str) -> dict:
        return self.home.get(registry, **{**self.variables, **variables})

    def refused(self, **variables: str) -> str:
        return self.home.refused(ECR, **{**self.variables, **variables})


@pytest.fixture
def pod(aws, aws_home) -> Pod:
    return Pod(aws, aws_home)


def test_a_pod_needs_no_keys(world, aws, pod):
    assert aws.whose(pod.get(AWS_ROLE_SESSION_NAME="my-pod")) == "role deploy"
    call = aws.sts.calls()[0]
    assert call.action == "AssumeRoleWithWebIdentity" and call.key_id == "", "this call is not signed"
    assert call.form["WebIdentityToken"] == pod.token and call.form["RoleSessionName"] == "my-pod"
    assert [call.label for call in world.ecr.calls()] == ["role deploy"]
    pod.get(AWS_ROLE_SESSION_NAME="my-pod")
    assert aws.counts() == {"sts": 1, "ecr": 1}, "a warm get asks nobody"


def test_a_session_of_a_pod_has_a_name(aws, pod):
    pod.get()
    assert re.fullmatch(r"[\w+=,.@-]{2,64}", aws.sts.calls()[0].form["RoleSessionName"], re.A)


def test_a_profile_may_name_the_file(aws, pod):
    pod.home.aws_config(pod={"role_arn": arn("deploy"), "web_identity_token_file": str(pod.file),
                             "role_session_name": "by-profile", "duration_seconds": "1800"})
    assert aws.whose(pod.home.get(ECR, AWS_PROFILE="pod")) == "role deploy"
    form = aws.sts.calls()[0].form
    assert (form["RoleSessionName"], form["DurationSeconds"]) == ("by-profile", "1800")


def test_a_newline_after_the_token_is_none_of_it(aws, pod):
    pod.file.write_text(pod.token + "\n")
    pod.get()
    assert aws.sts.calls()[0].form["WebIdentityToken"] == pod.token


def test_the_file_is_read_again_for_each_session(aws, pod):
    """The cluster rotates it; the subject stays."""
    aws.sts.lifetime = 4
    pod.get()
    aws.sts.expire(pod.token)
    second = pod.new_token("system:serviceaccount:team:app")
    pod.file.write_text(second)
    wait_until(lambda: aws.expired(aws.sts.issued[0]), 10, "the end of the session")
    assert aws.whose(pod.get(PUBLIC_ECR)) == "role deploy"
    first, *later = [call.form["WebIdentityToken"] for call in aws.sts.calls()]
    assert first == pod.token and set(later) == {second}


def test_two_subjects_never_share_a_token(aws, pod):
    other = pod.home.write("var/other", pod.new_token("system:serviceaccount:other:app"))
    mine, theirs = pod.get(), pod.get(AWS_WEB_IDENTITY_TOKEN_FILE=str(other))
    assert mine["Secret"] != theirs["Secret"]
    assert aws.counts() == {"sts": 2, "ecr": 2}
    assert (pod.get(), pod.get(AWS_WEB_IDENTITY_TOKEN_FILE=str(other))) == (mine, theirs)


def test_another_subject_in_the_same_file_is_another_identity_at_once(aws, pod):
    first = pod.get()
    pod.file.write_text(pod.new_token("system:serviceaccount:other:app"))
    assert pod.get()["Secret"] != first["Secret"]
    assert aws.counts() == {"sts": 2, "ecr": 2}


def test_a_token_that_sts_refuses_is_not_answered_from_the_cache_of_another_file(aws, pod):
    pod.get()
    stranger = pod.home.write("var/stranger", web_identity_token("system:serviceaccount:stranger:app"))
    assert str(stranger) in pod.refused(AWS_WEB_IDENTITY_TOKEN_FILE=str(stranger))


def test_one_failure_of_the_identity_provider_is_not_noticed(aws, pod):
    aws.sts.script(Behaviour("error", code="IDPCommunicationError"))
    assert aws.whose(pod.get()) == "role deploy"
    assert aws.counts() == {"sts": 2, "ecr": 1}


def test_a_token_file_without_a_role(aws, pod):
    line = pod.home.refused(ECR, AWS_WEB_IDENTITY_TOKEN_FILE=str(pod.file))
    assert "AWS_ROLE_ARN" in line
    assert aws.counts() == {}


@pytest.mark.parametrize("content", ["", "\n", None], ids=["empty", "newline", "missing"])
def test_a_token_file_that_holds_nothing(aws, pod, content):
    pod.file.unlink()
    if content is not None:
        pod.home.write("var/token", content)
    assert str(pod.file) in pod.refused()
    assert aws.counts() == {}


@pytest.mark.parametrize("code", ["ExpiredTokenException", "InvalidIdentityToken", "IDPRejectedClaim"])
def test_a_token_that_is_not_good_any_more(aws, pod, code):
    aws.sts.script(Behaviour("error", ALWAYS, code, status=400))
    line = pod.refused()
    assert str(pod.file) in line and pod.token not in line
    assert 1 <= aws.counts()["sts"] <= 4 and "ecr" not in aws.counts()


def test_a_pod_that_may_not_assume_the_role(aws, pod):
    line = pod.refused(AWS_ROLE_ARN=arn("other"))
    assert arn("other") in line and "sts:AssumeRoleWithWebIdentity" in line


# Containers.


@pytest.fixture
def task(aws, aws_home):
    """A home in a container whose agent wants a token."""
    aws.container.authorization = "Basic FAKE-agent/token=="
    aws_home.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = aws.container.uri
    return aws_home


def test_a_container_needs_no_keys(aws, task):
    token = {"AWS_CONTAINER_AUTHORIZATION_TOKEN": aws.container.authorization}
    assert aws.whose(task.get(ECR, **token)) == "container"
    assert aws.counts() == {"container": 1, "ecr": 1}
    task.get(ECR, **token)
    assert aws.counts() == {"container": 1, "ecr": 1}, "a warm get asks nobody"
    task.get(PUBLIC_ECR, **token)
    assert aws.counts() == {"container": 1, "ecr": 2}, "the keys are kept for other tokens"


def test_an_agent_may_want_no_token(aws, task):
    aws.container.authorization = None
    assert aws.whose(task.get(ECR)) == "container"


def test_another_agents_token_gets_nothing_that_is_warm(aws, task):
    task.get(ECR, AWS_CONTAINER_AUTHORIZATION_TOKEN=aws.container.authorization)
    assert "FAKE" not in task.refused(ECR, AWS_CONTAINER_AUTHORIZATION_TOKEN="FAKE-other")


@pytest.mark.parametrize("ending", ["", "\n"], ids=["exact", "newline"])
def test_the_token_of_a_file_wins(aws, task, ending):
    file = task.write("var/agent-token", aws.container.authorization + ending)
    variables = {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": str(file), "AWS_CONTAINER_AUTHORIZATION_TOKEN": "FAKE-other"}
    assert aws.whose(task.get(ECR, **variables)) == "container"


@pytest.mark.parametrize("content", ["FAKE-first\r\nFAKE-Header: second\r\n", "FAKE-first\nFAKE-second", None],
                         ids=["a header", "two lines", "missing"])
def test_an_agents_token_is_one_line(aws, task, content):
    file = task.home / "var/agent-token"
    if content is not None:
        task.write("var/agent-token", content)
    line = task.refused(ECR, AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=str(file))
    assert str(file) in line and "FAKE" not in line
    assert aws.counts() == {}


def test_the_relative_path_wins(world, aws, task):
    """The agent of ECS is not at home here, and nobody else is asked."""
    line = task.refused(ECR, AWS_CONTAINER_CREDENTIALS_RELATIVE_URI="/v2/credentials/fake")
    assert "169.254.170.2" in line
    assert set(world.sink.visits()) == {"169.254.170.2"}
    assert aws.counts() == {}


@pytest.mark.parametrize("host", ["192.0.2.1", "agent.example.test", "127.0.0.1.example.test", "169.254.169.254"])
def test_http_is_for_agents_of_this_machine(world, aws, task, host):
    uri = f"http://{host}/v1/credentials"
    line = task.refused(ECR, AWS_CONTAINER_CREDENTIALS_FULL_URI=uri, AWS_CONTAINER_AUTHORIZATION_TOKEN="FAKE-secret")
    assert "AWS_CONTAINER_CREDENTIALS_FULL_URI" in line and host in line and "FAKE-secret" not in line
    assert aws.counts() == {} and world.sink.visits() == []


def test_a_user_in_the_uri_does_not_hide_the_host(aws, task):
    port = aws.container.address[1]
    task.refused(ECR, AWS_CONTAINER_CREDENTIALS_FULL_URI=f"http://127.0.0.1:{port}@192.0.2.1/v1/credentials")
    assert aws.counts() == {}


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_an_agent_that_refuses(aws, task, status):
    aws.container.script(Behaviour("error", ALWAYS, "FakeRefusal", status=status))
    line = task.refused(ECR)
    assert str(status) in line or "FakeRefusal" in line
    assert aws.counts() == {"container": 1}, "asking again does not help"


def test_one_failure_of_an_agent_is_not_noticed(aws, task):
    aws.container.authorization = None
    aws.container.script(Behaviour("status", status=500))
    assert aws.whose(task.get(ECR)) == "container"


@pytest.mark.parametrize("body", ["", "<html></html>", "[]", '{"AccessKeyId": "ASIAFAKE"}', '{"AccessKeyId": 1}'])
def test_an_agent_that_talks_nonsense(aws, task, body):
    aws.container.script(Behaviour("status", ALWAYS, status=200, body=body))
    task.refused(ECR)
    assert "ecr" not in aws.counts()


# Virtual machines.


def test_a_machine_needs_no_keys(aws, aws_home):
    assert aws.whose(aws_home.get(ECR)) == "machine"
    targets = [call.target for call in aws.imds.calls() if not call.target.endswith("/region")]
    assert targets == ["PUT /latest/api/token", f"GET {ROLES}", f"GET {ROLES}node"]
    before = aws.counts()
    aws_home.get(ECR)
    assert aws.counts() == before, "a warm get asks nobody"
    assert aws.whose(aws_home.get(PUBLIC_ECR)) == "machine"
    assert aws.counts() == {**before, "ecr": 2}, "the keys are kept for other tokens"


def test_a_slash_after_the_endpoint(aws, aws_home):
    endpoint = aws.imds.endpoint + "/"
    assert aws.whose(aws_home.get(ECR, AWS_EC2_METADATA_SERVICE_ENDPOINT=endpoint)) == "machine"


def test_a_metadata_token_that_died_is_replaced(aws, aws_home):
    aws.imds.script(Behaviour("status", status=401, at=ROLES))
    assert aws.whose(aws_home.get(ECR)) == "machine"
    assert [call.target for call in aws.imds.calls()].count("PUT /latest/api/token") == 2


def test_a_machine_without_a_role(aws, aws_home):
    aws.imds.role = None
    assert re.search("no( IAM| instance)? role", aws_home.refused(ECR), re.I)
    assert "ecr" not in aws.counts()


def test_a_machine_whose_metadata_is_closed(aws, aws_home):
    aws.imds.script(Behaviour("error", ALWAYS, "Forbidden", status=403, at="/api/token"))
    line = aws_home.refused(ECR)
    assert "403" in line and re.search("metadata", line, re.I), line
    assert re.search("check|allow|enable|set|use", line.partition("metadata")[2], re.I), f"no remedy: {line}"
    assert {call.target for call in aws.imds.calls()} == {"PUT /latest/api/token"}, "there is no version 1"


def test_metadata_that_hangs_is_a_hop_too_far(aws, aws_home):
    aws.imds.script(Behaviour("hang", ALWAYS, at="/api/token"))
    begin = time.monotonic()
    line = aws_home.refused(ECR)
    assert time.monotonic() - begin < 5
    assert "hop limit" in line


@pytest.mark.parametrize("body", ['{"Code": "Failed"}', '{"Code": "AssumeRoleUnauthorizedAccess", "Message": "m"}', ""])
def test_a_role_that_the_machine_cannot_use(aws, aws_home, body):
    aws.imds.script(Behaviour("status", ALWAYS, status=200, body=body, at=ROLES + "node"))
    aws_home.refused(ECR)
    assert "ecr" not in aws.counts()


def test_metadata_that_is_switched_off_is_not_asked(aws, aws_home):
    assert "there are no AWS credentials" in aws_home.refused(ECR, AWS_EC2_METADATA_DISABLED="true")
    assert aws.counts() == {}


# Which of them.


def test_what_is_nearer_wins(aws, task, pod):
    """Keys, web identity, a profile, the container, the machine: the first that is there, and no other is asked."""
    aws.container.authorization = None
    task.profile("dev", DEV)
    steps = [
        ("prod", {**environment_of(PROD), **pod.variables, "AWS_PROFILE": "dev"}, {"ecr": 1}),
        ("role deploy", {**pod.variables, "AWS_PROFILE": "dev"}, {"ecr": 2, "sts": 1}),
        ("dev", {"AWS_PROFILE": "dev"}, {"ecr": 3, "sts": 1}),
        ("container", {}, {"ecr": 4, "sts": 1, "container": 1}),
    ]
    for label, variables, counts in steps:
        assert aws.whose(task.get(ECR, **variables)) == label
        assert aws.counts() == counts
    del task.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    assert aws.whose(task.get(ECR)) == "machine"


def test_a_broken_source_is_not_stepped_over(aws, task, pod):
    aws.container.authorization = None
    task.refused(ECR, AWS_WEB_IDENTITY_TOKEN_FILE=str(pod.file))
    task.refused(ECR, AWS_PROFILE="nowhere")
    assert aws.counts() == {}


@pytest.mark.parametrize("source", ["container", "machine"])
def test_local_services_are_asked_without_a_proxy(aws, task, source):
    aws.container.authorization = None
    if source == "machine":
        del task.environment["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    proxy = {"HTTP_PROXY": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9"}
    assert aws.whose(task.get(ECR, **proxy)) == source


def test_a_foreign_peer_cannot_send_the_daemon_for_credentials(aws, task, pod):
    """As in test_identity.py: what a peer in another mount namespace names is not the daemon's to fetch."""
    aws.container.authorization = None
    task.start_daemon()
    helper = ["unshare", "--mount", str(task.programs / "docker-credential-purser"), "get"]
    machine = {**task.environment}
    del machine["AWS_CONTAINER_CREDENTIALS_FULL_URI"]
    for environment in ({**machine, **pod.variables}, task.environment, machine):
        outcome = subprocess.run(helper, input=ECR, text=True, capture_output=True, timeout=20, cwd="/",
                                 env=environment)
        assert outcome.returncode == 1, outcome.stdout
    assert aws.counts() == {}


@pytest.mark.parametrize("answers", ["good", "refusals", "nonsense"])
def test_no_secret_is_written_down(aws, aws_home, pod, answers):
    scripts = {
        "good": [],
        "refusals": [Behaviour("error", ALWAYS, "FakeRefusal", message="fake-message-secret", status=403)],
        "nonsense": [Behaviour("status", ALWAYS, status=200, body='{"SecretAccessKey": "fake-message-secret"')],
    }
    aws_home.purser_config(log={"level": "debug"})
    daemon = aws_home.start_daemon()
    aws.container.authorization = "FAKE-agent-token"
    agent = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.container.uri,
             "AWS_CONTAINER_AUTHORIZATION_TOKEN": aws.container.authorization}
    for fake in (aws.sts, aws.container, aws.imds):
        fake.script(*scripts[answers])
    said = [aws_home.helper("get", ECR, **variables) for variables in (pod.variables, agent, {})]
    assert {outcome.status for outcome in said} == {0 if answers == "good" else 1}
    assert aws.counts().keys() >= {"sts", "container", "imds"}
    log = daemon.tail(10**7)
    assert ECR in log, "the log says nothing at all"
    secrets = [secret for key in aws.issued() for secret in (key.secret, key.session_token)]
    secrets += [pod.token, pod.token.split(".")[1], "FAKE-agent-token", "fake-message-secret", *aws.imds.tokens()]
    told = [log, json.dumps(aws_home.ask("/v1/status")), json.dumps(aws_home.ask("/v1/audit"))]
    for text in (*told, *(outcome.output for outcome in said if outcome.status == 1)):
        assert not [secret for secret in secrets if secret in text], text
