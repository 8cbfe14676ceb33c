"""The access keys that the fakes of one AWS account know."""

import math
import secrets
import threading
import time

from rig_signature import AccessKey, Refused


class KeyRing:
    """Thread-safe. Keys that live for ever, and session keys with an end."""

    def __init__(self, *keys: AccessKey):
        self._lock = threading.Lock()
        self._keys = {key.key_id: (key, math.inf) for key in keys}

    def learn(self, key: AccessKey, expires_at: float | None = None) -> None:
        with self._lock:
            self._keys[key.key_id] = (key, math.inf if expires_at is None else expires_at)

    def label(self, key_id: str) -> str:
        """Whose key this is, expired or not; empty for a stranger's."""
        with self._lock:
            return self._keys[key_id][0].label if key_id in self._keys else ""

    def expired(self, key_id: str) -> bool:
        with self._lock:
            return time.time() >= self._keys[key_id][1]

    def find(self, key_id: str) -> AccessKey:
        """Raises Refused for a key that is unknown or at its end."""
        with self._lock:
            key, expires_at = self._keys.get(key_id, (None, 0))
        if key is None:
            raise Refused("UnrecognizedClientException", "The security token included in the request is invalid.")
        if time.time() >= expires_at:
            raise Refused("ExpiredTokenException", "The security token included in the request is expired")
        return key


def session_key(label: str) -> AccessKey:
    """A new key in form and size like those of STS, and obviously not a real one."""
    name = label.replace(" ", "/")
    secret = f"fake/secret/of/{name}/{secrets.token_hex(8)}"
    return AccessKey(label, f"ASIAFAKE{secrets.token_hex(6).upper()}", secret,
                     f"FAKE-session-token-of/{name}//{secrets.token_hex(160)}==")


def timestamp(seconds: float) -> str:
    """As AWS writes a time."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))
