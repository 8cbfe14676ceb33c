"""A daemon whose standard streams are of no use: it goes on answering, and no file of its own gets the log's lines."""

import json
import os
import pathlib
import subprocess

import pytest

from rig_process import wait_until

REGISTRY = "r.example.com"
NULL = "/dev/null"


def store(home, secret: str) -> None:
    home.helper("store", json.dumps({"ServerURL": REGISTRY, "Username": "ann", "Secret": secret})).ok()


@pytest.fixture
def started(home):
    """Starts purserd with a shell's redirections, or with the descriptor of a test as standard error; its process."""
    programs = []

    def start(redirections: str = "", **options) -> subprocess.Popen:
        home.purser_config(log={"level": "debug"})  # so that there is a line for each request
        shell = f'exec "$0" {redirections}'
        program = subprocess.Popen(["sh", "-c", shell, str(home.programs / "purserd")], env=home.environment,
                                   start_new_session=True, **{"stderr": subprocess.DEVNULL, **options})
        programs.append(program)
        wait_until(home.socket.exists, 10, "it does not listen")
        return program

    yield start
    for program in programs:
        program.terminate()
        program.wait(10)


def goes_on(home, daemon) -> None:
    """Requests, an error, a reload: each is a line of the log."""
    for number in range(3):
        store(home, f"fake-secret-{number}")
        assert home.get(REGISTRY)["Secret"] == f"fake-secret-{number}"
    home.refused("127.0.0.1:1/..")
    home.purser_config(log={"level": "info"})
    assert home.get(REGISTRY)["Secret"] == "fake-secret-2"
    assert len(home.ask("/v1/logs")["lines"]) > 3
    assert daemon.poll() is None


@pytest.mark.parametrize("redirections", ["2>/dev/full", "2>/dev/full >/dev/full", "2<&0 </dev/null"])
def test_where_standard_error_takes_nothing(home, started, redirections):
    goes_on(home, started(redirections, stdin=subprocess.DEVNULL))


@pytest.mark.parametrize("closed", ["2>&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-", ">&-"])
def test_where_streams_are_closed(home, started, closed):
    """The first files and connections of the daemon would take their numbers."""
    daemon = started(closed)
    for stream in (0, 1, 2):
        if {0: "<&-", 1: ">&-", 2: "2>&-"}[stream] in closed.split():
            assert os.readlink(f"/proc/{daemon.pid}/fd/{stream}") == NULL
    goes_on(home, daemon)
    assert home.brokers()
    for pid in home.brokers():
        assert [os.readlink(f"/proc/{pid}/fd/{stream}") for stream in (0, 1, 2)] == [NULL] * 3


def test_where_nobody_reads_standard_error_any_more(home, started):
    reading, writing = os.pipe()
    daemon = started(stderr=writing)
    os.close(writing)
    os.close(reading)
    goes_on(home, daemon)


def test_where_the_reader_of_standard_error_hangs(home, started):
    """A full pipe: a line that would wait is lost instead."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    try:
        while True:
            os.write(writing, b"x" * 4096)
    except BlockingIOError:
        os.set_blocking(writing, True)
    daemon = started(stderr=writing)
    os.close(writing)
    goes_on(home, daemon)
    os.close(reading)


def test_what_was_stored_meanwhile_is_whole(home, started):
    daemon = started("<&- >&- 2>&-")
    goes_on(home, daemon)
    daemon.terminate()
    assert daemon.wait(10) == 0
    for file in pathlib.Path(home.home, ".local/state/purser").iterdir():
        assert b"purserd[" not in file.read_bytes(), file
    assert home.get(REGISTRY)["Secret"] == "fake-secret-2"
