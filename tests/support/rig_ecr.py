#!/usr/bin/python3
"""A fake of the ECR and ECR Public APIs: GetAuthorizationToken over TLS, signatures checked by botocore.

Imported, it is two servers on threads. As a program it prints one line of JSON with the addresses and the keys, and
serves until its standard input ends:

    rig_ecr.py --folder DIR [--address HOST:PORT] [--name NAME]... [--lifetime SECONDS]

The control server speaks plain HTTP on the loopback:

    GET  /validate   401 or 200 for the Authorization header that came with it (for nginx's auth_request);
                     X-Registry-Host and X-Registry-Path say what for
    GET  /calls      the API calls so far; GET /shown: the passwords that registries were shown, by label or why refused
    POST /script     a list of behaviours, see Behaviour; POST /release, /forget, /revoke
"""

import argparse
import base64
import dataclasses
import datetime
import http.server
import json
import pathlib
import socket
import socketserver
import ssl
import struct
import sys
import threading
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import rig_signature  # noqa: E402  (the path is set above, for the use as a program)
from rig_authority import Authority  # noqa: E402
from rig_ledger import Ledger  # noqa: E402
from rig_signature import AccessKey, Refused  # noqa: E402

HALF_DAY = 12 * 3600.0

# Keys that exist only here.
PROD = AccessKey("prod", "AKIAFAKEPROD00000001", "fake/secret/of/prod/not+a+real+key/00001")
DEV = AccessKey("dev", "AKIAFAKEDEV000000002", "fake/secret/of/dev/not+a+real+key/000002")
SESSION = AccessKey("session", "ASIAFAKESESSION00003", "fake/secret/of/session/not+a+real/000003",
                    "FAKE-session-token//" + "0123456789abcdef" * 20)

_TARGETS = {
    "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken": "ecr",
    "SpencerFrontendService.GetAuthorizationToken": "ecr-public",
}


@dataclasses.dataclass
class Behaviour:
    """How the next `times` calls go (-1: all from now on). Each is taken before the signature is looked at.

    kind: error (code, message, status) | status (status, body, content_type) | slow (seconds) | hold (until
    release(), then as usual, or the error of `code`) | hang (never answers) | reset (TCP reset)
    | truncate (half an answer, then closed) | skew (seconds: how far the fake's clock is ahead)
    """

    kind: str
    times: int = 1
    code: str = ""
    message: str = "scripted by the test"
    status: int = 400
    body: str = ""
    content_type: str = "text/html"
    seconds: float = 0.0
    headers: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Call:
    """One request that arrived, and what became of it: "issued", AWS's error code, or the kind of the behaviour."""

    time: float
    host: str
    service: str
    region: str
    key_id: str
    label: str
    outcome: str


