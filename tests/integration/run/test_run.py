"""`purser run`: a command with a daemon of its own, of which nothing is left afterwards."""

import json
import os
import pathlib
import pty
import select
import signal
import stat
import subprocess

import pytest

import rig_clients
from rig_job import GET, REGISTRY, SECRET, JobHome
from rig_process import wait_until

ANSWER = {"ServerURL": REGISTRY, "Username": "robot", "Secret": SECRET}


def line(process: subprocess.Popen) -> str:
    """The next one; each is written at once."""
    assert select.select([process.stdout], [], [], 30)[0], "it says nothing"
    return process.stdout.readline().strip()


def test_a_command_is_answered_and_nothing_is_left(user):
    done = user.shell(f"{GET} && echo $PURSER_JOB")
    answer, folder = done.stdout.splitlines()
    assert (done.returncode, json.loads(answer), done.stderr) == (0, ANSWER, "")
    assert pathlib.Path(folder).parent == user.runtime
    assert user.folders() == [] and user.described() == []
    assert sorted(each.name for each in user.home.rglob("*")) == [".config", "config.json", "purser"]


def test_its_folder_is_for_nobody_else(user):
    done = user.shell("stat -c '%a %u' $PURSER_JOB $PURSER_SOCKET; find $PURSER_JOB -type f ! -perm 600")
    assert done.stdout.splitlines() == [f"700 {os.geteuid()}", f"600 {os.geteuid()}"]


@pytest.mark.parametrize(("script", "code"), [("exit 0", 0), ("exit 7", 7), ("exit 255", 255), ("kill -KILL $$", 137),
                                              ("kill -TERM $$", 143)])
def test_the_commands_exit_code_is_passed_on(user, script, code):
    assert user.shell(script).returncode == code
    assert user.folders() == []


def test_what_cannot_be_run_is_told_apart(user):
    missing = user.run("run", "no-such-program-xyz")
    assert (missing.returncode, missing.stderr) == (127, "purser: cannot run no-such-program-xyz: No such file or directory\n")
    folder = user.run("run", str(user.home))
    assert (folder.returncode, len(folder.stderr.splitlines())) == (126, 1)
    ours = user.run("run", "true", variables={"PURSER_DAEMON": "/no/purserd"})
    assert (ours.returncode, ours.stderr) == (125, "purser: PURSER_DAEMON names no program: /no/purserd\n")
    assert user.folders() == []


def test_options_of_the_command_are_its_own(user):
    done = user.run("run", "printf", "%s|", "--config", "--", "-x")
    assert (done.returncode, done.stdout) == (0, "--config|--|-x|")
    assert user.run("run").returncode == 2


@pytest.mark.parametrize(("words", "said"), [
    (["--rol", "x", "--", "true"], "--rol; did you mean: purser run --role"),
    (["--rol=fake-password", "true"], "--rol; did you mean: purser run --role"),
    (["-x", "true"], "-x; see: purser run --help"),
    (["--folder", "/x", "--zzzzzzzzzzzzzz", "true"], "--zzzzzzzzzzzzzz; see: purser run --help"),
    (["--web-identity", "none", "true"], "--web-identity requires --role"),
    (["--audience", "x", "true"], "--audience requires --role"),
    (["--registry", REGISTRY, "true"], "--registry requires --role"),
    (["--region", "x y", "true"], "--region: is not the name of a region, such as us-east-1"),
    (["--region", "", "true"], "--region: is not the name of a region, such as us-east-1")])
def test_a_wrong_option_is_neither_the_command_nor_ignored(user, words, said):
    done = user.run("run", *words)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
    assert said in done.stderr and "fake-password" not in done.stderr
    assert user.folders() == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_signals_reach_the_command(user, number):
    name = number.name.removeprefix("SIG")
    job = user.start(f"trap 'echo got {name}; exit 9' {name}; echo begun; while :; do sleep 0.05; done")
    assert line(job) == "begun"
    job.send_signal(number)
    assert line(job) == f"got {name}"
    assert job.wait(20) == 9
    assert user.folders() == [] and user.described() == []


def test_the_interrupt_key_reaches_the_command_once(user):
    """The terminal sends it to both; what comes from there is not passed on."""
    script = "trap 'echo got; n=1' INT; n=0; echo begun; while [ $n = 0 ]; do sleep 0.05; done; sleep 0.3; echo over"
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(user.purser, ["purser", "run", "--", "sh", "-c", script], user.environment)
    seen = b""

    def reads(text: bytes) -> bool:
        nonlocal seen
        try:
            seen += os.read(terminal, 4096)
        except OSError:
            return True
        return text in seen

    wait_until(lambda: reads(b"begun"), 20, "it did not begin")
    os.write(terminal, b"\x03")
    wait_until(lambda: reads(b"over"), 20, "it did not go on")
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    os.close(terminal)
    assert seen.count(b"got") == 1


