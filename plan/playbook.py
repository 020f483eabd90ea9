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

    `then` is asked from the second repeat on. Any recipient's acknowledgement stops it; `pauses_for` names the party
    whose `on_the_way` pauses it.
    """

    of: tuple[Recipients, ...]
    every: Within
    then: tuple[Recipients, ...] = ()
    at_most: Annotated[int, Field(ge=1, le=20)]
    pauses_for: Ref | None = None


class NoticeRule(Kept):
    """Who is told on an occasion. `duty` is `<what>.<occasion>`: tell, warn, breach or prompt.

    `confidential` notices (breach, conduct, accountability, opinion) never go to a chat that insurers read.
    """

    duty: Annotated[str, Field(pattern=r"^(tell|warn|breach|prompt)\.[a-z_]+$")]
    rule: Ref
    to: Annotated[tuple[Recipients, ...], Field(min_length=1)]
    confidential: Flag = False
    chase: Chase | None = None


class Statutory(Kept):
    """The plan's own numbers (R2.1, R5)."""

    group_of: Annotated[int, Field(ge=1)] = 5
    contacts_at_least: Annotated[int, Field(ge=0)] = 1
    contacts_at_most: Annotated[int, Field(ge=1)] = 2


class Playbook(Kept):
    version: Label
    time_zone: Label = "Asia/Shanghai"
    statutory: Statutory = Statutory()
    referral_is_intervention: Flag = False
    far_back: Within = timedelta(days=7)
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
