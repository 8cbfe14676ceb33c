"""Checks the AWS Signature Version 4 of a request, with botocore as the judge.

The judge recomputes the signature with its own code from the request as it arrived. Nothing here is shared with the
programs under test.
"""

import dataclasses
import datetime
import hashlib
import hmac
import re
from collections.abc import Mapping

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

# Signatures of requests that are older or newer than this are refused (AWS: 5 minutes).
MAX_SKEW = datetime.timedelta(minutes=5)

_AUTHORIZATION = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[^/]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request,"
    r" ?SignedHeaders=(?P<headers>[a-z0-9;-]+), ?Signature=(?P<signature>[0-9a-f]{64})"
)
_MUST_BE_SIGNED = {"host", "x-amz-date"}


@dataclasses.dataclass(frozen=True)
class AccessKey:
    """A key that the fake knows. `label` is the test's name for whose it is."""

    label: str
    key_id: str
    secret: str
    session_token: str | None = None


@dataclasses.dataclass(frozen=True)
class Scope:
    """What a request claims to be signed for."""

    key_id: str
    date: str
    region: str
    service: str
    signed_headers: tuple[str, ...]
    signature: str


class Refused(Exception):
    """A request that AWS would refuse; `code` is AWS's word for it."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code
        self.message = message


def claimed_scope(headers: Mapping[str, str]) -> Scope:
    """Reads the Authorization header, without judging it."""
    authorization = headers.get("Authorization")
    if authorization is None:
        raise Refused("MissingAuthenticationTokenException", "Missing Authentication Token")
    match = _AUTHORIZATION.fullmatch(authorization)
    if match is None:
        raise Refused("IncompleteSignatureException", "The Authorization header cannot be read.")
    signed = tuple(match["headers"].split(";"))
    return Scope(match["key"], match["date"], match["region"], match["service"], signed, match["signature"])


def check(method: str, url: str, headers: Mapping[str, str], body: bytes, scope: Scope, key: AccessKey,
          now: datetime.datetime) -> None:
    """Raises Refused unless `key` signed exactly this request, not long ago."""
    present = {name.lower() for name in headers}
    must = _MUST_BE_SIGNED | {name for name in present if name.startswith("x-amz-") and name != "x-amz-user-agent"}
    if list(scope.signed_headers) != sorted(set(scope.signed_headers)) or not must <= set(scope.signed_headers):
        raise _bad_signature("Signed headers are missing or not in order.")
    if headers.get("X-Amz-Security-Token") != key.session_token:
        raise Refused("UnrecognizedClientException", "The security token included in the request is invalid.")
    stamp = _time_of(headers, scope)
    if abs(now - stamp) > MAX_SKEW:
        raise _bad_signature(f"Signature expired: {stamp:%Y%m%dT%H%M%SZ} is now more than 5 minutes away.")
    sent_hash = headers.get("X-Amz-Content-Sha256")
    if sent_hash is not None and sent_hash != hashlib.sha256(body).hexdigest():
        raise _bad_signature("The hash of the content is not what the request says.")
    if not hmac.compare_digest(_signature(method, url, headers, body, scope, key), scope.signature):
        raise _bad_signature(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
            "Access Key and signing method. Consult the service documentation for details."
        )


def _time_of(headers: Mapping[str, str], scope: Scope) -> datetime.datetime:
    stamp = headers.get("X-Amz-Date", "")
    try:
        time = datetime.datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
    except ValueError:
        raise _bad_signature("X-Amz-Date cannot be read.") from None
    if not stamp.startswith(scope.date):
        raise _bad_signature("Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date.")
    return time


def _signature(method: str, url: str, headers: Mapping[str, str], body: bytes, scope: Scope, key: AccessKey) -> str:
    signed = {name: headers[name] for name in scope.signed_headers}
    request = AWSRequest(method=method, url=url, headers=signed, data=body)
    request.context["timestamp"] = headers["X-Amz-Date"]
    judge = SigV4Auth(Credentials(key.key_id, key.secret, key.session_token), scope.service, scope.region)
    return judge.signature(judge.string_to_sign(request, judge.canonical_request(request)), request)


def _bad_signature(message: str) -> Refused:
    return Refused("InvalidSignatureException", message)
