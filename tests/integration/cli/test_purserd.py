"""What purserd says to a command line that it does not take, and the exit codes of purserd(8)."""

import socket
import subprocess

import pytest

from rig_home import Home

EXCLUDE = "--once, --started-by-helper and --for-job exclude each other"


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "h")
    yield made
    made.stop()


@pytest.mark.parametrize("words, says", [
    (["--once", "--for-job"], EXCLUDE),
    (["--started-by-helper", "--once"], EXCLUDE),
    (["--for-job", "--started-by-helper"], EXCLUDE),
    (["--once", "--ready-fd", "3"], "--once listens nowhere, so that --ready-fd has nothing to tell"),
    (["--ready-fd"], "--ready-fd wants the number of a descriptor, from 3"),
    (["--ready-fd", "x"], "--ready-fd wants the number of a descriptor, from 3"),
    (["--ready-fd=2"], "--ready-fd wants the number of a descriptor, from 3"),
    (["--lock-fd"], "--lock-fd wants the number of a descriptor, from 3"),
    (["--listening-fd", "3"], "--listening-fd and --lock-fd are given together"),
    (["--nonsense"], "unknown option"),
    (["--once=1"], "unknown option"),
    (["start"], "takes options alone, no other words"),
])
def test_a_wrong_command_line(home, words, says):
    done = home.run("purserd", *words)
    assert (done.status, done.stdout, done.stderr) == (2, "", f"purserd: {says}; see purserd --help\n")


@pytest.mark.parametrize("stdin", ["null", "pipe", "listening", "internet"])
def test_once_without_a_client_is_an_error(home, stdin, tmp_path):
    if stdin == "null":
        given = open("/dev/null")  # noqa: SIM115: closed with the test
    elif stdin == "pipe":
        given = subprocess.PIPE
    elif stdin == "listening":
        given = socket.socket(socket.AF_UNIX)
        given.bind(str(tmp_path / "s"))
        given.listen()
    else:
        server = socket.create_server(("127.0.0.1", 0))
        given = socket.create_connection(server.getsockname())
    done = subprocess.run([home.programs / "purserd", "--once"], env=home.environment, stdin=given,
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 3 and "--once answers the client on standard input" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_second_daemon_says_that_there_is_one(home):
    home.start_daemon()
    assert home.run("purserd").status == 4


def test_a_place_that_cannot_be_is_the_first_code(home):
    assert home.run("purserd", PURSER_SOCKET="/dev/null/x/agent.sock").status == 1
