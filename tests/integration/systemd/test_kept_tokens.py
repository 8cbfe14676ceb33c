"""systemd keeps the tokens: whatever ends the daemon, no call is made for them again."""

import json
import os
import signal
import threading
import time

import pytest

from rig_authority import Authority
from rig_ecr import PROD, FakeEcr

ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"


class Account:
    """A user of ECR on that machine."""

    def __init__(self, machine):
        self.machine, self.manager = machine, machine.manager
        authority = Authority(self.manager.root / "authority")
        self.ecr = FakeEcr(authority)
        self.variables = ["env", f"AWS_ENDPOINT_URL_ECR={self.ecr.endpoint}", f"AWS_CA_BUNDLE={authority.certificate}",
                          f"AWS_ACCESS_KEY_ID={PROD.key_id}", f"AWS_SECRET_ACCESS_KEY={PROD.secret}"]
        authority.folder.chmod(0o755)
        self.file = self.manager.home / ".local/state/purser/cache"

    def helper(self, verb):
        return self.manager.run(*self.variables, self.machine.helper, verb, text=ECR, check=False)

    def token(self):
        done = self.helper("get")
        assert done.returncode == 0, done.stdout
        return json.loads(done.stdout)["Secret"]

    def calls(self):
        return len(self.ecr.calls())

    def descriptors(self):
        """How many systemd keeps for us."""
        return int(self.manager.show("purser.service", "NFileDescriptorStore"))

    def token_that_is_kept(self):
        token = self.token()
        deadline = time.monotonic() + 10
        while self.descriptors() != 1 or self.file.exists():
            assert time.monotonic() < deadline, "systemd keeps nothing"
            time.sleep(0.02)
        # A save that began before the look above has ended with this one.
        assert self.manager.run(self.machine.helper, "erase", text="210987654321" + ECR[12:]).returncode == 0
        return token

    def kill(self):
        victim = self.machine.main_pid()
        assert victim > 1
        os.kill(victim, signal.SIGKILL)


@pytest.fixture(scope="module")
def running_account(machine):
    account = Account(machine)
    yield account
    account.ecr.stop()


@pytest.fixture
def account(running_account):
    running_account.helper("erase")
    running_account.ecr.forget()
    return running_account


def test_a_restart_costs_no_call(account):
    token = account.token_that_is_kept()
    for _ in range(3):
        account.manager.systemctl("restart", "purser.service")
        assert account.token() == token
    assert account.calls() == 1


def test_a_kill_9_costs_no_call(account):
    token = account.token_that_is_kept()
    for _ in range(3):
        account.kill()
        assert account.token() == token
    assert account.calls() == 1
    assert account.descriptors() == 1


def test_a_stop_for_good_and_a_start_cost_no_call(account):
    token = account.token_that_is_kept()
    account.machine.stop_service()
    assert account.file.exists()
    assert account.token() == token
    assert account.calls() == 1
    assert account.token_that_is_kept() == token  # and the file is gone


def test_an_erased_token_does_not_come_back(account):
    token = account.token_that_is_kept()
    assert account.helper("erase").returncode == 0
    account.kill()
    assert account.token() != token


def test_status_says_where(account):
    account.token_that_is_kept()
    done = account.manager.run(str(account.manager.root / "bin/purser"), "status", "--json")
    assert json.loads(done.stdout)["cache"] == {"kept_in": "systemd", "error": None}


def test_restarts_and_kills_under_load_cost_no_call_and_no_answer(account):
    token = account.token_that_is_kept()
    answers, stopping = [], threading.Event()

    def ask():
        while not stopping.is_set():
            answers.append(account.helper("get"))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for number in range(6):
            goal = len(answers) + 20
            while len(answers) < goal:
                time.sleep(0.005)
            account.kill() if number % 2 else account.manager.systemctl("restart", "purser.service")
    finally:
        stopping.set()
        for thread in threads:
            thread.join()
    assert {done.returncode for done in answers} == {0}, [done.stdout for done in answers if done.returncode]
    assert {json.loads(done.stdout)["Secret"] for done in answers} == {token}
    assert account.calls() == 1
