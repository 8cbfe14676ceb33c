"""The units under a real user manager: one daemon, started by its socket, that nobody misses."""

import json
import os
import shutil
import signal
import stat
import time

import user_manager
from user_machine import CREDENTIAL, Traffic, assert_answered, units_of

NOT_FOUND = "credentials not found in native keychain\n"


def test_the_units_are_clean(machine):
    units = units_of(machine.manager)
    done = machine.manager.run("systemd-analyze", "--user", "--man=no", "verify",
                               f"{units}/purser.socket", f"{units}/purser.service", check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_socket_is_ours_alone(machine):
    path = machine.manager.runtime / "purser/agent.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.stat().st_uid == user_manager.UID


def test_the_first_request_starts_the_daemon(machine):
    machine.stop_service()
    assert machine.get("nobody.example.org").stdout == NOT_FOUND
    assert machine.daemons() == [machine.main_pid()]
    assert machine.manager.show("purser.service", "ActiveState") == "active"


def test_the_daemon_says_what_it_is(ready):
    done = ready.manager.run(str(ready.manager.root / "bin/purser"), "status", "--json")
    status = json.loads(done.stdout)
    assert status["pid"] == ready.main_pid()
    assert status["started_by"] == "systemd"
    assert status["socket"] == str(ready.manager.runtime / "purser/agent.sock")


def test_64_helpers_at_once_share_one_daemon(ready):
    ready.stop_service()
    helpers = [ready.start_get() for _ in range(64)]
    for helper in helpers:
        helper.stdin.close()
    answers = [helper.stdout.read() for helper in helpers]
    assert [helper.wait() for helper in helpers] == [0] * 64
    assert [json.loads(answer) for answer in answers] == [CREDENTIAL] * 64
    assert ready.daemons() == [ready.main_pid()]
    assert ready.manager.show("purser.service", "NRestarts") == "0"


def test_kill_9_under_traffic_is_not_noticed(ready):
    killed = set()
    with Traffic(ready) as traffic:
        for _ in range(5):
            traffic.wait_for(20)
            victim = ready.main_pid()
            assert victim > 1  # 0 would be ourselves
            os.kill(victim, signal.SIGKILL)
            killed.add(victim)
        traffic.wait_for(20)
    assert len(killed) == 5
    for done in traffic.answers:
        assert_answered(done)
    assert ready.daemons() == [ready.main_pid()]


def test_a_restart_under_traffic_is_not_noticed(ready):
    with Traffic(ready) as traffic:
        for _ in range(3):
            traffic.wait_for(20)
            before = ready.main_pid()
            ready.manager.systemctl("restart", "purser.service")
            assert ready.main_pid() != before
        traffic.wait_for(20)
    for done in traffic.answers:
        assert_answered(done)


def test_a_reload_keeps_the_daemon_and_reads_the_configuration(ready):
    before = ready.main_pid()
    folder = ready.manager.home / ".config/purser"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text('{"version": 1, "registrys": []}')
    try:
        ready.manager.systemctl("reload", "purser.service")
        deadline = time.monotonic() + 10
        error = None
        while error is None and time.monotonic() < deadline:
            done = ready.manager.run(str(ready.manager.root / "bin/purser"), "status", "--json")
            error = json.loads(done.stdout)["config"]["error"]
        assert "did you mean" in error
        assert ready.main_pid() == before
        assert_answered(ready.get())
    finally:
        shutil.rmtree(folder)
        ready.manager.systemctl("reload", "purser.service")


def test_the_daemon_cannot_be_read_by_its_own_user(ready):
    done = ready.manager.run("cat", f"/proc/{ready.main_pid()}/environ", check=False)
    assert done.returncode != 0 and done.stdout == ""


def test_the_socket_outlives_the_daemon(ready):
    ready.stop_service()
    assert ready.manager.show("purser.socket", "ActiveState") == "active"
    assert_answered(ready.get())


def test_stopping_the_socket_leaves_no_file_behind(ready):
    ready.manager.systemctl("stop", "purser.socket", "purser.service")
    try:
        assert not (ready.manager.runtime / "purser/agent.sock").exists()
    finally:
        ready.manager.systemctl("start", "purser.socket")
