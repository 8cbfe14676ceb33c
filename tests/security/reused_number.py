"""In a process namespace of its own, as root: a client in another mount namespace ends before the daemon looks at it, and a
program of the daemon's user gets its number. What the audit log then says of the client is printed.

reused_number.py SOCKET UID DAEMON_COMMAND...
"""

import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

SOCKET, UID, COMMAND = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
LIMIT = 20
LAST_NUMBER = pathlib.Path("/proc/sys/kernel/ns_last_pid")
ASK = b"POST /v1/docker/get HTTP/1.1\r\nHost: purser\r\nPurser-Version: 1\r\nContent-Length: 14\r\n\r\n\0a.example.org"
# It connects and asks; its child has the connection, and waits for the answer.
CLIENT = ("import os,socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(20)\ns.connect(sys.argv[1])\n"
          "s.sendall(bytes.fromhex(sys.argv[2]))\n"
          "if os.fork(): os._exit(0)\nos.write(1, s.recv(65536)[:12])")


def as_user(*command):
    return ["setpriv", f"--reuid={UID}", f"--regid={UID}", "--clear-groups", *command]


def start(number, *command):
    """A process with that number."""
    for _ in range(100):
        LAST_NUMBER.write_text(str(number - 1), encoding="ascii")
        process = subprocess.Popen(command)
        if process.pid == number:
            return process
        process.kill()
        process.wait()
    raise AssertionError(f"{number} was not given again")


def wait_for(condition):
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def audit():
    ask = ("import socket,sys\ns=socket.socket(socket.AF_UNIX)\ns.settimeout(20)\ns.connect(sys.argv[1])\n"
           "s.sendall(b'GET /v1/audit HTTP/1.1\\r\\nHost: purser\\r\\nConnection: close\\r\\n\\r\\n')\n"
           "while p:=s.recv(65536): sys.stdout.buffer.write(p)")
    told = subprocess.run(as_user("/usr/bin/python3", "-c", ask, SOCKET), capture_output=True, timeout=LIMIT, check=True).stdout
    return json.loads(told.partition(b"\r\n\r\n")[2])["events"]


def main():
    daemon = subprocess.Popen(as_user(*COMMAND))
    wait_for(lambda: os.path.exists(SOCKET))
    local = subprocess.run(as_user("/usr/bin/python3", "-c", CLIENT.replace("if os.fork(): os._exit(0)\n", ""), SOCKET,
                                   ASK.hex()), capture_output=True, timeout=LIMIT, check=True)
    assert local.stdout.startswith(b"HTTP/1.1"), local
    daemon.send_signal(signal.SIGSTOP)
    client = subprocess.Popen(["unshare", "--mount", *as_user("/usr/bin/python3", "-c", CLIENT, SOCKET, ASK.hex())],
                              stdout=subprocess.PIPE)
    client.wait(LIMIT)
    other = start(client.pid, *as_user("sleep", "60"))
    wait_for(lambda: os.readlink(f"/proc/{other.pid}/exe").endswith("/sleep"))
    daemon.send_signal(signal.SIGCONT)
    assert client.stdout.read().startswith(b"HTTP/1.1")
    events = audit()
    for process in (other, daemon):
        process.terminate()
        process.wait(LIMIT)
    print(json.dumps({"number": other.pid, "events": events}))


main()
