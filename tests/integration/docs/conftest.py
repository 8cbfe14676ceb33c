import functools
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "tests/support"))
from rig_home import Home  # noqa: E402

BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin")).resolve()
PURSER = str(BIN / "purser")


@functools.cache
def help_of(*words: str) -> str:
    done = subprocess.run([PURSER, *words, "--help"], capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout


def section(text: str, title: str) -> str:
    """The indented lines below a title of a help text."""
    found = re.search(rf"^{title}:?\n((?:[ \t].*\n|\n(?=[ \t]))*)", text, re.M | re.I)
    return found[1] if found else ""


@functools.cache
def subcommands_of(*words: str) -> tuple[str, ...]:
    return tuple(re.findall(r"^  (?:  )?([a-z][a-z-]*)(?: |$)", section(help_of(*words), "Subcommands"), re.M))


@functools.cache
def options_of(*words: str) -> frozenset[str]:
    """The options of a command, in all their spellings; of its commands where it has some, too."""
    lines = section(help_of(*words), "Options").splitlines()
    heads = [re.split(r"  +", line.strip())[0] for line in lines if re.match(r" +-", line)]
    found = {name for head in heads for name in re.findall(r"(?<![\w-])--?[A-Za-z][\w-]*", head)}
    return frozenset(found)


@functools.cache
def commands() -> tuple[tuple[str, ...], ...]:
    """Every command: ("status",), ("store", "migrate") and so on."""
    found = []
    for name in subcommands_of():
        found.append((name,))
        found += [(name, inner) for inner in subcommands_of(name)]
    return tuple(found)


@pytest.fixture
def home(tmp_path):
    made = Home(tmp_path / "h")
    yield made
    made.stop()


@pytest.fixture
def check_configuration(home):
    """What the doctor says of a configuration: outcome and conclusion."""

    def check(text: str) -> tuple[str, str]:
        home.write(".config/purser/config.json", text)
        daemon = home.start_daemon()
        done = home.run(PURSER, "doctor", "--json")
        daemon.stop()
        report = json.loads(done.stdout)
        failed = [step["text"] for step in report["steps"] if step["topic"] == "configuration"]
        return ("configuration" if report["outcome"] == "configuration" else "ok"), f"{report['conclusion']}: {failed}"

    return check
