"""Identity providers of CI systems: who signs the tokens of jobs, and a fake of the endpoint of GitHub Actions that issues
them.

The target of a call, for Behaviour.at, is "GET /path", without the query.
"""

import base64
import dataclasses
import json
import secrets
import threading
import time
import urllib.parse

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from rig_authority import Authority
from rig_fake import Fake, Handler
from rig_signature import Refused

AUDIENCE = "sts.amazonaws.com"
NAMES = ("localhost", "actions.example.test")

_ACCEPT = "application/json; api-version=2.0"


class JwtIssuer:
    """Signs tokens with RS256, and verifies them as IAM does for a provider that was registered with `audience`."""

    def __init__(self, issuer: str, audience: str = AUDIENCE):
        self.issuer = issuer
        self.audience = audience
        self._key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, subject: str, audience: str = AUDIENCE, seconds: int = 300, **claims) -> str:
        now = int(time.time())
        content = {"iss": self.issuer, "sub": subject, "aud": audience, "iat": now, "nbf": now - 300,
                   "exp": now + seconds, "jti": secrets.token_hex(16), **claims}
        text = f"{encode({'alg': 'RS256', 'typ': 'JWT'})}.{encode(content)}"
        return f"{text}.{encode(self._key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))}"

    def verify(self, token: str) -> dict:
        """The claims; raises Refused as STS does."""
        text, _, signature = token.rpartition(".")
        try:
            claims = claims_of(token)
            self._key.public_key().verify(decode(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256())
        except (InvalidSignature, ValueError):
            raise Refused("InvalidIdentityToken", "Couldn't verify the signature of the token") from None
        if claims.get("aud") != self.audience:
            raise Refused("InvalidIdentityToken", "Incorrect token audience")
        if claims["exp"] <= time.time():
            raise Refused("ExpiredTokenException", "Token expired")
        return claims


def unsigned_token(claims: dict) -> str:
    """What anybody can make."""
    return f"{encode({'alg': 'none'})}.{encode(claims)}."


def claims_of(token: str) -> dict:
    """Raises ValueError where it is no token."""
    parts = token.split(".")
    value = json.loads(decode(parts[1])) if len(parts) == 3 else None
    if not isinstance(value, dict):
        raise ValueError("no token")
    return value


def encode(value: dict | bytes) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclasses.dataclass(frozen=True)
class ActionsCall:
    """One request that arrived, and what became of it: "issued", a status, or the kind of the behaviour."""

    time: float
    target: str
    audience: str
    job: str
    outcome: str


@dataclasses.dataclass(frozen=True)
class Job:
    """A job with `permissions: id-token: write`."""

    subject: str
    url: str
    request_token: str

    @property
    def variables(self) -> dict[str, str]:
        return {"ACTIONS_ID_TOKEN_REQUEST_URL": self.url, "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token}


class FakeActions(Fake):
    """Issues tokens to jobs that run."""

    def __init__(self, authority: Authority, address: tuple[str, int] = ("127.0.0.1", 0)):
        super().__init__()
        self.issuer = JwtIssuer("https://token.actions.example.test")
        self._state = threading.Lock()
        self._reset()
        self.address = self.serve(address, _ActionsHandler, authority.issue(address[0], *NAMES))

    def start_job(self, subject: str, query: str = "?api-version=2.0") -> Job:
        job = Job(subject, "https://{}:{}/{}/idtoken{}".format(*self.address, secrets.token_hex(8), query),
                  f"FAKE-request-token-{secrets.token_urlsafe(60)}")
        with self._state:
            self._jobs[job.request_token] = job
        return job

    def end_job(self, job: Job) -> None:
        with self._state:
            del self._jobs[job.request_token]

    def find_job(self, authorization: str) -> Job | None:
        kind, _, token = authorization.partition(" ")
        with self._state:
            return self._jobs.get(token) if kind == "Bearer" else None

    def issue(self, job: Job, audience: str) -> str:
        token = self.issuer.token(job.subject, audience, self.token_lifetime)
        with self._state:
            self._tokens.append(token)
        return token

    def tokens(self) -> list[str]:
        """What was issued, in that order."""
        with self._state:
            return list(self._tokens)

    def forget(self) -> None:
        super().forget()
        self._reset()

    def _reset(self) -> None:
        self.token_lifetime = 300
        with self._state:
            self._jobs: dict[str, Job] = {}
            self._tokens: list[str] = []


class _ActionsHandler(Handler):
    def do_GET(self) -> None:
        self.body()
        path, _, query = self.path.partition("?")
        fields = urllib.parse.parse_qs(query, keep_blank_values=True)
        job = self.fake.find_job(self.headers.get("Authorization", ""))
        audience = fields.get("audience", [""])[0]
        call = ActionsCall(time.time(), f"GET {path}", audience, job.subject if job else "", "arrived")
        index = self.fake.record(call)
        behaviour = self.fake.take_behaviour(call.target)
        if behaviour is not None:
            self.fake.amend(index, behaviour.code or behaviour.kind)
            if not self.play(behaviour):
                return
        status, answer = self._judge(job, path, fields)
        self.fake.amend(index, "issued" if status == 200 else str(status))
        if behaviour is not None and behaviour.kind == "truncate":
            self.truncate(json.dumps(answer).encode(), "application/json")
            return
        self.answer(status, json.dumps(answer).encode(), "application/json")

    def _judge(self, job: Job | None, path: str, fields: dict) -> tuple[int, dict]:
        if job is None:
            return 401, {"message": "The request token is not known, or its job is over."}
        own = urllib.parse.urlsplit(job.url)
        expected = {**urllib.parse.parse_qs(own.query), "audience": fields.get("audience", [])}
        if path != own.path or fields != expected or len(fields["audience"]) != 1:
            return 404, {"message": "There is no such thing here."}
        if self.headers.get("Accept") != _ACCEPT:
            return 406, {"message": "This version is not spoken here."}
        token = self.fake.issue(job, fields["audience"][0])
        return 200, {"count": len(token), "value": token}
