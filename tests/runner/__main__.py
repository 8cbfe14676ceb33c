"""Builds, runs every suite, and says how it went. `scripts/test` starts it."""

import concurrent.futures
import os
import pathlib
import signal
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.chdir(ROOT)

from tests.runner import lint, report, suites  # noqa: E402

# What runs on which build. e2e needs real clients and time: once is enough. TSan would
# slow security's deadlines beyond what they mean.
PARTS = {
    "release": ("unit", "clients", "integration", "security", "e2e", "packages"),
    "asan": ("unit", "integration", "security"),
    "tsan": ("unit", "integration"),
    "fuzz": ("fuzz",),
}


def plan(words):
    """(preset, suites) pairs and whether to lint, from the command line."""
    if not words:
        return list(PARTS.items()), True
    chosen = [(preset, PARTS[preset]) for preset in PARTS if preset in words]
    alone = tuple(suite for suite in PARTS["release"] if suite in words)
    if "e2e" in alone and "clients" not in alone:
        alone = ("clients", *alone)
    if alone and "release" not in words:
        chosen.insert(0, ("release", alone))
    return chosen, "lint" in words or "lint-all" in words


def main():
    started = time.monotonic()
    # Where a shell put us into the background it is ignored, and so would be by all that we start.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    chosen, linting = plan(sys.argv[1:])
    results = report.Report(ROOT / "build/logs")
    if linting:
        lint.check_format(results)
    # Tests wait more than they work: what compiles meanwhile has what they leave of the machine.
    with concurrent.futures.ThreadPoolExecutor(1) as compiling:
        builds = [compiling.submit(suites.build, preset, results) for preset, _ in chosen]
        folders = lint.FOLDERS if "lint-all" in sys.argv[1:] else lint.PRODUCT
        tidied = compiling.submit(lint.check_tidy, results, folders) if linting else None
        for (preset, names), built in zip(chosen, builds):
            if built.result():
                for name in names:
                    suites.run(name, preset, results)
        if tidied:
            tidied.result()
    print(f"{(time.monotonic() - started) / 60:.1f} minutes", flush=True)
    return results.conclude(skips_fail=os.environ.get("CI") == "true")


sys.exit(main())
