import os
import pathlib
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))
from rig_home import Home  # noqa: E402

MEMORY = "/dev/shm"


def is_in_memory(folder: str) -> bool:
    kind = subprocess.run(["stat", "-f", "-c", "%T", folder], capture_output=True, text=True, check=False)
    return kind.stdout.strip() in ("tmpfs", "ramfs") and os.access(folder, os.W_OK)


@pytest.fixture
def home():
    """A user whose folders are in memory."""
    if not is_in_memory(MEMORY):
        pytest.skip(f"needs a file system in memory at {MEMORY}")
    with tempfile.TemporaryDirectory(prefix="purser-", dir=MEMORY) as folder:
        home = Home(pathlib.Path(folder))
        yield home
        home.stop()