def test_a_run_that_is_killed_leaves_no_daemon_and_no_folder(user):
    job = user.start("echo begun; exec sleep 1000")
    assert line(job) == "begun"
    children = pathlib.Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()
    assert len(user.daemons()) == 1 and len(user.folders()) == 1
    job.kill()
    job.wait()
    user.wait_for_nothing()
    for child in children:  # the command is nobody's any more
        if pathlib.Path(f"/proc/{child}/comm").exists():
            os.kill(int(child), signal.SIGKILL)


def test_a_keeper_that_is_killed_takes_the_daemon_along(user):
    job = user.start("echo begun; while [ ! -e $PURSER_JOB/over ]; do sleep 0.05; done; exit 4")
    assert line(job) == "begun"
    [keeper] = user.keepers()
    os.kill(keeper, signal.SIGKILL)
    wait_until(lambda: not user.processes(), 20, "the daemon lives")
    [folder] = user.folders()
    (folder / "over").touch()
    assert job.wait(20) == 4
    assert user.folders() == []


def test_what_outlives_the_command_does_not_keep_the_daemon(user):
    job = user.start("sleep 1000 >/dev/null & echo $!")
    left = int(line(job))
    try:
        assert job.wait(20) == 0
        assert user.folders() == [] and user.described() == []
    finally:
        os.kill(left, signal.SIGKILL)


def test_a_daemon_that_crashes_is_back_before_anybody_notices(user):
    job = user.start(f"echo begun; while [ ! -e $PURSER_JOB/over ]; do sleep 0.05; done; {GET}")
    assert line(job) == "begun"
    [daemon] = user.daemons()
    os.kill(daemon, signal.SIGKILL)
    [folder] = user.folders()
    (folder / "over").touch()
    assert json.loads(line(job)) == ANSWER
    assert job.wait(20) == 0


def test_what_a_killed_machine_left_is_removed_by_the_next_run(user):
    job = user.start("echo begun; exec sleep 1000")
    assert line(job) == "begun"
    [folder] = user.folders()
    job.send_signal(signal.SIGSTOP)
    [keeper] = user.keepers()
    command = int(pathlib.Path(f"/proc/{job.pid}/task/{job.pid}/children").read_text().split()[-1])
    for pid in (keeper, job.pid, command):
        os.kill(pid, signal.SIGKILL)
    job.wait()
    wait_until(lambda: not user.processes(), 20, "the daemon lives")
    assert user.folders() == [folder]
    assert user.shell("ls -d $XDG_RUNTIME_DIR/purser-job.* | wc -l").stdout == "1\n"
    assert user.folders() == []


def test_a_job_that_runs_is_not_swept(user):
    job = user.start(f"echo begun; while [ ! -e $PURSER_JOB/over ]; do sleep 0.05; done; {GET}")
    assert line(job) == "begun"
    assert user.shell("true").returncode == 0
    [folder] = user.folders()
    (folder / "over").touch()
    assert json.loads(line(job)) == ANSWER and job.wait(20) == 0


def test_what_docker_login_stores_stays_inside(user):
    store = '{"ServerURL":"other.example.test","Username":"ann","Secret":"fake-password-of-ann"}'
    get = "printf other.example.test | docker-credential-purser get"
    done = user.shell(f"printf '%s' '{store}' | docker-credential-purser store && {get}")
    assert json.loads(done.stdout)["Secret"] == "fake-password-of-ann"
    assert user.shell(get).stdout == "credentials not found in native keychain\n"
    assert not (user.home / ".local").exists()


def test_what_the_user_stored_is_not_seen(user):
    """Not even where the configuration names the desktop's keyring."""
    user.write(".config/purser/config.json", json.dumps({"version": 1, "store": {"kind": "secret-service"}}))
    store = '{"ServerURL":"other.example.test","Username":"ann","Secret":"fake-password-of-ann"}'
    done = user.shell(f"printf '%s' '{store}' | docker-credential-purser store; purser store",
                      variables={"PATH": f"{user.programs}:{rig_clients.SYSTEM_PATH}"})
    assert done.returncode == 0 and "sealed file" in done.stdout, done


