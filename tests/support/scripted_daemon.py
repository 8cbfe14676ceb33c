"""A purserd that answers each path with what a test says, for the command line."""

import json
import os
import re
import socket
import threading


def response(body, status="200 OK"):
    body = body if isinstance(body, bytes) else json.dumps(body).encode()
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)


def whole_request(connection):
    request = b""
    while True:
        head, end, body = request.partition(b"\r\n\r\n")
        size = re.search(rb"\r\nContent-Length: (\d+)", head)
        if end and len(body) >= (int(size[1]) if size else 0):
            return request
        piece = connection.recv(65536)
        if not piece:
            return request
        request += piece


class ScriptedDaemon:
    """`answers`: what each path is answered, JSON or something that makes it of the whole target. May be changed at any time;
    a path that is not there is 404. Every target that was asked for is in `targets`."""

    def __init__(self, path, answers):
        self.path, self.answers, self.targets = str(path), dict(answers), []
        self._listener = None
        self.start()

    def start(self):
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(self.path)
        self._listener.listen(64)
        self._thread = threading.Thread(target=self._serve, args=(self._listener,), daemon=True)
        self._thread.start()

    def stop(self):
        """As a daemon that ends: nobody listens any more."""
        if self._listener is None:
            return
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join(10)
        self._listener.close()
        self._listener = None
        os.unlink(self.path)

    def _serve(self, listener):
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    self._answer(connection)
                except OSError:
                    pass  # who asked went away

    def _answer(self, connection):
        request = whole_request(connection)
        if not request:
            return
        target = request.split(b" ")[1].decode()
        self.targets.append(target)
        path = target.partition("?")[0]
        if path not in self.answers:
            error = {"code": "bad_request", "message": "no such path; see docs/protocol.md", "host": None, "retry_at": None}
            connection.sendall(response({"error": error}, "404 Not Found"))
            return
        answer = self.answers[path]
        connection.sendall(response(answer(target) if callable(answer) else answer))
