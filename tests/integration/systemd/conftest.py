import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "support")]
import user_machine  # noqa: E402  (beside this file)
import user_manager  # noqa: E402


@pytest.fixture(scope="module")
def machine():
    if reason := user_manager.missing():
        pytest.skip(reason)
    manager = user_manager.UserManager()
    try:
        user_machine.install_units(manager)
        manager.start()
        manager.systemctl("enable", "--now", "purser.socket")
        yield user_machine.Machine(manager)
    finally:
        manager.stop()


@pytest.fixture
def ready(machine):
    """A machine with one stored credential and a running daemon."""
    machine.store()
    assert machine.get().returncode == 0
    return machine
