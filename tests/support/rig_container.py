"""A bare container: a root file system that holds Debian's /usr and what a test puts there, and a first process that is no
init. No user manager, no service, no purser until something installs it."""

import dataclasses
import pathlib
import signal
import subprocess

from rig_process import wait_until

# $1 is the root. What is bound there is only there, and so is what is put below /usr/local.
_BEGIN = r"""
set -e
root=$1
mount -t tmpfs -o mode=755 bare "$root"
mkdir -p "$root"/{usr,etc,proc,dev,tmp,run,root,home,opt,var/tmp}
chmod 1777 "$root/tmp" "$root/var/tmp"
chmod 700 "$root/root"
mount --rbind /usr "$root/usr"
mkdir "$root"/.local{,-work}
mount -t overlay -o "lowerdir=/usr/local,upperdir=$root/.local,workdir=$root/.local-work" local "$root/usr/local"
mount --rbind /dev "$root/dev"
for each in bin sbin lib lib64; do ln -s "usr/$each" "$root/$each"; done
echo 'root:x:0:0:root:/root:/bin/sh' >"$root/etc/passwd"
echo 'root:x:0:' >"$root/etc/group"
for each in hosts resolv.conf nsswitch.conf; do
  touch "$root/etc/$each"
  mount --bind "/etc/$each" "$root/etc/$each"
done
mkdir -p "$root/etc/ssl/certs"
mount --bind /etc/ssl/certs "$root/etc/ssl/certs"
mkdir -p "$root/etc/alternatives"
mount --bind /etc/alternatives "$root/etc/alternatives"
mount -t proc proc "$root/proc"
shift
while [ $# -gt 0 ]; do
  if [ -d "$1" ]; then mkdir -p "$root$2"; else mkdir -p "$(dirname "$root$2")"; touch "$root$2"; fi
  mount --rbind "$1" "$root$2"
  shift 2
done
"""
_SLEEP = 'exec chroot "$root" /usr/bin/sleep infinity\n'


@dataclasses.dataclass(frozen=True)
class Done:
    status: int
    stdout: str
    stderr: str

    def ok(self) -> "Done":
        assert self.status == 0, f"ended with {self.status}\n{self.stdout}\n{self.stderr}"
        return self


class Container:
    """`binds` are folders and files of this machine, by their paths inside. `more` is a script that runs before the root is
    entered, with the root as $root."""

    def __init__(self, root: pathlib.Path, binds: dict[str, str] | None = None, more: str = ""):
        root.mkdir(parents=True)
        self.root = root
        pairs = [text for inside, outside in (binds or {}).items() for text in (str(outside), inside)]
        self._first = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "bash", "-c", _BEGIN + more + _SLEEP, "bare", str(root), *pairs],
            stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self._inside = wait_until(self._begun, 30, "the container did not begin")

    def _begun(self) -> int | None:
        if self._first.poll() is not None:
            raise AssertionError(self._first.stderr.read())
        children = pathlib.Path(f"/proc/{self._first.pid}/task/{self._first.pid}/children").read_text().split()
        if not children or pathlib.Path(f"/proc/{children[0]}/comm").read_text().strip() != "sleep":
            return None
        return int(children[0])

    def command(self, *arguments: str, uid: int = 0, cwd: str = "/") -> list[str]:
        """What runs that inside."""
        enter = ["nsenter", "-t", str(self._inside), "-m", "-p", f"--root=/proc/{self._inside}/root", f"--wd=/proc/{self._inside}/root{cwd}"]
        drop = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"] if uid else []
        return [*enter, *drop, *arguments]

    def run(self, *arguments: str, environment: dict[str, str] | None = None, seconds: float = 60, uid: int = 0,
            cwd: str = "/", stdin: str = "") -> Done:
        done = subprocess.run(self.command(*arguments, uid=uid, cwd=cwd), env=environment or {}, capture_output=True, text=True,
                              timeout=seconds, input=stdin)
        return Done(done.returncode, done.stdout, done.stderr)

    def processes(self) -> list[str]:
        """The command lines of all processes inside but the first."""
        listed = self.run("/usr/bin/ps", "-e", "-o", "pid=,args=").ok().stdout.splitlines()
        return [line.strip() for line in listed if line.split()[0] != "1" and "/usr/bin/ps" not in line and "<defunct>" not in line]

    def stop(self) -> None:
        self._first.send_signal(signal.SIGKILL)
        self._first.wait(20)
        self._first.stderr.close()
