#!/usr/bin/python3
"""Stands in for purserd where a helper starts one (PURSER_DAEMON names a link to this file).

A helper gives it no variable of a test: so what it is told, and tells, is beside that link. It writes a line of JSON
about what it was started with to `starts`, then does what `mode` says: `serve` (the default), `exit`, or `hang` (never
ready).
It ends when its socket is removed, so that no test leaves one behind.
"""

import json
import os
import select
import socket
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

import fake_daemon  # noqa: E402 (found through the line above)

HERE = os.path.dirname(os.path.abspath(__file__))  # of the link


def started_with():
    """The environment as it was given: Python adds to its own."""
    with open("/proc/self/environ", "rb") as file:
        entries = file.read().decode().split("\0")[:-1]
    return dict(entry.split("=", 1) for entry in entries)


def describe():
    folder = "/proc/self/fd"
    descriptors = {}
    for number in os.listdir(folder):
        try:
            descriptors[number] = os.readlink(f"{folder}/{number}")
        except OSError:
            pass  # the one that listed the folder
    with open("/proc/self/status", encoding="ascii") as status:
        lines = dict(line.split(":", 1) for line in status.read().splitlines())
    mask = os.umask(0o077)
    return {
        "arguments": sys.argv[1:],
        "environment": started_with(),
        "descriptors": descriptors,
        "folder": os.getcwd(),
        "umask": mask,
        "pid": os.getpid(),
        "parent": os.getppid(),
        "session": os.getsid(0),
        "group": os.getpgrp(),
        "blocked": int(lines["SigBlk"], 16),
        "ignored": int(lines["SigIgn"], 16),
    }


def log(line):
    descriptor = os.open(os.path.join(HERE, "starts"), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(descriptor, (json.dumps(line) + "\n").encode())
    os.close(descriptor)


def socket_path():
    if "PURSER_SOCKET" in os.environ:
        return os.environ["PURSER_SOCKET"]
    if "XDG_RUNTIME_DIR" in os.environ:
        return os.environ["XDG_RUNTIME_DIR"] + "/purser/agent.sock"
    return os.environ["HOME"] + "/.cache/purser/run/agent.sock"


def serve(path, ready):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    if os.path.exists(path):
        os.unlink(path)
    listener.bind(path)
    listener.listen(256)
    os.write(ready, b"R")
    os.close(ready)
    while os.path.exists(path):
        if not select.select([listener], [], [], 0.2)[0]:
            continue
        connection, _ = listener.accept()
        answer(connection)
        connection.close()


def answer(connection):
    request = fake_daemon.read_request(connection)
    if request is not None:
        body = fake_daemon.ANSWER if request.input != b"large" else b"x" * (1 << 20)
        connection.sendall(fake_daemon.response(body))


def asked_mode():
    try:
        with open(os.path.join(HERE, "mode"), encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return "serve"


def main():
    log(describe())
    mode = asked_mode()
    if "--once" in sys.argv:
        if mode != "exit":
            answer(socket.socket(fileno=0))
    elif mode == "hang":
        select.select([], [], [], 20)
    elif mode == "serve":
        serve(socket_path(), int(sys.argv[sys.argv.index("--ready-fd") + 1]))


main()
