"""Clients that log in to registries, push something small, pull it again, and log out: each in its own way.

All of them keep their credentials with purser, by the one line of configuration that docs/clients.md has for them.
Those with an engine or a storage of images: see rig_engine_logins.py.
"""

import pathlib
import shutil

import rig_clients
from rig_engine import layer
from rig_home import Home, Outcome
from rig_images import folder_image, oci_layout


class LoginClient:
    """One client of one home. `logins` says whether it can log in itself; one that cannot uses what others stored."""

    logins = True

    def __init__(self, home: Home, folder: pathlib.Path, engine_host: str = ""):
        self.home, self.folder = home, folder
        home.creds_store()
        home.containers_helper()
        home.helm_store()
        if engine_host:
            home.environment["DOCKER_HOST"] = engine_host

    def run(self, *arguments: str, **options) -> Outcome:
        return self.home.run(self.program, *arguments, cwd=self.folder, **options)

    def login(self, registry: str, user: str, password: str) -> Outcome:
        return self.run("login", "-u", user, "--password-stdin", registry, stdin=password)

    def logout(self, registry: str) -> Outcome:
        return self.run("logout", registry)

    def push(self, registry: str, repository: str) -> Outcome:
        raise NotImplementedError

    def pull(self, registry: str, repository: str) -> Outcome:
        raise NotImplementedError

    def new_folder(self) -> pathlib.Path:
        """Does not exist yet."""
        folder = self.folder / "image"
        shutil.rmtree(folder, ignore_errors=True)
        return folder


class Skopeo(LoginClient):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = rig_clients.client("skopeo")

    def push(self, registry, repository):
        source = folder_image(self.new_folder(), layer(self.folder / "layer.tar"))
        return self.run("copy", f"dir:{source}", f"docker://{registry}/{repository}:1")

    def pull(self, registry, repository):
        target = self.new_folder()
        return self.run("copy", f"docker://{registry}/{repository}:1", f"dir:{target}")


class Crane(LoginClient):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = rig_clients.client("crane")

    def login(self, registry, user, password):
        return self.run("auth", "login", "-u", user, "--password-stdin", registry, stdin=password)

    def logout(self, registry):
        return self.run("auth", "logout", registry)

    def push(self, registry, repository):
        return self.run("append", "-f", str(layer(self.folder / "layer.tar")), "-t", f"{registry}/{repository}:1")

    def pull(self, registry, repository):
        return self.run("pull", f"{registry}/{repository}:1", "pulled.tar")


class Oras(LoginClient):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = rig_clients.client("oras")

    def push(self, registry, repository):
        (self.folder / "note.txt").write_text(repository)
        return self.run("push", f"{registry}/{repository}:1", "note.txt:text/plain")

    def pull(self, registry, repository):
        return self.run("pull", f"{registry}/{repository}:1", "-o", "pulled")


class Helm(LoginClient):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = rig_clients.client(self.version)

    def login(self, registry, user, password):
        return self.run("registry", "login", "-u", user, "--password-stdin", registry, stdin=password)

    def logout(self, registry):
        return self.run("registry", "logout", registry)

    def push(self, registry, repository):
        chart = self.folder / "tiny"
        chart.mkdir(exist_ok=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tiny\nversion: 0.1.0\n")
        self.run("package", str(chart)).ok()
        return self.run("push", "tiny-0.1.0.tgz", f"oci://{registry}/{repository}")

    def pull(self, registry, repository):
        target = self.new_folder()
        target.mkdir()
        return self.run("pull", f"oci://{registry}/{repository}/tiny", "--version", "0.1.0", "-d", str(target))


class Helm3(Helm):
    version = "helm3"


class Helm4(Helm):
    version = "helm4"


class Regctl(LoginClient):
    """regctl keeps its own logins in a file of its own, in plain text; from docker's configuration it takes the rest."""

    logins = False

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = rig_clients.client("regctl")

    def push(self, registry, repository):
        source = oci_layout(self.new_folder(), layer(self.folder / "layer.tar"))
        return self.run("image", "copy", f"ocidir://{source}:1", f"{registry}/{repository}:1")

    def pull(self, registry, repository):
        target = self.new_folder()
        return self.run("image", "copy", f"{registry}/{repository}:1", f"ocidir://{target}:1")
