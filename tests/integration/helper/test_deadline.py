"""The helper ends within its limit, whatever the daemon and the client do (C12)."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading

import pytest

from fake_daemon import ANSWER, response

KEY = b"r.example.com"
LIMIT = 0.4
SHORT = {"PURSER_DEADLINE_MS": "400"}
# A busy machine schedules a process late; a helper that does not end would take longer.
SLACK = 2.0

FAKE_DAEMON = """
import sys; sys.path.insert(0, sys.argv[2]); import fake_daemon, signal
fake_daemon.FakeDaemon(sys.argv[1], fake_daemon.answering()); print(flush=True); signal.pause()
"""


def assert_timed_out(outcome, limit=LIMIT, host=b"r.example.com: "):
    assert outcome.code == 1
    assert outcome.out.startswith(b"purser: " + host) and outcome.out.count(b"\n") == 1
    assert b"; " in outcome.out and b"credentials not found" not in outcome.out
    assert outcome.err == b""
    assert limit * 0.5 < outcome.seconds < limit + SLACK


def silent(fake, connection, _number):
    fake.request(connection)
    fake.hold(connection)


@pytest.mark.parametrize("verb", ["get", "erase"])
def test_a_silent_daemon(helper, daemon, verb):
    daemon(silent)
    outcome = helper.run(verb, env=SHORT)
    assert_timed_out(outcome)
    assert b"purserd did not answer within 400 ms; " in outcome.out


def test_a_silent_daemon_on_store_names_the_registry_and_not_the_secret(helper, daemon):
    daemon(silent)
    outcome = helper.run("store", ANSWER, env=SHORT)
    assert_timed_out(outcome)
    assert b"not-a-real-secret" not in outcome.out


def test_a_silent_daemon_on_list_is_an_empty_list(helper, daemon):
    """A list that fails makes old versions of docker drop every credential (C22)."""
    daemon(silent)
    outcome = helper.run("list", env=SHORT)
    assert (outcome.code, outcome.out) == (0, b"{}\n")
    assert outcome.seconds < LIMIT + SLACK


def test_nine_seconds_is_the_limit_and_can_only_be_lowered(helper, daemon):
    daemon(silent)
    outcome = helper.get(env={"PURSER_DEADLINE_MS": "60000"})
    assert_timed_out(outcome, limit=9, host=b"r.example.com: ")
    assert b"within 9 s; " in outcome.out
    assert 8.5 < outcome.seconds < 9.5


@pytest.mark.parametrize("value", ["0", "-1", "+5", "5x", " 5", "", "99999999999999999999"])
def test_a_limit_that_is_none_is_not_used(helper, daemon, value):
    fake = daemon()
    assert helper.get(env={"PURSER_DEADLINE_MS": value}).code == 0
    assert int(fake.requests[0].fields["Purser-Deadline-Ms"]) > 8000


def test_a_daemon_that_answers_drop_by_drop(helper, daemon):
    over = threading.Event()

    def serve(fake, connection, _number):
        fake.request(connection)
        for byte in response(b"not-a-real-secret" * 1000):
            connection.sendall(bytes([byte]))
            if over.wait(0.05):
                return

    daemon(serve)
    outcome = helper.get(env=SHORT)
    over.set()
    assert_timed_out(outcome)
    assert b"not-a-real-secret" not in outcome.out


def test_a_daemon_that_does_not_read(helper, daemon):
    daemon(lambda fake, connection, _number: fake.hold(connection))
    outcome = helper.run("store", b'{"ServerURL":"r.example.com","Secret":"' + b"x" * 1_000_000, env=SHORT)
    assert_timed_out(outcome)


def test_a_daemon_that_reads_drop_by_drop(helper, daemon):
    over = threading.Event()

    def serve(_fake, connection, _number):
        while connection.recv(8192) and not over.wait(0.05):
            pass

    daemon(serve)
    outcome = helper.run("store", b'{"ServerURL":"r.example.com","Secret":"' + b"x" * 1_000_000, env=SHORT)
    over.set()
    assert_timed_out(outcome)


def test_a_stopped_daemon(helper):
    """SIGSTOP: the kernel goes on accepting connections for it."""
    support = os.path.dirname(sys.modules["fake_daemon"].__file__)
    command = [sys.executable, "-c", FAKE_DAEMON, helper.socket, support]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        assert helper.get().out == ANSWER
        process.send_signal(signal.SIGSTOP)
        assert_timed_out(helper.get(env=SHORT))
        process.send_signal(signal.SIGCONT)
        assert helper.get().out == ANSWER
        process.kill()


class Busy:
    """Listens, and has a full queue of connections that it does not accept."""

    def __init__(self, path):
        os.makedirs(os.path.dirname(path), mode=0o700)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(path)
        self.listener.listen(0)
        self.waiting = []
        while True:
            waiter = socket.socket(socket.AF_UNIX)
            waiter.setblocking(False)
            try:
                waiter.connect(path)
            except BlockingIOError:
                waiter.close()
                return
            self.waiting.append(waiter)

    def accept(self):
        return self.listener.accept()[0]

    def close(self):
        for each in [self.listener, *self.waiting]:
            each.close()


def test_a_busy_daemon_is_not_taken_for_a_missing_one(starter):
    busy = Busy(starter.socket)
    outcome = starter.get(env=SHORT)
    busy.close()
    assert_timed_out(outcome)
    assert b"purserd is too busy to accept a connection" in outcome.out
    assert starter.starts() == []


def test_a_busy_daemon_is_waited_for(helper):
    busy = Busy(helper.socket)
    with helper.start("get") as process:
        process.stdin.write(KEY)
        process.stdin.close()
        for _ in busy.waiting:
            busy.accept().close()
        with busy.accept() as connection:
            connection.recv(65536)
            connection.sendall(response())
        assert process.stdout.read() == ANSWER
    busy.close()


def test_standard_input_that_never_ends(helper, daemon):
    fake = daemon()
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(KEY)
        outcome = helper.get(None, stdin=theirs, env=SHORT)
    assert_timed_out(outcome, host=b"")
    assert fake.heard_nothing()


def test_standard_input_that_is_a_terminal(helper, daemon):
    daemon()
    controller, terminal = os.openpty()
    outcome = helper.get(None, stdin=terminal, env=SHORT)
    os.close(controller)
    os.close(terminal)
    assert_timed_out(outcome, host=b"")


def test_standard_input_without_blocking(helper, daemon):
    daemon()
    read, write = os.pipe()
    os.set_blocking(read, False)
    with helper.start("get", stdin=read) as process:
        os.write(write, KEY)
        os.close(write)
        os.close(read)
        assert process.communicate(timeout=5)[0] == ANSWER


def test_standard_output_that_nobody_reads(helper, daemon):
    daemon()
    read, write = os.pipe()
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    os.write(write, b"x" * 4096)
    outcome = helper.get(stdout=write, env=SHORT)
    os.close(read)
    os.close(write)
    assert outcome.code != 0
    assert outcome.seconds < LIMIT + SLACK


@pytest.mark.parametrize("ignored", [True, False])
def test_a_client_that_ignores_alarms_changes_nothing(helper, daemon, ignored):
    daemon(silent)
    action = signal.SIG_IGN if ignored else signal.SIG_DFL
    outcome = helper.get(env=SHORT, preexec_fn=lambda: signal.signal(signal.SIGALRM, action))
    assert_timed_out(outcome)


def test_a_lock_that_is_never_released(starter):
    folder = os.path.dirname(starter.socket)
    os.mkdir(folder, mode=0o700)
    with open(os.path.join(folder, "agent.lock"), "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        outcome = starter.get(env=SHORT)
    assert_timed_out(outcome)
    assert b"another helper is still starting purserd" in outcome.out
    assert starter.starts() == []


def test_a_daemon_that_never_gets_ready(starter):
    starter.daemons("hang")
    outcome = starter.get(env={"PURSER_DEADLINE_MS": "1000"})
    assert_timed_out(outcome, limit=1)
    assert b"purserd was started and is not ready" in outcome.out
