"""A person at a terminal is asked about each file."""

import os
import pty
import select
import subprocess

import pytest

from conftest import BIN


def at_a_terminal(user, words, answers, meanwhile=lambda: None):
    """The exit status and all that stood on the terminal."""
    ours, theirs = pty.openpty()
    program = subprocess.Popen([str(BIN / "purser"), "setup", *words], env=user.environment, stdin=theirs,
                               stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, asked = b"", 0
    while select.select([ours], [], [], 30)[0]:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # the program has ended
            break
        while shown.count(b"[y/N] ") > asked:
            meanwhile()
            os.write(ours, answers[asked].encode() + b"\n")
            asked += 1
    os.close(ours)
    assert asked == len(answers)
    return program.wait(30), shown.decode()


@pytest.mark.parametrize("answer", ["n", "", "yess", "Yes!"])
def test_whatever_is_not_yes_leaves_the_file(user, answer):
    status, shown = at_a_terminal(user, ["docker"], [answer])
    assert status == 0 and "left as it is" in shown and not user.docker.exists()


def test_each_file_is_shown_and_asked_about(user):
    user.install("helm")
    user.write(user.docker, '{\n\t"credsStore": "desktop"\n}\n')
    status, shown = at_a_terminal(user, [], ["y", "n"])
    assert status == 0 and not user.helm.exists()
    assert '-\t"credsStore": "desktop"' in shown and '+\t"credsStore": "purser"' in shown
    assert "what docker-credential-desktop keeps stays there" in shown
    status, shown = at_a_terminal(user, ["--undo"], ["y"])
    assert status == 0 and user.docker.read_text() == '{\n\t"credsStore": "desktop"\n}\n'


def test_a_name_cannot_command_the_terminal(user):
    user.write(user.docker, '{"credHelpers": {"a\\u001b[2J": "x"}, "credsStore": "\\u001b]0;x\\u0007"}')
    shown = at_a_terminal(user, ["docker"], ["y"])[1]
    assert "\x1b" not in shown and "\x07" not in shown


def test_what_somebody_writes_while_the_person_thinks_is_not_lost(user):
    user.write(user.docker, "{}")
    status, shown = at_a_terminal(user, ["docker"], ["y"], lambda: user.write(user.docker, '{"currentContext": "x"}'))
    assert status == 1 and "was changed meanwhile; run the same command again" in shown
    assert user.docker.read_text() == '{"currentContext": "x"}'
    assert user.run("docker", "--yes").returncode == 0
    user.undo()
    assert user.docker.read_text() == '{"currentContext": "x"}'
