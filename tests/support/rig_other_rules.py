"""Another version of purserd: one whose filter of system calls has other rules."""

import struct

# A step of the filter, as the kernel has it: whether the number is one of the x32 calls, which begin there.
FIRST_OF_X32 = 0x40000000
COMPARE = 0x35  # BPF_JMP | BPF_JGE | BPF_K


def with_other_rules(program: bytes) -> bytes:
    """Its filter is as strict, and another one: the second of those calls is the first that counts."""
    step, other = (struct.pack("<HBB", COMPARE, 0, 2) + struct.pack("<I", first) for first in (FIRST_OF_X32, FIRST_OF_X32 + 1))
    assert step in program, "the filter has no such step: this program, or this kind of processor, needs another one here"
    return program.replace(step, other)
