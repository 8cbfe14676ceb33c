"""The GitHub action in bare containers: no init, no login step, roles by OpenID Connect, and nothing left behind."""

import base64
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess

import pytest

import rig_clients
from rig_actions import Job
from rig_aws import arn
from rig_clock import SimulatedClock
from rig_container import Container
from rig_ecr import HALF_DAY
from rig_engine import layer
from rig_go import go_program
from rig_world import ECR, PUBLIC

ROOT = pathlib.Path(__file__).parents[2]
REGION = "us-east-1"
HOURS = 13
HOUR = 3600


@pytest.fixture(scope="session")
def prefix(session) -> pathlib.Path:
    """purser as it is installed."""
    prefix = session / "prefix"
    for program, folder in {"purser": "bin", "docker-credential-purser": "bin", "purserd": "libexec"}.items():
        (prefix / folder).mkdir(parents=True, exist_ok=True)
        shutil.copy(rig_clients.purser_bin() / program, prefix / folder)
    return prefix


class Runner:
    """One job in one container: a subject, a role, the clients."""

    def __init__(self, session: pathlib.Path, name: str, prefix: pathlib.Path, aws, engine, binds: dict, **environment: str):
        self.name = name
        self.subject = f"repo:team/{name}:ref:refs/heads/main"
        self.role = arn(f"push-{name}")
        aws.sts.allow(self.role, subjects=(self.subject,))
        self.label = f"role push-{name} of {self.subject}"
        folder = session / "jobs" / name
        folder.mkdir(parents=True)
        go_cache = pathlib.Path(os.environ.get("GOCACHE") or pathlib.Path.home() / ".cache/go-build")
        go_cache.mkdir(parents=True, exist_ok=True)
        binds = {"/runner/job": folder, "/actions/purser": ROOT, "/opt/purser": prefix, "/opt/go-cache": go_cache,
                 "/run/docker.sock": engine.host.removeprefix("unix://"), **binds}
        for client in ("ko", "helm3", "crane"):
            binds[f"/opt/clients/{'helm' if client == 'helm3' else client}"] = rig_clients.client(client)
        self.container = Container(session / "roots" / name, binds)
        self.files = folder / "files"
        self.files.mkdir()
        go = pathlib.Path(rig_clients.client("go")).parent
        self.job = Job(self.container, folder, "/runner/job", {
            **aws.actions.start_job(self.subject).variables, "DOCKER_HOST": "unix:///run/docker.sock",
            "PATH": f"/opt/clients:{go}:/usr/local/bin:/usr/bin:/bin", **environment})

    def start(self, **inputs: str) -> dict[str, str]:
        return self.job.use(ROOT, "/actions/purser", prefix="/opt/purser", role=self.role, region=REGION, **inputs)

    def stop(self) -> None:
        self.job.use(ROOT / "stop", "/actions/purser/stop")

    def prepare(self, base: str) -> None:
        """What the clients push: an image of docker's, a chart, a program."""
        layer(self.files / "layer.tar")
        go_program(self.files)
        chart = self.files / "tiny"
        (chart / "templates").mkdir(parents=True)
        (chart / "Chart.yaml").write_text("apiVersion: v2\nname: tiny\nversion: 0.1.0\n")
        self.job.environment.update(KO_DEFAULTBASEIMAGE=base, GOCACHE="/opt/go-cache", GOPROXY="off", GOFLAGS="-mod=mod",
                                    GOTOOLCHAIN="local", GOSUMDB="off", KO_DOCKER_REPO=f"{ECR}/{self.name}/ko")
        self.job.run("helm package /runner/job/files/tiny -d /runner/job/files")

    def push(self, hour: int) -> None:
        """Each hour with another client."""
        files = "/runner/job/files"
        image = f"{ECR}/{self.name}/docker:{hour}"
        self.job.run([f"docker import {files}/layer.tar {image} && docker push {image}",
                      f"helm push {files}/tiny-0.1.0.tgz oci://{ECR}/{self.name}/helm",
                      f"cd {files}/program && ko build --bare --sbom=none ."][hour % 3])


@pytest.fixture
def new_runner(session, prefix, aws, engine):
    runners = []
    aws.sts.register(aws.actions.issuer)

    def make(name: str, binds: dict | None = None, **environment: str) -> Runner:
        runners.append(Runner(session, name, prefix, aws, engine, binds or {}, **environment))
        return runners[-1]

    yield make
    for runner in runners:
        runner.container.stop()


@pytest.fixture
def base(world, home, folder, repository) -> str:
    """ko's base image."""
    image = f"{PUBLIC}/{repository}/base:1"
    crane = rig_clients.client("crane")
    home.run(crane, "append", "-f", str(layer(folder / "base.tar")), "-t", image).ok()
    home.run(crane, "mutate", "--set-platform", "linux/amd64", "-t", image, image).ok()
    return image


