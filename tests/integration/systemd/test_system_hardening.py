"""The hardening of the system-wide unit, line by line, as test_hardening.py does it for the user's."""

import os
import pathlib

import pytest

import system_manager
import user_manager
from unit_probe import UnitProbe, directives
from user_machine import BIN

ACCOUNT = "daemon"
SERVICE = BIN.parent / "systemd/purser@.service"
PROBE = f"probe@{ACCOUNT}.service"
REFUSED = "Operation not permitted"
# A filter for an account that is not root takes new privileges along.
FILTERS = ["SystemCallFilter", "SystemCallArchitectures", "RestrictAddressFamilies", "RestrictNamespaces", "PrivateDevices",
           "ProtectKernelTunables", "ProtectKernelModules", "ProtectKernelLogs", "ProtectClock", "ProtectHostname",
           "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality"]
NO_CAPABILITIES = "0" * 16
# Directives, the probe, its outcome under them and without (None: another one).
PROBES = [
    (["NoNewPrivileges", *FILTERS], "new privileges", "1", "0"),
    (["CapabilityBoundingSet"], "capabilities", NO_CAPABILITIES, None),
    (["RestrictSUIDSGID"], "set-user-id", REFUSED, "done"),
    (["RestrictRealtime"], "real time", REFUSED, "Invalid argument"),
    (["RestrictNamespaces"], "a new user namespace", REFUSED, "done"),
    (["LockPersonality"], "personality", REFUSED, "done"),
    (["SystemCallArchitectures"], "32 bits", "killed", "done"),
    (["SystemCallFilter"], "tracing", REFUSED, "done"),
    (["SystemCallErrorNumber"], "tracing", REFUSED, "killed"),
    (["RestrictAddressFamilies"], "packets", "Address family not supported by protocol", REFUSED),
    (["ProtectSystem"], "/usr", "read-only", "writable"),
    (["ProtectHome"], "/home", "read-only", "writable"),
    (["PrivateTmp"], "others' temporary files", "hidden", "seen"),
    (["PrivateDevices"], "devices", None, str(os.stat("/dev").st_dev)),
    (["ProtectKernelTunables"], "/proc/sys", "read-only", "writable"),
    (["ProtectKernelLogs"], "the kernel's log", "0o0", "0o400"),
    (["ProtectControlGroups"], "control groups", "read-only", "writable"),
    (["ProtectProc"], "others' processes", "hidden", "seen"),
    (["UMask"], "mode", "0o600", "0o644"),
    (["LimitCORE"], "core size", "0", None),
    (["LimitNOFILE"], "files", "4096", None),
    (["LimitMEMLOCK"], "locked memory", None, str(system_manager.LOCKED_MEMORY)),
    (["CoredumpFilter"], "core filter", "00000000", "00000033"),
    (["UnsetEnvironment"], "environment", "none", "LD_AUDIT OPENSSL_CONF SSLKEYLOGFILE"),
    (["MemoryMax"], "memory", "killed", "done"),
]
# Of these, what is left when the account has capabilities: CAP_SYS_MODULE, CAP_SYS_TIME and CAP_SYSLOG.
OF_CAPABILITIES = [("ProtectKernelModules", "capability 16"), ("ProtectClock", "capability 25"), ("ProtectKernelLogs", "capability 34")]
OF_NAMESPACES = [("ProtectHostname", "uts"), ("PrivateIPC", "ipc")]
# What has no probe here, and why.
ELSEWHERE = {
    **dict.fromkeys(("User", "Type", "NotifyAccess", "ExecStart", "ExecReload", "WatchdogSec", "Restart", "RestartSec",
                     "Environment", "StateDirectory", "StateDirectoryMode", "RuntimeDirectory", "RuntimeDirectoryMode",
                     "RuntimeDirectoryPreserve", "FileDescriptorStoreMax"), "what the daemon needs: test_system_units"),
    "TimeoutStartSec": "", "TimeoutStopSec": "", "OOMPolicy": "", "PrivateUsers": "below",
    "MemorySwapMax": "wants the memory controller of cgroup v2, and swap",
}


@pytest.fixture(scope="module")
def manager():
    if reason := user_manager.missing():
        pytest.skip(reason)
    programs = [pathlib.Path(__file__).resolve().parent / "probe.py", BIN / "sandbox_attempt"]
    manager = system_manager.SystemManager(programs, [], system_manager.hierarchy_of_memory())
    try:
        manager.start()
        manager.systemctl("set-environment", "LD_AUDIT=/nowhere", "SSLKEYLOGFILE=/tmp/keys", "OPENSSL_CONF=/tmp/conf")
        yield manager
    finally:
        manager.stop()


@pytest.fixture
def probe(manager):
    probe = UnitProbe(manager, SERVICE, PROBE, "/run/units/probe@.service", "/run/programs", f"/var/lib/purser/{ACCOUNT}")
    yield probe
    probe.remove()


@pytest.mark.parametrize(("lines", "thing", "under", "without"), PROBES, ids=[f"{lines[0]}" for lines, *_ in PROBES])
def test_each_directive_does_something(probe, lines, thing, under, without):
    assert set(lines) <= directives(SERVICE)
    with_them, bare = probe.run(thing), probe.run(thing, without=lines)
    assert with_them == under if under is not None else with_them != without
    assert bare == without if without is not None else bare != under


@pytest.mark.parametrize(("line", "thing"), OF_CAPABILITIES)
def test_no_program_is_given_what_a_directive_takes(probe, line, thing):
    assert probe.run(thing, without=["CapabilityBoundingSet"]) == "0"
    assert probe.run(thing, without=["CapabilityBoundingSet", line, "PrivateDevices"]) == "1"


@pytest.mark.parametrize(("line", "kind"), OF_NAMESPACES)
def test_a_namespace_is_its_own(manager, probe, line, kind):
    of_the_system = manager.run("readlink", f"/proc/1/ns/{kind}").stdout.strip()
    assert probe.run(f"{kind} namespace") != of_the_system
    assert probe.run(f"{kind} namespace", without=[line]) == of_the_system


def test_the_user_namespace_is_the_systems(manager, probe):
    """One of its own would undo PR_SET_DUMPABLE."""
    assert probe.run("user namespace") == manager.run("readlink", "/proc/1/ns/user").stdout.strip()


def test_the_users_unit_is_limited_too(manager):
    """The same line, under a manager that has the memory controller for certain."""
    probe = UnitProbe(manager, SERVICE.with_name("purser.service"), "probe.service", "/run/units/probe.service",
                      "/run/programs", "/run")
    try:
        assert probe.run("memory") == "killed"
        assert probe.run("memory", without=["MemoryMax"]) == "done"
    finally:
        probe.remove()


def test_no_directive_is_without_a_probe_or_a_reason():
    probed = {name for lines, *_ in PROBES for name in lines} | {line for line, _ in OF_CAPABILITIES + OF_NAMESPACES}
    assert directives(SERVICE) == probed | set(ELSEWHERE)
