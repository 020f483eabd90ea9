"""What ought to have been done by now: whom to tell, warn, prompt and chase (contract, section 6; stories, section 2).

Each duty has a stable id, so that evaluating again adds nothing: what has been begun is remembered in
`incident.started`. After an outage warnings are not replayed one by one: only what is still needed goes out, once.
Errors: none. A duty whose recipients cannot be known before `assigned` stays open for them (`waits`).
"""

from collections.abc import Iterator
from datetime import datetime

from plan.after import lacking
from plan.chasing import SERVES, Repeat, next_repeat, repeats
from plan.clock import TICK, Clock, ClockState
from plan.clocks import clocks
from plan.incident import Form, Incident, Occasion
from plan.parts import Party
from plan.playbook import ClockName, NoticeRule, Playbook, Recipients
from plan.recipients import left_out, people, waits_for_place
from plan.scene_clocks import scene_ends
from plan.values import Instant, Kept


class Duty(Kept):
    """One thing to tell. `recipients` are person ids; empty with `waits` means that nobody can be named yet.

    `silent`: the recipients are whoever heard of something before, and nobody may have; or insurers alone, in a drill
    that does not tell them. `wake`: the channels to try
    first.
    """

    id: str
    rule: str
    at: Instant
    recipients: tuple[str, ...]
    confidential: bool = False
    waits: bool = False
    silent: bool = False
    wake: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    clock: Clock | None = None
    occasion: Occasion | None = None


def duties(incident: Incident, playbook: Playbook, now: datetime, of: list[Clock] | None = None) -> list[Duty]:
    """Every duty due by `now` and not begun, the most pressing kinds first. `of` spares a second look at the clocks."""
    if incident.imported:
        return []
    running = clocks(incident, playbook, now) if of is None else of
    return [
        *_breaches(incident, playbook, now, running),
        *_occasions(incident, playbook, now, running),
        *_repeats(incident, playbook, now, running),
        *_warnings(incident, playbook, now, running),
    ]


def next_instant(
    incident: Incident, playbook: Playbook, now: datetime, of: list[Clock] | None = None
) -> datetime | None:
    """When to look again: strictly after `now`, or None when nothing will come due by itself."""
    if incident.imported or incident.over:
        return None
    running = clocks(incident, playbook, now) if of is None else of
    instants: list[datetime] = []
    for clock in running:
        if clock.state is ClockState.RUNNING:
            instants.append(clock.due_at + TICK)
            instants += [at for at, _ in _warned_at(incident, playbook, clock)]
    instants += next_repeat(incident, playbook, now, running)
    return min((instant for instant in instants if instant > now), default=None)


def _duty(
    incident: Incident,
    playbook: Playbook,
    rule: NoticeRule,
    duty_id: str,
    at: datetime,
    now: datetime,
    *,
    selectors: tuple[Recipients, ...] | None = None,
    clock: Clock | None = None,
    occasion: Occasion | None = None,
) -> Duty:
    to = rule.to if selectors is None else selectors
    named = occasion.people if occasion and occasion.people else None
    owed_by = clock.owed_by if clock else None
    found = named or people(incident, to, now, about=occasion, owed_by=owed_by)
    return Duty(
        id=duty_id,
        rule=rule.rule,
        at=at,
        recipients=found,
        confidential=rule.confidential,
        waits=named is None and waits_for_place(incident, to),
        lacks=lacking(incident, playbook, base(duty_id)),
        silent=set(to) <= {Recipients.TOLD_OF_CRISIS, Recipients.HEARD_OF_BREACH} or left_out(incident, to, owed_by),
        clock=clock,
        occasion=occasion,
    )


