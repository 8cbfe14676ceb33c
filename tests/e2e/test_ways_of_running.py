"""docs/aws.md promises for each way of running what has to be configured: it is read from there, and crane pushes with it.

Names and addresses are the real ones, and lead to the fakes. Only files in folders that are not the user's are moved
below HOME, and keys are put in for those of the page.
"""

import dataclasses
import json
import pathlib
import re
from collections.abc import Callable

import pytest

import rig_clients
from rig_aws import ACCOUNT, arn
from rig_ecr import DEV, PROD
from rig_engine import layer
from rig_home import Home, environment_of
from rig_sso import write_token
from rig_signin import write_session
from rig_web_identity import web_identity_token
from rig_world import ECR, OTHER_ACCOUNT

PAGE = pathlib.Path(__file__).parents[2] / "docs/aws.md"
SUBJECT = "repo:team/app:ref:refs/heads/main"
POD_TOKEN = "FAKE-pod-identity-token"


@dataclasses.dataclass
class Stage:
    """What a way of running takes place on. `blocks` are those of the page, by kind."""

    world: object
    aws: object
    home: Home
    blocks: dict[str, list[str]]

    def write_file_of(self, variable: str, text: str) -> None:
        """The platform's file that the page's variable names, below HOME."""
        self.home.environment[variable] = str(self.home.write(f"platform/{variable}", text))


def sso(stage: Stage) -> str:
    label = stage.aws.sso.assign(ACCOUNT, "Developer")
    write_token(stage.home, "company", stage.aws.sso.log_in())
    stage.home.environment["AWS_PROFILE"] = "dev"
    return label


def login(stage: Stage) -> str:
    write_session(stage.home, stage.aws.signin.log_in(), "arn:aws:iam::123456789012:user/ann")
    stage.home.environment["AWS_PROFILE"] = "dev"
    return "login admin"


def key_and_role(stage: Stage) -> str:
    stage.home.profile("base", PROD)
    stage.aws.sts.allow(arn("deploy"), "prod", external_id="only-where-the-trust-policy-wants-it")
    stage.home.environment["AWS_PROFILE"] = "deploy"
    return "role deploy"


def instance(stage: Stage) -> str:
    stage.world.sink.lead("169.254.169.254", stage.aws.imds.address)
    return "machine"


def task(stage: Stage) -> str:
    stage.world.sink.lead("169.254.170.2", stage.aws.container.address)
    return "container"


def pod(stage: Stage) -> str:
    stage.world.sink.lead("169.254.170.23", stage.aws.container.address)
    stage.aws.container.authorization = POD_TOKEN
    stage.write_file_of("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", POD_TOKEN)
    return "container"


def service_account(stage: Stage) -> str:
    token = web_identity_token("system:serviceaccount:team:app")
    stage.aws.sts.allow(arn("deploy"))
    stage.aws.sts.trust(token, arn("deploy"))
    stage.write_file_of("AWS_WEB_IDENTITY_TOKEN_FILE", token)
    return "role deploy"


def jenkins(stage: Stage) -> str:
    stage.home.keys_in_environment(DEV)
    return "dev"


def program(stage: Stage) -> str:
    """Installed where the page's rule has PATH lead to."""
    answer = {"Version": 1, "AccessKeyId": PROD.key_id, "SecretAccessKey": PROD.secret}
    script = f"#!/bin/sh\n[ \"$*\" = 'exec company --json' ] && [ -n \"$VAULT_ADDR\" ] && echo '{json.dumps(answer)}'\n"
    installed = stage.home.write("opt/aws-vault", script)
    installed.chmod(0o700)
    stage.blocks["jsonc"] = [stage.blocks["jsonc"][0].replace("/opt/vault/bin", str(installed.parent))]
    stage.home.environment["AWS_PROFILE"] = "vault"
    return "prod"


