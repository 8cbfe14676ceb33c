import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))
sys.path.insert(0, str(ROOT / "tests/support"))


class Store:
    """One sealed file, and processes that use it."""

    def __init__(self, root):
        self.root = root
        self.credentials = root / "state/purser/credentials"
        self.key_file = root / "kept/purser/key"

    def command(self, *words):
        return [str(BIN / "store_tool"), str(self.credentials), str(self.key_file), *words]

    def run(self, *words, stdin="", wrapper=(), **options):
        return subprocess.run([*wrapper, *self.command(*words)], input=stdin, text=True,
                              capture_output=True, timeout=60, check=False, **options)

    def start(self, *words):
        return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def store(self, key, secret, user="ann"):
        done = self.run("store", "", key, user, stdin=secret)
        assert done.returncode == 0, done.stderr

    def secret(self, key):
        """None where it is not found."""
        done = self.run("get", "", key)
        assert done.returncode in (0, 1), done.stderr
        return done.stdout.splitlines()[1] if done.returncode == 0 else None

    def keys(self):
        done = self.run("list", "")
        assert done.returncode == 0, done.stderr
        return [line.split()[0] for line in done.stdout.splitlines()]

    def names(self):
        return sorted(path.name for path in self.credentials.parent.iterdir())


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)
