"""Who a client is: the process that connected, and never another one with its number."""

import json
import os
import pathlib
import subprocess

import pytest

from conftest import LIMIT, ROOT, UID, as_user, launch

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to give a number again")


@pytest.fixture(params=["this kernel", "a kernel before 6.5"])
def preloaded(request, home):
    """Variables with which the daemon runs on such a kernel."""
    if request.param == "this kernel":
        return {}
    library = home / "old_kernel.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(library),
                    str(ROOT / "tests/support/old_kernel.c")], check=True, timeout=60)
    sanitizer = os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"  # it wants to be the first library
    return {"LD_PRELOAD": str(library), "ASAN_OPTIONS": sanitizer}


@needs_root
def test_a_helper_of_the_daemons_namespace_is_local_and_another_is_not(home, preloaded):
    daemon = launch(home, **preloaded)
    program = str(home / "bin/docker-credential-purser")
    try:
        for how in ([], ["unshare", "--mount"], ["unshare", "--mount", "--net"]):
            done = subprocess.run([*how, *as_user(UID, program, "get")], input="a.example.org", capture_output=True, text=True,
                                  timeout=LIMIT, env=daemon.environment(), check=False)
            assert done.stdout == "credentials not found in native keychain\n"
        ask = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(20)\ns.connect(sys.argv[1])\n"
               "s.sendall(b'GET /v1/audit HTTP/1.1\\r\\nHost: purser\\r\\nConnection: close\\r\\n\\r\\n')\n"
               "while p:=s.recv(65536): sys.stdout.buffer.write(p)")
        told = subprocess.run(as_user(UID, "/usr/bin/python3", "-c", ask, str(daemon.socket)), capture_output=True,
                              timeout=LIMIT, check=True).stdout
    finally:
        daemon.process.terminate()
        daemon.process.wait(LIMIT)
    local, *foreign = json.loads(told.partition(b"\r\n\r\n")[2])["events"]
    assert (local["local"], local["executable"]) == (True, program)
    assert [event["local"] for event in foreign] == [False, False]
    unproven = "" if preloaded else program  # before 6.5, in another network namespace
    assert [event["executable"] for event in foreign] == [program, unproven]
    assert "which process one is" not in daemon.log.read_text()


@needs_root
def test_who_gets_the_number_of_a_client_that_ended_is_not_that_client(home, preloaded):
    variables = [f"{name}={value}" for name, value in preloaded.items()]
    daemon = ["env", "-i", f"HOME={home}", f"XDG_RUNTIME_DIR={home}/run", "PATH=/usr/bin:/bin", *variables,
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
