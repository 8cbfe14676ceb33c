"""Who a client is: the process that connected, and never another one with its number."""

import json
import os
import pathlib
import subprocess

import pytest

from conftest import LIMIT, ROOT, UID

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a number again")


@pytest.fixture(params=["this kernel", "a kernel before 6.5"])
def preloaded(request, home):
    """Variables with which the daemon runs on such a kernel."""
    if request.param == "this kernel":
        return []
    library = home / "old_kernel.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library),
                    str(ROOT / "tests/support/old_kernel.c")], check=True, timeout=60)
    return [f"LD_PRELOAD={library}"]


@needs_root
def test_who_gets_the_number_of_a_client_that_ended_is_not_that_client(home, preloaded):
    daemon = ["env", "-i", f"HOME={home}", f"XDG_RUNTIME_DIR={home}/run", "PATH=/usr/bin:/bin", *preloaded,
              str(home / "bin/purserd")]
    done = subprocess.run(["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc", "/usr/bin/python3",
                           str(pathlib.Path(__file__).with_name("reused_number.py")),
                           str(home / "run/purser/agent.sock"), str(UID), *daemon],
                          capture_output=True, text=True, timeout=3 * LIMIT, check=False)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    local, foreign = [event for event in told["events"] if event["verb"] == "get"]
    assert (local["local"], pathlib.Path(local["executable"]).name[:6]) == (True, "python"), local
    assert foreign["pid"] == told["number"]
    assert (foreign["local"], foreign["executable"], foreign["cgroup"]) == (False, "", ""), foreign
