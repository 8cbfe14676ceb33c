import json
import os
import pathlib
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("PURSER_BIN", ROOT / "build/dev/bin"))
sys.path.insert(0, str(ROOT / "tests/support"))

import rig_clients  # noqa: E402


def ask(program, questions):
    """The answers of a program that reads and prints lines of JSON."""
    done = subprocess.run([str(program)], input="".join(json.dumps(each) + "\n" for each in questions), text=True,
                          capture_output=True, timeout=60, check=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(questions)
    return answers


@pytest.fixture
def ours():
    program = BIN / "registry_tool"
    if not program.exists():
        pytest.fail(f"{program} is missing: build the target registry_tool, or set PURSER_BIN")
    return lambda questions: ask(program, questions)


@pytest.fixture
def theirs():
    program = rig_clients.client("registry-parsers")
    return lambda questions: ask(program, questions)
