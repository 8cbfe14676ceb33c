"""A real `systemd --user` of an ordinary user, in a mount namespace and a cgroup of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

UID = 4242

# The manager wants cgroup v2, a folder there that it may write, and to believe that the
# machine was booted with systemd. Nothing outside the namespace sees any of it.
SETUP = """
set -e
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
group=/sys/fs/cgroup/$(basename $T)
mkdir -p $group/init
cd $group
chown $UID_ . cgroup.procs cgroup.subtree_control init init/cgroup.procs
echo $$ >init/cgroup.procs
cd /
mount -t tmpfs tmpfs /run/systemd
mkdir /run/systemd/system
exec setpriv --reuid $UID_ --regid $UID_ --clear-groups env -i $ENVIRONMENT \\
  /lib/systemd/systemd --user --log-target=console
"""

# Innermost first; a group that something is left in stays, and is reported.
CLEANUP = """
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
find /sys/fs/cgroup/$(basename $T) -depth -type d -exec rmdir {} +
"""


def missing():
    """Why no manager can be started here, or an empty string."""
    if os.geteuid() != 0:
        return "needs root to become another user"
    if not os.path.exists("/lib/systemd/systemd"):
        return "needs the package systemd"
    if not shutil.which("dbus-daemon"):
        return "needs the package dbus-user-session"
    mounted = subprocess.run(["unshare", "-m", "--propagation", "private", "sh", "-c",
                              "umount -R /sys/fs/cgroup && mount -t cgroup2 x /sys/fs/cgroup"],
                             capture_output=True, check=False)
    return "" if mounted.returncode == 0 else "cannot mount cgroup2: " + mounted.stderr.decode()


class UserManager:
    """The manager and one home. `run` runs a command as the user, beside it."""

    def __init__(self):
        # Outside pytest's folders, which are closed to other users.
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="purser-systemd-", dir="/tmp"))
        self.root.chmod(0o755)
        self.home, self.runtime = self.root / "home", self.root / "run"
        for folder in (self.home, self.runtime):
            folder.mkdir(mode=0o700)
            os.chown(folder, UID, UID)
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                            "HOME": str(self.home), "XDG_RUNTIME_DIR": str(self.runtime),
                            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={self.runtime}/bus"}
        self.log = open(self.root / "log", "wb")
        self.process = None

    def start(self):
        shell = {"T": str(self.root), "UID_": str(UID), "PATH": self.environment["PATH"],
                 "ENVIRONMENT": " ".join(f"{k}={v}" for k, v in self.environment.items())}
        self.process = subprocess.Popen(
            ["unshare", "-m", "--propagation", "private", "bash", "-c", SETUP], env=shell,
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            state = self.systemctl("is-system-running", check=False).stdout.strip()
            if state in ("running", "degraded"):
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError("the user manager did not come up:\n" + self.log_text())

    def log_text(self):
        return (self.root / "log").read_text(errors="replace")

    def command(self, *arguments):
        return ["nsenter", "-t", str(self.process.pid), "-m", "setpriv", "--reuid", str(UID),
                "--regid", str(UID), "--clear-groups", "env", "-i",
                *(f"{k}={v}" for k, v in self.environment.items()), *arguments]

    def run(self, *arguments, text=None, check=True, timeout=60):
        return subprocess.run(self.command(*arguments), input=text or "", text=True, check=check,
                              capture_output=True, timeout=timeout, cwd="/")

    def systemctl(self, *arguments, check=True):
        return self.run("systemctl", "--user", *arguments, check=check)

    def show(self, unit, name):
        return self.systemctl("show", "--value", "-p", name, unit).stdout.strip()

    def stop(self):
        try:
            if self.process and self.process.poll() is None:
                self.systemctl("exit", check=False)
                self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        finally:
            self.log.close()
            subprocess.run(["unshare", "-m", "--propagation", "private", "bash", "-c", CLEANUP],
                           env={"T": str(self.root), "PATH": self.environment["PATH"]},
                           capture_output=True, check=False)
            shutil.rmtree(self.root, ignore_errors=True)
