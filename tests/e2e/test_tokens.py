"""Tokens of `purser token` at real registries that verify them, issued by real token servers: see rig_token_registries.py.

The client of these tests (rig_registry_client.py) knows no credential and no token server: it has what purser prints.
"""

import json
import ssl
import urllib.request

import jsonschema
import pytest

import rig_logins
from rig_front_ends import STRICT_RESPONSE, Bazel, seconds_until
from rig_home import NOT_FOUND
from rig_purser_tokens import NO_CREDENTIALS, PurserTokens, log_in, log_out, store
from rig_registry_client import MANIFEST, Refused, RegistryClient
from rig_token_registries import DEBIAN, DOCKERS, NEWER, ROTATING, USERS

pytestmark = pytest.mark.usefixtures("token_registries")
WITH_PASSWORDS = (DEBIAN, NEWER, DOCKERS)


@pytest.fixture
def owner(home):
    """Makes the client of a registry's owner, who has logged in."""

    def make(host: str) -> RegistryClient:
        log_in(home, host, "owner", USERS["owner"]).ok()
        return PurserTokens(home, host).client()

    return make


@pytest.mark.parametrize("host", WITH_PASSWORDS)
def test_pull_push_mount_catalog_and_delete(owner, host, repository):
    client, name = owner(host), f"owner/{repository}"
    image = client.push(name, b"content")
    assert client.pull(name) == b"content"
    assert client.mount(f"{name}/copy", name, image.blob).status == 201
    assert name in client.catalog()
    assert client.delete(name, image.manifest).status == 202
    with pytest.raises(Refused, match="404"):
        client.pull(name)


def test_a_token_has_no_more_rights_than_were_named(token_registries, home, owner, repository):
    client, name = owner(DEBIAN), f"owner/{repository}"
    image = client.push(name, b"content")
    tokens = PurserTokens(home, DEBIAN)
    # Nothing wider is held any more: see test_a_wider_token_serves.
    log_out(home, DEBIAN).ok()
    owner(DEBIAN)
    pull = tokens.header(f"{DEBIAN}/{name}")
    assert client.request("GET", f"/v2/{name}/manifests/1", pull, accept=MANIFEST).status == 200
    for refused in (client.try_upload(name, pull), client.request("DELETE", f"/v2/{name}/manifests/{image.manifest}", pull),
                    client.request("GET", "/v2/_catalog", pull)):
        assert refused.status == 401 and "insufficient_scope" in refused.challenge
    assert token_registries.debian.asked()[-1].scopes == (f"repository:{name}:pull",)


def test_a_wider_token_serves(token_registries, home, owner, repository):
    owner(NEWER)
    tokens, name = PurserTokens(home, NEWER), f"owner/{repository}"
    pushing = tokens.json(f"{NEWER}/{name}:pull,push")
    before = len(token_registries.newer.asked())
    pulling = tokens.json(f"{NEWER}/{name}")
    assert pulling["token"] == pushing["token"] and pulling["scopes"] == [f"repository:{name}:pull,push"]
    assert len(token_registries.newer.asked()) == before


def test_what_json_tells(home, owner, repository):
    owner(DEBIAN)
    told = PurserTokens(home, DEBIAN).json(f"{DEBIAN}/owner/{repository}:push")
    assert told["header"] == f"Authorization: Bearer {told['token']}"
    assert {key: told[key] for key in ("scheme", "registry", "realm", "service", "username")} == {
        "scheme": "bearer", "registry": DEBIAN, "realm": f"https://{DEBIAN}/token", "service": DEBIAN, "username": "owner"}
    assert told["scopes"] == told["granted"] == [f"repository:owner/{repository}:push"]
    assert 0 < seconds_until(told["expires_at"]) <= 600


# Without a credential: the registry of Helm's years of trouble.


@pytest.mark.parametrize("host", [DEBIAN, NEWER])
def test_everybody_pulls_what_is_public_and_nobody_pushes(token_registries, owner, new_home, host, repository):
    owner(host).push(f"public/{repository}", b"content")
    server = token_registries.debian if host == DEBIAN else token_registries.newer
    before = len(server.asked())
    home = new_home()
    nobody = PurserTokens(home, host)
    assert nobody.client().pull(f"public/{repository}") == b"content"
    refused = nobody.run(f"{host}/public/{repository}:pull,push")
    assert (refused.status, refused.stdout) == (NO_CREDENTIALS, "") and host in refused.stderr
    anonymous = [question for question in server.asked()[before:] if question.user == ""]
    assert {scope for question in anonymous for scope in question.scopes} >= {f"repository:public/{repository}:pull"}
    assert not [scope for question in anonymous for scope in question.scopes if not scope.endswith(":pull")]
    upload = nobody.client().try_upload(f"public/{repository}", nobody.header(f"{host}/public/{repository}"))
    assert upload.status == 401 and "insufficient_scope" in upload.challenge


