"""Fakes of the services that a machine or a container asks for its own role: plain HTTP on the loopback.

The target of a call, for Behaviour.at, is "METHOD /path". What they issue is good at the fake ECR.
"""

import dataclasses
import json
import secrets
import time

from rig_fake import Fake, Handler
from rig_keys import KeyRing, session_key, timestamp
from rig_signature import AccessKey

SIX_HOURS = 6 * 3600

_TOKEN_PATH = "/latest/api/token"
_ROLES_PATH = "/latest/meta-data/iam/security-credentials/"
_REGION_PATH = "/latest/meta-data/placement/region"


@dataclasses.dataclass(frozen=True)
class MetadataCall:
    """One request that arrived, and what became of it: "answered", a status, or the kind of the behaviour."""

    time: float
    host: str
    target: str
    outcome: str
    headers: dict = dataclasses.field(repr=False)


class _Issuer(Fake):
    """What both have in common: keys of a role. `label` is the label of those keys."""

    def __init__(self, keys: KeyRing, label: str, handler: type[Handler], address: tuple[str, int]):
        super().__init__()
        self.keys = keys
        self.label = label
        self._reset()
        self.address = self.serve(address, handler)

    @property
    def endpoint(self) -> str:
        return "http://{}:{}".format(*self.address)

    def forget(self) -> None:
        super().forget()
        self._reset()

    def issue(self) -> dict:
        """A new key, as both services write it."""
        key = session_key(self.label)
        expires_at = int(time.time()) + self.lifetime
        self.keys.learn(key, expires_at)
        self.issued.append(key)
        return {"AccessKeyId": key.key_id, "SecretAccessKey": key.secret, "Token": key.session_token,
                "Expiration": timestamp(expires_at)}

    def _reset(self) -> None:
        self.lifetime = SIX_HOURS
        self.issued: list[AccessKey] = []


class FakeContainer(_Issuer):
    """The credentials of a task or a pod, at any path. `authorization` is the only header that it takes, where set."""

    def __init__(self, keys: KeyRing, address: tuple[str, int] = ("127.0.0.1", 0)):
        super().__init__(keys, "container", _ContainerHandler, address)

    @property
    def uri(self) -> str:
        """For AWS_CONTAINER_CREDENTIALS_FULL_URI."""
        return self.endpoint + "/v1/credentials"

    def _reset(self) -> None:
        super()._reset()
        self.authorization: str | None = None
        self.extra: dict[str, str] = {}  # AccountId, RoleArn


class FakeImds(_Issuer):
    """The metadata of a virtual machine, version 2 only. `role` None: no role is attached."""

    def __init__(self, keys: KeyRing, address: tuple[str, int] = ("127.0.0.1", 0)):
        super().__init__(keys, "machine", _ImdsHandler, address)

    def new_token(self, seconds: int) -> str:
        token = "FAKE-metadata-token-" + secrets.token_urlsafe(30)
        self._tokens[token] = time.time() + seconds
        return token

    def accepts(self, token: str | None) -> bool:
        return time.time() < self._tokens.get(token or "", 0)

    def tokens(self) -> list[str]:
        return list(self._tokens)

    def revoke_tokens(self) -> None:
        """Every token handed out so far is refused from now on."""
        self._tokens.clear()

    def _reset(self) -> None:
        super()._reset()
        self.role: str | None = "node"
        self.region = "us-east-1"
        self._tokens: dict[str, float] = {}


class _MetadataHandler(Handler):
    def do_GET(self) -> None:
        self._handle("GET")

    def do_PUT(self) -> None:
        self._handle("PUT")

    def do_POST(self) -> None:
        self._handle("POST")

    def _handle(self, method: str) -> None:
        self.body()
        target = f"{method} {self.path}"
        host = self.headers.get("Host", "")
        index = self.fake.record(MetadataCall(time.time(), host, target, "arrived", dict(self.headers)))
        behaviour = self.fake.take_behaviour(target)
        if behaviour is not None:
            self.fake.amend(index, behaviour.code or behaviour.kind)
            if not self.play(behaviour):
                return
        status, text = self.judge(method)
        self.fake.amend(index, "answered" if status == 200 else str(status))
        if behaviour is not None and behaviour.kind == "truncate":
            self.truncate(text.encode(), self.media_type)
            return
        self.answer(status, text.encode(), self.media_type if status == 200 else "text/html")


class _ContainerHandler(_MetadataHandler):
    media_type = "application/json"

    def judge(self, method: str) -> tuple[int, str]:
        if method != "GET":
            return 405, ""
        if self.headers.get("Authorization") != self.fake.authorization:
            return 401, json.dumps({"code": "AccessDenied", "message": "The authorization token is not the right one"})
        return 200, json.dumps({**self.fake.issue(), **self.fake.extra})

    def refuse(self, status: int, code: str, message: str, headers: dict | None = None) -> None:
        self.answer(status, json.dumps({"code": code, "message": message}).encode(), self.media_type, headers)


class _ImdsHandler(_MetadataHandler):
    media_type = "text/plain"

    def judge(self, method: str) -> tuple[int, str]:
        if method == "PUT":
            return self._token()
        if method != "GET":
            return 405, ""
        if not self.fake.accepts(self.headers.get("X-aws-ec2-metadata-token")):
            return 401, "<html>401 - Unauthorized</html>"
        return self._metadata()

    def refuse(self, status: int, code: str, message: str, headers: dict | None = None) -> None:
        self.answer(status, f"<html>{status} - {code}</html>".encode(), "text/html", headers)

    def _token(self) -> tuple[int, str]:
        if self.headers.get("X-Forwarded-For") is not None:
            return 403, "<html>403 - Forbidden</html>"
        seconds = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if self.path != _TOKEN_PATH or not seconds.isdigit() or not 1 <= int(seconds) <= SIX_HOURS:
            return 400, "<html>400 - Bad Request</html>"
        return 200, self.fake.new_token(int(seconds))

    def _metadata(self) -> tuple[int, str]:
        role = self.fake.role
        if self.path == _REGION_PATH:
            return 200, self.fake.region
        if role is not None and self.path == _ROLES_PATH:
            return 200, role
        if role is not None and self.path == _ROLES_PATH + role:
            about = {"Code": "Success", "LastUpdated": timestamp(time.time()), "Type": "AWS-HMAC"}
            return 200, json.dumps({**about, **self.fake.issue()}, indent=2)
        return 404, "<html>404 - Not Found</html>"
