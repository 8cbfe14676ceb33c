"""What the daemon logs of a configuration that cannot be used, and what is in force then."""

import os
import pathlib
import signal
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from rig_home import Home  # noqa: E402
from rig_process import wait_until  # noqa: E402

FILE = ".config/purser/config.json"
GOOD = '{"version": 1}'
BROKEN = '{"version": 1, "registrys": []}'
LOADED = ("info", "configuration loaded")
LAST_GOOD = ("error", "; what it said when it was last right is used")
NEVER_RIGHT = ("error", "; it was never right, so no token is obtained")


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "h")
    yield made
    made.stop()


def logged(home) -> list[tuple[str, str]]:
    lines = [(line["level"], line["text"]) for line in home.ask("/v1/logs")["lines"]]
    return [(level, text) for level, text in lines if text.startswith("configuration")]


def after_a_reload(home, daemon) -> list[tuple[str, str]]:
    before = len(logged(home))
    os.kill(daemon.pid, signal.SIGHUP)
    wait_until(lambda: len(logged(home)) > before, 10, "nothing is logged of a reload")
    return logged(home)[before:]


@pytest.mark.parametrize("first, then, said", [
    (GOOD, GOOD, LOADED),
    (GOOD, BROKEN, LAST_GOOD),
    (BROKEN, BROKEN, NEVER_RIGHT),
    (BROKEN, GOOD, LOADED),
])
def test_a_reload_says_once_what_is_in_force(home, first, then, said):
    home.write(FILE, first)
    daemon = home.start_daemon()
    home.ask("/v1/status")  # it listens before it has read anything
    home.write(FILE, then)
    ((level, text),) = after_a_reload(home, daemon)
    assert level == said[0] and text.endswith(said[1])
    if level == "error":
        assert text.startswith(f"configuration: {home.home / FILE}: registrys: unknown key")


@pytest.mark.parametrize("kept, said", [(True, LAST_GOOD), (False, NEVER_RIGHT)])
def test_so_does_a_start(home, kept, said):
    if kept:
        home.write(FILE, GOOD)
        daemon = home.start_daemon()
        home.ask("/v1/status")  # as above
        daemon.stop()
    home.write(FILE, BROKEN)
    home.start_daemon()
    ((level, text),) = logged(home)
    assert level == said[0] and text.endswith(said[1])
