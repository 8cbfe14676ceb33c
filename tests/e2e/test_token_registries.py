"""The registries that take tokens, by clients that know nothing of purser: what later judges our tokens is sound itself."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request

import pytest

from rig_registry_client import Refused, RegistryClient
from rig_token_registries import CLIENT_ID, DEBIAN, DOCKERS, LIFETIME, NEWER, ROTATING, USERS
from rig_token_server import RuledTokenServer

REALMS = {DEBIAN: "/token", NEWER: "/token", DOCKERS: "/token/", ROTATING: "/token"}


class Tokens:
    """Asks the token server of a registry itself, as the specification says: GET, with Basic for a user."""

    def __init__(self, host: str, user: str = ""):
        self._host, self._user = host, user

    def __call__(self, *scopes: str) -> str:
        query = urllib.parse.urlencode([("service", self._host), *(("scope", scope) for scope in scopes)])
        request = urllib.request.Request(f"https://{self._host}{REALMS[self._host]}?{query}")
        if self._user:
            raw = f"{self._user}:{USERS[self._user]}".encode()
            request.add_header("Authorization", f"Basic {base64.b64encode(raw).decode()}")
        with urllib.request.urlopen(request, timeout=20) as answer:
            grant = json.load(answer)
        return "Bearer " + (grant.get("token") or grant["access_token"])


@pytest.mark.parametrize("host", [DEBIAN, NEWER, DOCKERS])
def test_the_owner_may_do_everything(token_registries, host, repository):
    client = RegistryClient(host, Tokens(host, "owner"))
    image = client.push(f"owner/{repository}", b"content")
    assert client.pull(f"owner/{repository}") == b"content"
    assert client.mount(f"owner/{repository}/copy", f"owner/{repository}", image.blob).status == 201
    assert f"owner/{repository}" in client.catalog()
    assert client.delete(f"owner/{repository}", image.manifest).status == 202
    with pytest.raises(Refused, match="404"):
        client.pull(f"owner/{repository}")


@pytest.mark.parametrize("host", [DEBIAN, NEWER])
def test_others_may_read_and_strangers_read_what_is_public(token_registries, host, repository):
    owner, reader, nobody = (RegistryClient(host, Tokens(host, user)) for user in ("owner", "reader", ""))
    for name in (f"owner/{repository}", f"public/{repository}"):
        owner.push(name, b"content")
        assert reader.pull(name) == b"content"
        for refused in (reader, nobody):
            with pytest.raises(Refused, match="401.*insufficient_scope"):
                refused.push(name, b"other")
    assert nobody.pull(f"public/{repository}") == b"content"
    with pytest.raises(Refused, match="401.*insufficient_scope"):
        nobody.pull(f"owner/{repository}")


@pytest.mark.parametrize("host, right, wrong", [(DEBIAN, "libtrust", "thumbprint"), (NEWER, "thumbprint", "libtrust")])
def test_the_key_ids_differ(token_registries, host, right, wrong):
    """The same key, claims and service: only the name of the key decides."""

    def status(key_id: str) -> int:
        server = RuledTokenServer(*token_registries.signer, host, USERS, LIFETIME, key_id=key_id)
        header = "Bearer " + server.grant("owner", ["registry:catalog:*"])["token"]
        server.stop()
        return RegistryClient(host, None).request("GET", "/v2/_catalog", header).status

    assert (status(right), status(wrong)) == (200, 401)


def test_an_identity_token_is_good_for_one_use(token_registries, repository):
    scope = f"repository:owner/{repository}:pull,push"

    def exchange(token: str) -> dict:
        form = {"grant_type": "refresh_token", "service": ROTATING, "client_id": CLIENT_ID, "scope": scope, "refresh_token": token}
        body = urllib.parse.urlencode(form).encode()
        with urllib.request.urlopen(f"https://{ROTATING}/token", body, timeout=20) as answer:
            return json.load(answer)

    first = token_registries.rotating.identity("owner", scope)
    second = exchange(first)
    third = exchange(second["refresh_token"])
    client = RegistryClient(ROTATING, lambda *_: f"Bearer {third['access_token']}")
    client.push(f"owner/{repository}", b"content")
    for used in (first, third["refresh_token"]):  # the second use of one costs all that came of it
        with pytest.raises(urllib.error.HTTPError, match="400"):
            exchange(used)
