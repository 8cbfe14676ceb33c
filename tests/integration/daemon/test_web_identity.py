"""Identities of CI jobs that a rule names: each job is its own, and nobody is asked without need."""

import json
import re
import subprocess
import time

import pytest

from rig_aws import arn
from rig_ecr import PROD, Behaviour
from rig_home import environment_of
from rig_oidc import AUDIENCE, claims_of, unsigned_token
from rig_process import wait_until
from rig_world import ECR

ALWAYS = -1
PUBLIC_ECR = "public.ecr.aws"
MAIN = "repo:team/app:ref:refs/heads/main"
OTHER = "repo:other/app:ref:refs/heads/main"
LABEL = f"role deploy of {MAIN}"
VARIABLE = "AWS_ID_TOKEN"
GETS = 60


class Runner:
    """A home whose rules show a web identity for the role "deploy". Two subjects may have it."""

    def __init__(self, aws, home):
        self.aws = aws
        self.home = home
        aws.sts.register(aws.actions.issuer, aws.gitlab)
        aws.sts.allow(arn("deploy"), subjects=(MAIN, OTHER))

    def configure(self, web_identity, **keys) -> None:
        rule = {"provider": "ecr", "role_arn": arn("deploy"), "web_identity": web_identity, **keys}
        matches = ("*.dkr.ecr.*.amazonaws.com", PUBLIC_ECR)
        self.home.purser_config(*({"match": match, **rule} for match in matches), log={"level": "debug"})

    def shown(self) -> list[str]:
        """The tokens that STS was shown."""
        return [call.form["WebIdentityToken"] for call in self.aws.sts.calls()]

    def foreign_get(self, **variables: str) -> subprocess.CompletedProcess:
        """A get from another mount namespace, which sees the same socket."""
        helper = str(self.home.programs / "docker-credential-purser")
        return subprocess.run(["unshare", "--mount", helper, "get"], input=ECR, text=True, capture_output=True,
                              timeout=20, env={**self.home.environment, **variables}, cwd="/")

    def side_by_side(self, folder, *environments: dict[str, str]) -> list[list[str]]:
        """Shells that ask GETS times each, at once; whose answers they got."""
        helper = str(self.home.programs / "docker-credential-purser")
        script = f"set -e; for ((n = 0; n < {GETS}; n++)); do {helper} get <<<{ECR}; done"
        shells = [subprocess.Popen(["bash", "-c", script], stdout=(folder / str(number)).open("wb"),
                                   env={**self.home.environment, **environment})
                  for number, environment in enumerate(environments)]
        assert [shell.wait(60) for shell in shells] == [0] * len(shells)
        answers = [(folder / str(number)).read_text().splitlines() for number in range(len(shells))]
        return [[self.aws.whose(json.loads(line)) for line in lines] for lines in answers]


@pytest.fixture
def runner(aws, aws_home) -> Runner:
    return Runner(aws, aws_home)


# GitHub Actions.


class GitHub:
    """A job of the subject "main" on the runner."""

    def __init__(self, runner: Runner, **keys):
        self.runner = runner
        self.actions = runner.aws.actions
        runner.configure("github", **keys)
        self.job = self.actions.start_job(MAIN)

    def get(self, registry: str = ECR, **variables: str) -> dict:
        return self.runner.home.get(registry, **{**self.job.variables, **variables})

    def refused(self, registry: str = ECR, **variables: str) -> str:
        return self.runner.home.refused(registry, **{**self.job.variables, **variables})


@pytest.fixture
def github(runner) -> GitHub:
    return GitHub(runner)


def test_a_job_needs_no_keys(world, aws, github):
    answer = github.get()
    assert aws.whose(answer) == LABEL
    assert [(call.audience, call.job, call.outcome) for call in aws.actions.calls()] == [(AUDIENCE, MAIN, "issued")]
    call = aws.sts.calls()[0]
    assert call.action == "AssumeRoleWithWebIdentity" and call.key_id == "", "this call is not signed"
    assert re.fullmatch(r"purser-\d+", call.form["RoleSessionName"])
    assert [call.label for call in world.ecr.calls()] == [LABEL]
    before = aws.counts()
    assert github.get() == answer
    assert aws.counts() == before == {"actions": 1, "sts": 1, "ecr": 1}, "a warm get asks nobody"


