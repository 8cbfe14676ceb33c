"""What the documents lead to is there: links, anchors, and files of the repository that they name."""

import posixpath
import re

import pytest

import doc_pages
from doc_pages import ROOT, anchors, code_spans, links, pages, prose

# Files of the repository, where a name begins with one of its folders.
FOLDERS = tuple(path.name for path in ROOT.iterdir() if path.is_dir() and path.name not in ("build", ".git"))
# Made by a build, or by an example.
MADE = re.compile(r"build/|.*[*{<]|.*\b[A-Z]{2,}\b(?!\.md)")


def test_there_are_links():
    assert sum(len(links(page)) for page in pages()) > 50


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page):
    wrong = []
    for link in links(page):
        if re.match(r"https?://", link):
            continue
        target, _, anchor = link.partition("#")
        path = posixpath.normpath(posixpath.join(posixpath.dirname(page), target)) if target else page
        if not (ROOT / path).exists() or (anchor and anchor not in anchors(path)):
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("page", (*pages(), *doc_pages.man_pages()))
def test_files_that_are_named_exist(page):
    text = code_spans(page) if page in pages() else re.findall(r"^\.IR? (\S+)", doc_pages.plain(doc_pages.read(page)), re.M)
    named = {word for span in text for word in re.findall(r"(?<![\w./$~-])((?:%s)/[\w./-]+)" % "|".join(FOLDERS), span)}
    assert [name for name in sorted(named) if not MADE.match(name) and not (ROOT / name.rstrip("./")).exists()
            and not (ROOT / name).exists()] == []


def test_every_page_can_be_found():
    """From README.md, by links."""
    seen, queue = set(), ["README.md"]
    while queue:
        page = queue.pop()
        if page in seen:
            continue
        seen.add(page)
        for link in links(page):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(page), link.partition("#")[0]))
            if path in pages():
                queue.append(path)
    assert set(pages()) - seen == set()


@pytest.mark.parametrize("page", pages())
def test_a_page_has_one_title_and_ends_well(page):
    assert len(re.findall(r"^# ", prose(page), re.M)) == 1
    assert doc_pages.read(page).endswith("\n") and "\t" not in prose(page) and not re.search(r" +$", doc_pages.read(page), re.M)


@pytest.mark.parametrize("part", ["cli", "daemon"])
def test_the_architecture_has_every_folder(part):
    tree = next(block.text for block in doc_pages.blocks("docs/architecture.md") if block.text.startswith("common/"))
    folders = [path.name for path in (ROOT / part).iterdir() if path.is_dir()]
    assert [name for name in folders if not re.search(rf"\b{name}/", tree)] == []
