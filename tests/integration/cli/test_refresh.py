"""`purser refresh` and `purser metrics` against a scripted daemon and against none: what they send, show and end with. What
a daemon answers is in tests/integration/daemon/test_observation.py."""

import json

import pytest

from test_cli import ask, one_line, response  # noqa: F401

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
ANSWER = {"version": "9.9.9", "registry": ECR, "provider": "ecr", "identity": "1f0c9a2e", "source": "profile prod",
          "token": None, "outcome": "renewed", "code": None, "conclusion": "a new token lives 11 h 59 m"}


def answered(**fields):
    return response({**ANSWER, **fields})


def test_it_sends_what_a_helper_sends(ask):
    done = ask("refresh", ECR, answer=answered(), environment={"AWS_PROFILE": "prod", "SECRET_OF_A_JOB": "fake"})
    (request,) = done.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/refresh HTTP/1.1\r\n")
    entries, _, asked = body.partition(b"\0\0")
    assert asked == ECR.encode()
    assert b"AWS_PROFILE=prod" in entries.split(b"\0") and b"fake" not in entries


def test_a_new_token_is_one_line(ask):
    done = ask("refresh", ECR, answer=answered())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{ECR} (1f0c9a2e, profile prod): a new token lives 11 h 59 m\n"


@pytest.mark.parametrize("outcome, error, status", [
    ("failed", "transient", 6), ("no_credentials", "not_configured", 5), ("no_credentials", "misconfigured", 5),
    ("configuration", "misconfigured", 4), ("failed", "misconfigured", 6), ("not_renewable", None, 7), ("newer", None, 1)])
def test_what_scripts_are_told(ask, outcome, error, status):
    answer = answered(outcome=outcome, code=error, identity=None, conclusion="why\nnot")
    done = ask("refresh", ECR, answer=answer)
    assert (done.returncode, done.stdout) == (status, "")
    assert done.stderr == f"purser: {ECR}: why?not\n"
    done = ask("refresh", ECR, "--json", answer=None)
    assert (done.returncode, done.stderr) == (status, "")
    assert json.loads(done.stdout)["outcome"] == outcome


def test_nothing_newer_is_no_failure(ask):
    assert ask("refresh", ECR, answer=answered(outcome="unchanged")).returncode == 0


def test_json_is_the_answer(ask):
    done = ask("refresh", ECR, "--json", answer=answered())
    assert done.returncode == 0 and json.loads(done.stdout) == ANSWER


def test_an_error_of_the_daemon_is_one_line(ask):
    error = {"error": {"code": "bad_request", "message": "out of order", "host": None}}
    done = ask("refresh", ECR, answer=response(error, "400 Bad Request"))
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "purser: out of order\n")


@pytest.mark.parametrize("arguments", [["refresh", ECR], ["metrics"]])
def test_without_a_daemon_they_say_so_and_end_with_3(ask, arguments):
    done = ask(*arguments)
    assert (done.returncode, done.stdout) == (3, "")
    assert "no daemon listens at" in done.stderr and one_line(done.stderr)


@pytest.mark.parametrize("arguments", [["refresh"], ["refresh", "user:fake-password@"], ["refresh", ECR, ECR],
                                       ["refresh", "--all"], ["metrics", "x"]])
def test_a_wrong_command_line_ends_with_2_and_quotes_no_password(ask, arguments):
    done = ask(*arguments, answer=answered())
    assert (done.returncode, done.stdout, done.requests) == (2, "", [])
    assert one_line(done.stderr) and "fake-password" not in done.stderr


def test_metrics_are_the_answer_byte_for_byte(ask):
    text = '# TYPE x gauge\nx{a="1"} 1\n'
    done = ask("metrics", answer=response(text.encode()))
    assert (done.returncode, done.stdout, done.stderr) == (0, text, "")
    assert done.requests[0].startswith(b"GET /metrics HTTP/1.1\r\n")


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", response(b"x 1\n")[:-1], b""])
def test_half_of_the_metrics_are_none(ask, answer):
    done = ask("metrics", answer=answer)
    assert (done.returncode, done.stdout) == (1, "") and one_line(done.stderr)


def test_metrics_of_a_daemon_that_has_none(ask):
    done = ask("metrics", answer=response(b"purser: no such path\n", "404 Not Found"))
    assert (done.returncode, done.stdout) == (1, "") and "404" in done.stderr
