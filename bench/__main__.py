"""`python -m bench [NAME ...]`: measure, and print one table for each claim.

    python -m bench                     # everything, an hour
    python -m bench evaluation storm    # these only
    python -m bench import --all        # the whole file instead of a fraction

Exit code 0; with `--strict` 1 when a claim did not hold in this run. Everything runs on this machine: servers and
workers are started and stopped here, state is kept in folders that are removed afterwards.
"""

import argparse
import importlib
import logging
import sys
from datetime import UTC, datetime

from bench.tables import Options, Table, machine
from runtime.leaving import leave, run

MODULES = {
    "evaluation": "bench.evaluation",
    "history": "bench.history",
    "crisis_day": "bench.crisis_day",
    "size": "bench.size",
    "recovery": "bench.recovery",
    "storm": "bench.storm",
    "import": "bench.importing",
    "due_to_attempt": "bench.due_to_attempt",
    "steps": "bench.steps",
    "burst": "bench.burst",
    "faults": "bench.faults",
    "kills": "bench.kills",
    "outage": "bench.outage",
    "chaos": "bench.chaos",
    "gateway": "bench.gateway",
}


async def measured(names: list[str], options: Options) -> list[Table]:
    """One table after the other, each printed as soon as it is there."""
    _say(f"Measured {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {machine()}.\n")
    tables: list[Table] = []
    for name in names:
        table: Table = await importlib.import_module(MODULES[name]).measure(options)
        table.notes.append(f"At the end: {machine()}.")
        _say(str(table))
        tables.append(table)
    return tables


def _say(what: str) -> None:
    sys.stdout.write(what + "\n")
    sys.stdout.flush()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure what docs/performance.md says.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(MODULES)}; all when absent")
    parser.add_argument("--rounds", type=int, default=5, help="how often each thing is measured (5)")
    parser.add_argument("--all", action="store_true", help="import every row, not a fraction")
    parser.add_argument("--data", metavar="FILE.csv", help="a file for import, instead of generated rows")
    parser.add_argument("--map", metavar="MAP.yaml", help="the map of that file")
    parser.add_argument("--organisation", metavar="FILE.yaml", help="the organisation that knows that file's insurers")
    parser.add_argument("--at-most", type=int, metavar="N", help="leave out what has more than N at once")
    parser.add_argument("--strict", action="store_true", help="exit code 1 when a claim did not hold")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in MODULES]:
        parser.error(f"{', '.join(unknown)}: there is no such measurement; choose from {', '.join(MODULES)}")
    if bool(asked.data) != bool(asked.map):
        parser.error("--data and --map go together")
    return asked


async def _main(asked: argparse.Namespace) -> int:
    options = Options(max(asked.rounds, 1), asked.all, asked.data, asked.map, asked.organisation, asked.at_most)
    tables = await measured(asked.names or list(MODULES), options)
    missed = [table.title for table in tables if table.held is False]
    if missed:
        sys.stderr.write(f"Did not hold in this run: {', '.join(missed)}\n")
    return 1 if missed and asked.strict else 0


if __name__ == "__main__":
    logging.getLogger("temporalio").setLevel(logging.ERROR)
    leave(run(_main(_arguments())))
