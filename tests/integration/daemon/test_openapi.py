"""Each operation of docs/openapi.yaml, asked of a real daemon; its answers are what the document says, also when they are errors."""

import http.client
import json
import re
import socket

import pytest

import doc_pages
import openapi
from rig_ecr import PROD
from rig_home import environment_of
from rig_world import ECR, LOCAL, PUBLIC, user_of

REALLY = {"PURSER_NAMESPACE": "job-1"}
LOGIN = dict(zip(("username", "secret"), user_of(LOCAL)))
WALKED: set[str] = set()


class Asker:
    """Speaks the protocol by itself, as docs/protocol.md describes it."""

    def __init__(self, home):
        self.home = home

    def __call__(self, operation_id: str, text: str = "", status: int = 200, body: bytes | None = None, **variables: str):
        """Asks, and has the answer checked; its JSON, or its text."""
        method, path, operation = openapi.operations()[operation_id]
        if body is None:
            body = b"" if method == "GET" or "requestBody" not in operation else self._helpers_body(text, variables)
        connection = _Connection(self.home.socket)
        connection.request(method, path, body=body or None, headers={"Host": "purser", "Purser-Version": "1", "Connection": "close",
                                                             "Purser-Deadline-Ms": "8700", "Content-Length": str(len(body))})
        response = connection.getresponse()
        answer = response.read()
        openapi.check_answer(operation_id, response.status, response.getheader("Content-Type") or "", answer)
        assert response.status == status, answer
        WALKED.add(operation_id)
        try:
            return json.loads(answer)
        except ValueError:
            return answer.decode()

    def _helpers_body(self, text: str, variables: dict[str, str]) -> bytes:
        entries = {"HOME": str(self.home.home), **environment_of(PROD), **variables}
        lines = [f"{name}={value}" for name, value in entries.items()] + [str(self.home.home)]
        return b"".join(line.encode() + b"\0" for line in lines) + b"\0" + text.encode()


class _Connection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("purser", timeout=70)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(70)
        self.sock.connect(str(self.path))


@pytest.fixture
def ask(home) -> Asker:
    home.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={home.folder}/nobody"
    home.start_daemon()
    return Asker(home)


def test_of_docker(ask):
    ask("docker_store", json.dumps({"ServerURL": LOCAL, "Username": "ann", "Secret": "fake-password"}))
    assert ask("docker_get", LOCAL)["Username"] == "ann"
    assert ask("docker_list") == {LOCAL: "ann"}
    assert ask("docker_erase", LOCAL) == ""
    assert ask("docker_get", LOCAL, 404) == "credentials not found in native keychain\n"
    assert ask("docker_get", ECR)["Username"] == "AWS"


def test_of_other_callers(ask):
    assert ask("bazel_get", json.dumps({"uri": f"https://{ECR}/v2/app/manifests/1"}))["headers"]
    request = {"apiVersion": "credentialprovider.kubelet.k8s.io/v1", "kind": "CredentialProviderRequest", "image": f"{ECR}/app:1"}
    assert ask("kubelet_get", json.dumps(request))["auth"]


def test_of_the_daemon(ask):
    assert ask("version")["protocol"] == 1
    assert ask("status")["entries"] == []
    ask("docker_get", ECR)
    (entry,) = ask("status")["entries"]
    assert entry["state"] == "fresh" and entry["registries"] == [ECR]
    assert ask("audit")["events"][-1]["registry"] == ECR
    assert any("answers on" in line["text"] for line in ask("logs")["lines"])
    assert ask("metrics").startswith("# HELP")
    assert ask("doctor", ECR)["outcome"] == "ok"
    assert ask("doctor", "")["registry"] is None
    assert ask("refresh", ECR)["outcome"] in ("renewed", "unchanged")
    assert ask("refresh", LOCAL)["outcome"] != "renewed"


def test_of_tokens_and_logins(ask, repository):
    assert ask("login", json.dumps({"registry": LOCAL, **LOGIN}))["outcome"] == "stored"
    assert ask("token", json.dumps({"target": f"{LOCAL}/{repository}"}))["scheme"] == "basic"
    assert ask("token", json.dumps({"target": PUBLIC}))["scheme"] == "none"
    assert ask("token", "{}", 400)["error"]["code"] == "bad_request"
    assert ask("access", json.dumps({"target": f"{LOCAL}/{repository}:pull,push"}))["outcome"] == "ok"
    assert ask("logout", LOCAL)["outcome"] == "erased"


def test_of_the_store(ask):
    assert ask("store")["stored"] == 0
    assert ask("migration")["migration"] is None
    ask("migrate", body=json.dumps({"to": "file"}).encode())
    assert ask("namespaces") == {"namespaces": []}
    ask("docker_store", json.dumps({"ServerURL": LOCAL, "Username": "ann", "Secret": "fake-password"}), **REALLY)
    assert ask("namespaces")["namespaces"] == [{"name": "job-1", "stored": 1, "overrides": 0}]
    assert ask("clear_namespace", "job-1") == {"namespace": "job-1", "cleared": 1}


def test_of_the_keyring(ask):
    """There is none."""
    method, path, _ = openapi.operations()["unlock_keyring"]
    connection = _Connection(ask.home.socket)
    connection.request(method, path, headers={"Host": "purser", "Content-Length": "0", "Connection": "close"})
    response = connection.getresponse()
    assert response.status != 200
    openapi.check_answer("unlock_keyring", response.status, response.getheader("Content-Type"), response.read())
    WALKED.add("unlock_keyring")


def test_of_the_key(ask):
    ask("docker_store", json.dumps({"ServerURL": LOCAL, "Username": "ann", "Secret": "fake-password"}))
    assert ask("rotate_key")["outcome"] == "rotated"
    assert ask("recover")["outcome"] == "undamaged"
    assert ask("lock")["outcome"] == "passphrase_needed"
    assert ask("lock", "fake-passphrase")["outcome"] == "locked"
    assert ask("unlock")["outcome"] == "passphrase_needed"
    assert ask("unlock", "fake-passphrase")["outcome"] == "unlocked"
    assert ask("remove_passphrase", "fake-passphrase")["outcome"] == "removed"


def test_of_imports(ask):
    assert ask("import_route", "docker.io") == {"registry": "docker.io", "provider": None}
    assert ask("import_keep", 'file-1\n{"text": "x"}') == {}
    assert ask("import_recall", "file-1") == {"text": "x"}
    assert ask("import_list") == {"records": ["file-1"]}
    assert ask("import_forget", "file-1") == {}
    ask("import_recall", "file-1", 404)


def test_nothing_was_left_out(request):
    if not any(item.name == "test_of_imports" for item in request.session.items):
        pytest.skip("one test alone")
    assert set(openapi.operations()) - WALKED == set()


def test_the_request_on_the_page_is_one(home):
    """docs/protocol.md shows what a helper sends, byte for byte but for the home."""
    home.profile("prod", PROD)
    home.start_daemon()
    block = next(block for block in doc_pages.blocks("docs/protocol.md") if block.text.startswith("POST "))
    head, _, body = block.text.rstrip("\n").partition("\n\n")
    body = body.replace("<NUL>", "\0")
    body = body.replace("/home/ann", str(home.home))
    head = re.sub(r"Content-Length: \d+", f"Content-Length: {len(body)}", head)
    client = _Connection(home.socket)
    client.connect()
    client.sock.sendall((head + "\n\n").replace("\n", "\r\n").encode() + body.encode())
    answer = b"".join(iter(lambda: client.sock.recv(65536), b""))
    client.close()
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and b'"Username":"AWS"' in answer.replace(b" ", b"")
