"""A user of a tree, and the user manager that a login would start."""

import json
import pathlib
import subprocess

from package_tree import PATH
from rig_process import wait_until

UID = 4242
NAME = "ann"
HOME = f"/home/{NAME}"
RUNTIME = f"/run/user/{UID}"

# The manager wants cgroup v2 with a folder that it may write, and to believe that the machine was booted with systemd.
_MANAGER = f"""
set -e
mkdir -p /run/systemd/system /run/user
mkdir -m 700 {RUNTIME} && chown {UID}:{UID} {RUNTIME}
mount -t tmpfs -o mode=755 sys /sys
mkdir -p /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
group=/sys/fs/cgroup/$GROUP
mkdir -p $group/init
cd $group
chown {UID} . cgroup.procs cgroup.subtree_control init init/cgroup.procs
echo $$ >init/cgroup.procs
cd /
exec setpriv --reuid {UID} --regid {UID} --clear-groups env -i PATH={PATH} HOME={HOME} XDG_RUNTIME_DIR={RUNTIME} \\
  DBUS_SESSION_BUS_ADDRESS=unix:path={RUNTIME}/bus /lib/systemd/systemd --user --log-target=console
"""


def add_user(tree):
    tree.run("useradd", "--create-home", "--uid", str(UID), NAME)


class Session:
    """The user's, with a manager."""

    def __init__(self, tree):
        self.tree = tree
        self.environment = {"HOME": HOME, "XDG_RUNTIME_DIR": RUNTIME,
                            "DBUS_SESSION_BUS_ADDRESS": f"unix:path={RUNTIME}/bus"}
        self.group = f"purser-{tree.folder.parent.parent.name}-{tree.folder.name}"
        self._log = (tree.folder / "manager").open("wb")
        self._manager = subprocess.Popen(tree.command("sh", "-c", _MANAGER, GROUP=self.group), stdin=subprocess.DEVNULL,
                                         stdout=self._log, stderr=self._log)
        wait_until(self._up, 60, "the user manager did not come up")

    def _up(self):
        assert self._manager.poll() is None, self.log()
        return self.systemctl("is-system-running", check=False).stdout.strip() in ("running", "degraded")

    def log(self):
        return (self.tree.folder / "manager").read_text(errors="replace")

    def command(self, *arguments, **environment):
        return self.tree.command(*arguments, uid=UID, **self.environment, **environment)

    def run(self, *arguments, **options):
        return self.tree.run(*arguments, uid=UID, **{**self.environment, **options})

    def systemctl(self, *arguments, check=True):
        return self.run("systemctl", "--user", *arguments, check=check)

    def show(self, unit, name):
        return self.systemctl("show", "--value", "-p", name, unit).stdout.strip()

    def daemon(self):
        """The daemon's process, as it is numbered in the tree."""
        return int(self.show("purser.service", "MainPID"))

    def version(self):
        """Of the daemon that answers."""
        status = json.loads(self.run("purser", "status", "--json").stdout)
        return status["version"]

    def stop(self):
        self.systemctl("exit", check=False)
        self._manager.wait(60)
        self._log.close()
        group = pathlib.Path("/sys/fs/cgroup") / self.group
        # Innermost first.
        self.tree.run("find", group, "-depth", "-type", "d", "-exec", "rmdir", "{}", "+", check=False)
