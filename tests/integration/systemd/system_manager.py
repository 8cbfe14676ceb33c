"""A real `systemd --system`, process 1 of a process namespace with mounts, cgroups and /run of its own."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
import time

LOCKED_MEMORY = 1 << 20  # bytes, of a unit that does not say: less than the machine allows

# It boots into nothing: the targets that units ask for by default are empty here, and no unit of this machine is started.
SETUP = """
set -e
group=$(basename $T)
umount -R /sys/fs/cgroup
if [ $HIERARCHY = unified ]; then
  mount -t cgroup2 cgroup2 /sys/fs/cgroup
  mkdir -p /sys/fs/cgroup/$group
  echo $$ >/sys/fs/cgroup/$group/cgroup.procs
else
  mount_legacy='mount -t tmpfs -o mode=755 tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/systemd /sys/fs/cgroup/memory &&
    mount -t cgroup -o none,name=systemd cgroup /sys/fs/cgroup/systemd && mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory'
  eval "$mount_legacy"
  for of in systemd memory; do
    mkdir /sys/fs/cgroup/$of/$group
    echo $$ >/sys/fs/cgroup/$of/$group/cgroup.procs
  done
  # Once more within the namespace, for its groups to begin at the root.
  within="umount -R /sys/fs/cgroup && $mount_legacy &&"
fi
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /home
cp -r $T/programs $T/units /run
mkdir -p /run/systemd/system.conf.d
printf "[Manager]\nDefaultLimitMEMLOCK=$LOCKED_MEMORY\n" >/run/systemd/system.conf.d/limits.conf
for target in basic default multi-user network-online shutdown slices sockets sysinit umount; do
  printf '[Unit]\nDefaultDependencies=no\n' >/run/units/$target.target
done
exec unshare --cgroup --pid --fork --kill-child --mount-proc bash -c "$within exec env -i container=purser PATH=$PATH \
  SYSTEMD_UNIT_PATH=/run/units /lib/systemd/systemd --system --unit=multi-user.target --log-target=console --show-status=no"
"""

CLEANUP = """
umount -R /sys/fs/cgroup
for options in "-t cgroup2" "-t cgroup -o memory" "-t cgroup -o none,name=systemd"; do
  mount $options cgroup /sys/fs/cgroup || continue
  find /sys/fs/cgroup/$(basename $T) -depth -type d -exec rmdir {} +
  umount /sys/fs/cgroup
done
"""


def hierarchy_of_memory():
    """Which of the kernel's two has the memory controller: a machine lends it to one of them."""
    for line in pathlib.Path("/proc/cgroups").read_text().splitlines():
        name, number, *_ = line.split()
        if name == "memory":
            return "unified" if number == "0" else "legacy"
    return "unified"


class SystemManager:
    """`programs` and `units` are files to put into /run/programs and beside the units."""

    def __init__(self, programs, units, hierarchy="unified"):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="purser-system-", dir="/tmp"))
        self.root.chmod(0o755)
        for name, files in (("programs", programs), ("units", units)):
            folder = self.root / name
            folder.mkdir()
            for file in files:
                shutil.copy(file, folder)
        self.environment = {"T": str(self.root), "PATH": "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
                            "HIERARCHY": hierarchy, "LOCKED_MEMORY": str(LOCKED_MEMORY)}
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
                with contextlib.suppress(ProcessLookupError):
                    os.kill(self.manager or self.process.pid, 9)  # and with it all of its process namespace
                self.process.wait(timeout=30)
        finally:
            self.log.close()
            subprocess.run(["unshare", "-m", "--propagation", "private", "bash", "-c", CLEANUP],
                           env=self.environment, capture_output=True, check=False)
            shutil.rmtree(self.root, ignore_errors=True)
