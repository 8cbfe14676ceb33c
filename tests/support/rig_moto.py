"""moto: a fake of AWS that others wrote, with IAM that checks who signed a request, and what he may do.

Its ECR answers with an end in 2015, which nobody may use: a relay in front of it changes that one number, and nothing
else. What was signed reaches moto as it was sent, the name of the host included.
"""

import dataclasses
import http.client
import json
import pathlib
import time
import urllib.request

import botocore.config
import botocore.session

import rig_clients
from rig_fake import Fake, Handler
from rig_process import Program, free_port
from rig_signature import AccessKey

ACCOUNT = "123456789012"
HALF_DAY = 12 * 3600
EVERYTHING = {"Action": ["ecr:*", "sts:*"], "Resource": "*"}


@dataclasses.dataclass(frozen=True)
class MotoCall:
    """One request: its Action or X-Amz-Target, the id of its key, and moto's status."""

    target: str
    key_id: str
    outcome: str


class Moto(Fake):
    """Lets everybody do everything until be_strict()."""

    def __init__(self, folder: pathlib.Path):
        super().__init__()
        program = rig_clients.client("moto/bin/moto_server")
        folder.mkdir(parents=True)
        self.server = ("127.0.0.1", free_port())
        self._program = Program([program, "-H", self.server[0], "-p", str(self.server[1])], folder / "moto.log",
                                {"PATH": rig_clients.SYSTEM_PATH, "HOME": str(folder)})
        self._program.wait_for_port(self.server)
        self.relay = self.serve(("127.0.0.1", 0), _RelayHandler)

    @property
    def endpoint(self) -> str:
        return "http://{}:{}".format(*self.relay)

    def client(self, service: str, key: AccessKey):
        config = botocore.config.Config(retries={"total_max_attempts": 1})
        return botocore.session.Session().create_client(
            service, region_name="us-east-1", endpoint_url=self.endpoint, config=config,
            aws_access_key_id=key.key_id, aws_secret_access_key=key.secret, aws_session_token=key.session_token)

    def user(self, name: str, *statements: dict) -> AccessKey:
        """A new user with a policy, and a key of his."""
        iam = self._iam()
        iam.create_user(UserName=name)
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=_policy(*statements))
        made = iam.create_access_key(UserName=name)["AccessKey"]
        return AccessKey(name, made["AccessKeyId"], made["SecretAccessKey"])

    def role(self, name: str, trusted: str, external_id: str | None = None) -> str:
        """The ARN of a new role that may do everything, and that the user may assume who is trusted."""
        iam = self._iam()
        who = {"Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{trusted}"}}
        if external_id is not None:
            who["Condition"] = {"StringEquals": {"sts:ExternalId": external_id}}
        arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(who))["Role"]["Arn"]
        iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=_policy(EVERYTHING))
        return arn

    def be_strict(self) -> None:
        """From now on signatures and policies count."""
        url = "http://{}:{}/moto-api/reset-auth".format(*self.server)
        request = urllib.request.Request(url, b"0", {"Content-Type": "application/octet-stream"})
        urllib.request.urlopen(request, timeout=10).read()
        self.forget()

    def stop(self) -> None:
        super().stop()
        self._program.stop()

    def _iam(self):
        return self.client("iam", AccessKey("root", "AKIAFAKEROOT00000001", "fake/secret/of/root"))


class _RelayHandler(Handler):
    def do_POST(self) -> None:
        body = self.body()
        index = self.fake.record(MotoCall(self._target(body), self._key_id(), "arrived"))
        connection = http.client.HTTPConnection(*self.fake.server, timeout=30)
        connection.putrequest("POST", self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            connection.putheader(name, value)
        connection.endheaders(body)
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        self.fake.amend(index, str(response.status))
        self.answer(response.status, _with_end(answer), response.headers.get("Content-Type", ""))

    def _target(self, body: bytes) -> str:
        action = body.partition(b"Action=")[2].partition(b"&")[0].decode()
        return self.headers.get("X-Amz-Target") or action

    def _key_id(self) -> str:
        return self.headers.get("Authorization", "").partition("Credential=")[2].partition("/")[0]


def _with_end(answer: bytes) -> bytes:
    """The same, with ECR's tokens at their end in half a day."""
    try:
        value = json.loads(answer)
        for granted in value["authorizationData"]:
            granted["expiresAt"] = time.time() + HALF_DAY
    except (ValueError, KeyError, TypeError):
        return answer
    return json.dumps(value).encode()


def _policy(*statements: dict) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **each} for each in statements]})
