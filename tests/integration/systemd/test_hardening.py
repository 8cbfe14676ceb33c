"""The unit's hardening, line by line: a probe in the daemon's place fails under it, and works without it.

And what it is for: another program of the same user gets nothing out of the daemon that runs.
"""

import os
import pathlib
import shutil
import signal
import time

import pytest

import user_manager
from unit_probe import UnitProbe, directives
from user_machine import BIN, ROOT, assert_answered, units_of

HERE = pathlib.Path(__file__).resolve().parent
SERVICE = BIN.parent / "systemd/purser.service"
# These make a filter, and a user's manager gives up new privileges for a filter.
FILTERS = ["LockPersonality", "RestrictRealtime", "RestrictSUIDSGID", "SystemCallArchitectures"]
# Directives, the probe, its outcome under them, and without.
PROBES = [
    (["NoNewPrivileges", *FILTERS], "new privileges", "1", "0"),
    (["LockPersonality"], "personality", "Operation not permitted", "done"),
    (["RestrictRealtime"], "real time", "Operation not permitted", "Invalid argument"),
    (["RestrictSUIDSGID"], "set-user-id", "Operation not permitted", "done"),
    (["SystemCallArchitectures"], "32 bits", "killed", "done"),
    (["UMask"], "mode", "0o600", "0o644"),
    (["LimitCORE"], "core size", "0", None),
    (["LimitNOFILE"], "files", "4096", None),
    (["CoredumpFilter"], "core filter", "00000000", "00000033"),
    (["UnsetEnvironment"], "environment", "none", "LD_AUDIT OPENSSL_CONF SSLKEYLOGFILE"),
]
# What has no probe here, and why.
ELSEWHERE = {
    "Type": "test_user_units", "NotifyAccess": "test_user_units", "ExecStart": "", "ExecReload": "test_user_units",
    "WatchdogSec": "below", "Restart": "test_user_units", "RestartSec": "test_user_units",
    "FileDescriptorStoreMax": "test_kept_tokens", "TimeoutStartSec": "", "TimeoutStopSec": "",
    "PrivateUsers": "below", "OOMPolicy": "", "MemoryMax": "test_system_hardening",
    "MemorySwapMax": "wants the memory controller of cgroup v2, and swap",
}


@pytest.fixture
def probe(machine):
    manager = machine.manager
    folder = manager.home / "probe"
    folder.mkdir()
    os.chown(folder, user_manager.UID, user_manager.UID)
    for program in (HERE / "probe.py", BIN / "sandbox_attempt"):
        shutil.copy(program, manager.root)
    probe = UnitProbe(manager, SERVICE, "probe.service", units_of(manager) / "probe.service", manager.root, folder)
    manager.systemctl("set-environment", "LD_AUDIT=/nowhere", "SSLKEYLOGFILE=/tmp/keys",
                              "OPENSSL_CONF=/tmp/conf")
    yield probe
    manager.systemctl("unset-environment", "LD_AUDIT", "SSLKEYLOGFILE", "OPENSSL_CONF")
    probe.remove()
    shutil.rmtree(folder)


@pytest.mark.parametrize(("lines", "thing", "under", "without"), PROBES, ids=[lines[0] for lines, *_ in PROBES])
def test_each_directive_does_something(probe, lines, thing, under, without):
    assert set(lines) <= directives(SERVICE)
    assert probe.run(thing) == under
    bare = probe.run(thing, without=lines)
    assert bare == without if without is not None else bare != under


def test_no_directive_is_without_a_probe_or_a_reason():
    assert directives(SERVICE) == {name for lines, *_ in PROBES for name in lines} | set(ELSEWHERE)


def test_the_daemon_shares_the_user_namespace(ready, probe):
    """One of its own would undo PR_SET_DUMPABLE."""
    assert probe.run("user namespace") == os.readlink("/proc/self/ns/user")
    assert os.readlink(f"/proc/{ready.main_pid()}/ns/user") == os.readlink("/proc/self/ns/user")


def attack(machine, pid):
    script = machine.manager.root / "attacker.py"
    shutil.copy(HERE / "attacker.py", script)
    done = machine.manager.run("/usr/bin/python3", str(script), str(pid), check=False)
    got = [line.split(":")[0] for line in done.stdout.splitlines() if line.endswith("got it")]
    assert len(done.stdout.splitlines()) == 11, done.stdout + done.stderr
    return got


def test_another_program_of_the_user_gets_nothing_out_of_the_daemon(ready):
    assert attack(ready, ready.main_pid()) == []


def test_nor_out_of_the_process_that_starts_programs(ready):
    broker, = [int(entry.name) for entry in pathlib.Path("/proc").glob("[0-9]*")
               if parent_of(entry) == ready.main_pid()]
    assert attack(ready, broker) == []


