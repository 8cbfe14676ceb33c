"""To whom the helper talks (attack 49), and what it leaves of what it was told."""

import os
import re
import subprocess
import sys
import threading

import pytest

from fake_daemon import ANSWER

NOBODY = 65534
ECR = b"123456789012.dkr.ecr.us-east-1.amazonaws.com"

LISTENER = """
import os, socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
listener.listen()
print(flush=True)
connection, _ = listener.accept()
received = b""
while got := connection.recv(65536): received += got
print(len(received), flush=True)
"""

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


@needs_root
def test_a_daemon_of_another_user_gets_not_a_byte(helper):
    os.chmod(helper.home, 0o755)
    folder = os.path.dirname(helper.socket)
    os.mkdir(folder)
    os.chown(folder, NOBODY, NOBODY)
    command = [sys.executable, "-c", LISTENER, helper.socket]
    with subprocess.Popen(command, user=NOBODY, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        outcome = helper.get(ECR, env={"AWS_SECRET_ACCESS_KEY": "not-a-real-secret"})
        assert int(process.stdout.readline()) == 0
    assert outcome.code == 1
    assert outcome.out.startswith(b"purser: " + ECR + b": who listens at ")
    assert b" is another user; " in outcome.out


@needs_root
@pytest.mark.parametrize(("named", "bytes_sent"), [(str(NOBODY), True), ("0", False), (f"{NOBODY}x", False), ("-2", False),
                                                   (f"+{NOBODY}", False), ("", False), (str(2**32 + NOBODY), False)])
def test_the_owner_of_a_mounted_socket_is_named_by_number(helper, named, bytes_sent):
    """A container may run as another user than the job that mounts its socket."""
    os.chmod(helper.home, 0o755)
    folder = os.path.dirname(helper.socket)
    os.mkdir(folder)
    os.chown(folder, NOBODY, NOBODY)
    command = [sys.executable, "-c", LISTENER, helper.socket]
    with subprocess.Popen(command, user=NOBODY, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        outcome = helper.get(ECR, env={"PURSER_SOCKET": helper.socket, "PURSER_SOCKET_UID": named, "PURSER_DEADLINE_MS": "1000"})
        assert (int(process.stdout.readline()) > 0) == bytes_sent
    assert outcome.code == 1
    assert (b" is another user; " in outcome.out) != bytes_sent


@needs_root
def test_a_daemon_of_root_is_a_system_unit(helper, daemon):
    """There systemd made the socket, for a service of the caller's user."""
    daemon()
    os.chmod(helper.home, 0o755)
    os.chmod(os.path.dirname(helper.socket), 0o755)
    os.chmod(helper.socket, 0o666)
    assert helper.get(user=NOBODY).out == ANSWER


@needs_root
def test_a_socket_that_may_not_be_opened_is_an_error(helper, daemon):
    fake = daemon()
    os.chmod(helper.home, 0o755)
    outcome = helper.get(ECR, user=NOBODY)
    assert outcome.code == 1 and b"cannot connect to purserd at " in outcome.out
    assert fake.connections == 0


@pytest.mark.parametrize("closed", [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]])
def test_streams_that_our_caller_closed(helper, daemon, closed):
    """The connection to the daemon must not become one of them."""
    fake = daemon()
    outcome = helper.get(preexec_fn=lambda: [os.close(number) for number in closed])
    if 0 in closed:
        assert outcome.code == 1
        assert fake.heard_nothing()
        assert outcome.out == (b"" if 1 in closed else b"no credentials server URL\n")
    else:
        assert fake.requests[0].input == b"r.example.com"
        assert outcome.out == (b"" if 1 in closed else ANSWER)
        assert outcome.code == (1 if 1 in closed else 0)


@pytest.mark.parametrize("verb", ["get", "store", "erase", "list"])
@pytest.mark.parametrize("value", [None, "0", "", "true"])
def test_standard_error_is_silent_by_default(helper, daemon, verb, value):
    daemon()
    assert helper.run(verb, env={"PURSER_DEBUG": value}).err == b""


def test_the_steps_are_shown_on_demand_without_secrets(helper, daemon):
    daemon()
    secret = {"AWS_SECRET_ACCESS_KEY": "not-a-real-secret", "PURSER_DEBUG": "1"}
    shown = helper.run("store", b'{"ServerURL":"r","Username":"ann","Secret":"not-a-real-secret"}', env=secret)
    assert shown.code == 0
    assert re.fullmatch(rb"(purser: \[\d+\] [^\n]+\n)+", shown.err)
    assert b"status 200, " in shown.err
    assert b"not-a-real-secret" not in shown.err


def test_what_secrets_pass_through_is_left_out_of_core_files(helper, daemon):
    asked, over = threading.Event(), threading.Event()

    def serve(fake, connection, _number):
        fake.request(connection)
        asked.set()
        over.wait(10)

    daemon(serve)
    with helper.start("store") as process:
        process.stdin.write(b"x" * 1_000_000)
        process.stdin.close()
        assert asked.wait(10)
        with open(f"/proc/{process.pid}/smaps", encoding="ascii") as maps:
            areas = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", maps.read())
        process.kill()
    over.set()
    large = [area for area in areas if int(re.search(r"Size: +(\d+)", area + "Size: 0").group(1)) > 4096]
    assert large
    for area in large:
        assert " dd" in re.search(r"VmFlags:(.*)", area).group(1)
