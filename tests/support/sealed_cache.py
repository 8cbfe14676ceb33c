"""The format of the kept cache, written from its description and on another implementation of its ciphers."""

import dataclasses
import hmac
import struct

from sealed_store import Keys, fields, split_fields

MAGIC = b"purser cache" + struct.pack("<I", 1)


@dataclasses.dataclass
class Token:
    provider: bytes
    identity: bytes
    source: bytes
    user: bytes
    secret: bytes
    sent: int
    renewal: int
    expiry: int
    used: int
    registries: list[bytes]


@dataclasses.dataclass
class Override:
    registry: bytes
    user: bytes
    secret: bytes
    expiry: int


@dataclasses.dataclass
class Cache:
    uid: int
    wall: int
    boot: int
    tokens: list[Token]
    overrides: list[Override]


def decode(key, data, machine, boot_identity):
    """A Cache with its secrets opened; raises where anything is not as described."""
    keys = Keys(key)
    covered, digest = data[:-32], data[-32:]
    assert hmac.compare_digest(digest, keys.digest(covered))
    assert covered[:16] == MAGIC
    assert covered[16:32] == keys.digest(b"purser cache key id")[:16]
    uid, machine_digest, boot_digest, wall, boot = struct.unpack_from("<Q32s32sqq", covered, 32)
    expected = keys.digest(fields(b"purser cache machine 1", machine)) if machine else bytes(32)
    assert machine_digest == expected
    assert boot_digest == keys.digest(fields(b"purser cache boot 1", boot_identity))
    at = 32 + 8 + 32 + 32 + 16

    def sealed(context):
        nonlocal at
        size, = struct.unpack_from("<I", covered, at)
        text = covered[at + 4:at + 4 + size]
        assert len(text) == size
        at += 4 + size
        return keys.open(text, context)

    process = Keys(sealed(b"purser cache key 1"))
    tokens, overrides = struct.unpack_from("<II", covered, at)
    at += 8
    found = Cache(uid, wall, boot, [], [])
    for _ in range(tokens):
        provider, identity, source, user, secret, times, *registries = split_fields(sealed(b"purser cache token 1"))
        found.tokens.append(Token(provider, identity, source, user, process.open(secret, identity),
                                  *struct.unpack("<4q", times), registries))
    for _ in range(overrides):
        registry, user, secret, times = split_fields(sealed(b"purser cache override 1"))
        found.overrides.append(Override(registry, user, process.open(secret, registry), *struct.unpack("<q", times)))
    assert at == len(covered)
    return found
