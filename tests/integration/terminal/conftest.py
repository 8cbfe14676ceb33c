"""The command line in a real terminal."""

import os
import pathlib
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(HERE), str(ROOT / "tests/support")]
import answers  # noqa: E402  (beside this file)
from rig_terminal import Terminal  # noqa: E402
from scripted_daemon import ScriptedDaemon  # noqa: E402

BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin")).resolve()


class Desk:
    """A scripted daemon, and terminals in which purser asks it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.daemon = ScriptedDaemon(self.folder / "agent.sock", answers.ALL)
        for name in ("purser", "docker-credential-purser"):
            (self.folder / name).symlink_to(BIN / name)
        self.environment = {"PATH": f"{folder}:/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8",
                            "PURSER_SOCKET": self.daemon.path}
        self._terminals = []

    def open(self, columns, rows, *arguments, **variables):
        """A terminal in which this runs."""
        terminal = Terminal(columns, rows, {**self.environment, **variables}, list(arguments))
        self._terminals.append(terminal)
        return terminal

    def close(self):
        for terminal in self._terminals:
            terminal.close()
        self.daemon.stop()


@pytest.fixture
def desk():
    with tempfile.TemporaryDirectory(prefix="desk") as folder:  # a short name: it is on the screen
        desk = Desk(folder)
        yield desk
        desk.close()
