"""A registry with Bearer tokens whose every word a test may choose, on addresses of this machine, and who asks a daemon
for tokens of it.

Tokens are opaque texts; what one is good for is in `issued`. Format: distribution, "Token Authentication Specification" and
"OAuth2 Token Authentication".
"""

import base64
import dataclasses
import http.client
import json
import socket
import threading
import urllib.parse
from collections.abc import Callable

from rig_authority import Authority
from rig_fake import Fake, Handler
from rig_home import Home

USER, PASSWORD = "ann", "fake-password-of-ann"
IDENTITY_TOKEN = "<token>"


@dataclasses.dataclass(frozen=True)
class Call:
    """One request. `user` is "" for who showed nothing."""

    server: str
    method: str
    path: str  # without the query
    fields: tuple[tuple[str, str], ...]  # of the query, or of the form
    user: str
    secret: str
    bearer: str
    outcome: str = ""

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    @property
    def scopes(self) -> list[str]:
        return [scope for value in self.values("scope") for scope in value.split()]


@dataclasses.dataclass(frozen=True)
class Reply:
    status: int = 200
    body: bytes = b""
    headers: dict = dataclasses.field(default_factory=dict)
    content_type: str = "application/json"
    play: Callable | None = None  # does all of it with the handler

    @classmethod
    def of(cls, value, **options) -> "Reply":
        return cls(body=json.dumps(value).encode(), **options)


class BearerRegistry(Fake):
    """Named servers, each with TLS at its own address; all are registries and all have a token endpoint at /token.

    `challenge` is what a registry says to who shows no token, a list of header lines in which {realm} is its own endpoint.
    `reply` and `ping`, where a test sets them, take a Call and give the Reply to a question for a token, or to /v2/.
    """

    def __init__(self, authority: Authority):
        super().__init__()
        self.authority = authority
        self.places: dict[str, str] = {}
        self.users = {USER: PASSWORD}
        self.identities: dict[str, str] = {}
        self.rotates = False
        self.service = "fake-service"
        self.challenge = ['Bearer realm="{realm}",service="{service}"']
        self.expires_in: int | None = 300
        self.tells_scope = True
        self.reply: Callable[[Call], Reply | None] = lambda call: None
        self.ping: Callable[[Call], Reply | None] = lambda call: None
        self.issued: dict[str, tuple[str, tuple[str, ...]]] = {}  # user and scopes, by token
        self._numbers = threading.Lock()
        self._number = 0

    def add(self, name: str, address: str = "127.0.0.1", port: int = 0, host: str = "") -> str:
        """Starts a server, which is known as `host` where that is given; its `host[:port]`."""
        host = host or address
        _, port = self.serve((address, port), _Handler, self.authority.issue(host))
        self._servers[-1].name = name
        self.places[name] = host if port == 443 else f"{host}:{port}"
        return self.places[name]

    def realm(self, name: str) -> str:
        return f"https://{self.places[name]}/token"

    def questions(self) -> list[Call]:
        """Calls for a token."""
        return [call for call in self.calls() if call.path.startswith("/token")]

    def pings(self) -> list[Call]:
        return [call for call in self.calls() if call.path.startswith("/v2/")]

    def issue(self, user: str, scopes: list[str]) -> str:
        with self._numbers:
            self._number += 1
            token = f"fake-token-{self._number}"
            self.issued[token] = (user, tuple(scopes))
            return token

    def new_identity(self, user: str = USER) -> str:
        with self._numbers:
            self._number += 1
            token = f"fake-identity-{self._number}"
            self.identities[token] = user
            return token

    def grant(self, call: Call) -> Reply:
        """What an honest endpoint answers."""
        user = call.user
        if call.method == "POST":
            return self._grant_form(call)
        if user and self.users.get(user) != call.secret:
            return refusal(401, "UNAUTHORIZED", "incorrect username or password")
        return self._token(user, call.scopes)

    def _grant_form(self, call: Call) -> Reply:
        (kind,) = call.values("grant_type")
        if kind == "password":
            ((user,), (password,)) = call.values("username"), call.values("password")
            if self.users.get(user) != password:
                return Reply.of({"error": "invalid_grant"}, status=401)
            return self._token(user, call.scopes)
        (shown,) = call.values("refresh_token")
        with self._numbers:
            user = self.identities.pop(shown, None) if self.rotates else self.identities.get(shown)
        if user is None:
            return Reply.of({"error": "invalid_grant", "error_description": "unknown refresh token"}, status=400)
        return self._token(user, call.scopes, refresh_token=self.new_identity(user) if self.rotates else shown)

    def _token(self, user: str, scopes: list[str], **members) -> Reply:
        answer = {"token": self.issue(user, scopes), **members}
        if self.expires_in is not None:
            answer["expires_in"] = self.expires_in
        if self.tells_scope:
            answer["scope"] = " ".join(scopes)
        return Reply.of(answer)


def refusal(status: int, code: str, message: str) -> Reply:
    return Reply.of({"errors": [{"code": code, "message": message, "detail": None}]}, status=status)


