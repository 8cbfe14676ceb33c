"""A daemon that dies with our request in its hands is not noticed by the client (attack 33)."""

import os
import signal
import socket

import pytest

from fake_daemon import ANSWER, response


def closing(_fake, connection):
    connection.close()  # with our request unread: a reset


def ending(fake, connection):
    fake.request(connection)  # read, and then the end


def half_answering(fake, connection):
    fake.request(connection)
    connection.sendall(response()[:-1])


@pytest.mark.parametrize("verb", ["get", "store", "erase", "list"])
@pytest.mark.parametrize("death", [closing, ending, half_answering])
@pytest.mark.parametrize("deaths", [1, 3])
def test_it_is_asked_again(helper, daemon, verb, death, deaths):
    def serve(fake, connection, number):
        if number < deaths:
            return death(fake, connection)
        fake.request(connection)
        return connection.sendall(response())

    fake = daemon(serve)
    outcome = helper.run(verb)
    assert (outcome.code, outcome.out, outcome.err) == (0, ANSWER, b"")
    assert fake.connections == deaths + 1


def test_the_request_is_the_same_each_time(helper, daemon):
    def serve(fake, connection, number):
        fake.request(connection)
        if number == 2:
            connection.sendall(response())

    fake = daemon(serve)
    assert helper.run("store", b"x" * 500_000).code == 0
    assert len({request.body for request in fake.requests}) == 1 and len(fake.requests) == 3


def test_a_daemon_that_always_dies_is_an_error(helper, daemon):
    fake = daemon(lambda fake, connection, _number: ending(fake, connection))
    outcome = helper.get(b"123456789012.dkr.ecr.us-east-1.amazonaws.com")
    assert outcome.code == 1
    assert b"purserd closed the connection without an answer; " in outcome.out
    assert 3 <= fake.connections <= 10


def test_kill_9_is_survived_by_a_new_daemon(starter):
    """Without systemd: the socket stays behind, and nobody listens."""
    assert starter.get().out == ANSWER
    first = starter.starts()[0]["pid"]
    os.kill(first, signal.SIGKILL)
    assert starter.get().out == ANSWER
    assert len(starter.starts()) == 2


def test_kill_9_of_a_daemon_that_has_our_request(starter):
    """It dies while it serves: the next one answers, and the client sees that answer."""
    folder = os.path.dirname(starter.socket)
    os.mkdir(folder, mode=0o700)
    dying = socket.socket(socket.AF_UNIX)
    dying.bind(starter.socket)
    dying.listen()
    with starter.start("get") as process:
        process.stdin.write(b"r.example.com")
        process.stdin.close()
        connection, _ = dying.accept()
        connection.recv(10)
        dying.close()  # what the kernel does for a process that is killed
        connection.close()
        assert process.stdout.read() == ANSWER
    assert len(starter.starts()) == 1
