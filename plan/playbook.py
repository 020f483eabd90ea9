"""The plan's numbers, notices and recipients as data (contract, section 6; stories, section 2).

Frozen into each incident at its start. Statutory numbers (1 h, 24 h, five people, one or two contacts) are marked;
every other number is a configured target. The models are kept in histories; the file's reader forbids unknown fields.
Durations are ISO 8601 (`PT1H`) or anything pydantic reads as a `timedelta`.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from plan.organisation import Level
from plan.parts import FinalPart
from plan.values import Flag, Kept, Label, Ref

Within = Annotated[timedelta, Field(gt=timedelta(0), le=timedelta(days=366))]


class ClockName(StrEnum):
    """The clocks the code knows how to start and meet. `relay` runs once per level, `progress` in rounds."""

    OUTLET_REPORT = "outlet_report"
    PROVINCE_OPINION = "province_opinion"
    REGULATOR_REPORT = "regulator_report"
    RELAY = "relay"
    HANDOVER = "handover"
    INSURER_ANSWER = "insurer_answer"
    DECISION_RELAY = "decision_relay"
    INSURER_ON_SCENE = "insurer_on_scene"
    WORK_GROUP_ON_SCENE = "work_group_on_scene"
    LEADERSHIP_ON_SCENE = "leadership_on_scene"
    PROGRESS = "progress"


class Recipients(StrEnum):
    """Whom a notice can go to. Police, regulator, media and customers are never here."""

    OUTLET_LEAD = "outlet.lead"
    OUTLET_CONTACT = "outlet.contact"
    SUPERIOR_WORK_GROUP = "superior.work_group"
    SUPERIOR_LEADERSHIP = "superior.leadership"
    NEXT_WORK_GROUP = "next.work_group"
    CHAIN_WORK_GROUPS = "chain.work_groups"
    PROVINCE_WORK_GROUP = "province.work_group"
    PROVINCE_LEADERSHIP = "province.leadership"
    HQ_LEADERSHIP = "hq.leadership"
    INSURER = "insurer.nearest"
    INSURER_NEXT = "insurer.next"
    RECEIVING_WORK_GROUP = "receiver.work_group"
    OWING = "owing"
    TOLD_OF_CRISIS = "told.crisis"
    HEARD_OF_BREACH = "heard.breach"
    OPERATOR = "operator"


class Warning(Kept):
    """How long before the due time to warn, and whom beside the usual recipients."""

    before: Within
    also: tuple[Recipients, ...] = ()


class ClockRule(Kept):
    """One clock: its limit and its warnings, earliest first."""

    id: ClockName
    rule: Ref
    within: Within
    statutory: Flag = False
    warnings: tuple[Warning, ...] = ()


class Target(Kept):
    """Another limit of a configured clock, for an insurer, a level or both (R9). Never for a statutory one."""

    clock: ClockName
    insurer: Ref | None = None
    level: Level | None = None
    within: Within


class Chase(Kept):
    """What happens while nobody answers a notice: repeated, then to the next level, with a cap.

    `then` is asked from the second repeat on; with `steps` each repeat has its own recipients, and the last step is
    kept for the rest. Any recipient's acknowledgement stops it. `beside` are told with each repeat until one of each
    has answered for themselves: an outlet that is awake wakes nobody above it. `pauses_for` names the party whose
    `on_the_way` pauses it. `wake` are the channels tried first for a repeat, whatever the person's order: a chat wakes
    nobody at three.
    """

    of: tuple[Recipients, ...]
    every: Within
    then: tuple[Recipients, ...] = ()
    steps: tuple[tuple[Recipients, ...], ...] = ()
    beside: tuple[Recipients, ...] = ()
    wake: tuple[Ref, ...] = ()
    at_most: Annotated[int, Field(ge=1, le=20)]
    pauses_for: Ref | None = None

    @property
    def asked(self) -> tuple[Recipients, ...]:
        """Everybody whom a repeat may go to."""
        return (*self.of, *self.then, *(each for step in self.steps for each in step), *self.beside)


class NoticeRule(Kept):
    """Who is told on an occasion. `duty` is `<what>.<occasion>`: tell, warn, breach or prompt.

    `confidential` notices (breach, conduct, accountability, opinion) never go to a chat that insurers read.
    """

    duty: Annotated[str, Field(pattern=r"^(tell|warn|breach|prompt)\.[a-z_]+$")]
    rule: Ref
    to: Annotated[tuple[Recipients, ...], Field(min_length=1)]
    confidential: Flag = False
    chase: Chase | None = None

    @property
    def everybody(self) -> frozenset[Recipients]:
        """Whom it is meant for, its repeats included."""
        return frozenset((*self.to, *(self.chase.asked if self.chase else ())))


class WatchRule(Kept):
    """When complaints told one by one are seen together (A23; R14, R32, R39). Every number is a configured target.

    Persons, not complaints, are counted. Within `short` at one outlet `signs_at` of them are signs of a group; the
    plan's own five open a group event, and are not for this rule to change. Within `long`, `long_at` of them are asked
    about. While an alert is in force the `heightened` numbers hold. `repeat_within` after a resolution the same person
    and policy are a repeat. `line_at` persons of an insurer's line within `long`, and `line_times` what was usual the
    year before, raise an alert for `alert_for`.
    """

    short: Within = timedelta(hours=24)
    signs_at: Annotated[int, Field(ge=2)] = 3
    long: Within = timedelta(days=30)
    long_at: Annotated[int, Field(ge=2)] = 5
    heightened_signs_at: Annotated[int, Field(ge=2)] = 2
    heightened_long_at: Annotated[int, Field(ge=2)] = 3
    repeat_within: Within = timedelta(days=90)
    line_at: Annotated[int, Field(ge=2)] = 5
    line_times: Annotated[float, Field(ge=1, le=100)] = 2.0
    alert_for: Within = timedelta(days=30)


class Statutory(Kept):
    """The plan's own numbers (R2.1, R5)."""

    group_of: Annotated[int, Field(ge=1)] = 5
    contacts_at_least: Annotated[int, Field(ge=0)] = 1
    contacts_at_most: Annotated[int, Field(ge=1)] = 2


