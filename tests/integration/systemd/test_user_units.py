"""The units under a real user manager: one daemon, started by its socket, that nobody misses."""

import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import user_manager  # noqa: E402  (beside this file)

ROOT = HERE.parents[2]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))

CREDENTIAL = {"ServerURL": "registry.example.org", "Username": "ann",
              "Secret": "fake-password-for-tests"}
NOT_FOUND = "credentials not found in native keychain\n"


def units_of(manager):
    return manager.home / ".local/share/systemd/user"


def install_units(manager):
    """What scripts/install does for a user, with the programs beside the home."""
    programs, units = manager.root / "bin", units_of(manager)
    programs.mkdir()
    (manager.root / "libexec").mkdir()
    units.mkdir(parents=True)
    shutil.copy(BIN / "docker-credential-purser", programs)
    shutil.copy(BIN / "purser", programs)
    daemon = manager.root / "libexec/purserd"
    shutil.copy(BIN / "purserd", daemon)
    shutil.copy(ROOT / "systemd/purser.socket", units)
    lines = (BIN.parent / "systemd/purser.service").read_text().splitlines()
    assert sum(line.startswith("ExecStart=/") for line in lines) == 1
    lines = [f"ExecStart={daemon}" if line.startswith("ExecStart=") else line for line in lines]
    (units / "purser.service").write_text("\n".join(lines) + "\n")
    for path in manager.home.rglob("*"):
        os.chown(path, user_manager.UID, user_manager.UID)


