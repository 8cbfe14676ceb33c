"""A tiny Go program, and Go without a network, for clients that build."""

import pathlib
import subprocess

import rig_clients
from rig_home import Home


def go_program(folder: pathlib.Path) -> pathlib.Path:
    program = folder / "program"
    program.mkdir()
    (program / "go.mod").write_text("module example.test/tiny\n\ngo 1.20\n")
    (program / "main.go").write_text('package main\n\nfunc main() { println("tiny") }\n')
    return program


def go_environment(home: Home) -> dict[str, str]:
    """Go without a network, and with this machine's build cache, or the standard library is compiled each time."""
    go = rig_clients.client("go")
    cache = subprocess.check_output([go, "env", "GOCACHE"], text=True, timeout=20).strip()
    path = f"{home.programs}:{go.rpartition('/')[0]}:{rig_clients.SYSTEM_PATH}"
    return {"PATH": path, "GOCACHE": cache, "GOPROXY": "off", "GOFLAGS": "-mod=mod", "GOTOOLCHAIN": "local",
            "GOSUMDB": "off"}
