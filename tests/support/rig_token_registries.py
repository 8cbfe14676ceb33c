"""Registries that take Bearer tokens only, each with its token server, at 127.0.0.9:443. All of them verify the tokens.

    DEBIAN     docker-registry of Debian (2.8), libtrust key ids; a token server with rules: see RuledTokenServer
    NEWER      distribution 3, key ids of RFC 7638; the same rules
    DOCKERS    docker-registry of Debian; Docker's own token server
    ROTATING   distribution 3; oidc-provider, whose identity tokens change at each use
"""

import pathlib

import rig_clients
from rig_authority import Authority
from rig_registry import Front, Registry, Site, TokenAuth
from rig_token_server import DockerTokenServer, OidcProvider, RuledTokenServer
from rig_tokens import ISSUER

ADDRESS = ("127.0.0.9", 443)
DEBIAN = "debian.registries.test"
NEWER = "newer.registries.test"
DOCKERS = "dockers.registries.test"
ROTATING = "rotating.registries.test"
ALL = (DEBIAN, NEWER, DOCKERS, ROTATING)

# On DEBIAN, NEWER and DOCKERS. What lies below owner/ belongs to the first everywhere.
USERS = {"owner": "fake-password-of-owner", "reader": "fake-password-of-reader"}
LIFETIME = 600
CLIENT_ID = "purser"


class TokenRegistries:
    """Starts all of it below `folder`; `stop()` ends it."""

    def __init__(self, folder: pathlib.Path, authority: Authority):
        self.signer = certificate, key = authority.issue("registries-signer", kind="rsa")
        with open("/etc/hosts", "a") as hosts:
            hosts.write(f"{ADDRESS[0]} {' '.join(ALL)}\n")
        self.debian = RuledTokenServer(certificate, key, DEBIAN, dict(USERS), LIFETIME)
        self.newer = RuledTokenServer(certificate, key, NEWER, dict(USERS), LIFETIME, key_id="thumbprint")
        self.dockers = DockerTokenServer(folder / "dockers-tokens", key, USERS)
        self.rotating = OidcProvider(folder / "rotating-tokens", key, f"https://{ROTATING}", ROTATING, [CLIENT_ID])
        distribution3 = rig_clients.client("registry3/registry")

        def registry(host: str, path: str = "/token", issuer: str = ISSUER, **options) -> Registry:
            return Registry(folder / host, TokenAuth(f"https://{host}{path}", host, issuer, certificate), **options)

        debian, dockers = registry(DEBIAN), registry(DOCKERS, DockerTokenServer.path)
        newer = registry(NEWER, program=distribution3)
        rotating = registry(ROTATING, issuer=f"https://{ROTATING}", program=distribution3)
        self._registries = [debian, newer, dockers, rotating]
        sites = [
            Site((DEBIAN,), debian.address, tokens=self.debian.address),
            Site((NEWER,), newer.address, tokens=self.newer.address),
            Site((DOCKERS,), dockers.address, tokens=self.dockers.address, tokens_at=DockerTokenServer.path),
            Site((ROTATING,), rotating.address, tokens=self.rotating.address),
        ]
        self.front = Front(folder / "front", ADDRESS, authority.issue(*ALL), sites)

    def stop(self) -> None:
        for each in (self.front, *self._registries, self.debian, self.newer, self.dockers, self.rotating):
            each.stop()