def test_keys_in_the_environment_are_not_used(aws, github):
    assert aws.whose(github.get(**environment_of(PROD))) == LABEL


def test_a_session_has_the_name_of_the_rule(aws, runner):
    GitHub(runner, role_session_name="app@main").get()
    assert aws.sts.calls()[0].form["RoleSessionName"] == "app@main"


def test_an_audience_of_the_rule(aws, runner):
    github = GitHub(runner, audience="https://company.example.test/a b&c")
    aws.actions.issuer.audience, before = "https://company.example.test/a b&c", aws.actions.issuer.audience
    try:
        assert aws.whose(github.get()) == LABEL
    finally:
        aws.actions.issuer.audience = before
    assert claims_of(runner.shown()[0])["aud"] == "https://company.example.test/a b&c"


def test_a_url_without_a_query(aws, runner, github):
    github.job = aws.actions.start_job(MAIN, query="")
    assert aws.whose(github.get()) == LABEL


@pytest.mark.parametrize("missing", [["URL"], ["TOKEN"], ["URL", "TOKEN"]], ids="+".join)
def test_a_job_that_may_have_no_identity(aws, github, missing):
    line = github.refused(**{f"ACTIONS_ID_TOKEN_REQUEST_{name}": "" for name in missing})
    assert f"ACTIONS_ID_TOKEN_REQUEST_{missing[0]} is not set" in line and "permissions: id-token: write" in line
    assert aws.counts() == {}


def test_a_session_at_its_end_is_renewed_with_a_new_token(aws, runner, github):
    aws.sts.lifetime = 4
    github.get()
    wait_until(lambda: aws.expired(aws.sts.issued[0]), 10, "the end of the session")
    assert aws.whose(github.get(PUBLIC_ECR)) == LABEL
    assert len(runner.shown()) >= 2 and len(set(runner.shown())) == len(runner.shown()), "a token was shown twice"
    assert runner.shown() == aws.actions.tokens()


def test_two_jobs_at_once_never_share_a_token(aws, runner, github, folder):
    other = aws.actions.start_job(OTHER)
    runner.home.start_daemon()
    mine, theirs = runner.side_by_side(folder, github.job.variables, other.variables)
    assert set(mine) == {LABEL} and set(theirs) == {f"role deploy of {OTHER}"}
    assert aws.counts() == {"actions": 2, "sts": 2, "ecr": 2}


def test_two_jobs_of_one_subject_are_two_identities(aws, runner, github):
    """They may have been given different rights since: each has to show what it has."""
    first = github.get()
    github.job = aws.actions.start_job(MAIN)
    assert github.get()["Secret"] != first["Secret"]
    assert aws.counts() == {"actions": 2, "sts": 2, "ecr": 2}


def test_who_only_knows_the_url_of_a_job_gets_nothing(aws, github):
    github.get()
    line = github.refused(ACTIONS_ID_TOKEN_REQUEST_TOKEN="FAKE-guessed")
    assert "401" in line and "FAKE-guessed" not in line


def test_a_job_that_is_over(aws, github):
    answer = github.get()
    aws.actions.end_job(github.job)
    assert github.get() == answer, "what it was given lives on"
    github.job = aws.actions.start_job(MAIN)
    aws.actions.end_job(github.job)
    assert "while it runs" in github.refused()


FAILURES = {
    "stranger": (Behaviour("status", ALWAYS, status=401, body="fake-body"), "401", 1),
    "permission": (Behaviour("status", ALWAYS, status=403, body="fake-body"), "id-token: write", 1),
    "gone": (Behaviour("status", ALWAYS, status=404, body="fake-body"), "404.*ACTIONS_ID_TOKEN_REQUEST_URL", 1),
    "broken": (Behaviour("status", ALWAYS, status=500, body="fake-body"), "500.*try again", 3),
    "often": (Behaviour("status", ALWAYS, status=429, body="fake-body", headers={"Retry-After": "60"}), "429", 1),
    "HTML": (Behaviour("status", ALWAYS, status=200, body="<html>fake-body</html>"), "holds no identity token", 1),
    "no token": (Behaviour("status", ALWAYS, status=200, body='{"value": "fake-body"}'), "holds no identity token", 1),
    "oversized": (Behaviour("status", ALWAYS, status=200, body='{"value": "' + "fake-body" * 9000 + '"}'),
                  "(larg|big|size|KiB|bytes)", 1),
    "half an answer": (Behaviour("truncate", ALWAYS), "incomplete|truncat|closed|broke", 3),
    "reset": (Behaviour("reset", ALWAYS), "reset", 3),
}


