"""purser@.socket and purser@.service under a real system manager: a daemon for an account that has no session and no home."""

import json
import os
import pathlib
import pwd
import re
import shutil
import subprocess

import pytest

import system_manager
import user_manager
from user_machine import BIN, CREDENTIAL, ROOT

ACCOUNT = "daemon"  # Debian's own; it never logs in
SOCKET = f"/run/purser/{ACCOUNT}/agent.sock"
SERVICE = f"purser@{ACCOUNT}.service"


def units(folder):
    """As installed, with the programs where the namespace has them."""
    shutil.copy(ROOT / "systemd/purser@.socket", folder)
    lines = (BIN.parent / "systemd/purser@.service").read_text().splitlines()
    assert sum(line.startswith("ExecStart=/") for line in lines) == 1
    lines = ["ExecStart=/run/programs/purserd" if line.startswith("ExecStart=") else line for line in lines]
    (folder / "purser@.service").write_text("\n".join(lines) + "\n")
    return [folder / "purser@.socket", folder / "purser@.service"]


def documented_command():
    """How docs/operations.md has it, for this account."""
    page = (ROOT / "docs/operations.md").read_text()
    return re.search(r"^systemctl enable --now purser@jenkins.socket$", page, re.M)[0].replace("jenkins", ACCOUNT).split()


@pytest.fixture(scope="module")
def manager(tmp_path_factory):
    if reason := user_manager.missing():
        pytest.skip(reason)
    programs = [BIN / name for name in ("purserd", "purser", "docker-credential-purser")]
    manager = system_manager.SystemManager(programs, units(tmp_path_factory.mktemp("units")))
    try:
        manager.start()
        manager.run(*documented_command())
        yield manager
    finally:
        manager.stop()


def ask(manager, verb, text, user=ACCOUNT):
    return manager.run("/run/programs/docker-credential-purser", verb, user=user, text=text, check=False,
                       PURSER_SOCKET=SOCKET, PURSER_NO_START="1")


@pytest.fixture
def running(manager):
    stored = ask(manager, "store", json.dumps(CREDENTIAL))
    assert stored.returncode == 0, stored.stdout + manager.log_text()[-3000:]
    return manager


def test_the_units_are_clean(tmp_path):
    for unit in units(tmp_path):
        text = unit.read_text().replace("/run/programs/purserd", "/bin/true")
        unit.write_text(text)
        (tmp_path / unit.name.replace("@", f"@{ACCOUNT}")).write_text(text)
    done = subprocess.run(["systemd-analyze", "--man=no", "verify", f"{tmp_path}/{SERVICE}",
                           f"{tmp_path}/purser@{ACCOUNT}.socket"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_little_is_left_open(tmp_path):
    """Of what systemd-analyze counts: 10 is all, 2.0 was measured; most of the rest is the network, which a daemon is for."""
    units(tmp_path)
    shutil.copy(tmp_path / "purser@.service", tmp_path / SERVICE)
    done = subprocess.run(["systemd-analyze", "security", "--offline=yes", "--threshold=22", f"{tmp_path}/{SERVICE}"],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:]


def test_an_account_without_a_home_is_served(running):
    answer = ask(running, "get", CREDENTIAL["ServerURL"])
    assert (answer.returncode, json.loads(answer.stdout)) == (0, CREDENTIAL)
    pid = running.show(SERVICE, "MainPID")
    assert f"\nUid:\t{pwd.getpwnam(ACCOUNT).pw_uid}\t" in running.run("cat", f"/proc/{pid}/status").stdout


def test_only_the_account_reaches_the_socket(running):
    answer = ask(running, "get", CREDENTIAL["ServerURL"], user="games")
    assert answer.returncode == 1 and CREDENTIAL["Secret"] not in answer.stdout


def test_what_is_stored_lies_in_var_lib_and_outlives_a_restart(running):
    running.systemctl("restart", SERVICE)
    assert json.loads(ask(running, "get", CREDENTIAL["ServerURL"]).stdout) == CREDENTIAL
    listing = running.run("find", "/var/lib/purser", "-printf", "%p %U %m\n").stdout
    uid = pwd.getpwnam(ACCOUNT).pw_uid
    assert f"/var/lib/purser/{ACCOUNT}/purser/credentials {uid} 600" in listing
    assert f"/var/lib/purser/{ACCOUNT} {uid} 700" in listing


def test_the_daemon_says_that_its_sandbox_is_complete(running):
    done = running.run("/run/programs/purser", "status", "--json", user=ACCOUNT, PURSER_SOCKET=SOCKET)
    status = json.loads(done.stdout)
    assert status["started_by"] == "systemd"
    missing = status["hardening"]["missing"]
    assert missing in ([], ["all: this is a build with sanitizers, which need more"])


def test_the_system_is_read_only_to_it(running):
    pid = running.show(SERVICE, "MainPID")
    mounts = running.run("cat", f"/proc/{pid}/mounts").stdout.splitlines()
    options = {line.split()[1]: line.split()[3].split(",") for line in mounts}
    assert "ro" in options["/"] and "rw" in options[f"/var/lib/purser/{ACCOUNT}"]
    capabilities = re.search(r"CapBnd:\s(\w+)", running.run("cat", f"/proc/{pid}/status").stdout).group(1)
    assert int(capabilities, 16) == 0


def test_a_crash_is_not_noticed(running):
    pid = running.show(SERVICE, "MainPID")
    running.run("kill", "-9", pid)
    assert json.loads(ask(running, "get", CREDENTIAL["ServerURL"]).stdout) == CREDENTIAL
    assert running.show(SERVICE, "MainPID") != pid


def test_a_stop_takes_the_socket_away(running):
    running.systemctl("stop", f"purser@{ACCOUNT}.socket", SERVICE)
    try:
        assert running.run("test", "-e", SOCKET, check=False).returncode == 1
    finally:
        running.systemctl("start", f"purser@{ACCOUNT}.socket")


def test_a_stop_leaves_the_accounts_other_programs_what_they_share(running):
    """The system's, since the daemon's own is one of its own."""
    shared = pathlib.Path(f"/dev/shm/purser-test-{os.getpid()}")
    running.run("tee", str(shared), user=ACCOUNT, text="of another program")
    try:
        running.systemctl("stop", f"purser@{ACCOUNT}.socket", SERVICE)
        assert shared.read_text() == "of another program"
    finally:
        shared.unlink(missing_ok=True)
        running.systemctl("start", f"purser@{ACCOUNT}.socket")


def test_nothing_of_it_reached_this_machine(manager):
    assert not pathlib.Path(SOCKET).exists() and not pathlib.Path("/var/lib/purser").exists()
