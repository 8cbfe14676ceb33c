"""A Docker engine without network and cgroups, for push and pull; and images to move around."""

import io
import os
import pathlib
import tarfile

import rig_clients
from rig_process import Program
from rig_world import NODE


class Engine:
    """dockerd in `folder`. Clients reach it by DOCKER_HOST."""

    def __init__(self, folder: pathlib.Path):
        folder.mkdir(parents=True)
        self.host = f"unix://{folder}/docker.sock"
        arguments = [
            rig_clients.client("dockerd"), "--iptables=false", "--ip6tables=false", "--bridge=none",
            "--storage-driver=vfs", "--insecure-registry", NODE, "-H", self.host, "--data-root", f"{folder}/data",
            "--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid",
        ]
        environment = {"PATH": rig_clients.SYSTEM_PATH, "HOME": str(folder), "TMPDIR": str(folder)}
        self._program = Program(arguments, folder / "log", environment)
        self._program.wait_until((folder / "docker.sock").exists, 60)

    def stop(self) -> None:
        self._program.stop(20)


def layer(file: pathlib.Path, size: int = 2000) -> pathlib.Path:
    """Writes a tar with one file of random content, which does not compress."""
    content = os.urandom(size)
    entry = tarfile.TarInfo("content")
    entry.size = size
    with tarfile.open(file, "w") as archive:
        archive.addfile(entry, io.BytesIO(content))
    return file
