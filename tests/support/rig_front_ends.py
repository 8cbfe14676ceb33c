"""Asks for credentials as Bazel and as the kubelet do, through the program under test."""

import base64
import datetime
import json

from rig_home import Home, Outcome

KUBELET_GROUP = "credentialprovider.kubelet.k8s.io"
KUBELET_VERSIONS = ("v1", "v1beta1", "v1alpha1")

# What the Credential Helpers specification's two JSON Schemas demand, in words of our own. Source: EngFlow/credential-helper-spec,
# schemas/get-credentials-request.schema.json and get-credentials-response.schema.json.
REQUEST = {"type": "object", "required": ["uri"], "properties": {"uri": {"type": "string"}}}
RESPONSE = {
    "type": "object",
    "properties": {
        "headers": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}},
        "expires": {"type": "string"},
    },
}
# What it says a response should not have.
STRICT_RESPONSE = RESPONSE | {"additionalProperties": False}


class Bazel:
    """`docker-credential-purser get` with a request as Bazel writes it: no blanks, no line feed."""

    def __init__(self, home: Home):
        self.home = home

    def ask(self, uri: str, **variables: str) -> Outcome:
        return self.home.helper("get", json.dumps({"uri": uri}, separators=(",", ":")), **variables)

    def headers(self, uri: str, **variables: str) -> dict:
        """The answer; fails the test if that is an error."""
        outcome = self.ask(uri, **variables).ok()
        assert outcome.stderr == ""
        return json.loads(outcome.stdout)

    def credential(self, uri: str, **variables: str) -> tuple[str, str]:
        """User name and secret of the one header."""
        (value,) = self.headers(uri, **variables)["headers"]["Authorization"]
        return decoded(value)

    def refused(self, uri: str, **variables: str) -> str:
        return error_line(self.ask(uri, **variables))


class Kubelet:
    """`purser-kubelet-provider` with a request on standard input."""

    def __init__(self, home: Home):
        self.home = home
        self.program = home.programs / "purser-kubelet-provider"
        self.program.symlink_to(home.programs / "docker-credential-purser")

    def send(self, request: str, **variables: str) -> Outcome:
        return self.home.run(str(self.program), stdin=request, seconds=15, **variables)

    def ask(self, image: str, version: str = "v1", **members) -> Outcome:
        request = {"kind": "CredentialProviderRequest", "apiVersion": f"{KUBELET_GROUP}/{version}", "image": image}
        return self.send(json.dumps(request | members) + "\n")

    def provide(self, image: str, version: str = "v1", **members) -> dict:
        """The answer; fails the test if that is an error."""
        outcome = self.ask(image, version, **members).ok()
        assert outcome.stderr == ""
        return json.loads(outcome.stdout)

    def refused(self, image: str, **members) -> str:
        return error_line(self.ask(image, **members))


def decoded(authorization: str) -> tuple[str, str]:
    """User name and secret of a header of HTTP's Basic scheme."""
    scheme, _, encoded = authorization.partition(" ")
    assert scheme == "Basic"
    username, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    return username, secret


def seconds_until(expires: str) -> float:
    """From now; fails the test where that is no time with whole seconds and `Z`."""
    end = datetime.datetime.strptime(expires, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    return (end - datetime.datetime.now(datetime.timezone.utc)).total_seconds()


def error_line(outcome: Outcome) -> str:
    """The one line on standard error of a call that failed, and of nothing else."""
    assert outcome.status == 1 and outcome.stdout == "", outcome
    assert outcome.stderr.startswith("purser: ") and outcome.stderr.endswith("\n"), outcome
    assert len(outcome.stderr.splitlines()) == 1
    return outcome.stderr
