#!/usr/bin/python3
"""Helpers at a steady rate, each a process of its own, as the user whose daemon they ask.

    traffic.py HELPER RATE FOLDER

Reads lines from standard input: a JSON list of [registry, environment] begins, "stop" ends. Prints one line when the
first round was answered, and at the end one JSON object: how many asked, the secrets that each registry was given, and
what went wrong. Secrets are those of fakes.
"""

import json
import os
import pathlib
import select
import sys
import time


class Helpers:
    """Starts helpers and reads what they said."""

    def __init__(self, program, folder):
        self.program, self.folder = program, pathlib.Path(folder)
        self.running = {}
        self.asked, self.slowest, self.failures, self.secrets = 0, 0.0, [], {}

    def start(self, registry, environment):
        key, answer = self.folder / registry, self.folder / f"answer{self.asked}"
        if not key.exists():  # never written again: a helper may be slow to read
            key.write_text(registry)
        actions = [(os.POSIX_SPAWN_OPEN, 0, str(key), os.O_RDONLY, 0),
                   (os.POSIX_SPAWN_OPEN, 1, str(answer), os.O_WRONLY | os.O_CREAT, 0o600),
                   (os.POSIX_SPAWN_DUP2, 1, 2)]
        pid = os.posix_spawn(self.program, [self.program, "get"], environment, file_actions=actions)
        self.running[pid] = (registry, answer, time.monotonic())
        self.asked += 1

    def collect(self, wait=False):
        while self.running:
            pid, status = os.waitpid(-1, 0 if wait else os.WNOHANG)
            if pid == 0:
                return
            registry, answer, started = self.running.pop(pid)
            self.slowest = max(self.slowest, time.monotonic() - started)
            text = answer.read_text()
            answer.unlink()
            if status == 0:
                self.secrets.setdefault(registry, []).append(json.loads(text)["Secret"])
            else:
                self.failures.append(f"{registry}: {status}: {text.strip()}")


def stopped():
    return bool(select.select([sys.stdin], [], [], 0)[0])


def main():
    program, rate, folder = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    asks = json.loads(sys.stdin.readline())
    helpers = Helpers(program, folder)
    for registry, environment in asks:
        helpers.start(registry, environment)
    helpers.collect(wait=True)
    print("begun", flush=True)
    begun = time.monotonic()
    count = 0
    while not stopped():
        registry, environment = asks[count % len(asks)]
        helpers.start(registry, environment)
        count += 1
        helpers.collect()
        time.sleep(max(0.0, begun + count / rate - time.monotonic()))
    helpers.collect(wait=True)
    print(json.dumps({"asked": helpers.asked, "seconds": time.monotonic() - begun, "slowest": helpers.slowest,
                      "failures": helpers.failures[:20], "failed": len(helpers.failures),
                      "secrets": {registry: sorted(set(given)) for registry, given in helpers.secrets.items()}}))


main()
