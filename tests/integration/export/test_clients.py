"""Real clients read what `purser export` writes: against a registry that wants a user name and a password."""

import hashlib
import json
import pathlib
import shutil

import pytest

from rig_home import Home
from rig_registry import Htpasswd, Registry, missing_programs

USER, PASSWORD = "ann", "fake-password"


@pytest.fixture
def registry(home):
    if missing := missing_programs():
        pytest.skip(f"needs {' and '.join(missing)}")
    registry = Registry(home.folder / "registry", Htpasswd({USER: PASSWORD}))
    yield "{}:{}".format(*registry.address)
    registry.stop()


@pytest.fixture
def export(home, registry):
    """export(FORMAT) is a file with the credential for the registry."""
    entry = json.dumps({"ServerURL": registry, "Username": USER, "Secret": PASSWORD})
    home.helper("store", entry).ok()

    def write(form: str, name: str) -> str:
        folder = home.runtime / "exported"
        folder.mkdir(exist_ok=True)
        done = home.run(str(home.programs / "purser"), "export", "--format", form, "--output", str(folder / name),
                        registry)
        return done.ok().stdout.strip()

    return write


def needs(*programs: str) -> None:
    if missing := [name for name in programs if not shutil.which(name)]:
        pytest.skip(f"needs {' and '.join(missing)}")


def image(folder: pathlib.Path) -> str:
    """The smallest image there is, as skopeo names it."""
    blobs = folder / "blobs/sha256"
    blobs.mkdir(parents=True)

    def blob(kind: str, value: dict) -> dict:
        content = json.dumps(value).encode()
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"mediaType": f"application/vnd.oci.image.{kind}.v1+json", "digest": f"sha256:{digest}", "size": len(content)}

    config = blob("config", {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
    manifest = blob("manifest", {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
                                 "config": config, "layers": []})
    manifest["annotations"] = {"org.opencontainers.image.ref.name": "1"}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
    return f"oci:{folder}:1"


def pushed(home: Home, registry: str, auth: str) -> str:
    source = image(home.folder / "image")
    return home.run("skopeo", "copy", "--insecure-policy", "--authfile", auth, "--dest-tls-verify=false", "-f", "v2s2",
                    source, f"docker://{registry}/app:1")


def test_skopeo(home, registry, export):
    needs("skopeo")
    auth = export("auth.json", "auth.json")
    pushed(home, registry, auth).ok()
    inspect = ("skopeo", "inspect", "--tls-verify=false", "--raw", f"docker://{registry}/app:1")
    assert home.run(*inspect, "--authfile", auth).ok().stdout
    assert home.run(*inspect, "--authfile", "/dev/null").status != 0, "it is the file that opens the door"


def test_docker(home, registry, export):
    needs("skopeo", "docker")
    file = export("auth.json", "config.json")
    pushed(home, registry, file).ok()
    inspect = ("manifest", "inspect", "--insecure", f"{registry}/app:1")
    told = home.run("docker", "--config", str(pathlib.Path(file).parent), *inspect)
    assert json.loads(told.ok().stdout)["schemaVersion"] == 2
    empty = home.folder / "empty"
    empty.mkdir()
    assert home.run("docker", "--config", str(empty), *inspect).status != 0


def test_curl(home, registry, export):
    needs("curl")
    file = export("netrc", "netrc")
    ask = ("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"http://{registry}/v2/")
    assert home.run(*ask, "--netrc-file", file).ok().stdout == "200"
    assert home.run(*ask).ok().stdout == "401"
