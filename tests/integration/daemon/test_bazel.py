"""Bazel, and every other build tool that speaks the Credential Helpers specification."""

import json
import ssl
import subprocess
import urllib.request

import jsonschema
import pytest

from rig_ecr import DEV, PROD, Behaviour
from rig_front_ends import REQUEST, STRICT_RESPONSE, Bazel, decoded, error_line, seconds_until
from rig_home import environment_of
from rig_world import ECR, NODE, PUBLIC

HALF_DAY = 12 * 3600
MANIFEST = f"https://{ECR}/v2/team/app/manifests/latest"


@pytest.fixture
def bazel(home) -> Bazel:
    home.start_daemon()
    return Bazel(home)


@pytest.fixture
def prod(bazel) -> Bazel:
    bazel.home.keys_in_environment(PROD)
    return bazel


def log_in(home, registry: str, username: str, secret: str) -> None:
    home.helper("store", json.dumps({"ServerURL": registry, "Username": username, "Secret": secret})).ok()


def test_a_token_of_ecr_is_a_header_that_the_registry_takes(world, prod):
    (header,) = prod.headers(MANIFEST)["headers"]["Authorization"]
    request = urllib.request.Request(f"https://{ECR}/v2/", headers={"Authorization": header})
    with urllib.request.urlopen(request, context=ssl.create_default_context(), timeout=10) as response:
        assert response.status == 200
    assert [call.outcome for call in world.ecr.calls()] == ["issued"]


def test_it_is_the_token_that_docker_gets(world, prod):
    answer = prod.home.get(ECR)
    assert prod.credential(MANIFEST) == (answer["Username"], answer["Secret"])
    assert len(world.ecr.calls()) == 1


def test_it_may_be_kept_for_half_of_its_life(prod):
    assert HALF_DAY / 2 - 60 <= seconds_until(prod.headers(MANIFEST)["expires"]) <= HALF_DAY / 2


def test_a_short_life_is_never_exceeded(world, prod):
    world.ecr.lifetime = 40.0
    assert 0 < seconds_until(prod.headers(MANIFEST)["expires"]) <= 20


def test_requests_and_answers_are_of_the_specification(prod, home):
    log_in(home, "stored.example.test", "ann", "fake-password")
    uris = (MANIFEST, "https://stored.example.test/file", "https://other.example.test/file")
    jsonschema.Draft202012Validator.check_schema(STRICT_RESPONSE)
    for uri in uris:
        jsonschema.validate({"uri": uri}, REQUEST)
        jsonschema.validate(prod.headers(uri), STRICT_RESPONSE)
    for wrong in ({"headers": {"Authorization": "Basic x"}}, {"headers": []}, {"expires": 1}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, STRICT_RESPONSE)


def test_members_of_later_versions_are_ignored(prod, home):
    answer = home.helper("get", json.dumps({"later": {"uri": "x"}, "uri": MANIFEST})).ok()
    assert "Authorization" in json.loads(answer.stdout)["headers"]


@pytest.mark.parametrize("sent", [
    '{"uri":"https://a.example/","uri":"https://b.example/"}', '{"uri":["https://a.example/"]}', '{"uri":null}', '{}',
    '{"uri":"https://a.example/"', '{"uri":"https://a.example/"}{}', '{"uri":"https://a.example/\\r\\nX-Evil: y"}',
    '{"uri":"https://a.example\\r\\nX-Evil: y/"}', '{"uri":"https://a.example\\u0000/"}', '{"uri":"a.example"}',
    '{"uri":"https://a.ex%61mple/"}', '{"uri":"https:///path"}', '{"uri":""}'])
def test_a_request_that_is_none_is_an_error(bazel, home, sent):
    line = error_line(home.helper("get", sent))
    assert "X-Evil" not in line and "a.example" not in line, "what was sent is not quoted"


def test_a_stored_credential_is_a_header_without_an_end(bazel, home):
    log_in(home, "stored.example.test:5000", "jürgen", "fake:pässword€")
    answer = bazel.headers("https://STORED.example.test.:5000/v2/a/blobs/sha256:0")
    assert set(answer) == {"headers"}
    assert decoded(*answer["headers"]["Authorization"]) == ("jürgen", "fake:pässword€")


@pytest.mark.parametrize("username, secret", [("<token>", "fake-identity-token"), ("an:n", "fake-password"),
                                              ("ann\r\nX-Evil: y", "fake-password"), ("ann", "fake\r\nX-Evil: y")])
