"""docs/ci.md: what it says for GitLab, Jenkins and containers is read from there and done, with tokens of theirs, a real docker and
helm. Its blocks of commands are run by tests/support/doc_scenes_ci.py."""

import contextlib
import json
import os
import pathlib
import re
import shlex
import subprocess

import pytest
import yaml

import rig_clients
from rig_aws import arn
from rig_container import Container
from rig_engine import layer
from rig_process import wait_until
from rig_web_identity import web_identity_token
from rig_world import ECR

PAGE = pathlib.Path(__file__).parents[2] / "docs/ci.md"
SUBJECT = "project_path:team/app:ref_type:branch:ref:main"
LABEL = f"role ci of {SUBJECT}"


def blocks(title: str, language: str) -> list[str]:
    section = re.search(rf"^##+ {re.escape(title)}\n(.*?)(?=^##|\Z)", PAGE.read_text(), re.S | re.M)[1]
    return re.findall(rf"^```{language}\n(.*?)^```", section, re.S | re.M)


@pytest.fixture
def user(aws, home, engine, folder):
    """A runner's user: an image, a chart and a Makefile, and a token of the CI system's for the role "ci"."""
    aws.sts.register(aws.gitlab)
    aws.sts.allow(arn("ci"), subjects=(SUBJECT,))
    home.environment["DOCKER_HOST"] = engine.host
    home.run("docker", "import", str(layer(folder / "layer.tar")), f"{ECR}/app").ok()
    chart = home.home / "app"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: app\nversion: 1.0.0\n")
    home.write("Makefile", f"push:\n\tdocker push {ECR}/app\n")
    (home.programs / "helm").symlink_to(rig_clients.client("helm3"))
    home.run("helm", "package", "app").ok()
    return home


@pytest.fixture
def token(aws, user) -> None:
    user.environment["AWS_ID_TOKEN"] = aws.gitlab.token(SUBJECT)


def is_clean(user) -> bool:
    return not list(user.runtime.glob("purser*")) and not user.daemons()


def labels(world) -> set[str]:
    return {shown.label for shown in world.ecr.ledger.shown() if shown.host == ECR}


@pytest.fixture(autouse=True)
def only_this_test(world):
    """The ledger outlives tests."""
    world.ecr.ledger._shown.clear()


@pytest.mark.parametrize("number", [0, 1])
def test_gitlab(world, user, token, number):
    """GitLab runs before_script and script in one shell."""
    job = yaml.safe_load(blocks("GitLab", "yaml")[number])["push"]
    assert job["id_tokens"] == {"AWS_ID_TOKEN": {"aud": "sts.amazonaws.com"}}
    script = "\n".join(["set -e", *job.get("before_script", []), *job["script"]])
    user.run("bash", "-c", script).ok()
    assert labels(world) == {LABEL} and is_clean(user)


@pytest.mark.parametrize("client", ["podman", "skopeo", "helm3", "crane"])
def test_clients_that_read_other_files(world, user, token, folder, client):
    """docker and what reads its file are all over the tests of this page."""
    program = rig_clients.client(client)
    storage = f"--root {folder}/storage --runroot {folder}/run --storage-driver vfs --cgroup-manager cgroupfs --events-backend none"
    user.run(rig_clients.client("crane"), "append", "-f", f"{folder}/layer.tar", "-o", f"{folder}/image.tar", "-t", "x:1").ok()
    script = {"podman": f"{program} {storage} import {folder}/layer.tar {ECR}/team/podman && {program} {storage} push {ECR}/team/podman",
              "skopeo": f"{program} copy docker-archive:{folder}/image.tar docker://{ECR}/team/skopeo:1",
              "helm3": f"{program} push app-1.0.0.tgz oci://{ECR}/charts",
              "crane": f"{program} push {folder}/image.tar {ECR}/team/crane"}[client]
    named = ["--registry", ECR] if client == "skopeo" else []
    user.run("purser", "run", "--role", arn("ci"), "--web-identity", "env:AWS_ID_TOKEN", *named, "--", "sh", "-ec", script).ok()
    assert labels(world) == {LABEL} and is_clean(user)


