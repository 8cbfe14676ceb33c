"""Logging in, pushing, pulling and logging out, with every client and with both kinds of registries: Basic, and Bearer
tokens from a token server (docker-registry verifies them) that also gives identity tokens."""

import json

import pytest

import rig_clients
import rig_logins
from rig_engine import layer
from rig_engine_logins import Buildah, DebianDocker, DockerPy, NewestDocker, Podman
from rig_go import go_environment, go_program
from rig_home import NOT_FOUND, Home
from rig_world import IDENTITY, LOCAL, PUBLIC, user_of

BOTH = (LOCAL, IDENTITY)
CLIENTS = {
    "docker-debian": DebianDocker, "docker-newest": NewestDocker, "podman": Podman, "buildah": Buildah,
    "skopeo": rig_logins.Skopeo, "crane": rig_logins.Crane, "oras": rig_logins.Oras, "helm3": rig_logins.Helm3,
    "helm4": rig_logins.Helm4, "regctl": rig_logins.Regctl, "docker-py": DockerPy,
}
# The engine asks for an identity token at a login, and docker stores that; the others store the password.
WITH_IDENTITY = ("docker-debian", "docker-newest")
NEEDS_ENGINE = (*WITH_IDENTITY, "docker-py")
# regctl stores its own logins itself, docker's library keeps them in memory: these two use what others stored.
LOGS_IN = [name for name, client in CLIENTS.items() if client.logins]


@pytest.fixture(params=CLIENTS)
def name(request) -> str:
    return request.param


@pytest.fixture
def client(request, name, world, home, folder) -> rig_logins.LoginClient:
    host = request.getfixturevalue("engine").host if name in NEEDS_ENGINE else ""
    return CLIENTS[name](home, folder, host)


def entries(home: Home) -> dict[str, str]:
    return json.loads(home.helper("list", "unused").ok().stdout)


def store(home: Home, registry: str, user: str, secret: str) -> None:
    home.helper("store", json.dumps({"ServerURL": registry, "Username": user, "Secret": secret})).ok()


def test_login_push_pull_logout(home, client, name, repository):
    for registry in BOTH:
        assert client.pull(registry, repository).status != 0, "nobody has logged in"
        if client.logins:
            client.login(registry, *user_of(registry)).ok()
        else:
            store(home, registry, *user_of(registry))
    stored = {registry: user_of(registry)[0] for registry in BOTH}
    if name in WITH_IDENTITY:
        stored[IDENTITY] = "<token>"
    assert entries(home) == stored
    for registry in BOTH:
        client.push(registry, repository).ok()
        client.pull(registry, repository).ok()
    left = list(BOTH)
    for registry in BOTH:
        client.logout(registry).ok() if client.logins else home.helper("erase", registry).ok()
        left.remove(registry)
        assert entries(home) == {other: stored[other] for other in left}
        assert home.helper("get", registry).stdout == NOT_FOUND + "\n"
        assert client.pull(registry, repository).status != 0, "logged out, and yet it pulls"
        for other in left:
            client.pull(other, repository).ok()


# crane does not try what it stores.
@pytest.mark.parametrize("name", [name for name in LOGS_IN if name != "crane"], indirect=True)
def test_a_wrong_password_is_not_stored(home, client, name):
    for registry in BOTH:
        assert client.login(registry, user_of(registry)[0], "fake-and-wrong").status != 0
    assert entries(home) == {}


def test_an_identity_token_is_used_as_one(world, home, client, name, repository):
    user = user_of(IDENTITY)[0]
    store(home, IDENTITY, "<token>", world.identity.identity(user))
    before = len(world.identity.asked())
    client.push(IDENTITY, repository).ok()
    client.pull(IDENTITY, repository).ok()
    asked = world.identity.asked()[before:]
    granted = [question for question in asked if question.user]
    assert granted and {question.grant for question in granted} == {"refresh_token"}
    assert {question.user for question in granted} == {user}


# What only some of them can.


@pytest.mark.parametrize("line", ["registries.conf", "credHelpers"])
@pytest.mark.parametrize("name", ["podman", "buildah", "skopeo"], indirect=True)
def test_containers_image_shows_logins_and_drops_them_all(home, client, name, line):
    if line == "credHelpers":
        del home.environment["CONTAINERS_REGISTRIES_CONF"]
        helpers = json.dumps({"credHelpers": {registry: "purser" for registry in BOTH}})
        home.environment["REGISTRY_AUTH_FILE"] = str(home.write("auth.json", helpers))
    for registry in BOTH:
        client.login(registry, *user_of(registry)).ok()
    assert client.run("login", "--get-login", IDENTITY).ok().stdout.strip() == user_of(IDENTITY)[0]
    client.logout("nobody.example.test").ok()
    assert set(entries(home)) == set(BOTH)
    client.run("logout", "--all").ok()
    assert entries(home) == {}
    assert client.run("login", "--get-login", IDENTITY).status != 0


