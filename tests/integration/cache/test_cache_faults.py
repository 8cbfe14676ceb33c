"""Whatever ends a save early leaves the old or the new cache; one that fails leaves the old, or none."""

import os
import shutil
import subprocess

import pytest

CALLS = ("mkdir", "openat", "newfstatat", "write", "fchmod", "fsync", "unlinkat", "renameat", "fcntl", "close")
# Leak detection and tracing exclude each other.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def works(*command):
    if shutil.which(command[0]) is None:
        return False
    return subprocess.run([*command, "true"], check=False, capture_output=True).returncode == 0


needs_strace = pytest.mark.skipif(not works("strace", "-o", "/dev/null"),
                                  reason="NOT TESTED: strace is missing or may not trace here")
needs_time_namespace = pytest.mark.skipif(not works("unshare", "-T"),
                                          reason="NOT TESTED: no time namespaces here")


def traced(cache, *options, secret="fake-new"):
    wrapper = ["strace", "-f", "-qq", "-o", "/dev/null", "-P", str(cache.file.parent), "-P", str(cache.file),
               "-P", f"{cache.file}.new", "-P", f"{cache.file}.lock", *options]
    return cache.run("save", secret, wrapper=wrapper, env=ENVIRONMENT)


def kill_before_every_call(cache, secret, after):
    kills = 0
    for call in CALLS:
        for count in range(1, 100):
            cache.save("fake-old")
            done = traced(cache, "-e", f"inject={call}:signal=KILL:when={count}", secret=secret)
            found = cache.secret()
            if done.returncode == 0:  # there were fewer of these calls
                assert found == after
                break
            assert done.returncode == -9 and found in ("fake-old", after), f"killed before {call} {count}"
            cache.save("fake-other")
            assert cache.secret() == "fake-other", f"killed before {call} {count}"
            assert cache.names() == ["cache", "cache.lock"], f"{call} {count}"
            kills += 1
    return kills


@needs_strace
def test_kill_before_every_call_of_a_save(cache):
    cache.save("fake-old")
    assert kill_before_every_call(cache, "fake-new", "fake-new") >= 12


@needs_strace
def test_kill_before_every_call_of_a_save_of_nothing(cache):
    cache.save("fake-old")
    assert kill_before_every_call(cache, "", None) >= 5


@needs_strace
@pytest.mark.parametrize("call,reason,words", [
    ("write", "ENOSPC", "No space left on device"),
    ("write", "EDQUOT", "Disk quota exceeded"),
    ("write", "EIO", "Input/output error"),
    ("fsync", "EIO", "Input/output error"),
    ("renameat", "EIO", "Input/output error"),
])
def test_after_a_save_that_fails_the_old_cache_is_gone(cache, call, reason, words):
    """It may hold what has been erased since."""
    cache.save("fake-old")
    done = traced(cache, "-e", f"inject={call}:error={reason}:when=1")
    assert done.returncode == 2 and words in done.stderr and "fake" not in done.stderr
    assert cache.secret() is None
    assert cache.names() == ["cache.lock"]
    cache.save("fake-new")
    assert cache.secret() == "fake-new"


def test_a_full_disk_is_an_empty_cache(cache):
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a disk of our own needs root")
    folder = cache.file.parent
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "purser-test", folder], check=True)
    try:
        cache.save("fake-old")
        with open(folder / "filler", "wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(b"x" * 4096)
        done = cache.run("save", "fake-new")
        assert done.returncode == 2 and "No space left on device" in done.stderr
        assert cache.secret() is None
        (folder / "filler").unlink()
        cache.save("fake-new")
        assert cache.secret() == "fake-new"
    finally:
        subprocess.run(["umount", folder], check=True)


def test_a_disk_that_became_read_only_keeps_nothing_new(cache):
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a disk of our own needs root")
    folder = cache.file.parent
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "purser-test", folder], check=True)
    try:
        cache.save("fake-old")
        subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
        done = cache.run("save", "fake-new")
        assert done.returncode == 2 and "Read-only file system" in done.stderr
        assert cache.secret() == "fake-old"  # which nobody can remove
    finally:
        subprocess.run(["umount", folder], check=True)


@needs_time_namespace
def test_in_another_time_namespace_the_civil_clock_counts(cache):
    """As after a restart of the machine: the time of the boot is another, and the file's is not believed."""
    cache.save("fake-1")
    hours = 3600
    assert cache.secret(wrapper=["unshare", "-T", "--boottime", str(400 * 24 * hours)]) == "fake-1"
    assert cache.secret(wrapper=["unshare", "-T", "--boottime", "60"]) == "fake-1"
