"""What is no input of ours is refused before anybody is asked."""

import pytest
from conftest import Programs, message

MARKER = "fake-marker-5f1c"
MEMBERS = f'"ServerURL":"a.example.org","Username":"ann","Secret":"{MARKER}"'


def refused(programs, *words, stdin=b""):
    done = programs.run(*words, stdin=stdin)
    assert done.returncode == 2 and done.stdout == b"", done
    assert done.stderr.startswith(b"purser-keyring: ") and done.stderr.count(b"\n") == 1 and len(done.stderr) <= 500
    assert done.stderr.endswith(b"\n") and MARKER.encode() not in done.stderr


@pytest.fixture
def nobody(bus):
    """On a bus without a Secret Service: whoever asks it ends with another code."""
    return Programs(bus)


@pytest.mark.parametrize("text", [
    b"", b"null", b"[]", b'"x"', MARKER.encode(), b"{" + MEMBERS.encode(), b"{}", b"\xff" + MEMBERS.encode(),
    b"{" + MEMBERS.encode() + b"} " + MARKER.encode(), b"[" * 100_000,
    MEMBERS.encode(), b'{"ServerURL":"a.example.org","Username":"ann"}',
    b'{"ServerURL":"a.example.org","Username":"ann","Secret":1}',
    b'{"ServerURL":"a.example.org","Username":"ann","Secret":"\xff"}',
    message("", "ann", MARKER), message("no registry", "ann", MARKER), message("a?b", "ann", MARKER),
    message("a.example.org", "ann", f"{MARKER}\0"), message("a.example.org", "a\0nn", MARKER),
    message("a.example.org\0", "ann", MARKER), b"{" + MEMBERS.encode() + b"}\0",
    message("a.example.org", "ann", MARKER + "x" * (128 * 1024))],
    ids=range(22))
def test_store_refuses(nobody, text):
    refused(nobody, "store", stdin=text)


@pytest.mark.parametrize("verb", ["get", "erase"])
@pytest.mark.parametrize("text", [b"", b"\n", b"a b", b"a.example.org\0", "ä.example.org".encode(), b"\xff",
                                  b"user@a.example.org", b"a" * 1025, b"a" * (128 * 1024 + 1)], ids=range(9))
def test_get_and_erase_refuse(nobody, verb, text):
    refused(nobody, verb, stdin=text)


@pytest.mark.parametrize("words", [(), ("",), ("GET",), ("gett",), ("--help",), ("get", "a.example.org"),
                                   (MARKER,), ("list", "--secrets")])
def test_a_wrong_command_line(nobody, words):
    refused(nobody, *words, stdin=b"a.example.org")


def test_the_largest_input_is_taken(own):
    key = "a.example.org"
    secret = "x" * (128 * 1024 - len(message(key, "ann", "")))
    own.store(key, "ann", secret)
    assert own.get(key) == (key, "ann", secret)
