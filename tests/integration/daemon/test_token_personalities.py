"""Tokens of registries as they are run: what each is asked, to the letter, and what is made of its answer.

The table of requests is written from the registries' documents and sources, not from what we send.
"""

import dataclasses
import datetime
import http.client
import json
import socket
import ssl

import pytest

import rig_clients
import rig_personalities
from rig_fake import Behaviour
from rig_personalities import Personalities, Personality

TOKEN = "/v1/token"


@dataclasses.dataclass(frozen=True)
class Case:
    """What is asked of us, what we ask of the realm, and what becomes of it. `granted` is None where nobody says."""

    who: str
    target: str
    asked: tuple[str, ...]
    granted: tuple[str, ...] | None = None
    anonymous: bool = False
    logged_in: bool = True
    scopes: tuple[str, ...] = ()  # besides those of the target
    error: str = ""

    def __str__(self) -> str:
        how = "" if self.logged_in and not self.anonymous else "-anonymous" if self.anonymous else "-logged-out"
        return f"{self.who}-{self.target or ' '.join(self.scopes)}{how}"


def get(who: str, *fields: str) -> tuple[str, ...]:
    """The one GET of a case. `fields` without the two that are always there for a user."""
    personality = rig_personalities.ALL[who]
    every = sorted(["client_id=purser", f"account={personality.user}", *fields])
    return (f"GET {personality.realm} {' '.join(every)} by {personality.user}",)


def get_anonymous(who: str, *fields: str) -> tuple[str, ...]:
    every = sorted(["client_id=purser", *fields])
    return (f"GET {rig_personalities.ALL[who].realm} {' '.join(every)} by nobody",)


APP, BOTH, PUBLIC = "repository:team/app:pull", "repository:team/app:pull,push", "repository:public/app:pull"

CASES = [
    Case("docker-hub", "library/alpine", get("docker-hub", "scope=repository:library/alpine:pull", "service=registry.docker.io"),
         ("repository:library/alpine:pull",)),
    Case("docker-hub", "public/app", get_anonymous("docker-hub", f"scope={PUBLIC}", "service=registry.docker.io"), (PUBLIC,),
         anonymous=True),
    Case("ghcr", "team/app:pull,push", get("ghcr", f"scope={BOTH}", "service=ghcr.io")),
    Case("ghcr", "public/app", get_anonymous("ghcr", f"scope={PUBLIC}", "service=ghcr.io"), anonymous=True),
    Case("ghcr", "public/app:pull,push", (), anonymous=True, error="bad_request"),
    Case("ghcr", "public/app", get_anonymous("ghcr", f"scope={PUBLIC}", "service=ghcr.io"), logged_in=False),
    Case("ghcr", "public/app:pull,push", (), logged_in=False, error="not_configured"),
    Case("quay", "team/app:push,pull", get("quay", f"scope={BOTH}", "service=quay.io"), (BOTH,)),
    # It would answer 400, to all that is asked.
    Case("quay", "team/app", (), scopes=("registry:catalog:*",), error="forbidden"),
    Case("harbor", "team/app", get("harbor", f"scope={APP}", "service=harbor-registry"), (APP,)),
    Case("gitlab", "team/app:pull,push", get("gitlab", f"scope={BOTH}", "service=container_registry"), (BOTH,)),
    Case("gitlab", "team/app", get_anonymous("gitlab", f"scope={APP}", "service=container_registry"), anonymous=True,
         error="forbidden"),
    # It reads the first only: the one that is written to.
    Case("gitlab", "zoo/app:pull,push", get("gitlab", f"scope={APP}", "scope=repository:zoo/app:pull,push",
                                            "service=container_registry"),
         ("repository:zoo/app:pull,push",), scopes=(APP,)),
    Case("acr", "team/app:*", get("acr", "scope=repository:team/app:*", "service=team.azurecr.io"),
         ("repository:team/app:*",)),
    Case("gar", "team/app:pull,push", get("gar", f"scope={BOTH}", "service=europe-west1-docker.pkg.dev")),
    Case("ecr-public", "public/app", get_anonymous("ecr-public", f"scope={PUBLIC}", "service=public.ecr.aws"),
         anonymous=True),
    Case("jfrog", "team/app", get("jfrog", f"scope={APP}")),
    Case("nexus", "team/app:pull,push", ()),
    Case("zot", "team/app:delete", get("zot", "scope=repository:team/app:delete", "service=zot"),
         ("repository:team/app:delete",)),
    Case("zot", "", get("zot", "scope=registry:catalog:*", "service=zot"), ("registry:catalog:*",),
         scopes=("registry:catalog:*",)),
    # One parameter for each entry, in the order of their names; never one with both.
    Case("docker-auth", "", get("docker-auth", f"scope={APP}", "scope=repository:other/app:pull", "service=Docker registry"),
         ("repository:other/app:pull", APP), scopes=("repository:team/app:pull", "repository:other/app:pull")),
]
WITH_USERS = [name for name, each in rig_personalities.ALL.items() if not each.basic_only and name != "ecr-public"]


@pytest.fixture(scope="module")
def running_personalities(running_world):
    personalities = Personalities(running_world.authority)
    yield personalities
    personalities.stop()


@pytest.fixture
def personalities(running_personalities, world) -> Personalities:
    running_personalities.forget()
    return running_personalities


