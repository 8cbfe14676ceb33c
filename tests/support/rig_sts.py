"""A fake of AWS STS: the Query protocol over TLS, signatures checked by botocore. It refuses what the real one refuses.

What it issues is good at the fake ECR, as long as it lives. The target of a call, for Behaviour.at, is its action.
"""

import dataclasses
import datetime
import re
import time
import urllib.parse
from xml.sax.saxutils import escape

import rig_signature
from rig_authority import Authority
from rig_fake import Fake, Handler
from rig_keys import KeyRing, session_key, timestamp
from rig_oidc import JwtIssuer, claims_of
from rig_signature import AccessKey, Refused

HOUR = 3600
NAMES = ("localhost", "sts.us-east-1.amazonaws.com", "sts.eu-west-1.amazonaws.com")

_NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/"
_COMMON = {"Action", "Version", "RoleArn", "RoleSessionName", "DurationSeconds"}
_PARAMETERS = {
    "AssumeRole": _COMMON | {"ExternalId", "SerialNumber", "TokenCode"},
    "AssumeRoleWithWebIdentity": _COMMON | {"WebIdentityToken", "ProviderId"},
    "GetCallerIdentity": {"Action", "Version"},
}
# The words of the JSON services for what the Query protocol calls otherwise.
_CODES = {
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "IncompleteSignatureException": "IncompleteSignature",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "InvalidSignatureException": "SignatureDoesNotMatch",
}
_FORBIDDEN = {"AccessDenied", "MissingAuthenticationToken", "InvalidClientTokenId", "SignatureDoesNotMatch",
              "ExpiredToken", "IDPRejectedClaim", "RegionDisabledException"}


@dataclasses.dataclass(frozen=True)
class Role:
    """Who may assume it: keys by their labels. Whoever does holds a key of the label "role NAME"."""

    arn: str
    trusted: tuple[str, ...] = ()
    subjects: tuple[str, ...] = ()  # of tokens of registered providers
    external_id: str | None = None
    longest: int = 12 * HOUR

    @property
    def name(self) -> str:
        return self.arn.rpartition("/")[2]

    @property
    def label(self) -> str:
        return f"role {self.name}"


@dataclasses.dataclass(frozen=True)
class StsCall:
    """One request that arrived, and what became of it: "issued", "told", STS's error code, or the behaviour's kind."""

    time: float
    host: str
    action: str
    region: str
    key_id: str
    label: str
    outcome: str
    form: dict = dataclasses.field(repr=False)


class FakeSts(Fake):
    """Knows the keys of `keys` and adds those that it issues."""

    def __init__(self, authority: Authority, keys: KeyRing, address: tuple[str, int] = ("127.0.0.1", 0)):
        super().__init__()
        self.keys = keys
        self._reset()
        self.address = self.serve(address, _StsHandler, authority.issue(address[0], *NAMES))

    @property
    def endpoint(self) -> str:
        """For AWS_ENDPOINT_URL_STS."""
        return "https://{}:{}".format(*self.address)

    def allow(self, arn: str, *trusted: str, **conditions) -> Role:
        """A role, and the labels of the keys that may assume it."""
        role = Role(arn, trusted, **conditions)
        self.roles[arn] = role
        return role

    def trust(self, token: str, *arns: str) -> None:
        """Whoever brings the web identity token may assume these roles."""
        self.tokens[token] = arns

    def register(self, *providers: JwtIssuer) -> None:
        """Tokens that these sign are verified. Keys for one have the label of the role and the token's subject."""
        self.providers |= {provider.issuer: provider for provider in providers}

    def expire(self, token: str) -> None:
        self.expired.add(token)

    def forget(self) -> None:
        """No roles and no tokens either; issued keys stay good."""
        super().forget()
        self._reset()

    def issue(self, label: str, seconds: int) -> tuple[AccessKey, float]:
        """A session key and its end."""
        key = session_key(label)
        expires_at = int(time.time()) + (self.lifetime or seconds)
        self.keys.learn(key, expires_at)
        self.issued.append(key)
        return key, expires_at

    def _reset(self) -> None:
        self.roles: dict[str, Role] = {}
        self.tokens: dict[str, tuple[str, ...]] = {}
        self.expired: set[str] = set()
        self.providers: dict[str, JwtIssuer] = {}
        self.issued: list[AccessKey] = []
        self.granted: dict[str, dict] = {}  # what was asked for, by the id of the key that it brought
        self.lifetime: int | None = None  # seconds that keys live, whatever was asked for


