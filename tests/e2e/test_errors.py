"""What a person sees when it does not work: one line that names the host, the cause and what to do.

The sentence "credentials not found" sends clients on without credentials, so it is said only where that is true.
Each case is asked of the helper, and once more through `docker create`, which shows a helper's error to its user.
"""

import dataclasses
import re
import socket
import threading

import pytest

import rig_clients
from rig_ecr import PROD, SESSION, Behaviour
from rig_home import NOT_FOUND, Home
from rig_signature import AccessKey
from rig_world import ECR, UNRESOLVABLE, UNTRUSTED, World


@dataclasses.dataclass(frozen=True)
class Case:
    """`cause` and `remedy` are looked for in the line, whatever the case of letters."""

    name: str
    cause: str
    remedy: str
    registry: str = ECR
    key: AccessKey | None = PROD
    script: tuple[Behaviour, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()


WRONG_SECRET = AccessKey("wrong", PROD.key_id, "fake/secret/that/is/wrong/0000000000")
UNKNOWN = AccessKey("unknown", "AKIAFAKEUNKNOWN00009", "fake/secret/of/nobody/0000000000000")
ALWAYS = -1

CASES = [
    Case("wrong secret", "signature|secret", "check", key=WRONG_SECRET),
    Case("wrong key", "key|token.*invalid|UnrecognizedClient", "check", key=UNKNOWN),
    Case("no credentials", "no (AWS )?credentials|no source|nothing",
         "set AWS_PROFILE|AWS_ACCESS_KEY_ID", key=None),
    Case("expired session", "expired", "renew|log in", key=SESSION,
         script=(Behaviour("error", ALWAYS, "ExpiredTokenException",
                           "The security token included in the request is expired"),)),
    Case("access denied", "denied|not (allowed|authorized)|may not|forbid",
         "allow ecr:GetAuthorizationToken",
         script=(Behaviour("error", ALWAYS, "AccessDeniedException",
                           "User: arn:aws:iam::123456789012:user/fake is not authorized to perform this"),)),
    Case("throttled", "throttl|too (many|often)|rate", "wait|again|later",
         script=(Behaviour("error", ALWAYS, "ThrottlingException", "Rate exceeded"),)),
    Case("name does not resolve", "resolve|look.?up|no such (name|host)|unknown host|host not found",
         "network|check|again", registry=UNRESOLVABLE),
    Case("TLS failure", "certificate|TLS|trust", "AWS_CA_BUNDLE|SSL_CERT_FILE",
         registry=UNTRUSTED),
    Case("proxy refuses connections", "proxy.*refused", "HTTPS_PROXY|check",
         variables=(("HTTPS_PROXY", "http://127.0.0.1:9"),)),
    Case("HTML instead of JSON", "HTML|JSON|not .*understand", "check",
         script=(Behaviour("status", ALWAYS, status=200, body="<html><body>Please sign in</body></html>"),)),
    Case("HTML gateway error", "502", "again|later|check",
         script=(Behaviour("status", ALWAYS, status=502, body="<html><h1>Bad Gateway</h1></html>"),)),
    Case("server error", "500", "again|later",
         script=(Behaviour("status", ALWAYS, status=500, content_type="application/json", body="{}"),)),
    Case("connection reset", "reset", "again|check",
         script=(Behaviour("reset", ALWAYS),)),
    Case("half an answer", "incomplete|truncat|closed|broke",
         "again|check", script=(Behaviour("truncate", ALWAYS),)),
    Case("no answer", "time|no answer|slow|waiting|seconds", "again|check", script=(Behaviour("hang", ALWAYS),)),
]


def arrange(case: Case, world: World, home: Home) -> None:
    world.ecr.script(*case.script)
    home.creds_store()
    if case.key:
        home.keys_in_environment(case.key)
    home.environment.update(case.variables)


def judge(case: Case, line: str) -> None:
    assert line.endswith("\n") and len(line.splitlines()) == 1, line
    assert NOT_FOUND not in line and "credentials not found" not in line
    assert case.registry in line or "api.ecr." in line, f"no host: {line}"
    assert re.search(case.cause, line, re.I), f"no cause: {line}"
    assert re.search(case.remedy, line, re.I), f"no remedy: {line}"
    if case.key:
        assert case.key.secret not in line and (case.key.session_token or case.key.secret) not in line


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_helper_says_one_line(world, home, case):
    arrange(case, world, home)
    outcome = home.helper("get", case.registry)
    assert outcome.status == 1
    assert outcome.stderr == ""
    judge(case, outcome.stdout)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_docker_shows_the_line(world, home, engine, repository, case):
    docker = rig_clients.docker_client("newest")
    arrange(case, world, home)
    outcome = home.run(docker, "create", f"{case.registry}/{repository}:1", "/none", DOCKER_HOST=engine.host)
    assert outcome.status != 0
    shown = re.search(r"error getting credentials - err: exit status 1, out: `(.*?)`", outcome.output, re.S)
    assert shown, outcome.output
    judge(case, shown[1] + "\n")


def test_a_proxy_that_wants_a_login(world, home):
    with _Proxy(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as proxy:
        case = Case("", "proxy.*407|407.*proxy|proxy.*(auth|log ?in|password|credential)", "proxy",
                    variables=(("HTTPS_PROXY", proxy.url),))
        arrange(case, world, home)
        judge(case, home.helper("get", ECR).stdout)
    assert world.ecr.calls() == []


def test_recovers_without_a_restart(world, home):
    """After each failure the next request that can succeed does."""
    home.keys_in_environment(PROD)
    world.ecr.script(Behaviour("error", ALWAYS, "AccessDeniedException", "no"))
    assert home.helper("get", ECR).status == 1
    world.ecr.script()
    # An erase is the word for "forget what you know, also that it failed".
    home.helper("erase", ECR).ok()
    assert home.get(ECR)["Username"] == "AWS"


def test_one_throttled_call_is_not_noticed(world, home):
    home.keys_in_environment(PROD)
    world.ecr.script(Behaviour("error", 1, "ThrottlingException", "Rate exceeded"))
    assert home.get(ECR)["Username"] == "AWS"
    assert [call.outcome for call in world.ecr.calls()] == ["ThrottlingException", "issued"]


def test_one_lost_connection_is_not_noticed(world, home):
    home.keys_in_environment(PROD)
    world.ecr.script(Behaviour("reset", 1))
    assert home.get(ECR)["Username"] == "AWS"


def test_a_wrong_clock_is_measured(world, home):
    """The issuer's clock is an hour ahead of ours. That is told by its Date header, and the request is signed again."""
    home.keys_in_environment(PROD)
    world.ecr.script(Behaviour("skew", 2, seconds=3600))
    assert home.get(ECR)["Username"] == "AWS"
    assert [call.outcome for call in world.ecr.calls()] == ["InvalidSignatureException", "issued"]


def test_public_images_of_ecr_public_need_no_keys(world, home):
    outcome = home.helper("get", "public.ecr.aws")
    assert (outcome.status, outcome.stdout) == (1, NOT_FOUND + "\n")


def test_ecr_public_with_keys(world, home):
    home.keys_in_environment(PROD)
    password = home.get("public.ecr.aws")["Secret"]
    issued = world.ecr.ledger.find(password)
    assert (issued.label, issued.service, issued.region) == ("prod", "ecr-public", "us-east-1")


class _Proxy:
    """Answers each connection with the same bytes."""

    def __init__(self, answer: bytes):
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://{}:{}".format(*self._listener.getsockname())

    def __enter__(self) -> "_Proxy":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.recv(4096)
                connection.sendall(self._answer)
