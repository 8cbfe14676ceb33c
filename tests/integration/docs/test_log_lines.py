"""Each line that the log can have at warning and above is explained in docs/operations.md, and no other is.

The sources are searched for them. Where a line is a whole text of somewhere else, the table below has it in its words.
"""

import re

import pytest

from doc_pages import ROOT

LOG = re.compile(r"spdlog::(warn|error|critical)\(\s*((?:\"(?:[^\"\\]|\\.)*\"\s*)+)", re.S)
# "{}" alone: what stands in its place, and where that is said.
PASSED_ON = {
    "daemon/main.cpp": "purserd cannot start: what it prints is the whole reason",
    "daemon/daemon.cpp": "the new program of an upgrade could not be started",
    "daemon/cache/token_cache.cpp": "the lines of life_log.cpp, below",
}
LIFE = ("not renewed, which is tried again", "degraded, until somebody mends it", "not obtained",
        "expired and wiped, since for", "recovered after")




def logged() -> dict[str, set[str]]:
    """Formats, with their levels."""
    found: dict[str, set[str]] = {}
    for file in sorted((ROOT / "daemon").rglob("*.[ch]pp")):
        for level, literals in LOG.findall(file.read_text()):
            format = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals)).replace('\\"', '"')
            found.setdefault(format, set()).add({"warn": "warning"}.get(level, level))
    del found["{}"]  # see PASSED_ON
    return found


def documented() -> dict[str, set[str]]:
    """The table of lines: text and levels."""
    text = (ROOT / "docs/operations.md").read_text()
    section = re.search(r"^## What the log says\n(.*?)^## ", text, re.S | re.M)[1]
    rows = re.findall(r"^\| `([^`]+)` \| ([a-z, ]+) \| .+ \| .+ \|$", section, re.M)
    return {line: set(levels.split(", ")) for line, levels in rows}


def as_documented(format: str) -> str:
    """A format as the page writes it."""
    return re.sub(r"\{[^}]*\}", "...", format)


LOGGED = {as_documented(format): levels for format, levels in logged().items()}


def test_the_sources_have_log_lines():
    assert len(LOGGED) > 20


def test_each_line_is_documented_with_its_level():
    documented_lines = documented()
    missing = {line: levels for line, levels in LOGGED.items() if documented_lines.get(line) != levels}
    assert missing == {}, "the table in docs/operations.md wants a row for each, with what to do"


def test_nothing_else_is_documented():
    of_a_life = {line for line in documented() if line.startswith("token ...: ")}
    assert set(documented()) - set(LOGGED) - of_a_life == {"..."}
    assert [line for line in of_a_life if not any(words in line for words in LIFE)] == []


@pytest.mark.parametrize("words", LIFE)
def test_lines_of_a_tokens_life_are_documented(words):
    assert words in (ROOT / "daemon/observe/life_log.cpp").read_text()
    assert any(words in line for line in documented())


def test_what_is_passed_on_is_known():
    """A new spdlog::warn("{}", ...) has to be looked at by somebody."""
    call = re.compile(r'spdlog::(?:warn|error|critical|log)\((?:line\.level, )?"\{\}",')
    files = {str(file.relative_to(ROOT)) for file in (ROOT / "daemon").rglob("*.cpp") if call.search(file.read_text())}
    assert files == set(PASSED_ON)
