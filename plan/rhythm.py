"""The plan's rhythm as data: which rounds come round when, for which units (R10, R11, R13, R30, R31).

`rounds` says what is planned for an organisation: every unit of a level, or one unit, whose own line goes before that
of its level. What is asked in a round, and how often an action is spoken of, are configured targets, not the plan's.

Reading: the units that screen, train and confirm are those that outlets report to, county or city (A15); Post, bank and
insurer meet by province. `rhythm_faults.py` says what may be wrong. Errors: none.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final, Literal

from pydantic import Field

from plan.cadence import When
from plan.organisation import Level, Organisation, Unit
from plan.playbook import Within
from plan.values import Flag, Kept, Label, Ref


class Kind(StrEnum):
    """What a round is for."""

    MEETING = "meeting"
    """Post, bank and insurer meet; the digest says what there is to speak of (R13)."""
    SCREENING = "screening"
    """Outlets are screened by the agreed standard, those on the watch-list first (R10)."""
    TRAINING = "training"
    """People are trained in the process and the agreed script (R11)."""
    READINESS = "readiness"
    """Outlets confirm that they are ready: hotline posted, responsible people named (R30, R31)."""
    DRILL = "drill"
    """One outlet is drilled by a scenario (R11, R31)."""


class Reach(StrEnum):
    """Which units a line of the file is for."""

    HQ = "hq"
    PROVINCE = "province"
    CITY = "city"
    COUNTY = "county"
    NEAREST = "nearest"
    """The units that outlets report to."""


class Cadence(When):
    """One line of the file. `within` is how long what is asked may take, `looks_back` over what a round looks.

    `catch_up` is how late a round may still begin after an outage. What follows it is a drill's alone: the scenario, an
    outlet where it is always the same (else the one that was drilled least lately), whether real people are told or the
    drill's own, and whether insurers are.
    """

    kind: Kind
    level: Reach | None = None
    unit: Ref | None = None
    within: Within = timedelta(days=14)
    looks_back: Within = timedelta(days=92)
    catch_up: Within = timedelta(days=1)
    scenario: Label | None = None
    outlet: Ref | None = None
    recipients: Literal["drill", "real"] = "drill"
    insurers: Flag = False


class ActionRules(Kept):
    """When an open action is spoken of: before it is due, when it is overdue, and so often again."""

    warn_before: Within = timedelta(days=3)
    repeat_every: Within = timedelta(days=7)
    repeats: Annotated[int, Field(strict=True, ge=0, le=20)] = 3


class Rhythm(Kept):
    """The file. `readiness` are the items that an outlet confirms."""

    version: Label
    rounds: tuple[Cadence, ...] = ()
    readiness: tuple[Ref, ...] = ()
    actions: ActionRules = ActionRules()


class Round(Kept):
    """What a schedule hands to each of its rounds; kept by Temporal."""

    kind: Kind
    unit: Ref
    when: When
    within: timedelta
    looks_back: timedelta
    catch_up: timedelta = timedelta(days=1)
    items: tuple[str, ...] = ()
    scenario: str | None = None
    outlet: str | None = None
    recipients: Literal["drill", "real"] = "drill"
    insurers: bool = False

    @property
    def id(self) -> str:
        """What its schedule is called, without our prefix."""
        return f"{self.kind}-{self.unit}"


def rounds(rhythm: Rhythm, organisation: Organisation) -> list[Round]:
    """Every round that is planned, in the file's order, each kind and unit once."""
    found: dict[str, Round] = {}
    for cadence in sorted(rhythm.rounds, key=lambda each: each.unit is None):
        for unit in meant(cadence, organisation):
            planned = _round(cadence, unit, rhythm)
            found.setdefault(planned.id, planned)
    return sorted(found.values(), key=lambda each: _ORDER.index(each.kind))


def meant(cadence: Cadence, organisation: Organisation) -> list[Unit]:
    """The units that a line of the file is for, as they stand in the organisation."""
    if cadence.unit is not None:
        return [unit for unit in organisation.units if unit.id == cadence.unit]
    if cadence.level is Reach.NEAREST:
        superiors = {outlet.superior for outlet in organisation.outlets}
        return [unit for unit in organisation.units if unit.id in superiors]
    return [unit for unit in organisation.units if cadence.level is not None and unit.level == Level(cadence.level)]


def _round(cadence: Cadence, unit: Unit, rhythm: Rhythm) -> Round:
    return Round(
        kind=cadence.kind,
        unit=unit.id,
        when=When(months=cadence.months, days=cadence.days, weekdays=cadence.weekdays, at=cadence.at),
        within=cadence.within,
        looks_back=cadence.looks_back,
        catch_up=cadence.catch_up,
        items=rhythm.readiness if cadence.kind is Kind.READINESS else (),
        scenario=cadence.scenario,
        outlet=cadence.outlet,
        recipients=cadence.recipients,
        insurers=cadence.insurers,
    )


_ORDER: Final = tuple(Kind)
