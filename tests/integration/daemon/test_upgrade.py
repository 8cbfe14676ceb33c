"""A program that is replaced while it runs, and a daemon that dies again and again. (With a real systemd:
tests/integration/systemd.)
"""

import fcntl
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import time

import pytest

import rig_clients
import rig_other_rules
from rig_ecr import PROD, Behaviour
from rig_keys import session_key
from rig_process import wait_until
from rig_world import ECR


@pytest.fixture
def user(home):
    """Its programs are files of its own, which can be replaced."""
    home.profile("prod", PROD)
    home.environment["AWS_PROFILE"] = "prod"
    home.copy_programs()
    return home


def _replace(home, content: bytes | None = None) -> int:
    """As a package does; the number of the new file."""
    program, fresh = home.programs / "purserd", home.programs / "purserd.new"
    if content is None:
        shutil.copy(rig_clients.purser_bin() / "purserd", fresh)
    else:
        fresh.write_bytes(content)
    fresh.chmod(0o755)
    os.rename(fresh, program)
    return program.stat().st_ino


def _runs(pid: int) -> int:
    return pathlib.Path(f"/proc/{pid}/exe").stat().st_ino


def _only_daemon(home) -> int:
    """Once the process that starts programs for it has a name of its own."""
    wait_until(lambda: len(home.daemons()) == 1, 10, "not one daemon")
    return home.daemons()[0]


def _secret(home) -> str:
    return home.get(ECR)["Secret"]


def _reload(pid: int) -> None:
    os.kill(pid, signal.SIGHUP)


def test_a_daemon_of_the_helper_becomes_the_new_program(world, user):
    token = _secret(user)
    pid = _only_daemon(user)
    new = _replace(user)
    _reload(pid)
    wait_until(lambda: _runs(pid) == new, 10, "still the old program")
    assert _secret(user) == token
    assert _only_daemon(user) == pid
    assert user.ask("/v1/status")["started_by"] == "helper"
    wait_until(lambda: len(user.brokers()) == 1, 10, "more than one process that starts programs")
    assert len(world.ecr.calls()) == 1


def test_programs_of_the_new_one_are_as_free_as_those_of_the_old(world, user):
    """What the daemon gave up it cannot have again: the process that starts programs lives on, and becomes the new program."""
    key = session_key("minted")
    world.ecr.learn_key(key, time.time() + 3600)
    answer = {"Version": 1, "AccessKeyId": key.key_id, "SecretAccessKey": key.secret, "SessionToken": key.session_token}
    seen, program = user.folder / "seen", user.home / "bin/mint"
    user.write("bin/mint", f"#!/bin/sh\ngrep -E 'Seccomp:|NoNewPrivs' /proc/self/status >>{seen}\n"
                           f"echo free >{user.home}/elsewhere\nprintf %s {shlex.quote(json.dumps(answer))}\n").chmod(0o700)
    user.aws_config(tool={"credential_process": str(program)})
    user.environment["AWS_PROFILE"] = "tool"
    _secret(user)
    before = seen.read_text()
    pid = _only_daemon(user)
    broker, = user.brokers()
    filters = _filters(pid)
    for _ in range(2):  # of the second one, the first was the successor
        (user.home / "elsewhere").unlink()
        new = _replace(user)
        _reload(pid)
        wait_until(lambda: _runs(pid) == new, 10, "still the old program")
        wait_until(lambda: user.brokers() == [broker] and _runs(broker) == new, 10, "no new broker")
        user.run(str(rig_clients.purser_bin() / "purser"), "refresh", ECR).ok()
        assert (user.home / "elsewhere").read_text() == "free\n"
    assert seen.read_text() == before * 3
    assert user.ask("/v1/status")["hardening"]["missing"] in ([], ["all: this is a build with sanitizers, which need more"])
    assert _filters(pid) == filters, "they grow with each upgrade"


