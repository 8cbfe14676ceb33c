"""clang-format and clang-tidy over every source of ours; each file counts as one test."""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess

from tests.runner.report import Count
from tests.runner.suites import BEHIND, JOBS

PRODUCT = ("common", "helper", "daemon", "cli", "keyring")
FOLDERS = (*PRODUCT, "tests")
# Outlives a checkout, as the compiler's cache does.
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "purser-tidy"

# Headers that a build makes first.
MADE = ("daemon/sandbox/system_call_program.hpp",)


def sources(*endings, folders=FOLDERS):
    return sorted(path for folder in folders for ending in endings
                  for path in pathlib.Path(folder).rglob(f"*{ending}"))


def check_format(report):
    files = sources(".cpp", ".hpp")
    log = report.log("format")
    failed = 0
    with open(log, "wb") as output:
        for path in files:
            done = subprocess.run(["clang-format", "--dry-run", "-Werror", str(path)],
                                  stdout=output, stderr=output, check=False)
            failed += done.returncode != 0
    report.add("format", Count(passed=len(files) - failed, failed=failed), log)


INCLUDE = re.compile(rb'^#include "([^"]+)"', re.M)


def made_of(source):
    """The source and every file of ours that it includes, by paths from the root."""
    found, waiting = [], [source]
    while waiting:
        path = waiting.pop()
        if path in found or not path.exists():
            continue
        found.append(path)
        waiting += [pathlib.Path(name.decode()) for name in INCLUDE.findall(path.read_bytes())]
    return sorted(found)


@functools.cache
def surroundings():
    """The tool, and the packages that headers are from."""
    asked = (["clang-tidy", "--version"], ["dpkg-query", "-W", "*-dev"])
    return b"".join(subprocess.run(each, capture_output=True, check=True).stdout for each in asked)


def fingerprint(arguments, files):
    """What the outcome depends on: the tool, its settings, the command, the contents."""
    digest = hashlib.sha256(surroundings())
    digest.update(pathlib.Path(".clang-tidy").read_bytes())
    digest.update(" ".join(arguments).replace(str(pathlib.Path.cwd()), ".").encode())
    for path in files:  # of paths from the root
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


class Group:
    """Sources that are compiled together (tests/together.py), one after the other in one text: what they include is
    looked at once for all of them, and each is, to the tool, the main file."""

    def __init__(self, path, sources, entry):
        self.path, self.sources = path, sources
        arguments = shlex.split(entry["command"])
        output = arguments.index("-o")
        self.arguments = [word for at, word in enumerate(arguments)
                          if at > 0 and word != "-c" and at not in (output, output + 1) and word != entry["file"]]
        self.files = sorted({file for source in sources for file in made_of(source)})
        self._lines = []  # (source, line) of each line of the text

    def write(self):
        text = []
        for source in self.sources:
            lines = source.read_text().splitlines()
            text += lines
            self._lines += [(source, number) for number in range(1, len(lines) + 1)]
        self.path.write_text("\n".join(text) + "\n")

    def told_of_sources(self, said):
        """What the tool said, with places in the sources."""
        def place(match):
            source, line = self._lines[int(match[1]) - 1]
            return f"{source}:{line}:"
        return re.sub(re.escape(str(self.path)) + r":(\d+):", place, said)


def groups(folders):
    """Of a build that exists only to be asked, with every option on."""
    build = pathlib.Path("build/tidy").resolve()
    subprocess.run(["cmake", "--preset", "clang", "-B", str(build), "-DPURSER_TOGETHER=ON", "-DPURSER_FUZZ=ON",
                    "-DPURSER_BENCH=ON"], capture_output=True, check=True)
    subprocess.run(["cmake", "--build", str(build), "--target", *MADE], capture_output=True, check=True)
    texts, root, found, seen = build / "texts", pathlib.Path.cwd(), [], set()
    shutil.rmtree(texts, ignore_errors=True)
    texts.mkdir()
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        grouped = "together" in path.parts
        members = [pathlib.Path(name.decode()) for name in INCLUDE.findall(path.read_bytes())] if grouped else \
            [path.relative_to(root)] if path.is_relative_to(root) else []
        members = [member for member in members if member.parts[0] in folders and member not in seen]
        seen.update(members)
        if members:
            found.append(Group(texts / f"{len(found)}.cpp", members, entry))
    return found


def tidy(group):
    """What was said; nothing where it is clean, and that is remembered."""
    stamp = CACHE / fingerprint(group.arguments, group.files)
    if stamp.exists():
        return ""
    group.write()
    done = subprocess.run([*BEHIND, "clang-tidy", "--quiet", str(group.path), "--", *group.arguments],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.touch()
        return ""
    return group.told_of_sources(done.stdout + done.stderr) or f"clang-tidy ended with {done.returncode}"


def check_tidy(report, folders):
    """Over the sources in these folders."""
    CACHE.mkdir(parents=True, exist_ok=True)
    log, count = report.log("tidy"), Count()
    all_groups = groups(folders)
    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool, open(log, "w") as output:
        for group, said in zip(all_groups, pool.map(tidy, all_groups)):
            failed = sum(f"{source}:" in said for source in group.sources) or bool(said)
            count.failed += failed
            count.passed += len(group.sources) - failed
            output.write(said)
    report.add("tidy", count, log)