class FakeEcr:
    """Both servers. `names` are the host names that its certificate is for."""

    def __init__(self, authority: Authority, address: tuple[str, int] = ("127.0.0.1", 0),
                 names: tuple[str, ...] = ("127.0.0.1", "localhost"),
                 keys: tuple[AccessKey, ...] = (PROD, DEV, SESSION)):
        self.ledger = Ledger()
        self.lifetime = HALF_DAY
        self._keys = {key.key_id: key for key in keys}
        self._lock = threading.Lock()
        self._script: list[Behaviour] = []
        self._calls: list[Call] = []
        self._arrived = threading.Condition(self._lock)
        self._gate = threading.Event()
        self._gate.set()
        self._stopped = threading.Event()
        self._api = _Server(address, _ApiHandler, self)
        self._api.wrap(*authority.issue(*names))
        self._control = _Server(("127.0.0.1", 0), _ControlHandler, self)
        self.address = self._api.server_address[:2]
        self.control_address = self._control.server_address[:2]
        for server in (self._api, self._control):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def endpoint(self) -> str:
        """For AWS_ENDPOINT_URL."""
        return "https://{}:{}".format(*self.address)

    @property
    def control(self) -> str:
        return "http://{}:{}".format(*self.control_address)

    def stop(self) -> None:
        self._stopped.set()
        self._gate.set()
        for server in (self._api, self._control):
            server.shutdown()
            server.server_close()

    def script(self, *behaviours: Behaviour) -> None:
        """Replaces what was scripted before."""
        with self._lock:
            self._script = [dataclasses.replace(behaviour) for behaviour in behaviours]
            if any(behaviour.kind == "hold" for behaviour in behaviours):
                self._gate.clear()

    def release(self) -> None:
        """Lets the calls that are held go on, and holds no more."""
        with self._lock:
            self._script = [behaviour for behaviour in self._script if behaviour.kind != "hold"]
        self._gate.set()

    def forget(self) -> None:
        """Back to the beginning, except that issued passwords stay valid."""
        self.lifetime = HALF_DAY
        self.script()
        self.release()
        with self._lock:
            self._calls.clear()

    def calls(self) -> list[Call]:
        with self._lock:
            return list(self._calls)

    def wait_for_calls(self, count: int, seconds: float) -> bool:
        """Until `count` calls have arrived; those that are held count."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self._calls) >= count, timeout=seconds)

    # Used by the handlers, on their threads.

    def take_behaviour(self) -> Behaviour | None:
        with self._lock:
            while self._script and self._script[0].times == 0:
                self._script.pop(0)
            if not self._script:
                return None
            behaviour = self._script[0]
            if behaviour.times > 0:
                behaviour.times -= 1
            return dataclasses.replace(behaviour)

    def record(self, call: Call) -> int:
        with self._arrived:
            self._calls.append(call)
            self._arrived.notify_all()
            return len(self._calls) - 1

    def amend(self, index: int, outcome: str) -> None:
        with self._lock:
            if index < len(self._calls):
                self._calls[index] = dataclasses.replace(self._calls[index], outcome=outcome)

    def key(self, key_id: str) -> AccessKey | None:
        with self._lock:
            return self._keys.get(key_id)

    def wait_at_gate(self) -> None:
        self._gate.wait()

    def pause(self, seconds: float | None) -> None:
        self._stopped.wait(seconds)


class _Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024
    allow_reuse_address = True

    def __init__(self, address, handler, fake: FakeEcr):
        super().__init__(address, handler)
        self.fake = fake

    def wrap(self, certificate: pathlib.Path, key: pathlib.Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # The handshake happens on the connection's own thread, so that a client that says nothing holds up nobody.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)

    def server_bind(self) -> None:
        socketserver.TCPServer.server_bind(self)  # HTTPServer would look the name up
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request, client_address) -> None:
        """Clients come and go; what matters is in the calls."""


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    @property
    def fake(self) -> FakeEcr:
        return self.server.fake

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: bytes, content_type: str, headers: dict | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def answer_json(self, status: int, value, headers: dict | None = None) -> None:
        self.answer(status, json.dumps(value).encode(), "application/x-amz-json-1.1", headers)

    def log_message(self, format: str, *args) -> None:
        """Silent: what matters is in the calls."""


class _ApiHandler(_Handler):
    skew = 0.0  # seconds that the clock of this answer is wrong

    def date_time_string(self, timestamp=None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.skew)

    def do_POST(self) -> None:
        body = self.body()
        index = self.fake.record(self._call())
        behaviour = self.fake.take_behaviour()
        if behaviour is not None:
            self.fake.amend(index, behaviour.code or behaviour.kind)
            if not self._play(behaviour):
                return
        try:
            answer = self._authorize(body)
            self.fake.amend(index, "issued")
        except Refused as refused:
            self.fake.amend(index, refused.code)
            self._refuse(400, refused.code, refused.message)
            return
        if behaviour is not None and behaviour.kind == "truncate":
            self._truncate(answer)
            return
        self.answer_json(200, answer, {"x-amzn-RequestId": "fake-request"})

    def do_GET(self) -> None:
        self.answer_json(404, {"__type": "UnknownOperationException"})

    def _call(self) -> Call:
        try:
            scope = rig_signature.claimed_scope(self.headers)
        except Refused:
            return Call(time.time(), self.headers.get("Host", ""), "", "", "", "", "unsigned")
        key = self.fake.key(scope.key_id)
        label = key.label if key else ""
        host = self.headers.get("Host", "")
        return Call(time.time(), host, scope.service, scope.region, scope.key_id, label, "arrived")

    def _authorize(self, body: bytes):
        scope = rig_signature.claimed_scope(self.headers)
        service = _TARGETS.get(self.headers.get("X-Amz-Target", ""))
        if service is None:
            raise Refused("UnknownOperationException", "The operation is not known here.")
        key = self.fake.key(scope.key_id)
        if key is None:
            raise Refused("UnrecognizedClientException", "The security token included in the request is invalid.")
        if scope.service != service or not _host_fits(self.headers.get("Host", ""), scope.service, scope.region):
            raise Refused("InvalidSignatureException", "Credential should be scoped to a valid region and service.")
        now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.skew)
        url = "https://{}{}".format(self.headers["Host"], self.path)
        rig_signature.check("POST", url, self.headers, body, scope, key, now)
        if not isinstance(json.loads(body or b"null"), dict):
            raise Refused("SerializationException", "The body is not an object.")
        return self._token(key, service, scope.region)

    def _token(self, key: AccessKey, service: str, region: str):
        issued = self.fake.ledger.issue(key.label, key.key_id, service, region, self.fake.lifetime)
        token = base64.b64encode(f"AWS:{issued.password}".encode()).decode()
        granted = {"authorizationToken": token, "expiresAt": round(issued.expires_at, 3)}
        if service == "ecr-public":
            return {"authorizationData": granted}
        granted["proxyEndpoint"] = f"https://123456789012.dkr.ecr.{region}.amazonaws.com"
        return {"authorizationData": [granted]}

    def _play(self, behaviour: Behaviour) -> bool:
        """True where the call goes on as usual afterwards."""
        match behaviour.kind:
            case "error":
                self._refuse(behaviour.status, behaviour.code, behaviour.message, behaviour.headers)
            case "status":
                self.answer(behaviour.status, behaviour.body.encode(), behaviour.content_type, behaviour.headers)
            case "slow":
                self.fake.pause(behaviour.seconds)
                return True
            case "hold":
                self.fake.wait_at_gate()
                if not behaviour.code:
                    return True
                self._refuse(behaviour.status, behaviour.code, behaviour.message)
            case "hang":
                self.fake.pause(None)
                self.close_connection = True
            case "reset":
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                self.connection.close()
                self.close_connection = True
            case "skew":
                self.skew = behaviour.seconds
                return True
            case "truncate":
                return True
            case kind:
                raise ValueError(f"unknown behaviour: {kind}")
        return False

    def _refuse(self, status: int, code: str, message: str, headers: dict | None = None) -> None:
        self.answer_json(status, {"__type": code, "message": message}, headers)

    def _truncate(self, answer) -> None:
        text = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[: len(text) // 2])
        self.close_connection = True


class _ControlHandler(_Handler):
    def do_GET(self) -> None:
        match urllib.parse.urlsplit(self.path).path:
            case "/validate":
                self._validate()
            case "/calls":
                self.answer_json(200, [dataclasses.asdict(call) for call in self.fake.calls()])
            case "/shown":
                shown = [(s.host, s.path, s.label) for s in self.fake.ledger.shown()]
                self.answer_json(200, shown)
            case _:
                self.answer_json(404, {})

    def do_POST(self) -> None:
        body = self.body()
        match self.path:
            case "/script":
                self.fake.script(*(Behaviour(**behaviour) for behaviour in json.loads(body)))
            case "/release":
                self.fake.release()
            case "/forget":
                self.fake.forget()
            case "/revoke":
                self.fake.ledger.revoke_all()
            case _:
                self.answer_json(404, {})
                return
        self.answer_json(200, {})

    def _validate(self) -> None:
        host = self.headers.get("X-Registry-Host", "")
        path = self.headers.get("X-Registry-Path", "")
        shown = self.fake.ledger.show(host, path, self.headers.get("Authorization"))
        if shown is not None and shown.issued is not None:
            self.answer(200, b"", "text/plain")
            return
        challenge = f'Basic realm="https://{host}/",service="ecr.amazonaws.com"'
        self.answer(401, b"Not Authorized\n", "text/plain", {"WWW-Authenticate": challenge})


def _host_fits(host: str, service: str, region: str) -> bool:
    """A canonical name says for which service and region a request must be signed; others (an address) say nothing."""
    name = host.rpartition(":")[0] if ":" in host else host
    if not name.endswith(".amazonaws.com"):
        return True
    return name == f"api.{service}.{region}.amazonaws.com"


def main() -> None:
    parser = argparse.ArgumentParser(description="a fake of the ECR API, for tests")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--address", default="127.0.0.1:0")
    parser.add_argument("--name", action="append", default=[])
    parser.add_argument("--lifetime", type=float, default=HALF_DAY)
    arguments = parser.parse_args()
    authority = Authority(arguments.folder)
    host, _, port = arguments.address.rpartition(":")
    fake = FakeEcr(authority, (host, int(port)), (host, "localhost", *arguments.name))
    fake.lifetime = arguments.lifetime
    keys = {key.label: dataclasses.asdict(key) for key in (PROD, DEV, SESSION)}
    where = {"endpoint": fake.endpoint, "control": fake.control, "authority": str(authority.certificate), "keys": keys}
    print(json.dumps(where), flush=True)
    sys.stdin.read()
    fake.stop()


if __name__ == "__main__":
    main()
