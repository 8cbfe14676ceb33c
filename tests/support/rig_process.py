"""Programs that a test session starts and stops, and waiting for what they do."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import time


class NotReady(Exception):
    """A program did not come up, or something did not happen in time."""


def wait_until(condition, seconds: float, what: str, pause: float = 0.02):
    """Polls until `condition()` is true and returns its value; raises NotReady with `what` after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise NotReady(f"after {seconds:g} s: {what}")
        time.sleep(pause)


def accepts_connections(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1).close()
        return True
    except OSError:
        return False


class Program:
    """A program in a session of its own, whose output goes to a log file. Stopped with everything it started."""

    def __init__(self, arguments: list[str], log: pathlib.Path, environment: dict[str, str] | None = None, **options):
        self.name = pathlib.Path(arguments[0]).name
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                arguments, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
                start_new_session=True, **options
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def wait_until(self, condition, seconds: float = 20) -> None:
        """Until `condition()`; raises with the end of the log if it does not come, or if the program ends first."""
        try:
            wait_until(lambda: condition() or not self.running(), seconds, "")
        except NotReady:
            raise NotReady(f"{self.name} did not come up\n{self.tail()}") from None
        if not self.running():
            raise NotReady(f"{self.name} ended with {self._process.returncode}\n{self.tail()}")

    def wait_for_port(self, address: tuple[str, int], seconds: float = 20) -> None:
        self.wait_until(lambda: accepts_connections(address), seconds)

    def tail(self, size: int = 4000) -> str:
        return self.log.read_text(errors="replace")[-size:]

    def stop(self, seconds: float = 10) -> None:
        if self.running():
            self._process.terminate()
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                pass
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self._process.wait(seconds)


def memory(pid: int) -> tuple[int, int]:
    """Resident, and the highest that it was; KiB."""
    fields = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(fields["VmRSS"].split()[0]), int(fields["VmHWM"].split()[0])


def private_memory(pid: int) -> int:
    """Resident, without what lies in files: the pages of a program come and go. KiB."""
    (line,) = re.findall(r"^RssAnon:\s+(\d+) kB$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(line)


def descriptors(pid: int) -> int:
    """How many it has open."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on. In the session's own network nobody else takes it meanwhile."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]
