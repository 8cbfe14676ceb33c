"""`purser doctor` against a scripted daemon and against none: what it sends, shows and ends with. What a daemon answers
is in tests/integration/daemon/test_diagnosis.py."""

import json
import pathlib
import socket
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "support"))
from rig_doctor import Report  # noqa: E402
from test_cli import ask, one_line, response  # noqa: E402, F401

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
ANSWER = {"version": "9.9.9", "registry": None, "provider": None, "principal": None, "token": None, "outcome": "ok",
          "code": None, "conclusion": "All is well",
          "steps": [{"topic": "daemon", "state": "ok", "text": "purserd 9.9.9"}]}


def answered(outcome, **fields):
    return response({**ANSWER, "outcome": outcome, **fields})


def test_it_sends_what_a_helper_sends(ask):
    variables = {"AWS_PROFILE": "prod", "HOME": "/home/ann", "SECRET_OF_A_JOB": "fake", "GITHUB_TOKEN": "fake-gh"}
    done = ask("doctor", ECR, answer=answered("ok"), environment=variables)
    assert done.returncode == 0
    (request,) = done.requests
    head, _, body = request.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/doctor HTTP/1.1\r\n") and b"\r\nPurser-Version: 1" in head
    entries, _, asked = body.partition(b"\0\0")
    assert asked == ECR.encode()
    names = {entry.partition(b"=")[0] for entry in entries.split(b"\0") if not entry.startswith(b"/")}
    assert names == {b"AWS_PROFILE", b"HOME", b"GITHUB_TOKEN", b"PURSER_SOCKET"}
    assert [entry for entry in entries.split(b"\0") if entry.startswith(b"/")], "the working directory"


def test_without_a_registry_it_asks_about_none(ask):
    done = ask("doctor", answer=answered("ok"))
    assert done.requests[0].endswith(b"\0\0")


@pytest.mark.parametrize("outcome, code", [("ok", 0), ("configuration", 4), ("no_credentials", 5), ("failed", 6),
                                           ("something newer", 1), (None, 1)])
def test_what_scripts_are_told(ask, outcome, code):
    done = ask("doctor", ECR, answer=answered(outcome))
    assert done.returncode == code
    assert done.stdout.endswith("\n\nAll is well\n") and done.stderr == ""


def test_another_version_of_the_daemon_is_told(ask):
    report = Report(*(lambda done: (done.returncode, done.stdout))(ask("doctor", "--json", answer=answered("ok"))))
    state, text = report.step("version")
    assert state == "warning" and "9.9.9" in text
    assert report.steps("daemon") == [("ok", "purserd 9.9.9")]


@pytest.mark.parametrize("left_behind", [False, True])
def test_without_a_daemon_it_says_what_it_tried(ask, tmp_path, left_behind):
    if left_behind:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(tmp_path / "agent.sock"))
    done = ask("doctor", f"https://{ECR}/v2/")
    assert done.returncode == 3 and done.stderr == ""
    assert f"no daemon listens at {tmp_path}/agent.sock" in done.stdout
    assert done.stdout.splitlines()[-1].startswith("No daemon can be asked: ")
    done = ask("doctor", f"https://{ECR}/v2/", "--json")
    report = Report(done.returncode, done.stdout)
    assert report.outcome == (3, "no_daemon") and report.json["registry"] == ECR
    assert report.step("daemon")[0] == "failed" and report.step("helper")[0] == "warning"


@pytest.mark.parametrize("variables, said", [
    ({"PURSER_SOCKET": "agent.sock"}, "PURSER_SOCKET is not an absolute path"),
    ({f"AWS_LONG_{number}": "x" * 100_000 for number in range(3)}, "are over 256 KiB: unset those that are not needed")])
def test_a_daemon_that_cannot_be_asked_may_run_all_the_same(ask, variables, said):
    done = ask("doctor", answer=answered("ok"), environment=variables)
    assert done.returncode == 1 and done.stderr == "" and said in done.stdout
    assert done.stdout.splitlines()[-1].startswith("The daemon gives no report (")


@pytest.mark.parametrize("answer", [b"garbage\r\n\r\n", response(b"<html>"), answered("ok")[:-5], b""])
def test_nonsense_is_no_answer(ask, answer):
    done = ask("doctor", "--json", answer=answer)
    assert Report(done.returncode, done.stdout).outcome == (1, "unknown")


def test_an_older_daemon_says_that_it_knows_no_doctor(ask):
    error = {"error": {"code": "bad_request", "message": "only GET is known here", "host": None}}
    done = ask("doctor", ECR, answer=response(error, "405 Method Not Allowed"))
    assert done.returncode == 1 and "purser version" in done.stdout


@pytest.mark.parametrize("more", [[], ["--json"]])
def test_text_of_the_daemon_cannot_command_the_terminal(ask, more):
    evil = "\x1b[31m\x07\u009b31m"
    answer = answered("ok", conclusion=evil, steps=[{"topic": evil, "state": evil, "text": evil}])
    done = ask("doctor", *more, answer=answer)
    assert not {"\x1b", "\x07", "\x9b"} & set(done.stdout), done.stdout
    assert "31m" in done.stdout


@pytest.mark.parametrize("arguments", [["a", "b"], ["--jsn"], [""], ["https://ann:fake-password@host/"], ["a b"]])
def test_a_wrong_command_line_ends_with_2(ask, arguments):
    done = ask("doctor", *arguments, answer=answered("ok"))
    assert done.returncode == 2
    assert done.stdout == "" and one_line(done.stderr) and done.requests == []
    assert "fake-password" not in done.stderr


def test_a_helper_that_hangs_is_given_up(ask, tmp_path):
    program = tmp_path / "docker-credential-purser"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o700)
    done = ask("doctor", answer=answered("ok"), environment={"PATH": f"{tmp_path}:/usr/bin:/bin"})
    assert done.returncode == 0 and "does not say its version" in done.stdout


def test_the_report_is_what_the_protocol_documents(ask):
    done = ask("doctor", "--json", answer=answered("failed", code="forbidden"))
    report = Report(done.returncode, done.stdout)
    assert report.outcome == (6, "failed") and report.json["code"] == "forbidden"
    assert json.loads(done.stdout)["conclusion"] == "All is well"
