"""The security checklist of the project: one test a line, named after it."""

import os
import pathlib
import re
import socket
import stat
import subprocess
import sys

import pytest

from conftest import LIMIT, OTHER_UID, UID, as_user, store_message

MARKER = "obviously-fake-secret-4f1c9b7e-marker"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to act as several users")


def test_the_socket_is_ours_alone_from_its_creation_on(daemon):
    assert stat.S_IMODE(daemon.socket.stat().st_mode) == 0o600
    assert stat.S_IMODE(daemon.socket.parent.stat().st_mode) == 0o700
    assert daemon.socket.stat().st_uid == UID


@needs_root
def test_another_user_is_refused_before_a_byte_is_read(daemon):
    daemon.helper("store", store_message("registry.example.org", MARKER))
    for path, mode in ((daemon.home / "run", 0o755), (daemon.socket.parent, 0o755), (daemon.socket, 0o666)):
        path.chmod(mode)
    ask = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(10)\ns.connect(sys.argv[1])\n"
           "print(repr(s.recv(100)))")  # nothing is sent: the end comes by itself
    for uid in (OTHER_UID, 0):
        done = subprocess.run(as_user(uid, "/usr/bin/python3", "-c", ask, str(daemon.socket)),
                              capture_output=True, text=True, timeout=LIMIT, check=False)
        assert done.stdout == "b''\n", (uid, done.stderr)
    assert "refused a client" in daemon.log.read_text()
    assert daemon.status()[0] == 0


@needs_root
def test_a_helper_sends_nothing_to_a_server_of_another_user(daemon):
    fake = daemon.home / "run/fake.sock"
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(fake))
    os.chown(fake, OTHER_UID, OTHER_UID)
    fake.chmod(0o666)
    listen = ("import socket,os\ns=socket.socket(fileno=3)\ns.listen()\nprint('up',flush=True)\n"
              "c,_=s.accept()\nc.settimeout(10)\nprint(repr(c.recv(100)))")
    process = subprocess.Popen(as_user(OTHER_UID, "/usr/bin/python3", "-c",
                                       listen.replace("fileno=3", f"fileno={server.fileno()}")),
                               pass_fds=(server.fileno(),), stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "up\n"
    done = daemon.helper("store", store_message("registry.example.org", MARKER), PURSER_SOCKET=str(fake))
    assert done.returncode == 1
    assert process.communicate(timeout=LIMIT)[0] == "b''\n"


@pytest.mark.parametrize("request_head", [
    "POST /v1/docker/get HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n",
    "POST /v1/docker/get HTTP/1.1\r\nX: " + "x" * 9000 + "\r\n\r\n",
    "POST /v1/docker/get HTTP/1.1\r\nPurser-Version: one\r\nContent-Length: 0\r\n\r\n",
    "\x00" * 100 + "\r\n\r\n",
    "POST /v1/docker/get HTTP/9.9\r\n\r\n",
], ids=["body too large", "head too large", "unknown version", "no HTTP", "unknown HTTP"])
def test_a_request_over_its_limits_is_dropped(daemon, request_head):
    with daemon.connect() as client:
        if os.geteuid() == 0:
            client.close()  # root is not served: send it as the user
            send = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(15)\ns.connect(sys.argv[1])\n"
                    "s.sendall(sys.argv[2].encode('latin-1').decode('unicode_escape').encode('latin-1'))\n"
                    "d=b''\nwhile True:\n  p=s.recv(4096)\n  if not p: break\n  d+=p\nprint(d[:12].decode())")
            done = subprocess.run(as_user(UID, "/usr/bin/python3", "-c", send, str(daemon.socket),
                                          request_head.encode("unicode_escape").decode()),
                                  capture_output=True, text=True, timeout=LIMIT, check=False)
            answer = done.stdout
        else:
            client.sendall(request_head.encode("latin-1"))
            answer = client.recv(12).decode()
    assert re.match(r"HTTP/1.1 4\d\d", answer), answer
    assert daemon.status()[0] == 0


def test_a_request_that_is_half_sent_is_dropped_at_its_deadline(daemon):
    wait = ("import socket,sys,time\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(15)\ns.connect(sys.argv[1])\n"
            "s.sendall(b'POST /v1/docker/get HT')\nt=time.monotonic()\nd=s.recv(100)\nprint(repr(d), time.monotonic()-t)")
    done = subprocess.run(as_user(UID, "/usr/bin/python3", "-c", wait, str(daemon.socket)),
                          capture_output=True, text=True, timeout=LIMIT, check=False)
    heard, seconds = done.stdout.split()
    assert heard == "b''"
    assert 4 < float(seconds) < 12


def test_there_are_no_core_files(daemon):
    limits = pathlib.Path(f"/proc/{daemon.pid}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)


@needs_root
def test_the_same_user_cannot_read_the_daemons_memory(daemon):
    attack = ("import ctypes,os,sys\npid=int(sys.argv[1])\nlibc=ctypes.CDLL(None,use_errno=True)\n"
              "r=libc.ptrace(16,pid,None,None)\nprint('ptrace',r,ctypes.get_errno())\n"
              "for f in ('mem','environ','maps'):\n"
              "  try: open(f'/proc/{pid}/{f}','rb').read(1); print(f,'read')\n"
              "  except OSError as e: print(f,e.errno)")
    done = subprocess.run(as_user(UID, "/usr/bin/python3", "-c", attack, str(daemon.pid)),
                          capture_output=True, text=True, timeout=LIMIT, check=False)
    assert done.stdout.split("\n")[0] in ("ptrace -1 1", "ptrace -1 13"), done.stdout
    assert "read" not in done.stdout, done.stdout


def test_no_secret_is_in_the_log_the_arguments_the_environment_or_the_files(daemon):
    daemon.process.send_signal(1)  # a reload, so that the log has more than the start
    for host in ("a.example.org", "b.example.org"):
        assert daemon.helper("store", store_message(host, MARKER)).returncode == 0
        assert MARKER in daemon.helper("get", host).stdout
    daemon.helper("store", store_message("user@bad", MARKER))
    daemon.helper("store", '{"ServerURL":"a.example.org","Username":"bob","Secret":"' + MARKER)
    key = {"AWS_ACCESS_KEY_ID": "AKIAFAKEFAKEFAKE", "AWS_SECRET_ACCESS_KEY": MARKER,
           "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    refused = daemon.helper("get", "123456789012.dkr.ecr.us-east-1.amazonaws.com", **key)
    assert refused.returncode == 1
    assert MARKER not in refused.stdout + refused.stderr
    process = pathlib.Path(f"/proc/{daemon.pid}")
    for place in (daemon.log, process / "cmdline", process / "environ"):
        try:
            assert MARKER.encode() not in place.read_bytes(), place
        except PermissionError:
            assert os.geteuid() != 0
    for path in daemon.home.rglob("*"):
        if path.is_file():
            assert MARKER.encode() not in path.read_bytes(), path


def test_a_control_character_in_a_name_reaches_no_log_line(daemon):
    answer = daemon.helper("get", "evil.example\x1b[31m\nforged line")
    assert answer.returncode == 1
    assert "\x1b" not in answer.stdout
    assert "forged line" not in daemon.log.read_text()


def test_erased_is_erased(daemon):
    daemon.helper("store", store_message("a.example.org", MARKER))
    assert daemon.helper("erase", "https://a.example.org/v2/").returncode == 0
    done = daemon.helper("get", "a.example.org")
    assert (done.returncode, done.stdout) == (1, "credentials not found in native keychain\n")
