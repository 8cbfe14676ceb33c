"""A daemon that is started, asked and stopped in ways that nobody means well."""

import os
import pathlib
import signal
import subprocess
import time

import pytest

from conftest import LIMIT, UID, as_user

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to look at the daemon's descriptors")


def descriptors(pid):
    return sorted(os.readlink(link) for link in pathlib.Path(f"/proc/{pid}/fd").iterdir())


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
