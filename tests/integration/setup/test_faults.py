"""Whatever ends setup early leaves each file as it was or as it was meant, and undo takes it back."""

import re
import shutil
import subprocess

import pytest

CHANGES = ("mkdir", "write", "fchmod", "fchown", "fsync", "unlink", "rename")
ORIGINAL = '{\n\t"auths": {"a": {"auth": "ZmFrZS1wYXNzd29yZA=="}},\n\t"credsStore": "desktop"\n}'
WIRED = ORIGINAL.replace("desktop", "purser")


def tracing_works():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-o", "/dev/null", "true"], check=False, capture_output=True).returncode == 0


needs_strace = pytest.mark.skipif(not tracing_works(), reason="NOT TESTED: strace is missing or may not trace here")


def traced(user, injection, *words):
    wrapper = [shutil.which("strace"), "-f", "-qq", "-o", "/dev/null", "-e", f"inject={injection}"]
    return user.run("--yes", *words, wrapper=wrapper)


def kill_before_every_change(user, prepare, words, check):
    """Returns how often it was killed."""
    kills = 0
    for call in CHANGES:
        for count in range(1, 60):
            prepare()
            if traced(user, f"{call}:signal=KILL:when={count}", *words).returncode == 0:
                break  # there were fewer of these calls
            check(f"killed before {call} {count}")
            kills += 1
    return kills


def forget_everything(user):
    for path in user.home.iterdir():
        shutil.rmtree(path)


@needs_strace
def test_setup_killed_before_every_change_is_undone(user):
    def prepare():
        forget_everything(user)
        user.write(user.docker, ORIGINAL)

    def check(when):
        assert user.docker.read_text() in (ORIGINAL, WIRED), when
        user.undo()
        assert user.files() == {".docker/config.json": ORIGINAL.encode()}, when

    assert kill_before_every_change(user, prepare, ["docker"], check) >= 8


@needs_strace
def test_setup_killed_before_every_change_can_run_again(user):
    user.install("helm")

    def check(when):
        assert set(user.setup().values()) <= {"changed", "unchanged"}, when
        assert set(user.files()) == {".docker/config.json", ".config/helm/registry/config.json"}, when
        user.undo()
        assert user.files() == {} and not user.docker.parent.exists(), when

    assert kill_before_every_change(user, lambda: forget_everything(user), [], check) >= 20


@needs_strace
def test_undo_killed_before_every_change_can_run_again(user):
    def prepare():
        forget_everything(user)
        user.write(user.docker, ORIGINAL)
        user.setup("docker")

    def check(when):
        assert user.docker.read_text() in (ORIGINAL, WIRED), when
        user.undo()
        assert user.files() == {".docker/config.json": ORIGINAL.encode()}, when

    assert kill_before_every_change(user, prepare, ["--undo"], check) >= 6


@needs_strace
def test_what_is_acknowledged_was_flushed(user, tmp_path):
    """The journal before the file, each file before it gets its name, and its folder after it."""
    user.write(user.docker, ORIGINAL)
    log = tmp_path / "trace"
    wrapper = [shutil.which("strace"), "-qq", "-y", "-o", str(log), "-e", "trace=write,fsync,rename"]
    assert user.run("--yes", "docker", wrapper=wrapper).returncode == 0
    text, at = log.read_text(), 0
    for step in (r'write\(\d+<[^>]*/journal.json.{7}>', r"fsync\(\d+<[^>]*/journal.json", r"rename\(.*journal.json\"\)",
                 r"fsync\(\d+<[^>]*/setup>", r"write\(\d+<[^>]*/config.json.purser-new>",
                 r"fsync\(\d+<[^>]*/config.json.purser-new>", r"rename\(.*config.json\"\)", r"fsync\(\d+<[^>]*/.docker>"):
        found = re.compile(step).search(text, at)
        assert found, f"{step} after {at} in\n{text}"
        at = found.end()


@needs_strace
@pytest.mark.parametrize("call,reason,words", [
    ("fsync", "ENOSPC", "No space left on device"),
    ("rename", "EBUSY", "Device or resource busy"),
    ("rename", "EROFS", "Read-only file system"),
    ("fchmod", "EPERM", "Operation not permitted"),
])
def test_a_failing_call_is_one_line_and_changes_nothing(user, call, reason, words):
    user.write(user.docker, ORIGINAL)
    count = {"fsync": 3, "rename": 2, "fchmod": 1}[call]  # the journal comes first
    done = traced(user, f"{call}:error={reason}:when={count}", "docker")
    assert done.returncode == 1 and words in done.stderr and str(user.docker) in done.stderr, done.stderr
    assert len(done.stderr.splitlines()) == 1
    assert user.files() == {".docker/config.json": ORIGINAL.encode()}
