"""The folder of the socket is ours alone, or no daemon is started in it (attacks 4, 16)."""

import os
import stat

import pytest

from fake_daemon import ANSWER

ECR = b"123456789012.dkr.ecr.us-east-1.amazonaws.com"

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can make what belongs to others")


def refused(starter, why, **environment):
    starter.daemons("exit")  # not even for one request: so the cause is shown
    outcome = starter.get(ECR, env=environment)
    assert outcome.code == 1
    assert outcome.out.startswith(b"purser: " + ECR + b": the folder ") and why in outcome.out
    assert [start["arguments"] for start in starter.starts()] in ([], [["--once"]])


def test_a_symbolic_link_is_refused(starter):
    target = os.path.join(starter.home, "target")
    os.mkdir(target, mode=0o700)
    os.symlink(target, os.path.dirname(starter.socket))
    refused(starter, b"/purser is a symbolic link; ")
    assert os.listdir(target) == []


def test_a_symbolic_link_on_the_way_is_refused(starter):
    link = os.path.join(starter.home, "link")
    os.mkdir(os.path.join(starter.home, "target"), mode=0o700)
    os.symlink("target", link)
    refused(starter, b"/link is a symbolic link; ", XDG_RUNTIME_DIR=link)


def test_a_link_that_leads_nowhere_is_refused(starter):
    os.symlink("/nonexistent", os.path.dirname(starter.socket))
    refused(starter, b"/purser is a symbolic link; ")


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o701, 0o750, 0o1777])
def test_a_folder_that_is_open_to_others_is_refused(starter, mode):
    folder = os.path.dirname(starter.socket)
    os.mkdir(folder)
    os.chmod(folder, mode)
    refused(starter, b"must have mode 0700; ")


def test_a_file_in_its_place_is_refused(starter):
    with open(os.path.dirname(starter.socket), "w", encoding="ascii"):
        pass
    refused(starter, b"Not a directory; ")


@needs_root
def test_a_folder_of_another_user_is_refused(starter):
    folder = os.path.dirname(starter.socket)
    os.mkdir(folder, mode=0o700)
    os.chown(folder, 65534, 65534)
    refused(starter, b"belongs to another user; ")


@needs_root
def test_nothing_is_made_in_a_folder_of_another_user(starter):
    """sudo -E leaves root with the XDG_RUNTIME_DIR of a user, whose folder it must not spoil."""
    theirs = os.path.join(starter.home, "theirs")
    os.mkdir(theirs)
    os.chown(theirs, 65534, 65534)
    refused(starter, b"nor does a folder of ours to make it in; ", XDG_RUNTIME_DIR=theirs)
    assert os.listdir(theirs) == []


def test_a_link_in_place_of_the_lock_is_refused(starter):
    folder = os.path.dirname(starter.socket)
    os.mkdir(folder, mode=0o700)
    target = os.path.join(starter.home, "target")
    os.symlink(target, os.path.join(folder, "agent.lock"))
    starter.daemons("exit")
    outcome = starter.get(ECR)
    assert outcome.code == 1 and b"the lock on the folder of purserd's socket failed: " in outcome.out
    assert not os.path.exists(target)


def test_a_folder_that_is_refused_still_gives_an_answer(starter):
    """From a daemon for this one request, which needs no socket."""
    os.symlink("/nonexistent", os.path.dirname(starter.socket))
    assert starter.get().out == ANSWER
    assert [start["arguments"] for start in starter.starts()] == [["--once"]]


@pytest.mark.parametrize("variable", ["PURSER_SOCKET", "XDG_RUNTIME_DIR"])
def test_a_relative_path_is_an_error_and_starts_nothing(starter, variable):
    outcome = starter.get(ECR, env={variable: "run"}, cwd=starter.home)
    assert outcome.code == 1
    assert f"{variable} is not an absolute path; ".encode() in outcome.out
    assert starter.starts() == [] and not os.path.exists(os.path.join(starter.home, "run"))


def test_odd_but_absolute_paths_are_walked(starter):
    path = f"{starter.home}//./purser///agent.sock"
    assert starter.get(env={"PURSER_SOCKET": path}).out == ANSWER
    assert starter.starts()[0]["arguments"][0] == "--started-by-helper"


def test_a_missing_runtime_folder_is_made_only_in_a_folder_of_ours(starter):
    missing = os.path.join(starter.home, "a", "b")
    assert starter.get(env={"XDG_RUNTIME_DIR": missing}).out == ANSWER
    assert stat.S_IMODE(os.stat(missing).st_mode) == 0o700
