"""Finds the real clients. One that is missing skips its tests, loudly, and fails them where CI=true."""

import functools
import os
import pathlib
import re
import shutil
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def purser_bin() -> pathlib.Path:
    """The folder of the programs under test."""
    return pathlib.Path(os.environ.get("PURSER_BIN") or ROOT / "build/dev/bin").resolve()


def helper_suffix() -> str:
    """The NAME of docker-credential-NAME. PURSER_RIG_HELPER=ecr-login puts a foreign helper in purser's place, to judge
    the rig itself."""
    return os.environ.get("PURSER_RIG_HELPER") or "purser"


def foreign_helper() -> bool:
    return helper_suffix() != "purser"


def missing(what: str, remedy: str) -> None:
    """Ends the test: a skip on a developer's machine, a failure where CI=true."""
    reason = f"{what} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def find(name: str) -> str | None:
    """The path of a client: from PURSER_CLIENTS, else from PATH. helm3 and helm4 are the helm of that version."""
    folder = pathlib.Path(os.environ.get("PURSER_CLIENTS") or ROOT / "build/clients")
    version = re.fullmatch(r"helm(\d)", name)
    built = folder / name / "helm" if version else folder / name
    if built.is_file():
        return str(built.resolve())
    path = os.environ.get("PATH", "") + ":" + SYSTEM_PATH
    if not version:
        return shutil.which(name, path=path)
    helm = shutil.which("helm", path=path)
    return helm if helm and _version(helm, "version", "--short").startswith(f"v{version[1]}.") else None


def client(name: str) -> str:
    """As find(), but ends the test where there is none."""
    return find(name) or missing(name, "scripts/clients builds those from Go, scripts/install the Debian ones")


@functools.cache
def docker_clients() -> dict[str, str]:
    """The docker command lines of this machine: "debian", and "newest" where a newer one is installed."""
    found: dict[tuple[int, ...], str] = {}
    for folder in dict.fromkeys((os.environ.get("PATH", "") + ":" + SYSTEM_PATH).split(":")):
        program = pathlib.Path(folder) / "docker"
        if folder and program.is_file() and os.access(program, os.X_OK):
            match = re.search(r"version (\d+)\.(\d+)\.(\d+)", _version(str(program), "--version"))
            if match:
                found.setdefault(tuple(int(part) for part in match.groups()), str(program))
    if not found:
        return {}
    named = {"debian": found[min(found)]}
    if len(found) > 1:
        named["newest"] = found[max(found)]
    return named


def docker_client(which: str) -> str:
    return docker_clients().get(which) or missing(f"the {which} docker client", "install a second, newer docker client")


@functools.cache
def _version(program: str, *arguments: str) -> str:
    try:
        return subprocess.run([program, *arguments], capture_output=True, text=True, timeout=20).stdout.strip()
    except (OSError, subprocess.TimeoutExpired):
        return ""
