"""What is left in the daemon's memory of secrets that it has used: root, who alone may look, finds no copy in plain text.

Not while they are kept, sealed, and not after they were erased or have expired.
"""

import base64
import json

import pytest

import rig_memory
from rig_aws import ACCOUNT, arn
from rig_ecr import PROD, SESSION, Behaviour
from rig_home import environment_of
from rig_process import NotReady, wait_until
from rig_signature import AccessKey
from rig_sso import REGION, START_URL, write_token
from rig_web_identity import web_identity_token
from rig_world import ECR

ALWAYS = -1
SECONDS = 1  # in which every copy has to be gone
OTHER = "registry.example.test"


def forms_of_answer(answer: dict) -> dict[str, str]:
    """A password, and as ECR sends it."""
    password = answer["Secret"]
    return {"password": password, "ECR's token": base64.b64encode(f"AWS:{password}".encode()).decode()}


def forms_of_key(key: AccessKey) -> dict[str, str]:
    return {"secret of a key": key.secret, "session token": key.session_token or key.secret}


@pytest.fixture
def daemon(aws_home):
    return aws_home.start_daemon()


@pytest.fixture
def nothing_is_left(daemon):
    def check(*secrets: dict[str, str]) -> None:
        all_of_them = {name: text for each in secrets for name, text in each.items()}
        try:
            wait_until(lambda: not rig_memory.copies(daemon.pid, all_of_them), SECONDS, "")
        except NotReady:  # a look takes its time, too: the one that counts is the first after all of these seconds
            if left := rig_memory.copies(daemon.pid, all_of_them):
                pytest.fail(f"after {SECONDS} s: pieces of {left}")

    return check


def test_the_search_finds_what_is_there(aws_home, daemon):
    aws_home.get(ECR, **environment_of(PROD))
    assert rig_memory.copies(daemon.pid, {"registry": ECR, "nothing": "f" * 64}).keys() == {"registry"}


def test_keys_of_the_asker(aws_home, nothing_is_left):
    for key in (PROD, SESSION):
        answers = [aws_home.get(ECR, **environment_of(key)) for _ in range(3)]
        nothing_is_left(forms_of_key(key), forms_of_answer(answers[0]))


def test_a_role_from_its_begin_to_its_end(aws, aws_home, nothing_is_left):
    aws.sts.allow(arn("deploy"), "prod")
    aws.sts.lifetime = aws.ecr.lifetime = 4
    aws_home.profile("base", PROD)
    aws_home.aws_config(deploy={"role_arn": arn("deploy"), "source_profile": "base"})
    answer = aws_home.get(ECR, AWS_PROFILE="deploy")
    secrets = (forms_of_key(PROD), forms_of_key(aws.sts.issued[0]), forms_of_answer(answer))
    nothing_is_left(*secrets)
    wait_until(lambda: aws.expired(aws.sts.issued[0]), 10, "the end of the session")
    nothing_is_left(*secrets)
    answer = aws_home.get(ECR, AWS_PROFILE="deploy")
    nothing_is_left(*secrets, forms_of_key(aws.sts.issued[-1]), forms_of_answer(answer))


def test_a_pods_and_a_containers_tokens(aws, aws_home, nothing_is_left):
    aws.sts.allow(arn("deploy"))
    token = web_identity_token("system:serviceaccount:team:app")
    aws.sts.trust(token, arn("deploy"))
    pod = {"AWS_WEB_IDENTITY_TOKEN_FILE": str(aws_home.write("var/token", token)), "AWS_ROLE_ARN": arn("deploy")}
    aws.container.authorization = "Basic FAKE-agent/token/that/is/long/enough=="
    task = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": aws.container.uri,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": aws.container.authorization}
    tokens = {"web identity": token, "agent's token": aws.container.authorization}
    for variables in (pod, task):
        answer = aws_home.get(ECR, **variables)
        nothing_is_left(tokens, forms_of_key(aws.issued()[-1]), forms_of_answer(answer))


def test_a_session_of_sso(aws, aws_home, nothing_is_left):
    aws.sso.assign(ACCOUNT, "Dev")
    aws_home.aws_config({"corp": {"sso_region": REGION, "sso_start_url": START_URL}},
                        dev={"sso_session": "corp", "sso_account_id": ACCOUNT, "sso_role_name": "Dev"})
    write_token(aws_home, "corp", aws.sso.log_in(240))
    answer = aws_home.get(ECR, AWS_PROFILE="dev")
    assert aws.counts() == {"oidc": 1, "sso": 1, "ecr": 1}
    tokens = {f"token {number}": text for number, text in enumerate(aws.sso.secrets())}
    nothing_is_left(tokens, forms_of_key(aws.sso.issued[0]), forms_of_answer(answer))


def test_what_aws_refuses(aws, aws_home, nothing_is_left):
    wrong = AccessKey("wrong", PROD.key_id, "fake/secret/that/is/wrong/and/long/0000")
    aws_home.refused(ECR, **environment_of(wrong))
    nothing_is_left(forms_of_key(wrong))
    aws.ecr.script(Behaviour("truncate", ALWAYS))
    aws_home.refused(ECR, **environment_of(SESSION))
    nothing_is_left(forms_of_key(SESSION))


def test_what_was_stored_and_erased(aws_home, nothing_is_left):
    secret = {"stored": "fake-password-that-somebody-stored/" + "0123456789" * 20}
    message = {"ServerURL": OTHER, "Username": "bob", "Secret": secret["stored"]}
    aws_home.helper("store", json.dumps(message)).ok()
    assert aws_home.get(OTHER)["Secret"] == secret["stored"]
    nothing_is_left(secret)
    aws_home.helper("erase", OTHER).ok()
    nothing_is_left(secret)


def test_a_token_that_was_erased(aws_home, nothing_is_left):
    answer = aws_home.get(ECR, **environment_of(PROD))
    aws_home.helper("erase", ECR, **environment_of(PROD)).ok()
    nothing_is_left(forms_of_answer(answer))
