"""Incidents without a server: books that have heard many facts, as the workflow would keep them.

A long crisis at one outlet: every three minutes somebody says something, in turn of ten kinds, and every notice is
delivered at once. Far denser than any real one, so that what is measured is the hard case.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle, islice
from typing import Any, Final

from plan.book import Book, State
from plan.complaint import Complaint
from plan.incident import RULES_VERSION
from plan.intake import opened
from plan.malformed import parse_complaint, parse_fact
from plan.orders import Delivered, RosterAnswer
from plan.receipts import Receipt
from plan.roster import roster
from plan.told import Told
from runtime.documents import PLAYBOOK, SAMPLE, load_organisation, load_playbook

BEGAN: Final = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
BETWEEN: Final = timedelta(minutes=3)
ON_THE_WAY_IN: Final = timedelta(milliseconds=20)
"""From the door's stamp to the workflow's own time: the two are never the same instant."""

OUTLET: Final = "gd-gz-th-0001"
INSURER: Final = "anhe-life"
LEAD, COUNTY, INSURERS = f"{OUTLET}.lead", "gd-gz-th.work", "anhe-life.gd-gz"
COMPLAINT: Final[dict[str, Any]] = {
    "channel": "outlet",
    "subject": "returns",
    "outlet": OUTLET,
    "insurer": INSURER,
    "reason": "到期收益与销售时的说明不一致，要求退保并按说明补足差额",
    "reported_by": LEAD,
}
_FOLLOW_UP: Final[dict[str, Any]] = {
    "report": "follow_up",
    "content": {"course": "现场情况更新，继续劝解，等待答复" * 3},
}
_SAID: Final[tuple[tuple[str, str, dict[str, Any]], ...]] = (
    ("noted", LEAD, {"text": "客户要求见负责人，已请到接待室并继续说明情况" * 2}),
    ("circumstances_reported", LEAD, {"headcount": 6, "disrupts_outlet": True}),
    ("report_submitted", COUNTY, {**_FOLLOW_UP, "from_unit": "gd-gz-th", "to_unit": "gd-gz"}),
    ("evidence_collected", LEAD, {"item": "recording", "description": "大堂录像一段，已另存"}),
    ("insurer_progressed", INSURERS, {"note": "正在核对保单与回访记录，稍后答复"}),
    ("group_signs_seen", LEAD, {"description": "又有客户到场"}),
    ("calming_attempted", LEAD, {"outcome": "failed"}),
    ("report_submitted", LEAD, _FOLLOW_UP),
    ("policy_examined", COUNTY, {"policy_number": "B-1", "signed": True}),
    ("on_the_way", COUNTY, {"party": "work_group"}),
)


def facts(number: int) -> Iterator[dict[str, Any]]:
    """So many facts of a long crisis, each with an id of its own."""
    for place, (kind, by, said) in enumerate(islice(cycle(_SAID), number)):
        yield {"kind": kind, "by": by, "fact_id": f"f-{place}", **said}


class Day:
    """One book and its time."""

    def __init__(self, incident_id: str = "B-1") -> None:
        self.now = BEGAN
        complaint: Complaint = parse_complaint({**COMPLAINT, "incident_id": incident_id})
        self.book = Book(State(incident=opened(complaint, incident_id, BEGAN), salt="bench"))
        self.book.file(complaint, BEGAN, door="bench")
        self.book.resolve(_answer(), complaint, BEGAN)

    def hears(self, fact: dict[str, Any]) -> Receipt:
        """Time goes on, somebody says something, and whatever it owes is delivered."""
        self.now += BETWEEN
        receipt = self.book.judge(told(fact, self.now))
        for _, notices in self.book.look(self.now):
            for notice in notices:
                self.book.delivered(notice, Delivered(channel="outbox", code="written"), self.now)
        return receipt


def told(fact: dict[str, Any], now: datetime) -> Told:
    """The fact as it reaches the plan, a moment after the door stamped it."""
    parsed = parse_fact(fact)
    stamped = now - ON_THE_WAY_IN
    return Told(fact=parsed, fact_id=str(fact["fact_id"]), received_at=stamped, recorded_at=now, door="bench")


def after(number: int) -> Day:
    """A day on which so many facts were told, every one of them accepted."""
    day = Day()
    for fact in facts(number):
        receipt = day.hears(fact)
        if not receipt.accepted:
            raise RuntimeError(f"{fact['kind']} was not accepted: {receipt.reason}")
    return day


@cache
def _answer() -> RosterAnswer:
    organisation = load_organisation(SAMPLE)
    return RosterAnswer(
        roster=roster(organisation, outlet=OUTLET, unit=None, insurers=(INSURER,)),
        playbook=load_playbook(PLAYBOOK),
        rules_version=RULES_VERSION,
    )