def test_jenkins(world, user, token):
    [block] = blocks("Jenkins", "text")
    [script] = re.findall(r"^ *sh '(.*)'$", block, re.M)
    user.run("sh", "-xe", "-c", script).ok()
    assert labels(world) == {LABEL} and is_clean(user)


def test_github(world, user, aws):
    """The steps of the action are in test_action.py; here is that the page's inputs exist."""
    workflow = yaml.safe_load(blocks("GitHub Actions", "yaml")[0])
    assert workflow["permissions"] == {"id-token": "write", "contents": "read"}
    steps = workflow["jobs"]["push"]["steps"]
    used = {step["uses"].partition("@")[0].removeprefix("owner/purser"): step for step in steps if "owner/purser" in step.get("uses", "")}
    assert set(used) == {"", "/stop"} and used["/stop"]["if"] == "always()"
    root = PAGE.parents[1]
    for path, step in used.items():
        action = yaml.safe_load((root / path.lstrip("/") / "action.yml").read_text())
        assert action["runs"]["using"] == "composite" and set(step.get("with", {})) <= set(action.get("inputs", {}))


@pytest.mark.parametrize("uid", [0, 12345])
def test_a_container_with_the_socket(world, aws, user, token, session, folder, uid):
    """The engine here starts no containers; what docker would mount and set is done by hand. The daemon is root's."""
    [block] = blocks("Docker-in-Docker, and builds in containers", "sh")
    words = shlex.split(block)
    # Those that the shell of the job fills in are filled in by that of `purser run`, below.
    mounts = [words[n + 1].split(":") for n, word in enumerate(words) if word == "--volume"]
    fixed = dict(words[n + 1].split("=") for n, word in enumerate(words) if word == "--env" and "=" in words[n + 1])
    assert [mount[0] for mount in mounts] == ["$PURSER_SOCKET", "$(command -v docker-credential-purser)"]
    user.environment.update(aws.actions.start_job(SUBJECT).variables)
    aws.sts.register(aws.actions.issuer)
    user.purser_config(peers=[uid])
    job = _Held(user, folder, "--role", arn("ci"), "--web-identity", "github")
    try:
        sources = [job.variables["PURSER_SOCKET"], str((user.programs / "docker-credential-purser").resolve())]
        container = Container(session / f"roots/dind-{uid}", {mount[1]: source for mount, source in zip(mounts, sources)})
        try:
            passed = {name: user.environment[name] for name in ("ACTIONS_ID_TOKEN_REQUEST_URL", "ACTIONS_ID_TOKEN_REQUEST_TOKEN")}
            done = container.run("sh", "-c", f"printf {ECR} | docker-credential-purser get", uid=uid,
                                 environment={"PATH": "/usr/local/bin:/usr/bin", **fixed, **passed})
            assert aws.whose(json.loads(done.ok().stdout)) == LABEL
            stranger = container.run("sh", "-c", f"printf {ECR} | docker-credential-purser get", uid=777,
                                     environment={"PATH": "/usr/local/bin:/usr/bin", **fixed, **passed})
            assert stranger.status == 1 and len(stranger.stdout.splitlines()) == 1 and "Secret" not in stranger.stdout
        finally:
            container.stop()
    finally:
        job.stop()
    assert is_clean(user)


@pytest.fixture
def pod(aws, session, folder):
    """What Kubernetes makes of the page's two objects: volumes, and a container for each image."""
    parts = [yaml.safe_load(block) for block in blocks("A Kubernetes sidecar", "yaml")]
    config, spec = parts[0]["data"], parts[1]["spec"]
    token = web_identity_token("system:serviceaccount:team:ci")
    aws.sts.allow(arn("ci"))
    aws.sts.trust(token, arn("ci"))
    made = _Pod(spec, config, token, session / "pod")
    yield made
    made.stop()