class _Handler(Handler):
    def do_GET(self) -> None:
        self._serve()

    do_POST = do_DELETE = do_PUT = do_HEAD = do_GET

    def _serve(self) -> None:
        fake = self.fake
        split = urllib.parse.urlsplit(self.path)
        form = self.body().decode() if self.command == "POST" else ""
        fields = urllib.parse.parse_qsl(split.query, keep_blank_values=True) + urllib.parse.parse_qsl(form)
        scheme, _, value = (self.headers.get("Authorization") or "").partition(" ")
        user, _, secret = base64.b64decode(value).decode().partition(":") if scheme == "Basic" else ("", "", "")
        call = Call(self.server.name, self.command, split.path, tuple(fields), user, secret,
                    value if scheme == "Bearer" else "")
        number = fake.record(call)
        behaviour = fake.take_behaviour(call.path)
        if behaviour and not self.play(behaviour):
            return
        reply = self._token(call) if split.path.startswith("/token") else self._registry(call)
        fake.amend(number, str(reply.status))
        if reply.play:
            reply.play(self)
        else:
            self.answer(reply.status, reply.body, reply.content_type, reply.headers)

    def _token(self, call: Call) -> Reply:
        return self.fake.reply(call) or self.fake.grant(call)

    def _registry(self, call: Call) -> Reply:
        fake = self.fake
        chosen = fake.ping(call)
        if chosen:
            return chosen
        if call.bearer in fake.issued:
            return self._answer_of_registry(call)
        body = refusal(401, "UNAUTHORIZED", "authentication required").body
        return Reply(401, body, play=lambda handler: handler.challenge_with(body))

    def _answer_of_registry(self, call: Call) -> Reply:
        _, scopes = self.fake.issued[call.bearer]
        action = {"GET": "pull", "POST": "push", "DELETE": "delete"}[call.method]
        allowed = call.path == "/v2/" or any(action in scope.rpartition(":")[2].split(",") or scope.endswith(":*")
                                             for scope in scopes)
        if not allowed:
            body = refusal(401, "DENIED", "requested access to the resource is denied").body
            return Reply(401, body, play=lambda handler: handler.challenge_with(body, ',error="insufficient_scope"'))
        if action == "push":
            return Reply(202, headers={"Location": f"{call.path}fake-upload"})
        return Reply(404 if action == "delete" else 200, b"{}")

    def challenge_with(self, body: bytes, more: str = "") -> None:
        fake = self.fake
        realm = f"https://{fake.places[self.server.name]}/token"
        self.send_response(401)
        for line in fake.challenge:
            self.send_header("WWW-Authenticate", line.replace("{realm}", realm).replace("{service}", fake.service) + more)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Answer:
    """What the daemon answered to one request."""

    def __init__(self, status: int, body: bytes):
        self.status, self.text = status, body.decode()
        self.json = json.loads(body)

    def ok(self) -> dict:
        assert self.status == 200, f"{self.status} {self.text}"
        return self.json

    @property
    def token(self) -> str:
        return self.ok()["token"]

    @property
    def code(self) -> str:
        assert self.status != 200, self.text
        return self.json["error"]["code"]

    @property
    def message(self) -> str:
        assert self.status != 200, self.text
        return self.json["error"]["message"]


class Asker:
    """Asks the daemon of a home for tokens, as a user who trusts the authority."""

    def __init__(self, home: Home, authority: Authority):
        self.home = home
        self.variables = {"SSL_CERT_FILE": str(authority.certificate), "HOME": str(home.home)}

    def ask(self, path: str, request, **variables: str) -> Answer:
        entries = [f"{name}={value}" for name, value in {**self.variables, **variables}.items()]
        stdin = request if isinstance(request, str) else json.dumps(request)
        body = "".join(f"{entry}\0" for entry in [*entries, str(self.home.home)]) + "\0" + stdin
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(60)
            connection.connect(str(self.home.socket))
            head = f"POST {path} HTTP/1.1\r\nHost: purser\r\nPurser-Version: 1\r\nConnection: close\r\n"
            connection.sendall(f"{head}Content-Length: {len(body.encode())}\r\n\r\n{body}".encode())
            response = http.client.HTTPResponse(connection)
            response.begin()
            return Answer(response.status, response.read())

    def token(self, target: str, *, scopes: list[str] | None = None, anonymous: bool | None = None, **variables) -> Answer:
        request: dict = {"target": target}
        if scopes is not None:
            request["scopes"] = scopes
        if anonymous is not None:
            request["anonymous"] = anonymous
        return self.ask("/v1/token", request, **variables)

    def log_in(self, registry: str, user: str = USER, secret: str = PASSWORD) -> None:
        login = {"ServerURL": registry, "Username": user, "Secret": secret}
        self.home.helper("store", json.dumps(login)).ok()

    def log_out(self, registry: str) -> None:
        self.home.helper("erase", registry).ok()

    def stored(self, registry: str) -> str:
        """The secret that is stored."""
        return self.home.get(registry)["Secret"]


def raw(text: bytes, keep_open: Callable | None = None) -> Reply:
    """Bytes as they are, in place of an answer."""

    def play(handler) -> None:
        handler.wfile.write(text)
        handler.wfile.flush()
        if keep_open:
            keep_open(handler)
        handler.close_connection = True

    return Reply(play=play)


