"""The book of one incident: what is known, the record of how it came to be known, and the verdicts given.

Pure: it is handed the time, and says what to do. The workflow keeps one; tests and what-if checks do without a server.
Read `judge` (a fact arrives) and `look` (time has passed) first.
"""

from datetime import datetime, timedelta
from typing import Final

from pydantic import JsonValue

from plan.after import asked_who_answers
from plan.again import duty_of
from plan.apply import apply
from plan.chasing import UNANSWERED, given_up
from plan.check import check
from plan.clock import Clock
from plan.clocks import advance, clocks
from plan.complaint import Complaint
from plan.consequences import raised
from plan.duties import Duty, duties, next_instant
from plan.happenings import happenings
from plan.history import Imported
from plan.incident import Incident, Notice, RefusalSeen, Stage, Try
from plan.intake import ready, rerouted
from plan.judging import content_digest, held, held_back, newly_met, newly_started
from plan.ledger import Ledger
from plan.linking import joined, not_joined
from plan.messages import Bad
from plan.notices import begun, delivered, failed, no_longer_held, nobody_to_tell, notice_id, notice_of, tried
from plan.notices import held as in_a_mailbox
from plan.orders import Delivered, RosterAnswer
from plan.parts import Outcome
from plan.playbook import Playbook
from plan.receipts import Answer, Receipt, Refusal, Verdict
from plan.record import Entry
from plan.refusals import refusal
from plan.sighting import Sighting
from plan.told import Told
from plan.values import Kept, stamp

WRITTEN_DOWN: Final = timedelta(seconds=1)
"""What was done longer ago than this when it is written down has an instant of its own in the entry."""


class State(Kept):
    """The book as it is carried from run to run.

    `reported` is what the watches were last told of it, `handed` which steps of actions went to which unit's register.
    `keeps_records`: its record goes into the store; `recorded` is how far it is there.
    """

    incident: Incident
    salt: str
    playbook: Playbook | None = None
    entries: tuple[Entry, ...] = ()
    vault: dict[str, JsonValue] = {}
    verdicts: dict[str, Verdict] = {}
    refusals: tuple[RefusalSeen, ...] = ()
    reported: Sighting | None = None
    handed: dict[str, str] = {}
    keeps_records: bool | None = None
    recorded: int | None = None