def test_after_the_end_nobody_is_told_that_there_is_no_credential(user):
    """A push without one would fail with words that name no reason."""
    job = user.start(f"echo begun; while [ -e $PURSER_JOB ]; do sleep 0.05; done;"
                     f" PATH=$PATH:{user.programs}; {GET}; exit 0")
    assert line(job) == "begun"
    os.kill(user.keepers()[0], signal.SIGTERM)
    said = job.stdout.read()
    assert job.wait(20) == 0
    assert said.startswith(f"purser: {REGISTRY}: no purserd listens at ") and len(said.splitlines()) == 1


def test_clients_need_no_line_of_their_own(user):
    user.write(".docker/config.json", json.dumps({
        "auths": {REGISTRY: {"auth": "ZmFrZTpmYWtl"}}, "credsStore": "pass", "currentContext": "remote",
        "credHelpers": {"gcr.io": "gcloud", "123456789012.dkr.ecr.us-east-1.amazonaws.com": "ecr-login"}}))
    (user.home / ".docker/contexts").mkdir()
    done = user.shell("cat $DOCKER_CONFIG/config.json $HELM_REGISTRY_CONFIG; readlink $DOCKER_CONFIG/contexts;"
                      " cat $CONTAINERS_REGISTRIES_CONF $REGISTRY_AUTH_FILE")
    assert done.returncode == 0, done.stderr
    docker, rest = json.JSONDecoder().raw_decode(done.stdout)
    assert docker == {"credsStore": "purser", "currentContext": "remote", "credHelpers": {"gcr.io": "gcloud"}}
    helm, rest = json.JSONDecoder().raw_decode(done.stdout[rest:].lstrip())
    assert helm == {"credsStore": "purser"}
    assert str(user.home / ".docker/contexts") in done.stdout
    assert 'credential-helpers = ["containers-auth.json","purser"]' in done.stdout


def test_clients_are_left_alone_where_that_is_said(user):
    done = user.shell("echo $DOCKER_CONFIG$HELM_REGISTRY_CONFIG$REGISTRY_AUTH_FILE", "--no-client-files")
    assert (done.returncode, done.stdout) == (0, "\n")


def test_a_configuration_of_its_own(user, tmp_path):
    rule = {"match": "mine.example.test", "provider": "env", "username": "me", "secret_env": "PURSER_TEST_SECRET"}
    file = tmp_path / "mine.json"
    file.write_text(json.dumps({"version": 1, "registries": [rule]}))
    get = "printf mine.example.test | docker-credential-purser get"
    assert json.loads(user.shell(get, f"--config={file}").stdout)["Username"] == "me"
    assert user.shell(get).stdout == "credentials not found in native keychain\n"


@pytest.mark.parametrize(("options", "word"), [
    (["--config", "/no/file"], "/no/file"), (["--role", "arn:aws:iam::1:role/x"], "role_arn"),
    (["--role", "arn:aws:iam::123456789012:role/x", "--web-identity", "gitlab"], "--web-identity"),
    (["--role", "arn:aws:iam::123456789012:role/x", "--web-identity", "env:HIDDEN"], "AWS_ or PURSER_"),
    (["--folder", "/no/folder"], "/no/folder"), (["--log", "/no/folder/log"], "/no/folder/log")])
def test_what_is_wrong_is_one_line_before_the_command_begins(user, options, word):
    done = user.shell("echo begun", *options)
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (125, "", 1)
    assert done.stderr.startswith("purser: ") and word in done.stderr
    assert user.folders() == []


def test_a_folder_that_others_write_to_is_not_used(user, tmp_path):
    """They could put a folder of theirs in its place."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    refused = user.shell("true", "--folder", str(shared))
    assert refused.returncode == 125 and "can be written by others" in refused.stderr
    shared.chmod(0o1777)
    assert user.shell("true", "--folder", str(shared)).returncode == 0


def test_the_log_is_kept_where_that_is_said(user, tmp_path):
    log = tmp_path / "log"
    assert user.shell(GET, "--log", str(log)).returncode == 0
    assert "answers on" in log.read_text() and stat.S_IMODE(log.stat().st_mode) == 0o600


def test_the_daemon_knows_nothing_of_the_jobs_environment(user):
    """What a request brings is wiped; what a process was started with is there as long as it lives."""
    job = user.start("echo begun; exec sleep 30")
    assert line(job) == "begun"
    try:
        for pid in user.processes():
            assert SECRET.encode() not in pathlib.Path(f"/proc/{pid}/environ").read_bytes()
    finally:
        job.kill()
        job.wait()
        user.wait_for_nothing()
