"""A token server for docker-registry's token authentication: RS256 tokens that live as long as the test says.

Format: https://distribution.github.io/distribution/spec/auth/jwt/ (`kid` is the libtrust fingerprint, as docker-registry 2.8
wants it, or the thumbprint of RFC 7638, as distribution 3 does). With identity tokens:
https://distribution.github.io/distribution/spec/auth/oauth/
"""

import base64
import dataclasses
import hashlib
import http.server
import json
import pathlib
import secrets
import socketserver
import threading
import time
import urllib.parse

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

ISSUER = "purser-test"
# docker-registry 2.8 accepts a token this long after its end; we date the end back by it, so that a token that says
# 60 s lives 60 s.
REGISTRY_LEEWAY = 60


@dataclasses.dataclass(frozen=True)
class Question:
    """What a client asked, without its secret. `user` is "" for an anonymous one, None for one that was refused."""

    grant: str  # "basic" for a GET, else the grant_type of a POST
    user: str | None
    account: str
    client: str
    service: str
    scopes: tuple[str, ...]
    offline: bool  # whether it wanted an identity token


class TokenServer:
    """Plain HTTP on the loopback, to be put behind the TLS front. `users` maps names to passwords.

    With `identity_tokens` it knows POST, and gives a refresh token to whoever asks for one. Users may do everything, and
    nobody else anything: a subclass may see that differently in actions_of().
    """

    def __init__(self, certificate: pathlib.Path, key: pathlib.Path, service: str, users: dict[str, str],
                 lifetime: int, identity_tokens: bool = False, key_id: str = "libtrust"):
        self.service = service
        self.users = users
        self.lifetime = lifetime
        self.certificate = certificate
        self.identity_tokens = identity_tokens
        self._key = serialization.load_pem_private_key(key.read_bytes(), None)
        self._kid = {"libtrust": _fingerprint, "thumbprint": _thumbprint}[key_id](self._key.public_key())
        self._lock = threading.Lock()
        self._granted: list[tuple[float, str, str]] = []
        self._asked: list[Question] = []
        self._identities: dict[str, str] = {}
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.tokens = self
        self.address = self._server.server_address[:2]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def granted(self) -> list[tuple[float, str, str]]:
        """Time, user ("" for anonymous) and scopes of each token."""
        with self._lock:
            return list(self._granted)

    def asked(self) -> list[Question]:
        with self._lock:
            return list(self._asked)

    def note(self, question: Question) -> None:
        with self._lock:
            self._asked.append(question)

    def actions_of(self, user: str, kind: str, name: str, wanted: list[str]) -> list[str]:
        """Those of the wanted actions that a user ("": anonymous) may do."""
        return wanted if user else []

    def identity(self, user: str) -> str:
        """A new identity token of a user."""
        with self._lock:
            token = f"fake-identity-{secrets.token_urlsafe(200)}"
            self._identities[token] = user
            return token

    def user_of_identity(self, token: str) -> str | None:
        with self._lock:
            return self._identities.get(token)

    def grant(self, user: str, scopes: list[str]) -> dict:
        now = int(time.time())
        access = [self._access(scope, user) for scope in scopes]
        claims = {
            "iss": ISSUER, "sub": user, "aud": self.service, "iat": now, "nbf": now - 10,
            "exp": now + self.lifetime - REGISTRY_LEEWAY, "jti": secrets.token_hex(8),
            "access": [entry for entry in access if entry["actions"]],
        }
        header = {"typ": "JWT", "alg": "RS256", "kid": self._kid}
        signed = f"{_encode(json.dumps(header).encode())}.{_encode(json.dumps(claims).encode())}"
        signature = self._key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
        with self._lock:
            self._granted.append((time.time(), user, " ".join(scopes)))
        token = f"{signed}.{_encode(signature)}"
        issued_at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
        return {"token": token, "access_token": token, "expires_in": self.lifetime, "issued_at": issued_at}


    def _access(self, scope: str, user: str) -> dict:
        kind, _, rest = scope.partition(":")
        name, _, actions = rest.rpartition(":")
        return {"type": kind, "name": name, "actions": self.actions_of(user, kind, name, actions.split(","))}


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request, client_address) -> None:
        """A client that leaves early is its own affair."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        offline = query.get("offline_token") == ["true"]
        self._serve("basic", self._user(), query, offline)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        server = self.server.tokens
        if not server.identity_tokens:
            self._answer(404, {})  # clients fall back to GET
            return
        form = {name: values[0] for name, values in urllib.parse.parse_qs(body.decode()).items()}
        grant = form.get("grant_type", "")
        user = None
        if grant == "refresh_token":
            user = server.user_of_identity(form.get("refresh_token", ""))
        elif grant == "password" and server.users.get(form.get("username")) == form.get("password"):
            user = form.get("username")
        query = {name: [value] for name, value in form.items()}
        self._serve(grant, user, query, form.get("access_type") == "offline")

    def _serve(self, grant: str, user: str | None, query: dict[str, list[str]], offline: bool) -> None:
        def only(name: str) -> str:
            return query.get(name, [""])[0]

        server = self.server.tokens
        scopes = [part for scope in query.get("scope", []) for part in scope.split()]
        server.note(Question(grant, user, only("account"), only("client_id"), only("service"), tuple(scopes), offline))
        if user is None:
            self._answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "wrong user or password"}]})
            return
        answer = server.grant(user, scopes)
        if server.identity_tokens and user and offline:
            answer["refresh_token"] = server.identity(user)
        elif grant == "refresh_token":
            answer["refresh_token"] = only("refresh_token")
        self._answer(200, answer)

    def _user(self) -> str | None:
        """The user, "" for an anonymous one, None for one that is refused."""
        authorization = self.headers.get("Authorization")
        if authorization is None:
            return ""
        name, _, password = base64.b64decode(authorization.partition(" ")[2]).decode().partition(":")
        return name if self.server.tokens.users.get(name) == password else None

    def _answer(self, status: int, value: dict) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args) -> None:
        """Silent."""


def _encode(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _fingerprint(public_key) -> str:
    der = public_key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    text = base64.b32encode(hashlib.sha256(der).digest()[:30]).decode()
    return ":".join(text[at : at + 4] for at in range(0, len(text), 4))


def _thumbprint(public_key) -> str:
    """RFC 7638, 3: the members that an RSA key needs, in the order of their names."""
    numbers = public_key.public_numbers()
    e, n = (_encode(value.to_bytes((value.bit_length() + 7) // 8, "big")) for value in (numbers.e, numbers.n))
    return _encode(hashlib.sha256(f'{{"e":"{e}","kty":"RSA","n":"{n}"}}'.encode()).digest())
