"""A fake of AWS IAM Identity Center: the portal, which gives keys for an access token, and OIDC, which renews tokens.

The target of a call, for Behaviour.at, is "GET /federation/credentials" or "POST /token". What it issues is good at the
fake ECR, as long as it lives.
"""

import dataclasses
import hashlib
import json
import pathlib
import re
import secrets
import time
import urllib.parse

from rig_authority import Authority
from rig_fake import Fake, Handler
from rig_home import Home
from rig_keys import KeyRing, session_key, timestamp
from rig_signature import AccessKey, Refused

HOUR = 3600
REGION = "us-east-1"
START_URL = "https://fake.awsapps.com/start"
NAMES = ("localhost", f"portal.sso.{REGION}.amazonaws.com", f"oidc.{REGION}.amazonaws.com")
PORTAL = "GET /federation/credentials"
OIDC = "POST /token"

_STATUS = {"UnauthorizedException": 401, "ForbiddenException": 403, "ResourceNotFoundException": 404,
           "TooManyRequestsException": 429, "InvalidClientException": 401}


@dataclasses.dataclass(frozen=True)
class SsoCall:
    """One request that arrived, and what became of it: "issued", AWS's error code, or the kind of the behaviour."""

    time: float
    host: str
    target: str
    outcome: str
    fields: dict = dataclasses.field(repr=False)  # of the query or of the body
    headers: dict = dataclasses.field(repr=False)


class FakeSso(Fake):
    """Both services at one address. Keys that it issues are added to `keys`, with the label of their role."""

    def __init__(self, authority: Authority, keys: KeyRing, address: tuple[str, int] = ("127.0.0.1", 0)):
        super().__init__()
        self.keys = keys
        self._secrets: list[str] = []
        self._reset()
        self.address = self.serve(address, _SsoHandler, authority.issue(address[0], *NAMES))

    @property
    def endpoint(self) -> str:
        """For AWS_ENDPOINT_URL_SSO and AWS_ENDPOINT_URL_SSO_OIDC."""
        return "https://{}:{}".format(*self.address)

    def assign(self, account: str, role: str) -> str:
        """Everybody who has logged in may have the role; the label of its keys."""
        self.assigned[account, role] = label = f"sso {account}/{role}"
        return label

    def log_in(self, seconds: int = 8 * HOUR, refreshable: bool = True, **fields: str) -> dict:
        """What the aws command writes down after a login whose token lives for `seconds`, changed by `fields`."""
        token = {"startUrl": START_URL, "region": REGION, "accessToken": self.new_access_token(seconds),
                 "expiresAt": timestamp(time.time() + seconds)}
        if refreshable:
            client = f"FAKE-client-{secrets.token_urlsafe(16)}"
            token |= {"clientId": client, "clientSecret": self._secret("client-secret"),
                      "registrationExpiresAt": timestamp(time.time() + 90 * 24 * HOUR)}
            self.clients[client] = token["clientSecret"]
            token["refreshToken"] = self.new_refresh_token(client)
        return token | fields

    def log_out(self) -> None:
        """Every access token so far is refused from now on."""
        self.tokens.clear()

    def portal_calls(self) -> list[SsoCall]:
        return [call for call in self.calls() if call.target == PORTAL]

    def oidc_calls(self) -> list[SsoCall]:
        return [call for call in self.calls() if call.target == OIDC]

    def secrets(self) -> list[str]:
        """All tokens and the secrets of clients since the last forget()."""
        return list(self._secrets)

    def forget(self) -> None:
        """No roles and no tokens either; issued keys stay good."""
        super().forget()
        self._reset()

    def new_access_token(self, seconds: int) -> str:
        token = self._secret("access-token")
        self.tokens[token] = time.time() + seconds
        return token

    def new_refresh_token(self, client: str) -> str:
        token = self._secret("refresh-token")
        self.refresh_tokens[token] = client
        return token

    def issue(self, label: str) -> dict:
        """A new key, as the portal writes it."""
        key = session_key(label)
        expires_at = int(time.time()) + self.lifetime
        self.keys.learn(key, expires_at)
        self.issued.append(key)
        return {"roleCredentials": {"accessKeyId": key.key_id, "secretAccessKey": key.secret,
                                    "sessionToken": key.session_token, "expiration": expires_at * 1000}}

    def _secret(self, kind: str) -> str:
        secret = f"FAKE-sso-{kind}:{secrets.token_urlsafe(240)}/+=="
        self._secrets.append(secret)
        return secret

    def _reset(self) -> None:
        self.assigned: dict[tuple[str, str], str] = {}
        self.tokens: dict[str, float] = {}  # until when access tokens live
        self.refresh_tokens: dict[str, str] = {}  # whose they are, by the id of the client
        self.clients: dict[str, str] = {}
        self.lifetime = HOUR
        self.token_lifetime = HOUR
        self.issued: list[AccessKey] = []
        self._secrets.clear()


