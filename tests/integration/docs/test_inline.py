"""Commands of other programs that a line of a document names, where no block shows them: each has to be one that exists.

A program that nobody has said here how to look at fails the test.
"""

import re
import subprocess

import pytest

from conftest import BIN
from doc_pages import ROOT, all_blocks, code_spans, pages

UNITS = {file.name.removesuffix(".in") for file in (ROOT / "systemd").iterdir()} | {
    name for block in all_blocks() if block.language == "ini" for name in re.findall(r"([\w-]+\.(?:service|timer|socket))", block.text)}
# Not on every machine that builds purser; each command was looked up in its manual.
FOREIGN = ("helm registry login", "regctl registry login", "kubectl apply -f", "sudo docker",
           "aws ecr get-login-password | docker login", "aws login", "aws sso login --profile dev")
PROGRAMS = ("docker", "docker-credential-[a-z]+", "podman", "helm", "regctl", "crane", "systemctl", "systemd-[a-z]+", "journalctl",
            "loginctl", "curl", "aws", "sudo", "kubectl", "purserd", "openssl", "ln", "rm", "id", "ulimit", r"scripts/\w+", "bazel", "dpkg",
            "apt-get", "apt", "promtool", "cmake")


def inline() -> set[str]:
    form = re.compile(r"(?:%s) [^ ]" % "|".join(PROGRAMS))
    return {span for page in pages() for span in code_spans(page) if form.match(span)}


def says(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={"PATH": "/usr/bin:/bin:/usr/sbin", "LC_ALL": "C"})
    return done.stdout + done.stderr


def of_systemctl(words: list[str]) -> bool:
    verb = next(word for word in words[1:] if not word.startswith("-"))
    options = [word for word in words if word.startswith("-")]
    units = [word for word in words[words.index(verb) + 1:] if word not in options]
    text = says("systemctl", "--help")
    return bool(re.search(rf"^  {verb}\b", text, re.M)) and all(option in text for option in options) and all(
        "*" in unit or re.sub(r"@[^.]*", "@", unit) in UNITS for unit in units)


def of_journalctl(words: list[str]) -> bool:
    return words[words.index("-u") + 1] in UNITS if "-u" in words else True


def of_the_helper(words: list[str]) -> bool:
    return words[1] in re.search(r"<([a-z|]+)>", says(str(BIN / "docker-credential-purser"), "--help"))[1].split("|")


def of_purserd(words: list[str]) -> bool:
    return words[1] in says(str(BIN / "purserd"), "--help")


def of_a_script(words: list[str]) -> bool:
    return (ROOT / words[0]).exists() and all(word.lstrip("-") in (ROOT / words[0]).read_text() + _bench() for word in words[1:2])


def _bench() -> str:
    return (ROOT / "tests/bench/__main__.py").read_text()


def of_engines(words: list[str]) -> bool:
    return bool(re.search(rf"^ +{words[1]}\b", says(words[0], "--help"), re.M))


def of_openssl(words: list[str]) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}\n", says(*words)) is not None


CHECKS = {"systemctl": of_systemctl, "journalctl": of_journalctl, "docker-credential-purser": of_the_helper, "purserd": of_purserd,
          "docker": of_engines, "podman": of_engines, "openssl": of_openssl, "curl": lambda words: words[1] in says("curl", "--help", "all"),
          "ln": lambda words: len(words) == 4 and words[1] == "-s", "id": lambda words: says(*words).strip().isdigit(),
          "ulimit": lambda words: says("bash", "-c", " ".join(words)).strip() != "",
          "loginctl": lambda words: words[1] in says("loginctl", "--help")}


def test_lines_name_commands():
    assert len(inline()) > 20


@pytest.mark.parametrize("command", sorted(inline()))
def test_it_exists(command):
    if command in FOREIGN:
        return
    if command.startswith("purserd died"):  # a line of the log
        return
    words = command.replace("'", "").split()
    check = of_a_script if words[0].startswith("scripts/") else CHECKS.get(words[0])
    assert check, f"say in CHECKS how {words[0]} is looked at"
    assert check(words), command


def test_nothing_foreign_is_kept_for_nothing():
    assert set(FOREIGN) - inline() == set()
