"""A fake of AWS Sign-In, which renews the sessions of `aws login`: it checks each proof of DPoP (RFC 9449).

The target of a call, for Behaviour.at, is "POST /v1/token". What it issues is good at the fake ECR, as long as it lives.
"""

import dataclasses
import hashlib
import json
import pathlib
import secrets
import threading
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from rig_authority import Authority
from rig_fake import Fake, Handler
from rig_home import Home
from rig_keys import KeyRing, session_key, timestamp
from rig_oidc import decode, encode
from rig_signature import AccessKey, Refused

QUARTER = 900
SESSION = "arn:aws:sts::123456789012:assumed-role/Admin/admin"
NAMES = ("localhost", "us-east-1.signin.aws.amazon.com", "eu-west-1.signin.aws.amazon.com")
TOKEN = "POST /v1/token"

_CLIENT = "arn:aws:signin:::devtools/same-device"
_STATUS = {"TOKEN_EXPIRED": 401, "USER_CREDENTIALS_CHANGED": 403, "INSUFFICIENT_PERMISSIONS": 403}
_TYPES = {400: "ValidationException", 429: "TooManyRequestsError", 500: "InternalServerException"}


@dataclasses.dataclass(frozen=True)
class SigninCall:
    """One request that arrived, and what became of it: "issued", AWS's error, or the kind of the behaviour."""

    time: float
    host: str
    target: str
    outcome: str
    fields: dict = dataclasses.field(repr=False)
    proof: str = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class _Grant:
    """What a refresh token is bound to."""

    label: str
    thumbprint: str


class FakeSignin(Fake):
    """Keys that it issues are added to `keys`, with the label of their login."""

    def __init__(self, authority: Authority, keys: KeyRing, address: tuple[str, int] = ("127.0.0.1", 0)):
        super().__init__()
        self.keys = keys
        self._state = threading.Lock()
        self._reset()
        self.address = self.serve(address, _SigninHandler, authority.issue(address[0], *NAMES))

    @property
    def endpoint(self) -> str:
        """For AWS_ENDPOINT_URL_SIGNIN."""
        return "https://{}:{}".format(*self.address)

    def log_in(self, seconds: int = QUARTER, label: str = "login admin", **fields) -> dict:
        """What the aws command writes down after a login whose keys live for `seconds`, changed by `fields`."""
        private = ec.generate_private_key(ec.SECP256R1())
        pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL,
                                    serialization.NoEncryption()).decode()
        numbers = private.public_key().public_numbers()
        grant = _Grant(label, _thumbprint({"crv": "P-256", "kty": "EC", "x": encode(numbers.x.to_bytes(32, "big")),
                                           "y": encode(numbers.y.to_bytes(32, "big"))}))
        expires_at = time.time() + seconds
        access = {**self.new_keys(label, expires_at), "accountId": "123456789012", "expiresAt": timestamp(expires_at)}
        return {"accessToken": access, "tokenType": "aws_sigv4", "clientId": _CLIENT,
                "refreshToken": self.new_refresh_token(grant), "idToken": "FAKE-id-token", "dpopKey": pem, **fields}

    def log_out(self) -> None:
        """Nothing can be renewed with what was issued so far."""
        with self._state:
            self._grants.clear()

    def new_keys(self, label: str, expires_at: float) -> dict:
        key = session_key(label)
        self.keys.learn(key, expires_at)
        self.issued.append(key)
        return {"accessKeyId": key.key_id, "secretAccessKey": key.secret, "sessionToken": key.session_token}

    def new_refresh_token(self, grant: _Grant) -> str:
        token = f"FAKE-signin-refresh-token:{secrets.token_urlsafe(240)}/+=="
        with self._state:
            self._grants[token] = grant
            self._secrets.append(token)
        return token

    def take_grant(self, refresh_token: str) -> _Grant | None:
        """Each is good once, so that two renewals of one are noticed."""
        with self._state:
            return self._grants.pop(refresh_token, None)

    def is_new(self, proof_id: str) -> bool:
        with self._state:
            known = proof_id in self._proofs
            self._proofs.add(proof_id)
            return not known

    def secrets(self) -> list[str]:
        with self._state:
            return list(self._secrets)

    def forget(self) -> None:
        super().forget()
        self._reset()

    def _reset(self) -> None:
        self.lifetime = QUARTER
        self.issued: list[AccessKey] = []
        with self._state:
            self._grants: dict[str, _Grant] = {}
            self._proofs: set[str] = set()
            self._secrets: list[str] = []


def session_file(home: Home, session: str = SESSION) -> pathlib.Path:
    """Where the aws command keeps a session."""
    return home.home / f".aws/login/cache/{hashlib.sha256(session.encode()).hexdigest()}.json"


