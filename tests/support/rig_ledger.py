"""Which passwords the fake ECR issued, for whom, and where they were shown."""

import base64
import dataclasses
import json
import secrets
import threading
import time


@dataclasses.dataclass(frozen=True)
class Issued:
    """A password, and whose it is."""

    label: str
    key_id: str
    service: str
    region: str
    issued_at: float
    expires_at: float
    password: str = dataclasses.field(repr=False)


@dataclasses.dataclass(frozen=True)
class Shown:
    """A password that a registry was shown. `issued` is None for one that is not ours, or no longer valid."""

    host: str
    path: str
    time: float
    username: str
    issued: Issued | None
    why: str

    @property
    def label(self) -> str:
        """Whose password it is, or why it was refused."""
        return self.issued.label if self.issued else self.why


class Ledger:
    """Thread-safe. Times are seconds since the epoch, by `clock`."""

    def __init__(self, clock=time.time):
        self._clock = clock
        self._lock = threading.Lock()
        self._issued: dict[str, Issued] = {}
        self._revoked: set[str] = set()
        self._shown: list[Shown] = []

    def issue(self, label: str, key_id: str, service: str, region: str, lifetime: float) -> Issued:
        """A new password, in form and size like a real one, and obviously not a real one."""
        now = self._clock()
        expires_at = now + lifetime
        payload = {
            "payload": "FAKE/" + secrets.token_urlsafe(1000),
            "datakey": "FAKE/" + secrets.token_urlsafe(180),
            "version": "2",
            "type": "DATA_KEY",
            "expiration": int(expires_at),
        }
        password = base64.b64encode(json.dumps(payload).encode()).decode()
        issued = Issued(label, key_id, service, region, now, expires_at, password)
        with self._lock:
            self._issued[password] = issued
        return issued

    def show(self, host: str, path: str, authorization: str | None) -> Shown | None:
        """Judges an Authorization header that a registry got; None where there was none."""
        if authorization is None:
            return None
        username, password = _basic(authorization)
        with self._lock:
            issued = self._issued.get(password)
            why = self._judge(host, username, issued)
            shown = Shown(host, path, self._clock(), username, None if why else issued, why)
            self._shown.append(shown)
        return shown

    def revoke_all(self) -> None:
        """Every password issued so far is refused from now on."""
        with self._lock:
            self._revoked.update(self._issued)

    def find(self, password: str) -> Issued | None:
        """Whose password this is, valid or not."""
        with self._lock:
            return self._issued.get(password)

    def issued(self) -> list[Issued]:
        with self._lock:
            return list(self._issued.values())

    def shown(self) -> list[Shown]:
        with self._lock:
            return list(self._shown)

    def _judge(self, host: str, username: str, issued: Issued | None) -> str:
        if username != "AWS" or issued is None:
            return "not issued"
        if issued.password in self._revoked:
            return "revoked"
        if self._clock() >= issued.expires_at:
            return "expired"
        # A token of one region says nothing to a registry of another.
        if issued.service == "ecr-public":
            return "" if host == "public.ecr.aws" else "for another registry"
        return "" if f".dkr.ecr.{issued.region}." in host else "for another registry"


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        username, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return username, password
