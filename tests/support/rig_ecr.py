#!/usr/bin/python3
"""A fake of the ECR and ECR Public APIs: GetAuthorizationToken over TLS, signatures checked by botocore.

Imported, it is two servers on threads. As a program it prints one line of JSON with the addresses and the keys, and
serves until its standard input ends:

    rig_ecr.py --folder DIR [--address HOST:PORT] [--name NAME]... [--lifetime SECONDS]

The control server speaks plain HTTP on the loopback:

    GET  /validate   401 or 200 for the Authorization header that came with it (for nginx's auth_request);
                     X-Registry-Host and X-Registry-Path say what for
    GET  /calls      the API calls so far; GET /shown: the passwords that registries were shown, by label or why refused
    POST /script     a list of behaviours, see Behaviour; POST /release, /forget, /revoke
"""

import argparse
import base64
import dataclasses
import datetime
import json
import pathlib
import sys
import time
import urllib.parse

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import rig_signature  # noqa: E402  (the path is set above, for the use as a program)
from rig_authority import Authority  # noqa: E402
from rig_fake import Behaviour, Fake, Handler  # noqa: E402
from rig_keys import KeyRing  # noqa: E402
from rig_ledger import Ledger  # noqa: E402
from rig_signature import AccessKey, Refused  # noqa: E402

HALF_DAY = 12 * 3600.0

# Keys that exist only here.
PROD = AccessKey("prod", "AKIAFAKEPROD00000001", "fake/secret/of/prod/not+a+real+key/00001")
DEV = AccessKey("dev", "AKIAFAKEDEV000000002", "fake/secret/of/dev/not+a+real+key/000002")
SESSION = AccessKey("session", "ASIAFAKESESSION00003", "fake/secret/of/session/not+a+real/000003",
                    "FAKE-session-token//" + "0123456789abcdef" * 20)

_TARGETS = {
    "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken": "ecr",
    "SpencerFrontendService.GetAuthorizationToken": "ecr-public",
}


@dataclasses.dataclass(frozen=True)
class Call:
    """One request that arrived, and what became of it: "issued", AWS's error code, or the kind of the behaviour."""

    time: float
    host: str
    service: str
    region: str
    key_id: str
    label: str
    outcome: str


class FakeEcr(Fake):
    """Both servers. `names` are the host names that its certificate is for."""

    def __init__(self, authority: Authority, address: tuple[str, int] = ("127.0.0.1", 0),
                 names: tuple[str, ...] = ("127.0.0.1", "localhost"),
                 keys: tuple[AccessKey, ...] = (PROD, DEV, SESSION)):
        super().__init__()
        self.ledger = Ledger()
        self.lifetime = HALF_DAY
        self.keys = KeyRing(*keys)
        self._certificate = authority.issue(*names)
        self.address = self.serve(address, _ApiHandler, self._certificate)
        self.control_address = self.serve(("127.0.0.1", 0), _ControlHandler)

    @property
    def endpoint(self) -> str:
        """For AWS_ENDPOINT_URL."""
        return "https://{}:{}".format(*self.address)

    def one_more_endpoint(self, address: str) -> str:
        """The same ECR at a further address, which is among `names`; its URL."""
        return "https://{}:{}".format(*self.serve((address, 0), _ApiHandler, self._certificate))

    @property
    def control(self) -> str:
        return "http://{}:{}".format(*self.control_address)

    def learn_key(self, key: AccessKey, expires_at: float | None = None) -> None:
        """From now on, and until `expires_at`, the key is good."""
        self.keys.learn(key, expires_at)

    def forget(self) -> None:
        """Back to the beginning, except that issued passwords and learned keys stay valid."""
        self.lifetime = HALF_DAY
        super().forget()


