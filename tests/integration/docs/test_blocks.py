"""Each block of the documents is run by a scene (tests/e2e/test_documents.py), or looked at here; none is left out silently."""

import collections
import configparser
import json
import pathlib
import re
import subprocess

import pytest
import yaml

import doc_pages
import doc_scenes  # noqa: F401  (fills the table, as the next)
import doc_scenes_ci  # noqa: F401
import doc_scenes_install  # noqa: F401
import doc_scenes_manuals  # noqa: F401
import doc_scenes_start  # noqa: F401
from conftest import PURSER, options_of
from doc_pages import ROOT, Block
from doc_stage import SCENES, commands
from doc_table import NOT_RUN

BLOCKS = doc_pages.all_blocks()
WITH_COMMANDS = [block for block in BLOCKS if block.language in doc_pages.SHELL]
# What begins a line that somebody is meant to type.
PROGRAMS = "purser|purserd|docker|docker-credential-[a-z]+|podman|helm|crane|systemctl|journalctl|curl|aws|scripts/[a-z]+|sudo|kubectl"


def of(language: str) -> list:
    return [pytest.param(block, id=f"{block.page}:{block.line}") for block in BLOCKS if block.language == language]


def test_every_block_says_what_it_is():
    known = (*doc_pages.SHELL, *doc_pages.DATA, *doc_pages.TEXT)
    unknown = [f"{block.page}:{block.line}" for block in BLOCKS if block.language not in known]
    assert unknown == [], f"say sh or console where commands are, else one of {known}"


def test_every_block_with_commands_is_run_or_looked_at():
    classified = {*SCENES, *NOT_RUN}
    found = {block.key for block in WITH_COMMANDS}
    assert found - classified == set(), "give it a scene in tests/support/doc_scenes.py"
    assert classified - found == set(), "of no document any more"
    assert set(SCENES) & set(NOT_RUN) == set()


def test_no_two_blocks_have_one_name():
    counted = collections.Counter(block.key for block in WITH_COMMANDS)
    assert [key for key, count in counted.items() if count > 1] == []


def test_no_commands_hide_in_a_text():
    """A picture names programs, and runs none."""
    hidden = [f"{block.page}:{block.line}: {line}" for block in BLOCKS if block.language not in (*doc_pages.SHELL, "mermaid")
              for line in block.text.splitlines() if re.match(rf"\s*(\$ |({PROGRAMS}) )", line)]
    assert hidden == []


@pytest.mark.parametrize("block", [pytest.param(block, id=block.key) for block in WITH_COMMANDS])
def test_bash_reads_it(block):
    kind = NOT_RUN.get(block.key)
    if kind and kind.check == "synopsis":
        return _is_a_synopsis(block)
    if kind and kind.check == "walked":
        test = ROOT / kind.why.split(":")[0]
        assert pathlib.Path(block.page).name in test.read_text(), f"{test} does not read {block.page}"
    done = subprocess.run(["bash", "-n"], input=commands(block), capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stderr) == (0, "")
    return None


def _is_a_synopsis(block: Block) -> None:
    words = re.findall(r"[\w-]+", block.text)
    assert words[0] == "purser"
    assert set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", block.text)) <= options_of(words[1])


@pytest.mark.parametrize("block", of("json"))
def test_json_is_json(block):
    json.loads(block.text)


@pytest.mark.parametrize("block", of("yaml"))
def test_yaml_is_yaml(block):
    assert yaml.safe_load(block.text)


@pytest.mark.parametrize("block", of("ini"))
def test_ini_has_sections(block):
    parser = configparser.RawConfigParser(strict=False)  # units repeat keys
    parser.optionxform = str
    parser.read_string(block.text)
    assert parser.sections() and all(parser.items(section) for section in parser.sections())


@pytest.mark.parametrize("block", of("jsonc"))
def test_a_configuration_is_taken_by_the_daemon(block, check_configuration):
    text = block.text if '"version"' in block.text else '{ "version": 1, "registries": [' + block.text + "] }"
    outcome, conclusion = check_configuration(text)
    assert outcome == "ok", conclusion


def test_purser_is_there():
    assert subprocess.run([PURSER, "--help"], capture_output=True, timeout=20).returncode == 0


@pytest.mark.parametrize("block", of("http"))
def test_a_message_is_as_long_as_it_says(block):
    head, _, body = block.text.rstrip("\n").partition("\n\n")
    assert int(re.search(r"^Content-Length: (\d+)$", head, re.M)[1]) == len(body.replace("<NUL>", "\0"))
