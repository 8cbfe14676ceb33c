"""What the fakes of web services have in common: servers on threads, a script of behaviours, and a record of calls."""

import dataclasses
import http.server
import json
import pathlib
import socket
import socketserver
import ssl
import struct
import threading
import time


@dataclasses.dataclass
class Behaviour:
    """How the next `times` calls go (-1: all from now on). Each is taken before the call is judged.

    kind: error (code, message, status) | status (status, body, content_type) | slow (seconds) | hold (until
    release(), then as usual, or the error of `code`) | hang (never answers) | reset (TCP reset)
    | truncate (half an answer, then closed) | skew (seconds: how far the fake's clock is ahead)

    `at` keeps it for the calls whose target ends so; each fake says what its targets are.
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
    at: str = ""


class Fake:
    """Servers that share a script and a record. A call is a frozen dataclass with an `outcome`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._script: list[Behaviour] = []
        self._calls: list = []
        self._arrived = threading.Condition(self._lock)
        self._gate = threading.Event()
        self._gate.set()
        self._stopped = threading.Event()
        self._servers: list[Server] = []

    def serve(self, address: tuple[str, int], handler: type["Handler"],
              certificate: tuple[pathlib.Path, pathlib.Path] | None = None) -> tuple[str, int]:
        """Starts one more server, with TLS where there is a certificate; where it listens."""
        server = Server(address, handler, self)
        if certificate:
            server.wrap(*certificate)
        self._servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return server.server_address[:2]

    def stop(self) -> None:
        self._stopped.set()
        self._gate.set()
        for server in self._servers:
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
        """Nothing scripted, nothing counted."""
        self.script()
        self.release()
        with self._lock:
            self._calls.clear()

    def calls(self) -> list:
        with self._lock:
            return list(self._calls)

    def wait_for_calls(self, count: int, seconds: float) -> bool:
        """Until `count` calls have arrived; those that are held count."""
        with self._arrived:
            return self._arrived.wait_for(lambda: len(self._calls) >= count, timeout=seconds)

    # Used by the handlers, on their threads.

    def take_behaviour(self, target: str = "") -> Behaviour | None:
        with self._lock:
            for behaviour in self._script:
                if behaviour.times != 0 and target.endswith(behaviour.at):
                    if behaviour.times > 0:
                        behaviour.times -= 1
                    return dataclasses.replace(behaviour)
            return None

    def record(self, call) -> int:
        with self._arrived:
            self._calls.append(call)
            self._arrived.notify_all()
            return len(self._calls) - 1

    def amend(self, index: int, outcome: str) -> None:
        with self._lock:
            if index < len(self._calls):
                self._calls[index] = dataclasses.replace(self._calls[index], outcome=outcome)

    def wait_at_gate(self) -> None:
        self._gate.wait()

    def pause(self, seconds: float | None) -> None:
        self._stopped.wait(seconds)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 1024
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handler: type["Handler"], fake: Fake):
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


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    skew = 0.0  # seconds that the clock of this answer is wrong

    @property
    def fake(self):
        return self.server.fake

    def date_time_string(self, timestamp=None) -> str:
        return super().date_time_string((timestamp or time.time()) + self.skew)

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

    def refuse(self, status: int, code: str, message: str, headers: dict | None = None) -> None:
        """An error in the form of the service."""
        self.answer_json(status, {"__type": code, "message": message}, headers)

    def play(self, behaviour: Behaviour) -> bool:
        """True where the call goes on as usual afterwards."""
        match behaviour.kind:
            case "error":
                self.refuse(behaviour.status, behaviour.code, behaviour.message, behaviour.headers)
            case "status":
                self.answer(behaviour.status, behaviour.body.encode(), behaviour.content_type, behaviour.headers)
            case "slow":
                self.fake.pause(behaviour.seconds)
                return True
            case "hold":
                self.fake.wait_at_gate()
                if not behaviour.code:
                    return True
                self.refuse(behaviour.status, behaviour.code, behaviour.message)
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

    def truncate(self, text: bytes, content_type: str) -> None:
        """Half of an answer."""
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text[: len(text) // 2])
        self.close_connection = True

    def log_message(self, format: str, *args) -> None:
        """Silent: what matters is in the calls."""
