"""Everything that the end-to-end tests talk to, in the session's own network, mount and process namespaces.

`tests/e2e/run` makes the namespaces. Names resolve by a private /etc/hosts, and the test authority is the only one that
the system's trust store holds, so clients and daemons need no option to find and trust the fakes:

    127.0.0.1:443   registries, by name: ECR of account 123456789012 (two regions), public, remotes, Bearer tokens (of one
                    minute; and with identity tokens)
    127.0.0.2:443   the ECR APIs of us-east-1 and the API of ECR Public
    127.0.0.3:443   the ECR API of eu-central-1, with a certificate that nobody trusts
    127.0.0.4       a node with a registry on plain HTTP (NODE_PORT)
    127.0.0.5:443   STS of us-east-1 and eu-west-1: see rig_aws.py
    127.0.0.6:443   IAM Identity Center of us-east-1, the portal and OIDC: see rig_aws.py
    127.0.0.7:443   the endpoint of GitHub Actions that issues tokens to jobs: see rig_oidc.py
    127.0.0.8:443   AWS Sign-In of us-east-1 and eu-west-1: see rig_signin.py
    eu-west-1       has a registry, but the name of its API does not resolve
"""

import os
import pathlib
import subprocess

import rig_ecr
import rig_tokens
from rig_authority import Authority
from rig_relay import Relay
from rig_registry import Front, Htpasswd, Registry, Site, TokenAuth
from rig_sink import NAME_SERVER, Sink

ACCOUNT = "123456789012"
ECR = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com"
OTHER_ACCOUNT = "210987654321.dkr.ecr.us-east-1.amazonaws.com"
UNRESOLVABLE = f"{ACCOUNT}.dkr.ecr.eu-west-1.amazonaws.com"
UNTRUSTED = f"{ACCOUNT}.dkr.ecr.eu-central-1.amazonaws.com"
PUBLIC = "public.example.test"
LOCAL = "local.example.test"
REMOTES = ("remote1.example.test", "remote2.example.test", "remote3.example.test")
TOKENS = "tokens.example.test"
IDENTITY = "identity.example.test"
NODE_NAME = "node.example.test"
NODE_PORT = 30500
NODE = f"{NODE_NAME}:{NODE_PORT}"

TOKEN_LIFETIME = 60
IDENTITY_LIFETIME = 600
SLOW_UPLOAD = 1.55 * 2**20  # bytes a second: 110 MiB take 71 s


def user_of(registry: str) -> tuple[str, str]:
    """The one user of a registry that has users, and the password."""
    return "user-of-" + registry.partition(".")[0], f"fake-password-of-{registry}"


class World:
    """Starts all of it below `folder`; `stop()` ends it."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        self._write_hosts()
        self.authority = Authority(folder / "ca")
        self._trust(self.authority)
        self.sink = Sink()
        api = ("api.ecr.us-east-1.amazonaws.com", "api.ecr-public.us-east-1.amazonaws.com")
        self.ecr = rig_ecr.FakeEcr(self.authority, ("127.0.0.2", 443), api)
        nobody = Authority(folder / "untrusted", "purser untrusted authority")
        self.untrusted = rig_ecr.FakeEcr(nobody, ("127.0.0.3", 443), ("api.ecr.eu-central-1.amazonaws.com",))
        self._start_registries(folder / "registries")

    def stop(self) -> None:
        for each in (self.front, *self._registries, self.tokens, self.identity, self.relay, self.ecr, self.untrusted, self.sink):
            each.stop()

    def _start_registries(self, folder: pathlib.Path) -> None:
        tokens = self.authority.issue("token-signer", kind="rsa")
        name, password = user_of(TOKENS)
        self.tokens = rig_tokens.TokenServer(*tokens, TOKENS, {name: password}, TOKEN_LIFETIME)
        self.identity = rig_tokens.TokenServer(*tokens, IDENTITY, dict([user_of(IDENTITY)]), IDENTITY_LIFETIME,
                                               identity_tokens=True)
        ecr = Registry(folder / "ecr")
        public = Registry(folder / "public")
        guarded = {host: Registry(folder / host, Htpasswd(dict([user_of(host)]))) for host in (LOCAL, *REMOTES)}
        token_auth = TokenAuth(f"https://{TOKENS}/token", TOKENS, rig_tokens.ISSUER, self.tokens.certificate)
        bearer = Registry(folder / "bearer", token_auth)
        identity_auth = TokenAuth(f"https://{IDENTITY}/token", IDENTITY, rig_tokens.ISSUER, self.identity.certificate)
        identity = Registry(folder / "identity", identity_auth)
        node = Registry(folder / "node", Htpasswd(dict([user_of(NODE_NAME)])), NODE_PORT, "127.0.0.4")
        self.relay = Relay(bearer.address, SLOW_UPLOAD)
        self._registries = [ecr, public, bearer, identity, node, *guarded.values()]
        ecr_names = (ECR, OTHER_ACCOUNT, UNRESOLVABLE, UNTRUSTED)
        sites = [
            Site(ecr_names, ecr.address, validate=f"{self.ecr.control}/validate"),
            Site((PUBLIC,), public.address),
            Site((TOKENS,), self.relay.address, tokens=self.tokens.address),
            Site((IDENTITY,), identity.address, tokens=self.identity.address),
            *(Site((host,), registry.address) for host, registry in guarded.items()),
        ]
        names = [name for site in sites for name in site.names]
        self.front = Front(folder / "front", ("127.0.0.1", 443), self.authority.issue(*names), sites)

    def _write_hosts(self) -> None:
        registries = (ECR, OTHER_ACCOUNT, UNRESOLVABLE, UNTRUSTED, PUBLIC, LOCAL, *REMOTES, TOKENS, IDENTITY)
        pathlib.Path("/etc/hosts").write_text(
            "127.0.0.1 localhost\n"
            f"127.0.0.1 {' '.join(registries)}\n"
            "127.0.0.2 api.ecr.us-east-1.amazonaws.com api.ecr-public.us-east-1.amazonaws.com\n"
            "127.0.0.3 api.ecr.eu-central-1.amazonaws.com\n"
            f"127.0.0.4 {NODE_NAME}\n"
            "127.0.0.5 sts.us-east-1.amazonaws.com sts.eu-west-1.amazonaws.com\n"
            "127.0.0.6 portal.sso.us-east-1.amazonaws.com oidc.us-east-1.amazonaws.com\n"
            "127.0.0.7 actions.example.test\n"
            "127.0.0.8 us-east-1.signin.aws.amazon.com eu-west-1.signin.aws.amazon.com\n"
        )
        pathlib.Path("/etc/resolv.conf").write_text(f"nameserver {NAME_SERVER[0]}\noptions timeout:2 attempts:1\n")

    def _trust(self, authority: Authority) -> None:
        """Makes the authority the only one of the system's trust store, as bundle and as hashed folder."""
        store = pathlib.Path("/etc/ssl/certs")
        certificate = authority.certificate.read_bytes()
        (store / "ca-certificates.crt").write_bytes(certificate)
        (store / "purser-test.pem").write_bytes(certificate)
        subprocess.run(["openssl", "rehash", str(store)], check=True, timeout=20, capture_output=True)


def session_folder() -> pathlib.Path | None:
    """The folder that tests/e2e/run made for this session, or None outside of one."""
    folder = os.environ.get("PURSER_RIG_FOLDER")
    return pathlib.Path(folder) if folder else None