def test_the_same_attack_gets_everything_out_of_an_ordinary_program(machine):
    """Or it would prove nothing."""
    machine.manager.run("systemd-run", "--user", "--unit=victim", "sleep", "60")
    try:
        got = attack(machine, int(machine.manager.show("victim.service", "MainPID")))
        assert set(got) >= {"seize", "maps", "process_vm_readv", "mem", "environ", "auxv", "fd", "exe", "pidfd_getfd"}
    finally:
        machine.manager.systemctl("stop", "victim.service")


def parent_of(process):
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, ValueError, IndexError):
        return 0


def test_a_daemon_that_dies_leaves_no_core(ready):
    victim = ready.main_pid()
    assert victim > 1
    os.kill(victim, signal.SIGSEGV)
    assert_answered(ready.get())
    assert ready.manager.show("purser.service", "MainPID") != str(victim)
    cores = [path for folder in (ready.manager.home, ready.manager.runtime, pathlib.Path("/"))
             for path in folder.glob("*core*") if path.is_file()]
    assert cores == []


def test_a_daemon_that_hangs_is_replaced(ready):
    """A watchdog that is shorter than the unit's, so that the test is."""
    folder = restarted_with(ready, "watchdog.conf", "[Service]\nWatchdogSec=2s\n")
    try:
        hanging = ready.main_pid()
        assert hanging > 1
        os.kill(hanging, signal.SIGSTOP)
        deadline = time.monotonic() + 60
        while ready.main_pid() in (hanging, 0):
            assert time.monotonic() < deadline, "it hangs still"
            time.sleep(0.05)
        assert_answered(ready.get())
    finally:
        as_before(ready, folder)


def test_the_sandbox_is_complete(ready):
    sandbox = ready.status()["hardening"]
    if "sanitizers" in "".join(sandbox["missing"]):
        assert sandbox["missing"] == ["all: this is a build with sanitizers, which need more"]
        return
    assert sandbox == {"system_calls_filtered": True, "landlock_version": sandbox["landlock_version"],
                       "code_is_fixed": True, "missing": []}
    assert sandbox["landlock_version"] >= 1
    status = pathlib.Path(f"/proc/{ready.main_pid()}/status").read_text()
    assert "\nSeccomp:\t2\n" in status and "\nNoNewPrivs:\t1\n" in status


def restarted_with(machine, name, text):
    """With a drop-in; the folder that has it."""
    folder = machine.manager.home / ".config/systemd/user/purser.service.d"
    folder.mkdir(parents=True)
    (folder / name).write_text(text)
    machine.manager.systemctl("daemon-reload")
    done = machine.manager.systemctl("restart", "purser.service", check=False)
    assert done.returncode == 0, machine.manager.log_text()[-2000:]
    return folder


def as_before(machine, folder):
    shutil.rmtree(folder)
    machine.manager.systemctl("daemon-reload")
    machine.manager.systemctl("restart", "purser.service")


def test_a_sandbox_that_the_system_refuses_is_said_and_stops_nothing(ready):
    """As in a container whose own filter knows neither."""
    if "sanitizers" in "".join(ready.status()["hardening"]["missing"]):
        return
    folder = restarted_with(ready, "old.conf", "[Service]\nSystemCallFilter=~landlock_create_ruleset seccomp\n"
                                               "SystemCallErrorNumber=ENOSYS\n")
    try:
        assert_answered(ready.get())
        hardening = ready.status()["hardening"]
        assert (hardening["system_calls_filtered"], hardening["landlock_version"]) == (False, 0)
        files, calls = hardening["missing"][:2]  # and a third one before Linux 6.3
        assert files.startswith("files: the kernel has no Landlock") and calls.startswith("system calls: the kernel takes")
        shown = ready.manager.run(str(ready.manager.root / "bin/purser"), "status").stdout
        assert f"INCOMPLETE: {files}" in shown and f"INCOMPLETE: {calls}" in shown
    finally:
        as_before(ready, folder)


@pytest.fixture
def confined(ready):
    """With the drop-in for another threat model."""
    lines = (ROOT / "systemd/confined.conf").read_text()
    assert "\nPrivateTmp=yes\n" in lines
    # This home lies in /tmp.
    folder = restarted_with(ready, "confined.conf", lines.replace("PrivateTmp=yes", "PrivateTmp=no"))
    yield ready
    as_before(ready, folder)


def test_the_drop_in_for_another_threat_works_and_says_what_it_costs(confined):
    units = units_of(confined.manager)
    done = confined.manager.run("systemd-analyze", "--user", "--man=no", "verify", f"{units}/purser.service", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert_answered(confined.get())
    pid = confined.main_pid()
    mounts = pathlib.Path(f"/proc/{pid}/mounts").read_text().splitlines()
    at = {line.split()[1]: line.split()[3].split(",") for line in mounts}
    assert "ro" in at["/"] and str(confined.manager.home / ".local/state/purser") in at
    # The daemon's memory is open to this user's other programs: that is the price.
    assert set(attack(confined, pid)) >= {"seize", "maps", "process_vm_readv"}
