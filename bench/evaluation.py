"""One evaluation of an incident with 200 facts takes less than a millisecond (median), and what the parts take.

Pure: no server, no workflow. The incident is the long crisis of `books.py`, in which nearly every fact owes notices and
starts clocks; the first half hour of the same day stands beside it.
"""

from collections.abc import Callable
from itertools import cycle
from statistics import median

from bench.books import Day, after, facts, told
from bench.tables import MILLISECONDS, Options, Table, computed, spread
from plan.apply import apply
from plan.book import Book
from plan.check import check
from plan.clocks import advance, clocks
from plan.duties import duties, next_instant
from plan.told import Told

FACTS = 200
LIMIT = 1.0
"""Milliseconds."""
CALLS = 100
"""In each round."""


async def measure(options: Options) -> Table:
    """Every part after 200 facts and after 10, and their ratio."""
    long, short = after(FACTS), after(10)
    table = Table(
        title="evaluation",
        claim=f"advance + check + apply + clocks + duties of an incident with {FACTS} facts: median under {LIMIT} ms.",
        columns=("what", f"{FACTS} facts, ms", "10 facts, ms", "ratio"),
    )
    for name in parts(long):
        taken = [_round(parts(day)[name]) for day in (long, short) for _ in range(options.rounds)]
        late, early = taken[: options.rounds], taken[options.rounds :]
        table.rows.append((name, spread(late, 3), spread(early, 3), f"{median(late) / median(early):.1f}"))
        if name == "evaluation":
            table.held = median(late) < LIMIT
    book = long.book
    table.notes += [
        f"The long crisis: {FACTS} facts, {len(book.entries)} entries, {len(book.incident.notices)} notices, "
        f"{len(book.clocks(long.now))} clocks.",
        f"CPU time. Each figure: the median of {options.rounds} rounds of {CALLS} calls, and their range.",
        "Facts of ten kinds take turns. judge is what one costs a workflow: two instants, entries, seals and hashes.",
        "look is what a wake-up costs; next_instant follows it at the same instant.",
    ]
    return table


def parts(day: Day) -> dict[str, Callable[[], object]]:
    """What is measured, each a call that leaves the book as it was."""
    incident, playbook, now = day.book.incident, day.book.rules, day.now
    said = cycle([told({**fact, "fact_id": f"new-{fact['fact_id']}"}, now) for fact in facts(10)])

    def evaluation() -> None:
        fact = next(said)
        advanced = advance(incident, playbook, now)
        check(advanced, playbook, fact)
        applied = apply(advanced, playbook, fact)
        duties(applied, playbook, now, clocks(applied, playbook, now))

    return {
        "evaluation": evaluation,
        "advance": lambda: advance(incident, playbook, now),
        "check": lambda: check(incident, playbook, next(said)),
        "apply": lambda: apply(incident, playbook, next(said)),
        "clocks": lambda: clocks(incident, playbook, now),
        "duties": lambda: duties(incident, playbook, now, clocks(incident, playbook, now)),
        "next_instant": lambda: next_instant(incident, playbook, now, clocks(incident, playbook, now)),
        "judge (the whole book)": lambda: _judged(day.book, next(said)),
        "look (the whole book)": lambda: Book(day.book.state).look(now),
    }


def _judged(book: Book, fact: Told) -> None:
    """On a copy, whose cost is a copy of a list and two dictionaries."""
    Book(book.state).judge(fact)


def _round(call: Callable[[], object]) -> float:
    return median(computed(call) for _ in range(CALLS)) * MILLISECONDS
