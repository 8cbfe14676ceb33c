"""A real terminal: tmux without a configuration, of a size that the test decides."""

import pathlib
import shlex
import subprocess
import tempfile

from rig_process import wait_until

SECONDS = 60  # a loaded machine is slow, and nothing here waits for a time
OPTIONS = ("status off", "remain-on-exit on", "remain-on-exit-format ''", "escape-time 0", "default-terminal screen-256color")


class Terminal:
    """One window. The program in it has exactly `environment`, TERM besides; what it writes is also in `written()`."""

    def __init__(self, columns, rows, environment, arguments):
        self._folder = tempfile.TemporaryDirectory(prefix="term")
        folder = pathlib.Path(self._folder.name)
        self._socket, self._raw, gate, self._status = (folder / name for name in ("tmux", "raw", "gate", "status"))
        configuration = folder / "conf"
        configuration.write_text("".join(f"set -g {option}\n" for option in OPTIONS))
        self._configuration = str(configuration)
        variables = [f"{name}={value}" for name, value in environment.items()]
        # It begins once the recording does. Of the signals that it is sent nothing reaches this shell.
        program = (f"trap : INT QUIT TSTP; read go < {gate}; env -i TERM=\"$TERM\" {shlex.join([*variables, *arguments])}; "
                   f"echo $? > {self._status}")
        subprocess.run(["mkfifo", str(gate)], check=True)
        self.tmux("new-session", "-d", "-x", str(columns), "-y", str(rows), "sh", "-c", program)
        self.tmux("pipe-pane", f"cat > {self._raw}")
        wait_until(self._raw.exists, SECONDS, "nothing is recorded")
        gate.write_text("go\n")

    def tmux(self, *arguments):
        done = subprocess.run(["tmux", "-u", "-S", str(self._socket), "-f", self._configuration, *arguments],
                              env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm-256color", "SHELL": "/bin/sh"},
                              capture_output=True, text=True, timeout=SECONDS, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def screen(self, *options):
        """What is to be seen, without blanks at the ends."""
        lines = [line.rstrip() for line in self.tmux("capture-pane", "-p", *options).splitlines()]
        return "\n".join(lines).rstrip("\n") + "\n"

    def shows(self, text):
        """The screen, once this is on it."""
        return wait_until(lambda: text in (seen := self.screen()) and seen, SECONDS, f"{text!r} is not on the screen")

    def shows_no_more(self, text):
        wait_until(lambda: text not in self.screen(), SECONDS, f"{text!r} is still on the screen")

    def type(self, *keys):
        self.tmux("send-keys", *keys)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def asked(self, variable):
        """What tmux knows of the window: alternate_on, cursor_flag, pane_pid ..."""
        return self.tmux("display-message", "-p", f"#{{{variable}}}").strip()

    def ended(self):
        """The screen that the program left."""
        wait_until(lambda: self.asked("pane_dead") == "1", SECONDS, "the program has not ended")
        return self.screen()

    def status(self):
        """What the program that has ended() ended with."""
        return int(self._status.read_text())

    def written(self):
        """All bytes so far."""
        return self._raw.read_bytes()

    def close(self):
        subprocess.run(["tmux", "-S", str(self._socket), "kill-server"], capture_output=True, timeout=SECONDS, check=False)
        self._folder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
