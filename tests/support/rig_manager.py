"""What systemd does for the daemon, played by a test: a socket that is passed on, and descriptors that are kept."""

import fcntl
import os
import pathlib
import signal
import socket
import subprocess
import threading

from rig_home import Home
from rig_process import wait_until

# Descriptors 3 and on, in the order of the names; LISTEN_PID is the daemon's own.
_SCRIPT = """
for fd in $FDS; do eval "exec $((next = ${next:-2} + 1))<&$fd $fd<&-"; done
export LISTEN_PID=$$ LISTEN_FDS LISTEN_FDNAMES NOTIFY_SOCKET
exec "$0"
"""


class Manager:
    """Listens for one home, and starts its daemon. `kept` is the descriptor that the daemon gave away, or None."""

    def __init__(self, home: Home):
        self.home = home
        home.socket.parent.mkdir(mode=0o700, exist_ok=True)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(home.socket))
        self._listening.listen(128)
        self._notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notices.bind(str(home.folder / "notify"))
        self.kept: int | None = None
        self.said: list[str] = []
        self.refuses = False
        self.daemon: subprocess.Popen | None = None
        threading.Thread(target=self._listen, daemon=True).start()

    def start(self, names: str | None = None, descriptors: list[int] | None = None) -> None:
        """With what is kept; or with these descriptors under these names."""
        if descriptors is None:
            descriptors = [self._listening.fileno()] + ([self.kept] if self.kept is not None else [])
            names = "agent:cache" if self.kept is not None else "agent"
        high = [_moved_up(fd) for fd in descriptors]
        environment = {**self.home.environment, "FDS": " ".join(map(str, high)),
                       "LISTEN_FDS": str(len(high)), "NOTIFY_SOCKET": str(self.home.folder / "notify")}
        if names is not None:
            environment["LISTEN_FDNAMES"] = names
        ready = self.said.count("READY=1")
        with (self.home.folder / "purserd.log").open("ab") as log:
            self.daemon = subprocess.Popen(["bash", "-c", _SCRIPT, str(self.home.programs / "purserd")], stderr=log,
                                           stdin=subprocess.DEVNULL, env=environment, pass_fds=high)
        for fd in high:
            os.close(fd)
        wait_until(lambda: self.said.count("READY=1") > ready or self.daemon.poll() is not None, 10, "not ready")

    def socket_and_cache(self) -> tuple[int, int]:
        return self._listening.fileno(), self.kept

    def kill(self) -> None:
        self.daemon.send_signal(signal.SIGKILL)
        self.daemon.wait(10)

    def terminate(self) -> None:
        """An orderly stop; what is kept stays kept, as for a restart."""
        self.daemon.terminate()
        assert self.daemon.wait(10) == 0

    def forget(self) -> None:
        """As after a stop for good."""
        os.close(self.kept)
        self.kept = None

    def contents(self) -> bytes:
        """What is written in the memory that is kept."""
        return pathlib.Path(f"/proc/self/fd/{self.kept}").read_bytes().replace(b"\0" * 4096, b"")

    def close(self) -> None:
        if self.daemon is not None and self.daemon.poll() is None:
            self.kill()
        self._listening.close()

    def _listen(self) -> None:
        while True:
            message, descriptors, _, _ = socket.recv_fds(self._notices, 4096, 4)
            text = message.decode()
            if text == "FDSTORE=1\nFDNAME=cache" and not self.refuses:
                self.kept, = descriptors
            elif not self.refuses:  # a barrier among them, which is over
                for fd in descriptors:
                    os.close(fd)
            self.said.append(text)


def _moved_up(fd: int) -> int:
    return fcntl.fcntl(fd, fcntl.F_DUPFD, 100)
