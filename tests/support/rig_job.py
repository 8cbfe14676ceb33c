"""A job of a CI system: a user's home, and commands that `purser run` and `purser job` are given."""

import json
import os
import pathlib
import shutil
import signal
import subprocess

import rig_clients
from rig_process import wait_until

PROGRAMS = ("purser", "purserd", "docker-credential-purser")
REGISTRY = "registry.example.test"
SECRET = "fake-password-of-the-job"
# Answers without a network, from a variable of whoever asks.
RULE = {"match": REGISTRY, "provider": "env", "username": "robot", "secret_env": "PURSER_TEST_SECRET"}
GET = f"printf {REGISTRY} | docker-credential-purser get"


class JobHome:
    """Below `folder`: the home of a runner's user, what jobs' folders are made in, and purser's programs."""

    def __init__(self, folder: pathlib.Path):
        self.home = folder / "home"
        self.runtime = folder / "run"
        self.programs = folder / "bin"
        for each in (self.home, self.runtime, self.programs):
            each.mkdir(mode=0o700)
        built = rig_clients.purser_bin()
        for name in PROGRAMS:
            (self.programs / name).symlink_to(built / name)
        self.purser = str(built / "purser")
        self.environment = {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.runtime), "LANG": "C.UTF-8",
                            "PATH": rig_clients.SYSTEM_PATH, "PURSER_TEST_SECRET": SECRET}
        self.write(".config/purser/config.json", json.dumps({"version": 1, "registries": [RULE]}))

    def write(self, path: str, content: str) -> pathlib.Path:
        file = self.home / path
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file.write_text(content)
        file.chmod(0o600)
        return file

    def run(self, *arguments: str, **options) -> subprocess.CompletedProcess:
        """`purser ARGUMENTS`, to its end."""
        variables = options.pop("variables", {})
        return subprocess.run([self.purser, *arguments], env={**self.environment, **variables}, capture_output=True,
                              text=True, timeout=60, stdin=subprocess.DEVNULL, **options)

    def shell(self, script: str, *options: str, **more) -> subprocess.CompletedProcess:
        """`purser run OPTIONS -- sh -c SCRIPT`."""
        return self.run("run", *options, "--", "sh", "-c", script, **more)

    def start(self, script: str, *options: str, **more) -> subprocess.Popen:
        """The same, and it goes on; output is a pipe."""
        return subprocess.Popen([self.purser, "run", *options, "--", "sh", "-c", script], env=self.environment,
                                stdout=subprocess.PIPE, text=True, stdin=subprocess.DEVNULL, **more)

    def folders(self) -> list[pathlib.Path]:
        """Those of jobs."""
        return sorted(self.runtime.glob("purser-job.*"))

    def processes(self) -> list[int]:
        """Daemons, brokers and keepers of this home's jobs."""
        mark = b"XDG_RUNTIME_DIR=" + bytes(self.runtime) + b"/purser-job."
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if mark in _read(f"/proc/{pid}/environ")]

    def described(self) -> list[bytes]:
        """Those, for the words of a failure."""
        return [_read(f"/proc/{pid}/cmdline") + b" " + _read(f"/proc/{pid}/stat") for pid in self.processes()]

    def daemons(self) -> list[int]:
        return [pid for pid in self.processes() if _read(f"/proc/{pid}/comm").strip() == b"purserd"]

    def keepers(self) -> list[int]:
        return [pid for pid in self.processes() if _read(f"/proc/{pid}/cmdline").split(b"\0")[1:3] == [b"job", b"keep"]]

    def wait_for_nothing(self) -> None:
        wait_until(lambda: not self.folders() and not self.processes(), 20,
                   f"left behind: {self.folders()} {self.processes()}")

    def stop(self) -> None:
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for folder in self.folders():
            shutil.rmtree(folder, ignore_errors=True)


def _read(path: str) -> bytes:
    try:
        return pathlib.Path(path).read_bytes()
    except OSError:
        return b""
