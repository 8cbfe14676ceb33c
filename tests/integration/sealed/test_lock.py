"""`purser lock` and `purser unlock` through the real programs."""

import os
import pty
import select

import pytest
import rig_memory
import sealed_store
from conftest import ECR, NOT_FOUND
from rig_process import wait_until

HOST = "registry.example.com"
SECRET = "fake-secret-of-ann-0123456789"
OVERRIDE = "fake-override-0123456789abcdef"
PASSPHRASE = "fake passphrase of ann"


@pytest.fixture
def locked(purser):
    """With a credential and an override, both locked away."""
    purser.login(HOST, SECRET).ok()
    purser.login(ECR, OVERRIDE).ok()
    purser.wait_until_indexed(HOST)
    done = purser.purser("lock", stdin=PASSPHRASE + "\n").ok()
    assert "under the passphrase from now on" in done.stdout
    return purser


def unlock(purser, passphrase=PASSPHRASE, *words):
    return purser.purser("unlock", *words, stdin=passphrase)


def assert_locked(purser):
    for registry in (HOST, f"{HOST}/team/image", ECR):
        said = purser.refused(registry)
        assert "purser unlock" in said and "fake" not in said
    for verb, stdin in (("erase", HOST), ("list", ""), ("erase", ECR)):
        done = purser.helper(verb, stdin)
        assert done.status == 1 and "purser unlock" in done.stdout
    assert "purser unlock" in purser.login("new.example.com", "fake").stdout
    assert purser.ask("/v1/status")["locked"] is True
    assert "LOCKED" in purser.purser("status").ok().stdout


def test_nothing_is_handed_out_until_it_is_unlocked(locked):
    assert_locked(locked)
    assert unlock(locked).ok().stdout == "unlocked\n"
    assert locked.secret(HOST) == SECRET and locked.secret(ECR) == OVERRIDE
    assert locked.ask("/v1/status")["locked"] is False
    assert locked.purser("unlock").ok().stdout == "not locked\n"
    assert locked.purser("lock").ok().stdout == "locked; to go on: purser unlock\n"  # asks for none again
    assert_locked(locked)
    assert unlock(locked).status == 0
    assert locked.secret(HOST) == SECRET


def test_public_images_are_still_pulled(locked):
    for registry in ("docker.io", "quay.example.org", "public.ecr.aws"):
        done = locked.helper("get", registry)
        assert (done.status, done.stdout.strip()) == (1, NOT_FOUND)
    locked.index.unlink()  # then nobody knows
    assert "purser unlock" in locked.refused("docker.io")


def test_a_daemon_starts_locked_and_leaves_what_is_kept(locked):
    locked.end_daemons()
    kept = {path: path.read_bytes() for path in (locked.credentials, locked.key, locked.state / "cache", locked.index)}
    assert_locked(locked)
    assert unlock(locked, "fake guess of another").status == 1
    locked.end_daemons()
    assert {path: path.read_bytes() for path in kept} == kept
    assert unlock(locked).ok().stdout == "unlocked\n"  # it starts the daemon, too
    assert locked.secret(HOST) == SECRET and locked.secret(ECR) == OVERRIDE
    locked.end_daemons()
    assert_locked(locked)


def test_the_key_in_the_file_is_under_the_passphrase(locked):
    wrapped = locked.key.read_bytes()
    key = sealed_store.unwrap_key(PASSPHRASE.encode(), wrapped)
    stored = sealed_store.decode(key, locked.credentials.read_bytes())
    assert stored[b"", HOST.encode()] == (b"ann", SECRET.encode())
    assert key not in wrapped and key.hex().encode() not in wrapped


def test_a_wrong_passphrase_makes_the_next_wait_and_nobody_else(locked):
    done = unlock(locked, "fake guess of another")
    assert (done.status, done.stderr) == (1, "purser: wrong passphrase\n")
    done = unlock(locked)
    assert done.status == 1 and "may be tried in" in done.stderr
    assert locked.secret("docker.io") is None
    wait_until(lambda: unlock(locked).status == 0, 20, "the right passphrase was never taken")
    assert locked.secret(HOST) == SECRET


def test_a_passphrase_is_given_up(locked):
    assert unlock(locked, "fake guess of another", "--remove-passphrase").status == 1
    wait_until(lambda: unlock(locked, PASSPHRASE, "--remove-passphrase").status == 0, 20, "never removed")
    assert locked.secret(HOST) == SECRET and locked.secret(ECR) == OVERRIDE
    assert sealed_store.decode(sealed_store.read_key(locked.key.read_bytes()), locked.credentials.read_bytes())
    locked.end_daemons()
    assert locked.secret(HOST) == SECRET and locked.secret(ECR) == OVERRIDE