@pytest.mark.parametrize("name", ["crane"], indirect=True)
def test_crane_shows_what_it_stored(home, client, name):
    client.login(LOCAL, *user_of(LOCAL)).ok()
    shown = json.loads(client.run("auth", "get", LOCAL).ok().stdout)
    assert (shown["Username"], shown["Secret"]) == user_of(LOCAL)
    nobody = client.run("auth", "get", IDENTITY)
    assert (nobody.status, nobody.stdout) == (1, NOT_FOUND + "\n")


@pytest.mark.parametrize("name", ["oras"], indirect=True)
def test_oras_stores_a_token_without_a_user_as_identity_token(world, home, client, name, repository):
    token = world.identity.identity(user_of(IDENTITY)[0])
    client.run("login", "--password-stdin", IDENTITY, stdin=token).ok()
    assert entries(home) == {IDENTITY: "<token>"}
    client.push(IDENTITY, repository).ok()


@pytest.mark.parametrize("name", ["helm3", "helm4"], indirect=True)
def test_helm_wants_a_user_name(home, client, name):
    """It lets registries that ask for nothing decide, and then stores an empty name: purser refuses what no other
    client could use."""
    refused = client.run("registry", "login", "--password-stdin", PUBLIC, stdin="fake-password")
    assert refused.status != 0 and "no credentials username" in refused.output
    assert entries(home) == {}


@pytest.mark.parametrize("name", ["regctl"], indirect=True)
def test_regctl_leaves_others_logins_alone(home, client, name):
    store(home, LOCAL, *user_of(LOCAL))
    user, password = user_of(IDENTITY)
    client.run("registry", "login", IDENTITY, "-u", user, "--pass-stdin", stdin=password).ok()
    client.run("registry", "logout", IDENTITY).ok()
    assert entries(home) == {LOCAL: user_of(LOCAL)[0]}


@pytest.mark.parametrize("name", ["docker-py"], indirect=True)
def test_dockers_library_for_python_has_the_store(home, client, name):
    script = """
import docker.credentials as credentials, json, sys
store = credentials.Store("purser", environment=None)
store.store("registry.example.test", "ann", "fake-password")
print(json.dumps([store.get("registry.example.test"), store.list()]))
store.erase("registry.example.test")
try:
    store.get("registry.example.test")
except credentials.CredentialsNotFound:
    sys.exit(0)
sys.exit("it is still there")
"""
    got, listed = json.loads(client.run("-c", script).ok().stdout)
    assert (got["Username"], got["Secret"]) == ("ann", "fake-password")
    assert listed == {"registry.example.test": "ann"}


# ko has no login of its own: it uses what others stored, for its base image and for what it builds.


@pytest.mark.parametrize("user", ["<token>", "name"])
def test_ko_builds_on_a_private_image(world, home, folder, repository, user):
    home.creds_store()
    name, password = user_of(IDENTITY)
    if user == "<token>":
        store(home, IDENTITY, "<token>", world.identity.identity(name))
    else:
        store(home, IDENTITY, name, password)
    crane = rig_clients.client("crane")
    base = f"{IDENTITY}/{repository}/base:1"
    home.run(crane, "append", "-f", str(layer(folder / "base.tar")), "-t", base).ok()
    home.run(crane, "mutate", "--set-platform", "linux/amd64", "-t", base, base).ok()
    built = home.run(
        rig_clients.client("ko"), "build", "--bare", "--sbom=none", ".", cwd=go_program(folder), seconds=240,
        KO_DOCKER_REPO=f"{IDENTITY}/{repository}", KO_DEFAULTBASEIMAGE=base, **go_environment(home)
    ).ok()
    home.run(crane, "manifest", built.stdout.strip()).ok()
    home.helper("erase", IDENTITY).ok()
    assert home.run(crane, "manifest", built.stdout.strip()).status != 0


@pytest.mark.parametrize("name", ["docker-newest"], indirect=True)
def test_docker_forgets_its_oauth_tokens(home, client, name):
    """The login with a browser stores three keys (docker 27.2 and later); the logout asks for one, and erases all."""
    hub = "https://index.docker.io/v1/"
    store(home, LOCAL, *user_of(LOCAL))
    store(home, f"{hub}access-token", "ann", "fake-access")
    store(home, f"{hub}refresh-token", "ann", "fake-refresh..fake-client")
    store(home, hub, "ann", "fake-hub")
    client.run("logout")
    assert entries(home) == {LOCAL: user_of(LOCAL)[0]}
