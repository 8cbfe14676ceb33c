"""The clients of rig_logins.py that keep images: docker and its library for Python with an engine, podman and buildah on
storage of their own."""

import rig_clients
from rig_engine import layer
from rig_logins import LoginClient


class Docker(LoginClient):
    """The docker command line; a subclass says which."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = rig_clients.docker_client(self.which)

    def push(self, registry, repository):
        image = f"{registry}/{repository}:1"
        self.run("import", str(layer(self.folder / "layer.tar")), image).ok()
        pushed = self.run("push", image)
        self.run("rmi", image).ok()
        return pushed

    def pull(self, registry, repository):
        image = f"{registry}/{repository}:1"
        pulled = self.run("pull", image)
        if pulled.status == 0:
            self.run("rmi", image).ok()
        return pulled


class DebianDocker(Docker):
    which = "debian"


class NewestDocker(Docker):
    which = "newest"


class Podman(LoginClient):
    """podman, on storage of its own."""

    name = "podman"
    extra = ("--cgroup-manager", "cgroupfs")

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = rig_clients.client(self.name)

    def run(self, *arguments, **options):
        at = ["--root", f"{self.folder}/storage", "--runroot", f"{self.folder}/runroot", "--storage-driver", "vfs"]
        if self.name == "podman":
            at += ["--tmpdir", f"{self.folder}/libpod"]
        return super().run(*at, *self.extra, *arguments, **options)

    def push(self, registry, repository):
        image = f"{registry}/{repository}:1"
        self._make(image)
        pushed = self.run("push", image)
        self.run("rmi", "--force", image).ok()
        return pushed

    def pull(self, registry, repository):
        pulled = self.run("pull", f"{registry}/{repository}:1")
        if pulled.status == 0:
            self.run("rmi", "--force", f"{registry}/{repository}:1").ok()
        return pulled

    def _make(self, image):
        self.run("import", str(layer(self.folder / "layer.tar")), image).ok()


class Buildah(Podman):
    name = "buildah"
    extra = ()

    def _make(self, image):
        container = self.run("from", "scratch").ok().stdout.strip()
        self.run("add", container, str(layer(self.folder / "layer.tar"))).ok()
        self.run("commit", "--rm", container, image).ok()


class DockerPy(LoginClient):
    """Docker's library for Python: what it logs in to it forgets, what others stored it uses."""

    logins = False

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.program = "/usr/bin/python3"
        self.script = self.folder / "client.py"
        self.script.write_text(_DOCKER_PY)
        if self.run("-c", "import docker").status != 0:
            rig_clients.missing("docker's library for Python", "scripts/install installs it")

    def push(self, registry, repository):
        content = str(layer(self.folder / "layer.tar"))
        return self.run(str(self.script), "push", f"{registry}/{repository}", content)

    def pull(self, registry, repository):
        return self.run(str(self.script), "pull", f"{registry}/{repository}")


_DOCKER_PY = """\
import sys
import docker

verb, repository = sys.argv[1:3]
client = docker.from_env(timeout=50)
if verb == "push":
    client.api.import_image(sys.argv[3], repository=repository, tag="1")
    for line in client.api.push(repository, tag="1", stream=True, decode=True):
        if "error" in line:
            sys.exit(line["error"])
else:
    client.images.pull(repository, tag="1")
client.images.remove(f"{repository}:1")
"""