def _occasions(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> Iterator[Duty]:
    for occasion in incident.occasions:
        begun = occasion.duty in incident.started
        if begun and incident.form is not Form.GROUP_EVENT:
            continue
        name = base(occasion.duty)
        rule = playbook.notice(name)
        to = _meant(incident, rule, name) if rule else ()
        joining = _joined_since(incident, to, occasion, now) if begun else ()
        if rule is None or (begun and not joining):
            continue
        clock = served(name, running)
        found = _duty(
            incident, playbook, rule, occasion.duty, occasion.at, now, selectors=to, clock=clock, occasion=occasion
        )
        yield found.model_copy(update={"recipients": joining}) if joining else found


def _meant(incident: Incident, rule: NoticeRule, name: str) -> tuple[Recipients, ...]:
    """Of a group event the leadership is told to come (R42), so that it is not told to be ready as well (R40)."""
    if name == "tell.group_signs" and incident.form is Form.GROUP_EVENT:
        return tuple(to for to in rule.to if to is not Recipients.SUPERIOR_LEADERSHIP)
    return rule.to


def _joined_since(incident: Incident, to: tuple[Recipients, ...], occasion: Occasion, now: datetime) -> tuple[str, ...]:
    """A group's members come one by one: an insurer, or a leadership group, that came later is told as well (A19)."""
    if not _goes_on(incident, occasion):
        return ()
    coming = [each for each in to if each in (Recipients.INSURER, Recipients.SUPERIOR_LEADERSHIP)]
    told = {notice.recipient for notice in incident.notices.values() if notice.duty == occasion.duty}
    found = people(incident, coming, now, about=occasion, owed_by=None)
    return tuple(person for person in found if person not in told)


def _goes_on(incident: Incident, occasion: Occasion) -> bool:
    """The crisis is the same one still; or the scene that people were called to is not over."""
    match base(occasion.duty):
        case "tell.crisis":
            return incident.episode is not None and occasion.at >= incident.episode.crisis_at
        case "tell.group_event" | "tell.group_signs":
            return not any(end >= occasion.at for end in scene_ends(incident))
        case _:
            return False


def served(duty: str, running: list[Clock]) -> Clock | None:
    """The clock a notice is about, so that it can say until when."""
    name = SERVES.get(duty) or ABOUT.get(duty)
    return next((clock for clock in reversed(running) if clock.name is name and clock.open), None)


ABOUT = {
    "tell.not_persuaded": ClockName.HANDOVER,
    "prompt.customer_record": ClockName.HANDOVER,
    "prompt.regulator": ClockName.REGULATOR_REPORT,
    "tell.anchor_moved": ClockName.OUTLET_REPORT,
    "tell.handed_over": ClockName.INSURER_ANSWER,
    "tell.decided": ClockName.DECISION_RELAY,
    "prompt.decision_relay": ClockName.DECISION_RELAY,
}
"""The clock a notice names that is not chased (`SERVES` has the others): what to do is said with until when."""


def _breaches(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> Iterator[Duty]:
    """Told once, if it was not lifted before anybody heard of it; of missed progress rounds only the last."""
    progress = [clock.id for clock in running if clock.name is ClockName.PROGRESS and clock.id in incident.breaches]
    for clock in running:
        breach, duty_id = incident.breaches.get(clock.id), f"breach.{clock.id}"
        if breach is None or breach.lifted_at is not None or duty_id in incident.started:
            continue
        if clock.state is ClockState.CARRIED or (clock.id in progress and clock.id != progress[-1]):
            continue
        rule = playbook.notice(f"breach.{clock.name}")
        if rule is not None:
            yield _duty(incident, playbook, rule, duty_id, breach.at, now, clock=clock)


def _warnings(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> Iterator[Duty]:
    """Of each running clock the latest warning that is due, unless it or a later one has gone out."""
    for clock in running:
        if clock.state is not ClockState.RUNNING:
            continue
        rule, limit = playbook.notice(f"warn.{clock.name}"), playbook.clock(clock.name)
        if rule is None or limit is None:
            continue
        due = [number for at, number in _warned_at(incident, playbook, clock) if at <= now]
        number = due[-1] if due else 0
        if number and not any(
            f"warn.{clock.id}.{n}" in incident.started for n in range(number, len(limit.warnings) + 1)
        ):
            to = (*rule.to, *limit.warnings[number - 1].also)
            yield _duty(incident, playbook, rule, f"warn.{clock.id}.{number}", now, now, selectors=to, clock=clock)


def _warned_at(incident: Incident, playbook: Playbook, clock: Clock) -> list[tuple[datetime, int]]:
    """The instants of a clock's warnings, numbered; none before it was known to run, none while help is on its way."""
    rule = playbook.clock(clock.name)
    warnings = rule.warnings if rule else ()
    paused = paused_until(incident, clock)
    instants = [(clock.due_at - warning.before, number) for number, warning in enumerate(warnings, start=1)]
    return [(at, n) for at, n in instants if at > clock.since and (paused is None or at >= paused)]


def paused_until(incident: Incident, clock: Clock) -> datetime | None:
    """`on_the_way` pauses the chase until the arrival it names, never the clock."""
    party = _PARTY.get(clock.name)
    expected = [
        j.expected_at for j in incident.journeys if j.party is party and j.expected_at and j.at >= clock.starts_at
    ]
    return max(expected, default=None)


_PARTY = {
    ClockName.INSURER_ON_SCENE: Party.INSURER,
    ClockName.WORK_GROUP_ON_SCENE: Party.WORK_GROUP,
    ClockName.LEADERSHIP_ON_SCENE: Party.LEADERSHIP_GROUP,
}


def _repeats(incident: Incident, playbook: Playbook, now: datetime, running: list[Clock]) -> Iterator[Duty]:
    for repeat in repeats(incident, playbook, now, running):
        yield _repeat_duty(incident, playbook, repeat, now, served(base(repeat.occasion.duty), running))


def _repeat_duty(incident: Incident, playbook: Playbook, repeat: Repeat, now: datetime, clock: Clock | None) -> Duty:
    duty = _duty(
        incident,
        playbook,
        repeat.rule,
        repeat.duty,
        repeat.at,
        now,
        selectors=repeat.selectors,
        clock=clock,
        occasion=repeat.occasion,
    )
    return duty.model_copy(update={"wake": repeat.rule.chase.wake if repeat.rule.chase else ()})


def base(duty: str) -> str:
    """`tell.calming_failed.2` → `tell.calming_failed`: the name without its number."""
    stem, _, last = duty.rpartition(".")
    return stem if last.isdigit() else duty
