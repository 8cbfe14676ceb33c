"""The kubelet's image credential provider, judged by the kubelet's own types and their strict decoder."""

import json
import subprocess

import pytest

import rig_clients
from rig_aws import arn
from rig_ecr import DEV, PROD, Behaviour
from rig_front_ends import KUBELET_VERSIONS, Kubelet, error_line
from rig_home import environment_of
from rig_world import ECR

IMAGE = f"{ECR}/team/app"
VARIABLE = "PURSER_SERVICE_ACCOUNT_TOKEN"
HALF_DAY = 12 * 3600
ONE = "system:serviceaccount:team-a:app"
OTHER = "system:serviceaccount:team-b:app"


class Types:
    """The program of tests/e2e/clients/kubelet."""

    def __init__(self):
        self._program = rig_clients.client("kubelet-types")

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess:
        return subprocess.run([self._program, *arguments], input=stdin, capture_output=True, text=True, timeout=30)

    def request(self, version: str, image: str, *account: str) -> str:
        done = self.run("request", version, image, *account)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def understood(self, version: str, answer: str) -> dict:
        done = self.run("response", version, stdin=answer)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


@pytest.fixture(scope="module")
def types() -> Types:
    return Types()


@pytest.fixture
def kubelet(home) -> Kubelet:
    home.start_daemon()
    return Kubelet(home)


@pytest.fixture
def prod(kubelet) -> Kubelet:
    kubelet.home.keys_in_environment(PROD)
    return kubelet


def log_in(home, registry: str, username: str, secret: str) -> None:
    home.helper("store", json.dumps({"ServerURL": registry, "Username": username, "Secret": secret})).ok()


# The API.


@pytest.mark.parametrize("version", KUBELET_VERSIONS)
def test_the_kubelet_understands_the_answer(types, prod, version):
    outcome = prod.send(types.request(version, IMAGE)).ok()
    assert outcome.stderr == ""
    answer = types.understood(version, outcome.stdout)
    credential = answer["auth"][ECR]
    assert (credential["Username"], credential["Password"]) == ("AWS", prod.home.get(ECR)["Secret"])
    assert answer["cacheKeyType"] == "Registry"
    assert HALF_DAY / 2 - 60 <= answer["cacheSeconds"] <= HALF_DAY / 2


@pytest.mark.parametrize("version", KUBELET_VERSIONS)
def test_no_credential_is_an_answer_that_nobody_keeps(types, kubelet, version):
    outcome = kubelet.send(types.request(version, "other.example.test/app")).ok()
    answer = types.understood(version, outcome.stdout)
    assert (answer["auth"] or {}, answer["cacheSeconds"]) == ({}, 0)


def test_the_decoder_is_as_strict_as_the_kubelets(types, prod):
    """The guard of the guard: what the kubelet refuses, the program refuses."""
    answer = prod.provide(IMAGE)
    assert types.run("response", "v1", stdin=json.dumps(answer)).returncode == 0
    twice = json.dumps(answer)[:-1] + ',"cacheDuration":"1s"}'
    for wrong in (json.dumps(answer | {"more": 1}), twice, json.dumps(answer | {"cacheDuration": "soon"}),
                  json.dumps(answer | {"kind": "CredentialProviderRequest"})):
        assert types.run("response", "v1", stdin=wrong).returncode != 0, wrong
    assert types.run("response", "v1beta1", stdin=json.dumps(answer)).returncode != 0


@pytest.mark.parametrize("sent", [
    "", "{}", "[]", "not json", '{"kind":"CredentialProviderRequest","apiVersion":"v1","image":"a.example/b"}',
    '{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v2","image":"a.example/b"}',
    '{"kind":"Pod","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"a.example/b"}',
    '{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1","image":"a.example/b",'
    '"image":"c.example/b"}'])
def test_a_request_that_is_none_is_an_error(kubelet, sent):
    assert "a.example" not in error_line(kubelet.send(sent))


def test_what_a_later_kubelet_may_add_is_not_passed_over(prod):
    """It may say for whom a credential is asked, as serviceAccountToken once did."""
    assert '"forWhom" is not known here' in prod.refused(IMAGE, forWhom="somebody")


@pytest.mark.parametrize("image", ["a.example\r\nX: y/b", f"{ECR}@evil.example/b", "*.example/b", "https://a.example/b",
                                   "/b", "a.ex%61mple/b"])
def test_an_image_that_is_none_is_an_error(prod, image):
    assert "HOST[:PORT]/REPOSITORY" in prod.refused(image)


def test_strings_survive_the_way_there_and_back(types, kubelet, home):
    for username, secret in (("jürgen", 'fake"pass\\word\t€'), ("a:b", "fake\u2028</script>\u007f\U0001f511")):
        log_in(home, "r.example.test:5000", username, secret)
        outcome = kubelet.ask("r.example.test:5000/app").ok()
        answer = types.understood("v1", outcome.stdout)
        assert answer["auth"] == {"r.example.test:5000": {"Username": username, "Password": secret}}
        assert (answer["cacheKeyType"], answer["cacheSeconds"]) == ("Image", 60), "it may be changed any time"


def test_an_identity_token_is_not_handed_out(kubelet, home):
    log_in(home, "r.example.test", "<token>", "fake-identity-token")
    line = kubelet.refused("r.example.test/app")
    assert "log in" in line and "fake" not in line


