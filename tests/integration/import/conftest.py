import base64
import json
import os
import pathlib
import pty
import shutil
import subprocess
import sys
import tempfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))
import rig_home  # noqa: E402

CONFIG = ".docker/config.json"


def auth(username, password):
    return base64.b64encode(f"{username}:{password}".encode()).decode()


class User(rig_home.Home):
    """Somebody whose clients keep credentials in plain text, and who has just got purser."""

    def config(self, auths, path=CONFIG, **settings):
        """A client's file, whose clients ask purser; returns its path. `credsStore=None` has them ask nobody."""
        settings = {"credsStore": "purser", **settings}
        content = {"auths": auths, **{name: value for name, value in settings.items() if value is not None}}
        return self.write(path, json.dumps(content, indent="\t", ensure_ascii=False))

    def purser(self, *words, **variables):
        return self.run(str(self.programs / "purser"), "import", *words, **variables)

    def imported(self, *words, **variables):
        return self.purser("--yes", *words, **variables).ok()

    def report(self, *words):
        """What --json says; its exit code does not matter."""
        return json.loads(self.purser("--json", *words).stdout)

    def fates(self, *words):
        return {entry["name"]: entry["fate"] for entry in self.report(*words)["entries"]}

    def store(self, registry, username, secret):
        message = {"ServerURL": registry, "Username": username, "Secret": secret}
        self.helper("store", json.dumps(message)).ok()

    def stored(self, registry):
        """(user name, secret), or None where it is not found."""
        outcome = self.helper("get", registry)
        if outcome.status != 0:
            assert rig_home.NOT_FOUND in outcome.stdout, outcome
            return None
        answer = json.loads(outcome.stdout)
        return answer["Username"], answer["Secret"]

    def names(self):
        return sorted(json.loads(self.helper("list", "unused").ok().stdout))

    def files_with(self, *texts):
        """Files anywhere below the home and the runtime folder that hold one of these, in plain text or base64."""
        wanted = [text.encode() for text in texts]
        wanted += [base64.b64encode(text) for text in wanted]
        found = [path for folder in (self.home, self.runtime) for path in folder.rglob("*") if path.is_file()]
        return [path for path in found if any(text in path.read_bytes() for text in wanted)]

    def program(self, name, script):
        """A program on PATH in front of all others."""
        path = self.programs / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def wrap_helper(self, script):
        """`script` runs instead of the helper, which is in $REAL, with the verb in $1."""
        real = (self.programs / "docker-credential-purser").resolve()
        self.program("docker-credential-purser", f"REAL={real}\n{script}")

    def at_a_terminal(self, *words):
        return Terminal(self, words)


class Terminal:
    """purser import at a terminal that waits for an answer."""

    def __init__(self, user, words):
        self._master, slave = pty.openpty()
        command = [str(user.programs / "purser"), "import", *words]
        self._process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=user.environment,
                                         cwd=user.home, start_new_session=True)
        os.close(slave)
        self.shown = ""
        self._read_until(lambda: "[y/N]" in self.shown)

    def answer(self, text):
        """The exit code."""
        os.write(self._master, text.encode() + b"\n")
        self._read_until(lambda: False)
        os.close(self._master)
        return self._process.wait(30)

    def _read_until(self, condition):
        while not condition():
            try:
                piece = os.read(self._master, 4096)
            except OSError:  # the other end is closed
                piece = b""
            if not piece:
                return
            self.shown += piece.decode(errors="replace")


@pytest.fixture
def user():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="purser-import-"))  # not pytest's: the path of a socket is short
    made = User(folder)
    yield made
    try:
        made.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