def roles_of_accounts(stage: Stage) -> str:
    stage.home.keys_in_environment(PROD)
    for account in (ACCOUNT, OTHER_ACCOUNT.partition(".")[0]):
        stage.aws.sts.allow(f"arn:aws:iam::{account}:role/push", "prod")
    return "role push"


def github(stage: Stage) -> str:
    stage.aws.sts.register(stage.aws.actions.issuer)
    stage.aws.sts.allow(arn("ci"), subjects=(SUBJECT,))
    stage.home.environment.update(stage.aws.actions.start_job(SUBJECT).variables)
    return f"role ci of {SUBJECT}"


def gitlab(stage: Stage) -> str:
    stage.aws.sts.register(stage.aws.gitlab)
    stage.aws.sts.allow(arn("ci"), subjects=(SUBJECT,))
    stage.home.environment["AWS_ID_TOKEN"] = stage.aws.gitlab.token(SUBJECT)
    return f"role ci of {SUBJECT}"


def file_of_rule(stage: Stage) -> str:
    """The page has a piece of a rule in a line."""
    token = web_identity_token("some job")
    stage.aws.sts.allow(arn("ci"))
    stage.aws.sts.trust(token, arn("ci"))
    file = stage.home.write("run/token", token)
    piece = re.search(r'"web_identity": \{ "file": "([^"]+)" \}', PAGE.read_text())
    rule = {"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr", "role_arn": arn("ci"),
            **json.loads("{" + piece.group(0).replace(piece.group(1), str(file)) + "}")}
    stage.home.purser_config(rule)
    return "role ci"


WAYS: dict[str, Callable[[Stage], str]] = {
    "A laptop with IAM Identity Center (SSO)": sso,
    "A laptop with `aws login`": login,
    "A laptop or a runner with a key and a role": key_and_role,
    "EC2 with an instance profile": instance,
    "ECS with a task role": task,
    "EKS with Pod Identity": pod,
    "EKS with IRSA": service_account,
    "Jenkins with keys among its credentials": jenkins,
    "A program that gives keys": program,
    "One runner, a role for each account": roles_of_accounts,
    "GitHub Actions": github,
    "GitLab": gitlab,
    "A token in a file that something else renews": file_of_rule,
}


def sections() -> dict[str, str]:
    """The ways of running on the page, and what it says of each."""
    text = re.search(r"^## Ways of running\n(.*?)^## What is kept", PAGE.read_text(), re.S | re.M).group(1)
    parts = re.split(r"^###? (.*)\n", text, flags=re.M)
    return {title: content for title, content in zip(parts[1::2], parts[2::2]) if title != "CI jobs"}


def test_every_way_on_the_page_is_walked():
    assert list(sections()) == list(WAYS)


@pytest.mark.parametrize("way", WAYS)
def test_what_the_page_says_is_enough(world, aws, home, folder, repository, way):
    blocks: dict[str, list[str]] = {}
    for kind, content in re.findall(r"^```(\w+)\n(.*?)^```", sections()[way], re.S | re.M):
        blocks.setdefault(kind, []).append(content)
    platform = [line for block in blocks.get("sh", []) for line in block.splitlines()]
    home.environment.update(line.split("=", 1) for line in platform)
    stage = Stage(world, aws, home, blocks)
    expected = WAYS[way](stage)
    for config in blocks.get("ini", []):
        home.write(".aws/config", config)
    for config in blocks.get("jsonc", []):
        home.write(".config/purser/config.json", config)
    home.creds_store()
    shown_before = len(world.ecr.ledger.shown())
    hosts = (ECR, OTHER_ACCOUNT) if way.startswith("One runner") else (ECR,)
    try:
        for host in hosts:
            home.run(rig_clients.client("crane"), "append", "-f", str(layer(folder / "layer.tar")), "-t",
                     f"{host}/{repository}:1").ok()
    finally:
        world.sink.lead_nowhere()
    shown = world.ecr.ledger.shown()[shown_before:]
    assert {each.host for each in shown} == set(hosts)
    assert {each.label for each in shown} == {expected}
