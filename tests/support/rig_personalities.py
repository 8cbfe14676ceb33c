"""Registries as their makers run them: one server that answers as Docker Hub, GHCR, Quay and others do, each by a line of
a table. What they grant opens their own manifests; nothing is stored.

The registries are at 127.0.0.10. Realms that are another host's than the registry's are at an address that counts as
public: 192.31.196.1 (AS112, RFC 7535), which leads nowhere inside the session's namespaces.
"""

import base64
import dataclasses
import json
import pathlib
import re
import subprocess
import threading
import time
import urllib.parse

from rig_authority import Authority
from rig_fake import Fake, Handler

ADDRESS = "127.0.0.10"
PUBLIC_ADDRESS = "192.31.196.1"
MINUTE, HOUR = 60, 3600
ANY = ".*"
MANIFEST = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []})


@dataclasses.dataclass(frozen=True)
class Personality:
    """How a registry behaves. `{realm}` in the challenge is its URL."""

    host: str
    realm: str
    challenge: str
    user: str = "ann"
    password: str = "fake-password-of-ann"
    store_as: str = ""  # what a client calls it where that is another name
    aliases: tuple[str, ...] = ()  # other names of the host
    # The answer: its members, how long it lives, whether it is a JWT (which says so itself).
    members: tuple[str, ...] = ("token",)
    lifetime: int | None = None
    jwt: bool = False
    # The refusals.
    post: int = 404  # to POST with a password
    wrong_password: tuple[int, str] = (401, '{"errors":[{"code":"UNAUTHORIZED","message":"incorrect username or password"}]}')
    scopes: str = ANY  # others are 400
    only_first_scope: bool = False
    anonymous_push: int = 200  # 200: less is granted than was asked
    nothing_granted: int = 200
    account_must_match: bool = False
    bad_bearer: int = 401

    @property
    def basic_only(self) -> bool:
        return not self.realm

    @property
    def key(self) -> str:
        """What a person calls it."""
        return self.store_as or self.host


BEARER = 'Bearer realm="{realm}",service="%s"'

DOCKER_HUB = Personality(
    "registry-1.docker.io", "https://auth.docker.io/token", BEARER % "registry.docker.io", store_as="docker.io",
    aliases=("index.docker.io",), members=("token", "access_token", "expires_in", "issued_at"), lifetime=5 * MINUTE,
    jwt=True, wrong_password=(401, '{"details":"incorrect username or password"}'))
GHCR = Personality(
    # The scope of the ping is a placeholder, and harms whoever asks for it: helm#12423.
    "ghcr.io", "https://ghcr.io/token", BEARER % "ghcr.io" + ',scope="repository:user/image:pull"', anonymous_push=403,
    wrong_password=(403, '{"errors":[{"code":"DENIED","message":"denied"}]}'))
QUAY = Personality(
    "quay.io", "https://quay.io/v2/auth", BEARER % "quay.io", user="team+robot", lifetime=HOUR, jwt=True,
    scopes=r"repository:[a-z0-9./_-]+:(pull|push|\*)(,(pull|push|\*))*")
HARBOR = Personality(
    "harbor.example.test", "https://harbor.example.test/service/token", BEARER % "harbor-registry", user="robot$team+ci",
    members=("token", "access_token", "expires_in", "issued_at"), lifetime=30 * MINUTE, jwt=True, post=405)
GITLAB = Personality(
    "registry.gitlab.com", "https://gitlab.com/jwt/auth", BEARER % "container_registry", user="gitlab-ci-token",
    lifetime=5 * MINUTE, jwt=True, only_first_scope=True, nothing_granted=403,
    wrong_password=(401, '{"errors":[{"code":"UNAUTHORIZED","message":"HTTP Basic: Access denied"}]}'))
ACR = Personality(
    "team.azurecr.io", "https://team.azurecr.io/oauth2/token", BEARER % "team.azurecr.io", members=("access_token",),
    lifetime=75 * MINUTE, jwt=True, post=400)
GAR = Personality(
    "europe-west1-docker.pkg.dev", "https://europe-west1-docker.pkg.dev/v2/token", BEARER % "europe-west1-docker.pkg.dev",
    user="oauth2accesstoken", members=("token", "expires_in"), lifetime=HOUR, nothing_granted=403)
ECR_PUBLIC = Personality(
    "public.ecr.aws", "https://public.ecr.aws/token/", BEARER % "public.ecr.aws" + ',scope="aws"', bad_bearer=400)
