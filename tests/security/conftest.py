"""A daemon of its own for each test, run as an ordinary user where the tests run as root."""

import dataclasses
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin")).resolve()
UID = 4242 if os.geteuid() == 0 else os.geteuid()
OTHER_UID = 4343
LIMIT = 20  # seconds for anything


def as_user(uid, *command):
    if os.geteuid() != 0:
        return list(command)
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups", *command]


@dataclasses.dataclass
class Daemon:
    home: pathlib.Path
    process: subprocess.Popen
    log: pathlib.Path

    @property
    def socket(self):
        return self.home / "run/purser/agent.sock"

    @property
    def pid(self):
        return self.process.pid

    def environment(self, **more):
        return {"HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.home / "run"),
                "PATH": "/usr/bin:/bin", "PURSER_NO_START": "1", **more}

    def helper(self, verb, text, uid=UID, **more):
        return subprocess.run(as_user(uid, str(self.home / "bin/docker-credential-purser"), verb),
                              input=text, text=True, capture_output=True, timeout=LIMIT,
                              env=self.environment(**more), check=False)

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(LIMIT)
        client.connect(str(self.socket))
        return client

    def status(self):
        """What a request of the same user gets."""
        done = self.helper("list", "")
        return done.returncode, done.stdout


def store_message(server, secret):
    return json.dumps({"ServerURL": server, "Username": "bob", "Secret": secret})


def make_home():
    """A home with the programs in it."""
    # Not below pytest's own folder, which other users cannot pass through.
    home = pathlib.Path(tempfile.mkdtemp(prefix="purser-security-"))
    (home / "bin").mkdir()
    for program in ("purserd", "docker-credential-purser"):
        shutil.copy2(BIN / program, home / "bin")
    (home / "run").mkdir(mode=0o700)
    os.chmod(home, 0o755)
    if os.geteuid() == 0:
        for path in (home, home / "run"):
            os.chown(path, UID, UID)
    return home


@pytest.fixture
def home():
    made = make_home()
    yield made
    shutil.rmtree(made)


@pytest.fixture
def daemon(home):
    started = launch(home)
    yield started
    started.process.terminate()
    started.process.wait(LIMIT)


def launch(home, **more):
    log = home / "log"
    ready, tell = os.pipe()
    environment = {"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "PATH": "/usr/bin:/bin",
                   **{name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")},
                   **more}
    with open(log, "wb") as output:
        process = subprocess.Popen(as_user(UID, str(home / "bin/purserd"), "--ready-fd", str(tell)),
                                   env=environment, pass_fds=(tell,), stdin=subprocess.DEVNULL,
                                   stdout=output, stderr=output)
    os.close(tell)
    with os.fdopen(ready, "rb") as pipe:
        assert pipe.read(1) == b"1", log.read_text()
    return Daemon(home, process, log)
