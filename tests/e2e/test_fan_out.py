"""Fan-out publishing: log in to one local registry and several remotes, copy to each, log out of one after the other.

Each logout takes away exactly that one entry, whichever client does it.
"""

import json
import shutil

import pytest

import rig_clients
from rig_engine import layer
from rig_home import NOT_FOUND, Home
from rig_images import oci_layout
from rig_world import LOCAL, REMOTES, user_of

ALL = (LOCAL, *REMOTES)


class Docker:
    def __init__(self, home: Home, engine, which: str):
        self._docker = rig_clients.docker_client(which)
        self._home = home
        home.creds_store()
        home.environment["DOCKER_HOST"] = engine.host

    def run(self, *arguments: str, **options):
        return self._home.run(self._docker, *arguments, **options)

    def login(self, registry: str, user: str, password: str):
        return self.run("login", "-u", user, "--password-stdin", registry, stdin=password)

    def logout(self, registry: str):
        return self.run("logout", registry)

    def publish(self, folder, repository: str) -> None:
        image = f"{LOCAL}/{repository}:1"
        self.run("import", str(layer(folder / "layer.tar")), image).ok()
        self.run("push", image).ok()

    def copy(self, repository: str, remote: str):
        source, target = f"{LOCAL}/{repository}:1", f"{remote}/{repository}:1"
        self.run("rmi", source)
        self.run("pull", source).ok()
        self.run("tag", source, target).ok()
        return self.run("push", target)


class Crane:
    def __init__(self, home: Home):
        self._crane = rig_clients.client("crane")
        self._home = home
        home.creds_store()

    def run(self, *arguments: str, **options):
        return self._home.run(self._crane, *arguments, **options)

    def login(self, registry: str, user: str, password: str):
        return self.run("auth", "login", "-u", user, "--password-stdin", registry, stdin=password)

    def logout(self, registry: str):
        return self.run("auth", "logout", registry)

    def publish(self, folder, repository: str) -> None:
        self.run("append", "-f", str(layer(folder / "layer.tar")), "-t", f"{LOCAL}/{repository}:1").ok()

    def copy(self, repository: str, remote: str):
        return self.run("copy", f"{LOCAL}/{repository}:1", f"{remote}/{repository}:1")


class Skopeo:
    def __init__(self, home: Home):
        self._skopeo = rig_clients.client("skopeo")
        self._home = home
        home.containers_helper()

    def run(self, *arguments: str, **options):
        return self._home.run(self._skopeo, *arguments, **options)

    def login(self, registry: str, user: str, password: str):
        return self.run("login", "-u", user, "--password-stdin", registry, stdin=password)

    def logout(self, registry: str):
        return self.run("logout", registry)

    def publish(self, folder, repository: str) -> None:
        layout = oci_layout(folder / "layout", layer(folder / "layer.tar"))
        self.run("copy", f"oci:{layout}", f"docker://{LOCAL}/{repository}:1").ok()

    def copy(self, repository: str, remote: str):
        return self.run("copy", f"docker://{LOCAL}/{repository}:1", f"docker://{remote}/{repository}:1")


class Helm:
    """Helm copies nothing from registry to registry: it pulls the chart and pushes it."""

    def __init__(self, home: Home, version: str):
        self._helm = rig_clients.client(version)
        self._home = home
        self._folder = None
        home.helm_store()

    def run(self, *arguments: str, **options):
        return self._home.run(self._helm, *arguments, **options)

    def login(self, registry: str, user: str, password: str):
        return self.run("registry", "login", "-u", user, "--password-stdin", registry, stdin=password)

    def logout(self, registry: str):
        return self.run("registry", "logout", registry)

    def publish(self, folder, repository: str) -> None:
        self._folder = folder
        chart = folder / "tiny"
        chart.mkdir()
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tiny\nversion: 0.1.0\n")
        self.run("package", str(chart), "-d", str(folder)).ok()
        self.run("push", str(folder / "tiny-0.1.0.tgz"), f"oci://{LOCAL}/{repository}").ok()

    def copy(self, repository: str, remote: str):
        pulled = self._folder / "pulled"
        shutil.rmtree(pulled, ignore_errors=True)
        pulled.mkdir()
        self.run("pull", f"oci://{LOCAL}/{repository}/tiny", "--version", "0.1.0", "-d", str(pulled)).ok()
        return self.run("push", str(pulled / "tiny-0.1.0.tgz"), f"oci://{remote}/{repository}")


@pytest.fixture(params=["docker-debian", "docker-newest", "crane", "skopeo", "helm3", "helm4"])
def tool(request, home):
    match request.param.partition("-"):
        case ("docker", _, which):
            return Docker(home, request.getfixturevalue("engine"), which)
        case ("crane", _, _):
            return Crane(home)
        case ("skopeo", _, _):
            return Skopeo(home)
        case (version, _, _):
            return Helm(home, version)


def test_each_logout_takes_one_entry(world, home, tool, folder, repository):
    for registry in ALL:
        tool.login(registry, *user_of(registry)).ok()
    assert _entries(home) == {registry: user_of(registry)[0] for registry in ALL}
    tool.publish(folder, repository)
    for remote in REMOTES:
        tool.copy(repository, remote).ok()
    left = list(ALL)
    for remote in REMOTES:
        tool.logout(remote).ok()
        left.remove(remote)
        assert _entries(home) == {registry: user_of(registry)[0] for registry in left}
        assert home.helper("get", remote).stdout == NOT_FOUND + "\n"
        for registry in left:
            answer = home.get(registry)
            assert (answer["Username"], answer["Secret"]) == user_of(registry)
        assert tool.copy(repository, remote).status != 0, "logged out, and yet it pushes"
        for registry in left[1:]:
            tool.copy(repository, registry).ok()


def test_credentials_outlive_the_daemon(world, home, folder, repository):
    crane = Crane(home)
    for registry in ALL:
        crane.login(registry, *user_of(registry)).ok()
    home.stop()
    assert _entries(home) == {registry: user_of(registry)[0] for registry in ALL}
    crane.publish(folder, repository)
    crane.copy(repository, REMOTES[0]).ok()


def _entries(home: Home) -> dict[str, str]:
    """What is stored, by the registry's bare name: clients spell it as they like."""
    listed = json.loads(home.helper("list", "unused").ok().stdout)
    return {key.removeprefix("https://").rstrip("/"): user for key, user in listed.items()}
