"""Whatever ends a store early leaves the old or the new credential, and says which."""

import os
import re
import shutil
import subprocess

import pytest

CHANGES = ("mkdir", "write", "fchmod", "fsync", "unlinkat", "renameat", "renameat2")
LOOKS = ("openat", "newfstatat", "read", "close")
# Leak detection and tracing exclude each other.
ENVIRONMENT = {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}


def tracing_works():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False,
                          capture_output=True).returncode == 0


needs_strace = pytest.mark.skipif(not tracing_works(),
                                  reason="NOT TESTED: strace is missing or may not trace here")


def traced(store, *options, secret="fake-new", log="/dev/null"):
    wrapper = ["strace", "-f", "-qq", "-o", str(log), *options]
    return store.run("store", "", "a", "ann", stdin=secret, wrapper=wrapper, env=ENVIRONMENT)


def kill_before_every(store, calls, before, prepare, *options):
    """Returns how often it was killed; `before` is what may be found besides the new secret."""
    kills = 0
    for call in calls:
        for count in range(1, 100):
            prepare()
            done = traced(store, *options, "-e", f"inject={call}:signal=KILL:when={count}")
            found = store.secret("a")
            if done.returncode == 0:  # there were fewer of these calls
                assert found == "fake-new"
                break
            assert found in (before, "fake-new"), f"killed before {call} {count}"
            store.store("b", "fake-other")
            assert store.secret("b") == "fake-other", f"killed before {call} {count}"
            assert store.names() == ["credentials", "credentials.lock"], f"{call} {count}"
            kills += 1
    return kills


@needs_strace
def test_kill_before_every_call_of_a_store(store):
    store.store("a", "fake-old")
    folder = store.credentials.parent
    # Only calls on these files: the others come from starting a program.
    paths = ("-P", str(folder), "-P", str(store.credentials), "-P", f"{store.credentials}.new")
    kills = kill_before_every(store, CHANGES + LOOKS, "fake-old",
                              lambda: store.store("a", "fake-old"), *paths)
    assert kills >= 15


@needs_strace
def test_kill_before_every_change_of_the_first_store(store):
    def prepare():
        for folder in ("state", "kept"):
            shutil.rmtree(store.root / folder, ignore_errors=True)
    assert kill_before_every(store, CHANGES, None, prepare) >= 12


@needs_strace
def test_what_is_acknowledged_was_flushed(store, tmp_path):
    """The file before it gets its name, the folder after it; a killed process cannot show that."""
    store.store("a", "fake-old")
    log = tmp_path / "trace"
    assert traced(store, "-e", "trace=openat,write,fsync,renameat", log=log).returncode == 0
    text = log.read_text()
    opened = re.search(r'openat\((\d+), "credentials.new".* = (\d+)', text)
    folder, file = opened.groups()
    steps = [f"write({file}, \"purser store", f"fsync({file})", f"renameat({folder}, ",
             f"fsync({folder})"]
    places = [text.find(step, opened.end()) for step in steps]
    assert -1 not in places and places == sorted(places), text


@needs_strace
@pytest.mark.parametrize("call,reason,code,words", [
    ("write", "ENOSPC", "transient", "No space left on device"),
    ("write", "EDQUOT", "transient", "Disk quota exceeded"),
    ("write", "EIO", "transient", "Input/output error"),
    ("fsync", "EIO", "transient", "Input/output error"),
    ("fsync", "ENOSPC", "transient", "No space left on device"),
    ("openat", "EROFS", "misconfigured", "Read-only file system"),
    ("openat", "EACCES", "misconfigured", "Permission denied"),
    ("openat", "EMFILE", "transient", "Too many open files"),
    ("renameat", "EROFS", "misconfigured", "Read-only file system"),
    ("renameat", "EIO", "transient", "Input/output error"),
])
def test_a_failing_call_is_an_error_that_names_it_and_keeps_the_old(store, call, reason, code, words):
    store.store("a", "fake-old")
    folder = store.credentials.parent
    done = traced(store, "-P", f"{folder}/credentials.new", "-P", str(folder),
                  "-e", f"inject={call}:error={reason}:when=1")
    assert done.returncode == 2
    assert done.stderr.startswith(f"{code}: "), done.stderr
    assert str(folder) in done.stderr and words in done.stderr
    assert done.stderr.count("\n") == 1 and "fake-new" not in done.stderr
    assert store.secret("a") == "fake-old"
    assert store.names() == ["credentials", "credentials.lock"]


@needs_strace
def test_an_unflushed_folder_is_no_success(store):
    store.store("a", "fake-old")
    folder = store.credentials.parent
    done = traced(store, "-P", str(folder), "-e", "inject=fsync:error=EIO:when=1")
    assert done.returncode == 2 and done.stderr.startswith("transient: cannot flush")
    assert store.secret("a") in ("fake-old", "fake-new")


def test_a_full_disk_keeps_the_old(store):
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: a disk of our own needs root")
    folder = store.credentials.parent
    folder.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k,mode=0700", "purser-test", folder], check=True)
    try:
        store.store("a", "fake-old")
        filler = folder / "filler"
        with open(filler, "wb", buffering=0) as file, pytest.raises(OSError):
            while True:
                file.write(b"x" * 4096)
        bytes_before = store.credentials.read_bytes()
        done = store.run("store", "", "a", "ann", stdin="fake-new")
        assert done.returncode == 2
        assert done.stderr.startswith("transient: ") and "No space left on device" in done.stderr
        assert store.credentials.read_bytes() == bytes_before
        assert store.secret("a") == "fake-old"
        filler.unlink()
        store.store("a", "fake-new")
        assert store.secret("a") == "fake-new"
    finally:
        subprocess.run(["umount", folder], check=True)