class Book:
    """One incident's book. `restore` goes on from a state that was kept."""

    def __init__(self, state: State) -> None:
        self.restore(state)

    def restore(self, state: State) -> None:
        """Go on from a state that was kept."""
        self.incident = state.incident
        self.playbook = state.playbook
        self.verdicts = dict(state.verdicts)
        self.reported = state.reported
        self.keeps_records = bool(state.keeps_records)
        self.recorded = state.recorded
        self.record_late = False
        self.handed = dict(state.handed)
        self._ledger = Ledger(state.salt, state.entries, state.vault, state.refusals)
        self._derived: tuple[Incident, datetime, list[Clock]] | None = None

    @property
    def state(self) -> State:
        """Everything, to go on from."""
        return State(
            incident=self.incident,
            salt=self._ledger.salt,
            playbook=self.playbook,
            entries=tuple(self.entries),
            vault=self._ledger.vault,
            verdicts=self.verdicts,
            refusals=tuple(self.refusals),
            reported=self.reported,
            keeps_records=self.keeps_records or None,
            recorded=self.recorded,
            handed=self.handed,
        )

    @property
    def changed(self) -> bool:
        """Whether anything that shows has changed since it was last asked."""
        return self._ledger.changed

    @changed.setter
    def changed(self, changed: bool) -> None:
        self._ledger.changed = changed

    @property
    def entries(self) -> list[Entry]:
        return self._ledger.entries

    @property
    def salt(self) -> str:
        """What commitments are salted with: as confidential as the words."""
        return self._ledger.salt

    @property
    def vault(self) -> dict[str, JsonValue]:
        """The confidential words, by their commitments."""
        return self._ledger.vault

    @property
    def refusals(self) -> list[RefusalSeen]:
        """The last ones, for the view."""
        return self._ledger.refusals

    @property
    def sequence(self) -> int:
        return self._ledger.sequence

    @property
    def called(self) -> bool:
        """The insurer was called to the scene (R27)."""
        return any(calming.outcome is Outcome.FAILED for calming in self.incident.calmings)

    @property
    def head(self) -> str:
        """The record's last hash."""
        return self._ledger.head

    # The beginning

    def file(
        self,
        complaint: Complaint | None,
        now: datetime,
        *,
        door: str,
        imported: Imported | None = None,
        held_from: datetime | None = None,
    ) -> None:
        """The first entry: a complaint, or a group event opened."""
        at, data = self.incident.filed_at, held_back(held_from)
        if complaint is None:
            data |= {"form": str(self.incident.form), "scene": self.incident.scene}
        else:
            data |= self._ledger.seal(complaint)
        self._ledger.write("filed", now, received_at=at, by=self.incident.filed_by, door=door, rule="R24", data=data)
        if imported is not None:
            self._import(imported, now)

    def _import(self, imported: Imported, now: datetime) -> None:
        """History: as it ended, no notices, no clocks (contract, section 1)."""
        if imported.closed_at is None:
            return
        self.incident = self.incident.model_copy(update={"stage": Stage.CLOSED})
        data: dict[str, JsonValue] = {"imported": True, "outcome": imported.outcome}
        self._ledger.write("closed", now, received_at=imported.closed_at, door="import", data=data)

    def resolve(self, answer: RosterAnswer, complaint: Complaint | None, now: datetime) -> None:
        """Who answers is known, or known anew (R28)."""
        before = self.incident
        if self.playbook is None:
            self.playbook = answer.playbook
            self.keeps_records = answer.keeps_records
            versioned = before.model_copy(update={"rules_version": answer.rules_version})
            self.incident = ready(versioned, self.rules, answer.roster, complaint, now)
        else:
            self.incident = rerouted(before, answer.roster, now)
        unknown: list[JsonValue] = list(answer.roster.unknown)
        data: dict[str, JsonValue] = {"version": answer.roster.version, "unknown": unknown}
        self._ledger.write("roster_resolved", now, rule="R28", data=data)
        self._tell_apart(before, now, by_fact=None)

    @property
    def rules(self) -> Playbook:
        """The frozen playbook; there is none before the roster is resolved."""
        if self.playbook is None:
            raise LookupError("the roster is not resolved yet")
        return self.playbook

    # A fact arrives

    def judge(self, told: Told) -> Receipt:
        """Judge and fold one fact at once, in the order of arrival; the receipt is remembered under its id."""
        digest = content_digest(told.fact)
        if verdict := self.verdicts.get(told.fact_id):
            return self._again(told, verdict, digest)
        self._advance(told.received_at, told.recorded_at)
        no = check(self.incident, self.rules, told)
        receipt = self._refuse(told, no) if no else self._accept(told)
        self.verdicts[told.fact_id] = Verdict(digest=digest, receipt=receipt)
        return receipt

    def _again(self, told: Told, verdict: Verdict, digest: str) -> Receipt:
        if verdict.digest != digest:
            return self._refuse(told, refusal("conflict", "conflict", kind=told.fact.kind))
        return verdict.receipt.model_copy(update={"state": Answer.DUPLICATE, "duplicate": True})

    def _refuse(self, told: Told, no: Refusal) -> Receipt:
        data: dict[str, JsonValue] = {"kind": told.fact.kind, "reason": no.reason, "reason_zh": no.reason_zh}
        data |= held_back(told.held_from)
        entry = self._ledger.write(
            "refused",
            told.recorded_at,
            received_at=told.received_at,
            by=told.fact.by,
            door=told.door,
            rule=no.rule,
            about=told.fact_id,
            data=data,
        )
        self._ledger.refused(entry, told.fact.kind, told.fact.by, no.rule, no.reason, no.reason_zh)
        return Receipt(
            fact_id=told.fact_id,
            state=Answer.REFUSED,
            reason=no.reason,
            reason_zh=no.reason_zh or None,
            rule=no.rule,
            sequence=entry.sequence,
        )

    def _accept(self, told: Told) -> Receipt:
        before, clocks_before = self.incident, self.clocks(told.recorded_at)
        folded = apply(before, self.rules, told)
        data = self._ledger.seal(told.fact) | held(folded, told)
        entry = self._ledger.write(
            told.fact.kind,
            told.recorded_at,
            received_at=told.received_at,
            by=told.fact.by,
            door=told.door,
            about=told.fact_id,
            data=data,
        )
        self.incident = advance(folded, self.rules, told.received_at)
        after = self.clocks(told.recorded_at)
        self._ledger.say(
            happenings(before, self.incident, clocks_before, after, told.fact_id), told.recorded_at, told.fact.by
        )
        return Receipt(
            fact_id=told.fact_id,
            state=Answer.ACCEPTED,
            accepted=True,
            sequence=entry.sequence,
            started_clocks=newly_started(clocks_before, after),
            met_clocks=newly_met(clocks_before, after),
        )

    def bad(self, bad: Bad, now: datetime, what: str = "malformed") -> Receipt:
        """A message that could not be read: an entry and a refusal, never a wedged workflow."""
        data: dict[str, JsonValue] = {"why": bad.why, "kind": bad.kind}
        entry = self._ledger.write(what, now, by=bad.by, door="temporal", data=data)
        self._ledger.refused(entry, bad.kind, bad.by, what, bad.why, bad.why_zh)
        return Receipt(fact_id="", state=Answer.REFUSED, reason=bad.why, rule=what, sequence=entry.sequence)

    # Time has passed

    def look(self, now: datetime) -> list[tuple[Duty, list[Notice]]]:
        """Record what has come due, and begin the duties that are due: each with its new notices."""
        if self.playbook is None:
            return []
        self._advance(now, now)
        self._give_up(now)
        self.incident = asked_who_answers(self.incident, self.rules, now)
        started = self._resend(now)
        while found := self._begin(now):
            started += found
        return started

    def _give_up(self, now: datetime) -> None:
        """Of a chase that has come to its end the operator is told, and who did not answer is on record."""
        for chase in given_up(self.incident, self.rules, now, self.clocks(now)):
            self.incident = raised(self.incident, UNANSWERED, chase.at, number=chase.duty)
            silent: list[JsonValue] = list(chase.people)
            self._ledger.write("unanswered", now, rule=chase.rule, about=chase.duty, data={"recipients": silent})

    def _resend(self, now: datetime) -> list[tuple[Duty, list[Notice]]]:
        """What somebody had sent again, with its duty as it is now."""
        started: list[tuple[Duty, list[Notice]]] = []
        for notice in (self.incident.notices[each] for each in self.incident.to_resend):
            started.append((duty_of(self.incident, self.rules, notice, now, self.clocks(now)), [notice]))
            if not notice.resent:
                self._owe(notice, now)
        if started:
            self.incident = self.incident.model_copy(update={"to_resend": ()})
        return started

    def _begin(self, now: datetime) -> list[tuple[Duty, list[Notice]]]:
        """The duties that are due; what they raise themselves, such as that nobody could be told, comes next time."""
        started: list[tuple[Duty, list[Notice]]] = []
        for duty in duties(self.incident, self.rules, now, self.clocks(now)):
            nobody = nobody_to_tell(self.incident, duty)
            self.incident, new = begun(self.incident, duty, now)
            for notice in new:
                self._owe(notice, now)
            if nobody:
                self._ledger.write("undelivered", now, rule=duty.rule, about=duty.id, data={"recipient": None})
            if new or nobody:
                started.append((duty, new))
        return started

    def _owe(self, notice: Notice, now: datetime) -> None:
        data: dict[str, JsonValue] = {"duty": notice.duty, "recipient": notice.recipient, "unit": notice.unit}
        self._ledger.write("notice", now, rule=notice.rule, about=notice.notice_id, data=data)

    def has_duties(self, now: datetime) -> bool:
        """Whether somebody is still to be told."""
        if self.incident.to_resend:
            return True
        due = duties(self.incident, self.playbook, now, self.clocks(now)) if self.playbook else []
        known = self.incident.notices
        return any(notice_id(duty.id, person) not in known for duty in due for person in duty.recipients)

    def next_instant(self, now: datetime) -> datetime | None:
        """When to look again."""
        return next_instant(self.incident, self.playbook, now, self.clocks(now)) if self.playbook else None

    def clocks(self, now: datetime) -> list[Clock]:
        """Every clock with its state at `now`; derived once for as long as nothing changes."""
        if self.playbook is None:
            return []
        known = self._derived
        if known is None or known[0] is not self.incident or known[1] != now:
            known = self._derived = (self.incident, now, clocks(self.incident, self.playbook, now))
        return known[2]

    def _advance(self, until: datetime, now: datetime) -> None:
        before = self.incident
        self.incident = advance(before, self.rules, until, self.clocks(until))
        if self.incident is not before:
            self._ledger.say(happenings(before, self.incident, (), (), None), now, None)

    # What the world answered

    def delivered(self, notice: Notice, answer: Delivered, now: datetime) -> None:
        """The channel's own success, which may be written down a little after it."""
        at = min(max(answer.at or now, notice.created_at), now)
        attempt = Try(
            at=at,
            channel=answer.channel,
            delivered=True,
            code=answer.code,
            message_id=answer.message_id,
            attempts=answer.attempts,
        )
        self.incident = delivered(self.incident, notice, answer.channel, answer.attempts, at)
        self.incident = tried(self.incident, notice, attempt)
        data: dict[str, JsonValue] = {
            "channel": answer.channel,
            "code": answer.code,
            "message_id": answer.message_id,
            "attempts": answer.attempts,
            "text_sha256": answer.digest,
            **({"at": stamp(at)} if now - at >= WRITTEN_DOWN else {}),
        }
        self._ledger.write("delivered", now, rule="R14", about=notice.notice_id, data=data)

    def held(self, notice: Notice, until: datetime, now: datetime) -> None:
        """It waits its turn in a mailbox, and was told until when."""
        self.incident = in_a_mailbox(self.incident, notice, until)
        self._ledger.write("held", now, rule="R14", about=notice.notice_id, data={"until": stamp(until)})

    def delivered_late(self, key: str, answer: Delivered, now: datetime) -> None:
        """A mailbox brought it after all, when another way had been tried already; told once."""
        notice = self.incident.notices.get(notice_of(self.incident, key))
        if notice is None or any(known.delivered and known.channel == answer.channel for known in notice.tries):
            return
        attempt = Try(at=now, channel=answer.channel, delivered=True, code=answer.code, message_id=answer.message_id)
        self.incident = tried(self.incident, notice, attempt)
        data: dict[str, JsonValue] = {"channel": answer.channel, "code": answer.code, "message_id": answer.message_id}
        self._ledger.write("delivery_late", now, rule="R14", about=notice.notice_id, data=data)

    def channel_failed(
        self, notice: Notice, channel: str, why: str, now: datetime, *, code: str = "", attempts: int = 1
    ) -> None:
        """One channel failed for good; the next is tried. `code` is the channel's own, where it gave one."""
        attempt = Try(at=now, channel=channel, delivered=False, code=code, why=why, attempts=attempts)
        self.incident = no_longer_held(tried(self.incident, notice, attempt), notice)
        data: dict[str, JsonValue] = {"channel": channel, "why": why, **({"code": code} if code else {})}
        self._ledger.write("delivery_failed", now, rule="R14", about=notice.notice_id, data=data)

    def undelivered(self, notice: Notice, channel: str | None, attempts: int, now: datetime) -> None:
        """Every channel failed, or there is none: the next person and level are told instead."""
        before = len(self.incident.occasions)
        self.incident = failed(self.incident, notice, channel, attempts, now)
        instead: list[JsonValue] = [p for o in self.incident.occasions[before:] for p in o.people]
        data: dict[str, JsonValue] = {"recipient": notice.recipient, "told_instead": instead}
        self._ledger.write("undelivered", now, rule="R14", about=notice.notice_id, data=data)

    def joined(self, now: datetime) -> None:
        """The group event has this incident now; its clocks are carried."""
        before = self.incident
        self.incident = joined(before, now)
        self._tell_apart(before, now, by_fact=None)

    def not_joined(self, why: str, now: datetime) -> None:
        """The group event would not have it."""
        before = self.incident
        data: dict[str, JsonValue] = {"group": before.group_id, "why": why}
        self.incident = not_joined(before)
        entry = self._ledger.write("link_refused", now, rule="A19", data=data)
        zh = "群体事件没有接收本事件，时限仍由本事件承担。请核对群体事件编号。"
        self._ledger.refused(entry, "converted_to_group_event", None, "A19", why, zh)

    def note(self, what: str, now: datetime, *, by: str | None = None, **data: JsonValue) -> None:
        """Something about the running of it: a failed roster, a cancellation that was refused, a continuation."""
        if what == "roster_failed" and self._ledger.said_last(what, data):
            return
        entry = self._ledger.write(what, now, by=by, door="tocsin", data=data)
        if what == "cancellation_refused":
            self._ledger.refused(entry, "cancel", None, "A18", "use withdrawn", "请登记 withdrawn（撤回）")

    # The record

    def _tell_apart(self, before: Incident, now: datetime, by_fact: str | None) -> None:
        was = clocks(before, self.playbook, now) if self.playbook and before.roster.version else []
        self._ledger.say(happenings(before, self.incident, was, self.clocks(now), by_fact), now, None)
