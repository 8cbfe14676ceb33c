"""The frozen request (docs/protocol.md, "What the helper sends")."""

import os
import re
import socket

import pytest

from fake_daemon import ANSWER

NO_SERVER_URL = b"no credentials server URL\n"


def ask(helper, daemon, verb="get", key=b"r.example.com", **options):
    fake = daemon()
    outcome = helper.run(verb, key, **options)
    assert (outcome.code, outcome.out, outcome.err) == (0, ANSWER, b"")
    assert len(fake.requests) == 1
    return fake.requests[0]


def test_the_bytes_are_frozen(helper, daemon):
    helper.environment = {"XDG_RUNTIME_DIR": helper.home, "AWS_PROFILE": "prod", "EDITOR": "vi"}
    request = ask(helper, daemon, key=b"123456789012.dkr.ecr.us-east-1.amazonaws.com", cwd="/usr")
    body = (
        f"XDG_RUNTIME_DIR={helper.home}\0AWS_PROFILE=prod\0/usr\0\0"
        "123456789012.dkr.ecr.us-east-1.amazonaws.com"
    ).encode()
    expected = (
        b"POST /v1/docker/get HTTP/1.1\r\n"
        b"Host: purser\r\n"
        b"Purser-Version: 1\r\n"
        b"Purser-Deadline-Ms: NUMBER\r\n"
        b"Connection: close\r\n"
        b"Content-Length: " + str(len(body)).encode() + b"\r\n\r\n" + body
    )
    sent = re.sub(rb"(Purser-Deadline-Ms: )\d+", rb"\1NUMBER", request.raw)
    assert sent == expected


@pytest.mark.parametrize("verb", ["get", "store", "erase", "list"])
def test_the_path_names_the_verb(helper, daemon, verb):
    assert ask(helper, daemon, verb).path == f"/v1/docker/{verb}"


def test_the_deadline_is_the_time_that_is_left(helper, daemon):
    usual = int(ask(helper, daemon).fields["Purser-Deadline-Ms"])
    assert 8500 < usual < 9000


def test_a_lowered_limit_lowers_the_deadline(helper, daemon):
    lowered = ask(helper, daemon, env={"PURSER_DEADLINE_MS": "2000"})
    assert 1000 < int(lowered.fields["Purser-Deadline-Ms"]) < 2000