class Machine:
    """The verbs of these tests."""

    def __init__(self, manager):
        self.manager = manager
        self.helper = str(manager.root / "bin/docker-credential-purser")

    def get(self, registry=CREDENTIAL["ServerURL"]):
        return self.manager.run(self.helper, "get", text=registry, check=False)

    def start_get(self):
        process = subprocess.Popen(self.manager.command(self.helper, "get"), text=True, cwd="/",
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        process.stdin.write(CREDENTIAL["ServerURL"])
        return process

    def store(self):
        self.manager.run(self.helper, "store", text=json.dumps(CREDENTIAL))

    def main_pid(self):
        return int(self.manager.show("purser.service", "MainPID"))

    def stop_service(self):
        self.manager.systemctl("stop", "purser.service")
        assert self.daemons() == []

    def daemons(self):
        """The processes that run our daemon, whoever started them, without those that start programs for it."""
        pids = []
        for entry in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                ours = os.readlink(entry / "exe") == str(self.manager.root / "libexec/purserd")
                if ours and (entry / "comm").read_text().strip() != "purserd-broker":
                    pids.append(int(entry.name))
            except OSError:
                pass
        return pids


@pytest.fixture(scope="module")
def machine():
    if reason := user_manager.missing():
        pytest.skip(reason)
    manager = user_manager.UserManager()
    try:
        install_units(manager)
        manager.start()
        manager.systemctl("enable", "--now", "purser.socket")
        yield Machine(manager)
    finally:
        manager.stop()


@pytest.fixture
def ready(machine):
    """A machine with one stored credential and a running daemon."""
    machine.store()
    assert machine.get().returncode == 0
    return machine


def assert_answered(done):
    assert done.returncode == 0, done.stdout
    assert json.loads(done.stdout) == CREDENTIAL


class Traffic:
    """Helpers, one after another in each of some threads, until the block ends."""

    def __init__(self, machine, threads=4):
        self.machine, self.answers, self.stopping = machine, [], threading.Event()
        self.threads = [threading.Thread(target=self._run) for _ in range(threads)]

    def _run(self):
        while not self.stopping.is_set():
            self.answers.append(self.machine.get())

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def wait_for(self, count):
        """`count` more answers: so much traffic went by."""
        goal, deadline = len(self.answers) + count, time.monotonic() + 60
        while len(self.answers) < goal:
            assert time.monotonic() < deadline, "no traffic"
            time.sleep(0.002)

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()


def test_the_units_are_clean(machine):
    units = units_of(machine.manager)
    done = machine.manager.run("systemd-analyze", "--user", "--man=no", "verify",
                               f"{units}/purser.socket", f"{units}/purser.service", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_socket_is_ours_alone(machine):
    path = machine.manager.runtime / "purser/agent.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.stat().st_uid == user_manager.UID


def test_the_first_request_starts_the_daemon(machine):
    machine.stop_service()
    assert machine.get("nobody.example.org").stdout == NOT_FOUND
    assert machine.daemons() == [machine.main_pid()]
    assert machine.manager.show("purser.service", "ActiveState") == "active"


def test_the_daemon_says_what_it_is(ready):
    done = ready.manager.run(str(ready.manager.root / "bin/purser"), "status", "--json")
    status = json.loads(done.stdout)
    assert status["pid"] == ready.main_pid()
    assert status["started_by"] == "systemd"
    assert status["socket"] == str(ready.manager.runtime / "purser/agent.sock")


def test_64_helpers_at_once_share_one_daemon(ready):
    ready.stop_service()
    helpers = [ready.start_get() for _ in range(64)]
    for helper in helpers:
        helper.stdin.close()
    answers = [helper.stdout.read() for helper in helpers]
    assert [helper.wait() for helper in helpers] == [0] * 64
    assert [json.loads(answer) for answer in answers] == [CREDENTIAL] * 64
    assert ready.daemons() == [ready.main_pid()]
    assert ready.manager.show("purser.service", "NRestarts") == "0"


def test_kill_9_under_traffic_is_not_noticed(ready):
    killed = set()
    with Traffic(ready) as traffic:
        for _ in range(5):
            traffic.wait_for(20)
            victim = ready.main_pid()
            assert victim > 1  # 0 would be ourselves
            os.kill(victim, signal.SIGKILL)
            killed.add(victim)
        traffic.wait_for(20)
    assert len(killed) == 5
    for done in traffic.answers:
        assert_answered(done)
    assert ready.daemons() == [ready.main_pid()]


def test_a_restart_under_traffic_is_not_noticed(ready):
    with Traffic(ready) as traffic:
        for _ in range(3):
            traffic.wait_for(20)
            before = ready.main_pid()
            ready.manager.systemctl("restart", "purser.service")
            assert ready.main_pid() != before
        traffic.wait_for(20)
    for done in traffic.answers:
        assert_answered(done)


def test_a_reload_keeps_the_daemon_and_reads_the_configuration(ready):
    before = ready.main_pid()
    folder = ready.manager.home / ".config/purser"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text('{"version": 1, "registrys": []}')
    try:
        ready.manager.systemctl("reload", "purser.service")
        deadline = time.monotonic() + 10
        error = None
        while error is None and time.monotonic() < deadline:
            done = ready.manager.run(str(ready.manager.root / "bin/purser"), "status", "--json")
            error = json.loads(done.stdout)["config"]["error"]
        assert "did you mean" in error
        assert ready.main_pid() == before
        assert_answered(ready.get())
    finally:
        shutil.rmtree(folder)
        ready.manager.systemctl("reload", "purser.service")


def test_the_daemon_cannot_be_read_by_its_own_user(ready):
    done = ready.manager.run("cat", f"/proc/{ready.main_pid()}/environ", check=False)
    assert done.returncode != 0 and done.stdout == ""


def test_the_socket_outlives_the_daemon(ready):
    ready.stop_service()
    assert ready.manager.show("purser.socket", "ActiveState") == "active"
    assert_answered(ready.get())


def test_stopping_the_socket_leaves_no_file_behind(ready):
    ready.manager.systemctl("stop", "purser.socket", "purser.service")
    try:
        assert not (ready.manager.runtime / "purser/agent.sock").exists()
    finally:
        ready.manager.systemctl("start", "purser.socket")