def shown_by(world, name: str) -> list:
    """What the registry was shown for the repositories of a job."""
    return [each for each in world.ecr.ledger.shown() if f"/{name}/" in each.path]


def test_two_jobs_of_13_hours_with_roles_of_their_own(session, world, aws, new_runner, base, monkeypatch):
    """docker, helm and ko by turns. The registry refuses a password after 12 hours; STS's sessions end earlier."""
    clock = SimulatedClock(session / "clock")
    program = clock.wrap("/opt/purser/libexec/purserd", at="/opt/clock")
    jobs = [new_runner(name, {"/opt/clock": clock.folder}, PURSER_DAEMON=f"/opt/clock/{program.name}")
            for name in ("alpha", "beta")]
    clock.lead(monkeypatch, world.ecr.ledger)
    begun = clock.time()
    for job in jobs:
        job.start()
        job.prepare(base)
    with concurrent.futures.ThreadPoolExecutor(len(jobs)) as pool:
        for hour in range(HOURS + 1):
            list(pool.map(lambda job: job.push(hour), jobs))
            clock.advance(HOUR)
    for job in jobs:
        shown = shown_by(world, job.name)
        assert {each.label for each in shown} == {job.label}, "another's token, or one that had ended"
        used = {each.issued.password: each.issued for each in shown}
        assert 2 <= len(used) <= 4, "a token was to be renewed, and not for every push"
        first = shown[0].issued
        assert first.expires_at - first.issued_at == HALF_DAY and clock.time() > first.expires_at
        assert max(each.time for each in shown) - begun >= HOURS * HOUR
        status = json.loads(job.job.run("purser status --json").stdout)
        assert status["started_by"] == "job"
        job.stop()
        assert job.container.processes() == []
    # The hours passed for the registry, too.
    first = shown_by(world, jobs[0].name)[0].issued
    header = base64.b64encode(f"AWS:{first.password}".encode()).decode()
    assert world.ecr.ledger.show(ECR, "/v2/", f"Basic {header}").why == "expired"
    assert [job.container.run("/usr/bin/find", "/tmp", "/root", "-mindepth", "1", "-name", "*purser*").stdout for job in jobs] == ["", ""]


def test_the_action_leaves_nothing(new_runner, world):
    runner = new_runner("tidy")
    outputs = runner.start()
    assert outputs["socket"].startswith("/runner/job/temp/purser-job.")
    image = f"{ECR}/tidy/docker:1"
    layer(runner.files / "layer.tar")
    runner.job.run(f"docker import /runner/job/files/layer.tar {image}\ndocker push {image}")
    assert {each.label for each in shown_by(world, "tidy")} == {runner.label}
    runner.stop()
    assert runner.container.processes() == []
    assert list((runner.files.parent / "temp").iterdir()) == []
    assert runner.job.run("find /dev/shm /tmp /root -name '*purser*' -o -name '.docker'").stdout == ""


def test_a_package_is_unpacked_and_checked(new_runner, prefix, folder):
    runner = new_runner("package")
    subprocess.run(["tar", "-cf", str(runner.files / "purser-1.tar.gz"), "--use-compress-program=gzip -1", "-C", str(prefix), "."],
                   check=True, timeout=60)
    inside = "/runner/job/files/purser-1.tar.gz"
    digest = runner.job.run(f"sha256sum {inside}").stdout.split()[0]
    outputs = runner.job.use(ROOT, "/actions/purser", package=inside, sha256=digest, role=runner.role)
    assert outputs["version"] == runner.job.run("purser --version").stdout.split()[1]
    assert runner.job.run("command -v purser").stdout.startswith("/runner/job/temp/purser/bin/purser")
    runner.stop()
    for inputs, word in (({"package": inside, "sha256": "0" * 64}, "is not what its sha256 says"),
                         ({"package": "https://example.test/purser.tar.gz"}, "needs its sha256"),
                         ({"package": "/no/package"}, "there is no package /no/package"),
                         ({"prefix": "/nowhere"}, "there is no program /nowhere/bin/purser")):
        with pytest.raises(AssertionError, match=word):
            runner.job.use(ROOT, "/actions/purser", **inputs)


def test_what_is_wrong_with_the_inputs_is_said_in_the_step(new_runner):
    runner = new_runner("wrong")
    with pytest.raises(AssertionError, match="::error::purser: .*role_arn"):
        runner.job.use(ROOT, "/actions/purser", prefix="/opt/purser", role="deploy")
    assert runner.container.processes() == []
