"""One exercise (R11, R31): what was asked for, how far it has come, what happens next.

Pure, as the book is: it is handed the time. `workflows/drill.py` keeps one. Its incidents are ordinary ones, marked as
a drill's; `drill_talk.py` says who may begin and stop one, `score.py` what it came to.

Readings: played `speed` times as fast, the world outside comes sooner; the plan's limits stay what they are, and what
follows the last step takes as long as ever. Errors: none.
"""

import hashlib
import re
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Self

from pydantic import Field

from plan.bulletin import Audience, Bulletin, To
from plan.drill_plan import DrillPlan
from plan.drill_scenario import Complains, Scenario, Step
from plan.drill_sheet import Sheet
from plan.receipts import Refusal
from plan.told import WITHIN
from plan.values import Flag, Instant, Kept, Ref

LOOK_EVERY: Final = timedelta(minutes=10)
"""So often a drill looks whether its incidents are closed, between the steps."""
MOST_LOOKS: Final = 100
"""Of a long one, fewer in the same time."""


class DrillState(StrEnum):
    PREPARING = "preparing"
    REFUSED = "refused"
    PLAYING = "playing"
    ENDING = "ending"
    OVER = "over"


class Why(StrEnum):
    """Why it ended."""

    PLAYED = "played"
    """The scenario's end was reached."""
    CLOSED = "closed"
    """Its incidents were closed."""
    STOPPED = "stopped"
    """Somebody stopped it."""


class DrillAsked(Kept):
    """The argument of the workflow. `desk` is who is told with `recipients: drill`; None: the first operator."""

    scenario: Ref
    outlet: Ref
    recipients: Literal["drill", "real"] = "drill"
    insurers: Flag = False
    desk: Ref | None = None
    speed: Annotated[float, Field(ge=1, le=60)] = 1
    by: Ref | None = None


class Happened(Kept):
    """One thing that the drill did, and how it was answered. `step` counts from 1; 0 is the first complaint."""

    step: int
    what: Literal["complaint", "tells", "seen"]
    at: Instant
    incident_id: str | None = None
    accepted: bool = True
    rule: str | None = None


class Stopped(Kept):
    at: Instant
    by: str
    reason: str


class Prepared(Kept):
    """What was found before it begins: the scenario, the insurer, who is at the desk; or why it cannot begin."""

    scenario: Scenario | None = None
    insurer: str | None = None
    outlet_name: str = ""
    outlet_name_en: str = ""
    plan: DrillPlan = DrillPlan()
    refusal: Refusal | None = None


class DrillFiling(Kept):
    """File a complaint of the scenario. `received_at` is the drill's own time."""

    complaint: dict[str, Any]
    plan: DrillPlan
    received_at: Instant


class Filing(Kept):
    """`refused` says why it was not filed: another incident has its id."""

    incident_id: str
    refused: str | None = None


class SeenIncident(Kept):
    """What a look finds of one incident. `told` are those whom its last notices are for."""

    incident_id: str
    over: bool = False
    group_id: str | None = None
    told: tuple[str, ...] = ()


class LookedAt(Kept):
    incidents: tuple[SeenIncident, ...]


