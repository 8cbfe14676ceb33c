"""32 processes at once store, erase and read a few keys through the real helper and daemon.

What happened to each key must be explainable as one thing after another (linear.py): also where the daemon is killed
again and again, by which nothing that was acknowledged may be lost and nothing be half there. $PURSER_RACE_SECONDS is
how long it takes, 5 by default; scripts/soak gives it a minute.
"""

import collections
import dataclasses
import itertools
import json
import os
import random
import signal
import threading
import time

import pytest
from conftest import NOT_FOUND
from linear import Operation, check

SECONDS = float(os.environ.get("PURSER_RACE_SECONDS", "5"))
PATIENCE = 60  # seconds more for a slow machine
PROCESSES = 32
KEYS = ["a.example.com", "b.example.com", "c.example.com", "d.example.com"]


class Race:
    """Workers that each run one helper after the other, and what they saw."""

    def __init__(self, purser, unheard):
        self.purser = purser
        self.unheard = unheard  # whether a request may end without an answer
        self.histories = collections.defaultdict(list)
        self.trouble = []
        self.numbers = itertools.count(1)
        self.answered = 0

    def run(self, enough=lambda: True):
        """For SECONDS, and on a slow machine longer: until `enough` and everybody was answered a few times."""
        begun = time.monotonic()

        def goes_on():
            passed = time.monotonic() - begun
            done = passed >= SECONDS and self.answered > 3 * PROCESSES and enough()
            return not done and passed < SECONDS + PATIENCE and not self.trouble

        workers = [threading.Thread(target=self._work, args=(seed, goes_on)) for seed in range(PROCESSES)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert not self.trouble, self.trouble
        assert self.answered > 3 * PROCESSES and enough()

    def _work(self, seed, goes_on):
        generator = random.Random(seed)
        try:
            while goes_on():
                self.step(generator.choice(KEYS), generator.choices(["get", "store", "erase"], [6, 3, 1])[0])
        except BaseException as error:  # noqa: BLE001: told by the test, which waits in another thread
            self.trouble.append(error)
            raise

    def step(self, key, verb):
        number = next(self.numbers)
        value = (f"user-{number}", f"fake-secret-{number}")
        stdin = json.dumps({"ServerURL": key, "Username": value[0], "Secret": value[1]}) if verb == "store" else key
        called = time.monotonic_ns()
        done = self.purser.helper(verb, stdin)
        returned = time.monotonic_ns()
        found = self._found(verb, value, done)
        self.answered += found is not None
        if found is None:
            assert self.unheard, done
            if verb == "get":
                return  # it says nothing
            found, returned = ("write", None if verb == "erase" else value), None
        self.histories[key].append(Operation(*found, called, returned))

    @staticmethod
    def _found(verb, value, done):
        """Kind and value of the operation; None where it was not answered."""
        if verb == "get" and done.status == 0:
            answer = json.loads(done.stdout)
            return "read", (answer["Username"], answer["Secret"])
        if verb == "get" and done.stdout.strip() == NOT_FOUND:
            return "read", None
        if verb == "get" or done.status != 0:
            return None
        return "write", None if verb == "erase" else value

    def judge(self, kills=()):
        """Reads every key once more, and checks its history.

        Where a daemon dies with its request, a helper asks the next one the same: a write may happen once more for each
        of `kills`, which are moments, between its call and its return."""
        def repeated(operation):
            end = operation.returned or float("inf")
            return dataclasses.replace(operation, repeats=sum(operation.called <= kill <= end for kill in kills)
                                       if operation.kind == "write" else 0)

        for key in KEYS:
            self.step(key, "get")
        for key in KEYS:
            check([repeated(operation) for operation in self.histories[key]])


def test_what_many_processes_see_can_be_explained(purser):
    race = Race(purser, unheard=False)
    race.run()
    race.judge()


class Killer(threading.Thread):
    """Kills the daemon at random moments until it is told to stop, but each only after it has answered somebody: else,
    where a daemon is slow to start, nobody hears anything and every request may have happened any number of times."""

    def __init__(self, purser, race):
        super().__init__()
        self.purser, self.race, self.enough, self.kills = purser, race, threading.Event(), []

    def run(self):
        generator, seen = random.Random(), 0
        while not self.enough.wait(generator.uniform(0.02, 0.4)):
            if self.race.answered == seen:
                continue
            seen = self.race.answered
            for pid in self.purser.daemons():
                try:
                    self.kills.append(time.monotonic_ns())
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass


def test_kills_lose_nothing_that_was_acknowledged(purser):
    race = Race(purser, unheard=True)
    killer = Killer(purser, race)
    killer.start()
    try:
        race.run(enough=lambda: len(killer.kills) >= 3)
    finally:
        killer.enough.set()
        killer.join()
    race.unheard = False  # nobody kills any more
    race.judge(killer.kills)
    assert sorted(path.name for path in purser.state.iterdir() if path.name.startswith("credentials")) == [
        "credentials", "credentials.lock"]


def test_the_race_would_notice_a_store_that_is_lost(purser):
    """An acknowledged store that is taken back behind the daemon is found out by the same judge."""
    race = Race(purser, unheard=False)
    race.step(KEYS[0], "store")
    before = purser.credentials.read_bytes()
    race.step(KEYS[0], "store")
    purser.credentials.write_bytes(before)
    with pytest.raises(AssertionError):
        race.judge()
