import json
import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))

from rig_home import NOT_FOUND, Home, Outcome  # noqa: E402


class Helper:
    """The helper of one home, as clients call it. Its standard error is looked at each time: docker shows it to people
    (C7)."""

    def __init__(self, home: Home):
        self.home = home

    def call(self, verb: str, text: str = "", **variables: str) -> Outcome:
        outcome = self.home.helper(verb, text, **variables)
        assert outcome.stderr == "", outcome
        return outcome

    def store(self, registry: str, user: str = "ann", secret: str = "fake-password") -> None:
        outcome = self.call("store", message(registry, user, secret))
        assert (outcome.status, outcome.stdout) == (0, ""), outcome

    def get(self, registry: str) -> dict | None:
        """None where it is not found, in docker's words."""
        outcome = self.call("get", registry)
        if outcome.status == 0:
            return json.loads(outcome.stdout)
        assert (outcome.status, outcome.stdout) == (1, NOT_FOUND + "\n"), outcome
        return None

    def erase(self, registry: str) -> None:
        outcome = self.call("erase", registry)
        assert (outcome.status, outcome.stdout) == (0, ""), outcome

    def list(self) -> dict[str, str]:
        return json.loads(self.call("list", "unused").ok().stdout)


def message(registry: str, user: str, secret: str) -> str:
    """As Go's encoder writes it: `<`, `>` and `&` are escaped, a line feed ends it."""
    text = json.dumps({"ServerURL": registry, "Username": user, "Secret": secret}, ensure_ascii=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return text + "\n"


@pytest.fixture
def home():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="purser-conformance-"))
    home = Home(folder / "h")
    # No test of this folder is about AWS's keys: none are looked for outside.
    home.environment["AWS_EC2_METADATA_DISABLED"] = "true"
    yield home
    home.stop()
    shutil.rmtree(folder)


@pytest.fixture
def helper(home) -> Helper:
    return Helper(home)
