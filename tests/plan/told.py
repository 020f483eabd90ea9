"""A day of one incident, told to the plan without a server: facts at times of day, and what became of them.

    day = Day("09:12")                                     # the outlet files a complaint
    day.tell("09:20", LEAD, "calming_attempted", outcome="failed")
    assert day.told("tell.calming_failed") == [...]        # who was told, each notice once
    assert day.state("insurer_on_scene", "09:20") == "running"

Times are Shanghai's, `09:12`, `09:12:30` or `D+1 09:12`; D is 2026-11-24. Time passes as in the workflow: the plan is
looked at whenever it asked to be, and after every fact. While `down`, nobody looks: facts are kept and judged later.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, cast

from plan.book import Book, State
from plan.clock import Clock
from plan.complaint import Complaint
from plan.duties import Duty
from plan.facts import ConvertedToGroupEvent, MemberLeft
from plan.history import Imported
from plan.incident import Form, Incident, Notice
from plan.intake import group_opened, opened
from plan.linking import FORWARDED, membership, opening
from plan.malformed import parse_complaint, parse_fact
from plan.orders import Delivered, RosterAnswer
from plan.organisation import Organisation
from plan.outstanding import Owed, outstanding
from plan.playbook import Playbook
from plan.receipts import Receipt
from plan.record import Entry
from plan.roster import Roster, roster
from plan.told import WITHIN, Told
from plan.values import FactId
from plan.view import view
from runtime.documents import PLAYBOOK, SAMPLE, load_organisation, load_playbook

ORGANISATION: Organisation = load_organisation(SAMPLE)
RULES: Playbook = load_playbook(PLAYBOOK)
SHANGHAI = timezone(timedelta(hours=8))
D = datetime(2026, 11, 24, tzinfo=SHANGHAI)
T1, T2, NANSHAN, ZHUHAI = "gd-gz-th-0001", "gd-gz-th-0002", "gd-sz-ns-0001", "gd-zh-0001"
LEAD, COUNTY, CITY, PROVINCE = f"{T1}.lead", "gd-gz-th.work", "gd-gz.work", "gd.work"
ANHE, ZHONGTAI = "anhe-life.gd-gz", "zhongtai-life.gd-gz"
CHANGES_WHO_ANSWERS = ("assigned", "rerouted", "member_joined")
_TIME = re.compile(r"(?:D\+(\d+) )?(\d{1,2}):(\d{2})(?::(\d{2}))?")


def at(when: str | datetime) -> datetime:
    """The instant of a time of day in a story."""
    if isinstance(when, datetime):
        return when
    found = _TIME.fullmatch(when)
    assert found is not None, f"{when!r} is not a time of day"
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return (D + timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)).astimezone(UTC)


def said(instant: datetime | None) -> str | None:
    """An instant as a story writes it: `09:12`, with seconds where there are any, `D+1 09:12` on another day."""
    if instant is None:
        return None
    local = instant.astimezone(SHANGHAI)
    days = (local.date() - D.date()).days
    clock = f"{local:%H:%M:%S}" if local.second or local.microsecond else f"{local:%H:%M}"
    return f"D+{days} {clock}" if days else clock


class Day:
    """One incident. `unreachable` holds the people whom no channel reaches."""

    def __init__(
        self,
        when: str | datetime,
        *,
        incident_id: str = "S-1",
        organisation: Organisation = ORGANISATION,
        playbook: Playbook = RULES,
        unreachable: Iterable[str] = (),
        imported: Imported | None = None,
        group: tuple[str, bool] | None = None,
        **complaint: Any,
    ) -> None:
        self.organisation, self.unreachable = organisation, set(unreachable)
        self.now, self.down = at(when), False
        self.receipts: list[Receipt] = []
        self.duties: list[tuple[datetime, Duty]] = []
        self.said_words: list[str] = []
        self._waiting: list[Told] = []
        self._number = 0
        filed = None if group else _complaint(complaint)
        incident = _opened(incident_id, filed, group, self.now, imported)
        self.book = Book(State(incident=incident, salt="salt"))
        self.book.file(filed, self.now, door="test", imported=imported)
        self._filed = filed
        self._resolve(playbook)
        self._look()

    # What happens

    def tell(self, when: str | datetime, by: str, kind: str, /, **fields: Any) -> Receipt:
        """Let time pass, then state a fact that is received at exactly that time; `fact_id` counts up by itself."""
        self.until(when)
        return self.judge(self.fact(by, kind, **fields))

    def fact(self, by: str, kind: str, /, *, door: str = "test", sealed: bool = True, **fields: Any) -> Told:
        """A fact received now. Text such as `at:09:45` is that instant."""
        self._number += 1
        fact_id: FactId = fields.pop("fact_id", f"f-{self._number}")
        fact = parse_fact({"kind": kind, "by": by, "fact_id": fact_id, **cast("dict[str, Any]", _instants(fields))})
        return Told(fact=fact, fact_id=fact_id, received_at=self.now, recorded_at=self.now, door=door, sealed=sealed)

    def judge(self, told: Told) -> Receipt:
        """Judge a fact now, and look what follows, as the workflow does."""
        receipt = self.book.judge(told)
        self.receipts.append(receipt)
        if receipt.accepted and not receipt.duplicate and told.fact.kind in CHANGES_WHO_ANSWERS:
            self._resolve(None)
        self._look()
        return receipt

    def leave(self, when: str, by: str, kind: str, /, **fields: Any) -> None:
        """A fact received while every worker is down: kept, to be judged when one returns."""
        assert self.down
        self.now = at(when)
        self._waiting.append(self.fact(by, kind, **fields))

    def stop(self, when: str) -> None:
        """Every worker dies."""
        self.until(when)
        self.down = True

    def start(self, when: str) -> list[Receipt]:
        """A worker returns: what was kept is judged first, then looked at."""
        self.down, self.now = False, at(when)
        waiting, self._waiting = self._waiting, []
        receipts = [self.book.judge(told.model_copy(update={"recorded_at": self.now})) for told in waiting]
        self._look()
        return receipts

    def until(self, when: str | datetime) -> None:
        """Let time pass; whatever comes due on the way is done at its own instant."""
        end = at(when)
        assert end >= self.now, f"{when} is past"
        while not self.down and (coming := self.book.next_instant(self.now)) is not None and coming <= end:
            assert coming > self.now, "the next instant must come after now"
            self.now = coming
            self._look()
        self.now = end

    def reroute(self, organisation: Organisation) -> None:
        """The people who answer change; the next `rerouted` resolves them."""
        self.organisation = organisation

    # What became of it

    @property
    def incident(self) -> Incident:
        return self.book.incident

    @property
    def stage(self) -> str:
        return str(self.incident.stage)

    @property
    def severity(self) -> str:
        return str(self.incident.severity)

    @property
    def criteria(self) -> set[str]:
        return {str(each) for each in self.incident.episodes[-1].criteria} if self.incident.episodes else set()

    def clocks(self) -> dict[str, Clock]:
        return {clock.id: clock for clock in self.book.clocks(self.now)}

    def clock(self, clock_id: str) -> Clock:
        return self.clocks()[clock_id]

    def state(self, clock_id: str, starts: str | None = None, due: str | None = None) -> str | None:
        """The state of a clock, None where it never started; its start and due time are checked where they are given."""
        clock = self.clocks().get(clock_id)
        if clock is None:
            return None
        assert starts is None or said(clock.starts_at) == starts, f"{clock_id} starts {said(clock.starts_at)}"
        assert due is None or said(clock.due_at) == due, f"{clock_id} is due {said(clock.due_at)}"
        return str(clock.state)

    def told(self, duty: str) -> list[str]:
        """Who was told under a duty, in order."""
        return [notice.recipient for notice in self.incident.notices.values() if notice.duty == duty]

    def told_at(self, duty: str) -> str | None:
        """When a duty was begun; None when it never was."""
        return next((said(when) for when, begun in self.duties if begun.id == duty), None)

    def begun(self, since: str | datetime | None = None) -> list[str]:
        """The duties begun after an instant, in order; all of them without one."""
        after = at(since) if since else None
        return [duty.id for when, duty in self.duties if after is None or when > after]

    def entries(self, what: str) -> list[Entry]:
        """The entries of the record of one kind."""
        return [entry for entry in self.book.entries if entry.what == what]

    def breaches(self) -> list[str]:
        """The clocks whose breach is on record, in order."""
        return [str(entry.about) for entry in self.entries("breach")]

    def owed(self) -> dict[str, Owed]:
        """What is outstanding now."""
        found = outstanding(self.incident, self.book.rules, self.now, self.book.clocks(self.now))
        return {each.what: each for each in found}

    def notice(self, duty: str, person: str) -> Notice:
        return self.incident.notices[f"{duty}~{person}"]

    def view(self, *, revealed: bool = False) -> dict[str, Any]:
        return view(
            self.incident,
            self.book.playbook,
            self.now,
            running=self.book.clocks(self.now),
            refusals=self.book.refusals,
            sequence=self.book.sequence,
            head=self.book.head,
            revealed=revealed,
        )

    # As the workflow does it

    def _resolve(self, playbook: Playbook | None) -> None:
        self.book.resolve(RosterAnswer(roster=self._roster(), playbook=playbook), self._filed, self.now)

    def _roster(self) -> Roster:
        incident = self.book.incident
        outlet = incident.place if incident.place != incident.unit else None
        return roster(self.organisation, outlet=outlet, unit=incident.unit, insurers=incident.insurers)

    def _look(self) -> None:
        """Begin what is due and deliver it at once, until nothing more follows."""
        while started := self.book.look(self.now):
            for duty, notices in started:
                self.duties.append((self.now, duty))
                for notice in notices:
                    self._deliver(notice)

    def _deliver(self, notice: Notice) -> None:
        if notice.recipient in self.unreachable:
            self.book.channel_failed(notice, "outbox", "refused", self.now)
            self.book.undelivered(notice, "outbox", 1, self.now)
        else:
            self.book.delivered(notice, Delivered(channel="outbox", code="0"), self.now)


class Town:
    """Several incidents and the group event they join, linked as the workflows link them (A19)."""

    def __init__(self, **members: Day) -> None:
        self.members = members
        self.groups: dict[str, Day] = {}

    def convert(self, when: str, by: str, group_id: str, *names: str, **fields: Any) -> list[Receipt]:
        """Each of the members joins the group event, in this order."""
        receipts: list[Receipt] = []
        for name in names:
            member = self.members[name]
            member.until(when)
            told = member.fact(by, "converted_to_group_event", group_id=group_id, **fields)
            receipts.append(self._told(member, told))
        return receipts

    def tell(self, when: str, name: str, by: str, kind: str, /, **fields: Any) -> Receipt:
        """A fact told to a member, or to a group event by its id."""
        day = self.members.get(name) or self.groups[name]
        day.until(when)
        return self._told(day, day.fact(by, kind, **fields))

    def until(self, when: str) -> None:
        for day in (*self.members.values(), *self.groups.values()):
            day.until(when)

    def _told(self, day: Day, told: Told) -> Receipt:
        receipt = day.judge(told)
        if receipt.accepted and not receipt.duplicate:
            self._follow(day, told)
        return receipt

    def _follow(self, day: Day, told: Told) -> None:
        fact = told.fact
        if isinstance(fact, ConvertedToGroupEvent):
            self._join(day, told, fact)
        elif fact.kind in FORWARDED and day.incident.group_id is not None:
            self._pass_on(self.groups[day.incident.group_id], told)
        elif isinstance(fact, MemberLeft) and day.incident.form is Form.GROUP_EVENT:
            self._let_go(day, fact)

    def _join(self, day: Day, told: Told, fact: ConvertedToGroupEvent) -> None:
        if fact.group_id not in self.groups:
            start = opening(fact, day.incident)["group"]
            self.groups[fact.group_id] = Day(
                told.received_at, incident_id=fact.group_id, group=(start["scene"], start["drill"])
            )
        group = self.groups[fact.group_id]
        group.until(told.received_at)
        sent = membership(day.incident, day.book.rules, told.received_at)
        joining = group.fact(
            WITHIN,
            "member_joined",
            door="tocsin",
            fact_id=f"join:{told.fact_id}:{day.incident.incident_id}",
            incident_id=day.incident.incident_id,
            membership=sent,
        )
        receipt = group.judge(joining)
        if receipt.accepted:
            day.book.joined(told.received_at)
        else:
            day.book.not_joined(str(receipt.reason), told.received_at)

    def _pass_on(self, group: Day, told: Told) -> None:
        group.until(told.received_at)
        group.judge(told)

    def _let_go(self, group: Day, fact: MemberLeft) -> None:
        member = next(day for day in self.members.values() if day.incident.incident_id == fact.incident_id)
        member.until(group.now)
        member.judge(member.fact(WITHIN, "member_left", door="tocsin", incident_id=fact.incident_id))


def _opened(
    incident_id: str,
    complaint: Complaint | None,
    group: tuple[str, bool] | None,
    now: datetime,
    imported: Imported | None,
) -> Incident:
    if group is not None:
        return group_opened(incident_id, group[0], now, drill=group[1])
    assert complaint is not None
    return opened(complaint, incident_id, now, imported=imported is not None)


def _complaint(said: dict[str, Any]) -> Complaint:
    """An outlet's complaint about returns unless said otherwise."""
    usual = {"channel": "outlet", "subject": "returns", "insurer": "anhe-life", "reason": "收益与介绍不符"}
    usual |= {} if "unit" in said or "outlet" in said else {"outlet": T1}
    body = {**usual, **cast("dict[str, Any]", _instants(said))}
    return parse_complaint({"reported_by": f"{body.get('outlet')}.lead" if body.get("outlet") else None, **body})


def _instants(value: object) -> object:
    if isinstance(value, str) and value.startswith("at:"):
        return at(value[3:]).isoformat()
    if isinstance(value, dict):
        return {name: _instants(item) for name, item in cast("dict[str, object]", value).items()}
    return value


def record_of(day: Day, *names: str) -> None:
    """The four fields of the customer's record (R35), or those named."""
    every: dict[str, Any] = {"name": "佘某", "phone": "13900000000", "policy_numbers": ["P-1"], "reason": "不符"}
    fields = {name: every[name] for name in names or every}
    assert day.tell(day.now, f"{day.incident.outlet}.lead", "customer_recorded", **fields).accepted


def refused(receipts: Sequence[Receipt]) -> list[str | None]:
    return [receipt.rule for receipt in receipts if not receipt.accepted]
