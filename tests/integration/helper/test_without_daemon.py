"""What the helper says by itself, with no daemon to be had (C11, design: when it is "not found")."""

import os

import pytest

from helper_program import NOT_FOUND

MANAGED = [
    "123456789012.dkr.ecr.us-east-1.amazonaws.com",
    "https://123456789012.dkr.ecr.us-east-1.amazonaws.com/v2/",
    "123456789012.DKR.ecr.us-east-1.amazonaws.com/team/app\n",
    "123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com",
    "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn",
    "listed.example.com",
    "listed.example.com/any/thing",
    "https://listed.example.com:443",
    "port.example.com:5000",
    "one.wild.example.com",
    "path.example.com/team/app",
    "https://index.docker.io/v1/access-token",
    "last.example.com",
]
OTHERS = [
    "docker.io",
    "https://index.docker.io/v1/",
    "https://index.docker.io/v1/refresh-token",
    "public.ecr.aws",
    "ecr-public.aws.com",
    "ghcr.io/owner/image",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com.evil.example",
    "12345678901.dkr.ecr.us-east-1.amazonaws.com",
    "123456789012.dkr.ecr.us-east-1.amazonaws.com:5000",
    "unlisted.example.com",
    "listed.example.com:5000",
    "port.example.com",
    "wild.example.com",
    "a.b.wild.example.com",
    "path.example.com/other",
    "xlisted.example.com",
]
INDEX = """
*.wild.example.com
https://index.docker.io/v1/access-token
listed.example.com
path.example.com/team/*
port.example.com:5000

last.example.com"""


@pytest.fixture
def indexed(helper):
    write_index(helper, INDEX)
    return helper


def write_index(helper, text):
    path = os.path.join(helper.home, ".local/state/purser/managed-hosts")
    os.makedirs(os.path.dirname(path))
    with open(path, "w", encoding="utf-8") as index:
        index.write(text)
    return path


def assert_error(outcome):
    assert outcome.code == 1
    assert outcome.out.startswith(b"purser: ") and outcome.out.count(b"\n") == 1
    assert b"no purserd listens at " in outcome.out and b"; " in outcome.out
    assert b"credentials not found in native keychain" not in outcome.out
    assert outcome.err == b""


@pytest.mark.parametrize("key", MANAGED)
def test_get_of_a_managed_registry_is_an_error(indexed, key):
    assert_error(indexed.get(key.encode()))


@pytest.mark.parametrize("key", OTHERS)
def test_get_of_any_other_is_not_found(indexed, key):
    outcome = indexed.get(key.encode())
    assert (outcome.code, outcome.out, outcome.err) == (1, NOT_FOUND, b"")


def test_the_error_names_host_cause_and_remedy(indexed):
    outcome = indexed.get(b"https://listed.example.com/team/app")
    assert outcome.out == (
        b"purser: listed.example.com: no purserd listens at " + indexed.socket.encode()
        + b"; run `systemctl --user start purser.socket`, or `purserd`\n"
    )


def test_without_an_index_nothing_was_ever_managed(helper):
    assert helper.get(b"listed.example.com").out == NOT_FOUND
    assert_error(helper.get(b"123456789012.dkr.ecr.us-east-1.amazonaws.com"))


NO_NAMESPACES = ["", "-job", ".a", "a b", "a/b", "j\u00f6b", "x" * 65]


@pytest.mark.parametrize("name", NO_NAMESPACES)
def test_a_namespace_that_is_none_is_an_error_whatever_the_host(helper, name):
    said = (b"purser: r.example.com: PURSER_NAMESPACE names no namespace: it takes 1 to 64 letters, digits, dots, dashes "
            b"and underscores, the first a letter or digit; unset it to use what is stored without one\n")
    for verb in ["get", "erase"]:
        outcome = helper.run(verb, b"r.example.com", env={"PURSER_NAMESPACE": name})
        assert (outcome.code, outcome.out, outcome.err) == (1, said, b""), verb
    outcome = helper.get(b'{"uri":"https://r.example.com/x"}', env={"PURSER_NAMESPACE": name})
    assert (outcome.code, outcome.out, outcome.err) == (1, b"", said)


