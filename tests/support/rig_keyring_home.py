"""A user's home whose daemon finds a Secret Service, and what that daemon asks of it."""

import json
import subprocess
import sys
import time

import rig_clients
import rig_secret_service
from rig_home import Home
from rig_process import Program, wait_until

ANSWERED = 10  # seconds in which a client is answered, whatever happens, and one for a busy machine
NOT_FOUND = "credentials not found in native keychain\n"
# Stands where purser-keyring does: notes each verb, and kills the daemon before or after one of them.
SCRIPT = """#!/bin/sh
echo "$1" >> "{log}"
# Verbs may overlap, so that the number that is looked for may be passed when one ends.
ended() {{
  number="$(cat "{folder}/kill-$1" 2>/dev/null)" && [ "$(wc -l < "{log}")" -ge "$number" ] &&
    rm "{folder}/kill-$1" 2>/dev/null && kill -9 $(cat "{folder}/pid")
}}
ended before
"{program}" "$1"
code=$?
ended after
exit $code
"""


def message(server, username, secret):
    return json.dumps({"ServerURL": server, "Username": username, "Secret": secret}, ensure_ascii=False)


class KeyringHome(Home):
    """Nothing is configured: purser chooses. `bus=False`: a session without one. `watched`: its verbs are noted."""

    def __init__(self, folder, service, bus=True, watched=False):
        super().__init__(folder)
        self.service = service
        self.log = folder / "verbs"
        self.choice_file = self.home / ".local/state/purser/store"
        self.sealed_file = self.home / ".local/state/purser/credentials"
        if bus:
            self.environment["DBUS_SESSION_BUS_ADDRESS"] = service.environment["DBUS_SESSION_BUS_ADDRESS"]
        if watched:
            self.copy_programs()
            program = self.programs / "purser-keyring"
            built = rig_clients.purser_bin() / "purser-keyring"
            program.write_text(SCRIPT.format(log=self.log, folder=folder, program=built))
            program.chmod(0o755)

    def choose(self, kind):
        self.purser_config(store={"kind": kind})

    def verbs(self):
        """What was asked of the keyring so far, one process each."""
        return self.log.read_text().split() if self.log.exists() else []

    def die_at(self, when, verb):
        """The daemon that runs is killed `before` or `after` the keyring has done so many verbs more."""
        (self.folder / "pid").write_text(" ".join(str(pid) for pid in self.daemons()))
        (self.folder / f"kill-{when}").write_text(f"{len(self.verbs()) + verb}\n")

    def live(self):
        """Takes that back; whether somebody was killed."""
        waiting = [self.folder / f"kill-{when}" for when in ("before", "after")]
        left = [path for path in waiting if path.exists()]
        for path in left:
            path.unlink(missing_ok=True)
        return not left

    def chosen(self):
        """What is written down; None where nothing is."""
        return json.loads(self.choice_file.read_text())["kind"] if self.choice_file.exists() else None

    def login(self, server, username, secret):
        done = self.helper("store", message(server, username, secret))
        assert (done.status, done.stdout) == (0, ""), done

    def secret(self, server):
        return self.get(server)["Secret"]

    def refusal(self, verb, text):
        began = time.monotonic()
        done = self.helper(verb, text)
        assert time.monotonic() - began < ANSWERED
        assert done.status == 1 and done.stdout.count("\n") == 1, done
        return done.stdout

    def purser(self, *words, seconds=90):
        return self.run(str(self.programs / "purser"), *words, seconds=seconds)

    def prompter(self, answer):
        """A person at the desktop: `yes` types the password, `no` dismisses, `wait` does nothing."""
        password = self.service.root / "password"
        password.write_bytes(rig_secret_service.PASSWORD)
        script = [sys.executable, str(rig_clients.ROOT / "tests/support/prompter.py"), answer, str(password)]
        made = Program(script, self.folder / f"prompter-{answer}.log", self.service.environment)
        made.wait_until(lambda: "ready" in made.tail())
        return made


def prompted(prompter):
    wait_until(lambda: "prompt" in prompter.tail().splitlines(), 20, "no prompt is shown")


def ended(process: subprocess.Popen, seconds=90):
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err
