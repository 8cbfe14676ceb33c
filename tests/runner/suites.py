"""Builds of the presets, and the suites that run on them."""

import concurrent.futures
import os
import pathlib
import subprocess

from tests.runner.report import Count

JOBS = str(os.cpu_count() or 2)
LIMIT = 1500  # seconds that one suite may take
BUILD_LIMIT = 3600  # behind the suites
# Their threads are GLib's, which the thread sanitizer does not see into.
UNWATCHED = ("keyring",)
# Of the integration tests, but they need the namespaces of tests/e2e/run.
BY_E2E = pathlib.Path("tests/integration/daemon")
# Seconds that each fuzz target runs; scripts/soak is the long form.
FUZZ_SECONDS = 30
# How a compiler runs: behind every test.
BEHIND = ("chrt", "--idle", "0")


def wrapped(preset, command):
    """ThreadSanitizer of Clang 14 wants addresses where it expects them."""
    return ["setarch", "--addr-no-randomize", *command] if preset == "tsan" else command


def run_logged(command, log, environment=None, limit=LIMIT):
    """The exit code; what it printed goes to the log."""
    with open(log, "ab") as output:
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                                  env=environment, timeout=limit, check=False)
            return done.returncode
        except subprocess.TimeoutExpired:
            output.write(f"\ngiven up after {limit} s\n".encode())
            return 124


def build(preset, report):
    """Whether build/<preset> is up to date now; a failed build counts as a failed test."""
    name = f"build-{preset}"
    print(f"{name} ...", flush=True)
    code = run_logged(["cmake", "--preset", preset], report.log(name))
    if code == 0:
        command = [*BEHIND, "cmake", "--build", "--preset", preset, "-j", JOBS]
        code = run_logged(wrapped(preset, command), report.log(name), limit=BUILD_LIMIT)
    report.add(name, Count(passed=1) if code == 0 else Count(failed=1), report.log(name))
    return code == 0


def environment_for(preset, suite):
    environment = dict(os.environ)
    environment["PURSER_BIN"] = str(pathlib.Path(f"build/{preset}/bin").resolve())
    environment["PYTHONDONTWRITEBYTECODE"] = "1"
    # The daemon cannot be examined by itself either (PR_SET_DUMPABLE), which the search
    # for leaks needs: that runs in the unit tests.
    leaks = "1" if suite == "unit" else "0"
    environment["ASAN_OPTIONS"] = f"detect_leaks={leaks}:strict_string_checks=1"
    environment["LSAN_OPTIONS"] = f"suppressions={pathlib.Path('tests/support/leaks.supp').resolve()}"
    environment["UBSAN_OPTIONS"] = "print_stacktrace=1"
    environment["TSAN_OPTIONS"] = "halt_on_error=1:second_deadlock_stack=1"
    return environment


def run(suite, preset, report):
    """One of unit, integration, security, e2e and packages on the programs of one preset; the
    clients, which all but the first need; or the fuzz targets."""
    if suite == "unit":
        run_unit(preset, report)
    elif suite == "fuzz":
        run_fuzz(report)
    elif suite == "clients":
        build_clients(report)
    elif suite == "e2e":
        run_e2e(preset, report)
    elif suite == "packages":
        run_packages(preset, report)
    else:
        for folder in suite_folders(suite):
            if preset == "tsan" and folder.name in UNWATCHED:
                continue
            run_pytest(folder, f"{suite}-{folder.name}-{preset}", preset, suite, report)


def suite_folders(suite):
    """Each folder with tests is a run of its own: a conftest is for its folder only."""
    top = pathlib.Path("tests") / suite
    folders = [top] if list(top.glob("test_*.py")) else []
    folders += sorted(folder for folder in top.glob("*") if list(folder.glob("test_*.py")))
    return [folder for folder in folders if folder != BY_E2E]


def run_unit(preset, report):
    programs = sorted(pathlib.Path(f"build/{preset}/bin").glob("unit_*"))
    for program in programs:
        name = f"{program.name}-{preset}"
        command = wrapped(preset, [str(program), f"--gtest_output=xml:{report.junit(name)}",
                                   "--gtest_brief=1"])
        report.add_junit(name, run_logged(command, report.log(name),
                                          environment_for(preset, "unit")))


def run_fuzz(report):
    """The targets that have inputs to begin with; a finding stays in build/fuzz/findings."""
    names = sorted(folder.name for folder in pathlib.Path("tests/fuzz/corpus").iterdir())
    with concurrent.futures.ThreadPoolExecutor(int(JOBS)) as some:
        for done in [some.submit(fuzz, name, report) for name in names]:
            done.result()


def fuzz(name, report):
    found = pathlib.Path("build/fuzz/findings")
    inputs = pathlib.Path(f"build/fuzz/corpus/fuzz_{name}")
    for folder in (found, inputs):
        folder.mkdir(parents=True, exist_ok=True)
    command = [f"build/fuzz/bin/fuzz_{name}", f"-max_total_time={FUZZ_SECONDS}", "-timeout=5",
               "-rss_limit_mb=2048", f"-artifact_prefix={found}/fuzz_{name}-", str(inputs),
               f"tests/fuzz/corpus/{name}"]
    code = run_logged(command, report.log(f"fuzz-{name}"))
    report.add(f"fuzz-{name}", Count(passed=1) if code == 0 else Count(failed=1),
               report.log(f"fuzz-{name}"))


def pytest_command(name, report):
    return ["-q", "-p", "no:cacheprovider", "-r", "fEs", f"--junitxml={report.junit(name)}"]


def run_pytest(folder, name, preset, suite, report):
    command = ["/usr/bin/python3", "-m", "pytest", *pytest_command(name, report), str(folder)]
    code = run_logged(wrapped(preset, command), report.log(name), environment_for(preset, suite))
    report.add_junit(name, code)


def build_clients(report):
    log = report.log("clients")
    code = run_logged(["scripts/clients"], log)
    report.add("clients", Count(passed=1) if code == 0 else Count(failed=1), log)


def run_e2e(preset, report):
    # Each has namespaces of its own, and waits more than it works.
    runs = [("tests/e2e", f"e2e-{preset}"), (str(BY_E2E), f"e2e-{BY_E2E.name}-{preset}")]
    with concurrent.futures.ThreadPoolExecutor(len(runs)) as both:
        for done in [both.submit(run_namespaced, *each, preset, report) for each in runs]:
            done.result()


def run_packages(preset, report):
    """It makes the packages itself, and namespaces for the trees that it installs them into."""
    name = f"packages-{preset}"
    command = ["tests/packages/run", *pytest_command(name, report), "tests/packages"]
    code = run_logged(command, report.log(name), environment_for(preset, "packages"))
    report.add_junit(name, code)


def run_namespaced(folder, name, preset, report):
    command = ["tests/e2e/run", *pytest_command(name, report), folder]
    code = run_logged(command, report.log(name), environment_for(preset, "e2e"))
    report.add_junit(name, code)
