"""A daemon in a user namespace: who is who there, and what is not protected."""

import json
import os
import socket
import subprocess

import pytest

from conftest import LIMIT, UID, as_user

pytestmark = pytest.mark.skipif(
    subprocess.run(as_user(UID, "unshare", "--user", "true"), capture_output=True, check=False).returncode != 0,
    reason="needs user namespaces for everybody")


def command(home, *how):
    return as_user(UID, "unshare", "--user", *how, "env", "-i", f"HOME={home}", f"XDG_RUNTIME_DIR={home}/run", "PATH=/usr/bin:/bin",
                   str(home / "bin/purserd"))


def test_a_user_who_cannot_be_told_from_others_has_no_daemon(home):
    """Everybody without a number there, root among them, has the one that the daemon has."""
    done = subprocess.run(command(home), capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.returncode == 1
    assert "this user has no id in this user namespace" in done.stderr
    assert "--map-user" in done.stderr  # what to do
    assert len(done.stderr.splitlines()) == 1
    assert os.listdir(home / "run") == []


def test_nor_an_answer_to_a_single_request(home):
    asking, served = socket.socketpair()
    with asking, served:
        done = subprocess.run([*command(home), "--once"], stdin=served, capture_output=True, text=True, timeout=LIMIT,
                              check=False)
    assert done.returncode == 1 and "this user has no id in this user namespace" in done.stderr


def test_a_user_who_is_mapped_has_one_that_says_what_is_not_protected(home):
    ready, tell = os.pipe()
    with subprocess.Popen([*command(home, "--map-current-user"), "--ready-fd", str(tell)], pass_fds=(tell,),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as daemon:
        os.close(tell)
        with os.fdopen(ready, "rb") as pipe:
            assert pipe.read(1) == b"1"
        ask = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(20)\ns.connect(sys.argv[1])\n"
               "s.sendall(b'GET /v1/status HTTP/1.1\\r\\nHost: purser\\r\\nConnection: close\\r\\n\\r\\n')\n"
               "while p:=s.recv(65536): sys.stdout.buffer.write(p)")
        told = subprocess.run(as_user(UID, "/usr/bin/python3", "-c", ask, str(home / "run/purser/agent.sock")),
                              capture_output=True, timeout=LIMIT, check=True).stdout
        daemon.terminate()
        said = daemon.communicate(timeout=LIMIT)[0]
    line = "user namespace: whoever made it can trace this process and read its memory"
    assert line in json.loads(told.partition(b"\r\n\r\n")[2])["hardening"]["missing"]
    assert said.count(line) == 1