def token_path(key: str) -> str:
    """Where below HOME the aws command keeps a token. `key`: the session's name; without a session, the start URL."""
    return f".aws/sso/cache/{hashlib.sha1(key.encode()).hexdigest()}.json"


def token_file(home: Home, key: str) -> pathlib.Path:
    return home.home / token_path(key)


def write_token(home: Home, key: str, token: dict) -> pathlib.Path:
    """As `aws sso login` leaves it: written into the file that is there."""
    return home.write(token_path(key), json.dumps(token))


class _SsoHandler(Handler):
    def do_GET(self) -> None:
        self._handle("GET")

    def do_POST(self) -> None:
        self._handle("POST")

    def refuse(self, status: int, code: str, message: str, headers: dict | None = None) -> None:
        error = {"message": message}
        if self.command == "POST":
            error = {"error": _snake(code.removesuffix("Exception")), "error_description": message}
        self._answer_json(status, error, {"x-amzn-ErrorType": code, **(headers or {})})

    def _handle(self, method: str) -> None:
        body = self.body()
        path, _, query = self.path.partition("?")
        target = f"{method} {path}"
        fields = _object(body) if method == "POST" else dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
        host = self.headers.get("Host", "")
        index = self.fake.record(SsoCall(time.time(), host, target, "arrived", fields, dict(self.headers)))
        behaviour = self.fake.take_behaviour(target)
        if behaviour is not None:
            self.fake.amend(index, behaviour.code or behaviour.kind)
            if not self.play(behaviour):
                return
        try:
            answer = self._judge(target, host, fields)
            self.fake.amend(index, "issued")
        except Refused as refused:
            self.fake.amend(index, refused.code)
            self.refuse(_STATUS.get(refused.code, 400), refused.code, refused.message)
            return
        if behaviour is not None and behaviour.kind == "truncate":
            self.truncate(json.dumps(answer).encode(), "application/json")
            return
        self._answer_json(200, answer, {"x-amzn-RequestId": "fake-request"})

    def _judge(self, target: str, host: str, fields: dict) -> dict:
        service = {PORTAL: "portal.sso", OIDC: "oidc"}.get(target)
        if service is None or (host.endswith(".amazonaws.com") and host != f"{service}.{REGION}.amazonaws.com"):
            raise Refused("InvalidRequestException", f"There is no {target} here.")
        if self.headers.get("Authorization") is not None:
            raise Refused("InvalidRequestException", "This call is not signed.")
        return self._role(fields) if target == PORTAL else self._token(fields)

    def _role(self, fields: dict) -> dict:
        if fields.keys() != {"role_name", "account_id"} or not re.fullmatch(r"\d{12}", fields["account_id"]):
            raise Refused("InvalidRequestException", "A parameter is missing, not known here, or wrong.")
        if time.time() >= self.fake.tokens.get(self.headers.get("x-amz-sso_bearer_token", ""), 0):
            raise Refused("UnauthorizedException", "Session token not found or invalid")
        account, role = fields["account_id"], fields["role_name"]
        if account not in {each for each, _ in self.fake.assigned}:
            raise Refused("ResourceNotFoundException", "Account not found")
        if (account, role) not in self.fake.assigned:
            raise Refused("ForbiddenException", "No access")
        return self.fake.issue(self.fake.assigned[account, role])

    def _token(self, fields: dict) -> dict:
        if not self.headers.get("Content-Type", "").startswith("application/json"):
            raise Refused("InvalidRequestException", "The body is no JSON.")
        if fields.get("grantType") != "refresh_token":
            raise Refused("UnsupportedGrantTypeException", "The grant is not known here.")
        client = fields.get("clientId", "")
        if self.fake.clients.get(client) is None or fields.get("clientSecret") != self.fake.clients[client]:
            raise Refused("InvalidClientException", "Invalid client provided")
        if self.fake.refresh_tokens.get(fields.get("refreshToken", "")) != client:
            raise Refused("InvalidGrantException", "Invalid refresh token provided")
        del self.fake.refresh_tokens[fields["refreshToken"]]
        lifetime = self.fake.token_lifetime
        return {"accessToken": self.fake.new_access_token(lifetime), "expiresIn": lifetime, "tokenType": "Bearer",
                "refreshToken": self.fake.new_refresh_token(client)}

    def _answer_json(self, status: int, value: dict, headers: dict) -> None:
        self.answer(status, json.dumps(value).encode(), "application/json", headers)


def _object(body: bytes) -> dict:
    """The JSON object; empty where it is none."""
    try:
        value = json.loads(body)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
