"""A real `systemd --system`, process 1 of a process namespace with mounts, cgroups and /run of its own."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time

# It boots into nothing: the targets that units ask for by default are empty here, and no unit of this machine is started.
SETUP = """
set -e
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /sys/fs/cgroup/$(basename $T)
echo $$ >/sys/fs/cgroup/$(basename $T)/cgroup.procs
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/lib
mkdir -p /run/units /run/programs
cp $T/programs/* /run/programs
cp $T/units/* /run/units
for target in basic default multi-user network-online shutdown slices sockets sysinit umount; do
  printf '[Unit]\\nDefaultDependencies=no\\n' >/run/units/$target.target
done
exec unshare --cgroup --pid --fork --kill-child --mount-proc env -i container=purser PATH=$PATH SYSTEMD_UNIT_PATH=/run/units \\
  /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=no
"""

CLEANUP = """
umount -R /sys/fs/cgroup
mount -t cgroup2 cgroup2 /sys/fs/cgroup
find /sys/fs/cgroup/$(basename $T) -depth -type d -exec rmdir {} +
"""


class SystemManager:
    """`programs` and `units` are files to put into /run/programs and beside the units."""

    def __init__(self, programs, units):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="purser-system-", dir="/tmp"))
        self.root.chmod(0o755)
        for name, files in (("programs", programs), ("units", units)):
            folder = self.root / name
            folder.mkdir()
            for file in files:
                shutil.copy(file, folder)
        self.environment = {"T": str(self.root), "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}
        self.log = open(self.root / "log", "wb")
        self.process = None
        self.manager = 0  # the pid of systemd

    def start(self):
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--uts", "--ipc", "--propagation", "private", "bash", "-c", SETUP],
            env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
            if children:
                self.manager = int(children[0])
                if self.systemctl("is-system-running", check=False).stdout.strip() in ("running", "degraded"):
                    return
            time.sleep(0.05)
        raise RuntimeError("the system manager did not come up:\n" + self.log_text())

    def log_text(self):
        return (self.root / "log").read_text(errors="replace")

    def run(self, *arguments, user=None, text="", check=True, **environment):
        """As root, or as another user; in the manager's namespaces."""
        become = [] if user is None else ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
        settings = [f"{name}={value}" for name, value in {**self.environment, **environment}.items()]
        return subprocess.run(["nsenter", "-t", str(self.manager), "-m", "-p", "-u", "-i", "-C", *become, "env", "-i",
                               *settings, *arguments], input=text, text=True, check=check, capture_output=True,
                              timeout=60, cwd="/")

    def systemctl(self, *arguments, check=True):
        return self.run("systemctl", *arguments, check=check)

    def show(self, unit, name):
        return self.systemctl("show", "--value", "-p", name, unit).stdout.strip()

    def stop(self):
        try:
            if self.process:
                if self.manager:
                    os.kill(self.manager, 9)  # and with it all of its process namespace
                self.process.wait(timeout=30)
        finally:
            self.log.close()
            subprocess.run(["unshare", "-m", "--propagation", "private", "bash", "-c", CLEANUP],
                           env=self.environment, capture_output=True, check=False)
            shutil.rmtree(self.root, ignore_errors=True)
