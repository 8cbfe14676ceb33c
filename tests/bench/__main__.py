"""Measures purser against its budgets and its peers. `scripts/bench` builds and starts it."""

import argparse
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import measurements  # noqa: E402  (beside this file)
from rig import ROOT, Rig  # noqa: E402
from table import Row, Table  # noqa: E402


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few runs: to see that it works")
    parser.add_argument("only", nargs="*", choices=[[], *measurements.ALL], help="these parts only")
    arguments = parser.parse_args()

    table = Table()
    rig = Rig(key_count=1000)
    try:
        for name, measure in measurements.ALL.items():
            if arguments.only and name not in arguments.only:
                continue
            print(f"{name} ...", file=sys.stderr, flush=True)
            try:
                measure(rig, table, arguments.quick)
            except RuntimeError as why:
                table.add(Row(name, f"failed: {why}", met=False))
    finally:
        rig.close()
    print(table.text(), end="")
    (ROOT / "build/bench.md").write_text(table.text())
    return 0 if table.met() else 1


sys.exit(main())
