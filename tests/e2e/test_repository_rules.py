"""A rule for each team's repositories: crane's one line of configuration, and an identity for each of them.

crane names the repository where purser is its credsStore (it asks for host/repository first), and only the host where
purser is a credHelper.
"""

import pytest

import rig_clients
from rig_aws import arn
from rig_ecr import PROD
from rig_engine import layer
from rig_world import ECR

TEAMS = ("team-a", "team-b")


@pytest.fixture
def user(aws, aws_home):
    """Has keys in the environment, and rules that each team's repositories are for a role."""
    aws_home.keys_in_environment(PROD)
    aws_home.purser_config(*({"match": f"{ECR}/{team}/*", "provider": "ecr", "role_arn": arn(team)} for team in TEAMS))
    aws_home.creds_store()
    return aws_home


@pytest.fixture
def crane(user, folder):
    program = rig_clients.client("crane")
    content = str(layer(folder / "layer.tar"))

    def run(verb: str, *images: str):
        if verb == "push":
            return user.run(program, "append", "-f", content, "-t", *images)
        return user.run(program, verb, *images)

    return run


@pytest.fixture
def identities(world):
    """Who showed himself for the repositories of a team, since the test began."""
    before = len(world.ecr.ledger.shown())

    def find(team: str) -> set[str]:
        shown = world.ecr.ledger.shown()[before:]
        return {each.label for each in shown if each.host == ECR and each.path.startswith(f"/v2/{team}/")}

    return find


def test_each_teams_repositories_have_an_identity(aws, crane, identities, repository):
    for team in TEAMS:
        aws.sts.allow(arn(team), "prod")
    for team in (*TEAMS, "others"):
        image = f"{ECR}/{team}/{repository}:1"
        crane("push", image).ok()
        crane("manifest", image).ok()
    assert [identities(team) for team in TEAMS] == [{f"role {team}"} for team in TEAMS]
    assert identities("others") == {"prod"}, "what no rule claims is for the keys of whoever asks"
    assert aws.counts() == {"sts": 2, "ecr": 3}


def test_one_run_with_two_identities(aws, crane, identities, repository):
    for team in TEAMS:
        aws.sts.allow(arn(team), "prod")
    first, second = (f"{ECR}/{team}/{repository}:1" for team in TEAMS)
    crane("push", first).ok()
    crane("copy", first, second).ok()
    assert [identities(team) for team in TEAMS] == [{f"role {team}"} for team in TEAMS]


def test_an_identity_that_fails_is_not_replaced_by_another(aws, crane, identities, repository):
    """Neither by nobody, nor by the keys that the other repositories are used with."""
    aws.sts.allow(arn("team-b"), "prod")
    refused = crane("push", f"{ECR}/team-a/{repository}:1")
    assert refused.status != 0 and arn("team-a") in refused.output and "sts:AssumeRole" in refused.output
    assert identities("team-a") == set()
    crane("push", f"{ECR}/team-b/{repository}:1").ok()


def test_who_is_asked_for_a_host_alone_knows_no_repository(aws, user, crane, identities, repository):
    user.cred_helpers(ECR)
    for team in TEAMS:
        crane("push", f"{ECR}/{team}/{repository}:1").ok()
        assert identities(team) == {"prod"}
    assert aws.counts() == {"ecr": 1}