def test_who_has_a_login_may_ask_as_nobody(token_registries, home, owner, repository):
    client = owner(DEBIAN)
    for name in (f"public/{repository}", f"owner/{repository}"):
        client.push(name, b"content")
    nobody = PurserTokens(home, DEBIAN, "--anonymous")
    assert nobody.client().pull(f"public/{repository}") == b"content"
    with pytest.raises(Refused, match="401.*insufficient_scope"):
        nobody.client().pull(f"owner/{repository}")
    assert nobody.json(f"{DEBIAN}/public/{repository}")["username"] == ""


def test_a_login_that_fails_is_never_left_out(token_registries, home, owner, repository):
    owner(DEBIAN).push(f"public/{repository}", b"content")
    store(home, DEBIAN, "owner", "fake-and-wrong")
    before = len(token_registries.debian.asked())
    failed = PurserTokens(home, DEBIAN).run(f"{DEBIAN}/public/{repository}")
    assert (failed.status, failed.stdout) == (6, "") and len(failed.stderr.splitlines()) == 1
    assert {question.user for question in token_registries.debian.asked()[before:]} == {None}


# Identity tokens that change at each use.


def test_an_identity_token_that_changes_at_each_use(token_registries, home, repository):
    name = f"owner/{repository}"
    # To an OAuth2 server a scope is a word: it grants these, and none that only mean as much.
    scopes = (f"repository:{name}:pull,push", f"repository:{name}:pull", f"repository:{name}:delete",
              f"repository:{name}/copy:pull,push", "registry:catalog:*")
    first = token_registries.rotating.identity("owner", " ".join(scopes))
    store(home, ROTATING, "<token>", first)
    client = PurserTokens(home, ROTATING).client()
    image = client.push(name, b"content")
    assert client.pull(name) == b"content"
    assert client.mount(f"{name}/copy", name, image.blob).status == 201
    home.stop()  # whatever became of the login is in the store
    assert name in client.catalog()
    assert client.delete(name, image.manifest).status == 202
    assert home.get(ROTATING)["Username"] == "<token>" and home.get(ROTATING)["Secret"] != first
    asked = [call for call in token_registries.rotating.asked() if name in (call.get("scope") or "")]
    assert {call["status"] for call in asked} == {200} and len(asked) >= 3


# What else is made of the same tokens.


def test_curl_takes_the_header_from_a_pipe(home, owner, repository):
    name = f"owner/{repository}"
    image = owner(DEBIAN).push(name, b"content of a blob")
    script = """
    curl -sSf --max-time 20 -H @<(purser token --header "$1/$2") -H "Accept: $4" "https://$1/v2/$2/manifests/1" -o manifest &&
    curl -sSf --max-time 20 -H @<(purser token --header "$1/$2") "https://$1/v2/$2/blobs/$3" -o blob
    """
    home.run("/bin/bash", "-c", script, "-", DEBIAN, name, image.blob, MANIFEST, seconds=60).ok()
    assert json.loads((home.home / "manifest").read_bytes())["layers"][0]["digest"] == image.blob
    assert (home.home / "blob").read_bytes() == b"content of a blob"


@pytest.mark.parametrize("host", WITH_PASSWORDS)
def test_bazel_is_given_a_bearer_token(home, owner, host, repository):
    name = f"owner/{repository}"
    image = owner(host).push(name, b"content of a blob")
    uri = f"https://{host}/v2/{name}/blobs/{image.blob}"
    answer = Bazel(home).headers(uri)
    jsonschema.validate(answer, STRICT_RESPONSE)
    (value,) = answer["headers"]["Authorization"]
    assert value.startswith("Bearer ") and 0 < seconds_until(answer["expires"]) <= 900
    request = urllib.request.Request(uri, headers={"Authorization": value})
    with urllib.request.urlopen(request, context=ssl.create_default_context(), timeout=20) as response:
        assert response.read() == b"content of a blob"


CLIENTS = {"crane": rig_logins.Crane, "oras": rig_logins.Oras, "helm3": rig_logins.Helm3, "helm4": rig_logins.Helm4}


@pytest.mark.parametrize("name", CLIENTS)
@pytest.mark.parametrize("host", WITH_PASSWORDS)
def test_clients_use_what_purser_login_stored(home, new_home, folder, repository, name, host):
    client = CLIENTS[name](home, folder)
    log_in(home, host, "owner", USERS["owner"]).ok()
    private, public = f"owner/{repository}", f"public/{repository}"
    client.push(host, private).ok()
    client.pull(host, private).ok()
    if host != DOCKERS:  # whose token server has nothing for everybody
        client.push(host, public).ok()
    log_out(home, host).ok()
    assert home.helper("get", host).stdout == NOT_FOUND + "\n"
    assert client.pull(host, private).status != 0, "logged out, and yet it pulls"
    if host != DOCKERS:
        client.pull(host, public).ok()
        assert client.push(host, public).status != 0
