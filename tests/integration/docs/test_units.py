"""Units that a document shows are taken by systemd, beside purser's own."""

import re
import shutil
import subprocess

import pytest

import doc_pages
from doc_pages import ROOT

SHOWN = [block for block in doc_pages.all_blocks() if block.language == "ini" and re.search(r"^\[(Service|Timer|Unit)\]", block.text, re.M)]


def units_of(block: doc_pages.Block) -> dict[str, str]:
    """By name: that of the comment above each, or the one that the text before the block ends with."""
    if edited := re.search(r"^# systemctl .*edit (\S+)", block.text, re.M):  # a drop-in
        return {edited[1]: "[Service]\nExecStart=/bin/true\n" + block.text.replace("[Service]\n", "")}
    parts = re.split(r"^# \S*/([\w-]+\.(?:service|timer))\n", block.text, flags=re.M)
    if len(parts) > 1:
        return dict(zip(parts[1::2], parts[2::2]))
    before = "\n".join(doc_pages.read(block.page).splitlines()[:block.line - 2])
    return {re.findall(r"([\w-]+\.service)`?:", before)[-1]: block.text}


def test_units_are_shown():
    assert len(SHOWN) >= 2


@pytest.mark.parametrize("block", SHOWN, ids=lambda block: f"{block.page}:{block.line}")
def test_systemd_takes_it(block, tmp_path):
    for name, text in units_of(block).items():
        # The program is where the reader's home is: any that is here does.
        (tmp_path / name).write_text(re.sub(r"^ExecStart=%h/\S+", "ExecStart=/bin/true", text, flags=re.M))
    shutil.copy(ROOT / "systemd/purser.socket", tmp_path)
    if not (tmp_path / "purser.service").exists():
        (tmp_path / "purser.service").write_text("[Service]\nExecStart=/bin/true\n")
    done = subprocess.run(["systemd-analyze", "--user", "verify", *(str(tmp_path / name) for name in units_of(block))],
                          capture_output=True, text=True, timeout=60,
                          env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path),
                               "SYSTEMD_UNIT_PATH": f"{tmp_path}:"})
    ours = [line for line in done.stderr.splitlines() if any(name in line for name in units_of(block))]
    assert (done.returncode, ours) == (0, []), done.stderr