def _filters(pid: int) -> str:
    return re.search(r"Seccomp_filters:\t(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]


def test_who_waits_is_answered_before(world, user):
    _secret(user)
    pid = _only_daemon(user)
    assert user.helper("erase", ECR).status == 0
    world.ecr.script(Behaviour("hold"))
    waiting = user.start_helper("get", ECR)
    assert world.ecr.wait_for_calls(2, 10)
    new = _replace(user)
    _reload(pid)
    newcomer = user.start_helper("get", ECR)
    world.ecr.release()
    for helper in (waiting, newcomer):
        out, _ = helper.communicate(timeout=15)
        assert helper.returncode == 0, out
    wait_until(lambda: _runs(pid) == new, 10, "still the old program")
    assert len(world.ecr.calls()) == 2


def test_a_program_that_cannot_be_started_changes_nothing(world, user):
    token = _secret(user)
    pid = _only_daemon(user)
    old = _runs(pid)
    broken = _replace(user, b"this is no program")
    _reload(pid)
    command = pathlib.Path(f"/proc/{pid}/cmdline")
    wait_until(lambda: b"--listening-fd" in command.read_bytes(), 10, "it did nothing")
    assert _secret(user) == token
    assert _only_daemon(user) == pid and _runs(pid) == old != broken
    assert len(world.ecr.calls()) == 1


def test_a_program_with_other_rules_is_started_anew_and_nobody_notices(world, user):
    """It cannot have back what the old one gave up, and says so; the next helper starts it."""
    token = _secret(user)
    pid = _only_daemon(user)
    if "sanitizers" in "".join(user.ask("/v1/status")["hardening"]["missing"]):
        return  # such a build gives up nothing
    new = _replace(user, rig_other_rules.with_other_rules((rig_clients.purser_bin() / "purserd").read_bytes()))
    _reload(pid)
    helpers = [user.start_helper("get", ECR) for _ in range(30)]
    answers = [helper.communicate(timeout=15)[0] for helper in helpers]
    assert [helper.returncode for helper in helpers] == [0] * 30, answers
    assert {json.loads(answer)["Secret"] for answer in answers} == {token}
    wait_until(lambda: pid not in user.daemons(), 10, "the old one still runs")
    assert _secret(user) == token
    assert _runs(_only_daemon(user)) == new
    assert user.ask("/v1/status")["hardening"]["missing"] == []
    assert len(world.ecr.calls()) == 1


def test_a_program_that_others_may_write_is_not_started(world, user):
    _secret(user)
    pid = _only_daemon(user)
    old = _runs(pid)
    _replace(user)
    (user.programs / "purserd").chmod(0o777)
    _reload(pid)
    user.purser_config(idle_exit_seconds=77)  # read by the reload that comes with the next request
    _secret(user)
    assert _runs(pid) == old


def _kill(home, pid: int) -> None:
    """Until its lock is free, too: that goes a moment after the process."""
    os.kill(pid, signal.SIGKILL)
    with (home.socket.parent / "daemon.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)


def _kill_soon_after_its_start(home) -> None:
    daemon = home.start_daemon()
    wait_until(lambda: home.ask("/v1/status")["pid"] == daemon.pid, 10, "not up")
    _kill(home, daemon.pid)
    wait_until(lambda: not daemon.running(), 10, "still there")


def test_after_five_crashes_in_a_minute_it_begins_without_the_cache(world, user):
    daemon = user.start_daemon()
    token = _secret(user)
    daemon.stop()
    for _ in range(4):
        _kill_soon_after_its_start(user)
    assert _secret(user) == token  # by a fifth one, which the helper starts
    pid = _only_daemon(user)
    _kill(user, pid)
    user.start_daemon()
    assert _secret(user) != token
    assert len(world.ecr.calls()) == 2
    log = (user.folder / "purserd.log").read_text()
    assert "purserd died 5 times within a minute: it begins with an empty cache" in log


def test_orderly_ends_are_no_crashes(world, user):
    token = ""
    for _ in range(7):
        daemon = user.start_daemon()
        token = token or _secret(user)
        assert _secret(user) == token
        daemon.stop()
    assert len(world.ecr.calls()) == 1
