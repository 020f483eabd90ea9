"""What is wrong with a scenario, every fault at once (R11, R29, R31).

Its texts go into notices and are read by many: no number that may be somebody's, and nobody is told to dial. A step
after the end is never played, and an expectation that ends after it is never judged. Errors: none.
"""

from collections.abc import Iterator

from plan.authority import TABLE
from plan.drill_scenario import Scenario, Words
from plan.fault import Fault
from plan.private_numbers import written_number
from plan.wording_faults import tells_to_dial

MOST_STEPS = 60
Path = tuple[str | int, ...]


def scenario_faults(scenario: Scenario, name: str | None = None) -> list[Fault]:
    """Every fault; with the `name` of its file, where it has one."""
    return [*_itself(scenario, name), *_texts(scenario), *_steps(scenario), *_expects(scenario)]


def _itself(scenario: Scenario, name: str | None) -> Iterator[Fault]:
    if name is not None and scenario.id != name:
        yield Fault(("id",), f"the file is named {name}; let its name and its id agree")
    if len(scenario.steps) > MOST_STEPS:
        yield Fault(("steps",), f"has {len(scenario.steps)} steps; a drill plays {MOST_STEPS} at most")
    if not scenario.standards:
        yield Fault(("standards",), "is empty, so that nothing is judged; take it out, or name what counts", "R11")
    if len(set(scenario.standards)) != len(scenario.standards):
        yield Fault(("standards",), "names something twice; keep one")


def _texts(scenario: Scenario) -> Iterator[Fault]:
    said: list[tuple[Path, Words]] = [(("title",), scenario.title)]
    said += [(("steps", n, "seen"), step.seen) for n, step in enumerate(scenario.steps) if step.seen]
    texts = [((*path, lang), text) for path, words in said for lang, text in (("zh", words.zh), ("en", words.en))]
    reasons: list[tuple[Path, str]] = [(("complaint", "reason"), scenario.complaint.reason)]
    reasons += [
        (("steps", n, "complaint", "reason"), step.complaint.reason)
        for n, step in enumerate(scenario.steps)
        if step.complaint
    ]
    for path, text in [*texts, *reasons]:
        if written_number(text):
            yield Fault(path, "holds a long number, which may be somebody's; leave it out", "R29")
    for path, text in texts:
        if tells_to_dial(text):
            yield Fault(path, "tells somebody to dial, and this is a drill; say what is seen", "R11")
        if "{" in text or "}" in text:
            yield Fault(path, "has a brace, which stands for a word of a notice; write it without")


def _steps(scenario: Scenario) -> Iterator[Fault]:
    last = None
    for n, step in enumerate(scenario.steps):
        path: Path = ("steps", n)
        if step.seen is None and step.tells is None and step.complaint is None:
            yield Fault(path, "says nothing; write seen, tells or complaint, or take it out")
        if step.at >= scenario.lasts:
            yield Fault((*path, "at"), "is not before the end (lasts), so that it is never played; move one of them")
        if last is not None and step.at < last:
            yield Fault((*path, "at"), "is earlier than the step before it; put them in order")
        last = step.at
        if step.tells is not None:
            states = step.tells.stated
            if step.tells.kind == "group_signs_seen" and states:
                yield Fault((*path, "tells"), f"signs have no {', '.join(states)}; state circumstances_reported", "R39")
            if step.tells.kind == "circumstances_reported" and not states:
                yield Fault((*path, "tells"), "states no circumstance; write headcount, media or another", "R2")


def _expects(scenario: Scenario) -> Iterator[Fault]:
    for n, expected in enumerate(scenario.expects):
        path: Path = ("expects", n)
        for name, kind in (("kind", expected.kind), ("before", expected.before)):
            if kind is not None and kind not in TABLE:
                yield Fault((*path, name), f"{kind} is no kind of fact; correct it")
        if expected.before == expected.kind:
            yield Fault((*path, "before"), "is the same as kind; name another, or take it out")
        if expected.after + expected.within > scenario.lasts:
            yield Fault((*path, "within"), "ends after the drill (lasts), so that it is never judged; shorten it")
