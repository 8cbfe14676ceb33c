"""Runs docker-credential-purser as a client does: one verb, a key on standard input."""

import dataclasses
import os
import shutil
import subprocess
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
NAME = "docker-credential-purser"
NOT_FOUND = b"credentials not found in native keychain\n"
# Longer than the helper's own limit: it must never be this that ends it.
PATIENCE = 30


def folder_of_programs():
    return os.path.abspath(os.environ.get("PURSER_BIN", os.path.join(ROOT, "build/dev/bin")))


def programs():
    """The helpers to test: PURSER_HELPER's (separated by colons), or all that are built."""
    if "PURSER_HELPER" in os.environ:
        return os.environ["PURSER_HELPER"].split(":")
    built = [os.path.join(folder_of_programs(), NAME)]
    on_glibc = os.path.join(folder_of_programs(), "glibc", NAME)
    return built + ([on_glibc] if os.path.exists(on_glibc) else [])


def short_folder():
    """A folder of ours, 0700, whose path leaves room for a socket's name."""
    return tempfile.mkdtemp(prefix="purser-", dir="/tmp")


@dataclasses.dataclass
class Outcome:
    code: int
    out: bytes
    err: bytes
    seconds: float


class Helper:
    """A helper and the environment of its caller: HOME, and what a test adds."""

    def __init__(self, program, home):
        self.program = program
        self.home = home
        self.environment = {"HOME": home, "XDG_RUNTIME_DIR": home, "PATH": "/usr/bin:/bin"}
        self.socket = os.path.join(home, "purser", "agent.sock")

    def for_everybody(self):
        copy = os.path.join(self.home, "for-everybody")
        if not os.path.exists(copy):
            shutil.copy(self.program, copy)
            os.chmod(copy, 0o755)
        return copy

    def start(self, verb, **options):
        environment = {**self.environment, **options.pop("env", {})}
        environment = {name: value for name, value in environment.items() if value is not None}
        command = options.pop("command", [self.program, verb])
        if "user" in options:  # whom the folder of the sources may be closed to
            command = [self.for_everybody(), *command[1:]]
            options.setdefault("cwd", "/")
        streams = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(command, env=environment, **{**streams, **options})

    def run(self, verb, key=b"r.example.com", **options):
        begin = time.monotonic()
        with self.start(verb, **options) as process:
            try:
                out, err = process.communicate(key, timeout=PATIENCE)
            finally:
                process.kill()
        return Outcome(process.returncode, out, err, time.monotonic() - begin)

    def get(self, key=b"r.example.com", **options):
        return self.run("get", key, **options)