def write_session(home: Home, content: dict | str, session: str = SESSION) -> pathlib.Path:
    """As `aws login` leaves it: written into the file that is there."""
    text = content if isinstance(content, str) else json.dumps(content)
    return home.write(str(session_file(home, session).relative_to(home.home)), text)


def check_proof(proof: str, method: str, url: str, now: float) -> tuple[str, str]:
    """The thumbprint of the key (RFC 7638) and the proof's id; raises ValueError where it proves nothing."""
    signed, _, signature = proof.rpartition(".")
    header, claims = (json.loads(decode(part)) for part in signed.split("."))
    jwk = header["jwk"]
    if header != {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk} or jwk.keys() != {"kty", "crv", "x", "y"}:
        raise ValueError(f"not the header of a proof: {header}")
    if (jwk["kty"], jwk["crv"]) != ("EC", "P-256"):
        raise ValueError("another curve")
    raw, x, y = decode(signature), decode(jwk["x"]), decode(jwk["y"])
    if (len(raw), len(x), len(y)) != (64, 32, 32):
        raise ValueError("the numbers have another size")
    numbers = ec.EllipticCurvePublicNumbers(int.from_bytes(x, "big"), int.from_bytes(y, "big"), ec.SECP256R1())
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    try:
        numbers.public_key().verify(der, signed.encode(), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise ValueError("the signature is wrong") from None
    if claims.keys() != {"htm", "htu", "iat", "jti"} or (claims["htm"], claims["htu"]) != (method, url):
        raise ValueError(f"a proof of something else: {claims}")
    if not isinstance(claims["iat"], int) or abs(claims["iat"] - now) > 60 or not claims["jti"]:
        raise ValueError("not a proof of now")
    return _thumbprint(jwk), claims["jti"]


def _thumbprint(jwk: dict) -> str:
    return hashlib.sha256(json.dumps(jwk, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class _SigninHandler(Handler):
    def do_POST(self) -> None:
        body = self.body()
        try:
            fields = json.loads(body)
        except ValueError:
            fields = {}
        host, proof = self.headers.get("Host", ""), self.headers.get("DPoP", "")
        index = self.fake.record(SigninCall(time.time(), host, f"POST {self.path}", "arrived", fields, proof))
        behaviour = self.fake.take_behaviour(f"POST {self.path}")
        if behaviour is not None:
            self.fake.amend(index, behaviour.code or behaviour.kind)
            if not self.play(behaviour):
                return
        try:
            answer = self._judge(fields, host, proof)
            self.fake.amend(index, "issued")
        except Refused as refused:
            self.fake.amend(index, refused.code)
            self.refuse(_STATUS.get(refused.code, 400), refused.code, refused.message)
            return
        if behaviour is not None and behaviour.kind == "truncate":
            self.truncate(json.dumps(answer).encode(), "application/json")
            return
        self.answer(200, json.dumps(answer).encode(), "application/json")

    def refuse(self, status: int, code: str, message: str, headers: dict | None = None) -> None:
        kind = "AccessDeniedException" if code in _STATUS else _TYPES.get(status, code)
        error = json.dumps({"error": code, "message": message}).encode()
        self.answer(status, error, "application/json", {"x-amzn-ErrorType": kind, **(headers or {})})

    def _judge(self, fields: dict, host: str, proof: str) -> dict:
        if self.path != "/v1/token" or self.headers.get("Authorization") is not None:
            raise Refused("INVALID_REQUEST", "There is no such thing here, or it is not signed.")
        if not self.headers.get("Content-Type", "").startswith("application/json"):
            raise Refused("INVALID_REQUEST", "The body is no JSON.")
        if fields.keys() != {"clientId", "grantType", "refreshToken"} or fields["grantType"] != "refresh_token":
            raise Refused("INVALID_REQUEST", "A parameter is missing or not known here.")
        try:
            thumbprint, proof_id = check_proof(proof, "POST", f"https://{host}{self.path}", time.time())
        except (ValueError, KeyError, TypeError) as error:
            raise Refused("INVALID_REQUEST", f"DPoP: {error}") from None
        if not self.fake.is_new(proof_id):
            raise Refused("INVALID_REQUEST", "This proof was used before.")
        grant = self.fake.take_grant(fields["refreshToken"])
        if grant is None or fields["clientId"] != _CLIENT or thumbprint != grant.thumbprint:
            raise Refused("TOKEN_EXPIRED", "The refresh token is not good, or not of this key.")
        keys = self.fake.new_keys(grant.label, time.time() + self.fake.lifetime)
        return {"accessToken": keys, "tokenType": "aws_sigv4", "expiresIn": self.fake.lifetime,
                "refreshToken": self.fake.new_refresh_token(grant)}