def test_a_key_under_a_passphrase_is_rotated_with_it(locked):
    assert "purser unlock" in locked.purser("store", "rotate-key", stdin=PASSPHRASE).stderr
    assert unlock(locked).status == 0
    before = sealed_store.unwrap_key(PASSPHRASE.encode(), locked.key.read_bytes())
    assert locked.purser("store", "rotate-key", stdin="fake guess of another").status == 1
    wait_until(lambda: locked.purser("store", "rotate-key", stdin=PASSPHRASE).status == 0, 20, "never rotated")
    assert sealed_store.unwrap_key(PASSPHRASE.encode(), locked.key.read_bytes()) != before
    assert locked.secret(HOST) == SECRET
    locked.end_daemons()
    assert unlock(locked).status == 0
    assert locked.secret(HOST) == SECRET and locked.secret(ECR) == OVERRIDE


def test_a_locked_daemon_has_nothing_in_its_memory(locked):
    assert unlock(locked).status == 0
    assert locked.secret(HOST) == SECRET and locked.secret(ECR) == OVERRIDE
    key = sealed_store.unwrap_key(PASSPHRASE.encode(), locked.key.read_bytes())
    assert locked.purser("lock").status == 0
    daemon, = locked.daemons()
    secrets = {"secret": SECRET, "override": OVERRIDE, "passphrase": PASSPHRASE, "key in text": key.hex()}
    wait_until(lambda: not rig_memory.copies(daemon, secrets), 20, "")
    keys = sealed_store.Keys(key)  # what is derived from it is as good
    for raw in (key, keys.seal_key, keys.digest_key):
        wait_until(lambda raw=raw: not rig_memory.holds(daemon, raw), 20, "a key is still there")
    for path in locked.home.rglob("*"):
        if path.is_file():
            assert not any(text.encode() in path.read_bytes() for text in secrets.values()), path


def test_a_short_passphrase_changes_nothing(purser):
    purser.login(HOST, SECRET).ok()
    done = purser.purser("lock", stdin="fake-7c")
    assert (done.status, done.stderr) == (1, "purser: a passphrase has 8 to 1024 bytes\n")
    assert purser.purser("lock", stdin="").status == 1
    assert purser.secret(HOST) == SECRET
    purser.end_daemons()
    assert purser.secret(HOST) == SECRET


def test_a_key_that_others_keep_has_no_passphrase(purser):
    key = purser.write("given-key", "ab" * 32)
    purser.purser_config(store={"key_file": str(key)})
    purser.login(HOST, SECRET).ok()
    for words in (["lock"], ["store", "rotate-key"]):
        done = purser.purser(*words, stdin=PASSPHRASE)
        assert done.status == 1 and str(key) in done.stderr, done
    assert purser.secret(HOST) == SECRET


def test_a_descriptor_brings_the_passphrase(locked):
    reading, writing = os.pipe()
    os.write(writing, PASSPHRASE.encode() + b"\nwhat follows is another's")
    os.close(writing)
    import subprocess
    done = subprocess.run([locked.programs / "purser", "unlock", "--passphrase-fd", str(reading)], pass_fds=[reading],
                          env=locked.environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
    os.close(reading)
    assert (done.returncode, done.stdout) == (0, b"unlocked\n"), done


def typed(purser, words, lines):
    """Runs `purser` on a terminal, types a line at each prompt; what the terminal showed, and the exit code."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(purser.programs / "purser", ["purser", *words], purser.environment)
    shown, rest = b"", list(lines)
    while select.select([terminal], [], [], 30)[0]:
        try:
            piece = os.read(terminal, 4096)
        except OSError:
            break
        if not piece:
            break
        shown += piece
        if rest and shown.rstrip().endswith(b":"):
            os.write(terminal, rest.pop(0).encode() + b"\n")
            shown += b"\n"
    os.close(terminal)
    return shown.decode(), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_on_a_terminal_it_is_asked_for_twice_and_not_shown(purser):
    purser.login(HOST, SECRET).ok()
    shown, status = typed(purser, ["lock"], [PASSPHRASE, "another fake one"])
    assert status == 1 and "not twice the same passphrase" in shown
    assert purser.secret(HOST) == SECRET
    shown, status = typed(purser, ["lock"], [PASSPHRASE, PASSPHRASE])
    assert status == 0 and "locked" in shown and PASSPHRASE not in shown
    assert "purser unlock" in purser.refused(HOST)
    shown, status = typed(purser, ["unlock"], [PASSPHRASE])
    assert status == 0 and PASSPHRASE not in shown
    assert purser.secret(HOST) == SECRET
