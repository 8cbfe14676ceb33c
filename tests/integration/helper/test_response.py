"""What the helper does with what the daemon sends."""

import os

import pytest

from fake_daemon import ANSWER, answering, response
from helper_program import NOT_FOUND

SECRET = b"not-a-real-secret"


def no_retries():
    """Retries wait in all for seconds; a test of what comes after them need not."""
    return {"PURSER_DEADLINE_MS": "600"}


def get_answered_by(helper, daemon, answer):
    daemon(answering(answer))
    return helper.get(b"123456789012.dkr.ecr.eu-west-1.amazonaws.com", env=no_retries())


@pytest.mark.parametrize("status", [200, 404, 400, 500, 503, 204, 201])
def test_only_status_200_is_success(helper, daemon, status):
    outcome = get_answered_by(helper, daemon, response(b"as it came", status))
    assert (outcome.code, outcome.out, outcome.err) == (0 if status == 200 else 1, b"as it came", b"")


def test_not_found_is_the_daemons_to_say(helper, daemon):
    outcome = get_answered_by(helper, daemon, response(NOT_FOUND, 404))
    assert (outcome.code, outcome.out) == (1, NOT_FOUND)


def test_the_body_is_not_looked_at(helper, daemon):
    body = bytes(range(256)) + b"\r\n\r\nHTTP/1.1 500 No\r\n\r\n"
    assert get_answered_by(helper, daemon, response(body)).out == body


def test_an_empty_body_writes_nothing(helper, daemon):
    outcome = get_answered_by(helper, daemon, response(b""))
    assert (outcome.code, outcome.out, outcome.err) == (0, b"", b"")


@pytest.mark.parametrize("field", ["Purser-Stream: stderr", "purser-stream:stderr", "PURSER-STREAM:  stderr "])
def test_the_daemon_may_choose_standard_error(helper, daemon, field):
    outcome = get_answered_by(helper, daemon, response(b"why\n", 500, field))
    assert (outcome.code, outcome.out, outcome.err) == (1, b"", b"why\n")


def test_any_other_stream_is_standard_output(helper, daemon):
    outcome = get_answered_by(helper, daemon, response(b"why\n", 500, "Purser-Stream: stdout"))
    assert (outcome.out, outcome.err) == (b"why\n", b"")


def test_the_largest_answer_is_written_whole(helper, daemon):
    body = b"x" * (4 << 20)
    assert get_answered_by(helper, daemon, response(body)).out == body


def test_the_answer_is_one_write(helper, daemon):
    daemon()
    read, write = os.pipe2(os.O_DIRECT)  # a read gives what one write put there
    with os.fdopen(read, "rb", buffering=0) as pipe:
        with helper.start("get", stdout=write) as process:
            os.close(write)
            process.communicate(b"r.example.com", timeout=10)
        assert pipe.read(65536) == ANSWER
        assert pipe.read(65536) == b""


def test_what_follows_the_body_is_not_written(helper, daemon):
    outcome = get_answered_by(helper, daemon, response() + b"more")
    assert (outcome.code, outcome.out) == (0, ANSWER)


def test_an_answer_may_come_byte_by_byte(helper, daemon):
    def serve(fake, connection, _number):
        fake.request(connection)
        for byte in response():
            connection.sendall(bytes([byte]))

    daemon(serve)
    assert helper.get().out == ANSWER


def test_a_cut_answer_shows_nothing_of_it(helper, daemon):
    """Whatever byte the daemon dies at. Each connection but the last ends one byte later."""
    whole = response()

    def serve(fake, connection, number):
        fake.request(connection)
        connection.sendall(whole[: number % len(whole)])

    fake = daemon(serve)
    while fake.connections < len(whole):
        outcome = helper.get(env={"PURSER_DEADLINE_MS": "100"})
        # Several cuts each, and none of them was an answer.
        assert outcome.code == 1
        assert SECRET not in outcome.out + outcome.err and b"HTTP" not in outcome.out


def test_an_answer_on_the_last_attempt_is_the_only_thing_written(helper, daemon):
    def serve(fake, connection, number):
        fake.request(connection)
        connection.sendall(response() if number == 3 else response()[:-1])

    daemon(serve)
    outcome = helper.get()
    assert (outcome.code, outcome.out, outcome.err) == (0, ANSWER, b"")


GARBAGE = {
    "nothing known": b"SSH-2.0-OpenSSH\r\n\r\n",
    "no version": b"HTTP 200 OK\r\nContent-Length: 1\r\n\r\nx",
    "another version": b"HTTP/2.0 200 OK\r\nContent-Length: 1\r\n\r\nx",
    "no status": b"HTTP/1.1 \r\nContent-Length: 1\r\n\r\nx",
    "odd status": b"HTTP/1.1 2x0 OK\r\nContent-Length: 1\r\n\r\nx",
    "long status": b"HTTP/1.1 2000 OK\r\nContent-Length: 1\r\n\r\nx",
    "interim status": b"HTTP/1.1 100 Continue\r\nContent-Length: 0\r\n\r\n",
    "no length": b"HTTP/1.1 200 OK\r\n\r\nnot-a-real-secret",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nx",
    "signed length": b"HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\nx",
    "empty length": b"HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nx",
    "length in words": b"HTTP/1.1 200 OK\r\nContent-Length: 1 2\r\n\r\nx",
    "length that overflows": b"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551617\r\n\r\nx",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\nx",
    "no colon": b"HTTP/1.1 200 OK\r\nContent-Length 1\r\n\r\nx",
    "a head without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000,
    "zeros": bytes(9000),
}


@pytest.mark.parametrize("answer", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_answer_is_an_error(helper, daemon, answer):
    outcome = get_answered_by(helper, daemon, answer)
    assert outcome.code == 1
    assert outcome.out == (
        b"purser: 123456789012.dkr.ecr.eu-west-1.amazonaws.com: purserd's answer is not understood; "
        b"install the helper and purserd of one version, and restart purserd\n"
    )


@pytest.mark.parametrize("size", [(4 << 20) + 1, 1 << 40, (1 << 64) - 1])
def test_an_answer_over_the_limit_is_an_error_at_once(helper, daemon, size):
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()
    outcome = get_answered_by(helper, daemon, answer)
    assert outcome.code == 1 and b"purserd's answer is too large; " in outcome.out


def test_a_refusal_before_the_whole_request_was_read_is_shown(helper, daemon):
    def serve(_fake, connection, _number):
        connection.recv(100)
        connection.sendall(response(b"too much\n", 413))

    daemon(serve)
    outcome = helper.run("store", b"x" * (1 << 20))
    assert (outcome.code, outcome.out) == (1, b"too much\n")


def test_output_that_nobody_takes_is_a_failure(helper, daemon):
    daemon()
    with open("/dev/full", "wb") as full:
        assert helper.get(stdout=full).code == 1


def test_a_client_that_went_away_is_a_failure(helper, daemon):
    daemon()
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        assert helper.get(stdout=pipe).code != 0