def test_a_sidecar(world, aws, pod):
    pod.run("helper").ok()
    with pod.start("purser"):
        wait_until(lambda: pod.has("/run/purser/agent/agent.sock"), 20, "no socket")
        environment = pod.environment("build")
        environment["PATH"] = "/usr/bin:/run/purser"
        assert pod.spec["containers"][0]["command"][2].startswith("PATH=$PATH:/run/purser ")
        get = ["sh", "-c", f"printf {ECR} | docker-credential-$(sed 's/.*: \"//; s/\".*//' $DOCKER_CONFIG/config.json) get"]
        answer = pod.containers["build"].run(*get, environment=environment, uid=pod.uid).ok()
        assert aws.whose(json.loads(answer.stdout)) == "role ci"
        stranger = pod.containers["build"].run(*get, environment=environment, uid=777)
        assert stranger.status == 1 and "Permission denied" in stranger.stdout


class _Pod:
    """`spec` is the pod's; each container has a root of its own, and the volumes that it mounts."""

    def __init__(self, spec: dict, config: dict[str, str], token: str, folder: pathlib.Path):
        self.spec = spec
        self.uid = spec["securityContext"]["runAsUser"]
        self._each = {each["name"]: each for each in [*spec["initContainers"], *spec["containers"]]}
        account = folder / "account"
        volumes = {volume["name"]: folder / volume["name"] for volume in spec["volumes"]}
        for each in (*volumes.values(), account):
            each.mkdir(parents=True)
        volumes["purser"].chmod(0o777)  # as the kubelet makes an emptyDir
        for name, text in config.items():
            (volumes["config"] / name).write_text(text)
        (account / "token").write_text(token)
        os.chown(account / "token", self.uid, self.uid)
        self._shared = volumes["purser"]
        programs = {"/usr/bin/docker-credential-purser": "docker-credential-purser", "/usr/libexec/purserd": "purserd"}
        self.containers = {}
        for name, container in self._each.items():
            binds = {mount["mountPath"]: str(volumes[mount["name"]]) for mount in container["volumeMounts"]}
            if container["image"].endswith("/purser"):
                binds["/image"] = str(rig_clients.purser_bin())
                binds["/var/run/secrets/eks.amazonaws.com/serviceaccount"] = str(account)
            read_only = container.get("securityContext", {}).get("readOnlyRootFilesystem")
            more = 'mount -t tmpfs -o ro none "$root/dev/shm"\nmount -o remount,ro "$root"\n' if read_only else ""
            self.containers[name] = Container(folder / "roots" / name, binds, more)
        self._programs = programs

    def environment(self, name: str) -> dict[str, str]:
        return {"PATH": "/usr/bin", **{each["name"]: each["value"] for each in self._each[name].get("env", [])}}

    def command(self, name: str) -> list[str]:
        """With the image's programs where they are here."""
        return [f"/image/{self._programs[word]}" if word in self._programs else word for word in self._each[name]["command"]]

    def run(self, name: str):
        return self.containers[name].run(*self.command(name), environment=self.environment(name), uid=self.uid)

    @contextlib.contextmanager
    def start(self, name: str):
        running = subprocess.Popen(self.containers[name].command(*self.command(name), uid=self.uid), env=self.environment(name))
        try:
            yield
        finally:
            running.terminate()
            running.wait(20)

    def has(self, path: str) -> bool:
        return (self._shared / path.removeprefix("/run/purser/")).exists()

    def stop(self) -> None:
        for container in self.containers.values():
            container.stop()


class _Held:
    """A job that goes on until stop(); its variables."""

    def __init__(self, user, folder: pathlib.Path, *options: str):
        self._user = user
        started = user.run("purser", "job", "start", "--format", "env", *options).ok()
        self.variables = dict(line.split("=", 1) for line in started.stdout.splitlines())

    def stop(self) -> None:
        self._user.run("purser", "job", "stop", **self.variables).ok()
