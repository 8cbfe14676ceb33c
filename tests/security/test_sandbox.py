"""The sandbox of the daemon, from inside: what code could do that has taken it over (sandbox_attempt.cpp).

Each thing fails with the whole sandbox and is done where the part that is for it was left out, so that it is that part, and
not the user's own lack of rights, that forbids it. (Mounts, modules and their kin are beyond an ordinary user anyway: there
only the refusal is shown.)
"""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

from conftest import BIN, LIMIT, UID, as_user, launch, store_message

# What a daemon does. On the loop's thread, and on a worker.
ALLOWED = ["write in its folder", "ask for a name's addresses", "connect", "start a thread"]

# The thing; the error; the part that forbids it; and what happens without that part.
BY_FILES = [
    ("write elsewhere", "EACCES"), ("change a file elsewhere", "EACCES"), ("remove a file elsewhere", "EACCES"),
    ("move a file out", "EACCES"), ("execute a program", "EACCES"), ("listen on TCP", "EACCES"),
]
BY_CODE = [("map what is written and executed", "EACCES"), ("make memory executable", "EACCES")]
BY_CALLS = [
    ("make a link elsewhere", "EPERM"), ("open up a file", "EPERM"), ("set a set-user-id bit", "ENOSYS"),
    ("listen", "EPERM"), ("start a process", "EPERM"), ("start a process in the newest way", "ENOSYS"), ("signal another", "EPERM"), ("trace another", "EPERM"),
    ("read another", "EPERM"), ("get a descriptor's process", "EPERM"), ("become dumpable", "ENOSYS"),
    ("talk to the audit", "ENOSYS"), ("make a namespace", "EPERM"),
    ("use io_uring", "EPERM"), ("use userfaultfd", "EPERM"), ("use a keyring", "EPERM"), ("count events", "EPERM"),
    ("change its personality", "EPERM"),
]
# Refused to an ordinary user by the kernel, too.
ANYWAY = [("read packets", "ENOSYS"), ("ping", "ENOSYS"), ("talk to a hypervisor", "ENOSYS"), ("mount", "EPERM"),
          ("use bpf", "EPERM"), ("call something new", "ENOSYS")]


@pytest.fixture
def place():
    """A home that somebody owns, with a folder of the daemon's and something beside it."""
    home = pathlib.Path(tempfile.mkdtemp(prefix="purser-sandbox-"))
    own, beside = home / "own", home / "own-beside"
    for folder, name in ((own, "own"), (beside, "old")):
        folder.mkdir()
        (folder / name).write_text("kept")
    shutil.copy(BIN / "sandbox_attempt", home)
    for path in (home, *home.rglob("*")):
        os.chmod(path, 0o755 if path.is_dir() or path.name == "sandbox_attempt" else 0o600)
        if os.geteuid() == 0:
            os.chown(path, UID, UID)
    yield own
    shutil.rmtree(home)


def attempt(place, thing, *options):
    done = subprocess.run(as_user(UID, str(place.parent / "sandbox_attempt"), *options, str(place), thing),
                          capture_output=True, text=True, timeout=LIMIT, check=False)
    return done.stdout.strip() or done.returncode


@pytest.mark.parametrize("options", [(), ("--on-a-worker",)], ids=["on the loop", "on a worker"])
def test_what_a_daemon_does_is_done(place, options):
    assert {thing: attempt(place, thing, *options) for thing in ALLOWED} == dict.fromkeys(ALLOWED, "done")


@pytest.mark.parametrize(("thing", "error"), BY_FILES)
def test_a_worker_writes_nowhere_else_and_executes_nothing(place, thing, error):
    assert attempt(place, thing, "--on-a-worker") == error
    without = attempt(place, thing, "--on-a-worker", "--without", "files")
    assert without == ("done" if thing != "execute a program" else 0)  # another program ran, and said nothing


@pytest.mark.parametrize(("thing", "error"), BY_CODE)
def test_code_stays_as_it_is(place, thing, error):
    """By the kernel, by the filter where the kernel is older, and not at all without both."""
    assert attempt(place, thing) == error
    assert attempt(place, thing, "--without", "calls") == error  # PR_SET_MDWE
    assert attempt(place, thing, "--without", "code") == error  # the filter
    assert attempt(place, thing, "--without", "code", "--without", "calls") == "done"


@pytest.mark.parametrize(("thing", "error"), BY_CALLS)
def test_a_call_that_no_daemon_makes_is_refused(place, thing, error):
    assert attempt(place, thing) == error
    assert attempt(place, thing, "--on-a-worker") == error
    assert attempt(place, thing, "--without", "calls") == "done"


@pytest.mark.parametrize(("thing", "error"), ANYWAY)
def test_so_is_what_the_kernel_refuses_a_user_anyway(place, thing, error):
    assert attempt(place, thing) == error


def test_calls_of_another_kind_of_processor_end_the_process(place):
    assert attempt(place, "call as 32 bits") == -31  # SIGSYS
    assert attempt(place, "call as 32 bits", "--without", "calls") in ("done", -11)  # -11: a kernel without them


def test_the_daemon_that_runs_is_in_it(daemon):
    assert daemon.status()[0] == 0
    for task in pathlib.Path(f"/proc/{daemon.pid}/task").iterdir():
        status = (task / "status").read_text()
        if "sanitizers" not in daemon.log.read_text():
            assert "\nSeccomp:\t2\n" in status and "\nNoNewPrivs:\t1\n" in status, status


def remove(folder):
    """Also while the daemon writes to it: then there is another file when all were removed."""
    while folder.exists():
        shutil.rmtree(folder, ignore_errors=True)


def test_a_daemon_whose_folder_was_removed_ends_and_the_next_one_writes(daemon):
    """The sandbox knows folders and not paths."""
    assert daemon.helper("store", store_message("a.example.org", "fake")).returncode == 0
    remove(daemon.home / ".local/state/purser")
    assert daemon.process.wait(60) == 0
    assert ".local/state/purser was made, removed or replaced" in daemon.log.read_text()
    again = launch(daemon.home)
    try:
        assert again.helper("store", store_message("b.example.org", "fake")).returncode == 0
        assert "b.example.org" in again.status()[1]
    finally:
        again.process.terminate()
        again.process.wait(LIMIT)