class _ApiHandler(Handler):
    def do_POST(self) -> None:
        body = self.body()
        index = self.fake.record(self._call())
        behaviour = self.fake.take_behaviour()
        if behaviour is not None:
            self.fake.amend(index, behaviour.code or behaviour.kind)
            if not self.play(behaviour):
                return
        try:
            answer = self._authorize(body)
            self.fake.amend(index, "issued")
        except Refused as refused:
            self.fake.amend(index, refused.code)
            self.refuse(400, refused.code, refused.message)
            return
        if behaviour is not None and behaviour.kind == "truncate":
            self.truncate(json.dumps(answer).encode(), "application/x-amz-json-1.1")
            return
        self.answer_json(200, answer, {"x-amzn-RequestId": "fake-request"})

    def do_GET(self) -> None:
        self.answer_json(404, {"__type": "UnknownOperationException"})

    def _call(self) -> Call:
        try:
            scope = rig_signature.claimed_scope(self.headers)
        except Refused:
            return Call(time.time(), self.headers.get("Host", ""), "", "", "", "", "unsigned")
        label = self.fake.keys.label(scope.key_id)
        host = self.headers.get("Host", "")
        return Call(time.time(), host, scope.service, scope.region, scope.key_id, label, "arrived")

    def _authorize(self, body: bytes):
        scope = rig_signature.claimed_scope(self.headers)
        service = _TARGETS.get(self.headers.get("X-Amz-Target", ""))
        if service is None:
            raise Refused("UnknownOperationException", "The operation is not known here.")
        key = self.fake.keys.find(scope.key_id)
        if scope.service != service or not _host_fits(self.headers.get("Host", ""), scope.service, scope.region):
            raise Refused("InvalidSignatureException", "Credential should be scoped to a valid region and service.")
        now = datetime.datetime.fromtimestamp(time.time() + self.skew, datetime.timezone.utc)
        url = "https://{}{}".format(self.headers["Host"], self.path)
        rig_signature.check("POST", url, self.headers, body, scope, key, now)
        if not isinstance(json.loads(body or b"null"), dict):
            raise Refused("SerializationException", "The body is not an object.")
        return self._token(key, service, scope.region)

    def _token(self, key: AccessKey, service: str, region: str):
        issued = self.fake.ledger.issue(key.label, key.key_id, service, region, self.fake.lifetime)
        token = base64.b64encode(f"AWS:{issued.password}".encode()).decode()
        granted = {"authorizationToken": token, "expiresAt": round(issued.expires_at, 3)}
        if service == "ecr-public":
            return {"authorizationData": granted}
        granted["proxyEndpoint"] = f"https://123456789012.dkr.ecr.{region}.amazonaws.com"
        return {"authorizationData": [granted]}


class _ControlHandler(Handler):
    def do_GET(self) -> None:
        match urllib.parse.urlsplit(self.path).path:
            case "/validate":
                self._validate()
            case "/calls":
                self.answer_json(200, [dataclasses.asdict(call) for call in self.fake.calls()])
            case "/shown":
                shown = [(s.host, s.path, s.label) for s in self.fake.ledger.shown()]
                self.answer_json(200, shown)
            case _:
                self.answer_json(404, {})

    def do_POST(self) -> None:
        body = self.body()
        match self.path:
            case "/script":
                self.fake.script(*(Behaviour(**behaviour) for behaviour in json.loads(body)))
            case "/release":
                self.fake.release()
            case "/forget":
                self.fake.forget()
            case "/revoke":
                self.fake.ledger.revoke_all()
            case _:
                self.answer_json(404, {})
                return
        self.answer_json(200, {})

    def _validate(self) -> None:
        host = self.headers.get("X-Registry-Host", "")
        path = self.headers.get("X-Registry-Path", "")
        shown = self.fake.ledger.show(host, path, self.headers.get("Authorization"))
        if shown is not None and shown.issued is not None:
            self.answer(200, b"", "text/plain")
            return
        challenge = f'Basic realm="https://{host}/",service="ecr.amazonaws.com"'
        self.answer(401, b"Not Authorized\n", "text/plain", {"WWW-Authenticate": challenge})


def _host_fits(host: str, service: str, region: str) -> bool:
    """A canonical name says for which service and region a request must be signed; others (an address) say nothing."""
    name = host.rpartition(":")[0] if ":" in host else host
    if not name.endswith(".amazonaws.com"):
        return True
    return name == f"api.{service}.{region}.amazonaws.com"


def main() -> None:
    parser = argparse.ArgumentParser(description="a fake of the ECR API, for tests")
    parser.add_argument("--folder", type=pathlib.Path, required=True)
    parser.add_argument("--address", default="127.0.0.1:0")
    parser.add_argument("--name", action="append", default=[])
    parser.add_argument("--lifetime", type=float, default=HALF_DAY)
    arguments = parser.parse_args()
    authority = Authority(arguments.folder)
    host, _, port = arguments.address.rpartition(":")
    fake = FakeEcr(authority, (host, int(port)), (host, "localhost", *arguments.name))
    fake.lifetime = arguments.lifetime
    keys = {key.label: dataclasses.asdict(key) for key in (PROD, DEV, SESSION)}
    where = {"endpoint": fake.endpoint, "control": fake.control, "authority": str(authority.certificate), "keys": keys}
    print(json.dumps(where), flush=True)
    sys.stdin.read()
    fake.stop()


if __name__ == "__main__":
    main()
