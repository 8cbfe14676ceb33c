import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin")).resolve()
sys.path.insert(0, str(ROOT / "tests/support"))

# Leak detection and tracing exclude each other.
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=0"}


class User:
    """Somebody with a home, configuration files, and programs of which `setup` only sees that they are there."""

    def __init__(self, root):
        self.home = root / "home"
        self.programs = root / "programs"
        self.home.mkdir(mode=0o700)
        self.programs.mkdir()
        self.docker = self.home / ".docker/config.json"
        self.helm = self.home / ".config/helm/registry/config.json"
        self.auth = self.home / ".config/containers/auth.json"
        self.drop_in = self.home / ".config/containers/registries.conf.d/90-purser.conf"
        self.state = self.home / ".local/state/purser/setup"
        self.environment = {"HOME": str(self.home), "PATH": f"{self.programs}", **SANITIZERS}
        self.install("docker-credential-purser")

    def install(self, *names):
        for name in names:
            program = self.programs / name
            program.write_text("#!/bin/sh\n")
            program.chmod(0o755)

    def write(self, path, content, mode=0o600):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        path.chmod(mode)

    def run(self, *words, wrapper=(), **options):
        return subprocess.run([*wrapper, str(BIN / "purser"), "setup", *words], env=self.environment, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False, **options)

    def setup(self, *words):
        """The report of a run that succeeds: the state of each file by its path."""
        return self._report(*words)

    def undo(self, *words):
        return self._report("--undo", *words)

    def _report(self, *words):
        done = self.run("--yes", "--json", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        return {file["path"]: file["state"] for file in json.loads(done.stdout)["files"]} if done.stdout else {}

    def files(self):
        """What is in the home, but for setup's own state: bytes by path."""
        found = (path for path in self.home.rglob("*") if path.is_file() or path.is_symlink())
        return {str(path.relative_to(self.home)): path.read_bytes() for path in found
                if self.home / ".local" not in path.parents}


@pytest.fixture
def user(tmp_path):
    return User(tmp_path)
