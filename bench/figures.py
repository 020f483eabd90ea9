"""How long the figures take over many closed incidents: `python -m bench.figures URL [COUNT]`, an empty database.

The rows are synthetic: as many of each kind as a large year would have, three clocks each, none of them anybody's.
Prints the median of five runs, with and without filters.
"""

import random
import statistics
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import insert, text
from sqlalchemy.engine import make_url

from plan.figures import FiguresAsked
from runtime.records.engine import Store, engine_of
from runtime.records.figures import figures
from runtime.records.keys import RecordKeys
from runtime.records.migrating import upgrade
from runtime.records.tables import CLOCKS, INCIDENTS

NOW: Final = datetime(2027, 1, 1, tzinfo=UTC)
AT_ONCE: Final = 5_000
RUNS: Final = 5
CLOCKS_EACH: Final = ("handover", "insurer_answer", "decision_relay")


def main(url: str, count: int) -> None:
    store = Store(engine_of(make_url(url)), RecordKeys({"bench": bytes(32)}))
    upgrade(store.engine)
    _fill(store, count)
    everything = FiguresAsked()
    one = FiguresAsked(since=NOW - timedelta(days=90), until=NOW, unit="gd-city-3", insurer="insurer-1")
    for name, asked in (("everything", everything), ("one quarter, one city, one insurer", one)):
        took: list[float] = []
        found = figures(store, asked, NOW)
        for _ in range(RUNS):
            began = time.perf_counter()
            figures(store, asked, NOW)
            took.append(time.perf_counter() - began)
        sys.stdout.write(
            f"{name}: {found.incidents} of {count} incidents, {statistics.median(took):.2f} s "
            f"({min(took):.2f}-{max(took):.2f})\n"
        )
    store.close()


def _fill(store: Store, count: int) -> None:
    chance = random.Random(5)  # noqa: S311
    for first in range(0, count, AT_ONCE):
        rows = [_row(chance, n) for n in range(first, min(first + AT_ONCE, count))]
        with store.writing() as connection:
            connection.execute(insert(INCIDENTS), rows)
            connection.execute(insert(CLOCKS), [clock for row in rows for clock in _clocks(chance, row)])
    if store.engine.dialect.name == "postgresql":
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _row(chance: random.Random, n: int) -> dict[str, Any]:
    filed = NOW - timedelta(seconds=chance.randrange(365 * 86_400))
    took = chance.randrange(40 * 86_400)
    crisis = chance.random() < 0.05
    city, insurer = chance.randrange(20), f"insurer-{chance.randrange(6)}"
    return {
        "incident_id": f"B-{n:08}",
        "form": "single",
        "drill": False,
        "imported": False,
        "outlet": f"outlet-{n % 4000}",
        "province": "gd",
        "units": f"/outlet-{n % 4000}/gd-city-{city}/gd/hq/",
        "insurer": insurer,
        "insurers": f"/{insurer}/",
        "channel": chance.choice(["outlet", "hotline", "regulator"]),
        "subject": chance.choice(["returns", "surrender", "claims", "service"]),
        "product_line": chance.choice(["endowment", "annuity"]),
        "remedy": chance.choice(["explanation", "assistance", "ex_gratia"]),
        "stage": "closed",
        "filed_at": filed,
        "known_at": filed if crisis else None,
        "crisis_at": filed if crisis else None,
        "report_owed": crisis,
        "arrival_owed": crisis,
        "resolved_at": filed + timedelta(seconds=took),
        "closed_at": filed + timedelta(seconds=took + 600),
        "to_acknowledge": chance.randrange(7_200),
        "to_report": chance.randrange(5_400) if crisis else None,
        "to_handover": chance.randrange(86_400),
        "to_arrival": chance.randrange(7_200) if crisis else None,
        "to_resolution": took,
        "reopened": int(chance.random() < 0.02),
        "group_id": None,
        "repeat_of": f"B-{chance.randrange(n + 1):08}" if chance.random() < 0.03 else None,
        "conduct": int(chance.random() < 0.01),
        "policies_normal": 1,
        "policies_flawed": 0,
        "policies_problem": int(chance.random() < 0.05),
        "policies_undetermined": 0,
        "mis_selling": chance.choice([None, False, True]),
        "notices_arrived": 8,
        "notices_failed": int(chance.random() < 0.02),
    }


def _clocks(chance: random.Random, row: dict[str, Any]) -> list[dict[str, Any]]:
    names = (*CLOCKS_EACH, "outlet_report", "province_opinion") if row["report_owed"] else CLOCKS_EACH
    due = row["filed_at"] + timedelta(hours=24)
    return [
        {
            "incident_id": row["incident_id"],
            "clock_id": name,
            "name": name,
            "rule": "R43",
            "statutory": False,
            "owed_by": None,
            "starts_at": row["filed_at"],
            "due_at": due,
            "met_at": due + timedelta(hours=chance.randrange(-20, 3)),
            "void": False,
            "breach_at": None,
            "lifted_at": None,
        }
        for name in names
    ]


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000)
