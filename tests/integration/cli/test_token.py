"""`purser token`, `login`, `logout` and `doctor REGISTRY/REPOSITORY:ACTIONS` against a scripted daemon: what they send, print
and end with. What a daemon answers is in tests/e2e/test_tokens.py."""

import json
import os
import pty
import subprocess

import pytest

from test_cli import PURSER, Daemon, ask, one_line, response  # noqa: F401
from test_doctor import ANSWER as REPORT

REGISTRY = "registry.example.test"
TARGET = f"{REGISTRY}/team/app:pull,push"
TOKEN = {"scheme": "bearer", "token": "fake.token", "header": "Authorization: Bearer fake.token", "registry": REGISTRY,
         "realm": f"https://{REGISTRY}/token", "service": "s", "scopes": ["repository:team/app:pull,push"], "granted": None,
         "expires_at": None, "username": "ann", "source": "stored login"}
STORED = {"registry": REGISTRY, "username": "ann", "outcome": "stored", "code": None, "actions": [], "conclusion": "stored\nit"}
PASSWORD = "fake-password"


def asked(done):
    """Path and JSON of the last request; the rest of a helper's body is looked at in test_refresh.py."""
    head, _, body = done.requests[-1].partition(b"\r\n\r\n")
    return head.split(b" ")[1].decode(), json.loads(body.partition(b"\0\0")[2])


def run(tmp_path, *arguments, answer, stdin):
    daemon = Daemon(tmp_path / "agent.sock", answer)
    done = subprocess.run([PURSER, *arguments], input=stdin, env={"PURSER_SOCKET": str(tmp_path / "agent.sock")},
                          capture_output=True, timeout=20, check=False)
    daemon.stop()
    done.requests = daemon.requests
    return done


def refusal(code, outcome=None):
    error = {"code": code, "message": "why\nnot", "host": None, "retry_at": None}
    return response({"error": error if outcome is None else {**error, "outcome": outcome}}, "502 Bad Gateway")


# token


def test_a_token_stands_alone(ask):
    done = ask("token", TARGET, answer=response(TOKEN))
    assert (done.returncode, done.stdout, done.stderr) == (0, "fake.token\n", "")
    assert asked(done) == ("/v1/token", {"target": TARGET})


def test_what_was_wanted_is_sent(ask):
    done = ask("token", "--scope", "registry:catalog:*", "--scope", "aws", "--anonymous", REGISTRY, answer=response(TOKEN))
    assert asked(done)[1] == {"target": REGISTRY, "scopes": ["registry:catalog:*", "aws"], "anonymous": True}


def test_a_header_is_one_line(ask):
    done = ask("token", "--header", TARGET, answer=response(TOKEN))
    assert (done.returncode, done.stdout) == (0, "Authorization: Bearer fake.token\n")
    assert ask("token", "--header", "--json", TARGET).returncode == 2


def test_json_is_the_answer(ask):
    assert json.loads(ask("token", "--json", TARGET, answer=response(TOKEN)).stdout) == TOKEN


def test_user_and_password_are_a_header_and_no_token(ask):
    basic = response({**TOKEN, "scheme": "basic", "token": "ZmFrZQ==", "header": "Authorization: Basic ZmFrZQ=="})
    done = ask("token", TARGET, answer=basic)
    assert (done.returncode, done.stdout) == (1, "") and "--header" in done.stderr and one_line(done.stderr)
    assert ask("token", TARGET, "--header").stdout == "Authorization: Basic ZmFrZQ==\n"


@pytest.mark.parametrize("form", [[], ["--header"]])
def test_nothing_to_send_is_a_success(ask, form):
    done = ask("token", TARGET, *form, answer=response({**TOKEN, "scheme": "none", "token": "", "header": ""}))
    assert (done.returncode, done.stdout) == (0, "") and REGISTRY in done.stderr and one_line(done.stderr)


@pytest.mark.parametrize("code, outcome, status", [
    ("bad_request", None, 2), ("misconfigured", "configuration", 4), ("misconfigured", "no_credentials", 5),
    ("misconfigured", "failed", 6), ("not_configured", "no_credentials", 5), ("transient", "failed", 6),
    ("forbidden", "failed", 6), ("forbidden", "not_allowed", 8), ("misconfigured", None, 1), ("newer", "newer", 1)])
def test_what_scripts_are_told(ask, code, outcome, status):
    """The outcome counts, as with the doctor: one code comes of several causes."""
    done = ask("token", TARGET, answer=refusal(code, outcome))
    assert (done.returncode, done.stdout, done.stderr) == (status, "", "purser: why?not\n")


def test_a_token_that_cannot_be_written_is_a_failure(tmp_path):
    daemon = Daemon(tmp_path / "agent.sock", response(TOKEN))
    with open("/dev/full", "wb") as full:
        done = subprocess.run([PURSER, "token", TARGET], stdout=full, stderr=subprocess.PIPE, timeout=20, check=False,
                              env={"PURSER_SOCKET": str(tmp_path / "agent.sock")})
    daemon.stop()
    assert done.returncode == 1 and b"fake.token" not in done.stderr


# login and logout


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_the_password_is_standard_input(tmp_path, end):
    done = run(tmp_path, "login", REGISTRY, "-u", "ann", "--password-stdin", "--scope", "team/app:push",
               answer=response(STORED), stdin=PASSWORD.encode() + end)
    assert (done.returncode, done.stdout, done.stderr) == (0, b"stored?it\n", b"")
    wanted = {"registry": REGISTRY, "username": "ann", "secret": PASSWORD, "scope": "team/app:push"}
    assert asked(done) == ("/v1/login", wanted)


