"""The sealed file's format, written from its description and on another implementation of its ciphers."""

import hashlib
import hmac
import os
import struct

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

MAGIC = b"purser store" + struct.pack("<I", 1)
NAME_CONTEXT = b"purser store name 1"
SECRET_CONTEXT = b"purser store secret 1"


def fields(*texts):
    return b"".join(struct.pack("<Q", len(text)) + text for text in texts)


def split_fields(text):
    found = []
    while text:
        size, = struct.unpack_from("<Q", text)
        found.append(text[8:8 + size])
        text = text[8 + size:]
    return found


class Keys:
    def __init__(self, key):
        def derived(info):
            return HKDF(hashes.SHA256(), 32, None, info).derive(key)
        self.seal_key = derived(b"purser seal 1")
        self.cipher = AESGCM(self.seal_key)
        self.digest_key = derived(b"purser digest 1")

    def seal(self, plain, context):
        nonce = os.urandom(12)
        return nonce + self.cipher.encrypt(nonce, plain, context)

    def open(self, sealed, context):
        return self.cipher.decrypt(sealed[:12], sealed[12:], context)

    def digest(self, text):
        return hmac.new(self.digest_key, text, hashlib.sha256).digest()


def decode(key, data):
    """{(namespace, key): (user name, secret)}; raises where anything is not as described."""
    keys = Keys(key)
    covered, digest = data[:-32], data[-32:]
    assert hmac.compare_digest(digest, keys.digest(covered))
    assert covered[:16] == MAGIC
    assert covered[16:32] == keys.digest(b"purser store key id")[:16]
    count, = struct.unpack_from("<I", covered, 32)
    parts, at = [], 36
    while at < len(covered):
        size, = struct.unpack_from("<I", covered, at)
        parts.append(covered[at + 4:at + 4 + size])
        at += 4 + size
    assert at == len(covered) and len(parts) == 2 * count
    credentials = {}
    for sealed_name, sealed_secret in zip(parts[::2], parts[1::2]):
        space, name, user = split_fields(keys.open(sealed_name, NAME_CONTEXT))
        secret = keys.open(sealed_secret, fields(SECRET_CONTEXT, space, name, user))
        credentials[space, name] = user, secret
    return credentials


def encode(key, credentials):
    keys = Keys(key)
    out = MAGIC + keys.digest(b"purser store key id")[:16] + struct.pack("<I", len(credentials))
    for (space, name), (user, secret) in sorted(credentials.items()):
        for part in (keys.seal(fields(space, name, user), NAME_CONTEXT),
                     keys.seal(secret, fields(SECRET_CONTEXT, space, name, user))):
            out += struct.pack("<I", len(part)) + part
    return out + keys.digest(out)


# The key under a passphrase (daemon/store/wrapped_key.hpp).

WRAPPED_MAGIC = b"purser key\0\0" + struct.pack("<I", 1)


def _wrapping_keys(passphrase, head):
    log2_n, r, p = struct.unpack_from("<III", head, 16)
    derived = hashlib.scrypt(passphrase, salt=head[28:60], n=1 << log2_n, r=r, p=p, maxmem=1 << 29, dklen=32)
    return Keys(derived)


def unwrap_key(passphrase, wrapped):
    """Raises where the passphrase is another one, or anything is not as described."""
    assert len(wrapped) == 120 and wrapped[:16] == WRAPPED_MAGIC
    return _wrapping_keys(passphrase, wrapped[:60]).open(wrapped[60:], wrapped[:60])


def wrap_key(passphrase, key, log2_n=4, r=8, p=1):
    head = WRAPPED_MAGIC + struct.pack("<III", log2_n, r, p) + os.urandom(32)
    return head + _wrapping_keys(passphrase, head).seal(key, head)


def read_key(text, passphrase=None):
    """The key in a file's contents."""
    if text.startswith(WRAPPED_MAGIC[:12]):
        return unwrap_key(passphrase, text)
    return text if len(text) == 32 else bytes.fromhex(text.decode().strip())
