"""A day-long crisis on a real server with skipped time takes less than two seconds of wall time.

It is the scenario `crisis_in_time` of the golden histories: 30 facts from the first signs to the closing a day later,
every clock met, every notice delivered. The server and the worker are up; starting them is measured beside it.
"""

import time
from dataclasses import replace
from statistics import median

from bench.skipped import stage
from bench.tables import Options, Table, spread
from runtime.names import workflow_id
from tests.replay.scenarios import crisis_in_time

LIMIT = 2.0


async def measure(options: Options) -> Table:
    began = time.perf_counter()
    taken: list[float] = []
    played: list[str] = []
    async with stage("crisis") as there:
        starting = time.perf_counter() - began
        for number in range(options.rounds):
            began = time.perf_counter()
            played = await crisis_in_time(replace(there, name=f"crisis-{number}"))
            taken.append(time.perf_counter() - began)
        handle = there.environment.client.get_workflow_handle(workflow_id(played[0]))
        events = len((await handle.fetch_history()).events)
    return Table(
        title="crisis_day",
        claim=f"a 24-hour crisis played on the time-skipping server: under {LIMIT:.0f} s of wall time.",
        columns=("what", "seconds"),
        rows=[
            ("a crisis of 25 hours, from filing to closing", spread(taken)),
            ("of these the first, on a fresh server", spread(taken[:1])),
            ("server and worker up, beside it", spread([starting])),
        ],
        notes=[f"{options.rounds} rounds on one server; {events} history events in the last one."],
        held=median(taken) < LIMIT,
    )
