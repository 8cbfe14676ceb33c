"""The main job: each client pushes to and pulls from ECR through purser, with one line of configuration and no login.

AWS keys come from the environment. Afterwards the registry must have seen a password that the fake ECR issued to those
keys, and purser's audit must show that purser was asked for it.
"""

import json
import tarfile

import pytest

import rig_clients
from rig_ecr import PROD
from rig_engine import Engine, layer
from rig_go import go_environment, go_program
from rig_home import Home
from rig_world import ECR, PUBLIC, World

pytestmark = pytest.mark.usefixtures("world")


@pytest.fixture
def user(home) -> Home:
    """Somebody with AWS keys in the environment."""
    home.keys_in_environment(PROD)
    return home


@pytest.fixture
def proof(world, user):
    """After the test: the registry saw tokens of the user's keys and nothing else, and purser was asked."""
    before = len(world.ecr.ledger.shown())
    yield
    shown = [shown for shown in world.ecr.ledger.shown()[before:] if shown.host == ECR]
    assert shown, "nobody authenticated at the registry"
    assert {entry.label for entry in shown} == {"prod"}
    if not rig_clients.foreign_helper():
        assert len([call for call in world.ecr.calls() if call.outcome == "issued"]) == 1
        assert user.answered(ECR), "the audit does not know of it"


@pytest.fixture
def public_image(world: World, user: Home, folder, repository) -> str:
    """An image in the public registry."""
    image = f"{PUBLIC}/{repository}:1"
    crane = rig_clients.client("crane")
    user.run(crane, "append", "--insecure", "-f", str(layer(folder / "public.tar")), "-t", image, HOME=str(folder)).ok()
    return image


# docker push and docker pull, through a real engine


@pytest.mark.parametrize("which", ["debian", "newest"])
@pytest.mark.parametrize("line", ["credsStore", "credHelpers"])
def test_docker(user, proof, engine: Engine, folder, repository, which, line):
    docker = rig_clients.docker_client(which)
    user.creds_store() if line == "credsStore" else user.cred_helpers(ECR)
    user.environment["DOCKER_HOST"] = engine.host
    image = f"{ECR}/{repository}:1"
    made = user.run(docker, "import", str(layer(folder / "layer.tar")), image).ok().stdout.strip()
    user.run(docker, "push", image).ok()
    user.run(docker, "rmi", image).ok()
    user.run(docker, "pull", image).ok()
    assert user.run(docker, "image", "inspect", "-f", "{{.Id}}", image).ok().stdout.strip() == made


@pytest.mark.parametrize("line", ["credsStore", "credHelpers"])
def test_crane(user, proof, public_image, folder, line):
    crane = rig_clients.client("crane")
    user.creds_store() if line == "credsStore" else user.cred_helpers(ECR)
    image = public_image.replace(PUBLIC, ECR)
    user.run(crane, "copy", public_image, image).ok()
    user.run(crane, "pull", image, str(folder / "pulled.tar")).ok()
    with tarfile.open(folder / "pulled.tar") as pulled:
        assert json.load(pulled.extractfile("manifest.json"))[0]["RepoTags"] == [image]


@pytest.mark.parametrize("version", ["helm3", "helm4"])
@pytest.mark.parametrize("line", ["helm", "docker"])
def test_helm(user, proof, folder, repository, version, line):
    helm = rig_clients.client(version)
    user.helm_store() if line == "helm" else user.cred_helpers(ECR)
    if line == "docker":
        # helm runs the default store that it detects for its own file before it reads docker's. A machine where none is
        # installed is meant here.
        user.environment["PATH"] = str(user.programs)
    chart = _chart(folder)
    user.run(helm, "package", str(chart), "-d", str(folder)).ok()
    user.run(helm, "push", str(folder / "tiny-0.1.0.tgz"), f"oci://{ECR}/{repository}").ok()
    pulled = folder / "pulled"
    pulled.mkdir()
    user.run(helm, "pull", f"oci://{ECR}/{repository}/tiny", "--version", "0.1.0", "-d", str(pulled)).ok()
    assert (pulled / "tiny-0.1.0.tgz").read_bytes() == (folder / "tiny-0.1.0.tgz").read_bytes()


def test_oras(user, proof, folder, repository):
    oras = rig_clients.client("oras")
    user.creds_store()
    (folder / "note.txt").write_text(repository)
    artifact = f"{ECR}/{repository}:1"
    user.run(oras, "push", artifact, "note.txt:text/plain", cwd=folder).ok()
    (folder / "pulled").mkdir()
    user.run(oras, "pull", artifact, "-o", "pulled", cwd=folder).ok()
    assert (folder / "pulled/note.txt").read_text() == repository


