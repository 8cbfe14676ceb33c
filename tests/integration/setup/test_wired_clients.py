"""Real clients find purser through what setup wrote, and nothing else."""

import base64
import json

import pytest

import rig_clients
from rig_home import Home

HOST = "registry.example.org"
SECRET = "fake-password"


@pytest.fixture
def home(tmp_path):
    """Somebody whose purser keeps a login, and who ran setup."""
    home = Home(tmp_path)
    login = {"ServerURL": HOST, "Username": "robot", "Secret": SECRET}
    home.helper("store", json.dumps(login)).ok()
    yield home
    home.stop()


def wire(home, *words):
    return home.run(str(home.programs / "purser"), "setup", "--yes", *words).ok()


@pytest.mark.parametrize("which", ["debian", "newest"])
def test_docker(home, which):
    docker = rig_clients.docker_client(which)
    wire(home, "docker")
    home.run(docker, "logout", HOST).ok()
    assert "not found" in home.helper("get", HOST).stdout, "docker did not ask purser to erase it"


@pytest.mark.parametrize("words", [[], ["--registry", HOST]])
def test_podman(home, words):
    podman = rig_clients.client("podman")
    wire(home, "podman", *words)
    assert home.run(podman, "login", "--get-login", HOST).ok().stdout == "robot\n"


@pytest.mark.parametrize("name", ["skopeo", "buildah"])
def test_skopeo_and_buildah(home, name):
    client = rig_clients.client(name)
    wire(home, name)
    assert home.run(client, "login", "--get-login", HOST).ok().stdout == "robot\n"
    home.run(str(home.programs / "purser"), "setup", "--undo", "--yes").ok()
    assert home.run(client, "login", "--get-login", HOST).status != 0


def test_podman_with_a_registries_conf_of_its_own(home):
    podman = rig_clients.client("podman")
    home.write(".config/containers/registries.conf", 'unqualified-search-registries = ["registry.example.com"]\n')
    wire(home, "podman")
    assert home.run(podman, "login", "--get-login", HOST).ok().stdout == "robot\n"
    named = home.write("named.conf", "short-name-mode = 'disabled'\n")
    variables = {"CONTAINERS_REGISTRIES_CONF": str(named)}
    assert home.run(podman, "login", "--get-login", HOST, **variables).ok().stdout == "robot\n"


def test_crane(home):
    crane = rig_clients.client("crane")
    wire(home, "crane")
    answer = json.loads(home.run(crane, "auth", "get", HOST).ok().stdout)
    assert (answer["Username"], answer["Secret"]) == ("robot", SECRET)


def test_oras(home):
    oras = rig_clients.client("oras")
    wire(home, "oras")
    home.run(oras, "logout", HOST).ok()
    assert "not found" in home.helper("get", HOST).stdout


@pytest.mark.parametrize("which", ["helm3", "helm4"])
def test_helm(home, which):
    helm = rig_clients.client(which)
    wire(home, "helm")
    home.run(helm, "registry", "logout", HOST).ok()
    assert "not found" in home.helper("get", HOST).stdout
    assert base64.b64encode(SECRET.encode()).decode() not in (home.home / ".config/helm/registry/config.json").read_text()
