"""Simulated hours: one clock for a daemon and for the fakes that it talks to. Clients and the kernel keep the real one."""

import pathlib
import struct
import subprocess
import time

SOURCE = pathlib.Path(__file__).parent / "shifted_clock.c"
_real = time.time


class SimulatedClock:
    """In `folder`: a library that moves the clocks of a program, and how far. 0 at the beginning."""

    def __init__(self, folder: pathlib.Path):
        self.folder = folder
        folder.mkdir()
        self._offset = folder / "offset"
        self._offset.write_bytes(struct.pack("q", 0))
        self._seconds = 0
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", str(folder / "shifted.so"), str(SOURCE)],
                       check=True, timeout=60)

    def time(self) -> float:
        return _real() + self._seconds

    def advance(self, seconds: int) -> None:
        self._seconds += seconds
        with self._offset.open("r+b") as file:
            file.write(struct.pack("q", self._seconds * 10**9))

    def wrap(self, program: str, at: str) -> pathlib.Path:
        """Another name of `program`, whose clocks this one moves. `at`: what the folder is called where it runs."""
        script = self.folder / pathlib.Path(program).name
        script.write_text(f"#!/bin/sh\nexport SHIFTED_CLOCK={at}/offset LD_PRELOAD={at}/shifted.so\nexec {program} \"$@\"\n")
        script.chmod(0o755)
        return script

    def lead(self, monkeypatch, ledger) -> None:
        """The fakes, which are threads of this process, go by it, and so does what they issued."""
        monkeypatch.setattr(time, "time", self.time)
        monkeypatch.setattr(ledger, "_clock", self.time)
