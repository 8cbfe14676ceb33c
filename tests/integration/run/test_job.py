"""`purser job start` and `stop`: what `purser run` does, for CI systems whose steps are commands of their own."""

import json
import os
import pathlib
import signal
import subprocess
import tempfile

import pytest

import rig_clients
from rig_job import GET, REGISTRY, SECRET, JobHome
from rig_process import wait_until

ROOT = pathlib.Path(__file__).parents[3]
ANSWER = {"ServerURL": REGISTRY, "Username": "robot", "Secret": SECRET}


def started(user: JobHome, *options: str, **variables: str) -> dict[str, str]:
    done = user.run("job", "start", "--format", "env", *options, variables=variables)
    assert (done.returncode, done.stderr) == (0, "")
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def get(user: JobHome, variables: dict[str, str]) -> subprocess.CompletedProcess:
    return subprocess.run(["sh", "-c", GET], env={**user.environment, **variables}, capture_output=True, text=True, timeout=30)


def test_a_shell_evaluates_what_it_prints(user):
    script = f'eval "$({user.purser} job start)" && {GET} && {user.purser} job stop'
    done = subprocess.run(["sh", "-c", script], env=user.environment, capture_output=True, text=True, timeout=30)
    assert (done.returncode, json.loads(done.stdout), done.stderr) == (0, ANSWER, "")
    assert user.folders() == [] and user.described() == []


def test_a_path_with_all_that_a_shell_reads(user):
    strange = pathlib.Path(tempfile.mkdtemp(prefix="it's $HOME `a` \"b\""))  # a short one: it is to hold a socket
    script = f'eval "$({user.purser} job start --folder "$STRANGE")" && {GET} && {user.purser} job stop'
    done = subprocess.run(["sh", "-c", script], env={**user.environment, "STRANGE": str(strange)}, capture_output=True, text=True,
                          timeout=30)
    assert (done.returncode, json.loads(done.stdout)) == (0, ANSWER), done
    strange.rmdir()


def test_steps_share_a_daemon_and_stop_ends_it(user):
    variables = started(user)
    assert json.loads(get(user, variables).stdout) == ANSWER
    [daemon] = user.daemons()
    assert json.loads(get(user, variables).stdout) == ANSWER and user.daemons() == [daemon]
    assert user.run("job", "stop", variables=variables).returncode == 0
    assert user.folders() == [] and user.described() == []
    assert user.run("job", "stop", variables=variables).returncode == 0, "again is no error"
    assert user.run("job", "stop").returncode == 2


def test_two_jobs_do_not_see_each_other(user):
    first, second = started(user), started(user)
    store = json.dumps({"ServerURL": "other.example.test", "Username": "ann", "Secret": "fake-password-of-ann"})
    helper = str(user.programs / "docker-credential-purser")
    subprocess.run([helper, "store"], input=store, text=True, check=True, timeout=30, env={**user.environment, **first})
    asked = [subprocess.run([helper, "get"], input="other.example.test", text=True, capture_output=True, timeout=30,
                            env={**user.environment, **job}).stdout for job in (first, second)]
    assert "fake-password-of-ann" in asked[0] and asked[1] == "credentials not found in native keychain\n"
    assert user.run("job", "stop", variables=first).returncode == 0
    assert json.loads(get(user, second).stdout) == ANSWER
    assert user.run("job", "stop", variables=second).returncode == 0


def test_whoever_waits_for_its_output_does_not_wait_for_the_job(user):
    """Runners read the output of a step to its end."""
    done = user.run("job", "start", "--format", "env")  # returns when both pipes are closed
    assert len(user.keepers()) == 1
    assert user.run("job", "stop", variables=dict(line.split("=", 1) for line in done.stdout.splitlines())).returncode == 0


def test_github_is_told_by_its_files(user, tmp_path):
    files = {"GITHUB_ENV": str(tmp_path / "env"), "GITHUB_PATH": str(tmp_path / "path")}
    done = user.run("job", "start", "--format", "github", variables=files)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    variables = dict(line.split("=", 1) for line in (tmp_path / "env").read_text().splitlines())
    assert "PATH" not in variables and (tmp_path / "path").read_text() == f"{variables['PURSER_JOB']}/bin\n"
    assert user.run("job", "stop", variables=variables).returncode == 0
    outside = user.run("job", "start", "--format", "github")
    assert outside.returncode == 1 and "GITHUB_ENV is not set" in outside.stderr
    assert user.folders() == [] and user.described() == []


def test_a_job_that_loses_its_folder_ends(user):
    """Some runners empty their folder and think no more of it."""
    variables = started(user)
    pathlib.Path(variables["PURSER_SOCKET"]).unlink()
    [daemon] = user.daemons()
    os.kill(daemon, signal.SIGKILL)  # the keeper looks when something happens, and once a minute
    user.wait_for_nothing()


def test_a_killed_keeper_leaves_a_folder_that_stop_removes(user):
    variables = started(user)
    os.kill(user.keepers()[0], signal.SIGKILL)
    wait_until(lambda: not user.processes(), 20, "the daemon lives")
    assert user.folders() != []
    assert user.run("job", "stop", variables=variables).returncode == 0
    assert user.folders() == []


@pytest.mark.parametrize("name", [".", "not-a-job"])
def test_a_folder_that_is_no_jobs_is_left_alone(user, tmp_path, name):
    (tmp_path / "not-a-job").mkdir()
    (tmp_path / "not-a-job" / "file").touch()
    done = user.run("job", "stop", variables={"PURSER_JOB": str(tmp_path / name)})
    assert (done.returncode, done.stderr) == (2, "purser: PURSER_JOB does not name a job; job start tells its value\n")
    assert (tmp_path / "not-a-job" / "file").exists()


def test_runners_find_it_by_their_variables(user):
    """What is left at the end of a job is killed by whoever has these in its environment."""
    marks = {"RUNNER_TRACKING_ID": "github_1", "JENKINS_NODE_COOKIE": "2", "BUILD_ID": "3"}
    variables = started(user, **marks)
    environ = pathlib.Path(f"/proc/{user.keepers()[0]}/environ").read_text().split("\0")
    assert {f"{name}={value}" for name, value in marks.items()} <= set(environ)
    assert not any(SECRET in entry for entry in environ)
    assert user.run("job", "stop", variables=variables).returncode == 0


def test_a_daemon_that_cannot_start_is_a_line_and_nothing_is_left(user, tmp_path):
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\nexit 3\n")
    broken.chmod(0o755)
    done = user.run("job", "start", variables={"PURSER_DAEMON": str(broken)})
    assert done.returncode == 1 and done.stderr == f"purser: {broken} was started and does not answer; --log FILE tells why\n"
    assert user.folders() == [] and user.described() == []


def test_the_actions_scripts_are_plain_bash():
    scripts = sorted((ROOT / "scripts/action").iterdir())
    if subprocess.run(["sh", "-c", "command -v shellcheck"], capture_output=True).returncode:
        rig_clients.missing("shellcheck", "scripts/install installs it")
    done = subprocess.run(["shellcheck", *map(str, scripts)], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (0, "") and len(scripts) == 2
