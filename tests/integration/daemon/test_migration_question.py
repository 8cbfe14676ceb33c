"""What POST /v1/store/migration takes for a question: nothing but that moves what is stored."""

import http.client
import json
import socket

import pytest

DEEP = 600_000


@pytest.fixture
def ask(home):
    """Asks a daemon for a migration, in these words: status and answer."""
    home.start_daemon()

    def ask(text: str, method: str = "POST") -> tuple[int, dict]:
        connection = http.client.HTTPConnection("purser")
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(30)
        connection.sock.connect(str(home.socket))
        try:
            connection.request(method, "/v1/store/migration", body=text, headers={"Host": "purser", "Connection": "close"})
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    return ask


@pytest.mark.parametrize("text", [
    '{"to":"file","x":' + "[" * DEEP + "]" * DEEP + "}",
    "[" * DEEP,
    '{"to":"file","conflict":"keep-source"}',
    '{"to":"file","To":"secret-service"}',
    '{"to":"file","to":"file"}',
    '{"to":"file"} // comment',
    '{"to":"file","erase_keyring":1}',
    '{"to":"file","conflicts":null}',
    '{"to":["file"]}',
    '["file"]',
    "null",
    "",
], ids=["deep", "deep-and-open", "unknown", "other-case", "twice", "comment", "number", "null-member", "list-member", "list", "null",
        "nothing"])
def test_what_is_no_question_is_refused_and_moves_nothing(ask, text):
    status, answer = ask(text)
    assert (status, answer["error"]["code"]) == (400, "bad_request"), answer
    assert "docs/protocol.md" in answer["error"]["message"]
    assert ask("", "GET") == (200, {"migration": None})


@pytest.mark.parametrize("text", [
    '{"to":"file"}',
    ' {"erase_keyring": false, "conflicts": "keep-target", "to": "file"}\n',
])
def test_a_question_begins_one(ask, text):
    status, answer = ask(text)
    assert status == 200 and answer["migration"]["to"] == "file"
