"""Whatever ends an import early: nothing is lost, and the same import again goes on."""

import json

import pytest

from conftest import auth
from test_import import tracing_works

needs_strace = pytest.mark.skipif(not tracing_works(), reason="NOT TESTED: strace is missing or may not trace here")
TWO = {"a.example": {"auth": auth("ann", "fake-a")}, "b.example": {"auth": auth("bob", "fake-b")}}
SECRETS = {"a.example": ("ann", "fake-a"), "b.example": ("bob", "fake-b")}


def nothing_is_lost(user, file):
    held = json.loads(file.read_text())["auths"]
    for name, login in SECRETS.items():
        assert held[name] == TWO[name] or user.stored(name) == login, name


# One program start for each verb of the helper, one connection for each question to the daemon, and the file's own calls.
@needs_strace
@pytest.mark.parametrize("call", ["clone3,clone,vfork", "connect", "fsync", "rename", "fchmod", "flock"])
def test_kill_before_every_step(user, call):
    kills = 0
    for count in range(1, 60):
        file = user.config(TWO)
        before = file.read_bytes()
        done = user.run("strace", "-qq", "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={count}",
                        str(user.programs / "purser"), "import", "--yes", ASAN_OPTIONS="detect_leaks=0")
        nothing_is_lost(user, file)
        user.imported()
        assert json.loads(file.read_text())["auths"] == {"a.example": {}, "b.example": {}}
        assert {name: user.stored(name) for name in SECRETS} == SECRETS
        assert user.files_with("fake-a", "fake-b", "ann:fake-a", "bob:fake-b") == [], f"{call} {count}"
        user.imported("--undo")
        assert file.read_bytes() == before and user.names() == [], f"{call} {count}"
        if done.status == 0:  # there were fewer of these calls
            break
        kills += 1
    assert kills >= 1


@needs_strace
@pytest.mark.parametrize("call, error", [("rename", "EIO"), ("fsync", "ENOSPC"), ("fchmod", "EPERM")])
def test_a_file_that_cannot_be_replaced_stays_what_it_was(user, call, error):
    file = user.config(TWO)
    before = file.read_bytes()
    done = user.run("strace", "-qq", "-o", "/dev/null", "-e", f"inject={call}:error={error}:when=1",
                    str(user.programs / "purser"), "import", "--yes", ASAN_OPTIONS="detect_leaks=0")
    assert done.status == 1 and str(file) in done.stderr and done.stderr.count("\n") == 1
    assert file.read_bytes() == before and {name: user.stored(name) for name in SECRETS} == SECRETS
    assert sorted(path.name for path in file.parent.iterdir()) == ["config.json"]
    user.imported()
    assert user.files_with("fake-a", "ann:fake-a") == []


def test_a_store_that_fails_at_the_third_of_five(user):
    auths = {f"{name}.example": {"auth": auth("ann", f"fake-{name}")} for name in "abcde"}
    file = user.config(auths)
    user.wrap_helper(f"""
if [ "$1" = store ]; then
  echo x >> {user.folder}/stores
  if [ "$(wc -l < {user.folder}/stores)" -ge 3 ]; then echo 'purser: c.example: the disk is full'; exit 1; fi
fi
exec "$REAL" "$@" """)
    done = user.purser("--yes")
    assert done.status == 1 and done.stderr == "purser: c.example: the disk is full\n"
    left = json.loads(file.read_text())["auths"]
    assert left == {**auths, "a.example": {}, "b.example": {}}
    assert user.names() == ["a.example", "b.example"]


def test_what_does_not_come_back_is_not_removed(user):
    file = user.config(TWO)
    before = file.read_bytes()
    user.wrap_helper('if [ "$1" = store ]; then exit 0; fi\nexec "$REAL" "$@"')
    done = user.purser("--yes")
    assert done.status == 1 and "does not come back" in done.stderr and file.read_bytes() == before


def test_without_a_daemon_nothing_happens(user):
    file = user.config(TWO)
    before = file.read_bytes()
    done = user.purser("--yes", PURSER_NO_START="1")
    assert done.status in (1, 3) and done.stderr.startswith("purser: ") and done.stderr.count("\n") == 1
    assert file.read_bytes() == before


def test_without_a_helper_on_the_path_nothing_happens(user):
    user.config(TWO)
    (user.programs / "docker-credential-purser").unlink()
    done = user.purser("--yes", PATH="/usr/bin:/bin")
    assert done.status == 1 and "not on PATH" in done.stderr


def test_a_file_that_changes_while_it_asks_is_left(user):
    file = user.config(TWO)
    terminal = user.at_a_terminal()
    file.write_text(json.dumps({"auths": {**TWO, "c.example": {"auth": auth("ann", "fake-c")}}}))
    changed = file.read_bytes()
    assert terminal.answer("y") == 1 and "changed meanwhile" in terminal.shown
    assert file.read_bytes() == changed


def test_a_store_that_changes_while_it_asks_is_left(user):
    user.config(TWO)
    terminal = user.at_a_terminal()
    user.store("a.example", "ann", "fake-newer")
    assert terminal.answer("y") == 1 and "meanwhile" in terminal.shown
    assert user.stored("a.example") == ("ann", "fake-newer")


def test_a_sealed_file_that_cannot_be_opened_is_an_error(user):
    file = user.config(TWO)
    before = file.read_bytes()
    user.store("x.example", "ann", "fake-x")
    user.stop()
    credentials = user.home / ".local/state/purser/credentials"
    credentials.write_bytes(credentials.read_bytes()[:-1])
    done = user.purser("--yes")
    assert done.status == 1 and done.stderr.count("\n") == 1 and str(credentials) in done.stderr
    assert file.read_bytes() == before
