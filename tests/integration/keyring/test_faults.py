"""A Secret Service that is not there, hangs, dies or is locked: each ends in time, with a line that helps."""

import pathlib
import signal
import socket
import subprocess
import time

import pytest
from conftest import Programs, message
from rig_process import wait_until

MARKER = "fake-marker-5f1c"
KEY = "registry.example.org"
INPUT = {"get": KEY.encode(), "erase": KEY.encode(), "store": message(KEY, "ann", MARKER), "list": b"", "check": b"",
         "probe": b"", "unlock": b""}
VERBS = tuple(INPUT)
REACHED = 2  # seconds that reaching the service may take
PATIENCE = 4  # for a machine that is busy with something else


def refused(programs, verb, code, word, limit=PATIENCE, **variables):
    began = time.monotonic()
    done = programs.run(verb, stdin=INPUT[verb], **variables)
    took = time.monotonic() - began
    assert_refusal(done.returncode, done.stdout, done.stderr, code, word)
    assert took < limit, f"{verb} took {took:.1f} s"


def assert_refusal(returncode, out, err, code, word):
    assert returncode == code, err
    assert out == b""
    assert err.startswith(b"purser-keyring: ") and err.endswith(b"\n") and err.count(b"\n") == 1, err
    assert len(err) <= 500 and word in err and MARKER.encode() not in err, err


@pytest.mark.parametrize("verb", VERBS)
def test_no_bus(bus, verb):
    programs = Programs(bus)
    refused(programs, verb, 4, b"no session bus", DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent/bus")
    refused(programs, verb, 4, b"no session bus", DBUS_SESSION_BUS_ADDRESS=None)
    refused(programs, verb, 4, b"no session bus", DBUS_SESSION_BUS_ADDRESS=None, DISPLAY=":0")


def test_a_bus_that_never_answers(bus):
    with socket.socket(socket.AF_UNIX) as silent:
        path = bus.root / "silent"
        silent.bind(str(path))
        silent.listen()
        refused(Programs(bus), "get", 5, b"the session bus does not answer", limit=REACHED + PATIENCE,
                DBUS_SESSION_BUS_ADDRESS=f"unix:path={path}")


@pytest.mark.parametrize("verb", VERBS)
def test_a_bus_without_a_secret_service(bus, verb):
    refused(Programs(bus), verb, 4, b"no Secret Service answers")


@pytest.mark.parametrize("verb", VERBS)
def test_a_service_that_hangs(own, verb):
    own.service.signal_keyring(signal.SIGSTOP)
    refused(own, verb, 5, b"did not answer in time", limit=REACHED + PATIENCE)


def waits_for_the_bus(process):
    """It has the threads of the limit and of the connection."""
    return len(list(pathlib.Path(f"/proc/{process.pid}/task").iterdir())) >= 3


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("victim", ["keyring", "bus"])
def test_a_service_or_a_bus_that_dies_meanwhile(own, verb, victim):
    own.service.signal_keyring(signal.SIGSTOP)
    process = own.start(verb, stdin=INPUT[verb])
    wait_until(lambda: waits_for_the_bus(process), REACHED, "it does not connect", pause=0.001)
    began = time.monotonic()
    if victim == "keyring":
        own.service.signal_keyring(signal.SIGKILL)
    else:
        own.service.bus.stop()
    out, err = process.communicate(timeout=45)
    assert_refusal(process.returncode, out, err, 4, b" ")
    assert time.monotonic() - began < PATIENCE


def test_what_was_acknowledged_survives_a_killed_service(own):
    """And what was there before is there until the new one is."""
    own.store(KEY, "ann", f"{MARKER}-0")
    stored = 0
    for i in range(1, 13):
        process = own.start("store", stdin=message(KEY, "ann", f"{MARKER}-{i}"))
        try:
            process.wait(timeout=0.003 * i)
        except subprocess.TimeoutExpired:
            pass
        own.service.stop_keyring()
        _, err = process.communicate(timeout=45)
        assert process.returncode in (0, 4) and MARKER.encode() not in err, err
        own.service.start_keyring()
        found = own.get(KEY)[2]
        assert found == f"{MARKER}-{i}" or (process.returncode == 4 and found == f"{MARKER}-{stored}")
        stored = int(found.rsplit("-", 1)[1])


@pytest.mark.parametrize("verb", ["get", "store", "erase", "check"])
def test_a_locked_keyring(own, verb):
    own.store(KEY, "ann", "fake-old")
    own.service.lock()
    calls = own.service.calls_during(lambda: refused(own, verb, 3, b"the keyring is locked: unlock it"))
    assert "OpenSession" in calls and "Unlock" not in calls
    assert own.list() == [(KEY, "ann")]
    own.service.stop_keyring()
    own.service.start_keyring()
    assert own.get(KEY) == (KEY, "ann", "fake-old")


def test_a_locked_keyring_without_the_key_needs_no_unlocking(own):
    own.store(KEY, "ann", "fake")
    own.service.lock()
    assert own.get("other.example.org") is None
    own.erase("other.example.org")


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "probe"])
def test_a_keyring_that_nobody_has_unlocked_since_the_service_started(own, verb):
    """It knows only hashes of the attributes, so that nobody can tell whose they are."""
    own.store(KEY, "ann", "fake-old")
    own.service.stop_keyring()
    own.service.start_keyring(password=None)
    refused(own, verb, 3, b"the keyring is locked: unlock it")
    own.service.stop_keyring()
    own.service.start_keyring()
    assert own.get(KEY) == (KEY, "ann", "fake-old")


@pytest.mark.parametrize("verb", ["get", "store", "erase"])
def test_a_prompt_that_cannot_be_shown_counts_as_dismissed(own, verb):
    own.store(KEY, "ann", "fake-old")
    own.service.lock()
    calls = own.service.calls_during(
        lambda: refused(own, verb, 3, b"the keyring is still locked", PURSER_KEYRING_PROMPT=None))
    assert "Unlock" in calls


def test_without_a_default_keyring(bus):
    bus.start_keyring(password=None)
    programs = Programs(bus)
    for verb in ("check", "store", "unlock"):
        refused(programs, verb, 4, b"no default keyring")
    assert programs.survey() == ("none", False)
    assert programs.list() == [] and programs.get(KEY) is None
    programs.erase(KEY)


def test_a_probe_says_what_is_there_and_asks_nobody(own):
    assert own.survey() == ("unlocked", False)
    own.service.lock()
    assert own.survey() == ("locked", False)
    own.service.stop_keyring()
    own.service.start_keyring()
    own.store(KEY, "ann", "fake")
    assert own.survey() == ("unlocked", True)
    own.service.lock()
    calls = own.service.calls_during(lambda: own.survey() == ("locked", True) or pytest.fail("not found"))
    assert "SearchItems" in calls and "Unlock" not in calls and "GetSecrets" not in calls
    own.service.stop_keyring()
    own.service.start_keyring(password=None)
    assert own.survey() == ("locked", True)
