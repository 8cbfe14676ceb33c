"""Bazel is given tokens where a registry wants them."""

import jsonschema
import pytest

from rig_bearer import IDENTITY_TOKEN, Reply, refusal
from rig_front_ends import Bazel, decoded, seconds_until

# Source: EngFlow/credential-helper-spec, schemas/get-credentials-response.schema.json, in words of our own.
RESPONSE = {
    "type": "object",
    "properties": {
        "headers": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "expires": {"type": "string"},
    },
    "additionalProperties": False,
}


@pytest.fixture
def bazel(known) -> Bazel:
    known.home.environment.update(known.variables)
    return Bazel(known.home)


def header(answer: dict) -> str:
    jsonschema.validate(answer, RESPONSE)
    (value,) = answer["headers"]["Authorization"]
    return value


@pytest.mark.parametrize("path", ["manifests/latest", "blobs/sha256:00", "tags/list", "referrers/sha256:00"])
def test_a_repository_is_answered_with_a_token_for_pulling_from_it(fake, registry, bazel, path):
    answer = bazel.headers(f"https://{registry}/v2/team/app/{path}")
    scheme, _, token = header(answer).partition(" ")
    assert scheme == "Bearer" and fake.issued[token][1] == ("repository:team/app:pull",)
    assert 100 < seconds_until(answer["expires"]) <= 150  # half of what is left: asking again costs nothing


def test_many_uris_of_a_repository_cost_one_question(fake, registry, bazel):
    for digit in range(5):
        header(bazel.headers(f"https://{registry}/v2/team/app/blobs/sha256:{digit}"))
    assert len(fake.questions()) == 1


def test_an_identity_token_will_do(fake, registry, bazel, known):
    known.log_in(registry, IDENTITY_TOKEN, fake.new_identity())
    assert header(bazel.headers(f"https://{registry}/v2/team/app/manifests/latest")).startswith("Bearer ")


def test_a_registry_that_wants_basic_gets_the_login_itself(fake, registry, bazel):
    fake.challenge = ['Basic realm="x"']
    assert decoded(header(bazel.headers(f"https://{registry}/v2/team/app/manifests/latest")))[0] == "ann"


def test_a_registry_that_cannot_be_asked_gets_the_login_itself(fake, registry, bazel):
    fake.ping = lambda call: Reply(503)
    assert decoded(header(bazel.headers(f"https://{registry}/v2/team/app/manifests/latest")))[0] == "ann"


def test_a_login_that_is_refused_is_an_error(fake, registry, bazel):
    fake.reply = lambda call: refusal(401, "UNAUTHORIZED", "incorrect username or password")
    assert "incorrect username or password" in bazel.refused(f"https://{registry}/v2/team/app/manifests/latest")


def test_who_has_no_login_gets_no_headers_and_nobody_is_asked(fake, registry, bazel, known):
    known.log_out(registry)
    assert bazel.headers(f"https://{registry}/v2/team/app/manifests/latest") == {}
    assert fake.calls() == []


def test_what_names_no_repository_gets_the_login_itself(fake, registry, bazel):
    assert decoded(header(bazel.headers(f"https://{registry}/some/file")))[0] == "ann"
    assert fake.calls() == []