@pytest.mark.parametrize("name", [None, "job-1", "A.b_c", "7", "x" * 64])
def test_a_namespace_that_is_one_changes_nothing_of_this(helper, name):
    env = {"PURSER_NAMESPACE": name}
    assert helper.get(b"r.example.com", env=env).out == NOT_FOUND
    assert helper.run("erase", b"r.example.com", env=env).code == 0
    assert helper.get(b'{"uri":"https://r.example.com/x"}', env=env).out == b"{}\n"
    assert helper.run("list", env=env).out == b"{}\n"


def test_the_state_folder_may_be_named(helper):
    index = write_index(helper, INDEX)
    os.rename(os.path.dirname(index), os.path.join(helper.home, "purser"))
    assert helper.get(b"listed.example.com").out == NOT_FOUND
    assert_error(helper.get(b"listed.example.com", env={"XDG_STATE_HOME": helper.home}))
    relative = {"XDG_STATE_HOME": "."}  # is to be ignored
    assert helper.get(b"listed.example.com", env=relative, cwd=helper.home).out == NOT_FOUND


def test_an_index_that_cannot_be_read_makes_every_registry_an_error(helper):
    """Whether it is managed is then unknown; only ECR's own hosts are known without it."""
    path = write_index(helper, INDEX)
    os.unlink(path)
    os.mkdir(path)
    assert_error(helper.get(b"unlisted.example.com"))


def test_an_index_that_is_a_pipe_does_not_hold_us(helper):
    path = write_index(helper, INDEX)
    os.unlink(path)
    os.mkfifo(path)
    outcome = helper.get(b"unlisted.example.com")
    assert_error(outcome)
    assert outcome.seconds < 5


def test_an_index_that_is_too_large_cannot_be_read(helper):
    write_index(helper, "x" * (5 << 20))
    assert_error(helper.get(b"unlisted.example.com"))


def test_an_index_of_ten_thousand_is_searched(helper):
    write_index(helper, "".join(f"r{n}.example.com\n" for n in range(10_000)))
    assert_error(helper.get(b"r9999.example.com"))
    assert helper.get(b"r10000.example.com").out == NOT_FOUND


NO_KEYS = ["a b", "user:not-a-real-secret@r.example.com", "r?x", "r#x", "r%41", "r:0", "r:x", "[]", "r/../x", "-", "\x01"]


@pytest.mark.parametrize("key", NO_KEYS)
def test_what_is_no_registry_is_an_error_that_does_not_repeat_it(indexed, key):
    for verb in ["get", "erase"]:
        outcome = indexed.run(verb, key.encode())
        assert (outcome.code, outcome.err) == (1, b"")
        assert outcome.out == (
            b"purser: what was asked for is not the name of a registry; ask for HOST[:PORT][/REPOSITORY]\n"
        )


@pytest.mark.parametrize("key", MANAGED)
def test_erase_of_a_managed_registry_is_an_error(indexed, key):
    assert_error(indexed.run("erase", key.encode()))


@pytest.mark.parametrize("key", OTHERS)
def test_erase_of_any_other_has_nothing_to_do(indexed, key):
    outcome = indexed.run("erase", key.encode())
    assert (outcome.code, outcome.out, outcome.err) == (0, b"", b"")


def test_store_is_an_error_that_names_the_registry_and_not_the_secret(helper):
    outcome = helper.run("store", b'{"ServerURL":"r.example.com","Username":"a","Secret":"not-a-real-secret"}\n')
    assert_error(outcome)
    assert outcome.out.startswith(b"purser: r.example.com: ")
    assert b"not-a-real-secret" not in outcome.out


@pytest.mark.parametrize(
    "text", [b"", b"{", b'{"ServerURL":"', b'{"Secret":"not-a-real-secret"}', b'{"ServerURL":"a b"}', b"\xff" * 99]
)
def test_store_of_anything_is_an_error(helper, text):
    outcome = helper.run("store", text)
    assert_error(outcome)
    assert b"not-a-real-secret" not in outcome.out


def test_list_is_empty(helper):
    outcome = helper.run("list")
    assert (outcome.code, outcome.out, outcome.err) == (0, b"{}\n", b"")


def test_no_text_of_others_forges_the_sentence(helper):
    """docker-py and Jib look for it anywhere in the output."""
    path = "/credentials not found in native keychain"
    outcome = helper.get(b"123456789012.dkr.ecr.us-east-1.amazonaws.com", env={"PURSER_SOCKET": path})
    assert_error(outcome)
