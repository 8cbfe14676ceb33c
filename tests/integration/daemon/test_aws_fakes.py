"""The fakes of STS, Identity Center and metadata services judged by botocore: they say yes and no where AWS does."""

import time
import urllib.error
import urllib.request

import botocore
import botocore.config
import botocore.exceptions
import botocore.session
import botocore.utils
import pytest

import rig_aws
from rig_ecr import DEV, PROD, SESSION, Behaviour
from rig_process import wait_until
from rig_signature import AccessKey
from rig_sso import OIDC, PORTAL
from rig_web_identity import web_identity_token

WRONG = AccessKey("wrong", PROD.key_id, "fake/secret/that/is/wrong/0000000000")
DEPLOY = rig_aws.arn("deploy")
TRUST = "/etc/ssl/certs/ca-certificates.crt"


def client(service: str, key: AccessKey, **options):
    config = botocore.config.Config(retries={"total_max_attempts": 1}, connect_timeout=5, read_timeout=5)
    return botocore.session.Session().create_client(
        service, region_name="us-east-1", aws_access_key_id=key.key_id, aws_secret_access_key=key.secret,
        aws_session_token=key.session_token, config=config, verify=TRUST, **options,
    )


@pytest.fixture
def sts(aws):
    """Makes botocore's client of the fake STS."""
    return lambda key=PROD: client("sts", key, endpoint_url=aws.sts.endpoint)


def assume(sts, **options) -> AccessKey:
    options = {"RoleArn": DEPLOY, "RoleSessionName": "somebody", **options}
    return key_of(sts.assume_role(**options)["Credentials"])


def key_of(credentials: dict) -> AccessKey:
    return AccessKey("", credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["SessionToken"])


def refusal(call, **options) -> tuple[str, int]:
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        call(**options)
    response = refused.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def test_keys_of_a_role_are_good_at_ecr_while_they_live(world, aws, sts):
    aws.sts.allow(DEPLOY, "prod")
    aws.sts.lifetime = 3
    key = assume(sts())
    client("ecr", key).get_authorization_token()
    assert [call.label for call in world.ecr.calls()] == ["role deploy"]
    end = time.time() + 3
    wait_until(lambda: time.time() >= end, 5, "the end of the session")
    assert refusal(client("ecr", key).get_authorization_token)[0] == "ExpiredTokenException"
    assert refusal(sts(key).get_caller_identity) == ("ExpiredToken", 403)


def test_a_session_lives_as_long_as_was_asked_for(aws, sts):
    aws.sts.allow(DEPLOY, "prod")
    for options, seconds in (({}, 3600), ({"DurationSeconds": 7200}, 7200)):
        answer = sts().assume_role(RoleArn=DEPLOY, RoleSessionName="somebody", **options)
        assert abs(answer["Credentials"]["Expiration"].timestamp() - time.time() - seconds) < 5
        assert answer["AssumedRoleUser"]["Arn"].endswith(":assumed-role/deploy/somebody")


def test_only_whom_the_role_trusts_may_assume_it(aws, sts):
    aws.sts.allow(DEPLOY, "prod", external_id="a/b=c")
    assert refusal(assume, sts=sts()) == ("AccessDenied", 403)
    assert refusal(assume, sts=sts(DEV), ExternalId="a/b=c") == ("AccessDenied", 403)
    assert refusal(assume, sts=sts(), RoleArn=rig_aws.arn("other")) == ("AccessDenied", 403)
    assert refusal(assume, sts=sts(WRONG), ExternalId="a/b=c") == ("SignatureDoesNotMatch", 403)
    assert assume(sts(), ExternalId="a/b=c").session_token


def test_the_length_of_a_session_has_limits(aws, sts):
    aws.sts.allow(DEPLOY, "prod", "session", longest=7200)
    assert refusal(assume, sts=sts(), DurationSeconds=7201) == ("ValidationError", 400)
    assert refusal(assume, sts=sts(SESSION), DurationSeconds=3601) == ("ValidationError", 400), "a chain"
    assert assume(sts(SESSION), DurationSeconds=3600).session_token


