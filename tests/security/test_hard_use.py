"""A daemon that is started, asked and stopped in ways that nobody means well."""

import contextlib
import os
import pathlib
import signal
import subprocess
import time

import pytest

from conftest import LIMIT, UID, as_user

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to look at the daemon's descriptors")


SENT = "/etc/passwd"  # which the daemon never opens


def descriptors(pid):
    """What they lead to; one may be closed meanwhile."""
    found = []
    for link in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(os.readlink(link))
    return found


@needs_root
@pytest.mark.parametrize("closed", [(0,), (1,), (2,), (0, 1, 2)], ids=str)
def test_a_stream_that_was_closed_becomes_no_socket(home, closed):
    close = " ".join({0: "0<&-", 1: "1>&-", 2: "2>&-"}[fd] for fd in closed)
    daemon = subprocess.Popen(as_user(UID, "sh", "-c", f'exec "$0" {close}', str(home / "bin/purserd")),
                              env={"HOME": str(home), "XDG_RUNTIME_DIR": str(home / "run"), "PATH": "/usr/bin:/bin"},
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + LIMIT
        while not (home / "run/purser/agent.sock").exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert [os.readlink(f"/proc/{daemon.pid}/fd/{fd}") for fd in range(3)] == ["/dev/null"] * 3
    finally:
        daemon.terminate()
        daemon.wait(LIMIT)


@needs_root
def test_descriptors_that_a_client_sends_are_not_taken(daemon):
    assert daemon.status()[0] == 0
    # 253 are the most that one message may have.
    send = ("import socket,sys\nf=open(sys.argv[2])\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(20)\ns.connect(sys.argv[1])\n"
            "for part in (b'GET /v1/status HTTP/1.1\\r\\n', b'Host: purser\\r\\nConnection: close\\r\\n\\r\\n'):\n"
            "  socket.send_fds(s, [part], [f.fileno()]*150)\n"
            "d=b''\nwhile p:=s.recv(65536): d+=p\nprint(d[:15].decode())")
    for _ in range(3):
        done = subprocess.run(as_user(UID, "/usr/bin/python3", "-c", send, str(daemon.socket), SENT), capture_output=True,
                              text=True, timeout=LIMIT, check=False)
        assert done.stdout == "HTTP/1.1 200 OK\n", done
    assert SENT not in descriptors(daemon.pid)


def test_a_daemon_that_is_told_to_end_three_times_ends(daemon):
    """Who asks twice has no more patience; the third signal may come when nobody waits for signals any more."""
    assert daemon.status()[0] == 0
    with daemon.connect():  # somebody who asks nothing
        for _ in range(3):
            daemon.process.send_signal(signal.SIGTERM)
            time.sleep(0.02)
        assert daemon.process.wait(5) in (0, -signal.SIGTERM)
    assert not daemon.socket.exists()


def test_a_thousand_reloads_leave_a_daemon_that_answers(daemon):
    for _ in range(1000):
        daemon.process.send_signal(signal.SIGHUP)
    assert daemon.status()[0] == 0
    assert daemon.process.poll() is None
