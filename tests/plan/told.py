"""A day of one incident, told to the plan without a server: facts at times of day, and what became of them.

    day = Day("09:12")                                     # the outlet files a complaint
    day.tell("09:20", LEAD, "calming_attempted", outcome="failed")
    assert day.told("tell.calming_failed") == [...]        # who was told, each notice once
    assert day.state("insurer_on_scene", "09:20") == "running"

Time passes as in the workflow: the plan is looked at whenever it asked to be, and after every fact. While everything is
`down`, nobody looks: facts are kept and judged later.
"""

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import Any, Self, cast

from plan.book import Book, State
from plan.clock import Clock
from plan.complaint import Complaint
from plan.drill_plan import DrillPlan
from plan.duties import Duty
from plan.history import Imported
from plan.incident import RULES_VERSION, Incident, Notice
from plan.intake import group_opened, opened
from plan.malformed import parse_complaint, parse_fact
from plan.notices import ways
from plan.orders import Delivered, RosterAnswer
from plan.organisation import Organisation
from plan.outstanding import Owed, outstanding
from plan.playbook import Playbook
from plan.receipts import Receipt
from plan.record import Entry
from plan.roster import Roster, roster
from plan.told import Told
from plan.values import FactId
from plan.view import view
from runtime.documents import PLAYBOOK, SAMPLE, load_organisation, load_playbook
from tests.plan.times import at, said

ORGANISATION: Organisation = load_organisation(SAMPLE)
RULES: Playbook = load_playbook(PLAYBOOK)
T1, T2, NANSHAN, ZHUHAI = "gd-gz-th-0001", "gd-gz-th-0002", "gd-sz-ns-0001", "gd-zh-0001"
LEAD, COUNTY, CITY, PROVINCE = f"{T1}.lead", "gd-gz-th.work", "gd-gz.work", "gd.work"
ANHE, ZHONGTAI = "anhe-life.gd-gz", "zhongtai-life.gd-gz"
CHANGES_WHO_ANSWERS = ("assigned", "rerouted", "member_joined")


class Day:
    """One incident. `unreachable` holds the people whom no channel reaches, `duties` what was begun by itself.

    `again` is what somebody had sent again. While `holding`, nothing is delivered: notices stay pending.
    """

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
        drill_plan: DrillPlan | None = None,
        **complaint: Any,
    ) -> None:
        self.organisation, self.unreachable = organisation, set(unreachable)
        self.now: datetime = at(when)
        self.down = self.holding = False
        self.duties: list[tuple[datetime, Duty]] = []
        self.again: list[tuple[datetime, Duty, Notice]] = []
        self._waiting: list[Told] = []
        self._number = 0
        filed = None if group else _complaint(complaint)
        incident = _opened(incident_id, filed, group, self.now, imported)
        incident = incident.model_copy(update={"drill_plan": drill_plan})
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
        self._look()
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

    def another(self) -> Self:
        """The same day up to now, to go on with in another way."""
        other = copy(self)
        other.book, other.duties, other.unreachable = Book(self.book.state), list(self.duties), set(self.unreachable)
        other.again = list(self.again)
        return other

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
        """The state of a clock, None where it never started. Where `starts` and `due` are given, they are checked."""
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
            entries=self.book.entries,
        )

    # As the workflow does it

    def _resolve(self, playbook: Playbook | None) -> None:
        answer = RosterAnswer(roster=self._roster(), playbook=playbook, rules_version=RULES_VERSION)
        self.book.resolve(answer, self._filed, self.now)

    def _roster(self) -> Roster:
        incident = self.book.incident
        outlet = incident.place if incident.place != incident.unit else None
        return roster(self.organisation, outlet=outlet, unit=incident.unit, insurers=incident.insurers)

    def _look(self) -> None:
        """Begin what is due and deliver it at once, until nothing more follows."""
        while started := self.book.look(self.now):
            for duty, notices in started:
                if any(notice.resent or notice.instead_of for notice in notices):
                    self.again += [(self.now, duty, notice) for notice in notices]
                else:
                    self.duties.append((self.now, duty))
                for notice in notices if not self.holding else ():
                    self._deliver(notice)

    def _deliver(self, notice: Notice) -> None:
        if not ways(self.incident, notice, confidential=False):
            self.book.undelivered(notice, None, 0, self.now)
        elif notice.recipient in self.unreachable:
            self.book.channel_failed(notice, "outbox", "refused", self.now)
            self.book.undelivered(notice, "outbox", 1, self.now)
        else:
            self.book.delivered(notice, Delivered(channel="outbox", code="0"), self.now)


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
