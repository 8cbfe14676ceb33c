"""A purserd whose every answer a test decides: what the helper must cope with.

It speaks the protocol of docs/protocol.md as far as the helper does, or breaks it on
purpose. One thread accepts, one more serves each connection; nothing here sleeps.
"""

import dataclasses
import os
import re
import socket
import struct
import threading

ANSWER = b'{"ServerURL":"r.example.com","Username":"ann","Secret":"not-a-real-secret"}\n'


def response(body=ANSWER, status=200, *fields):
    """A response as the daemon sends it."""
    head = [f"HTTP/1.1 {status} Fake", f"Content-Length: {len(body)}", *fields]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclasses.dataclass
class Request:
    raw: bytes

    @property
    def head(self):
        return self.raw.split(b"\r\n\r\n", 1)[0].decode()

    @property
    def body(self):
        return self.raw.split(b"\r\n\r\n", 1)[1]

    @property
    def path(self):
        return self.head.split(" ")[1]

    @property
    def fields(self):
        lines = self.head.split("\r\n")[1:]
        return dict(line.split(": ", 1) for line in lines)

    @property
    def entries(self):
        """The variables and the working directory, as they were sent."""
        return self.body[: self._end_of_entries()].split(b"\0")[:-1]

    @property
    def variables(self):
        pairs = (entry.decode().split("=", 1) for entry in self.entries if entry[:1] != b"/")
        return dict(pairs)

    @property
    def folder(self):
        folders = [entry.decode() for entry in self.entries if entry[:1] == b"/"]
        assert len(folders) <= 1
        return folders[0] if folders else None

    @property
    def input(self):
        return self.body[self._end_of_entries() + 1 :]

    def _end_of_entries(self):
        if self.body[:1] == b"\0":
            return 0
        return self.body.index(b"\0\0") + 1


def read_request(connection, heard=lambda: None):
    """Reads one request; None where the client went away before it was complete. Its first byte is `heard`."""
    raw = b""
    while b"\r\n\r\n" not in raw:
        got = connection.recv(65536)
        if not got:
            return None
        heard()
        raw += got
    head, body = raw.split(b"\r\n\r\n", 1)
    size = int(re.search(rb"Content-Length: (\d+)", head).group(1))
    while len(body) < size:
        got = connection.recv(1 << 20)
        if not got:
            return None
        body += got
    return Request(head + b"\r\n\r\n" + body)


def is_ours(connection):
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return struct.unpack("3i", credentials)[0] == os.getpid()


class FakeDaemon:
    """Listens at `path`; `serve(connection, number)` has each connection, from 0 on."""

    def __init__(self, path, serve, backlog=128):
        self.path = str(path)
        self.requests = []
        self.connections = 0
        self._heard = threading.Event()  # any byte
        self._last_met = threading.Event()  # a connection of this process
        self._threads = []
        self._serve = serve
        self._lock = threading.Lock()
        self._open = []
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        os.makedirs(os.path.dirname(self.path), mode=0o700, exist_ok=True)
        self._listener.bind(self.path)
        self._listener.listen(backlog)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept()
        self._listener.close()
        with self._lock:
            for connection in self._open:
                connection.close()

    def hold(self, connection):
        """Keeps a connection open, without an answer, until the end of the test."""
        with self._lock:
            self._open.append(connection)

    def request(self, connection):
        request = read_request(connection, self._heard.set)
        with self._lock:
            if request is not None:
                self.requests.append(request)
        return request

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if is_ours(connection):
                self._last_met.set()
                connection.close()
                continue
            number, self.connections = self.connections, self.connections + 1
            thread = threading.Thread(target=self._one, args=(connection, number), daemon=True)
            self._threads.append(thread)
            thread.start()

    def heard_nothing(self):
        """Whether no client sent a byte, all of which have ended: also those that were not met yet."""
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(self.path)
            assert self._last_met.wait(10)
        for thread in self._threads:
            thread.join()
        return not self._heard.is_set()

    def _one(self, connection, number):
        try:
            self._serve(self, connection, number)
        except OSError:
            pass  # the helper went away: what it makes of that is what the test looks at
        if connection not in self._open:
            connection.close()


def answering(answer=None):
    """Serves every request with these bytes."""
    data = response() if answer is None else answer

    def serve(daemon, connection, _number):
        if daemon.request(connection) is not None:
            connection.sendall(data)

    return serve
