"""clang-format and clang-tidy over every source of ours; each file counts as one test."""

import concurrent.futures
import hashlib
import json
import pathlib
import subprocess

from tests.runner.report import Count
from tests.runner.suites import JOBS

FOLDERS = ("common", "helper", "daemon", "cli", "tests")
CACHE = pathlib.Path("build/tidy-cache")


def sources(*endings):
    return sorted(path for folder in FOLDERS for ending in endings
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


def includes_of(build):
    """{source: the files of ours that it is made of}, as the last build saw them."""
    listing = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True,
                             text=True, check=True).stdout
    root, made_of = str(pathlib.Path.cwd()) + "/", {}
    for block in listing.split("\n\n"):
        files = []
        for line in block.splitlines()[1:]:
            path = (build / line.strip()).resolve() if line.strip() else build
            if str(path).startswith(root):
                files.append(path)
        if files:
            made_of[files[0]] = files
    return made_of


def fingerprint(entry, files):
    """What the outcome depends on: the tool, its settings, the command, the contents."""
    digest = hashlib.sha256()
    version = subprocess.run(["clang-tidy", "--version"], capture_output=True, check=True).stdout
    digest.update(version + pathlib.Path(".clang-tidy").read_bytes())
    digest.update(entry.get("command", "").encode())
    for path in files:
        digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def tidy(build, entry, files):
    """(whether it is clean, what was said). A clean outcome is remembered."""
    stamp = CACHE / fingerprint(entry, files)
    if stamp.exists():
        return True, ""
    done = subprocess.run(["nice", "clang-tidy", "--quiet", "-p", str(build), entry["file"]],
                          capture_output=True, text=True, check=False)
    if done.returncode == 0:
        stamp.touch()
    return done.returncode == 0, done.stdout + done.stderr


def check_tidy(report, preset):
    build = pathlib.Path(f"build/{preset}").resolve()
    CACHE.mkdir(parents=True, exist_ok=True)
    wanted = {path.resolve() for path in sources(".cpp")}
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        if pathlib.Path(entry["file"]).resolve() in wanted:
            entries.setdefault(entry["file"], entry)
    made_of = includes_of(build)
    log, failed = report.log("tidy"), 0
    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as pool, open(log, "w") as output:
        jobs = {name: pool.submit(tidy, build, entry,
                                  made_of.get(pathlib.Path(name), [pathlib.Path(name)]))
                for name, entry in sorted(entries.items())}
        for name, job in jobs.items():
            clean, said = job.result()
            failed += not clean
            if not clean:
                output.write(f"{name}\n{said}\n")
    report.add("tidy", Count(passed=len(jobs) - failed, failed=failed), log)
