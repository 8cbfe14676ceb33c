"""Building on a private base image: the old builder lists all credentials and gets each, BuildKit asks for one."""

import json
import os

import pytest

import rig_clients
from rig_ecr import PROD
from rig_engine_logins import DebianDocker, Docker, NewestDocker
from rig_world import ECR, IDENTITY, LOCAL, user_of

# docker, and the builder: that of the engine without BuildKit, BuildKit within the engine, BuildKit by way of buildx.
BUILDERS = {
    "debian": (DebianDocker, "0"), "newest": (NewestDocker, "0"),
    "debian-buildkit": (DebianDocker, "1"), "newest-buildx": (NewestDocker, "1"),
}


@pytest.fixture(params=BUILDERS)
def docker(request, world, home, folder, engine):
    kind, buildkit = BUILDERS[request.param]
    client = kind(home, folder, engine.host)
    home.environment["DOCKER_BUILDKIT"] = buildkit
    if "buildx" in request.param:
        plugins = home.home / ".docker/cli-plugins"
        plugins.mkdir()
        (plugins / "docker-buildx").symlink_to(rig_clients.client("buildx"))
    return client


@pytest.mark.parametrize("registry", [LOCAL, IDENTITY])
def test_a_private_base_image(home, docker, repository, registry):
    docker.login(registry, *user_of(registry)).ok()
    docker.push(registry, repository).ok()
    _build_from(docker, f"{registry}/{repository}:1").ok()
    docker.logout(registry).ok()
    docker.run("builder", "prune", "--all", "--force")
    assert _build_from(docker, f"{registry}/{repository}:1").status != 0, "logged out, and yet it builds"


def test_a_base_image_in_ecr(home, docker, repository):
    """The old builder lists what is stored, and tokens are not: it wants the registry by name."""
    home.keys_in_environment(PROD)
    home.write(".docker/config.json", json.dumps({"credsStore": "purser", "credHelpers": {ECR: "purser"}}))
    docker.push(ECR, repository).ok()
    _build_from(docker, f"{ECR}/{repository}:1").ok()


def _build_from(docker: Docker, image: str):
    (docker.folder / "Dockerfile").write_text(f"FROM {image}\nLABEL test={os.urandom(4).hex()}\n")
    built = docker.run("build", "--pull", "-t", "built:1", ".", seconds=110)
    docker.run("rmi", "built:1", image)
    return built
