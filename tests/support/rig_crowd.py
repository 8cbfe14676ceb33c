"""Many helpers at once."""

import dataclasses
import json
import pathlib
import subprocess
import time

from rig_home import Home


@dataclasses.dataclass(frozen=True)
class Answer:
    status: int
    stdout: str

    def secret(self) -> str:
        """The password; fails the test where the helper gave none."""
        assert self.status == 0, self.stdout
        return json.loads(self.stdout)["Secret"]


class Crowd:
    """Starts `count` helpers that ask for `registry`, as fast as they can be started; their output goes to files."""

    def __init__(self, home: Home, folder: pathlib.Path, registry: str, count: int):
        self._folder = folder
        key = folder / "registry"
        key.write_text(registry)
        program = str(home.programs / "docker-credential-purser")
        self._helpers = []
        for number in range(count):
            with key.open("rb") as stdin, (folder / f"answer{number}").open("wb") as stdout:
                helper = subprocess.Popen([program, "get"], stdin=stdin, stdout=stdout, stderr=stdout,
                                          env=home.environment, close_fds=False)
            self._helpers.append(helper)

    def running(self) -> int:
        return sum(helper.poll() is None for helper in self._helpers)

    def answers(self, seconds: float = 30) -> list[Answer]:
        deadline = time.monotonic() + seconds
        for helper in self._helpers:
            helper.wait(max(0.1, deadline - time.monotonic()))
        return [
            Answer(helper.returncode, (self._folder / f"answer{number}").read_text())
            for number, helper in enumerate(self._helpers)
        ]