class Drill(Kept):
    """Everything known of it. `incidents` are what it filed, `groups` the group events these became part of.

    `over` are those of them that are closed or withdrawn, `told` everybody whom some notice was for.
    """

    drill_id: str
    state: DrillState = DrillState.PREPARING
    asked: DrillAsked | None = None
    found: Prepared = Prepared()
    refusal: Refusal | None = None
    starts_at: Instant | None = None
    ended_at: Instant | None = None
    why: Why | None = None
    stopped: Stopped | None = None
    incidents: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    over: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
    played: int = 0
    happened: tuple[Happened, ...] = ()
    sheet: Sheet | None = None

    @property
    def scenario(self) -> Scenario:
        if self.found.scenario is None:
            raise LookupError("the drill has no scenario yet")
        return self.found.scenario

    @property
    def order(self) -> DrillAsked:
        if self.asked is None:
            raise LookupError("nobody has asked for the drill yet")
        return self.asked

    @property
    def began_at(self) -> datetime:
        if self.starts_at is None:
            raise LookupError("the drill has not begun yet")
        return self.starts_at

    @property
    def everything(self) -> tuple[str, ...]:
        """Its incidents and their group events."""
        return (*self.incidents, *self.groups)

    @property
    def mark(self) -> str:
        """Its id as it stands in other ids."""
        return _short(self.drill_id)

    @property
    def closed(self) -> bool:
        """All of it was closed or withdrawn by people."""
        return bool(self.incidents) and set(self.everything) <= set(self.over)

    # When

    def at(self, offset: timedelta) -> datetime:
        """When something of the scenario comes."""
        return self.began_at + offset / self.order.speed

    @property
    def ends_at(self) -> datetime:
        last = max((step.at for step in self.scenario.steps), default=timedelta(0))
        return self.at(last) + (self.scenario.lasts - last)

    def next_step(self) -> tuple[Step, datetime] | None:
        """The step that comes next, and when."""
        steps = self.scenario.steps
        return (steps[self.played], self.at(steps[self.played].at)) if self.played < len(steps) else None

    def next_instant(self, now: datetime) -> datetime:
        """When to go on: the next step, the next look, or the end."""
        step = self.next_step()
        every = max(LOOK_EVERY, (self.ends_at - self.began_at) / MOST_LOOKS)
        return min([now + every, self.ends_at, *([step[1]] if step else [])])

    def looked(self, found: LookedAt) -> Self:
        """As it is known after a look."""
        groups = (each.group_id for each in found.incidents if each.group_id and each.group_id not in self.everything)
        told = (person for each in found.incidents for person in each.told)
        return self.model_copy(
            update={
                "groups": (*self.groups, *dict.fromkeys(groups)),
                "over": tuple(each.incident_id for each in found.incidents if each.over),
                "told": tuple(dict.fromkeys((*self.told, *told))),
            }
        )

    # What the world does

    def incident_id(self) -> str:
        """The id of the next incident it files: `D-<drill>`, then `D-<drill>-2`."""
        number = len(self.incidents) + 1
        return first_incident(self.drill_id) + (f"-{number}" if number > 1 else "")

    def complaint(self, said: Complains) -> dict[str, Any]:
        """The complaint of a person of the scenario, who has a key of this drill alone (A12)."""
        return {
            "incident_id": self.incident_id(),
            "channel": said.channel,
            "subject": said.subject,
            "outlet": self.order.outlet,
            "insurer": self.found.insurer,
            "reason": said.reason,
            "reported_by": WITHIN,
            "customer": {"person_key": f"{_short(self.drill_id)}.{said.person}"},
            "drill": True,
        }

    def scene(self, step: Step, number: int) -> Bulletin | None:
        """What people at the outlet are told that they see; at the desk, in a drill at a desk."""
        if step.seen is None:
            return None
        words = {"seen": step.seen.zh, "seen_en": step.seen.en}
        to = To(who=Audience.OUTLETS, unit=self.order.outlet)
        return self._bulletin(f"s{number}", "tell.drill_scene", (to,), words)

    def announced_over(self) -> Bulletin | None:
        """Everybody who was told anything is told that it is over: somebody may be on the way."""
        to = tuple(To(who=Audience.PERSON, person=person) for person in self.told)
        return self._bulletin("over", "tell.drill_over", to, {}) if to else None

    def _bulletin(self, what: str, duty: str, to: tuple[To, ...], words: dict[str, str]) -> Bulletin:
        desk = self.found.plan.desk
        place = {"outlet": self.found.outlet_name, "outlet_en": self.found.outlet_name_en}
        return Bulletin(
            reference=f"drill-{_short(self.drill_id)}-{what}",
            duty=duty,
            rule="R11",
            to=(To(who=Audience.PERSON, person=desk),) if desk else to,
            words={"incident": first_incident(self.drill_id), **place, **words},
            drill=True,
        )


def first_incident(drill: str) -> str:
    """The id of a drill's first incident."""
    return f"D-{_short(drill)}"


def drill_name(at: datetime, place: str) -> str:
    """A drill's own id where nobody names it, the time first: `20261015T020000Z-gd-gz-th-0001`."""
    return f"{at:%Y%m%dT%H%M%SZ}-{place}"


def _short(drill: str) -> str:
    """As much of a drill's id as fits into an incident's, and only what may stand there."""
    plain = _NOT_PLAIN.sub("-", drill).strip("-._")
    if plain == drill and len(plain) <= _LONGEST:
        return plain
    return f"{plain[: _LONGEST - 9].rstrip('-._')}-{hashlib.sha256(drill.encode()).hexdigest()[:8]}"


_NOT_PLAIN: Final = re.compile(r"[^A-Za-z0-9._-]")
_LONGEST: Final = 48
