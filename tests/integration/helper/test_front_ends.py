"""One program for docker, Bazel and the kubelet: how it tells them apart, and what it says to each without a daemon."""

import json
import os

import pytest

from fake_daemon import answering, response
from helper_program import NOT_FOUND, Helper
from test_without_daemon import INDEX, MANAGED, OTHERS, write_index

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
KUBELET_REQUEST = (b'{"kind":"CredentialProviderRequest","apiVersion":"credentialprovider.kubelet.k8s.io/v1",'
                   b'"image":"r.example.com/app"}\n')
NO_HEADERS = (0, b"{}\n", b"")


def request_for(uri: str) -> bytes:
    return json.dumps({"uri": uri}, separators=(",", ":")).encode()


@pytest.fixture
def kubelets(helper):
    """The helper under the name that the kubelet starts it by."""
    link = os.path.join(helper.home, "purser-kubelet-provider")
    os.symlink(helper.program, link)
    made = Helper(link, helper.home)
    made.environment = helper.environment
    made.home = helper.home
    return made


def provide(kubelets, request=KUBELET_REQUEST, *arguments):
    return kubelets.run("", request, command=[kubelets.program, *arguments])


def assert_error(outcome):
    assert (outcome.code, outcome.out) == (1, b"")
    assert outcome.err.startswith(b"purser: ") and outcome.err.count(b"\n") == 1
    assert NOT_FOUND.strip() not in outcome.err


# Which front end.


@pytest.mark.parametrize("blank", [b"", b" ", b"\n"])
def test_json_is_bazels(daemon, helper, blank):
    fake = daemon()
    sent = blank + request_for("https://r.example.com/file")
    assert helper.get(sent).code == 0
    assert [request.path for request in fake.requests] == ["/v1/bazel/get"]
    assert fake.requests[0].input == sent, "as it came"


def test_only_get_is_bazels(daemon, helper):
    fake = daemon()
    helper.run("store", b'{"ServerURL":"r.example.com","Username":"ann","Secret":"fake-password"}')
    helper.run("erase", b"{}")
    assert [request.path for request in fake.requests] == ["/v1/docker/store", "/v1/docker/erase"]


def test_the_kubelet_has_a_name_for_it(daemon, kubelets):
    fake = daemon()
    assert provide(kubelets).code == 0
    assert [request.path for request in fake.requests] == ["/v1/kubelet/get"]
    assert fake.requests[0].input == KUBELET_REQUEST


def test_an_error_is_written_where_the_daemon_wants_it(daemon, helper, kubelets):
    line = b"purser: r.example.com: fake trouble; mend it\n"
    daemon(answering(response(line, 502, "Purser-Stream: stderr")))
    for outcome in (helper.get(request_for("https://r.example.com/")), provide(kubelets)):
        assert (outcome.code, outcome.out, outcome.err) == (1, b"", line)


def test_the_kubelet_gives_no_arguments(kubelets):
    for arguments in (["get"], ["--help", "x"], [""]):
        outcome = provide(kubelets, KUBELET_REQUEST, *arguments)
        assert (outcome.code, outcome.out) == (1, b"")
        assert outcome.err.startswith(b"Usage: purser-kubelet-provider")
    assert provide(kubelets, b"", "--help").out.startswith(b"Usage: purser-kubelet-provider")
    assert provide(kubelets, b"", "--version").out.startswith(b"purser-kubelet-provider (purser) ")


def test_input_that_is_too_large_is_said_to_the_kubelet(kubelets):
    outcome = provide(kubelets, b" " * ((1 << 20) + 1))
    assert_error(outcome)
    assert b"1 MiB" in outcome.err


# Without a daemon.


@pytest.fixture
def indexed(helper):
    write_index(helper, INDEX)
    return helper


def test_the_kubelet_is_told_of_every_failure(kubelets):
    """It logs that, and goes on without a credential of ours."""
    outcome = provide(kubelets)
    assert_error(outcome)
    assert b"no purserd listens at" in outcome.err


def uris(keys):
    """As URIs of the distribution API, where they are names of registries."""
    for key in (key.strip() for key in keys if "://" not in key):
        host, _, repository = key.partition("/")
        yield f"https://{host}/v2/{repository}/manifests/latest" if repository else f"https://{host}/file"


@pytest.mark.parametrize("uri", [*uris(MANAGED), f"https://{ECR}", f"http://{ECR}/", f"https://{ECR}?a=b",
                                 f"HTTPS://{ECR.upper()}:443/", f"https://user@{ECR}/", f"https://{ECR}./"])
def test_bazel_is_told_where_a_credential_is_missing(indexed, uri):
    assert_error(indexed.get(request_for(uri)))


@pytest.mark.parametrize("uri", [*uris(OTHERS), "https://github.com/a/b?c=d&e=\"'<>", "grpcs://remote.example/Service",
                                 f"https://{ECR}@evil.example/", f"https://evil.example/{ECR}",
                                 f"https://evil.example#@{ECR}/", "https://path.example.com/team/app/blobs/x"])
def test_bazel_goes_on_where_purser_has_nothing(indexed, uri):
    outcome = indexed.get(request_for(uri))
    assert (outcome.code, outcome.out, outcome.err) == NO_HEADERS


def test_a_request_is_recognised_as_gson_and_others_write_it(indexed):
    for request in (b'{"uri":"https://github.com/x?a\\u003db"}', b'{ "uri" : "https://github.com/x?\\"" }\r\n',
                    b'\n{\n  "uri": "https://github.com"\n}\n'):
        outcome = indexed.get(request)
        assert (outcome.code, outcome.out, outcome.err) == NO_HEADERS, request


@pytest.mark.parametrize("request_text", [
    b"{", b"{}", b'{"uri":1}', b'{"uri":"https://github.com/"', b'{"uri":"https://github.com/"} x',
    b'{"uri":"https://github.com/","uri":"https://' + ECR.encode() + b'/"}',
    b'{"more":1,"uri":"https://github.com/"}', b'{"uri":"https://github.com/","more":1}',
    b'{"\\u0075ri":"https://github.com/"}', b'{"uri":"https:\\/\\/github.com/"}',
    b'{"uri":"https://\\u0065cr.example/"}', b'{"uri":"https://github.com\\"@evil.example/"}',
    b'{"uri":"https://github.com\\u002f@evil.example/"}', b'{"uri":"https://path.example.com/v2/team%2fapp/blobs/x"}',
    b'{"uri":"https://path.example.com/v2/x/../team/app/blobs/x"}', b'{"uri":"https://github.com\\',
    b'{"uri":"https://git\x00hub.com/"}', b'{"uri":"//github.com/"}', b'{"uri":""}',
])
def test_what_is_not_certain_is_an_error(indexed, request_text):
    """Here is no JSON parser: a guess at the host could be wrong."""
    assert_error(indexed.get(request_text))


def test_an_index_that_cannot_be_read_makes_every_host_an_error(helper):
    path = write_index(helper, INDEX)
    os.unlink(path)
    os.mkdir(path)
    assert_error(helper.get(request_for("https://github.com/")))


def test_a_daemon_that_is_too_slow_is_an_error_for_every_host(daemon, helper):
    daemon(lambda fake, connection, _: fake.hold(connection))
    for key in (b'{"uri":"https://github.com/"}', request_for(f"https://{ECR}/")):
        outcome = helper.get(key, env={"PURSER_DEADLINE_MS": "500"})
        assert_error(outcome)
        assert b"did not answer within 500 ms" in outcome.err