class Playbook(Kept):
    """`final_report` is what is asked of a final report (R59); where nothing is, whatever is written will do.

    `hand_over_actions`: what an incident leaves to be done goes to its unit's register (R58).
    """

    version: Label
    time_zone: Label = "Asia/Shanghai"
    statutory: Statutory = Statutory()
    referral_is_intervention: Flag = False
    far_back: Within = timedelta(days=7)
    watch: WatchRule | None = None
    final_report: tuple[FinalPart, ...] = ()
    hand_over_actions: Flag = False
    checklist: dict[str, tuple[Recipients, ...]] = Field(default_factory=dict)
    clocks: Annotated[tuple[ClockRule, ...], Field(min_length=1)]
    targets: tuple[Target, ...] = ()
    notices: tuple[NoticeRule, ...] = ()

    def clock(self, name: ClockName) -> ClockRule | None:
        """The rule of a clock; None where the playbook does not run it."""
        return next((rule for rule in self.clocks if rule.id is name), None)

    def notice(self, duty: str) -> NoticeRule | None:
        """The rule of a duty named `<what>.<occasion>`."""
        return next((rule for rule in self.notices if rule.duty == duty), None)

    def within(self, name: ClockName, *, insurer: str | None, level: Level | None) -> timedelta:
        """The limit of a clock for this insurer and level; the most particular target wins (R9)."""
        rule = self.clock(name)
        if rule is None:
            raise KeyError(name)
        fitting = [
            target
            for target in self.targets
            if target.clock is name and target.insurer in (None, insurer) and target.level in (None, level)
        ]
        best = max(fitting, key=lambda t: (t.insurer is not None) + (t.level is not None), default=None)
        return rule.within if best is None or rule.statutory else best.within
