import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))
sys.path.insert(0, str(ROOT / "tests/support"))


class Cache:
    """One kept cache, and processes that use it."""

    def __init__(self, root):
        self.root = root
        self.file = root / "state/cache"
        self.key_file = root / "kept/key"

    def run(self, *words, wrapper=(), **options):
        return subprocess.run([*wrapper, str(BIN / "cache_tool"), str(self.root), *words], text=True,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False, **options)

    def save(self, secret):
        done = self.run("save", secret)
        assert done.returncode == 0, done.stderr

    def secret(self, wrapper=()):
        """Of the only token that the next process has; None where it has none."""
        done = self.run("show", wrapper=wrapper)
        assert done.returncode == 0, done.stderr
        lines = done.stdout.splitlines()
        assert len(lines) <= 1
        return lines[0] if lines else None

    def names(self):
        return sorted(path.name for path in self.file.parent.iterdir())


@pytest.fixture
def cache(tmp_path):
    return Cache(tmp_path)
