"""Tries one thing in the place of the daemon and writes what came of it into a file: probe.py FILE THING [PROGRAM]"""

import ctypes
import os
import pathlib
import resource
import socket
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)


def outcome(result):
    return "done" if result >= 0 else os.strerror(ctypes.get_errno())


def mode_of_a_new_file(folder):
    path = folder / "new"
    path.unlink(missing_ok=True)
    path.touch(mode=0o666)
    return oct(path.stat().st_mode & 0o777)


def set_user_id(folder):
    path = folder / "program"
    path.touch()
    try:
        os.chmod(path, 0o4700)
    except OSError as error:
        return error.strerror
    return "done"


def realtime(_):
    """With a priority that the kernel finds wrong before it asks for rights that an ordinary user has not."""
    try:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(0))
    except OSError as error:
        return error.strerror
    return "done"


def of_32_bits(folder):
    parts = [word for part in ("files", "code", "calls") for word in ("--without", part)]
    done = subprocess.run([sys.argv[3], *parts, str(folder), "call as 32 bits"], capture_output=True, text=True,
                          timeout=20, check=False)
    return done.stdout.strip() or "killed"


def in_a_child(function):
    """What the function returned, where it may cost a process its life."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, function().encode())
        os._exit(0)
    os.close(writing)
    _, status = os.waitpid(child, 0)
    return "killed" if os.WIFSIGNALED(status) else os.read(reading, 100).decode()


def much_memory(_):
    """More than the daemon's limit; each page of it is written to."""
    return in_a_child(lambda: "done" if bytearray(600 << 20) else "")


def packet_socket(_):
    """Which is privileged besides: there is another error without the directive."""
    try:
        socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
    except OSError as error:
        return error.strerror
    return "done"


def of_status(name):
    return [line.split()[1] for line in open("/proc/self/status") if line.startswith(f"{name}:")][0]


def bounded(capability):
    """Whether a program that is started may get it at all."""
    return str(int(of_status("CapBnd"), 16) >> capability & 1)


def read_only(path):
    return "read-only" if os.statvfs(path).f_flag & os.ST_RDONLY else "writable"


THINGS = {
    "new privileges": lambda _: of_status("NoNewPrivs"),
    "personality": lambda _: outcome(libc.personality(8)),
    "real time": realtime,
    "set-user-id": set_user_id,
    "32 bits": of_32_bits,
    "mode": mode_of_a_new_file,
    "core size": lambda _: str(resource.getrlimit(resource.RLIMIT_CORE)[1]),
    "files": lambda _: str(resource.getrlimit(resource.RLIMIT_NOFILE)[1]),
    "core filter": lambda _: pathlib.Path("/proc/self/coredump_filter").read_text().strip(),
    "environment": lambda _: " ".join(sorted(name for name in os.environ if name.endswith("_OF_A_THIEF")
                                             or name in ("LD_AUDIT", "SSLKEYLOGFILE", "OPENSSL_CONF"))) or "none",
    "a new user namespace": lambda _: outcome(libc.unshare(0x10000000)),
    "tracing": lambda _: in_a_child(lambda: outcome(libc.ptrace(0, 0, 0, 0))),
    "memory": much_memory,
    "locked memory": lambda _: str(resource.getrlimit(resource.RLIMIT_MEMLOCK)[0]),
    "packets": packet_socket,
    "the kernel's log": lambda _: oct(os.stat("/proc/kmsg").st_mode & 0o777),
    "others' processes": lambda _: "seen" if os.path.exists("/proc/1") else "hidden",
    "others' temporary files": lambda _: "seen" if list(pathlib.Path("/tmp").glob("purser-system-*")) else "hidden",
    "devices": lambda _: str(os.stat("/dev").st_dev),
    "capabilities": lambda _: of_status("CapBnd"),
    **{f"capability {number}": lambda _, number=number: bounded(number) for number in (16, 25, 34)},
    **{path: lambda _, path=path: read_only(path) for path in ("/usr", "/home", "/proc/sys")},
    "control groups": lambda _: read_only("/sys/fs/cgroup/systemd" if os.path.exists("/sys/fs/cgroup/systemd") else "/sys/fs/cgroup"),
    **{f"{kind} namespace": lambda _, kind=kind: os.readlink(f"/proc/self/ns/{kind}") for kind in ("user", "ipc", "uts")},
}

target = pathlib.Path(sys.argv[1])
target.write_text(THINGS[sys.argv[2]](target.parent) + "\n")