JFROG = Personality(
    # Neither service nor scope, and a realm for each repository.
    "jfrog.example.test", "https://jfrog.example.test/artifactory/api/docker/local/v2/token", 'Bearer realm="{realm}"',
    members=("token", "expires_in"), lifetime=HOUR, post=405)
NEXUS = Personality("nexus.example.test", "", 'BASIC realm="Sonatype Nexus Repository Manager"')
ZOT = Personality(
    "zot.example.test", "https://zot.example.test/zot/auth/token", BEARER % "zot",
    members=("token", "access_token", "expires_in"), lifetime=10 * MINUTE, jwt=True)
DOCKER_AUTH = Personality(
    "auth.example.test", "https://auth.example.test/auth", BEARER % "Docker registry", lifetime=15 * MINUTE, jwt=True,
    account_must_match=True, wrong_password=(401, "Auth failed."))

ALL = {
    "docker-hub": DOCKER_HUB, "ghcr": GHCR, "quay": QUAY, "harbor": HARBOR, "gitlab": GITLAB, "acr": ACR, "gar": GAR,
    "ecr-public": ECR_PUBLIC, "jfrog": JFROG, "nexus": NEXUS, "zot": ZOT, "docker-auth": DOCKER_AUTH,
}


@dataclasses.dataclass(frozen=True)
class TokenCall:
    """One request at a realm. `user` is "" for an anonymous one."""

    time: float
    method: str
    url: str  # without the query
    fields: tuple[tuple[str, str], ...]  # of the query or of the form, in their order
    user: str
    outcome: str = ""  # the status

    def __str__(self) -> str:
        """For tables; what is secret is left out."""
        told = [f"{name}={value}" for name, value in sorted(self.fields) if name != "password"]
        return " ".join([self.method, self.url, *told, "by", self.user or "nobody"])


