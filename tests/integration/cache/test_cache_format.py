"""The file is what its description says: judged by another implementation."""

import os
import pathlib
import time

import sealed_cache

HALF_DAY = 12 * 3600 * 10**9


def owner():
    try:
        machine = pathlib.Path("/etc/machine-id").read_bytes().strip()
    except FileNotFoundError:
        machine = b""
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_bytes().strip()
    return machine, boot + f" {os.stat('/proc/self/ns/time').st_ino}".encode()


def test_another_implementation_reads_what_we_wrote(cache):
    wall, boot = time.time_ns(), time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    cache.save("fake-token")
    key = bytes.fromhex(cache.key_file.read_text().strip())
    found = sealed_cache.decode(key, cache.file.read_bytes(), *owner())
    assert found.uid == os.geteuid()
    assert wall <= found.wall <= time.time_ns()
    assert boot <= found.boot <= time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    token, = found.tokens
    assert (token.provider, token.identity, token.source) == (b"ecr", b"fake-identity", b"profile marker-profile")
    assert (token.user, token.secret, token.registries) == (b"marker-user", b"fake-token", [b"marker.example.com"])
    assert token.expiry - token.sent == HALF_DAY and boot <= token.sent <= found.boot
    assert found.overrides == []


def test_markers_are_in_no_file(cache):
    cache.save("fake-marker-secret")
    files = [path for path in cache.root.rglob("*") if path.is_file()]
    assert {path.name for path in files} == {"cache", "cache.lock", "key"}
    for path in files:
        content = path.read_bytes()
        assert b"marker" not in content, path


def test_the_next_process_has_the_process_key_of_the_first(cache):
    cache.save("fake-1")
    key = bytes.fromhex(cache.key_file.read_text().strip())
    assert cache.secret() == "fake-1"
    cache.save("fake-2")
    assert sealed_cache.decode(key, cache.file.read_bytes(), *owner()).tokens[0].secret == b"fake-2"
