"""docs/ci.md: what it says for GitLab, Jenkins and containers is read from there and done, with tokens of theirs, a real docker and
helm. Its blocks of commands are run by tests/support/doc_scenes_ci.py."""

import json
import pathlib
import re
import shlex

import pytest
import yaml

import rig_clients
from rig_aws import arn
from rig_container import Container
from rig_engine import layer
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


class _Held:
    """A job that goes on until stop(); its variables."""

    def __init__(self, user, folder: pathlib.Path, *options: str):
        self._user = user
        started = user.run("purser", "job", "start", "--format", "env", *options).ok()
        self.variables = dict(line.split("=", 1) for line in started.stdout.splitlines())

    def stop(self) -> None:
        self._user.run("purser", "job", "stop", **self.variables).ok()
