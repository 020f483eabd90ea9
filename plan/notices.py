"""Notices: a duty to a person, and what became of it (R14, R29; architecture, "Nothing is silent").

A notice has a stable id, `<duty>~<person>`. Delivered is the channel's own success; failed means that every channel
failed, and then the next person and the next level up are told instead, at once. Each way that was tried is kept with
the notice, the last ten of them; the record has them all.
"""

from datetime import datetime

from plan.consequences import raised
from plan.duties import Duty
from plan.incident import Incident, Notice, NoticeState, Try
from plan.recipients import fallback
from plan.roster import Role

LAST_TRIES = 10
ON_ITS_WAY = (NoticeState.PENDING, NoticeState.HELD)
NOT_ARRIVED = (*ON_ITS_WAY, NoticeState.FAILED)


def begun(incident: Incident, duty: Duty, now: datetime) -> tuple[Incident, list[Notice]]:
    """The incident with the duty begun, and its new notices. A duty that still waits for people stays open."""
    new = [
        Notice(
            notice_id=notice_id(duty.id, person),
            duty=duty.id,
            rule=duty.rule,
            recipient=person,
            unit=unit_of(incident, person),
            created_at=now,
        )
        for person in duty.recipients
        if notice_id(duty.id, person) not in incident.notices
    ]
    started = incident.started if duty.waits else incident.started | {duty.id}
    notices = {**incident.notices, **{notice.notice_id: notice for notice in new}}
    after = incident.model_copy(update={"started": started, "notices": notices})
    if nobody_to_tell(incident, duty) and not duty.id.startswith("tell.undelivered"):
        after = raised(after, "tell.undelivered", now, people=_operator(after), number=duty.id)
    return after, new


def nobody_to_tell(incident: Incident, duty: Duty) -> bool:
    """Whether a duty finds nobody, and that was not said yet; who waits for a place nobody knows has nobody either."""
    if duty.recipients or duty.silent or (duty.waits and not incident.roster.unknown):
        return False
    said = (occasion.number for occasion in incident.occasions if occasion.duty.startswith("tell.undelivered"))
    return duty.id not in said


def notice_id(duty: str, person: str) -> str:
    """The id a recipient acknowledges by."""
    return f"{duty}~{person}"


def delivery_key(incident: Incident, notice: Notice, channel: str) -> str:
    """What makes a repeat the same message; one that somebody had sent again is another."""
    again = f"/{notice.resent}" if notice.resent else ""
    return f"{incident.incident_id}/{notice.notice_id}/{channel}{again}"


def notice_of(incident: Incident, key: str) -> str:
    """The id of the notice whose delivery has this key."""
    return key.removeprefix(f"{incident.incident_id}/").partition("/")[0]


def ways(incident: Incident, notice: Notice, *, confidential: bool, wake: tuple[str, ...] = ()) -> list[str]:
    """The channels to try: those of `wake` first, then in the person's order.

    A confidential notice skips chats that insurers read. In a drill at a desk they are the desk's.
    """
    answerer = next(iter(incident.roster.roles_of(notice.recipient)), None)
    own = answerer.ways if answerer and not answerer.left else ()
    known = incident.desk.ways if incident.desk else own
    channels = [way.channel for way in known if not (confidential and way.audience == "tripartite")]
    return sorted(channels, key=lambda channel: wake.index(channel) if channel in wake else len(wake))


def tried(incident: Incident, notice: Notice, attempt: Try) -> Incident:
    """One more line in the notice's ledger."""
    known = incident.notices[notice.notice_id]
    return _with(incident, known.model_copy(update={"tries": (*known.tries, attempt)[-LAST_TRIES:]}))


def held(incident: Incident, notice: Notice, until: datetime) -> Incident:
    """It lies in a mailbox, and this is when its turn comes. An acknowledgement that came first stays."""
    known = incident.notices[notice.notice_id]
    state = known.state if known.state is NoticeState.ACKNOWLEDGED else NoticeState.HELD
    return _with(incident, known.model_copy(update={"state": state, "held_until": until}))


def no_longer_held(incident: Incident, notice: Notice) -> Incident:
    """Another way is tried."""
    known = incident.notices[notice.notice_id]
    state = NoticeState.PENDING if known.state is NoticeState.HELD else known.state
    return _with(incident, known.model_copy(update={"state": state, "held_until": None}))


def delivered(incident: Incident, notice: Notice, channel: str, attempts: int, at: datetime) -> Incident:
    """The channel said yes, at that instant. An acknowledgement that came first stays."""
    return _settled(incident, notice, {"state": NoticeState.DELIVERED, "channel": channel, "sent_at": at}, attempts)


def failed(incident: Incident, notice: Notice, channel: str | None, attempts: int, now: datetime) -> Incident:
    """Every channel failed, or there was none: the next is told instead, at once.

    Of a recipient's first failure everybody who stands in hears; later only who was not told the same thing anyway.
    """
    first = notice.recipient not in unreached(incident)
    after = _settled(incident, notice, {"state": NoticeState.FAILED, "channel": channel}, attempts)
    others = [person for person in fallback(after, notice.recipient, now) if not _tried(after, notice, person)]
    if not others:
        others = [p for p in _operator(after) if p != notice.recipient and not _tried(after, notice, p)]
    instead = tuple(person for person in others if first or notice_id(notice.duty, person) not in after.notices)
    return raised(after, "tell.undelivered", now, people=instead, number=notice.unit) if instead else after


def unreached(incident: Incident) -> tuple[str, ...]:
    """Who could not be told something on any channel, and has not answered it since."""
    failures = (n.recipient for n in incident.notices.values() if n.state is NoticeState.FAILED)
    return tuple(dict.fromkeys(failures))


def not_arrived(incident: Incident) -> list[str]:
    """Of `pending`, `held` and `failed` those in which some notice is, in this order."""
    states = {notice.state for notice in incident.notices.values()}
    return [str(state) for state in NOT_ARRIVED if state in states]


def unit_of(incident: Incident, person: str) -> str:
    """The outlet or unit a person answers for, or the insurer."""
    role = next(iter(incident.roster.roles_of(person)), None)
    if role is None:
        return ""
    return role.insurer or "" if role.role is Role.INSURER else role.unit


def _tried(incident: Incident, notice: Notice, person: str) -> bool:
    """Whoever is already a fallback that failed is not asked again for the same duty."""
    if not notice.duty.startswith("tell.undelivered"):
        return False
    return any(n.recipient == person and n.state is NoticeState.FAILED for n in incident.notices.values())


def _operator(incident: Incident) -> tuple[str, ...]:
    return tuple(a.person for a in incident.roster.people if a.role is Role.OPERATOR and not a.left)[:1]


def _settled(incident: Incident, notice: Notice, changes: dict[str, object], attempts: int) -> Incident:
    known = incident.notices[notice.notice_id]
    if known.state is NoticeState.ACKNOWLEDGED:
        changes = {**changes, "state": NoticeState.ACKNOWLEDGED}
    settled = known.model_copy(update={**changes, "attempts": known.attempts + attempts, "held_until": None})
    return _with(incident, settled)


def _with(incident: Incident, notice: Notice) -> Incident:
    return incident.model_copy(update={"notices": {**incident.notices, notice.notice_id: notice}})
