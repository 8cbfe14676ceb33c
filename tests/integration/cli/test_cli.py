"""The command line against a scripted daemon: what it asks, shows and ends with."""

import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))

from scripted_daemon import response, whole_request  # noqa: E402

BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))
PURSER = str(BIN / "purser")

STATUS = {"version": "9.9.9", "pid": 1, "uptime_seconds": 5, "socket": "s", "started_by": "helper",
          "config": {"path": "c", "error": None}, "store": {"description": "d", "error": None},
          "memory_locked": True, "entries": []}


class Daemon:
    """Answers every connection with the same bytes and remembers what it was asked."""

    def __init__(self, path, answer, hold=False):
        self.answer, self.hold, self.requests, self.held = answer, hold, [], []
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen(8)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def stop(self):
        """Closed only when nobody waits at it any more: the next one may get the same descriptor."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(10)
        self.listener.close()

    def _serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.requests.append(whole_request(connection))
            try:
                connection.sendall(self.answer)
            except OSError:
                pass
            if self.hold:
                self.held.append(connection)  # neither answers more nor closes
            else:
                connection.close()


@pytest.fixture
def ask(tmp_path):
    daemons = []

    def run(*arguments, answer=None, hold=False, environment=None, stdin=""):
        path = tmp_path / "agent.sock"
        if answer is not None:
            daemons.append(Daemon(path, answer, hold))
        variables = {"PURSER_SOCKET": str(path), "PATH": "/usr/bin:/bin"}
        variables.update(environment or {})
        done = subprocess.run([PURSER, *arguments], env=variables, capture_output=True, text=True,
                              input=stdin, timeout=20, check=False)
        done.requests = daemons[-1].requests if daemons else []
        return done

    yield run
    for daemon in daemons:
        daemon.stop()


def one_line(text):
    return text.count("\n") == 1 and text.endswith("\n")


def test_status_asks_once_and_shows_the_answer(ask):
    done = ask("status", answer=response(STATUS))
    assert done.returncode == 0
    assert done.stdout.startswith("purserd 9.9.9, pid 1, up 5 s, started by helper\n")
    assert "\x1b" not in done.stdout
    assert done.requests == [b"GET /v1/status HTTP/1.1\r\nHost: purser\r\nPurser-Version: 1\r\n"
                             b"Connection: close\r\n\r\n"]


def test_status_json_is_the_answer(ask):
    done = ask("status", "--json", answer=response(STATUS))
    assert done.returncode == 0
    assert json.loads(done.stdout) == STATUS


def test_audit_json_is_the_answer(ask):
    done = ask("audit", "--json", answer=response({"events": []}))
    assert done.returncode == 0
    assert json.loads(done.stdout) == {"events": []}
    assert done.requests[0].startswith(b"GET /v1/audit ")


@pytest.mark.parametrize("verb", ["status", "audit"])
def test_without_a_daemon_it_says_so_and_ends_with_3(ask, verb):
    done = ask(verb)
    assert done.returncode == 3
    assert done.stdout == ""
    assert "no daemon listens at" in done.stderr and one_line(done.stderr)


def test_a_socket_that_nobody_listens_on_is_no_daemon(ask, tmp_path):
    with socket.socket(socket.AF_UNIX) as left_behind:
        left_behind.bind(str(tmp_path / "agent.sock"))
    assert ask("status").returncode == 3


def test_version_needs_no_daemon(ask):
    done = ask("version")
    assert done.returncode == 0
    assert done.stdout.endswith("purserd is not running\n")


def test_version_shows_both(ask):
    done = ask("version", answer=response({"version": "9.9.9", "protocol": 1}))
    assert done.returncode == 0
    assert done.stdout.splitlines()[1] == "purserd 9.9.9 (protocol 1)"


def test_an_error_of_the_daemon_is_one_line(ask):
    error = {"error": {"code": "internal", "message": "out\nof order", "host": None}}
    done = ask("status", answer=response(error, "500 Internal Server Error"))
    assert done.returncode == 1
    assert done.stderr == "purser: out?of order\n"


@pytest.mark.parametrize("cut", [0, 5, 30, -1])
def test_half_an_answer_is_none(ask, cut):
    done = ask("status", "--json", answer=response(STATUS)[:cut])
    assert done.returncode == 1
    assert done.stdout == ""
    assert one_line(done.stderr)


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", response(b"<html>"), response(b"[]"),
                                    response(b"[" * 100_000)])
def test_nonsense_is_refused(ask, answer):
    done = ask("status", answer=answer)
    assert done.returncode == 1
    assert one_line(done.stderr)


def test_a_silent_daemon_is_given_up(ask):
    done = ask("status", answer=b"HTTP/1.1 200 OK\r\n", hold=True)
    assert done.returncode == 1
    assert "no answer from the daemon" in done.stderr


def test_a_relative_socket_is_an_error(ask):
    done = ask("status", environment={"PURSER_SOCKET": "agent.sock"})
    assert done.returncode == 1
    assert done.stderr == "purser: PURSER_SOCKET is not an absolute path\n"


SERVER_THAT_LISTENS = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen()
print("ready", flush=True)
print(listener.accept()[0].recv(100), flush=True)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to be another user")
@pytest.mark.parametrize(("named", "asked"), [(None, False), ("4241", False), ("4242x", False), ("4242", True)])
def test_another_users_daemon_is_not_asked_unless_its_user_is_named(named, asked):
    environment = {"PURSER_SOCKET_UID": named} if named else {}
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to other users
        os.chown(folder, 4242, 4242)
        path = folder + "/agent.sock"
        with subprocess.Popen(["/usr/bin/python3", "-c", SERVER_THAT_LISTENS, path], cwd="/",
                              stdout=subprocess.PIPE, text=True, user=4242, group=4242) as server:
            assert server.stdout.readline() == "ready\n"
            done = subprocess.run([PURSER, "status"], env={"PURSER_SOCKET": path, **environment}, timeout=20,
                                  capture_output=True, text=True, check=False)
            assert done.returncode == 1  # this server answers nobody
            assert ("held by another user" in done.stderr) != asked
            assert server.stdout.readline().startswith("b'GET /v1/status " if asked else "b''")


@pytest.mark.parametrize("arguments", [[], ["statu"], ["status", "--jsn"], ["status", "x"]])
def test_a_wrong_command_line_ends_with_2(ask, arguments):
    done = ask(*arguments)
    assert done.returncode == 2
    assert done.stdout == "" and one_line(done.stderr)


@pytest.mark.parametrize(("arguments", "said"), [
    (["bogus"], "there is no command bogus; see: purser --help"),
    (["statu"], "there is no command statu; did you mean: purser status"),
    (["namespace", "lst"], "there is no command lst; did you mean: purser namespace list"),
    (["Fake-Passw0rd"], "A subcommand is required; see: purser --help"),
    (["store", "migrate", "extra", "junk", "--json"], "--to is required; see: purser store migrate --help"),
    (["export", "--name", "x", "a.example"], "--name: is of a Secret: it needs --format dockerconfigjson; see: purser export --help"),
    (["export", "--interval", "5", "a.example"], "--interval requires --keep; see: purser export --help"),
    (["export", "a.example", "--output", ""], "--output: wants the name of a file; see: purser export --help")])
def test_a_wrong_command_line_is_told_in_its_own_words(ask, arguments, said):
    done = ask(*arguments)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"purser: {said}\n")


def test_a_client_that_setup_does_not_know_is_named(ask):
    done = ask("setup", "nope", "--dry-run")
    assert done.returncode == 2 and "does not know the client nope; it knows docker," in done.stderr and one_line(done.stderr)


@pytest.mark.parametrize(("arguments", "has", "has_not"), [
    (["import"], ["  3  no daemon runs"], []), (["export"], ["[OPTIONS] REGISTRY...\n"], ["(1x)"]),
    (["run"], ["[OPTIONS] [--] COMMAND...\n", "  125  ", "  126  ", "  127  "], []), (["job"], ["Ends with:"], []),
    (["job", "start"], ["Ends with:"], []), (["job", "stop"], ["Ends with:"], []),
    (["completion"], ["[OPTIONS] [SHELL]\n"], ["SUBCOMMAND"]), (["store"], ["[OPTIONS] [SUBCOMMAND]\n"], [])])
def test_help_says_what_can_be_written_and_what_it_ends_with(ask, arguments, has, has_not):
    text = ask(*arguments, "--help").stdout
    assert [part for part in has if part not in text] + [part for part in has_not if part in text] == []


@pytest.mark.parametrize("arguments", [["lock"], ["unlock"], ["unlock", "--remove-passphrase"], ["store", "recover"],
                                       ["store", "recover", "--json"], ["store", "rotate-key"]], ids=" ".join)
@pytest.mark.parametrize("answer", [{}, {"outcome": "newer"}, {"outcome": 1}])
def test_an_answer_without_a_known_outcome_is_no_success(ask, arguments, answer):
    done = ask(*arguments, answer=response(answer))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "purser: the daemon's answer is not understood; compare: purser version\n"


COUNT = "--lines: wants a number of lines, 0 to 1000000"
DESCRIPTOR = "--passphrase-fd: wants the number of a descriptor, 0 to 2147483647"


@pytest.mark.parametrize(("arguments", "said"), [
    *[([command, "--lines", number], COUNT) for command in ("audit", "logs")
      for number in ("-1", "x", "", "1.5", "1000001", "99999999999999999999")],
    *[([command, "-n", "0"], "--lines: 0 shows nothing without --follow") for command in ("audit", "logs")],
    *[([*command, "--passphrase-fd", number], DESCRIPTOR) for command in (["lock"], ["unlock"], ["store", "rotate-key"])
      for number in ("x", "-1", "99999999999")]])
def test_a_number_that_is_none_is_refused_in_plain_words(ask, arguments, said):
    done = ask(*arguments, answer=response({}))
    assert (done.returncode, done.stdout, done.requests) == (2, "", [])
    assert done.stderr == f"purser: {said}; see: purser {' '.join(arguments[:-2])} --help\n"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["status", "--help"]])
def test_help_and_version_end_with_0(ask, arguments):
    done = ask(*arguments)
    assert done.returncode == 0
    assert done.stdout and done.stderr == ""