class _StsHandler(Handler):
    def do_POST(self) -> None:
        body = self.body()
        form = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        action = form.get("Action", "")
        index = self.fake.record(self._call(form, action))
        behaviour = self.fake.take_behaviour(action)
        if behaviour is not None:
            self.fake.amend(index, behaviour.code or behaviour.kind)
            if not self.play(behaviour):
                return
        try:
            answer = self._answer(action, form, body)
            self.fake.amend(index, "told" if action == "GetCallerIdentity" else "issued")
        except Refused as refused:
            code = self._code(refused.code, action)
            self.fake.amend(index, code)
            self.refuse(403 if code in _FORBIDDEN else 400, code, refused.message)
            return
        if behaviour is not None and behaviour.kind == "truncate":
            self.truncate(answer, "text/xml")
            return
        self.answer(200, answer, "text/xml", {"x-amzn-RequestId": "fake-request"})

    def do_GET(self) -> None:
        self.answer(302, b"", "text/html", {"Location": "https://aws.amazon.com/iam"})

    def refuse(self, status: int, code: str, message: str, headers: dict | None = None) -> None:
        error = f"<Error><Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message></Error>"
        text = f"{error}\n  <RequestId>fake-request</RequestId>"
        text = f'<ErrorResponse xmlns="{_NAMESPACE}">\n  {text}\n</ErrorResponse>\n'
        self.answer(status, text.encode(), "text/xml", headers)

    def _call(self, form: dict, action: str) -> StsCall:
        host = self.headers.get("Host", "")
        try:
            scope = rig_signature.claimed_scope(self.headers)
        except Refused:
            return StsCall(time.time(), host, action, "", "", "", "unsigned", form)
        label = self.fake.keys.label(scope.key_id)
        return StsCall(time.time(), host, action, scope.region, scope.key_id, label, "arrived", form)

    def _code(self, code: str, action: str) -> str:
        if code == "ExpiredTokenException" and action != "AssumeRoleWithWebIdentity":
            return "ExpiredToken"
        return _CODES.get(code, code)

    def _answer(self, action: str, form: dict, body: bytes) -> bytes:
        self._check_form(action, form, body)
        if action == "AssumeRoleWithWebIdentity":
            return self._assume_role_with_web_identity(form)
        key = self._caller(body)
        if action == "GetCallerIdentity":
            return _result(action, f"<Arn>{_arn(key.label)}</Arn><UserId>FAKE</UserId><Account>123456789012</Account>")
        return self._assume_role(form, key)

    def _check_form(self, action: str, form: dict, body: bytes) -> None:
        if action not in _PARAMETERS or form.get("Version") != "2011-06-15":
            raise Refused("InvalidAction", f"Could not find operation {action} for version {form.get('Version')}")
        if not self.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
            raise Refused("InvalidAction", "The body is no form.")
        if len(form) != body.count(b"&") + 1 or not form.keys() <= _PARAMETERS[action]:
            raise Refused("ValidationError", "A parameter is not known here, or is there twice.")

    def _caller(self, body: bytes) -> AccessKey:
        scope = rig_signature.claimed_scope(self.headers)
        key = self.fake.keys.find(scope.key_id)
        host = self.headers.get("Host", "")
        if scope.service != "sts" or (host.endswith(".amazonaws.com") and host != f"sts.{scope.region}.amazonaws.com"):
            raise Refused("InvalidSignatureException", "Credential should be scoped to a valid region and service.")
        now = datetime.datetime.fromtimestamp(time.time() + self.skew, datetime.timezone.utc)
        rig_signature.check("POST", f"https://{host}{self.path}", self.headers, body, scope, key, now)
        return key

    def _assume_role(self, form: dict, key: AccessKey) -> bytes:
        role = self.fake.roles.get(form.get("RoleArn", ""))
        if role is None or key.label not in role.trusted or form.get("ExternalId") != role.external_id:
            raise Refused("AccessDenied", f"User: {_arn(key.label)} is not authorized to perform: sts:AssumeRole on "
                                          f"resource: {form.get('RoleArn')}")
        seconds = _seconds(form, role)
        if key.session_token and seconds > HOUR:
            raise Refused("ValidationError", "The requested DurationSeconds exceeds the 1 hour session limit for roles "
                                             "assumed by role chaining.")
        return _result("AssumeRole", self._credentials(role, form, seconds))

    def _assume_role_with_web_identity(self, form: dict) -> bytes:
        token = form.get("WebIdentityToken", "")
        role = self.fake.roles.get(form.get("RoleArn", ""))
        if (provider := self._provider(token)) is not None:
            subject = provider.verify(token)["sub"]
            if role is None or subject not in role.subjects:
                raise Refused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
            label = f"{role.label} of {subject}"
            return _result("AssumeRoleWithWebIdentity", self._credentials(role, form, _seconds(form, role), label))
        if token in self.fake.expired:
            raise Refused("ExpiredTokenException", "Token expired: current date/time 1792000000 must be before the "
                                                   "expiration date/time 1791996400")
        if token not in self.fake.tokens:
            raise Refused("InvalidIdentityToken", "No OpenIDConnect provider found in your account for this token")
        if role is None or role.arn not in self.fake.tokens[token]:
            raise Refused("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        credentials = self._credentials(role, form, _seconds(form, role))
        return _result("AssumeRoleWithWebIdentity", credentials + "<Provider>oidc.example.test/FAKE</Provider>")

    def _provider(self, token: str) -> JwtIssuer | None:
        """The registered one that the token claims to be of."""
        try:
            return self.fake.providers.get(claims_of(token).get("iss"))
        except ValueError:
            return None

    def _credentials(self, role: Role, form: dict, seconds: int, label: str = "") -> str:
        name = form.get("RoleSessionName", "")
        if not re.fullmatch(r"[\w+=,.@-]{2,64}", name, re.A):
            raise Refused("ValidationError", "Value at 'roleSessionName' failed to satisfy constraint.")
        key, expires_at = self.fake.issue(label or role.label, seconds)
        self.fake.granted[key.key_id] = form
        return (
            f"<AssumedRoleUser><Arn>{_arn(role.label)}/{name}</Arn><AssumedRoleId>AROAFAKE:{name}</AssumedRoleId>"
            f"</AssumedRoleUser>\n<Credentials><AccessKeyId>{key.key_id}</AccessKeyId>\n"
            f"<SecretAccessKey>{escape(key.secret)}</SecretAccessKey>\n"
            f"<SessionToken>{escape(key.session_token)}</SessionToken>\n"
            f"<Expiration>{timestamp(expires_at)}</Expiration></Credentials><PackedPolicySize>6</PackedPolicySize>"
        )


def _seconds(form: dict, role: Role) -> int:
    text = form.get("DurationSeconds", str(HOUR))
    seconds = int(text) if text.isdigit() else 0
    if not 900 <= seconds <= 12 * HOUR:
        raise Refused("ValidationError", "Value at 'durationSeconds' failed to satisfy constraint.")
    if seconds > role.longest:
        raise Refused("ValidationError", "The requested DurationSeconds exceeds the role's MaxSessionDuration.")
    return seconds


def _arn(label: str) -> str:
    kind, _, name = label.partition(" ")
    account = "123456789012"
    if kind == "sso":
        return f"arn:aws:sts::{account}:assumed-role/AWSReservedSSO_{name.partition('/')[2]}_FAKE/somebody"
    return f"arn:aws:sts::{account}:assumed-role/{name}" if kind == "role" else f"arn:aws:iam::{account}:user/{label}"


def _result(action: str, content: str) -> bytes:
    metadata = "<ResponseMetadata><RequestId>fake-request</RequestId></ResponseMetadata>"
    text = f"<{action}Result>\n{content}\n</{action}Result>\n{metadata}"
    return f'<{action}Response xmlns="{_NAMESPACE}">\n{text}\n</{action}Response>\n'.encode()