class Personalities(Fake):
    """All of them, under their own names, as long as it runs."""

    def __init__(self, authority: Authority):
        super().__init__()
        self._tokens: dict[str, list[str]] = {}
        self._pings: list[tuple[str, bool]] = []
        self._state = threading.Lock()
        self.hosts = {name: each for each in ALL.values() for name in (each.host, *each.aliases)}
        self.realms = {each.realm: each for each in ALL.values() if each.realm}
        elsewhere = {urllib.parse.urlsplit(realm).hostname for realm in self.realms} - set(self.hosts)
        self._ip("add")
        self._hosts = pathlib.Path("/etc/hosts")
        self._hosts_before = self._hosts.read_text()
        self._hosts.write_text(f"{self._hosts_before}{ADDRESS} {' '.join(self.hosts)}\n{PUBLIC_ADDRESS} {' '.join(elsewhere)}\n")
        certificate = authority.issue("personalities", *self.hosts, *elsewhere)
        for address in (ADDRESS, PUBLIC_ADDRESS):
            self.serve((address, 443), _Handler, certificate)

    def stop(self) -> None:
        super().stop()
        self._hosts.write_text(self._hosts_before)
        self._ip("delete")

    def forget(self) -> None:
        super().forget()
        with self._state:
            self._tokens.clear()
            self._pings.clear()

    def pings(self) -> list[tuple[str, bool]]:
        """Each request of /v2/: the host, and whether it was shown anything."""
        with self._state:
            return list(self._pings)

    # Used by the handlers, on their threads.

    def note_ping(self, host: str, shown: bool) -> None:
        with self._state:
            self._pings.append((host, shown))

    def issue(self, personality: Personality, granted: list[str]) -> dict:
        """The body of a 200."""
        now = int(time.time())
        with self._state:
            number = len(self._tokens) + 1
            token = f"fake-token-{number}"
            if personality.jwt:
                access = [dict(zip(("type", "name"), scope.split(":")), actions=scope.split(":")[2].split(","))
                          for scope in granted]
                claims = {"exp": now + personality.lifetime, "iat": now, "access": access, "jti": str(number)}
                token = ".".join(_encode(part) for part in ('{"alg":"none"}', json.dumps(claims), token))
            self._tokens[token] = granted
        everything = {"token": token, "access_token": token, "expires_in": personality.lifetime,
                      "issued_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))}
        return {name: everything[name] for name in personality.members}

    def rights_of(self, token: str) -> list[str] | None:
        with self._state:
            return self._tokens.get(token)

    def _ip(self, verb: str) -> None:
        subprocess.run(["ip", "address", verb, f"{PUBLIC_ADDRESS}/32", "dev", "lo"], check=True, timeout=10)


class _Handler(Handler):
    def do_GET(self) -> None:
        url = f"https://{self.headers['Host']}{self.path.partition('?')[0]}"
        if url in self.fake.realms:
            query = urllib.parse.parse_qsl(self.path.partition("?")[2], keep_blank_values=True)
            self._serve_token(self.fake.realms[url], url, query)
        else:
            self._serve_registry(self.fake.hosts[self.headers["Host"]])

    do_HEAD = do_GET

    def do_POST(self) -> None:
        url = f"https://{self.headers['Host']}{self.path.partition('?')[0]}"
        personality = self.fake.realms[url]
        fields = urllib.parse.parse_qsl(self.body().decode(), keep_blank_values=True)
        self._call = TokenCall(time.time(), "POST", url, tuple(fields), dict(fields).get("username", ""))
        self._say(personality.post, '{"error":"unsupported_grant_type"}')

    def _serve_token(self, personality: Personality, url: str, query: list[tuple[str, str]]) -> None:
        name, password = self._basic()
        self._call = TokenCall(time.time(), "GET", url, tuple(query), name)
        behaviour = self.fake.take_behaviour(f"GET {url}")
        if behaviour:
            self._say(behaviour.status, behaviour.body)
            return
        scopes = [value for field, value in query if field == "scope"]
        if name and (name, password) != (personality.user, personality.password):
            self._say(*personality.wrong_password)
        elif personality.account_must_match and name and dict(query).get("account", name) != name:
            self._say(400, "account is not the user of the Authorization header")
        elif any(not re.fullmatch(personality.scopes, scope) for scope in scopes):
            self._say(400, '{"errors":[{"code":"INVALID_REQUEST","message":"unable to decode the scope"}]}')
        elif not name and personality.anonymous_push != 200 and any("push" in scope for scope in scopes):
            self._say(personality.anonymous_push, '{"errors":[{"code":"DENIED","message":"requested access is denied"}]}')
        else:
            self._grant(personality, name, scopes[:1] if personality.only_first_scope else scopes)

    def _grant(self, personality: Personality, name: str, scopes: list[str]) -> None:
        """Everything to the user; to others, reading what is public."""
        granted = scopes if name else [f"{scope.rpartition(':')[0]}:pull" for scope in scopes if ":public/" in scope]
        if scopes and not granted and personality.nothing_granted != 200:
            self._say(personality.nothing_granted, '{"errors":[{"code":"DENIED","message":"access forbidden"}]}')
            return
        self._say(200, json.dumps(self.fake.issue(personality, granted)))

    def _serve_registry(self, personality: Personality) -> None:
        authorization = self.headers.get("Authorization", "")
        if self.path == "/v2/":
            self.fake.note_ping(personality.host, bool(authorization))
        allowed = self._may(personality, authorization)
        if allowed:
            self.answer(200, MANIFEST.encode(), "application/vnd.oci.image.index.v1+json")
            return
        challenge = personality.challenge.replace("{realm}", personality.realm)
        status = personality.bad_bearer if authorization else 401
        self.answer(status, b'{"errors":[{"code":"UNAUTHORIZED"}]}', "application/json",
                    {"WWW-Authenticate": challenge} if status == 401 else {})

    def _may(self, personality: Personality, authorization: str) -> bool:
        scheme, _, value = authorization.partition(" ")
        if scheme == "Basic" and personality.basic_only:
            return self._basic() == (personality.user, personality.password)
        rights = self.fake.rights_of(value) if scheme == "Bearer" else None
        if rights is None or self.path == "/v2/":
            return rights is not None
        repository = self.path.removeprefix("/v2/").partition("/manifests/")[0]
        return any(right.startswith(f"repository:{repository}:") and "pull" in right for right in rights)

    def _basic(self) -> tuple[str, str]:
        scheme, _, value = self.headers.get("Authorization", "").partition(" ")
        name, _, password = base64.b64decode(value).decode().partition(":") if scheme == "Basic" else ("", "", "")
        return name, password

    def _say(self, status: int, body: str) -> None:
        self.fake.record(dataclasses.replace(self._call, outcome=str(status)))
        self.answer(status, body.encode(), "application/json")


def _encode(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
