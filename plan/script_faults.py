"""What is wrong with an agreed script, every fault at once (R21, R29, R37, R57).

Each line is said to a customer: no promise of money or time, nothing the customer is not to hear yet, nobody's number.
Errors: none.
"""

from plan.fault import Fault
from plan.lint import promises
from plan.private_numbers import written_number
from plan.script import Script

LONGEST_LINE = 120
"""Characters of one line of a script: what a person can say in one breath or two."""


def script_faults(script: Script) -> list[Fault]:
    """Every fault of an agreed script: each line is linted, and so is each title, which the customer may read too."""
    found: list[Fault] = []
    seen: set[str] = set()
    for n, situation in enumerate(script.situations):
        path = ("situations", n)
        if situation.id in seen:
            found.append(Fault((*path, "id"), f"{situation.id} stands here a second time; keep one"))
        seen.add(situation.id)
        found += _line((*path, "title"), situation.title, script.lang)
        for place, line in enumerate(situation.say):
            found += _line((*path, "say", place), line, script.lang)
    return found


def _line(at: tuple[str | int, ...], line: str, lang: str) -> list[Fault]:
    found = [Fault(at, f"says {f.words!r} to a customer; {f.advice}", f.rule) for f in promises(line)]
    if len(line) > LONGEST_LINE and lang == "zh":
        found.append(Fault(at, f"is longer than {LONGEST_LINE} characters; say it in two lines"))
    if "{" in line or "}" in line:
        found.append(Fault(at, "has a placeholder, and a script is read out as it stands; write it out"))
    if written_number(line):
        found.append(Fault(at, "holds what looks like somebody's number; take it out", "R29"))
    return found
