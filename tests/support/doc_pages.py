"""The documents, taken apart: fenced blocks, code in lines, links, and examples of man pages."""

import collections
import dataclasses
import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Their code is no shell: data is read, and pictures and texts hold no commands.
DATA = ("json", "jsonc", "yaml", "ini", "toml")
TEXT = ("mermaid", "text", "http", "groovy")
SHELL = ("sh", "console")


@dataclasses.dataclass(frozen=True)
class Block:
    """A fenced block, or an example of a man page."""

    page: str  # below the root, with slashes
    line: int  # of its first line
    heading: str
    language: str
    text: str
    key: str = ""  # what tables name it by: the page and its first line; the second one too, where several begin alike

    def line_of(self, number: int) -> str:
        """A line that is no comment and not empty, without its comment at the end."""
        lines = [line for line in self.text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
        return re.sub(r"\s+# .*", "", lines[number]).strip() if number < len(lines) else ""


@functools.cache
def pages() -> tuple[str, ...]:
    """README.md and everything in docs/, below the root."""
    found = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return tuple(str(page.relative_to(ROOT)) for page in found)


@functools.cache
def man_pages() -> tuple[str, ...]:
    return tuple(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs/man").glob("*.[1-8]")))


@functools.cache
def read(page: str) -> str:
    return (ROOT / page).read_text()


def blocks(page: str) -> list[Block]:
    found = _examples(page) if page in man_pages() else _fences(page)
    beginnings = collections.Counter(block.line_of(0) for block in found)

    def key(block: Block) -> str:
        alone = beginnings[block.line_of(0)] == 1
        return f"{page}: {block.line_of(0)}" + ("" if alone else f" / {block.line_of(1)}")

    return [dataclasses.replace(block, key=key(block)) for block in found]


def all_blocks() -> list[Block]:
    return [block for page in (*pages(), *man_pages()) for block in blocks(page)]


def prose(page: str) -> str:
    """The page with its blocks blanked out; lines keep their numbers."""
    lines, inside = [], ""
    for line in read(page).splitlines():
        fence = re.match(r"\s*(```+)", line)
        if fence and (not inside or fence[1] == inside):
            inside = "" if inside else fence[1]
            lines.append("")
        else:
            lines.append("" if inside else line)
    return "\n".join(lines)


def code_spans(page: str) -> list[str]:
    """Code within lines. A span may go on in the next line."""
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", prose(page))]


def links(page: str) -> list[str]:
    """Targets of links and pictures."""
    text = re.sub(r"`[^`]*`", "", prose(page))
    return re.findall(r"\]\(([^()\s]+)\)", text)


def anchors(page: str) -> set[str]:
    """What can stand behind # in a link to it, as forges make it of headings."""
    found: set[str] = set()
    for title in re.findall(r"^#+ +(.*?) *$", prose(page), re.M):
        plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", title).replace("`", "")
        slug = re.sub(r"[^\w\- ]", "", plain.lower()).replace(" ", "-")
        number, name = 0, slug
        while name in found:
            number += 1
            name = f"{slug}-{number}"
        found.add(name)
    return found


def _fences(page: str) -> list[Block]:
    found, heading, opened = [], "", None
    for number, line in enumerate(read(page).splitlines(), 1):
        fence = re.match(r"\s*(```+)\s*(\w*)", line)
        if opened is None:
            if fence:
                opened = (number + 1, fence[1], fence[2], [])
            elif title := re.match(r"#+ +(.*)", line):
                heading = title[1]
        elif fence and fence[1] == opened[1] and not fence[2]:
            found.append(Block(page, opened[0], heading, opened[2], "\n".join(opened[3]) + "\n"))
            opened = None
        else:
            opened[3].append(line)
    assert opened is None, f"{page}:{opened[0]}: the block does not end"
    return found


def _examples(page: str) -> list[Block]:
    """What lies between .EX and .EE, or .nf and .fi."""
    found, heading, opened = [], "", None
    for number, line in enumerate(read(page).splitlines(), 1):
        if line.startswith((".SH ", ".SS ")):
            heading = line[4:].strip('"')
        if line in (".EX", ".nf"):
            opened = (number + 1, [])
        elif line in (".EE", ".fi") and opened:
            found.append(Block(page, opened[0], heading, "sh", plain("\n".join(opened[1])) + "\n"))
            opened = None
        elif opened:
            opened[1].append(line)
    return found


def plain(roff: str) -> str:
    """roff as it is shown, as far as our pages use it."""
    roff = re.sub(r"^\.\\\".*\n?", "", roff, flags=re.M)
    roff = re.sub(r"\\f[BIRP]|\\c|\\&", "", roff)
    roff = roff.replace(r"\-", "-").replace(r"\(aq", "'").replace(r"\(dq", '"').replace(r"\(ti", "~").replace(r"\(ha", "^")
    return roff.replace(r"\e", "\\").replace(r"\\", "\\")