def test_roles_can_be_chained(aws, sts):
    aws.sts.allow(DEPLOY, "role base")
    aws.sts.allow(rig_aws.arn("base"), "prod")
    base = assume(sts(), RoleArn=rig_aws.arn("base"))
    assert assume(sts(base)).session_token
    assert [(call.action, call.label, call.outcome) for call in aws.sts.calls()] == [
        ("AssumeRole", "prod", "issued"), ("AssumeRole", "role base", "issued")]


def test_a_web_identity_is_as_good_as_its_token(aws, sts):
    aws.sts.allow(DEPLOY)
    known, stranger, old = (web_identity_token(subject) for subject in ("pod", "pod", "old"))
    aws.sts.trust(known, DEPLOY)
    aws.sts.expire(old)
    call = sts().assume_role_with_web_identity
    options = {"RoleArn": DEPLOY, "RoleSessionName": "pod"}
    client("ecr", key_of(call(WebIdentityToken=known, **options)["Credentials"])).get_authorization_token()
    assert refusal(call, WebIdentityToken=stranger, **options) == ("InvalidIdentityToken", 400)
    assert refusal(call, WebIdentityToken=old, **options) == ("ExpiredTokenException", 400)
    assert {each.key_id for each in aws.sts.calls()} == {""}, "this call is not signed"


def test_sts_tells_who_calls(sts):
    assert sts(DEV).get_caller_identity()["Arn"] == "arn:aws:iam::123456789012:user/dev"


def test_sts_tells_it_to_nobody_who_cannot_sign(sts):
    assert refusal(sts(WRONG).get_caller_identity) == ("SignatureDoesNotMatch", 403)
    assert refusal(sts(AccessKey("", "AKIAFAKESTRANGER", "fake")).get_caller_identity) == ("InvalidClientTokenId", 403)


def test_behaviours_can_wait_for_their_call(aws, sts):
    aws.sts.allow(DEPLOY, "prod")
    aws.sts.script(Behaviour("error", code="Throttling", message="Rate <exceeded>", at="AssumeRole"))
    sts().get_caller_identity()
    assert refusal(assume, sts=sts()) == ("Throttling", 400)
    assert assume(sts()).session_token


@pytest.fixture
def sso(aws):
    """Makes botocore's clients of the fake Identity Center: "sso" and "sso-oidc"."""
    config = botocore.config.Config(signature_version=botocore.UNSIGNED, retries={"total_max_attempts": 1})
    return lambda service: botocore.session.Session().create_client(
        service, region_name="us-east-1", config=config, verify=TRUST, endpoint_url=aws.sso.endpoint)


def role_of(token: dict, role: str = "Deployer", account: str = rig_aws.ACCOUNT) -> dict:
    return {"accessToken": token["accessToken"], "roleName": role, "accountId": account}


def refresh_of(token: dict, **changes: str) -> dict:
    fields = {name: token[name] for name in ("clientId", "clientSecret", "refreshToken")}
    return {**fields, "grantType": "refresh_token", **changes}


def test_a_login_is_worth_the_keys_of_its_roles(world, aws, sso):
    aws.sso.assign(rig_aws.ACCOUNT, "Deployer")
    token = aws.sso.log_in()
    credentials = sso("sso").get_role_credentials(**role_of(token))["roleCredentials"]
    assert abs(credentials["expiration"] / 1000 - time.time() - 3600) < 5
    key = AccessKey("", credentials["accessKeyId"], credentials["secretAccessKey"], credentials["sessionToken"])
    client("ecr", key).get_authorization_token()
    assert [call.label for call in world.ecr.calls()] == [f"sso {rig_aws.ACCOUNT}/Deployer"]
    assert aws.counts() == {"sso": 1, "ecr": 1}


