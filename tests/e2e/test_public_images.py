"""Public images: registries that nobody configured are anonymous, at once, with no network call and no AWS chain.

Also while there is no daemon and none can be started.
"""

import json
import statistics
import subprocess
import time

import pytest

import rig_clients
from rig_ecr import PROD
from rig_engine import layer
from rig_home import NOT_FOUND
from rig_world import ECR, LOCAL, PUBLIC, user_of

SOMEBODY_ELSES = (
    "https://index.docker.io/v1/", "docker.io", "ghcr.io", "quay.io", "registry.example.test:5000", PUBLIC,
    # Names that only look like ECR's.
    f"{ECR}.example.test", "dkr.ecr.us-east-1.amazonaws.com.example.test", "12345.dkr.ecr.us-east-1.amazonaws.com",
)


@pytest.fixture(scope="module")
def public_image(session, running_world) -> str:
    """An image that everybody may pull."""
    image = f"{PUBLIC}/library/hello:1"
    tar = layer(session / "public-image.tar")
    subprocess.run([rig_clients.client("crane"), "append", "-f", str(tar), "-t", image], check=True, timeout=60,
                   capture_output=True, env={"HOME": str(session), "PATH": rig_clients.SYSTEM_PATH})
    return image


@pytest.fixture(params=["daemon", "no daemon"])
def any_home(request, new_home):
    """With a daemon to be had, and without."""
    home = new_home(with_daemon=request.param == "daemon")
    home.creds_store()
    home.containers_helper()
    home.helm_store()
    return home


@pytest.mark.parametrize("keys", ["no keys", "keys"])
def test_not_found_without_network_and_aws_chain(world, home, keys):
    if keys == "keys":
        home.keys_in_environment(PROD)
    for registry in SOMEBODY_ELSES:
        outcome = home.helper("get", registry)
        assert (outcome.status, outcome.stdout, outcome.stderr) == (1, NOT_FOUND + "\n", ""), registry
    assert world.ecr.calls() == []
    assert world.sink.names() == []
    assert world.sink.visits() == []


def test_not_found_is_fast(world, home):
    home.helper("get", PUBLIC)

    def one() -> float:
        begin = time.monotonic()
        home.helper("get", PUBLIC)
        return time.monotonic() - begin

    # A name look-up or a metadata call would take longer; starting a process from Python takes some of it.
    assert statistics.median(one() for _ in range(21)) < 0.1


@pytest.mark.parametrize("which", ["debian", "newest"])
def test_docker_pulls(world, any_home, engine, public_image, which):
    docker = rig_clients.docker_client(which)
    any_home.run(docker, "pull", public_image, DOCKER_HOST=engine.host).ok()
    any_home.run(docker, "rmi", public_image, DOCKER_HOST=engine.host).ok()
    _nothing_asked(world)


def test_docker_create_pulls(world, any_home, engine, public_image):
    """Unlike pull, create takes a helper's error as fatal, from 28.1 on."""
    docker = rig_clients.docker_client("newest")
    created = any_home.run(docker, "create", public_image, "/none", DOCKER_HOST=engine.host).ok().stdout.strip()
    any_home.run(docker, "rm", created, DOCKER_HOST=engine.host).ok()
    any_home.run(docker, "rmi", public_image, DOCKER_HOST=engine.host).ok()
    _nothing_asked(world)


@pytest.mark.parametrize("name", ["crane", "oras", "skopeo", "podman", "buildah"])
def test_others_pull(world, any_home, public_image, folder, name):
    storage = ["--root", f"{folder}/storage", "--runroot", f"{folder}/runroot", "--storage-driver", "vfs"]
    arguments = {
        "crane": ["pull", public_image, str(folder / "pulled.tar")],
        "oras": ["manifest", "fetch", public_image],
        "skopeo": ["copy", f"docker://{public_image}", f"dir:{folder}/pulled"],
        "podman": [*storage, "--tmpdir", f"{folder}/libpod", "--cgroup-manager", "cgroupfs", "pull", public_image],
        "buildah": [*storage, "pull", public_image],
    }
    any_home.run(rig_clients.client(name), *arguments[name]).ok()
    _nothing_asked(world)


def test_without_a_daemon_ecr_is_an_error_and_others_are_not_found(world, new_home):
    home = new_home(with_daemon=False)
    home.keys_in_environment(PROD)
    error = home.helper("get", ECR)
    assert error.status == 1
    assert ECR in error.stdout and NOT_FOUND not in error.stdout
    assert len(error.stdout.splitlines()) == 1
    assert home.helper("get", "ghcr.io").stdout == NOT_FOUND + "\n"
    assert home.helper("get", "public.ecr.aws").stdout == NOT_FOUND + "\n"


def test_a_host_with_a_login_is_an_error_while_the_daemon_is_away(world, home):
    name, password = user_of(LOCAL)
    home.helper("store", json.dumps({"ServerURL": LOCAL, "Username": name, "Secret": password})).ok()
    home.stop()
    home.remove_daemon()
    error = home.helper("get", LOCAL)
    assert error.status == 1 and LOCAL in error.stdout and NOT_FOUND not in error.stdout
    assert home.helper("get", "ghcr.io").stdout == NOT_FOUND + "\n"


def _nothing_asked(world) -> None:
    assert world.ecr.calls() == []
    assert world.sink.visits() == []
    assert [name for name in world.sink.names() if "amazonaws" in name or "metadata" in name] == []
