"""The helper connects before it reads, so that the daemon looks at it meanwhile."""

import os
import threading

import pytest

from fake_daemon import ANSWER, response

KEY = b"r.example.com"


@pytest.fixture
def met():
    return threading.Event()


def answer(fake, connection):
    fake.request(connection)
    connection.sendall(response())


def write(process, text=KEY):
    process.stdin.write(text)
    process.stdin.close()


def test_the_daemon_is_reached_before_there_is_anything_to_ask(helper, daemon, met):
    def serve(fake, connection, number):
        met.set()
        answer(fake, connection)

    fake = daemon(serve)
    with helper.start("get") as process:
        assert met.wait(10), "the helper reads first"
        write(process)
        assert process.stdout.read() == ANSWER
    assert fake.connections == 1 and [request.input for request in fake.requests] == [KEY]


@pytest.mark.parametrize("verb", ["get", "store", "erase"])
def test_a_daemon_that_does_not_wait_so_long_is_asked_again(helper, daemon, met, verb):
    def serve(fake, connection, number):
        if number > 0:
            answer(fake, connection)
        connection.close()
        met.set()

    fake = daemon(serve)
    with helper.start(verb) as process:
        assert met.wait(10), "the helper reads first"
        write(process)
        assert process.stdout.read() == ANSWER
    assert process.returncode == 0 and fake.connections == 2


def test_a_daemon_that_ends_meanwhile_is_started_again(starter, daemon, met):
    def end(fake, connection, _number):
        os.unlink(fake.path)
        connection.close()
        met.set()

    daemon(end)
    with starter.start("get") as process:
        assert met.wait(10), "the helper reads first"
        write(process)
        assert process.stdout.read() == ANSWER
    assert len(starter.starts()) == 1


def test_where_nobody_listens_nobody_is_started_without_a_question(starter):
    assert starter.run("get", b"").code == 1
    assert starter.starts() == []


def test_the_connection_is_not_kept_from_who_writes_nothing(helper, daemon):
    fake = daemon()
    assert helper.run("get", b"").code == 1
    assert fake.heard_nothing() and fake.connections == 1