def test_docker_hub_is_what_the_kubelet_calls_it(kubelet, home):
    log_in(home, "https://index.docker.io/v1/", "ann", "fake-password")
    assert list(kubelet.provide("docker.io/library/alpine")["auth"]) == ["docker.io"]


def test_the_registry_is_spelled_as_in_the_image(prod):
    """The kubelet compares the texts."""
    assert list(prod.provide(f"{ECR}:443/team/app")["auth"]) == [f"{ECR}:443"]


def test_a_failure_is_one_line_on_standard_error(world, prod):
    world.ecr.script(Behaviour("error", code="AccessDeniedException", status=400))
    assert "ecr:GetAuthorizationToken" in prod.refused(IMAGE)


def test_what_a_rule_for_a_repository_may_replace_is_for_one_image(aws, kubelet, home):
    home.profile("prod", PROD)
    home.profile("dev", DEV)
    home.purser_config({"match": ECR, "provider": "ecr", "profile": "prod"},
                       {"match": f"{ECR}/team-a/*", "provider": "ecr", "profile": "dev"})
    for repository, label in (("team-a/app", "dev"), ("team-b/app", "prod")):
        answer = kubelet.provide(f"{ECR}/{repository}")
        assert answer["cacheKeyType"] == "Image"
        assert aws.whose({"Secret": answer["auth"][ECR]["password"]}) == label


def test_the_audit_log_knows_the_front_end(prod):
    prod.provide(IMAGE)
    event = prod.home.answered(ECR)[-1]
    assert (event["verb"], event["registry"], event["outcome"]) == ("kubelet-get", IMAGE, "ok")


# Service accounts.


class Accounts:
    """A node whose rule shows a pod's token for the role "pull", and what its pods' images are pulled with."""

    def __init__(self, aws, kubelet: Kubelet):
        self.aws = aws
        self.kubelet = kubelet
        kubelet.home.environment.update(aws.endpoints)
        aws.sts.register(aws.gitlab)
        aws.sts.allow(arn("pull"), subjects=(ONE, OTHER))
        kubelet.home.purser_config({"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr", "role_arn": arn("pull"),
                                    "web_identity": {"env": VARIABLE}}, log={"level": "debug"})

    def token(self, subject: str) -> str:
        return self.aws.gitlab.token(subject)

    def whose(self, subject: str) -> str:
        answer = self.kubelet.provide(IMAGE, serviceAccountToken=self.token(subject))
        return self.aws.whose({"Secret": answer["auth"][ECR]["password"]})


@pytest.fixture
def accounts(aws, kubelet) -> Accounts:
    return Accounts(aws, kubelet)


def test_each_account_has_its_own_token(accounts, world):
    for subject in (ONE, OTHER, ONE, OTHER):
        assert accounts.whose(subject) == f"role pull of {subject}"
    assert len(world.ecr.calls()) == 2, "a later token of an account is the same identity"


def test_an_accounts_token_is_shown_to_sts_and_to_nobody_else(accounts):
    token = accounts.token(ONE)
    accounts.kubelet.provide(IMAGE, serviceAccountToken=token, serviceAccountAnnotations={"example.com/team": "a"})
    assert [call.form["WebIdentityToken"] for call in accounts.aws.sts.calls()] == [token]
    assert token not in (accounts.kubelet.home.folder / "purserd.log").read_text()
    assert token not in json.dumps(accounts.kubelet.home.audit())


def test_an_account_whose_token_nothing_uses_is_refused_and_not_given_the_nodes(aws, world, prod):
    """What the node has, every pod would have."""
    line = prod.refused(IMAGE, serviceAccountToken=aws.gitlab.token(ONE))
    assert VARIABLE in line and "tokenAttributes" in line
    log_in(prod.home, "r.example.test", "ann", "fake-password")
    assert VARIABLE in prod.refused("r.example.test/app", serviceAccountToken=aws.gitlab.token(ONE))
    assert VARIABLE in prod.refused(IMAGE, serviceAccountAnnotations={"example.com/role": "x"})
    assert world.ecr.calls() == []


def test_an_account_is_not_given_what_somebody_logged_in_with(accounts):
    log_in(accounts.kubelet.home, ECR, "AWS", "fake-password-of-a-person")
    assert accounts.whose(ONE) == f"role pull of {ONE}"


def test_an_account_without_a_token_is_not_given_the_kubelets(accounts):
    variables = {VARIABLE: accounts.token(ONE), **environment_of(PROD)}
    request = json.dumps({"kind": "CredentialProviderRequest",
                          "apiVersion": "credentialprovider.kubelet.k8s.io/v1", "image": IMAGE})
    assert VARIABLE in error_line(accounts.kubelet.send(request, **variables))


def test_a_token_cannot_bring_variables_along(accounts):
    for token in (f"{accounts.token(ONE)}\0AWS_PROFILE=prod", "a b", "", "a\nb"):
        assert "serviceAccountToken is no token" in accounts.kubelet.refused(IMAGE, serviceAccountToken=token)


def test_public_images_of_an_account_need_nobody(accounts):
    answer = accounts.kubelet.provide("other.example.test/app", serviceAccountToken=accounts.token(ONE))
    assert answer["auth"] == {}


def test_the_kubelets_own_request_for_an_account(types, accounts):
    token = accounts.token(ONE)
    outcome = accounts.kubelet.send(types.request("v1", IMAGE, token, "example.com/team=a")).ok()
    assert ECR in types.understood("v1", outcome.stdout)["auth"]
