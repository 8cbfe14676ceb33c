"""What documents say of commands is so: each command and option that is named exists, in the program and in its manual."""

import re
import shlex

import pytest

import doc_pages
from conftest import commands, help_of, options_of, subcommands_of
from doc_pages import all_blocks, code_spans, pages

# Words that stand for any command.
MENTIONING = ("sh", "console", "yaml", "groovy")
PLACEHOLDERS = ("...", "SUBCOMMAND", "COMMAND")


def mentions(page: str) -> list[str]:
    """From `purser` to where its command ends, in code of the page."""
    lines = code_spans(page) + [line for block in all_blocks() if block.page == page and block.language in MENTIONING
                                for line in re.sub(r"\\\n", " ", block.text).splitlines()]
    found = []
    for line in lines:
        line = re.sub(r"(^|\s)#.*", "", line)
        found += re.findall(r"(?:^|[\s(|&;$'\"]|bin/)(purser(?: +[^|&;)<>\n]+))", line)
    return [text for text in found if not re.match(r"purser +(run as|and|is|in)\b", text)]


def split(text: str) -> tuple[tuple[str, ...], set[str]]:
    """The command and the options that it is given."""
    try:
        words = shlex.split(text)[1:]
    except ValueError:  # a quotation that ends behind what we cut off
        words = text.split()[1:]
    words = [word.strip("[].,`") for word in words]
    if "--" in words:  # the command that purser runs
        words = words[:words.index("--")]
    options = {word.split("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)}
    path: tuple[str, ...] = ()
    for word in words:
        if word not in subcommands_of(*path):
            break
        path = (*path, word)
    if not path and words and not words[0].startswith("-") and words[0] not in PLACEHOLDERS:
        path = (words[0],)
    return path, options


@pytest.mark.parametrize("page", pages())
def test_commands_and_options_exist(page):
    wrong = []
    for text in mentions(page):
        path, options = split(text)
        if path and path not in commands():
            wrong.append(text)
            continue
        known = options_of(*path) | options_of() | {"--help"}
        for inner in commands():  # `purser import --undo` and its like
            if path == inner[:1] and len(inner) > 1:
                known |= options_of(*inner)
        if options - known:
            wrong.append(f"{text}: {options - known}")
    assert wrong == []


def test_mentions_are_found():
    found = {split(text)[0] for page in pages() for text in mentions(page)}
    assert {("status",), ("store", "migrate"), ("token",)} <= found and len(found) > 12


# The programs' own help

# These go on until somebody ends them; their options are looked at above.
FOLLOWING = ("--follow", "--watch", "--keep")


def examples() -> list[str]:
    """The lines below "Example:", with whatever is around the program there."""
    found = [line.strip() for path in commands() for block in re.findall(r"^Examples?:\n((?: +.*\n)+)", help_of(*path), re.M)
             for line in block.splitlines()]
    return [line for line in dict.fromkeys(found) if not any(option in line for option in FOLLOWING)]


def test_examples_of_the_help_are_no_wrong_command_lines(home):
    """Without a daemon: what it would answer is tested elsewhere."""
    home.write("token.txt", "fake-token")
    home.write(".zfunc/other", "")
    curl = home.programs / "curl"
    curl.write_text("#!/bin/sh\ncat \"${2#@}\"\n")  # -H @FILE
    curl.chmod(0o755)
    for example in examples():
        done = home.run("bash", "-c", example, PURSER_NO_START="1", PURSER_SOCKET=f"{home.folder}/nobody")
        assert done.status != 2 and "see: purser" not in done.output and "usage" not in done.output.lower(), done


# purser(1)

MANUAL = doc_pages.plain(doc_pages.read("docs/man/purser.1"))


def named_in_manual() -> set[str]:
    return set(re.findall(r"(?<![\w-])--?[a-z][\w-]*", re.sub(r'"', "", MANUAL)))


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_the_manual_has_every_command_and_option(path):
    assert re.search(r"\b%s\b" % r"[\s\[]+".join(path), re.sub(r"^\.[A-Z]+ ", "", MANUAL, flags=re.M)), "no such entry"
    assert {option for option in options_of(*path) if option.startswith("--")} - named_in_manual() - {"--help"} == set()


def test_the_manual_has_no_other_option():
    known = set().union(*(options_of(*path) for path in commands()), options_of())
    others = {"--user", "--help"}  # of systemctl
    assert {name for name in named_in_manual() if name.startswith("--")} - known - others == set()


def test_help_lists_the_commands_of_the_manual():
    synopsis = MANUAL.split(".SH DESCRIPTION")[0]
    named = set(re.findall(r"^\.B \"?purser ([a-z]+)", synopsis, re.M))
    assert named == set(subcommands_of()), "SYNOPSIS and --help differ"


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_examples_of_the_help_are_of_the_command(path):
    """Where it has some: a line that begins with the program's name, also behind a word that leads to it."""
    for text in re.findall(r"^(?:[^:\n]*[Ee]xamples?:)?\s+(purser [^\n|]*)", help_of(*path), re.M):
        named, options = split(text)
        assert named and named[0] == path[0] and options <= options_of(*named) | options_of(), text


@pytest.mark.parametrize("path", commands(), ids=" ".join)
def test_every_help_says_what_the_command_does(path):
    assert len(help_of(*path).strip().splitlines()) > 2
