"""Registries at host:port without TLS (the NodePort of a cluster), and Bearer tokens that die during an upload."""

import concurrent.futures
import gzip
import json
import pathlib

import pytest

import rig_clients
from rig_engine import layer
from rig_home import Home
from rig_images import folder_image
from rig_world import NODE, NODE_NAME, TOKEN_LIFETIME, TOKENS, user_of

LARGE = 110 * 2**20


@pytest.fixture(scope="module")
def large_layer(session) -> pathlib.Path:
    return layer(session / "large.tar", LARGE)


@pytest.fixture(scope="module", autouse=True)
def without_large_layer(session):
    yield
    (session / "large.tar").unlink(missing_ok=True)


class Client:
    """One client, logged in at `registry`: pushes the large layer as an image or artifact, and pulls it again.

    Whether the registry speaks plain HTTP is said on the command line, as each client wants it.
    """

    def __init__(self, name: str, home: Home, folder: pathlib.Path, registry: str, engine, content: pathlib.Path):
        self.name, self.home, self.folder = name, home, folder
        self.registry, self.content = registry, content
        self.plain = registry == NODE
        home.creds_store()
        home.containers_helper()
        folder.mkdir()
        if name == "docker":
            home.environment["DOCKER_HOST"] = engine.host
        self.program = rig_clients.docker_client("newest") if name == "docker" else rig_clients.client(name)
        self.reference = f"{registry}/large/{name}:1"

    def run(self, *arguments: str, **options):
        return self.home.run(self.program, *arguments, seconds=200, cwd=self.folder, **options)

    def login(self) -> None:
        name, password = user_of(NODE_NAME if self.plain else self.registry)
        user = ["-u", name, "--password-stdin"]
        arguments = {
            "docker": ["login", *user, self.registry],
            "crane": ["auth", "login", *user, self.registry],
            "skopeo": ["login", *self._flag("--tls-verify=false"), *user, self.registry],
            "oras": ["login", *self._flag("--plain-http"), *user, self.registry],
        }
        self.run(*arguments[self.name], stdin=password).ok()

    def push(self) -> None:
        match self.name:
            case "docker":
                self.run("import", str(self.content), self.reference).ok()
                self.run("push", self.reference).ok()
            case "crane":
                insecure = self._flag("--insecure")
                self.run("append", *insecure, "-f", str(self.content), "-t", self.reference).ok()
            case "skopeo":
                source = folder_image(self.folder / "source", self.content)
                insecure = self._flag("--dest-tls-verify=false")
                self.run("copy", *insecure, f"dir:{source}", f"docker://{self.reference}").ok()
            case "oras":
                (self.folder / "large.tar").symlink_to(self.content)
                plain = self._flag("--plain-http")
                self.run("push", *plain, self.reference, "large.tar:application/x-tar").ok()

    def pull(self) -> None:
        match self.name:
            case "docker":
                made = self.run("image", "inspect", "-f", "{{.Id}}", self.reference).ok().stdout
                self.run("rmi", self.reference).ok()
                self.run("pull", self.reference).ok()
                assert self.run("image", "inspect", "-f", "{{.Id}}", self.reference).ok().stdout == made
                self.run("rmi", self.reference).ok()
            case "crane":
                self.run("pull", *self._flag("--insecure"), self.reference, str(self.folder / "pulled.tar")).ok()
                assert (self.folder / "pulled.tar").stat().st_size > LARGE
            case "skopeo":
                insecure = self._flag("--src-tls-verify=false")
                self.run("copy", *insecure, f"docker://{self.reference}", f"dir:{self.folder}/pulled").ok()
                assert _unpacked_layer(self.folder / "pulled") == self.content.read_bytes()
            case "oras":
                self.run("pull", *self._flag("--plain-http"), self.reference, "-o", "pulled").ok()
                assert (self.folder / "pulled/large.tar").read_bytes() == self.content.read_bytes()

    def _flag(self, flag: str) -> list[str]:
        return [flag] if self.plain else []


NAMES = ("docker", "crane", "skopeo", "oras")


@pytest.mark.parametrize("name", NAMES)
def test_a_large_layer_over_plain_http(world, home, engine, folder, large_layer, name):
    client = Client(name, home, folder / name, NODE, engine, large_layer)
    client.login()
    client.push()
    client.pull()


def test_an_upload_outlives_its_token(world, new_home, engine, folder, large_layer):
    """All clients at once, since the upload has to take longer than a minute."""
    clients = [Client(name, new_home(), folder / name, TOKENS, engine, large_layer) for name in NAMES]
    for client in clients:
        client.login()
    before = len(world.tokens.granted())
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for done in [pool.submit(client.push) for client in clients]:
            done.result()
    user = user_of(TOKENS)[0]
    for client in clients:
        scope = f"repository:large/{client.name}:"
        times = [time for time, who, scopes in world.tokens.granted()[before:] if who == user and scope in scopes]
        assert times[-1] - times[0] >= TOKEN_LIFETIME, f"{client.name}'s upload did not outlive a token"
    for client in clients:
        client.pull()


def test_the_port_is_part_of_the_name(world, home):
    """A login at one port of a host says nothing about another port."""
    name, password = user_of(NODE_NAME)
    home.helper("store", json.dumps({"ServerURL": NODE, "Username": name, "Secret": password})).ok()
    assert home.get(NODE)["Secret"] == password
    assert home.get(f"http://{NODE}")["Secret"] == password
    assert home.helper("get", NODE_NAME).status == 1
    assert home.helper("get", f"{NODE_NAME}:30501").status == 1


def _unpacked_layer(folder: pathlib.Path) -> bytes:
    """The one layer of an image in the form of skopeo's `dir:`; skopeo compresses what it pushes."""
    manifest = json.loads((folder / "manifest.json").read_bytes())
    return gzip.decompress((folder / manifest["layers"][0]["digest"].removeprefix("sha256:")).read_bytes())
