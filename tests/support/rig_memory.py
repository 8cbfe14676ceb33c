"""What another process has in its memory, as root sees it."""

import pathlib

PIECE = 20  # bytes; a copy counts where so much of it is left
LARGEST = 1 << 30  # bytes; what is larger is no memory of the program's: sanitizers reserve terabytes


def copies(pid: int, secrets: dict[str, str]) -> dict[str, int]:
    """How many pieces of these secrets are in what the process may write to; those without any are left out."""
    pieces = {name: _pieces(secret.encode()) for name, secret in secrets.items()}
    found = dict.fromkeys(secrets, 0)
    for content in _contents(pid, PIECE):
        for name, each in pieces.items():
            found[name] += sum(content.count(piece) for piece in each)
    return {name: count for name, count in found.items() if count}


def holds(pid: int, raw: bytes) -> bool:
    """Whether these bytes are in what the process may write to."""
    return any(raw in content for content in _contents(pid, len(raw)))


def _pieces(secret: bytes) -> list[bytes]:
    """Some of it from all over: whatever reuses the memory destroys the beginning first."""
    assert len(secret) >= PIECE, "too short to tell it from chance"
    return sorted({secret[at : at + PIECE] for at in [*range(0, len(secret) - PIECE, 64), len(secret) - PIECE]})


def _writable(pid: int) -> list[tuple[int, int]]:
    regions = []
    for line in pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines():
        addresses, permissions = line.split()[:2]
        begin, end = (int(text, 16) for text in addresses.split("-"))
        if "w" in permissions and not line.endswith("[vvar]") and end - begin <= LARGEST:
            regions.append((begin, end))
    return regions


def _contents(pid: int, overlap: int):
    """All of it, in parts that share as many bytes with the next as could be cut in two."""
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end in _writable(pid):
            before = b""
            for part in _read(memory, begin, end):
                yield before + part
                before = part[-overlap:]


def _read(memory, begin: int, end: int):
    """What is there of it: pages that nobody has touched may not be readable, and regions come and go."""
    try:
        memory.seek(begin)
        while begin < end:
            part = memory.read(min(1 << 24, end - begin))
            if not part:
                return
            begin += len(part)
            yield part
    except OSError:
        return
