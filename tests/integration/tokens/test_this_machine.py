"""Registries on this machine, which need no TLS: when they are asked without it, and when they are not."""

import socket
import ssl
import subprocess
import threading

import pytest

from rig_authority import Authority
from rig_bearer import PASSWORD, USER
from rig_process import wait_until

TLS, HTTP = b"\x16", b"G"  # what a connection begins with: a handshake record, or GET


class Port:
    """A port of this machine. `opened` has the first byte of each connection, which `answer` then serves."""

    def __init__(self, answer):
        self.opened: list[bytes] = []
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.name = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def stop(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(10)
                self.opened.append(connection.recv(1, socket.MSG_PEEK))
                try:
                    self._answer(connection, self.opened[-1])
                except OSError:
                    pass  # the client left, or did not like what it saw


@pytest.fixture
def port():
    """Starts one: `port(answer)`."""
    started = []

    def start(answer) -> Port:
        started.append(Port(answer))
        return started[-1]

    yield start
    for each in started:
        each.stop()


def respond(connection, status: str, *headers: str) -> None:
    connection.recv(4096)
    connection.sendall("\r\n".join([f"HTTP/1.1 {status}", *headers, "Content-Length: 0", "Connection: close", "", ""]).encode())


def want_basic(connection) -> None:
    respond(connection, "401 Unauthorized", 'WWW-Authenticate: Basic realm="fake"')


def behind(certificate, key, answer):
    """Serves TLS, and drops whoever speaks none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    def serve(connection, first: bytes) -> None:
        if first == TLS:
            with context.wrap_socket(connection, server_side=True) as inside:
                answer(inside)

    return serve


def test_one_without_tls_is_asked_over_http(ann, port):
    """It answers what is no HTTP to it, as servers do."""
    registry = port(lambda connection, first: want_basic(connection) if first == HTTP else respond(connection, "400 Bad Request"))
    ann.log_in(registry.name)
    answer = ann.token(f"{registry.name}/team/app").ok()
    assert (answer["scheme"], answer["username"]) == ("basic", USER)
    assert registry.opened[:2] == [TLS, HTTP]


def test_one_that_drops_a_handshake_is_asked_over_http(ann, port):
    registry = port(lambda connection, first: want_basic(connection) if first == HTTP else None)
    ann.log_in(registry.name)
    assert ann.token(f"{registry.name}/team/app").ok()["scheme"] == "basic"


def test_a_certificate_that_is_not_trusted_is_the_error_and_nothing_is_sent_in_plain_text(ann, port, tmp_path):
    strange = Authority(tmp_path / "strange", "a strange authority").issue("127.0.0.1")
    registry = port(behind(*strange, want_basic))
    ann.log_in(registry.name)
    refused = ann.token(f"{registry.name}/team/app")
    assert refused.code == "unsafe" and "certificate" in refused.message and "SSL_CERT_FILE" in refused.message
    assert registry.opened == [TLS]


def test_a_certificate_of_another_name_is_the_error(ann, authority, port):
    registry = port(behind(*authority.issue("other.example.com"), want_basic))
    ann.log_in(registry.name)
    refused = ann.token(f"{registry.name}/team/app")
    assert refused.code == "unsafe" and "mismatch" in refused.message
    assert registry.opened == [TLS]


def test_authorities_that_cannot_be_read_are_the_error(ann, authority, port):
    registry = port(behind(*authority.issue("127.0.0.1"), want_basic))
    ann.log_in(registry.name)
    refused = ann.token(f"{registry.name}/team/app", SSL_CERT_FILE="/nonexistent/ca.pem")
    assert refused.code == "misconfigured" and "/nonexistent/ca.pem" in refused.message
    assert registry.opened == [TLS]


def test_the_error_of_tls_is_kept_where_plain_text_leads_nowhere(ann, authority, port):
    """An answer over TLS that breaks off, of a server that tells who speaks none to speak TLS."""
    inside = behind(*authority.issue("127.0.0.1"), lambda connection: connection.recv(4096))
    registry = port(lambda connection, first: inside(connection, first) if first == TLS else respond(connection, "400 Bad Request"))
    ann.log_in(registry.name)
    refused = ann.token(f"{registry.name}/team/app")
    assert refused.code == "transient" and "HTTP 400" not in refused.message


@pytest.mark.parametrize("version", ["tls1", "tls1_1"])
def test_one_that_speaks_old_tls_only_is_refused_in_words(ann, authority, version):
    certificate, key = authority.issue("127.0.0.1")
    with socket.create_server(("127.0.0.1", 0)) as free:
        registry = f"127.0.0.1:{free.getsockname()[1]}"
    server = subprocess.Popen(
        ["openssl", "s_server", "-accept", registry, f"-{version}", "-cipher", "ALL:@SECLEVEL=0", "-cert", certificate, "-key", key,
         "-quiet"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: _listens(registry), 10, "openssl s_server does not listen")
        ann.log_in(registry)
        refused = ann.token(f"{registry}/team/app")
    finally:
        server.kill()
        server.wait()
    assert refused.code == "unsafe" and PASSWORD not in refused.message
    assert refused.message == f"{registry}: it speaks TLS 1.1 or older only, which purser refuses"


def _listens(place: str) -> bool:
    host, _, port = place.rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0
