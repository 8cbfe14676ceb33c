"""What lies in the way is refused by every verb, named, and left as it is."""

import os
import shutil

import pytest

VERBS = (["get", "", "a"], ["list", ""], ["erase", "", "a"], ["store", "", "a", "ann"])


def as_a_link(store):
    elsewhere = store.root / "elsewhere"
    store.credentials.rename(elsewhere)
    store.credentials.symlink_to(elsewhere)


def as_a_folder(store):
    store.credentials.unlink()
    store.credentials.mkdir()


def as_a_pipe(store):
    store.credentials.unlink()
    os.mkfifo(store.credentials, 0o600)


def open_to_a_group(store):
    store.credentials.chmod(0o640)


def open_to_all(store):
    store.credentials.chmod(0o606)


def as_somebody_elses(store):
    if os.geteuid() != 0:
        pytest.skip("NOT TESTED: only root can give a file away")
    os.chown(store.credentials, 65534, 65534)


def empty(store):
    store.credentials.write_bytes(b"")


def cut_short(store):
    store.credentials.write_bytes(store.credentials.read_bytes()[:-1])


def of_another_program(store):
    store.credentials.write_bytes(b'{"auths":{}}')


def of_a_later_version(store):
    data = store.credentials.read_bytes()
    store.credentials.write_bytes(data[:12] + b"\2" + data[13:])


def without_its_key(store):
    store.key_file.unlink()


def with_another_key(store):
    store.key_file.write_text("00" * 32)


def with_a_key_open_to_others(store):
    store.key_file.chmod(0o644)


@pytest.mark.parametrize("spoil,code", [
    (as_a_link, "misconfigured"), (as_a_folder, "misconfigured"), (as_a_pipe, "misconfigured"),
    (open_to_a_group, "misconfigured"), (open_to_all, "misconfigured"),
    (as_somebody_elses, "misconfigured"), (empty, "protocol_error"),
    (cut_short, "protocol_error"), (of_another_program, "protocol_error"),
    (of_a_later_version, "protocol_error"), (without_its_key, "misconfigured"),
    (with_another_key, "misconfigured"), (with_a_key_open_to_others, "misconfigured")],
    ids=lambda value: getattr(value, "__name__", value))
def test_every_verb_refuses(store, spoil, code):
    store.store("a", "fake-old")
    spoil(store)
    before = os.lstat(store.credentials)
    for verb in VERBS:
        done = store.run(*verb, stdin="fake-new")
        assert done.returncode == 2, verb
        assert done.stderr.startswith(f"{code}: "), (verb, done.stderr)
        assert str(store.root) in done.stderr and done.stderr.count("\n") == 1, done.stderr
        assert "fake-" not in done.stdout + done.stderr
    after = os.lstat(store.credentials)
    assert (before.st_ino, before.st_mtime_ns, before.st_mode) == \
        (after.st_ino, after.st_mtime_ns, after.st_mode)


def test_a_folder_that_others_may_write_to_is_refused(store):
    store.store("a", "fake-old")
    store.credentials.parent.chmod(0o777)
    done = store.run("store", "", "a", "ann", stdin="fake-new")
    assert done.returncode == 2 and "chmod 700" in done.stderr


def test_a_missing_file_beside_a_key_is_an_empty_store(store):
    store.store("a", "fake-old")
    key = store.key_file.read_bytes()
    shutil.rmtree(store.credentials.parent)
    assert store.secret("a") is None and store.keys() == []
    store.store("a", "fake-new")
    assert store.secret("a") == "fake-new" and store.key_file.read_bytes() == key
