"""Where traffic ends that should not exist: name look-ups, and the cloud's metadata addresses. It counts."""

import socket
import struct
import threading

NAME_SERVER = ("127.0.0.53", 53)
METADATA_ADDRESSES = ("169.254.169.254", "169.254.170.2", "169.254.170.23")

_NXDOMAIN = 0x8183


class Sink:
    """Answers every name look-up with "no such name", and hangs up on whoever asks for metadata, unless a test leads
    one of the metadata addresses to a fake."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._names: list[str] = []
        self._visits: list[str] = []
        self._led: dict[str, tuple[str, int]] = {}
        self._names_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._names_socket.bind(NAME_SERVER)
        threading.Thread(target=self._serve_names, daemon=True).start()
        self._listeners = [socket.create_server((address, 80)) for address in METADATA_ADDRESSES]
        for listener in self._listeners:
            threading.Thread(target=self._serve_metadata, args=(listener,), daemon=True).start()

    def forget(self) -> None:
        with self._lock:
            self._names.clear()
            self._visits.clear()

    def names(self) -> list[str]:
        """The names that were looked up, in lower case."""
        with self._lock:
            return list(self._names)

    def visits(self) -> list[str]:
        """The metadata addresses that somebody connected to."""
        with self._lock:
            return list(self._visits)

    def lead(self, address: str, fake: tuple[str, int]) -> None:
        """Whoever connects to the metadata address talks to the fake from now on."""
        with self._lock:
            self._led[address] = fake

    def lead_nowhere(self) -> None:
        with self._lock:
            self._led.clear()

    def stop(self) -> None:
        for each in (self._names_socket, *self._listeners):
            each.close()

    def _serve_names(self) -> None:
        while True:
            try:
                query, client = self._names_socket.recvfrom(4096)
            except OSError:
                return
            name, end = _question(query)
            with self._lock:
                self._names.append(name)
            answer = query[:2] + struct.pack(">HHHHH", _NXDOMAIN, 1, 0, 0, 0) + query[12:end]
            self._names_socket.sendto(answer, client)

    def _serve_metadata(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            address = listener.getsockname()[0]
            with self._lock:
                self._visits.append(address)
                fake = self._led.get(address)
            if fake is None:
                connection.close()
                continue
            other = socket.create_connection(fake)
            for pair in ((connection, other), (other, connection)):
                threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def _pass_on(source: socket.socket, sink: socket.socket) -> None:
    try:
        while piece := source.recv(65536):
            sink.sendall(piece)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def _question(query: bytes) -> tuple[str, int]:
    """The name of the first question of a DNS message, and where the question ends."""
    labels = []
    at = 12
    while query[at]:
        labels.append(query[at + 1 : at + 1 + query[at]].decode("ascii", "replace").lower())
        at += 1 + query[at]
    return ".".join(labels), at + 5
