"""A private session bus with the real gnome-keyring on it, and what may go wrong with them."""

import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile

from rig_process import Program, wait_until

NAME = "org.freedesktop.secrets"
ROOT = "/org/freedesktop/secrets"
NEEDED = ("dbus-daemon", "gnome-keyring-daemon", "docker-credential-secretservice", "busctl", "dbus-monitor")
PASSWORD = b"test-password"
# Nothing on this bus is started by being called.
BUS_CONFIGURATION = """<busconfig><type>session</type><listen>unix:path={socket}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
<allow own="*"/></policy></busconfig>"""


def missing():
    """Why these tests cannot run; None where they can."""
    gone = [program for program in NEEDED if shutil.which(program) is None]
    return f"NOT TESTED: {', '.join(gone)} not installed" if gone else None


class SecretService:
    """Has a home of its own. `start_keyring` and `stop_keyring` may be called in turn."""

    def __init__(self):
        # Not pytest's folder: the path of a socket is short.
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="purser-keyring-"))
        self.socket = self.root / "bus"
        (self.root / "run").mkdir(mode=0o700)
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(self.root), "XDG_RUNTIME_DIR": str(self.root / "run"),
            "XDG_DATA_HOME": str(self.root / "data"), "XDG_CONFIG_HOME": str(self.root / "config"),
            "XDG_CACHE_HOME": str(self.root / "cache"), "LANG": "C.UTF-8",
            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.socket}"}
        self.environment.update({name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")})
        self.keyring = None
        configuration = self.root / "bus.conf"
        configuration.write_text(BUS_CONFIGURATION.format(socket=self.socket))
        self.bus = Program(["dbus-daemon", "--nofork", f"--config-file={configuration}"], self.root / "bus.log",
                           self.environment)
        self.bus.wait_until(self.socket.exists)

    def start_keyring(self, password=PASSWORD):
        """Without a password it knows its keyrings, and they are locked."""
        (self.root / "password").write_bytes(password or b"")
        words = ["gnome-keyring-daemon", "--foreground", "--components=secrets"]
        command = 'exec "$@" < "$0"'
        self.keyring = Program(["sh", "-c", command, str(self.root / "password"), *words,
                                *(["--unlock"] if password else [])], self.root / "keyring.log", self.environment)
        self.keyring.wait_until(self._is_there)

    def _is_there(self):
        done = self.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "s", NAME)
        return done["data"] == [True]

    def signal_keyring(self, number):
        os.kill(self.keyring.pid, number)

    def stop_keyring(self):
        if self.keyring is not None:
            self.signal_keyring(signal.SIGKILL)
            self.keyring.stop()
            self.keyring = None
            wait_until(lambda: not self.bus.running() or not self._is_there(), 10, "the name is still owned")

    def close(self):
        if self.keyring is not None:
            self.signal_keyring(signal.SIGKILL)
            self.keyring.stop()
        self.bus.stop()
        shutil.rmtree(self.root)

    def busctl(self, *words):
        done = subprocess.run(["busctl", f"--address=unix:path={self.socket}", "--json=short", *words], text=True,
                              capture_output=True, timeout=30, check=True, env=self.environment)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def lock(self):
        self.busctl("call", NAME, ROOT, "org.freedesktop.Secret.Service", "Lock", "ao", "1", f"{ROOT}/aliases/default")

    def items(self, **attributes):
        """Attributes and label of each of docker's items whose attributes are these."""
        return [{name: self.busctl("get-property", NAME, path, "org.freedesktop.Secret.Item", name)["data"]
                 for name in ("Attributes", "Label")} for path in self._paths(attributes)]

    def relabel(self, label):
        """Gives each of docker's items another label, as a person can in the keyring's own window."""
        for path in self._paths({}):
            self.busctl("set-property", NAME, path, "org.freedesktop.Secret.Item", "Label", "s", label)

    def keep_password_of_another_program(self, label, **attributes):
        """As a browser or a mail program does: an item whose schema and attributes are not docker's."""
        script = ("import json, sys, gi; gi.require_version('Secret', '1'); from gi.repository import Secret\n"
                  "label, attributes = json.loads(sys.argv[1])\n"
                  "kinds = {name: Secret.SchemaAttributeType.STRING for name in attributes}\n"
                  "schema = Secret.Schema.new('org.example.Mail', Secret.SchemaFlags.NONE, kinds)\n"
                  "assert Secret.password_store_sync(schema, attributes, None, label, 'fake-of-another', None)\n")
        subprocess.run(["/usr/bin/python3", "-c", script, json.dumps([label, attributes])], check=True, timeout=30,
                       capture_output=True, env=self.environment)

    def labels(self, **attributes):
        """Of all items, whoever's they are, that have these attributes."""
        words = [word for pair in attributes.items() for word in pair]
        found = self.busctl("call", NAME, ROOT, "org.freedesktop.Secret.Service", "SearchItems", "a{ss}",
                            str(len(attributes)), *words)["data"]
        return [self.busctl("get-property", NAME, path, "org.freedesktop.Secret.Item", "Label")["data"]
                for path in found[0] + found[1]]

    def _paths(self, attributes):
        wanted = {"docker_cli": "1", **attributes}
        words = [word for pair in wanted.items() for word in pair]
        found = self.busctl("call", NAME, ROOT, "org.freedesktop.Secret.Service", "SearchItems", "a{ss}",
                            str(len(wanted)), *words)["data"]
        return found[0] + found[1]

    def calls_during(self, action):
        """The names of the methods that somebody called on the bus meanwhile, in their order."""
        log = self.root / "monitor.log"
        log.unlink(missing_ok=True)
        monitor = Program(["stdbuf", "-oL", "dbus-monitor", "--address", f"unix:path={self.socket}",
                           "type='method_call'"], log, self.environment)
        try:
            self._mark(monitor, "before.action")
            action()
            self._mark(monitor, "after.action")
        finally:
            monitor.stop()
        between = log.read_text(errors="replace").split("before.action")[-1].split("after.action")[0]
        return [line.split("member=")[1] for line in between.splitlines() if "member=" in line]

    def _mark(self, monitor, name):
        def seen():
            self.busctl("call", "org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", "s", name)
            return name in monitor.tail(10**7)
        monitor.wait_until(seen)
