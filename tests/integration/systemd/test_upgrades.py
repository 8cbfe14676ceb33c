"""Restarts, crashes and upgrades while two hundred helpers a second ask: none of them notices, and AWS is not asked again."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import time

import pytest

import user_manager
from rig_authority import Authority
from rig_ecr import DEV, PROD, SESSION, FakeEcr
from rig_home import environment_of
from rig_other_rules import with_other_rules
from rig_process import wait_until
from user_machine import BIN

HERE = pathlib.Path(__file__).resolve().parent
RATE = 200  # helpers a second
SECONDS = float(os.environ.get("PURSER_TRAFFIC_SECONDS", "60"))
HELPER_LIMIT = 9.5  # a helper ends within 9 seconds, whatever happens
REGISTRIES = [f"123456789012.dkr.ecr.{region}.amazonaws.com" for region in ("us-east-1", "eu-west-1")]
KEYS = (PROD, DEV, SESSION)


@pytest.fixture
def ecr(machine):
    folder = machine.manager.root / "authority"
    authority = Authority(folder)
    folder.chmod(0o755)
    fake = FakeEcr(authority)
    fake.ca_bundle = str(authority.certificate)
    yield fake
    fake.stop()


def asks_of(machine, ecr):
    """Every pair of key and registry: as many identities, each with a token of its own."""
    common = {"HOME": str(machine.manager.home), "XDG_RUNTIME_DIR": str(machine.manager.runtime),
              "AWS_ENDPOINT_URL": ecr.endpoint, "AWS_CA_BUNDLE": ecr.ca_bundle}
    return [[registry, {**common, **environment_of(key)}] for registry in REGISTRIES for key in KEYS]


class Traffic:
    """The program traffic.py, beside the user manager, until finish()."""

    def __init__(self, machine, asks):
        folder = machine.manager.root / "traffic"
        folder.mkdir(exist_ok=True)
        os.chown(folder, user_manager.UID, user_manager.UID)
        script = machine.manager.root / "traffic.py"
        shutil.copy(HERE / "traffic.py", script)
        self.process = subprocess.Popen(
            machine.manager.command("/usr/bin/python3", str(script), machine.helper, str(RATE), str(folder)),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/")
        self.process.stdin.write(json.dumps(asks) + "\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "begun\n"

    def finish(self):
        out, _ = self.process.communicate("stop\n", timeout=60)
        return json.loads(out)


def restart(machine):
    machine.manager.systemctl("restart", "purser.service")


def crash(machine):
    victim = machine.main_pid()
    if victim > 1:  # 0 would be ourselves
        os.kill(victim, signal.SIGKILL)


def upgrade(machine, content=None):
    """As a package does: the file is replaced, and the daemon told."""
    program = machine.manager.root / "libexec/purserd"
    fresh = program.with_suffix(".new")
    shutil.copy(BIN / "purserd", fresh)
    if content:
        fresh.write_bytes(content)
    os.rename(fresh, program)
    machine.manager.systemctl("reload", "purser.service", check=False)  # it may just be starting


def test_nobody_notices_restarts_crashes_and_upgrades(machine, ecr):
    asks = asks_of(machine, ecr)
    traffic = Traffic(machine, asks)
    restart(machine)  # what was just obtained is kept before it ends
    begun, events = time.monotonic(), 0
    while time.monotonic() < begun + SECONDS:
        # Four crashes a minute: one more would be a daemon that dies again and again.
        [upgrade, restart, crash, restart, upgrade][events % 5](machine)
        events += 1
        time.sleep(3)  # the traffic's time, not a wait for anything
    seen = traffic.finish()
    assert (seen["failed"], seen["failures"]) == (0, [])
    assert seen["asked"] > RATE * SECONDS / 5  # even where the machine cannot start so many
    assert seen["slowest"] < HELPER_LIMIT
    assert len(ecr.calls()) == len(asks)
    assert {registry: len(secrets) for registry, secrets in seen["secrets"].items()} == \
        {registry: len(KEYS) for registry in REGISTRIES}


def test_nobody_notices_an_upgrade_to_other_rules(machine, ecr):
    """The new one cannot have back what the old one gave up: it ends, and the manager starts it anew."""
    if "sanitizers" in "".join(machine.status()["hardening"]["missing"]):
        return  # such a build gives up nothing
    asks = asks_of(machine, ecr)
    traffic = Traffic(machine, asks)
    restarts = int(machine.manager.show("purser.service", "NRestarts"))
    wait_until(lambda: len(ecr.calls()) == len(asks), 20, "not all are asked for")
    restart(machine)  # what was just obtained is kept before it ends
    pid = machine.main_pid()
    upgrade(machine, with_other_rules((BIN / "purserd").read_bytes()))
    number = (machine.manager.root / "libexec/purserd").stat().st_ino
    wait_until(lambda: machine.main_pid() not in (0, pid) and runs(machine) == number, 20, "the new program runs")
    seen = traffic.finish()
    assert (seen["failed"], seen["failures"]) == (0, [])
    assert seen["slowest"] < HELPER_LIMIT
    assert len(ecr.calls()) == len(asks)
    assert int(machine.manager.show("purser.service", "NRestarts")) == restarts + 1
    assert machine.status()["hardening"]["missing"] == []
    upgrade(machine)  # for the tests that follow
    wait_until(lambda: machine.main_pid() not in (0, pid) and runs(machine) != number, 20, "the usual program runs")


def runs(machine):
    try:
        return pathlib.Path(f"/proc/{machine.main_pid()}/exe").stat().st_ino
    except OSError:
        return 0


def test_a_replaced_program_is_noticed_without_a_word(machine, ecr):
    registry, environment = asks_of(machine, ecr)[0]
    command = ["env", *(f"{name}={value}" for name, value in environment.items()), machine.helper, "get"]
    before = machine.manager.run(*command, text=registry)
    pid, calls = machine.main_pid(), len(ecr.calls())
    restarts = machine.manager.show("purser.service", "NRestarts")
    program = machine.manager.root / "libexec/purserd"
    fresh = program.with_suffix(".new")
    shutil.copy(BIN / "purserd", fresh)
    os.rename(fresh, program)
    number = program.stat().st_ino
    wait_until(lambda: pathlib.Path(f"/proc/{pid}/exe").stat().st_ino == number, 60, "the new program runs")
    assert machine.main_pid() == pid
    assert machine.manager.show("purser.service", "NRestarts") == restarts
    assert machine.manager.run(*command, text=registry).stdout == before.stdout
    assert len(ecr.calls()) == calls
