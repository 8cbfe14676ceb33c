"""clang-format and clang-tidy over every source of ours; each file counts as one test."""

import concurrent.futures
import functools
import hashlib
import json
import os
import pathlib
import re
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


def fingerprint(entry, files):
    """What the outcome depends on: the tool, its settings, the command, the contents."""
    digest = hashlib.sha256(surroundings())
    digest.update(pathlib.Path(".clang-tidy").read_bytes())
    digest.update(entry.get("command", "").replace(str(pathlib.Path.cwd()), ".").encode())
    for path in files:  # of paths from the root
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def tidy(build, entry, files):
    """(whether it is clean, what was said). A clean outcome is remembered."""
    stamp = CACHE / fingerprint(entry, files)
    if stamp.exists():
        return True, ""
    done = subprocess.run([*BEHIND, "clang-tidy", "--quiet", "-p", str(build), entry["file"]],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.touch()
    return done.returncode == 0, done.stdout + done.stderr


def compile_commands():
    """{source: its entry} of a build that exists only to be asked, with every option on."""
    build = pathlib.Path("build/tidy")
    subprocess.run(["cmake", "--preset", "clang", "-B", str(build), "-DPURSER_FUZZ=ON",
                    "-DPURSER_BENCH=ON"], capture_output=True, check=True)
    subprocess.run(["cmake", "--build", str(build), "--target", *MADE], capture_output=True,
                   check=True)
    root, entries = pathlib.Path.cwd(), {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        path = pathlib.Path(entry["file"])
        if path.is_relative_to(root):
            entries.setdefault(path.relative_to(root), entry)
    return build, entries


def check_tidy(report, folders):
    """Over the sources in these folders; all of them take half an hour on two cores."""
    CACHE.mkdir(parents=True, exist_ok=True)
    build, entries = compile_commands()
    log, failed = report.log("tidy"), 0
    files = [path for path in sources(".cpp", folders=folders) if path in entries]
    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool, open(log, "w") as output:
        jobs = {path: pool.submit(tidy, build, entries[path], made_of(path)) for path in files}
        for path, job in jobs.items():
            clean, said = job.result()
            failed += not clean
            if not clean:
                output.write(f"{path}\n{said}\n")
    report.add("tidy", Count(passed=len(jobs) - failed, failed=failed), log)
