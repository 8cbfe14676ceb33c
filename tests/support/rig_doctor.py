"""What `purser doctor` reports, in the hands of a test."""

import json
import pathlib

import jsonschema

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] / "docs/doctor.schema.json").read_text())


class Report:
    """A run of `purser doctor --json` that ended with `status`. Fails the test where it is not as documented."""

    def __init__(self, status: int, text: str):
        self.status = status
        self.text = text
        self.json = json.loads(text)
        jsonschema.Draft7Validator(SCHEMA).validate(self.json)

    def steps(self, topic: str) -> list[tuple[str, str]]:
        """State and text of each step about it."""
        return [(step["state"], step["text"]) for step in self.json["steps"] if step["topic"] == topic]

    def step(self, topic: str) -> tuple[str, str]:
        """The only one."""
        (only,) = self.steps(topic)
        return only

    def sources(self) -> dict[str, str]:
        """The state of each source of AWS credentials, by what it is called."""
        return {text.partition(":")[0]: state for state, text in self.steps("source")}

    @property
    def outcome(self) -> tuple[int, str]:
        return self.status, self.json["outcome"]
