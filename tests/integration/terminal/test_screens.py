"""The screens in the documentation are what the programs show: 80 and 200 columns, in tmux.

PURSER_WRITE_SCREENS=1 writes them anew; look at the difference before it is committed."""

import os
import pathlib

import pytest

from answers import ECR

SCREENS = pathlib.Path(__file__).resolve().parents[3] / "docs/screens"
COMMANDS = {"status": ["status"], "audit": ["audit"], "doctor": ["doctor", ECR], "logs": ["logs"],
            "help": ["--help"], "help-status": ["status", "--help"]}


def compared(name, screen):
    file = SCREENS / f"{name}.txt"
    if os.environ.get("PURSER_WRITE_SCREENS"):
        file.write_text(screen)
    assert screen == file.read_text(), f"{file.name} is not what is shown"


@pytest.mark.parametrize("columns", [80, 200])
@pytest.mark.parametrize("command", COMMANDS)
def test_the_screens_of_the_documentation(desk, command, columns):
    terminal = desk.open(columns, 60, "purser", *COMMANDS[command])
    screen = terminal.ended().replace(f"{desk.folder}/docker-credential", "/usr/bin/docker-credential")
    assert terminal.status() == 0
    assert all(len(line) <= columns for line in screen.splitlines())
    compared(f"{command}-{columns}", screen)


@pytest.mark.parametrize("columns", [80, 200])
def test_the_live_screen_of_the_documentation(desk, columns):
    terminal = desk.open(columns, 24, "purser", "status", "--watch")
    compared(f"watch-{columns}", terminal.shows("every 2 s; q ends"))


def test_without_utf8_bars_are_of_ascii(desk):
    screen = desk.open(80, 60, "purser", "status", LANG="C").ended()
    assert screen.isascii() and "#########." in screen
    compared("status-ascii-80", screen)


@pytest.mark.parametrize("columns", [80, 120, 200])
def test_bars_say_what_is_left(desk, columns):
    """Counted on the screen: the full blocks of a token that has 5 of 12 hours left are 5 twelfths of its bar."""
    screen = desk.open(columns, 60, "purser", "status").ended()
    (line,) = [line for line in screen.splitlines() if "role build" in line and "due" in line]
    full, rest = line.count("\u2588"), line.count("\u2591")
    part = sum(line.count(chr(code)) for code in range(0x2589, 0x2590))
    assert full + part + rest >= 10
    assert abs(full / (full + part + rest) - 5 / 12) < 1 / (full + part + rest)


def test_states_have_colours_and_no_color_takes_them(desk):
    def shown(**variables):
        terminal = desk.open(120, 60, "purser", "status", **variables)
        terminal.ended()
        return terminal.written()

    assert b"\x1b[32mfresh" in shown() and b"\x1b[33mdegraded" in shown()
    assert b"\x1b[" not in shown(NO_COLOR="1")
    assert "\u2588".encode() in shown(NO_COLOR="1")


def test_nothing_from_outside_commands_the_terminal(desk):
    evil = "a\x1b]0;title\x07\u009b31m\u202eb"
    status = {**desk.daemon.answers["/v1/status"]}
    status["entries"] = [{**entry, "source": evil, "registries": [evil], "last_error": evil} for entry in status["entries"]]
    status["socket"] = evil
    desk.daemon.answers["/v1/status"] = status
    for arguments in (["status"], ["status", "--verbose"]):
        terminal = desk.open(120, 60, "purser", *arguments, NO_COLOR="1")
        terminal.ended()
        written = terminal.written().decode()
        assert "a?]0;title??31m?b" in written
        assert not any(bad in written for bad in ("\x1b", "\x07", "\u009b", "\u202e"))
