"""The socket's place under a daemon that a helper started: removed, or taken by something else (design: one authority).

The daemon looks once a minute; the minute is simulated.
"""

import os
import pathlib
import socket
import stat

import pytest

from rig_clock import SimulatedClock
from rig_ecr import PROD
from rig_process import wait_until
from rig_world import ECR

LOOK = 61


@pytest.fixture
def clock(folder) -> SimulatedClock:
    return SimulatedClock(folder / "clock")


@pytest.fixture
def user(home, clock):
    """Somebody whose helper has started a daemon, which goes by `clock`."""
    home.environment["PURSER_DAEMON"] = str(clock.wrap(str(home.programs / "purserd"), str(clock.folder)))
    home.keys_in_environment(PROD)
    assert home.get(ECR)["Username"] == "AWS"
    home.first = the_daemon(home)
    return home


def the_daemon(user) -> int:
    """The only one; a child that it has just made counts for a moment."""
    wait_until(lambda: len(user.daemons()) == 1, 10, f"not one daemon: {user.daemons()}")
    return user.daemons()[0]


def gone(user) -> None:
    wait_until(lambda: user.first not in user.daemons(), 15, "it goes on without a socket")


def test_where_it_was_removed_the_daemon_ends_and_the_next_helper_starts_another(world, user, clock):
    user.socket.unlink()
    assert user.get(ECR)["Username"] == "AWS"  # in the minute before it is noticed
    assert the_daemon(user) == user.first
    clock.advance(LOOK)
    gone(user)
    calls = len(world.ecr.calls())
    assert user.get(ECR)["Username"] == "AWS"
    assert the_daemon(user) != user.first and user.socket.is_socket()
    assert len(world.ecr.calls()) == calls  # what it held, it kept for the next one


def test_a_socket_of_somebody_else_in_its_place_is_left_to_them(world, user, clock):
    """Nothing of ours goes there from the daemon, which ends; what listens is the user's own affair."""
    user.socket.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(user.socket))
        place = user.socket.stat()
        clock.advance(LOOK)
        gone(user)
        assert user.socket.stat().st_ino == place.st_ino
    # Nobody listens there any more: no obstacle.
    assert user.get(ECR)["Username"] == "AWS"
    assert the_daemon(user) and user.socket.stat().st_ino != place.st_ino


@pytest.mark.parametrize("make", [
    lambda place: place.write_text("not a socket"),
    lambda place: place.symlink_to("/dev/null"),
    lambda place: place.mkdir(),
], ids=["file", "link", "folder"])
def test_what_is_no_socket_in_its_place_is_not_removed_and_requests_are_answered(world, user, clock, make):
    user.socket.unlink()
    make(user.socket)
    kind = stat.S_IFMT(os.lstat(user.socket).st_mode)
    clock.advance(LOOK)
    gone(user)
    assert user.get(ECR)["Username"] == "AWS"  # by a purserd for this request
    assert stat.S_IFMT(os.lstat(user.socket).st_mode) == kind
    wait_until(lambda: user.daemons() == [], 10, "a daemon nobody can reach")


def test_a_folder_that_was_replaced_is_used_by_the_next_daemon(world, user, clock):
    before = user.socket.parent
    before.rename(pathlib.Path(f"{before}.old"))
    before.mkdir(mode=0o700)
    assert user.get(ECR)["Username"] == "AWS"
    clock.advance(LOOK)
    gone(user)
    assert user.get(ECR)["Username"] == "AWS"
    assert user.socket.is_socket() and the_daemon(user)
