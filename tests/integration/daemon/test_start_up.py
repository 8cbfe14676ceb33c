"""A daemon that nobody started, and one that was killed. (Under systemd: tests/integration/systemd.)"""

import concurrent.futures
import http.client
import os
import pathlib
import signal
import threading
import time

import pytest

from rig_crowd import Crowd
from rig_ecr import PROD
from rig_process import wait_until
from rig_world import ECR, PUBLIC


@pytest.fixture
def user(home):
    home.keys_in_environment(PROD)
    return home


def test_64_helpers_together_start_one_daemon(world, user, folder):
    crowd = Crowd(user, folder, ECR, 64)
    assert len({answer.secret() for answer in crowd.answers()}) == 1
    assert len(world.ecr.calls()) == 1
    _one_daemon(user)


def test_whoever_reads_the_helpers_output_is_not_held(world, user):
    """A client reads until the end of the pipe, which a daemon that has inherited it would never close."""
    helper = user.start_helper("get", ECR)
    out, err = helper.communicate(timeout=10)
    assert helper.returncode == 0 and err == b"" and out.endswith(b"}\n")
    assert len(user.daemons()) > 0


def test_a_helper_under_a_shell_pipe_is_not_held(world, user):
    program = user.programs / "docker-credential-purser"
    shell = user.run("sh", "-c", f"printf {ECR} | {program} get 2>&1 | cat", seconds=10).ok()
    assert '"Username":"AWS"' in shell.stdout
    assert len(user.daemons()) > 0


def test_the_daemon_has_nothing_of_its_parent(world, user, folder):
    # A descriptor that the client left open, and a secret of its job.
    with (folder / "inherited").open("w") as inherited:
        os.set_inheritable(inherited.fileno(), True)
        helper = user.start_helper("get", ECR, cwd=folder, close_fds=False)
        helper.communicate(timeout=10)
    pid = _one_daemon(user)
    proc = pathlib.Path(f"/proc/{pid}")
    opened = {int(fd.name): os.readlink(fd) for fd in (proc / "fd").iterdir()}
    assert [opened[fd] for fd in (0, 1, 2)] == ["/dev/null"] * 3
    assert str(folder / "inherited") not in opened.values()
    assert os.readlink(proc / "cwd") == "/"
    assert os.getsid(pid) not in (os.getsid(0), helper.pid)
    environment = (proc / "environ").read_bytes()
    assert PROD.secret.encode() not in environment and b"AWS_" not in environment
    status = (proc / "status").read_text()
    assert "Umask:\t0077" in status


def test_a_jobs_secret_is_in_no_process_of_the_daemon_it_started(world, user):
    """docs/exec.md tells people to put a secret there: the request brings it, and its answer needs no more."""
    secret = "not-a-real-secret-of-the-first-job"
    user.purser_config({"match": "r.example.com", "provider": "env", "username": "robot", "secret_env": "PURSER_REGISTRY_SECRET"})
    assert user.get("r.example.com", PURSER_REGISTRY_SECRET=secret)["Secret"] == secret
    assert user.get("r.example.com", PURSER_REGISTRY_SECRET="the-second-job's")["Secret"] == "the-second-job's"
    assert "PURSER_REGISTRY_SECRET of whoever asks is not set" in user.refused("r.example.com")
    assert user.brokers()
    for pid in [_one_daemon(user), *user.brokers()]:
        environment = pathlib.Path(f"/proc/{pid}/environ").read_bytes()
        assert secret.encode() not in environment and b"PURSER_" not in environment and b"AWS_" not in environment


def test_whoever_starts_the_daemon_lends_it_no_aws_identity(world, user):
    """Later jobs without credentials of their own get none of the first one's, also by a rule for whoever asks."""
    user.get(ECR)
    without = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_SESSION_TOKEN": "", "AWS_EC2_METADATA_DISABLED": "true"}
    assert ECR in user.refused(ECR, **without)


def test_ctrl_c_at_the_client_leaves_the_daemon(world, user):
    helper = user.start_helper("get", ECR)
    helper.communicate(timeout=10)
    pid = _one_daemon(user)
    with pytest.raises(ProcessLookupError):
        os.killpg(helper.pid, signal.SIGINT)
    assert user.daemons() and _one_daemon(user) == pid


def test_kill_9_under_load_is_not_noticed(world, user):
    """Eight clients ask all the time, while the daemon is killed five times."""
    user.get(ECR)
    stop = threading.Event()

    def client() -> int:
        answered = 0
        while not stop.is_set():
            assert user.get(ECR)["Username"] == "AWS"
            answered += 1
        return answered

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        clients = [pool.submit(client) for _ in range(8)]
        try:
            for _ in range(5):
                killed = _pid(user)
                os.kill(killed, signal.SIGKILL)
                wait_until(lambda: _pid(user) not in (None, killed), 10, "no daemon came back")
        finally:
            stop.set()
        assert all(done.result(timeout=20) > 0 for done in clients)
    _one_daemon(user)


def test_a_stale_socket_is_no_obstacle(world, user):
    user.get(ECR)
    os.kill(_one_daemon(user), signal.SIGKILL)
    wait_until(lambda: not user.daemons(), 5, "an orphan is left")
    assert user.socket.is_socket()
    assert user.get(ECR)["Username"] == "AWS"
    _one_daemon(user)


def test_a_stopped_daemon_takes_its_socket_away(world, user):
    daemon = user.start_daemon()
    user.get(ECR)
    daemon.stop()
    assert not user.socket.exists()
    assert user.daemons() == []


def test_a_hung_daemon_holds_nobody_longer_than_nine_seconds(world, user):
    """SIGSTOP: it accepts, in the kernel, and never answers."""
    user.get(ECR)
    pid = _one_daemon(user)
    os.kill(pid, signal.SIGSTOP)
    try:
        begin = time.monotonic()
        outcome = user.helper("get", ECR)
        assert time.monotonic() - begin < 9.5
        assert outcome.status == 1 and ECR in outcome.stdout
        public = user.helper("get", PUBLIC)
        assert public.status == 1
    finally:
        os.kill(pid, signal.SIGCONT)


def _pid(home) -> int | None:
    """The process that answers at the socket, or None."""
    try:
        return home.ask("/v1/status")["pid"]
    except (OSError, http.client.HTTPException):
        return None


def _one_daemon(home) -> int:
    """The only daemon; all other processes of purserd are its own children."""
    wait_until(lambda: _strangers(home) == [], 10, f"orphans: {_strangers(home)}, all: {home.daemons()}")
    return _pid(home)


def _strangers(home) -> list[int]:
    pid = _pid(home)
    return [each for each in home.daemons() if pid not in (each, _parent(each))]


def _parent(pid: int) -> int | None:
    try:
        return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return None