def test_a_password_of_many_lines_comes_whole(tmp_path):
    key = json.dumps({"private_key": "fake\nkey\n" * 200}, indent=1)
    done = run(tmp_path, "login", REGISTRY, "-u", "_json_key", "--password-stdin", answer=response(STORED), stdin=key.encode() + b"\n")
    assert asked(done)[1]["secret"] == key


@pytest.mark.parametrize("stdin", [b"", b"\n", b"x" * ((64 << 10) + 1)])
def test_no_password_is_no_question(tmp_path, stdin):
    done = run(tmp_path, "login", REGISTRY, "-u", "ann", "--password-stdin", answer=response(STORED), stdin=stdin)
    assert (done.returncode, done.stdout, done.requests) == (1, b"", [])
    assert one_line(done.stderr.decode())


def test_without_a_terminal_nothing_is_asked_for(tmp_path):
    for arguments, code in ((["-u", "ann"], 1), (["--password-stdin"], 2), ([], 1)):
        done = run(tmp_path, "login", REGISTRY, *arguments, answer=response(STORED), stdin=PASSWORD.encode())
        assert (done.returncode, done.requests) == (code, []) and (b"-u" in done.stderr or b"--password-stdin" in done.stderr)
        (tmp_path / "agent.sock").unlink()


def test_the_terminal_does_not_show_the_password(tmp_path):
    daemon = Daemon(tmp_path / "agent.sock", response(STORED))
    child, terminal = pty.fork()
    if child == 0:
        os.execve(PURSER, [PURSER, "login", REGISTRY], {"PURSER_SOCKET": str(tmp_path / "agent.sock")})
    shown = b""
    for prompt, typed in ((b"Username: ", b"ann\n"), (b"Password: ", PASSWORD.encode() + b"\n"), (b"stored?it", b"")):
        while prompt not in shown:
            shown += os.read(terminal, 1024)
        os.write(terminal, typed) if typed else None
    assert os.waitpid(child, 0)[1] == 0
    daemon.stop()
    os.close(terminal)
    assert PASSWORD.encode() not in shown
    body = json.loads(daemon.requests[-1].partition(b"\0\0")[2])
    assert (body["username"], body["secret"]) == ("ann", PASSWORD)


@pytest.mark.parametrize("outcome, code, status", [
    ("not_allowed", "forbidden", 8), ("failed", "rejected", 6), ("failed", "transient", 6), ("not_asked", "misconfigured", 6),
    ("newer", None, 1)])
def test_what_scripts_are_told_of_a_login(tmp_path, outcome, code, status):
    answer = response({**STORED, "outcome": outcome, "code": code, "conclusion": "why\nnot"})
    done = run(tmp_path, "login", REGISTRY, "-u", "ann", "--password-stdin", answer=answer, stdin=PASSWORD.encode())
    assert (done.returncode, done.stdout, done.stderr) == (status, b"", b"purser: why?not\n")


@pytest.mark.parametrize("command", ["login", "logout"])
def test_what_is_no_registry_is_not_quoted(tmp_path, command):
    done = run(tmp_path, command, f"https://ann:{PASSWORD}@{REGISTRY}/", answer=response(STORED), stdin=b"")
    assert (done.returncode, done.requests) == (2, []) and PASSWORD.encode() not in done.stderr


@pytest.mark.parametrize("name", [f"{REGISTRY}/team/app:pull", f"{REGISTRY}:5000/app:latest", f"https://{REGISTRY}/app:1"])
@pytest.mark.parametrize("words, said", [
    (["login", "-u", "ann", "--password-stdin"], "did you mean: --scope REPOSITORY:pull"), (["logout"], "expected HOST[:PORT]"),
    (["refresh"], "expected HOST[:PORT]"), (["export"], "expected HOST[:PORT]"), (["audit", "--registry"], "expected HOST[:PORT]")])
def test_actions_are_no_part_of_a_registry(ask, words, said, name):
    done = ask(*words, name, answer=response(STORED), stdin=PASSWORD)
    assert (done.returncode, done.stdout, done.requests) == (2, "", [])
    assert said in done.stderr and one_line(done.stderr)


def test_logout_is_one_line(ask):
    done = ask("logout", REGISTRY, answer=response({"outcome": "erased", "conclusion": "no login is stored"}))
    assert (done.returncode, done.stdout) == (0, "no login is stored\n")
    assert done.requests[-1].startswith(b"POST /v1/logout ") and done.requests[-1].endswith(b"\0\0" + REGISTRY.encode())


# doctor


def test_actions_are_asked_of_the_registry(ask):
    done = ask("doctor", TARGET, answer=response({**REPORT, "outcome": "not_allowed"}))
    assert done.returncode == 8 and done.stdout.endswith("\n\nAll is well\n")
    assert asked(done) == ("/v1/access", {"target": TARGET})


@pytest.mark.parametrize("registry", ["host.example.test:5000", "https://host.example.test:5000", "host.example.test:5000/app"])
def test_a_port_is_no_action(ask, registry):
    assert ask("doctor", registry, answer=response(REPORT)).requests[-1].startswith(b"POST /v1/doctor ")


def test_a_tag_is_a_wrong_command_line(ask):
    wrong = response({"error": {"code": "bad_request", "message": "no tags", "host": None}}, "400 Bad Request")
    done = ask("doctor", f"{REGISTRY}/app:latest", answer=wrong)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", "purser: no tags\n")
