"""The key of the sealed file: another one, one under a passphrase, and what ends a change of it early."""

import pathlib
import shutil

import pytest
import sealed_store
from test_faults import CHANGES, needs_strace

KEPT = pathlib.Path(__file__).parent / "version-1"
CREDENTIALS = {(b"", b"registry.example.com"): (b"ann", b"fake-1"),
               (b"", b"registry.example.com/team"): (b"bob", b"fake-2"),
               (b"job", b"registry.example.com"): (b"ci", b"fake-3")}


def lay(store, key="key"):
    """A store as the first version wrote it."""
    for source, place in (("credentials", store.credentials), (key, store.key_file)):
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copy(KEPT / source, place)
        place.chmod(0o600)


def readable(store, passphrase=None):
    """What another implementation reads, with the key or, in the middle of a rotation, with the next one."""
    errors = []
    for place in (store.key_file, store.key_file.with_name("key.next")):
        if not place.exists():
            continue
        try:
            return sealed_store.decode(sealed_store.read_key(place.read_bytes(), passphrase),
                                       store.credentials.read_bytes())
        except Exception as error:  # noqa: BLE001: whatever it is, the other key may open it
            errors.append(error)
    raise AssertionError(errors)


def change(store, verb, passphrase="", **options):
    return store.run(verb, stdin=passphrase, **options)


def test_what_the_first_version_wrote_is_read(store):
    lay(store)
    assert store.secret("registry.example.com") == "fake-1"
    assert store.run("get", "job", "registry.example.com").stdout.splitlines() == ["ci", "fake-3"]
    store.store("new.example.com", "fake-4")
    assert readable(store) == CREDENTIALS | {(b"", b"new.example.com"): (b"ann", b"fake-4")}


def test_a_key_that_another_implementation_put_under_a_passphrase_opens(store):
    lay(store, "key.wrapped")
    refused = store.run("get", "", "registry.example.com")
    assert refused.returncode == 2 and refused.stderr.startswith("interaction_required: ")
    wrong = change(store, "unwrap", "fake-guess")
    assert wrong.returncode == 2 and wrong.stderr.startswith("rejected: ")
    assert change(store, "unwrap", "fake-passphrase").returncode == 0
    assert store.secret("registry.example.com") == "fake-1"


def test_another_implementation_opens_what_we_put_under_a_passphrase(store):
    lay(store)
    assert change(store, "wrap", "fake-passphrase").returncode == 0
    assert sealed_store.unwrap_key(b"fake-passphrase", store.key_file.read_bytes()) == bytes(range(32))
    with pytest.raises(Exception):
        sealed_store.unwrap_key(b"fake-passphrasf", store.key_file.read_bytes())
    assert readable(store, b"fake-passphrase") == CREDENTIALS


def test_the_plain_key_is_overwritten_where_it_was(store, tmp_path):
    lay(store)
    link = tmp_path / "the-old-key"
    link.hardlink_to(store.key_file)
    assert change(store, "wrap", "fake-passphrase").returncode == 0
    assert link.read_bytes() == bytes(65)


@pytest.mark.parametrize("passphrase", [None, "fake-passphrase"])
def test_a_rotation_makes_another_key_and_keeps_all_else(store, passphrase):
    lay(store)
    if passphrase:
        assert change(store, "wrap", passphrase).returncode == 0
    before = store.key_file.read_bytes()
    done = change(store, "rotate", passphrase or "")
    assert done.returncode == 0, done.stderr
    secret = passphrase.encode() if passphrase else None
    assert sealed_store.read_key(store.key_file.read_bytes(), secret) != bytes(range(32))
    assert store.key_file.read_bytes() != before
    assert readable(store, secret) == CREDENTIALS
    assert [path.name for path in store.key_file.parent.iterdir()] == ["key"]


def kill_at_every_change(store, verb, stdin, passphrase=None):
    """How often `verb` could be killed; after each, all is readable, and the next that writes tidies up."""
    kills = 0
    for call in (*CHANGES, "pwrite64", "fdatasync"):
        for count in range(1, 60):
            for folder in ("state", "kept"):
                shutil.rmtree(store.root / folder, ignore_errors=True)
            lay(store, "key.wrapped" if passphrase else "key")
            wrapper = ["strace", "-f", "-qq", "-o", "/dev/null",
                       "-P", str(store.credentials.parent), "-P", f"{store.credentials}.new",
                       "-P", str(store.key_file.parent), "-P", str(store.key_file), "-P", f"{store.key_file}.new",
                       "-P", f"{store.key_file}.next", "-P", f"{store.key_file}.next.new",
                       "-e", f"inject={call}:signal=KILL:when={count}"]
            done = change(store, verb, stdin, wrapper=wrapper)
            where = f"killed before {call} {count}"
            assert readable(store, b"fake-passphrase") == CREDENTIALS, where
            if done.returncode == 0:  # there were fewer of these calls
                break
            kills += 1
            if store.key_file.read_bytes().startswith(sealed_store.WRAPPED_MAGIC):
                assert change(store, "unwrap", "fake-passphrase").returncode == 0, where
            store.store("new.example.com", "fake-4")
            assert store.secret("registry.example.com/team") == "fake-2", where
            assert store.names() == ["credentials", "credentials.lock"], where
            assert not store.key_file.with_name("key.next").exists(), where
    return kills


@needs_strace
def test_kill_before_every_change_of_a_rotation(store):
    assert kill_at_every_change(store, "rotate", "") >= 12


@needs_strace
def test_kill_before_every_change_of_a_rotation_under_a_passphrase(store):
    assert kill_at_every_change(store, "rotate", "fake-passphrase", "fake-passphrase") >= 12


@needs_strace
def test_kill_before_every_change_of_setting_a_passphrase(store):
    assert kill_at_every_change(store, "wrap", "fake-passphrase") >= 4


def test_readers_and_writers_do_not_notice_rotations(store):
    """Several processes store and read while the key is replaced again and again."""
    lay(store)
    writers = [store.start("store-each", "", "ann", *[f"host-{i}-{j}" for j in range(40)]) for i in range(3)]
    rotations = 0
    while any(writer.poll() is None for writer in writers):
        done = change(store, "rotate")
        assert done.returncode == 0, done.stderr
        rotations += 1
        assert store.secret("registry.example.com") == "fake-1"
    for writer in writers:
        assert writer.wait(timeout=60) == 0, writer.stderr.read()
    assert rotations >= 2
    stored = readable(store)
    assert len(stored) == 3 + 3 * 40 and stored[b"", b"host-2-14"] == (b"ann", b"fake-host-2-14")


def test_recovery_through_another_implementations_eyes(store):
    lay(store)
    whole = store.credentials.read_bytes()
    store.credentials.write_bytes(whole[:-60])
    assert store.run("get", "", "registry.example.com").returncode == 2
    done = store.run("recover")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["registry.example.com"]  # the one of the job: the last
    left = dict(CREDENTIALS)
    del left[b"job", b"registry.example.com"]
    assert readable(store) == left
    assert store.credentials.with_name("credentials.damaged").read_bytes() == whole[:-60]
