"""The manual pages are well-formed, are installed, and have every option of the programs' own help."""

import re
import subprocess

import pytest

import doc_pages
from conftest import BIN
from doc_pages import ROOT

PAGES = [page for page in doc_pages.man_pages() if not doc_pages.read(page).startswith(".so ")]
LINKS = [page for page in doc_pages.man_pages() if page not in PAGES]


def test_there_are_pages():
    assert len(PAGES) >= 3


@pytest.mark.parametrize("page", PAGES)
def test_mandoc_finds_nothing(page):
    done = subprocess.run(["mandoc", "-Tlint", "-W", "warning", str(ROOT / page)], capture_output=True, text=True, timeout=20)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES)
def test_groff_warns_of_nothing(page):
    done = subprocess.run(["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(ROOT / page)], capture_output=True,
                          timeout=20, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "MANROFFSEQ": ""})
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("page", LINKS)
def test_a_page_under_another_name_leads_to_one(page):
    target = doc_pages.read(page).split()[1].partition("/")[2]
    assert f"docs/man/{target}" in PAGES


@pytest.mark.parametrize("page", doc_pages.man_pages())
def test_it_is_installed(page):
    installed = "".join(file.read_text() for file in ROOT.glob("*/CMakeLists.txt")) + (ROOT / "CMakeLists.txt").read_text()
    assert page in installed or re.search(r"install\((FILES|DIRECTORY)[^)]*docs/man", installed)


def test_purserd_has_what_its_help_has():
    text = subprocess.run([str(BIN / "purserd"), "--help"], capture_output=True, text=True, timeout=20).stdout
    options = set(re.findall(r"--[a-z][\w-]*", text))
    known = {f"--{name}" for name in re.findall(r'option\{"([\w-]+)"', (ROOT / "daemon/options.cpp").read_text())}
    manual = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", doc_pages.plain(doc_pages.read("docs/man/purserd.8")))) - {"--unix-socket"}  # curl's
    assert options <= manual <= known


def test_every_variable_that_is_passed_on_is_documented():
    names = set(re.findall(r'"(\w+)"', (ROOT / "common/forwarded_variables.hpp").read_text().split("is_forwarded")[0]))
    assert len(names) > 20
    listed = re.search(r"forwarded_variables.hpp` lists(.*?)Together", doc_pages.read("docs/protocol.md"), re.S)[1]
    assert set(re.findall(r"`(\w+)`", listed)) == names
    manual = doc_pages.plain(doc_pages.read("docs/man/docker-credential-purser.1"))
    in_both_cases = {name for name in names if name.lower().endswith("_proxy")}  # the page says so
    assert "the proxy variables in both cases" in manual
    assert sorted(name for name in names - in_both_cases if not re.search(rf"\b{name}\b", manual)) == []
