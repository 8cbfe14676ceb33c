"""What real clients wrote when somebody logged in, imported; and the same clients afterwards."""

import json
import os
import pathlib

import pytest

import rig_registry
from conftest import CONFIG, auth
from rig_clients import client, missing

PASSWORD = "fake-password:of-ann"


@pytest.fixture
def registry(user):
    """host:port of a registry on plain HTTP that knows ann and her password."""
    if not os.path.exists(rig_registry.DOCKER_REGISTRY):
        missing("docker-registry", "scripts/install installs it")
    running = rig_registry.Registry(user.folder / "registry", rig_registry.Htpasswd({"ann": PASSWORD}))
    yield "{}:{}".format(*running.address)
    running.stop()


def test_what_docker_login_wrote(user, registry):
    docker = client("docker")
    file = user.config({"other.example": {"auth": auth("bob", "fake-other")}}, credsStore=None)
    nowhere = f"unix://{user.folder}/no-docker.sock"  # it asks the registry itself
    user.run(docker, "login", "-u", "ann", "--password-stdin", registry, stdin=PASSWORD, DOCKER_HOST=nowhere).ok()
    written = json.loads(file.read_text())
    assert written["auths"][registry] == {"auth": auth("ann", PASSWORD)}
    file.write_text(json.dumps({**written, "credsStore": "purser"}))  # as purser setup does
    before = file.read_bytes()

    user.imported()
    assert user.files_with(PASSWORD, f"ann:{PASSWORD}") == []
    # It begins with what is stored; the rest wants an engine.
    assert "[Username: ann]" in user.run(docker, "login", registry, DOCKER_HOST=nowhere).output
    user.imported("--undo")
    assert file.read_bytes() == before


def test_what_skopeo_login_wrote(user, registry):
    skopeo = client("skopeo")
    file = user.home / ".config/containers/auth.json"
    user.containers_helper()
    conf = pathlib.Path(user.environment["CONTAINERS_REGISTRIES_CONF"])
    ours = conf.read_text()
    conf.write_text("")
    words = ("--tls-verify=false", f"--authfile={file}")
    user.run(skopeo, "login", *words, "-u", "ann", "--password-stdin", registry, stdin=PASSWORD).ok()
    assert json.loads(file.read_text())["auths"][registry] == {"auth": auth("ann", PASSWORD)}

    assert "its plain text stays" in user.imported().stdout
    conf.write_text(ours)
    user.imported()
    assert user.files_with(PASSWORD, f"ann:{PASSWORD}") == [] and CONFIG not in str(file)
    done = user.run(skopeo, "login", "--tls-verify=false", "--get-login", registry).ok()
    assert done.stdout.strip() == "ann"


def test_what_crane_does_afterwards(user, registry):
    crane = client("crane")
    user.config({registry: {"auth": auth("ann", PASSWORD)}})
    user.imported()
    user.run(crane, "catalog", registry).ok()
    user.helper("erase", registry).ok()
    assert user.run(crane, "catalog", registry).status != 0, "it needs what was imported"


def test_the_first_day(user):
    """Import, setup, import: at no moment would a pull fail."""
    docker = user.config({"a.example": {"auth": auth("ann", PASSWORD)}}, credsStore=None)
    podman = user.config({"b.example": {"auth": auth("ann", PASSWORD)}}, path=".config/containers/auth.json",
                         credsStore=None)
    before = docker.read_bytes(), podman.read_bytes()
    assert "purser setup" in user.imported().stdout
    assert (docker.read_bytes(), podman.read_bytes()) == before
    user.run(str(user.programs / "purser"), "setup", "docker", "podman", "--yes").ok()
    user.imported()
    assert user.files_with(PASSWORD, f"ann:{PASSWORD}") == []
    assert user.stored("a.example") == user.stored("b.example") == ("ann", PASSWORD)
