"""`purser status --watch`: draws without flicker, and leaves the terminal as it was, however it ends."""

import os
import signal

import pytest

from rig_process import wait_until
from rig_terminal import SECONDS

FRAME = b"\x1b[?2026h\x1b[H"
# A shell that tells what it found before and after.
SHELL = "stty -a > {folder}/before; purser status --watch 0.2; echo ended=$?; stty -a > {folder}/after; echo over; exec cat"


def watch(desk, columns=80, rows=24):
    terminal = desk.open(columns, rows, "bash", "-c", SHELL.format(folder=desk.folder))
    terminal.shows("q ends")
    assert terminal.asked("alternate_on") == "1" and terminal.asked("cursor_flag") == "0"
    return terminal


def is_restored(desk, terminal):
    terminal.shows("over")
    assert (desk.folder / "before").read_text() == (desk.folder / "after").read_text()
    assert terminal.asked("alternate_on") == "0" and terminal.asked("cursor_flag") == "1"
    assert terminal.asked("wrap_flag") == "1"
    assert "q ends" not in terminal.screen()  # what was there before is there again


def program(terminal):
    """The process that watches: the child of the shell in the shell of the terminal."""
    process = terminal.asked("pane_pid")
    for _ in range(2):
        with open(f"/proc/{process}/task/{process}/children", encoding="ascii") as children:
            process = children.read().split()[0]
    return int(process)


def test_q_ends_it(desk):
    terminal = watch(desk)
    terminal.type("q")
    assert "ended=0" in terminal.shows("ended=")
    is_restored(desk, terminal)


def test_ctrl_c_ends_it_and_everything_that_waits_for_it(desk):
    """The shell sees that the signal ended the program, so a loop in a script ends as well."""
    loop = "while :; do purser status --watch 0.2; done"
    terminal = desk.open(80, 24, "bash", "-c", f"trap : INT; cd {desk.folder}; stty -a > before; bash -c '{loop}'; stty -a > after; "
                         "echo over; exec cat")
    terminal.shows("q ends")
    terminal.type("C-c")
    is_restored(desk, terminal)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT])
def test_a_signal_ends_it(desk, number):
    terminal = watch(desk)
    os.kill(program(terminal), number)
    assert f"ended={128 + number}" in terminal.shows("ended=")
    is_restored(desk, terminal)


def test_frames_are_drawn_over_each_other(desk):
    """Never is the screen cleared, and each frame is written at once: nothing flickers."""
    terminal = watch(desk)
    wait_until(lambda: terminal.written().count(FRAME) > 5, SECONDS, "it does not draw again")
    terminal.type("q")
    is_restored(desk, terminal)
    frames = terminal.written().split(FRAME)[1:]
    assert b"\x1b[2J" not in terminal.written() and b"\x1b[3J" not in terminal.written()
    for frame in frames[:-1]:
        body, end, _ = frame.partition(b"\x1b[?2026l")
        assert end and body.count(b"\x1b[J") == 1 and body.index(b"\x1b[J") > body.index(b"q ends")
        assert b"\x1b[K" in body


def test_a_frame_is_one_write(desk):
    trace = desk.folder / "trace"
    terminal = desk.open(80, 24, "strace", "-f", "-e", "trace=write", "-s", "9999", "-o", str(trace),
                         "purser", "status", "--watch", "0.2")
    wait_until(lambda: terminal.written().count(FRAME) > 3, SECONDS, "it does not draw again")
    terminal.type("q")
    terminal.ended()
    frames = [line for line in trace.read_text().splitlines() if "2026h" in line or "2026l" in line]
    drawn = [line for line in frames if "2026h" in line]
    assert len(drawn) > 3 and all("2026l" in line for line in drawn)


def test_a_new_size_is_drawn_at_once(desk):
    terminal = desk.open(80, 24, "purser", "status", "--watch", "3600")
    narrow = terminal.shows("q ends")
    assert max(map(len, narrow.splitlines())) <= 80 and "REGISTRY\n" in narrow
    terminal.resize(200, 50)
    wide = terminal.shows("SOURCE        REGISTRY")
    assert wide.count("STATE") == 1 and "REGISTRY\n  STATE" not in wide
    terminal.resize(80, 12)
    assert "more lines; every 3600 s" in terminal.shows("more lines")


def test_a_daemon_may_be_restarted(desk):
    terminal = watch(desk)
    desk.daemon.stop()
    terminal.shows("no daemon listens at")
    desk.daemon.answers["/v1/status"] = {**desk.daemon.answers["/v1/status"], "pid": 4343}
    desk.daemon.start()
    assert "no daemon" not in terminal.shows("pid 4343")


def test_ctrl_z_gives_the_terminal_back_meanwhile(desk):
    terminal = desk.open(80, 24, "bash", "--norc", "-i", PS1="shell> ")
    terminal.shows("shell>")
    terminal.type("purser status --watch 0.2", "Enter")
    terminal.shows("q ends")
    terminal.type("C-z")
    terminal.shows("Stopped")
    assert terminal.asked("alternate_on") == "0" and terminal.asked("cursor_flag") == "1"
    terminal.type("fg", "Enter")
    terminal.shows("q ends")
    assert terminal.asked("alternate_on") == "1"


def test_what_cannot_be_drawn_on_is_refused(desk):
    terminal = desk.open(80, 24, "env", "TERM=dumb", "purser", "status", "--watch")
    assert "--watch needs a terminal" in terminal.ended()
    assert terminal.status() == 2 and b"\x1b" not in terminal.written()