@pytest.mark.parametrize("name", FAILURES)
def test_what_the_endpoint_does_not_answer_is_said(aws, github, name):
    behaviour, words, calls = FAILURES[name]
    aws.actions.script(behaviour)
    line = github.refused()
    assert "127.0.0.7" in line and re.search(words, line, re.I), line
    assert "fake-body" not in line and github.job.request_token not in line
    assert aws.counts() == {"actions": calls}


@pytest.mark.parametrize("behaviour", [Behaviour("status", status=503), Behaviour("status", status=429),
                                       Behaviour("reset")], ids=lambda each: f"{each.kind} {each.status}")
def test_one_failure_of_the_endpoint_is_not_noticed(aws, github, behaviour):
    aws.actions.script(behaviour)
    assert aws.whose(github.get()) == LABEL
    assert aws.counts() == {"actions": 2, "sts": 1, "ecr": 1}


def test_an_endpoint_that_hangs_holds_nobody_for_long(aws, github):
    aws.actions.script(Behaviour("hang", ALWAYS))
    begin = time.monotonic()
    line = github.refused()
    assert time.monotonic() - begin < 9
    assert re.search("time|wait|answer", line), line


def test_an_endpoint_that_is_slow_once(aws, github):
    aws.actions.script(Behaviour("slow", seconds=2))
    assert aws.whose(github.get()) == LABEL
    assert aws.counts() == {"actions": 1, "sts": 1, "ecr": 1}


@pytest.mark.parametrize("host", ["192.0.2.1", "ci.example.test", "127.0.0.1.example.test", "localhost.example.test"])
def test_http_is_for_this_machine(world, aws, github, host):
    line = github.refused(ACTIONS_ID_TOKEN_REQUEST_URL=f"http://{host}/idtoken?api-version=2.0")
    assert "ACTIONS_ID_TOKEN_REQUEST_URL" in line and host in line and "https" in line
    assert aws.counts() == {} and world.sink.visits() == []


def test_redirects_are_not_followed(world, aws, github):
    aws.actions.script(Behaviour("status", ALWAYS, status=302, headers={"Location": "https://192.0.2.1/"}))
    assert "302" in github.refused()
    assert aws.counts() == {"actions": 1} and world.sink.visits() == []


def test_a_job_in_a_container_brings_its_own_identity(aws, runner, github):
    """As in test_identity.py: another mount namespace may use what it sends, and nothing that is warm."""
    runner.home.start_daemon()
    github.get()
    other = aws.actions.start_job(OTHER)
    outcome = runner.foreign_get(**other.variables)
    assert aws.whose(json.loads(outcome.stdout)) == f"role deploy of {OTHER}"
    nobody = runner.foreign_get()
    assert nobody.returncode == 1 and "id-token: write" in nobody.stdout


# GitLab: the token is in a variable.


class GitLab:
    def __init__(self, runner: Runner):
        self.runner = runner
        self.issuer = runner.aws.gitlab
        runner.configure({"env": VARIABLE})
        self.token = self.issuer.token(MAIN)

    def get(self, token: str | None = None, registry: str = ECR) -> dict:
        return self.runner.home.get(registry, **{VARIABLE: token or self.token})

    def refused(self, token: str, registry: str = ECR) -> str:
        return self.runner.home.refused(registry, **{VARIABLE: token})


@pytest.fixture
def gitlab(runner) -> GitLab:
    return GitLab(runner)


def test_a_token_in_a_variable(aws, runner, gitlab):
    answer = gitlab.get()
    assert aws.whose(answer) == LABEL and runner.shown() == [gitlab.token]
    before = aws.counts()
    assert gitlab.get() == answer
    assert aws.counts() == before == {"sts": 1, "ecr": 1}, "a warm get asks nobody"


