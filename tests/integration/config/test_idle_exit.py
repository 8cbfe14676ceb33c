"""`idle_exit_seconds` is kept to the second, not to the next look of some clock."""

import pathlib
import sys
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from rig_home import Home  # noqa: E402
from rig_process import wait_until  # noqa: E402


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "h")
    yield made
    made.stop()


@pytest.mark.parametrize("seconds", [1, 3])
def test_a_daemon_that_a_helper_started_ends_when_it_says(home, seconds):
    home.purser_config(idle_exit_seconds=seconds)
    begun = time.monotonic()
    assert "credentials not found" in home.helper("get", "r.example").stdout
    assert len(home.daemons()) == 1
    wait_until(lambda: not home.daemons(), seconds + 6, "the daemon does not end")
    assert time.monotonic() - begun >= seconds


def test_each_request_counts(home):
    home.purser_config(idle_exit_seconds=2)
    home.helper("get", "r.example")
    (daemon,) = home.daemons()
    for _ in range(4):
        time.sleep(0.8)
        home.helper("get", "r.example")
    assert home.daemons() == [daemon]
    wait_until(lambda: not home.daemons(), 8, "the daemon does not end")
