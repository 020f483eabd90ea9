"""Random days: who may say what next, drawn at random, and how to play it."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import strategies as st

from tests.plan.told import ANHE, CITY, COUNTY, LEAD, PROVINCE, T1, ZHONGTAI, Day

POST = "gd-gz-th.post"
COURSE = {"course": "一句话。"}
SPEAKERS = (
    LEAD,
    f"{T1}.contact",
    COUNTY,
    CITY,
    PROVINCE,
    POST,
    "hq.post",
    ANHE,
    ZHONGTAI,
    "operator",
    "system:monitor",
)
KINDS: tuple[tuple[str, str, dict[str, Any]], ...] = (
    (LEAD, "calming_attempted", {"outcome": "calmed"}),
    (LEAD, "calming_attempted", {"outcome": "failed"}),
    (LEAD, "calming_attempted", {"outcome": "not_persuaded"}),
    (LEAD, "customer_recorded", {"name": "佘某", "phone": "1390", "policy_numbers": ["P-1"], "person_key": "p-1"}),
    (LEAD, "handed_to_insurer", {}),
    (LEAD, "handed_to_insurer", {"due_at": "in:90"}),
    (COUNTY, "insurer_due_extended", {"due_at": "in:9000", "reason": "x"}),
    (LEAD, "circumstances_reported", {"headcount": 3}),
    (LEAD, "circumstances_reported", {"headcount": 6}),
    (LEAD, "circumstances_reported", {"persons": ["p-1", "p-2", "p-3"]}),
    (COUNTY, "circumstances_reported", {"persons": ["p-4", "p-5"], "known_at": "in:-50"}),
    (COUNTY, "circumstances_reported", {"media": True, "known_at": "in:-400"}),
    ("system:monitor", "circumstances_reported", {"media": True, "known_at": "in:-90"}),
    (LEAD, "circumstances_reported", {"disrupts_outlet": True, "known_at": "in:-15000"}),
    (COUNTY, "crisis_declared", {"reason": "x"}),
    (LEAD, "group_signs_seen", {}),
    (LEAD, "report_submitted", {"content": COURSE}),
    (LEAD, "report_submitted", {"content": COURSE, "circumstances": {"regulator": True, "known_at": "in:-70"}}),
    (COUNTY, "report_submitted", {"content": COURSE}),
    (COUNTY, "report_submitted", {"report": "follow_up"}),
    (COUNTY, "report_submitted", {"content": COURSE, "via": "phone", "spoken_with": LEAD}),
    (PROVINCE, "handling_opinion_submitted", {"opinion": "x"}),
    (PROVINCE, "regulator_informed", {}),
    (COUNTY, "police_contacted", {}),
    (LEAD, "scene_support_requested", {}),
    (ANHE, "on_the_way", {"party": "insurer", "expected_at": "in:45"}),
    (ANHE, "arrived_on_scene", {"party": "insurer"}),
    (COUNTY, "arrived_on_scene", {"party": "work_group"}),
    (POST, "arrived_on_scene", {"party": "leadership_group"}),
    (LEAD, "scene_over", {"outcome": "left"}),
    (ANHE, "policy_examined", {"policy_number": "P-1", "signed": True, "call_back_made": True}),
    (COUNTY, "special_care_flagged", {"vulnerable": True}),
    (ANHE, "insurer_decided", {"decision": "x"}),
    (LEAD, "decision_relayed", {}),
    (ANHE, "conduct_reported", {"behaviour": 3}),
    (POST, "stood_down", {"reason": "x"}),
    (COUNTY, "resolved", {}),
    (COUNTY, "root_cause_recorded", {"root_cause": "a", "lessons": "b"}),
    (POST, "accountability_decided", {"category": 2, "decision": "x"}),
    (COUNTY, "report_submitted", {"report": "final", "content": COURSE}),
    (COUNTY, "action_opened", {"text": "x", "owner": LEAD, "due_at": "in:9000"}),
    (LEAD, "action_done", {"action_id": "1"}),
    (COUNTY, "closed", {}),
    (COUNTY, "withdrawn", {}),
    (COUNTY, "reopened", {}),
    (LEAD, "notice_acknowledged", {"notice_id": f"tell.crisis~{LEAD}"}),
    (ANHE, "notice_acknowledged", {"notice_id": f"tell.calming_failed~{ANHE}"}),
    ("operator", "rerouted", {}),
    ("operator", "notice_resent", {"notice_id": f"tell.filed~{LEAD}"}),
    (COUNTY, "notice_resent", {"notice_id": f"tell.crisis~{LEAD}", "to": f"{T1}.contact"}),
    ("operator", "notice_resent", {"notice_id": f"tell.calming_failed~{ANHE}", "to": "operator"}),
    (LEAD, "noted", {"text": "x"}),
)
WAITS = (timedelta(0), timedelta(seconds=1), *(timedelta(minutes=m) for m in (1, 7, 30, 60, 61, 300, 1440, 1441)))


class Move(NamedTuple):
    """After a wait, somebody says something; `late` is how long it lay before it was judged."""

    wait: timedelta
    by: str
    kind: str
    fields: dict[str, Any]
    late: timedelta = timedelta(0)


@st.composite
def a_move(draw: Callable[[Any], Any]) -> Move:
    """Mostly by who may say it, now and then by somebody else, now and then judged late."""
    who, kind, fields = draw(st.sampled_from(KINDS))
    by = draw(st.sampled_from((who, who, who, who, *SPEAKERS)))
    late = draw(st.sampled_from((timedelta(0),) * 5 + (timedelta(minutes=20), timedelta(hours=3))))
    return Move(draw(st.sampled_from(WAITS)), by, kind, fields, late)


def play(day: Day, move: Move) -> None:
    """Let time pass, and judge the move as received `late` ago."""
    day.until(day.now + move.wait)
    received_at = max(day.now - move.late, day.incident.filed_at)
    told = day.fact(move.by, move.kind, **at_moments(move.fields, received_at))
    day.judge(told.model_copy(update={"received_at": received_at}))


def at_moments(fields: dict[str, Any], now: datetime) -> dict[str, Any]:
    """`in:45` is 45 minutes from now, `in:-50` fifty minutes ago."""

    def put(value: Any) -> Any:
        if isinstance(value, str) and value.startswith("in:"):
            return (now + timedelta(minutes=int(value[3:]))).isoformat()
        return {name: put(item) for name, item in value.items()} if isinstance(value, dict) else value  # pyright: ignore[reportUnknownVariableType]

    return {name: put(value) for name, value in fields.items()}