def test_ko(world, home, public_image_for_ko, folder, repository):
    """ko has an ECR helper of its own, which looks for AWS keys first. It finds none, since no variable of AWS is set:
    the one who has keys is purser, by its configuration."""
    home.creds_store()
    home.profile("prod", PROD)
    if rig_clients.foreign_helper():
        pytest.skip("only purser can be configured with a profile")
    home.purser_config({"match": "*.dkr.ecr.*.amazonaws.com", "provider": "ecr", "profile": "prod"})
    assert not [name for name in home.environment if name.startswith("AWS_")]
    program = go_program(folder)
    before = len(world.ecr.ledger.shown())
    built = home.run(
        rig_clients.client("ko"), "build", "--bare", "--sbom=none", ".", cwd=program, seconds=240,
        KO_DOCKER_REPO=f"{ECR}/{repository}", KO_DEFAULTBASEIMAGE=public_image_for_ko, **go_environment(home)
    ).ok()
    digest = built.stdout.strip()
    assert digest.startswith(f"{ECR}/{repository}") and "@sha256:" in digest
    shown = [entry for entry in world.ecr.ledger.shown()[before:] if entry.host == ECR]
    assert {entry.label for entry in shown} == {"prod"}
    assert [event for event in home.answered(ECR)], "the audit does not know of it"
    home.run(rig_clients.client("crane"), "manifest", digest).ok()


@pytest.fixture
def public_image_for_ko(world, folder, repository, new_home) -> str:
    """A base image that says which platform it is for."""
    image = f"{PUBLIC}/{repository}/base:1"
    home = new_home()
    crane = rig_clients.client("crane")
    home.run(crane, "append", "-f", str(layer(folder / "base.tar")), "-t", image).ok()
    home.run(crane, "mutate", "--set-platform", "linux/amd64", "-t", image, image).ok()
    return image


# containers/image: podman, buildah, skopeo. They ignore credsStore.


@pytest.mark.parametrize("line", ["registries.conf", "credHelpers"])
def test_skopeo(user, proof, public_image, line):
    skopeo = rig_clients.client("skopeo")
    user.containers_helper() if line == "registries.conf" else user.cred_helpers(ECR)
    image = public_image.replace(PUBLIC, ECR)
    user.run(skopeo, "copy", f"docker://{public_image}", f"docker://{image}").ok()
    seen = [json.loads(user.run(skopeo, "inspect", f"docker://{name}").ok().stdout) for name in (public_image, image)]
    assert seen[0]["Digest"] == seen[1]["Digest"]


@pytest.mark.parametrize("line", ["registries.conf", "credHelpers"])
def test_podman(user, proof, folder, repository, line):
    podman = [rig_clients.client("podman"), *_storage(folder, runtime=True)]
    user.containers_helper() if line == "registries.conf" else user.cred_helpers(ECR)
    image = f"{ECR}/{repository}:1"
    made = user.run(*podman, "import", str(layer(folder / "layer.tar")), image).ok().stdout.strip()
    user.run(*podman, "push", image).ok()
    user.run(*podman, "rmi", image).ok()
    user.run(*podman, "pull", image).ok()
    assert user.run(*podman, "image", "inspect", "-f", "{{.Id}}", image).ok().stdout.strip() in made


@pytest.mark.parametrize("line", ["registries.conf", "credHelpers"])
def test_buildah(user, proof, folder, repository, line):
    buildah = [rig_clients.client("buildah"), *_storage(folder)]
    user.containers_helper() if line == "registries.conf" else user.cred_helpers(ECR)
    image = f"{ECR}/{repository}:1"
    container = user.run(*buildah, "from", "scratch").ok().stdout.strip()
    user.run(*buildah, "add", container, str(layer(folder / "layer.tar"))).ok()
    user.run(*buildah, "commit", container, image).ok()
    user.run(*buildah, "push", image).ok()
    user.run(*buildah, "rmi", "--all", "--force").ok()
    user.run(*buildah, "pull", image).ok()


def _storage(folder, runtime: bool = False) -> list[str]:
    options = ["--root", f"{folder}/storage", "--runroot", f"{folder}/runroot", "--storage-driver", "vfs"]
    return [*options, "--tmpdir", f"{folder}/libpod", "--cgroup-manager", "cgroupfs"] if runtime else options


def _chart(folder):
    chart = folder / "tiny"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tiny\nversion: 0.1.0\n")
    (chart / "templates/map.yaml").write_text("apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tiny}\n")
    return chart
