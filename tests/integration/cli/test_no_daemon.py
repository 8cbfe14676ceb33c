"""Commands that need a daemon where none can be started, or where one hangs: why, what to do about it, and how long it takes."""

import subprocess
import time

import pytest

from test_cli import BIN, PURSER, Daemon, ask, one_line  # noqa: F401

REGISTRY = "registry.example.test"
NEED_A_DAEMON = [["token", REGISTRY], ["logout", REGISTRY], ["lock"], ["unlock"], ["namespace", "list"],
                 ["namespace", "clear", "job"], ["store", "recover"], ["store", "rotate-key"], ["import", "--undo"],
                 ["import", "--forget"], ["doctor", f"{REGISTRY}/app:pull"]]


@pytest.fixture
def alone(ask, tmp_path):
    """Where the helper is on PATH, and the socket's folder is one that it takes."""
    tmp_path.chmod(0o700)

    def run(*arguments, **variables):
        path = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(tmp_path)}
        return ask(*arguments, environment={**path, **variables})

    return run


def said(done):
    """`doctor` says it in its report."""
    assert done.stdout or one_line(done.stderr)
    return done.stderr or done.stdout


@pytest.mark.parametrize("arguments", NEED_A_DAEMON, ids=" ".join)
def test_what_the_helper_says_is_passed_on(alone, arguments):
    done = alone(*arguments, PURSER_DAEMON="/nonexistent")
    assert done.returncode == 3
    assert ("and none could be started: PURSER_DAEMON names no program: /nonexistent; install purser again, or name purserd "
            "in PURSER_DAEMON") in said(done)
    assert "the next docker pull starts one" not in said(done)


@pytest.mark.parametrize("arguments", [*NEED_A_DAEMON, ["status"]], ids=" ".join)
def test_where_nobody_may_start_one_no_pull_is_promised(alone, arguments):
    done = alone(*arguments, PURSER_NO_START="1", PURSER_DAEMON="/nonexistent")
    assert done.returncode == 3
    assert "PURSER_NO_START forbids to start one" in said(done) and "docker pull" not in said(done)


def test_without_a_helper_no_pull_is_promised_either(alone):
    done = alone("token", REGISTRY, PATH="/usr/bin:/bin")
    assert (done.returncode, done.stdout) == (3, "")
    assert "docker-credential-purser, which would start one, is not on PATH" in done.stderr and one_line(done.stderr)


def test_a_daemon_that_ends_at_once_is_looked_at_by_hand(alone):
    done = alone("token", REGISTRY, PURSER_DAEMON="/bin/false")
    assert done.returncode == 3 and "purserd was started and ended at once; run `purserd` to see" in done.stderr


def test_a_helper_that_says_nothing_costs_no_more_than_ten_seconds(alone, tmp_path):
    program = tmp_path / "docker-credential-purser"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o700)
    begun = time.monotonic()
    done = alone("token", REGISTRY, PATH=f"{tmp_path}:/usr/bin:/bin")
    assert done.returncode == 3 and "none could be started: run `purserd` to see" in done.stderr
    assert time.monotonic() - begun < 11


def test_a_daemon_that_hangs_is_given_up_once(tmp_path):
    daemon = Daemon(tmp_path / "agent.sock", b"", hold=True)
    asked = [["login", REGISTRY, "-u", "ann", "--password-stdin"], ["status"], ["logs"],
             *[words for words in NEED_A_DAEMON if words[0] != "import"]]
    begun = time.monotonic()
    started = [subprocess.Popen([PURSER, *words], env={"PURSER_SOCKET": str(tmp_path / "agent.sock"), "PATH": "/usr/bin:/bin"},
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
               for words in asked]
    for process in started:
        out, err = process.communicate("fake-password", timeout=20)
        assert process.returncode == 1 and time.monotonic() - begun < 10, process.args
        assert "no answer from the daemon at" in out + err and "systemctl --user restart purser" in out + err, process.args
    daemon.stop()
