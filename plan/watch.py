"""The watch: complaints told one by one, seen together (A23; R2.1, R7, R14, R32, R39).

One watch for each outlet, each insurer (and each of its product lines), and each person. Told of an incident it
decides, by data alone, what there is to be said: `seen` → what is owed; `answered` → what became of it. Start with
`outlet_watch.py`; `line_watch.py` and `repeats.py` are the others, `sighting.py` is what all of them see. Drills are
watched apart. Errors: none.
"""

from typing import Annotated

from pydantic import Field, TypeAdapter, ValidationError

from plan.incident import Form
from plan.line_watch import LineWatch
from plan.outlet_watch import OutletWatch
from plan.repeats import PersonWatch
from plan.sighting import Rules, Sighting
from plan.values import Kept

Watched = OutletWatch | LineWatch | PersonWatch
ANY_LINE = "any"
"""In place of a product line: all of an insurer's complaints, of whatever line."""


class Report(Kept):
    """What is posted to a watch."""

    sighting: Sighting
    rules: Rules


class WatchStart(Kept):
    """The one argument of the workflow: nothing, or what the run before had. The id says whom it watches."""

    max_events: int | None = None
    carried: Annotated[Watched, Field(discriminator="kind")] | None = None


REPORT: TypeAdapter[Report] = TypeAdapter(Report)


def opened(watch_id: str) -> Watched | None:
    """An empty watch by its id (`watch/outlet/…`, `watch/drill/…`); None where it is the id of none."""
    room, *rest = watch_id.split("/")
    drill = rest[:1] == ["drill"]
    match (room, *(rest[1:] if drill else rest)):
        case ("watch", "outlet", str(outlet)) if outlet:
            return OutletWatch(outlet=outlet, drill=drill)
        case ("watch", "line", str(insurer), str(line)) if insurer and line:
            return LineWatch(insurer=insurer, product_line=None if line == ANY_LINE else line, drill=drill)
        case ("watch", "person", str(person)) if person:
            return PersonWatch(person=person, drill=drill)
        case _:
            return None


def seen_by(sighting: Sighting) -> list[tuple[str, ...]]:
    """The watches an incident is seen by, as the parts of their ids. A group event concerns its scene alone, a drill
    no line: an exercise raises no alert.
    """
    found: list[tuple[str, ...]] = [("outlet", sighting.outlet)] if sighting.outlet else []
    if sighting.form is not Form.SINGLE:
        return found
    if sighting.insurer and not sighting.drill:
        found += [("line", sighting.insurer, line) for line in (ANY_LINE, sighting.product_line) if line]
    return [*found, ("person", sighting.person_key)] if sighting.person_key else found


def read_report(said: object) -> Report | None:
    """What was posted; None where it cannot be read."""
    try:
        return REPORT.validate_python(said)
    except (ValidationError, RecursionError):
        return None
