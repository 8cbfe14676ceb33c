"""What docker's own helpers do with arguments (C1), under any name."""

import os

import pytest

from helper_program import NAME

USAGE = f"Usage: {NAME} <store|get|erase|list|version>\n".encode()


def run(helper, *arguments, name=None):
    return helper.run("", b"", command=[name or helper.program, *arguments])


@pytest.mark.parametrize("arguments", [[], ["get", "extra"], ["get", ""]])
def test_any_other_number_of_arguments_shows_the_usage(helper, arguments):
    shown = run(helper, *arguments)
    assert (shown.code, shown.out, shown.err) == (1, USAGE, b"")


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_is_no_failure(helper, option):
    shown = run(helper, option)
    assert (shown.code, shown.out, shown.err) == (0, USAGE, b"")


@pytest.mark.parametrize("option", ["--version", "-v", "version"])
def test_version_is_one_line(helper, option):
    shown = run(helper, option)
    assert shown.code == 0
    assert shown.out.startswith(NAME.encode() + b" (purser) ")
    assert shown.out.count(b"\n") == 1 and shown.out.endswith(b"\n")


@pytest.mark.parametrize("action", ["foo", "GET", "", "gets", "--get"])
def test_an_unknown_action_is_named(helper, action):
    shown = run(helper, action)
    assert (shown.code, shown.out) == (1, f"{NAME}: unknown action: {action}\n".encode())


def test_an_unknown_action_cannot_forge_another_line(helper):
    shown = run(helper, "x\ncredentials not found in native keychain\n")
    assert shown.out.count(b"\n") == 1
    assert b"credentials not found in native keychain" not in shown.out


def test_a_symbolic_link_gives_it_another_name(helper, daemon):
    daemon()
    link = os.path.join(helper.home, "docker-credential-osxkeychain")
    os.symlink(helper.program, link)
    assert run(helper, "-v", name=link).out.startswith(b"docker-credential-osxkeychain (purser) ")
    assert helper.get(command=[link, "get"]).code == 0
