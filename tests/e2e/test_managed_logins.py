"""docker login and logout at a registry that purser obtains tokens for: login scripts go on working, nothing is pinned."""

import json

import pytest

from rig_ecr import DEV, PROD
from rig_engine_logins import DebianDocker, Docker, DockerPy, NewestDocker
from rig_home import Home
from rig_logins import Regctl
from rig_world import ECR


@pytest.fixture(params=[DebianDocker, NewestDocker], ids=["debian", "newest"])
def docker(request, world, home, folder, engine) -> Docker:
    home.keys_in_environment(PROD)
    return request.param(home, folder, engine.host)


def test_a_login_without_a_password_pins_nothing(world, home, docker, repository):
    """docker stores what it was handed out."""
    docker.run("login", ECR).ok()
    assert [event["verb"] for event in home.answered(ECR)] == ["get", "store"]
    _nothing_is_written_down(home)
    docker.push(ECR, repository).ok()
    assert len(world.ecr.calls()) == 1


def test_a_logout_is_a_new_token(world, home, docker, repository):
    docker.push(ECR, repository).ok()
    docker.logout(ECR).ok()
    docker.pull(ECR, repository).ok()
    assert len(world.ecr.calls()) == 2
    assert home.get(ECR)["Username"] == "AWS"


def test_a_login_script_counts_until_the_logout(world, home, docker, repository, new_home):
    """`aws ecr get-login-password | docker login`, with somebody else's keys."""
    somebody = new_home()
    somebody.keys_in_environment(DEV)
    docker.login(ECR, "AWS", somebody.get(ECR)["Secret"]).ok()
    _nothing_is_written_down(home)
    assert _pushed_as(world, docker, repository) == {"dev"}
    docker.logout(ECR).ok()
    assert _pushed_as(world, docker, repository) == {"prod"}


def test_a_wrong_password_takes_nothing_away(world, home, docker, repository):
    assert docker.login(ECR, "AWS", "fake-and-wrong").status != 0
    docker.push(ECR, repository).ok()


@pytest.mark.parametrize("kind", [Regctl, DockerPy], ids=["regctl", "docker-py"])
def test_clients_that_cannot_log_in_need_no_login(world, home, folder, engine, repository, kind):
    """The others: see test_clients.py. regctl takes along what is listed, and tokens are not: it wants the registry by name."""
    home.keys_in_environment(PROD)
    client = kind(home, folder, engine.host)
    home.write(".docker/config.json", json.dumps({"credsStore": "purser", "credHelpers": {ECR: "purser"}}))
    assert _pushed_as(world, client, repository) == {"prod"}
    client.pull(ECR, repository).ok()


def _pushed_as(world, client, repository) -> set[str]:
    before = len(world.ecr.ledger.shown())
    client.push(ECR, repository).ok()
    return {shown.label for shown in world.ecr.ledger.shown()[before:]}


def _nothing_is_written_down(home: Home) -> None:
    assert json.loads(home.helper("list", "unused").ok().stdout) == {}
    assert not (home.home / ".local/state/purser/credentials").exists()