def test_a_new_token_of_a_subject_is_the_same_identity(aws, runner, gitlab):
    """And is shown as soon as one has to be shown again."""
    aws.sts.lifetime = 4
    answer = gitlab.get()
    newer = gitlab.issuer.token(MAIN, seconds=600)
    assert gitlab.get(newer) == answer
    assert gitlab.get() == answer  # a job beside it, with the older one
    assert len(runner.home.ask("/v1/status")["entries"]) == 1
    assert aws.counts() == {"sts": 1, "ecr": 1}
    wait_until(lambda: aws.expired(aws.sts.issued[0]), 10, "the end of the session")
    assert aws.whose(gitlab.get(newer, PUBLIC_ECR)) == LABEL
    first, *later = runner.shown()
    assert first == gitlab.token and set(later) == {newer}


@pytest.mark.parametrize("change", [{"sub": "repo:stranger/app"}, {"iss": "https://other.example.test"}, {"aud": "other"}],
                         ids=lambda change: next(iter(change)))
def test_another_subject_is_another_identity(aws, gitlab, change):
    gitlab.get()
    line = gitlab.refused(gitlab.issuer.token(MAIN, **change))
    assert VARIABLE in line and arn("deploy") in line or "InvalidIdentityToken" in line, line
    assert aws.counts()["sts"] == 2, "the other one's answer was at hand"


def test_two_tokens_at_once_never_share_a_token(aws, runner, gitlab, folder):
    runner.home.start_daemon()
    theirs = gitlab.issuer.token(OTHER)
    answers = runner.side_by_side(folder, {VARIABLE: gitlab.token}, {VARIABLE: theirs})
    assert [set(each) for each in answers] == [{LABEL}, {f"role deploy of {OTHER}"}]
    assert aws.counts() == {"sts": 2, "ecr": 2}


@pytest.mark.parametrize("value, words", [(None, "is not set"), ("", "is not set"), ("  ", "is not set"),
                                          ("fake-secret", "JWT"), ("a.b.fake-secret", "JWT"),
                                          ("eyJ.e30.fake-secret", "JWT")])
def test_a_variable_that_holds_no_token(aws, runner, gitlab, value, words):
    variables = {} if value is None else {VARIABLE: value}
    line = runner.home.refused(ECR, **variables)
    assert VARIABLE in line and words in line and "fake-secret" not in line
    assert aws.counts() == {}


def test_a_token_at_its_end(aws, gitlab):
    line = gitlab.refused(gitlab.issuer.token(MAIN, seconds=-1))
    assert VARIABLE in line and "has expired" in line
    assert aws.counts() == {}


def test_what_was_obtained_with_a_token_outlives_it(aws, gitlab):
    gitlab.token = gitlab.issuer.token(MAIN, seconds=2)
    answer = gitlab.get()
    time.sleep(2.1)
    assert gitlab.get() == answer
    assert "has expired" in gitlab.refused(gitlab.issuer.token(OTHER, seconds=-1))
    assert aws.counts() == {"sts": 1, "ecr": 1}


def test_a_token_that_sts_refuses(aws, gitlab):
    token = gitlab.issuer.token("repo:stranger/app")
    line = gitlab.refused(token)
    assert arn("deploy") in line and VARIABLE in line and token.split(".")[1] not in line
    assert "ecr" not in aws.counts()


def test_a_container_cannot_claim_to_be_a_job(aws, runner, gitlab):
    """Nobody has verified a token before STS has: what it says of itself opens nothing that is warm."""
    runner.home.start_daemon()
    gitlab.get()
    claims = claims_of(gitlab.token)
    for forged in (unsigned_token(claims), gitlab.token[:-8] + "AAAAAAAA"):
        outcome = runner.foreign_get(**{VARIABLE: forged})
        assert outcome.returncode == 1 and "InvalidIdentityToken" in outcome.stdout, outcome.stdout
    outcome = runner.foreign_get(**{VARIABLE: gitlab.token})
    assert aws.whose(json.loads(outcome.stdout)) == LABEL


