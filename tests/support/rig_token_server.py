"""Token servers that others wrote, as programs (scripts/clients brings them), and one of ours that has rules."""

import base64
import json
import pathlib
import urllib.parse
import urllib.request

from cryptography.hazmat.primitives import serialization

import rig_clients
from rig_process import Program, free_port
from rig_registry import write_htpasswd
from rig_tokens import ISSUER, TokenServer


class RuledTokenServer(TokenServer):
    """`owner` may do everything, every other user may pull, and everybody may pull what is below public/."""

    def actions_of(self, user: str, kind: str, name: str, wanted: list[str]) -> list[str]:
        if user == "owner":
            return wanted
        readable = kind == "repository" and (user or name.startswith("public/"))
        return [action for action in wanted if readable and action == "pull"]


class DockerTokenServer:
    """Docker's own, of distribution 2.8 (contrib/token-server): GET and POST; each user has the repositories below its own
    name, and the catalog; there is no anonymous token. Its tokens carry the libtrust key id, and live 15 minutes."""

    path = "/token/"

    def __init__(self, folder: pathlib.Path, key: pathlib.Path, users: dict[str, str]):
        folder.mkdir(parents=True)
        write_htpasswd(folder / "htpasswd", users)
        self.address = ("127.0.0.1", free_port())
        arguments = ["-addr", "{}:{}".format(*self.address), "-issuer", ISSUER, "-key", str(key), "-realm", "purser-test",
                     "-passwd", str(folder / "htpasswd")]
        self._program = Program([rig_clients.client("token-server"), *arguments], folder / "log")
        self._program.wait_for_port(self.address)

    def stop(self) -> None:
        self._program.stop()


class OidcProvider:
    """oidc-provider: identity tokens only (POST), which change at each use; one that is used twice costs the login.

    Its tokens carry the thumbprint of RFC 7638: distribution 3 takes them. See tests/e2e/clients/oidc-provider.
    """

    def __init__(self, folder: pathlib.Path, key: pathlib.Path, issuer: str, service: str, clients: list[str]):
        folder.mkdir(parents=True)
        self.clients = clients
        self.address = ("127.0.0.1", free_port())
        settings = {"port": self.address[1], "issuer": issuer, "service": service, "key": _jwk(key), "clients": clients}
        (folder / "settings.json").write_text(json.dumps(settings))
        arguments = [rig_clients.client("node"), rig_clients.client("oidc-provider/server.mjs"), str(folder / "settings.json")]
        self._program = Program(arguments, folder / "log")
        self._program.wait_for_port(self.address)

    def stop(self) -> None:
        self._program.stop()

    def identity(self, user: str, scope: str) -> str:
        """A new identity token that is good for these scopes, or for fewer."""
        query = urllib.parse.urlencode({"user": user, "client": self.clients[0], "scope": scope})
        with urllib.request.urlopen("http://{}:{}/control/identity?{}".format(*self.address, query), timeout=10) as answer:
            return answer.read().decode()

    def asked(self) -> list[dict]:
        """What came to /token, without secrets: method, status, grant_type, service, client_id, scope, error."""
        lines = self._program.tail(1_000_000).splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]


def _jwk(key: pathlib.Path) -> dict:
    """A private RSA key as RFC 7518, 6.3 writes it."""
    private = serialization.load_pem_private_key(key.read_bytes(), None).private_numbers()
    public = private.public_numbers
    names = {"n": public.n, "e": public.e, "d": private.d, "p": private.p, "q": private.q, "dp": private.dmp1,
             "dq": private.dmq1, "qi": private.iqmp}
    return {"kty": "RSA", "use": "sig", "alg": "RS256", **{name: _number(value) for name, value in names.items()}}


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
