"""Another program of the same user that wants what a process has in memory. Prints what it got: attacker.py PID"""

import ctypes
import os
import sys

PTRACE_ATTACH, PTRACE_SEIZE, PTRACE_DETACH = 16, 0x4206, 17
pid = int(sys.argv[1])
libc = ctypes.CDLL(None, use_errno=True)


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def say(what, outcome):
    name = "got it" if outcome >= 0 else os.strerror(ctypes.get_errno())
    print(f"{what}: {name}", flush=True)


say("seize", libc.ptrace(PTRACE_SEIZE, pid, None, None))
if libc.ptrace(PTRACE_ATTACH, pid, None, None) == 0:
    os.waitpid(pid, 0x40000000)  # __WALL
    libc.ptrace(PTRACE_DETACH, pid, None, None)

room = ctypes.create_string_buffer(16)
ours = Piece(ctypes.cast(room, ctypes.c_void_p), 16)
address = 0x10000  # of nothing: who may look gets EFAULT
try:
    # A sanitizer's first mapping may be one that nobody can read.
    address = next(int(line.split("-")[0], 16) for line in open(f"/proc/{pid}/maps") if line.split()[1].startswith("r"))
    print("maps: got it")
except OSError as error:
    print(f"maps: {error.strerror}")
theirs = Piece(address, 16)
say("process_vm_readv", libc.process_vm_readv(pid, ctypes.byref(ours), 1, ctypes.byref(theirs), 1, 0))
for name in ("mem", "environ", "auxv", "fd", "cwd", "exe", "root"):
    path = f"/proc/{pid}/{name}"
    try:
        if name == "fd":
            os.listdir(path)
        elif name in ("cwd", "exe", "root"):
            os.readlink(path)
        else:
            with open(path, "rb") as file:
                file.seek(address if name == "mem" else 0)
                file.read(8)
        print(f"{name}: got it")
    except OSError as error:
        print(f"{name}: {error.strerror}")
say("pidfd_getfd", libc.syscall(438, libc.syscall(434, pid, 0), 0, 0))