@pytest.mark.parametrize("name", ["GITLAB_OIDC_TOKEN", "ID_TOKEN", "CI_JOB_JWT"])
def test_a_variable_that_no_helper_sends_is_refused(aws, runner, name):
    runner.configure({"env": name})
    line = runner.home.refused(ECR, **{name: runner.aws.gitlab.token(MAIN)})
    assert "web_identity.env" in line and "AWS_" in line, line
    assert aws.counts() == {}


# A file of the configuration.


class File:
    def __init__(self, runner: Runner):
        self.runner = runner
        self.token = runner.aws.gitlab.token(MAIN)
        self.file = runner.home.write("var/token", self.token + "\n")
        runner.configure({"file": str(self.file)})


@pytest.fixture
def file(runner) -> File:
    return File(runner)


def test_a_token_in_a_file_of_the_configuration(aws, runner, file):
    answer = runner.home.get(ECR)
    assert aws.whose(answer) == LABEL and runner.shown() == [file.token]
    assert runner.home.get(ECR) == answer
    assert aws.counts() == {"sts": 1, "ecr": 1}, "a warm get asks nobody"


def test_the_file_is_read_again_for_each_session(aws, runner, file):
    aws.sts.lifetime = 4
    runner.home.get(ECR)
    newer = aws.gitlab.token(MAIN)
    file.file.write_text(newer)
    wait_until(lambda: aws.expired(aws.sts.issued[0]), 10, "the end of the session")
    assert aws.whose(runner.home.get(PUBLIC_ECR)) == LABEL
    assert set(runner.shown()[1:]) == {newer}


def test_another_subject_in_the_file_is_another_identity_at_once(aws, runner, file):
    runner.home.get(ECR)
    file.file.write_text(aws.gitlab.token(OTHER))
    assert aws.whose(runner.home.get(ECR)) == f"role deploy of {OTHER}"


def test_a_container_may_use_a_file_of_the_configuration(world, aws, runner, file):
    """But not choose where its token is sent, nor with which keys."""
    runner.home.start_daemon()
    outcome = runner.foreign_get(AWS_ENDPOINT_URL_STS="https://192.0.2.1", **environment_of(PROD))
    assert aws.whose(json.loads(outcome.stdout)) == LABEL
    assert world.sink.visits() == []


def test_a_file_that_is_not_there(aws, runner, file):
    file.file.unlink()
    assert str(file.file) in runner.home.refused(ECR)
    assert aws.counts() == {}


# Secrets.


@pytest.mark.parametrize("answers", ["good", "refusals", "nonsense"])
def test_no_secret_is_written_down(aws, runner, answers):
    scripts = {
        "good": [],
        "refusals": [Behaviour("error", ALWAYS, "FakeRefusal", message="fake-message-secret", status=403)],
        "nonsense": [Behaviour("status", ALWAYS, status=200, body='{"value": "fake-message-secret"')],
    }
    home = runner.home
    github = GitHub(runner)
    daemon = home.start_daemon()
    aws.actions.script(*scripts[answers])
    aws.sts.script(*scripts[answers])
    said = [home.helper("get", ECR, **github.job.variables)]
    gitlab = GitLab(runner)
    said += [home.helper("get", ECR, **{VARIABLE: gitlab.token}), home.helper("get", ECR, **{VARIABLE: "a.b.FAKE-no"})]
    assert [outcome.status for outcome in said] == ([0, 0, 1] if answers == "good" else [1, 1, 1])
    assert aws.counts().keys() >= {"sts", "actions"}
    log = daemon.tail(10**7)
    assert ECR in log, "the log says nothing at all"
    secrets = [secret for key in aws.issued() for secret in (key.secret, key.session_token)]
    secrets += [part for token in (*aws.actions.tokens(), gitlab.token) for part in token.split(".")[1:]]
    secrets += [github.job.request_token, "FAKE-no", "fake-message-secret"]
    told = [log, json.dumps(home.ask("/v1/status")), json.dumps(home.ask("/v1/audit"))]
    for text in (*told, *(outcome.output for outcome in said if outcome.status == 1)):
        assert not [secret for secret in secrets if secret in text], text
