"""Runs the steps of a job as the runner of GitHub Actions does: those of composite actions, and commands of its own.

What it knows: `inputs`, `env` and `steps.ID.outputs` in expressions, the files that GITHUB_ENV, GITHUB_PATH and GITHUB_OUTPUT name,
and bash. Whatever else an action uses fails the test.
"""

import pathlib
import re

import yaml

from rig_container import Container, Done

_EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
_BASH = ["/usr/bin/bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]
_KEYS = {"name", "id", "shell", "run", "env"}


class Job:
    """Of `container`, whose /runner/JOB is the job's own, on the outside `folder`."""

    def __init__(self, container: Container, folder: pathlib.Path, inside: str, environment: dict[str, str]):
        self.container = container
        self._folder = folder
        self._inside = inside
        self._number = 0
        self._path: list[str] = []
        (folder / "temp").mkdir(parents=True)
        (folder / "work").mkdir()
        self.environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root", "CI": "true", "GITHUB_ACTIONS": "true",
                            "RUNNER_TEMP": f"{inside}/temp", "GITHUB_WORKSPACE": f"{inside}/work", **environment}

    def use(self, action: pathlib.Path, inside: str, **inputs: str) -> dict[str, str]:
        """A composite action, whose folder is called `inside` in the container; its outputs."""
        described = yaml.safe_load((action / "action.yml").read_text())
        known = described.get("inputs", {})
        inputs = {name.replace("_", "-"): value for name, value in inputs.items()}
        assert described["runs"]["using"] == "composite" and set(inputs) <= set(known)
        values = {name: inputs.get(name, value.get("default", "")) for name, value in known.items()}
        outputs: dict[str, dict[str, str]] = {}
        for step in described["runs"]["steps"]:
            assert set(step) <= _KEYS and step["shell"] == "bash", step
            variables = {name: _evaluated(value, values, outputs) for name, value in step.get("env", {}).items()}
            given = self._step(_evaluated(step["run"], values, outputs), {**variables, "GITHUB_ACTION_PATH": inside})
            if "id" in step:
                outputs[step["id"]] = given
        return {name: _evaluated(output["value"], values, outputs) for name, output in described.get("outputs", {}).items()}

    def run(self, script: str, **variables: str) -> Done:
        """A step with `run:`; fails the test where it fails."""
        return self._run(script, variables).ok()

    def _run(self, script: str, variables: dict[str, str], seconds: float = 240) -> Done:
        self._number += 1
        files = {name: f"step{self._number}.{name.lower()}" for name in ("GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT")}
        for file in files.values():
            (self._folder / file).touch()
        (self._folder / "script.sh").write_text(script)
        environment = {**self.environment, **variables, **{name: f"{self._inside}/{file}" for name, file in files.items()}}
        environment["PATH"] = ":".join([*reversed(self._path), environment["PATH"]])
        done = self.container.run(*_BASH, f"{self._inside}/script.sh", environment=environment, seconds=seconds,
                                  cwd=f"{self._inside}/work")
        self.environment.update(_lines(self._folder / files["GITHUB_ENV"]))
        self._path += (self._folder / files["GITHUB_PATH"]).read_text().split()
        self._outputs = _lines(self._folder / files["GITHUB_OUTPUT"])
        return done

    def _step(self, script: str, variables: dict[str, str]) -> dict[str, str]:
        self._run(script, variables).ok()
        return self._outputs


def _lines(file: pathlib.Path) -> dict[str, str]:
    lines = file.read_text().splitlines()
    assert all("=" in line and "<<" not in line for line in lines), lines
    return dict(line.split("=", 1) for line in lines)


def _evaluated(text: str, inputs: dict[str, str], steps: dict[str, dict[str, str]]) -> str:
    def value(match: re.Match) -> str:
        match match[1].split("."):
            case ["inputs", name]:
                return inputs[name]
            case ["steps", step, "outputs", name]:
                return steps[step][name]
        raise AssertionError(f"no such expression here: {match[0]}")

    return _EXPRESSION.sub(value, text)
