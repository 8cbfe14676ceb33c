"""The rig judged by programs that are not ours: if these fail, no other end-to-end test means anything."""

import base64
import json
import ssl
import time
import urllib.error
import urllib.request

import botocore.exceptions
import botocore.session
import pytest

import rig_clients
from rig_ecr import DEV, PROD, SESSION, Behaviour
from rig_engine import layer
from rig_signature import AccessKey
from rig_world import ECR, PUBLIC, UNRESOLVABLE

WRONG_SECRET = AccessKey("wrong", PROD.key_id, "fake/secret/that/is/wrong/0000000000")
UNKNOWN = AccessKey("unknown", "AKIAFAKEUNKNOWN00009", "fake/secret/of/nobody/0000000000000")


def api(key: AccessKey, service: str = "ecr", region: str = "us-east-1"):
    """botocore's client, which finds the fake by its canonical name."""
    config = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
    return botocore.session.Session().create_client(
        service, region_name=region, aws_access_key_id=key.key_id, aws_secret_access_key=key.secret,
        aws_session_token=key.session_token, config=config, verify="/etc/ssl/certs/ca-certificates.crt",
    )


def password_of(answer: dict) -> str:
    user, _, password = base64.b64decode(answer["authorizationToken"]).decode().partition(":")
    assert user == "AWS"
    return password


@pytest.mark.parametrize("key", [PROD, DEV, SESSION], ids=lambda key: key.label)
def test_botocore_gets_a_token(world, key):
    answer = api(key).get_authorization_token()["authorizationData"][0]
    issued = world.ecr.ledger.find(password_of(answer))
    assert (issued.label, issued.service, issued.region) == (key.label, "ecr", "us-east-1")
    assert abs(answer["expiresAt"].timestamp() - time.time() - 12 * 3600) < 60
    assert [call.outcome for call in world.ecr.calls()] == ["issued"]


def test_botocore_gets_a_token_of_ecr_public(world):
    answer = api(PROD, "ecr-public").get_authorization_token()["authorizationData"]
    assert world.ecr.ledger.find(password_of(answer)).service == "ecr-public"


def test_passwords_look_like_real_ones_and_never_repeat(world):
    answers = [api(PROD).get_authorization_token()["authorizationData"][0] for _ in range(3)]
    passwords = [password_of(answer) for answer in answers]
    assert len(set(passwords)) == 3
    assert all(1500 < len(password) < 3000 for password in passwords)
    payload = json.loads(base64.b64decode(passwords[0]))
    assert payload["expiration"] == int(answers[0]["expiresAt"].timestamp())


@pytest.mark.parametrize(
    "key, code",
    [(WRONG_SECRET, "InvalidSignatureException"), (UNKNOWN, "UnrecognizedClientException"),
     (AccessKey("", SESSION.key_id, SESSION.secret, "FAKE-other"), "UnrecognizedClientException")],
)
def test_wrong_keys_are_refused(world, key, code):
    with pytest.raises(botocore.exceptions.ClientError) as refusal:
        api(key).get_authorization_token()
    assert refusal.value.response["Error"]["Code"] == code
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_request_that_was_changed_after_signing_is_refused(world):
    client = api(PROD)
    client.meta.events.register("before-send.ecr", lambda request, **_: setattr(request, "body", b'{"registryIds":[]}'))
    with pytest.raises(botocore.exceptions.ClientError, match="InvalidSignatureException"):
        client.get_authorization_token()


def test_scripted_failures_come_in_order_and_end(world):
    throttled = Behaviour("error", times=2, code="ThrottlingException")
    world.ecr.script(throttled, Behaviour("status", status=502, body="<html>"))
    seen = []
    for _ in range(4):
        try:
            seen.append("issued" if api(PROD).get_authorization_token() else "")
        except botocore.exceptions.ClientError as error:
            seen.append(error.response["Error"]["Code"])
    assert seen == ["ThrottlingException", "ThrottlingException", "502", "issued"]


def test_the_registry_takes_exactly_what_was_issued(world):
    password = password_of(api(PROD).get_authorization_token()["authorizationData"][0])
    assert _status(ECR, password) == 200
    assert _status(ECR, password + "x") == 401
    assert _status(UNRESOLVABLE, password) == 401, "a token of another region"
    assert _status(ECR, None) == 401
    world.ecr.ledger.revoke_all()
    assert _status(ECR, password) == 401


def test_a_token_dies_at_its_end(world):
    world.ecr.lifetime = 0.5
    password = password_of(api(PROD).get_authorization_token()["authorizationData"][0])
    end = world.ecr.ledger.find(password).expires_at
    while time.time() < end:
        time.sleep(0.05)
    assert _status(ECR, password) == 401


def test_the_refusal_is_ecrs(world):
    with pytest.raises(urllib.error.HTTPError) as refusal:
        urllib.request.urlopen(f"https://{ECR}/v2/", context=_trust(), timeout=5)
    expected = f'Basic realm="https://{ECR}/",service="ecr.amazonaws.com"'
    assert refusal.value.headers["WWW-Authenticate"] == expected
    assert refusal.value.headers.get_all("Docker-Distribution-Api-Version") == ["registry/2.0"]


def test_the_sink_sees_name_lookups_and_metadata_calls(world):
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen("http://nobody.example.test/", timeout=5)
    assert "nobody.example.test" in world.sink.names()
    with pytest.raises((urllib.error.URLError, OSError)):
        urllib.request.urlopen("http://169.254.169.254/latest/meta-data/", timeout=5)
    assert world.sink.visits() == ["169.254.169.254"]


def test_a_foreign_helper_pushes_with_a_token_of_the_fake(world, new_home, folder, repository, monkeypatch):
    monkeypatch.setenv("PURSER_RIG_HELPER", "ecr-login")
    home = new_home()
    home.creds_store()
    home.keys_in_environment(DEV)
    image = f"{ECR}/{repository}:1"
    home.run(rig_clients.client("crane"), "append", "-f", str(layer(folder / "layer.tar")), "-t", image).ok()
    home.run(rig_clients.client("crane"), "digest", image).ok()
    shown = [shown for shown in world.ecr.ledger.shown() if shown.host == ECR][-1]
    assert shown.issued.label == "dev"


def test_a_foreign_helper_with_a_wrong_key_is_refused(world, new_home, monkeypatch):
    monkeypatch.setenv("PURSER_RIG_HELPER", "ecr-login")
    home = new_home()
    home.keys_in_environment(UNKNOWN)
    assert home.helper("get", ECR).status == 1
    assert {call.outcome for call in world.ecr.calls()} == {"UnrecognizedClientException"}


def test_the_public_registry_needs_nothing(world, home, folder, repository):
    image = f"{PUBLIC}/{repository}:1"
    home.run(rig_clients.client("crane"), "append", "-f", str(layer(folder / "layer.tar")), "-t", image).ok()
    home.run(rig_clients.client("crane"), "pull", image, str(folder / "pulled.tar")).ok()


def _status(host: str, password: str | None) -> int:
    request = urllib.request.Request(f"https://{host}/v2/")
    if password is not None:
        request.add_header("Authorization", "Basic " + base64.b64encode(f"AWS:{password}".encode()).decode())
    try:
        return urllib.request.urlopen(request, context=_trust(), timeout=5).status
    except urllib.error.HTTPError as error:
        return error.code


def _trust() -> ssl.SSLContext:
    return ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