def test_the_portal_says_no(aws, sso):
    aws.sso.assign(rig_aws.ACCOUNT, "Deployer")
    token = aws.sso.log_in()
    call = sso("sso").get_role_credentials
    assert refusal(call, **role_of(token, "Other")) == ("ForbiddenException", 403)
    assert refusal(call, **role_of(token, account="210987654321")) == ("ResourceNotFoundException", 404)
    assert refusal(call, **role_of(token, account="1")) == ("InvalidRequestException", 400)
    assert refusal(call, **role_of(aws.sso.log_in(-1))) == ("UnauthorizedException", 401)
    aws.sso.script(Behaviour("error", code="TooManyRequestsException", status=429, at=PORTAL))
    assert refusal(call, **role_of(token)) == ("TooManyRequestsException", 429)
    aws.sso.log_out()
    assert refusal(call, **role_of(token)) == ("UnauthorizedException", 401)
    assert aws.counts() == {"sso": 6}


def test_a_refresh_token_is_good_once(aws, sso):
    aws.sso.assign(rig_aws.ACCOUNT, "Deployer")
    token = aws.sso.log_in(-1)
    call = sso("sso-oidc").create_token
    renewed = call(**refresh_of(token))
    assert (renewed["tokenType"], renewed["expiresIn"]) == ("Bearer", 3600)
    assert sso("sso").get_role_credentials(**role_of(renewed))["roleCredentials"]
    assert refusal(call, **refresh_of(token)) == ("InvalidGrantException", 400)
    assert call(**refresh_of({**token, **renewed}))["refreshToken"] != renewed["refreshToken"]
    assert aws.counts() == {"oidc": 3, "sso": 1}


def test_a_refresh_token_is_for_its_client(aws, sso):
    token, other = aws.sso.log_in(), aws.sso.log_in()
    call = sso("sso-oidc").create_token
    assert refusal(call, **refresh_of(token, clientSecret="FAKE-other")) == ("InvalidClientException", 401)
    assert refusal(call, **refresh_of(token, refreshToken=other["refreshToken"])) == ("InvalidGrantException", 400)
    aws.sso.script(Behaviour("error", code="SlowDownException", at=OIDC))
    assert refusal(call, **refresh_of(token)) == ("SlowDownException", 400)
    assert call(**refresh_of(token))["accessToken"]


@pytest.mark.parametrize("header", [None, "FAKE-pod-token"])
def test_botocore_gets_a_containers_credentials(aws, header):
    aws.container.authorization = header
    fetcher = botocore.utils.ContainerMetadataFetcher(sleep=lambda _: None)
    answer = fetcher.retrieve_full_uri(aws.container.uri, headers={"Authorization": header} if header else None)
    key = AccessKey("", answer["AccessKeyId"], answer["SecretAccessKey"], answer["Token"])
    client("ecr", key).get_authorization_token()
    with pytest.raises(botocore.exceptions.MetadataRetrievalError):
        fetcher.retrieve_full_uri(aws.container.uri, headers={"Authorization": "FAKE-other"})
    assert [call.outcome for call in aws.container.calls()] == ["answered", "401", "401", "401"]


def test_botocore_gets_a_machines_credentials(aws):
    answer = _machine(aws).retrieve_iam_role_credentials()
    assert answer["role_name"] == "node"
    client("ecr", AccessKey("", answer["access_key"], answer["secret_key"], answer["token"])).get_authorization_token()
    assert [call.target for call in aws.imds.calls()] == [
        "PUT /latest/api/token", "GET /latest/meta-data/iam/security-credentials/",
        "GET /latest/meta-data/iam/security-credentials/node"]


def test_a_machine_without_a_role_has_no_credentials(aws):
    aws.imds.role = None
    assert _machine(aws).retrieve_iam_role_credentials() == {}
    assert [call.outcome for call in aws.imds.calls()] == ["answered", "404"]


def test_metadata_is_for_holders_of_a_token(aws):
    url = aws.imds.endpoint + "/latest/meta-data/placement/region"
    token = aws.imds.new_token(60)
    request = urllib.request.Request(url, headers={"X-aws-ec2-metadata-token": token})
    assert urllib.request.urlopen(request, timeout=5).read() == b"us-east-1"
    aws.imds.revoke_tokens()
    for stranger in (request, url):
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(stranger, timeout=5)


def _machine(aws) -> botocore.utils.InstanceMetadataFetcher:
    return botocore.utils.InstanceMetadataFetcher(timeout=2, num_attempts=1, base_url=aws.imds.endpoint + "/")