@pytest.fixture
def asker(personalities, home) -> "Asker":
    home.start_daemon()
    return Asker(home)


class Asker:
    """Who asks for tokens on the socket, as `purser token` does."""

    def __init__(self, home):
        self._home = home

    def log_in(self, personality: Personality, password: str = "") -> None:
        login = {"ServerURL": personality.key, "Username": personality.user, "Secret": password or personality.password}
        self._home.helper("store", json.dumps(login)).ok()

    def token(self, target: str, anonymous: bool = False, scopes: tuple[str, ...] = ()) -> tuple[int, dict]:
        question = {"target": target, "anonymous": anonymous}
        if scopes:
            question["scopes"] = list(scopes)
        entries = [f"HOME={self._home.home}", "AWS_EC2_METADATA_DISABLED=true", str(self._home.home)]
        body = b"".join(entry.encode() + b"\0" for entry in entries) + b"\0" + json.dumps(question).encode()
        with socket.socket(socket.AF_UNIX) as stream:
            stream.settimeout(30)
            stream.connect(str(self._home.socket))
            head = f"POST {TOKEN} HTTP/1.1\r\nHost: purser\r\nPurser-Version: 1\r\nConnection: close\r\n"
            stream.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            response = http.client.HTTPResponse(stream)
            response.begin()
            return response.status, json.loads(response.read())


def target_of(case: Case) -> str:
    registry = rig_personalities.ALL[case.who].key
    return f"{registry}/{case.target}" if case.target else registry


@pytest.mark.parametrize("case", CASES, ids=str)
def test_it_is_asked_what_it_understands(case, asker, personalities):
    personality = rig_personalities.ALL[case.who]
    if case.logged_in and not case.anonymous:
        asker.log_in(personality)
    status, answer = asker.token(target_of(case), case.anonymous, case.scopes)
    assert [str(call) for call in personalities.calls()] == list(case.asked)
    assert all(not shown for _, shown in personalities.pings()), "the ping showed a credential"
    if case.error:
        assert status >= 400 and answer["error"]["code"] == case.error, answer
        return
    assert status == 200, answer
    assert answer["scheme"] == ("basic" if personality.basic_only else "bearer")
    if not personality.basic_only:
        assert answer["granted"] == (list(case.granted) if case.granted is not None else None)


@pytest.mark.parametrize("who", [*WITH_USERS, "nexus"])
def test_what_it_gives_opens_the_registry(who, asker, personalities):
    personality = rig_personalities.ALL[who]
    asker.log_in(personality)
    status, answer = asker.token(f"{personality.key}/team/app")
    assert status == 200, answer
    name, _, value = answer["header"].partition(": ")
    context = ssl.create_default_context()
    connection = http.client.HTTPSConnection(personality.host, timeout=10, context=context)
    connection.request("GET", "/v2/team/app/manifests/latest", headers={name: value})
    assert connection.getresponse().status == 200


@pytest.mark.parametrize("who", WITH_USERS)
def test_it_lives_as_long_as_the_registry_says(who, asker, personalities):
    personality = rig_personalities.ALL[who]
    asker.log_in(personality)
    status, answer = asker.token(f"{personality.key}/team/app")
    assert status == 200, answer
    (call,) = personalities.calls()
    ends = datetime.datetime.fromisoformat(answer["expires_at"].replace("Z", "+00:00")).timestamp()
    # GHCR does not say, and then it is a minute. Never later than that; the 30 s are for a slow machine.
    assert -30 < ends - call.time - (personality.lifetime or 60) <= 1


@pytest.mark.parametrize("who", WITH_USERS)
def test_a_wrong_password_is_shown_once(who, asker, personalities):
    personality = rig_personalities.ALL[who]
    asker.log_in(personality, "fake-wrong-password")
    status, answer = asker.token(f"{personality.key}/team/app")
    assert status >= 400 and answer["error"]["code"] in ("rejected", "forbidden")
    assert "fake-wrong-password" not in json.dumps(answer)
    assert [call.method for call in personalities.calls()] == ["GET"]


@pytest.mark.parametrize("status", (400, 404, 405))
@pytest.mark.parametrize("who", WITH_USERS)
def test_the_other_way_of_asking_is_tried_where_there_is_one(who, status, asker, personalities):
    personality = rig_personalities.ALL[who]
    asker.log_in(personality)
    personalities.script(Behaviour("status", status=status, at=f"GET {personality.realm}"))
    asker.token(f"{personality.key}/team/app")
    methods = [call.method for call in personalities.calls()]
    assert methods == (["GET"] if who in ("acr", "gar", "jfrog") else ["GET", "POST"])


@pytest.mark.parametrize("who", [*WITH_USERS, "nexus"])
def test_another_client_gets_along_with_it(who, personalities, home):
    """That the fakes are no private invention: crane logs in to each, and reads."""
    personality = rig_personalities.ALL[who]
    crane = rig_clients.client("crane")
    host = "index.docker.io" if who == "docker-hub" else personality.host
    home.run(crane, "auth", "login", host, "-u", personality.user, "--password-stdin", stdin=personality.password).ok()
    told = home.run(crane, "manifest", f"{host}/team/app:latest").ok()
    assert json.loads(told.stdout) == json.loads(rig_personalities.MANIFEST)
    for call in personalities.calls():
        assert (call.outcome, call.user) == ("200", personality.user), call
