"""What passed, failed and was skipped, over all suites."""

import dataclasses
import shutil
import threading
import xml.etree.ElementTree as ElementTree

TAIL = 60  # lines of a log that a failure shows


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0


class Report:
    """Collects counts; logs and JUnit files lie in its folder."""

    def __init__(self, folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self._adding = threading.Lock()  # what compiles and what is tested report at once
        self.total = Count()
        self.reasons = []

    def log(self, name):
        return self.folder / f"{name}.log"

    def junit(self, name):
        return self.folder / f"{name}.xml"

    def add(self, name, count, log=None):
        """One suite; `log` is what a failure shows the end of."""
        with self._adding:
            self.total.passed += count.passed
            self.total.failed += count.failed
            self.total.skipped += count.skipped
            print(f"{name}: {count.passed} passed, {count.failed} failed, {count.skipped} skipped",
                  flush=True)
            if count.failed and log and log.exists():
                lines = log.read_text(errors="replace").splitlines()
                print("\n".join(f"  | {line}" for line in lines[-TAIL:]), flush=True)
                print(f"  whole log: {log}", flush=True)

    def add_junit(self, name, exit_code):
        """The suite that wrote junit(name) and log(name), and how its program ended."""
        count = Count()
        try:
            cases = list(ElementTree.parse(self.junit(name)).iter("testcase"))
        except (OSError, ElementTree.ParseError):
            cases = []
        for case in cases:
            if case.find("failure") is not None or case.find("error") is not None:
                count.failed += 1
            elif case.find("skipped") is not None or case.get("result") == "skipped":
                count.skipped += 1
                self._note_skip(name, case)
            else:
                count.passed += 1
        # A crash, or a failure outside any test, must not count as nothing.
        if exit_code != 0 and count.failed == 0:
            count.failed = 1
        self.add(name, count, self.log(name))

    def _note_skip(self, name, case):
        why = case.find("skipped")
        message = why.get("message") or why.text if why is not None else ""
        self.reasons.append(f"{name}: {case.get('name')}: {(message or '').strip().splitlines()[:1]}")

    def conclude(self, skips_fail):
        """Prints the last line; what the program ends with."""
        total = self.total
        for reason in self.reasons:
            print("skipped", reason)
        if skips_fail:
            total = Count(total.passed, total.failed + total.skipped, 0)
        print(f"{total.passed} passed, {total.failed} failed, {total.skipped} skipped", flush=True)
        return 0 if total.failed == 0 and total.passed > 0 else 1