def test_what_a_header_cannot_hold_is_an_error(bazel, home, username, secret):
    log_in(home, "stored.example.test", username, secret)
    line = bazel.refused("https://stored.example.test/file")
    assert "stored.example.test" in line and "log in" in line
    assert "fake" not in line and "X-Evil" not in line


def test_nobodys_host_has_no_headers_and_costs_no_call(world, prod):
    for uri in ("https://github.com/a/b", f"https://{ECR}@evil.example/v2/", f"https://{ECR}:443@evil.example/v2/",
                f"https://evil.example/{ECR}/", f"https://{ECR}.evil.example/v2/", f"https://evil.example#@{ECR}/",
                f"grpcs://{ECR}/Service", "http://evil.example/", "https://[2001:db8::1]/"):
        assert prod.headers(uri) == {}, uri
    assert world.ecr.calls() == []


def test_a_public_registry_without_keys_has_no_headers(bazel):
    assert bazel.headers("https://public.ecr.aws/v2/a/b/manifests/latest") == {}
    assert bazel.headers(f"https://{PUBLIC}/v2/") == {}


def test_nothing_goes_where_it_could_be_read_or_belongs_to_another(prod, home):
    log_in(home, NODE, "ann", "fake-password")
    for uri, cause in ((f"http://{ECR}/v2/", "use https"), (f"http://{NODE}/v2/", "use https"),
                       (f"https://user@{ECR}/v2/", "names a user"),
                       (f"https://{ECR}/v2/team-a/../other/blobs/x", "dot segments"),
                       (f"https://{ECR}/v2/team%2da/app/blobs/x", "escapes")):
        assert cause in prod.refused(uri), uri


def test_a_rule_for_a_repository_counts(aws, bazel, home):
    home.profile("prod", PROD)
    home.profile("dev", DEV)
    home.purser_config({"match": ECR, "provider": "ecr", "profile": "prod"},
                       {"match": f"{ECR}/team-a/*", "provider": "ecr", "profile": "dev"})
    whose = {}
    for path in ("/v2/team-a/app/blobs/sha256:0", "/v2/team-a/app/tags/list?n=1", "/v2/team-b/app/blobs/sha256:0", "/v2/"):
        whose[path] = aws.whose({"Secret": bazel.credential(f"https://{ECR}{path}")[1]})
    assert list(whose.values()) == ["dev", "dev", "prod", "prod"]


def test_the_callers_variables_say_whose_it_is(aws, bazel):
    secrets = [bazel.credential(MANIFEST, **environment_of(key))[1] for key in (PROD, DEV)]
    assert [aws.whose({"Secret": secret}) for secret in secrets] == ["prod", "dev"]


def test_a_failure_is_one_line_on_standard_error(world, prod):
    world.ecr.script(Behaviour("error", code="AccessDeniedException", status=400))
    line = prod.refused(MANIFEST)
    assert line.startswith(f"purser: {ECR}/team/app: ") and "ecr:GetAuthorizationToken" in line


def test_any_number_of_uris_of_a_registry_make_one_call(world, prod, folder):
    world.ecr.script(Behaviour("hold"))
    program = str(prod.home.programs / "docker-credential-purser")
    helpers = []
    for number in range(60):
        request = folder / f"request{number}"
        request.write_text(json.dumps({"uri": f"https://{ECR}/v2/team/app/blobs/sha256:{number:064}"}))
        with request.open() as stdin:
            helpers.append(subprocess.Popen([program, "get"], stdin=stdin, stdout=subprocess.PIPE,
                                            env=prod.home.environment))
    assert world.ecr.wait_for_calls(1, 10)
    world.ecr.release()
    answers = {helper.communicate(timeout=30)[0] for helper in helpers}
    assert len(answers) <= 3, "one header, and the seconds in which they were answered"
    assert len({json.loads(answer)["headers"]["Authorization"][0] for answer in answers}) == 1
    assert len(world.ecr.calls()) == 1


def test_the_audit_log_and_the_metrics_know_the_front_end(prod):
    prod.headers(MANIFEST)
    event = prod.home.answered(ECR)[-1]
    assert (event["verb"], event["registry"], event["outcome"]) == ("bazel-get", f"{ECR}/team/app", "ok")
    metrics = prod.home.run(str(prod.home.programs / "purser"), "metrics").ok().stdout
    assert 'purser_requests_total{verb="bazel-get",outcome="ok"} 1' in metrics
