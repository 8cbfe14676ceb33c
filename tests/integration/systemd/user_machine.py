"""A machine on which one user has installed purser: its units, its programs, and who asks."""

import json
import os
import pathlib
import shutil
import subprocess
import threading
import time

import user_manager

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))

CREDENTIAL = {"ServerURL": "registry.example.org", "Username": "ann",
              "Secret": "fake-password-for-tests"}


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

    def status(self):
        done = self.manager.run(str(self.manager.root / "bin/purser"), "status", "--json")
        return json.loads(done.stdout)

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