FORWARDED = [
    *["AWS_", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE", "GOOGLE_X", "CLOUDSDK_X", "GCE_METADATA_HOST"],
    *["AZURE_X", "IDENTITY_ENDPOINT", "MSI_ENDPOINT", "ACTIONS_ID_TOKEN_REQUEST_URL", "PURSER_X"],
    *["GITHUB_TOKEN", "CI_JOB_TOKEN", "HOME", "XDG_STATE_HOME", "DOCKER_CONFIG"],
    *["REGISTRY_AUTH_FILE", "SSL_CERT_FILE", "SSL_CERT_DIR"],
    *["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"],
    *["http_proxy", "https_proxy", "all_proxy", "no_proxy"],
]
KEPT = [
    *["AWSX_KEY", "AWS", "aws_profile", "XAWS_PROFILE", "GOOGLE", "GCE_METADATAX", "ACTIONS_ID_TOKEN"],
    *["ACTIONS_RUNTIME_TOKEN", "GITHUB_TOKEN_X", "GITHUB_TOKE", "CI_JOB_TOKENS", "HOMEX", "HOM", "XDG"],
    *["DOCKER_CONFIGS", "DOCKER_AUTH_CONFIG", "SSL_CERT", "http_proxy_x", "Http_Proxy", "PATH", "LANG"],
    *["USER", "SSH_AUTH_SOCK", "VAULT_TOKEN", "MSI", "IDENTITY", "PURSER"],
]


def test_exactly_the_listed_variables_are_sent(helper, daemon):
    values = {name: f"value of {name}" for name in FORWARDED + KEPT}
    values.update(HOME=helper.home, PURSER_NO_START="1", XDG_RUNTIME_DIR=helper.home)
    request = ask(helper, daemon, env=values)
    expected = {name: values[name] for name in FORWARDED}
    expected.update(PURSER_NO_START="1", XDG_RUNTIME_DIR=helper.home)
    assert request.variables == expected


def test_values_are_sent_as_they_are(helper, daemon):
    odd = {"AWS_A": "", "AWS_B": "a=b\nc\t\x01", "AWS_C": "/looks/like/a/folder", "AWS_D": "ü"}
    variables = ask(helper, daemon, env=odd).variables
    assert {name: variables[name] for name in odd} == odd


def test_the_working_directory_is_sent(helper, daemon):
    assert ask(helper, daemon, cwd="/usr/bin").folder == "/usr/bin"


def test_a_working_directory_that_was_removed_is_left_out(helper, daemon):
    gone = os.path.join(helper.home, "gone")
    os.mkdir(gone)
    command = ["/bin/sh", "-c", f'rmdir "{gone}"; exec "{helper.program}" get']
    assert ask(helper, daemon, command=command, cwd=gone).folder is None


def test_variables_up_to_the_limit_are_sent(helper, daemon):
    large = {f"AWS_{n}": "x" * 65_000 for n in range(4)}  # 260,000 of 262,144 bytes
    request = ask(helper, daemon, env=large)
    assert {name: request.variables[name] for name in large} == large


def test_variables_over_the_limit_are_an_error(helper, daemon):
    fake = daemon()
    outcome = helper.get(env={f"AWS_{n}": "not-a-real-secret" * 4000 for n in range(4)})
    assert outcome.code == 1
    assert outcome.out.startswith(b"purser: ") and b"256 KiB" in outcome.out
    assert b"not-a-real-secret" not in outcome.out
    assert fake.heard_nothing()


@pytest.mark.parametrize("verb", ["get", "erase"])
@pytest.mark.parametrize("key", [b"", b"\n", b" \t\r\n\v\f "])
def test_no_key_is_told_without_asking_the_daemon(helper, daemon, verb, key):
    fake = daemon()
    outcome = helper.run(verb, key)
    assert (outcome.code, outcome.out, outcome.err) == (1, NO_SERVER_URL, b"")
    assert fake.heard_nothing()


@pytest.mark.parametrize("verb", ["get", "store", "erase"])
@pytest.mark.parametrize(
    "key", [b"r.example.com", b"r.example.com\r\n", b" r \n", b'{"uri":"https://r/x"}', b"a\0b\xff", b"\0"]
)
def test_standard_input_is_sent_as_it_came(helper, daemon, verb, key):
    assert ask(helper, daemon, verb, key).input == key


def test_store_sends_even_nothing(helper, daemon):
    assert ask(helper, daemon, "store", b"").input == b""


def test_a_mebibyte_of_input_is_sent(helper, daemon):
    key = bytes(range(256)) * 4096
    assert ask(helper, daemon, "store", key).input == key


def test_a_byte_more_is_an_error(helper, daemon):
    fake = daemon()
    outcome = helper.run("store", b"x" * ((1 << 20) + 1))
    assert outcome.code == 1
    assert outcome.out.startswith(b"purser: standard input is over 1 MiB; ")
    assert fake.heard_nothing()


def test_list_does_not_wait_for_its_input(helper, daemon):
    fake = daemon()
    ours, theirs = socket.socketpair()
    with ours, theirs, helper.start("list", stdin=theirs) as process:
        assert process.communicate(timeout=5)[0] == ANSWER
    assert fake.requests[0].input == b""


def test_input_may_come_in_pieces(helper, daemon):
    fake = daemon()
    with helper.start("get") as process:
        for piece in [b"r.exam", b"ple", b".com"]:
            process.stdin.write(piece)
            process.stdin.flush()
        assert process.communicate(timeout=5)[0] == ANSWER
    assert fake.requests[0].input == b"r.example.com"


def test_the_socket_may_be_named(helper, daemon):
    daemon()
    link = os.path.join(helper.home, "elsewhere")
    os.rename(os.path.join(helper.home, "purser"), link)
    named = {"PURSER_SOCKET": os.path.join(link, "agent.sock"), "XDG_RUNTIME_DIR": "/nowhere"}
    assert helper.get(env=named).out == ANSWER


def test_the_socket_is_found_below_home(helper, daemon, without_run_user):
    helper.socket = os.path.join(helper.home, ".cache/purser/run/agent.sock")
    daemon()
    for path in [".cache", ".cache/purser", ".cache/purser/run", ".cache/purser/run/agent.sock"]:
        os.chmod(os.path.join(helper.home, path), 0o777)  # for whom the helper runs as
    assert helper.get(**without_run_user).out == ANSWER
