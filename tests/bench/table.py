"""The outcome, as Markdown."""

import dataclasses
import platform


@dataclasses.dataclass
class Row:
    what: str
    measured: str
    budget: str = ""
    met: bool | None = None
    note: str = ""


class Table:
    def __init__(self):
        self.rows, self.absent = [], []

    def add(self, row):
        self.rows.append(row)

    def missing(self, what, why):
        self.absent.append(f"Not measured: {what}: {why}")

    def met(self):
        return all(row.met is not False for row in self.rows)

    def text(self):
        lines = ["| what | measured | budget | verdict | |", "|---|---|---|---|---|"]
        for row in self.rows:
            verdict = {None: "", True: "met", False: "**missed**"}[row.met]
            lines.append(f"| {row.what} | {row.measured} | {row.budget} | {verdict} | {row.note} |")
        lines += ["", *self.absent]
        lines.append(f"One run on {platform.machine()}, Linux {platform.release()}. "
                     "Compare ratios: times differ from machine to machine.")
        return "\n".join(lines) + "\n"
