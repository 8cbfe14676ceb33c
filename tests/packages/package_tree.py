"""A Debian 12 of its own: a tree made by tests/packages/trees that a test may change, and a process namespace in it."""

import os
import pathlib
import shutil
import signal
import subprocess

from rig_process import wait_until

ROOT = pathlib.Path(__file__).resolve().parents[2]
MADE = pathlib.Path(os.environ.get("PURSER_PACKAGES", ROOT / "build/packages-tested"))  # by tests/packages/run
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# The first process of the tree. It reaps what others leave behind.
_ENTER = r"""
set -e
mount -t overlay -o "lowerdir=$LOWER,upperdir=$FOLDER/upper,workdir=$FOLDER/work,volatile" tree "$ROOT"
mount -t proc proc "$ROOT/proc"
mount -t tmpfs -o mode=755 run "$ROOT/run"
mount -t tmpfs -o mode=1777 tmp "$ROOT/tmp"
mount --rbind /dev "$ROOT/dev"
for pair in $BINDS; do
  target=$ROOT${pair##*=}
  if [ -d "${pair%%=*}" ]; then mkdir -p "$target"; else touch "$target"; fi
  mount --bind "${pair%%=*}" "$target"
done
mkdir "$ROOT/run/old"
cd "$ROOT"
pivot_root . run/old
umount -l /run/old
rmdir /run/old
touch /run/entered
exec perl -e '$SIG{CHLD} = "IGNORE"; $SIG{TERM} = sub { exit }; sleep while 1'
"""


def packages(which):
    """The .deb files of one build, by package name."""
    return {file.name.split("_")[0]: file for file in (MADE / which).glob("*.deb")}


class Tree:
    """`binds` shows files and folders of this machine at places in the tree."""

    def __init__(self, folder, name, binds=None):
        for each in ("upper", "work", "root"):
            (folder / each).mkdir(parents=True)
        self.folder, self.root = folder, folder / "root"
        pairs = {"/etc/hosts": "/etc/hosts", "/etc/resolv.conf": "/etc/resolv.conf", **(binds or {})}
        environment = {"PATH": PATH, "LOWER": f"{ROOT}/build/trees/{name}", "FOLDER": str(folder),
                       "ROOT": str(self.root), "BINDS": " ".join(f"{a}={b}" for a, b in pairs.items())}
        self._log = folder / "log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--propagation", "private", "sh", "-c", _ENTER],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._init = 0
        wait_until(self._entered, 30, "no tree: " + self._log.read_text())

    def _entered(self):
        assert self._process.poll() is None, self._log.read_text()
        children = pathlib.Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children").read_text().split()
        self._init = int(children[0]) if children else 0
        return self._init and pathlib.Path(f"/proc/{self._init}/root/run/entered").exists()

    def command(self, *arguments, uid=0, **environment):
        """What runs a program in the tree, for subprocess."""
        become = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid else []
        variables = {"PATH": PATH, "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1", **environment}
        return ["nsenter", f"--target={self._init}", "--mount", "--pid", "--wd", *become, "env", "-i",
                *(f"{name}={value}" for name, value in variables.items()), *map(str, arguments)]

    def run(self, *arguments, text="", check=True, uid=0, timeout=120, **environment):
        done = subprocess.run(self.command(*arguments, uid=uid, **environment), input=text, text=True,
                              capture_output=True, timeout=timeout, check=False)
        assert not check or done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def inside(self, path):
        """A file of the tree, as seen from here."""
        return pathlib.Path(f"/proc/{self._init}/root") / str(path).lstrip("/")

    def copy_in(self, *files):
        """To /tmp; the paths there."""
        for file in files:
            self.inside(f"/tmp/{file.name}").write_bytes(file.read_bytes())
            self.inside(f"/tmp/{file.name}").chmod(0o644)
        return [f"/tmp/{file.name}" for file in files]

    def apt(self, *arguments):
        return self.run("apt-get", "-q", "-y", *arguments, timeout=300)

    def files(self):
        """Every path of the system's, without what is mounted there and what apt and dpkg keep for themselves."""
        places = ["(", *" -o ".join(f"-path {place}" for place in (
            "/proc", "/sys", "/dev", "/run", "/tmp", "/home", "/var/lib/dpkg/info", "/var/cache/apt", "/var/cache/ldconfig",
            "/var/lib/apt", "/var/log", "/var/backups")).split(), ")"]
        found = self.run("find", "/", *places, "-prune", "-o", "-printf", "%y %m %u %p\n").stdout
        return set(found.splitlines())

    def daemons(self):
        """What runs purserd, also one that is no longer there; a path each."""
        found = self.run("find", "/proc", "-mindepth", "2", "-maxdepth", "2", "-path", "/proc/[0-9]*/exe", "-lname", "*purserd*",
                         "-printf", "%l\n", check=False)  # processes end meanwhile
        return found.stdout.splitlines()

    def stop(self):
        os.kill(self._init, signal.SIGKILL)
        self._process.wait(20)
        shutil.rmtree(self.folder)  # it is memory
