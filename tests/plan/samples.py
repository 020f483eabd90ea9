"""Every kind of fact as it may come in: with only what it needs, and with everything it can hold.

The word `secret` stands in every confidential field of `FULL`, so that a test can look for it where it must not be.
"""

from typing import Any

AT = "2026-11-24T09:12:00+08:00"

_NEEDED: dict[str, dict[str, Any]] = {
    "calming_attempted": {"outcome": "failed"},
    "insurer_due_extended": {"due_at": AT, "reason": "secret"},
    "crisis_declared": {"reason": "secret"},
    "report_acknowledged": {"report_fact_id": "f-0"},
    "handling_opinion_submitted": {"opinion": "secret"},
    "opinion_reviewed": {"agreed": True},
    "on_the_way": {"party": "insurer"},
    "arrived_on_scene": {"party": "work_group"},
    "scene_over": {"outcome": "left"},
    "policy_examined": {"policy_number": "secret-1"},
    "insurer_decided": {"decision": "secret"},
    "line_agreed": {"text": "secret"},
    "evidence_collected": {"item": "recording"},
    "checklist_done": {"item": "moved_off_floor"},
    "conduct_reported": {"behaviour": 1},
    "conduct_found": {"finding": "secret"},
    "converted_to_group_event": {"group_id": "GD-2026-G1"},
    "member_joined": {"incident_id": "GD-2026-000123"},
    "member_left": {"incident_id": "GD-2026-000123"},
    "repeat_of": {"incident_id": "GD-2026-000123"},
    "stood_down": {"reason": "secret"},
    "root_cause_recorded": {"root_cause": "secret", "lessons": "secret"},
    "accountability_decided": {"category": 2},
    "action_opened": {"text": "secret", "owner": "gd-gz-th.work", "due_at": "2026-12-24T18:00:00+08:00"},
    "action_done": {"action_id": "1"},
    "notice_acknowledged": {"notice_id": "n-1"},
    "notice_resent": {"notice_id": "n-1"},
    "noted": {"text": "secret"},
}
_POSSIBLE: dict[str, dict[str, Any]] = {
    "assigned": {"outlet": "gd-gz-th-0001", "insurer": "anhe-life"},
    "calming_attempted": {"script": "returns-1"},
    "customer_recorded": {
        "name": "secret",
        "phone": "secret",
        "policy_numbers": ["secret-1", "secret-2"],
        "reason": "secret",
        "person_key": "p-1",
    },
    "handed_to_insurer": {"due_at": AT},
    "circumstances_reported": {
        "known_at": AT,
        "persons": ["p-1", "p-2"],
        "headcount": 6,
        "government": False,
        "regulator": True,
        "media": True,
        "disrupts_outlet": True,
        "property_loss": True,
        "reputation_loss": True,
        "social_impact": True,
    },
    "crisis_declared": {"known_at": AT},
    "group_signs_seen": {"description": "secret", "people": 3, "declare": True},
    "report_submitted": {
        "report": "initial",
        "from_unit": "gd-gz-th-0001",
        "to_unit": "gd-gz-th",
        "content": {"course": "secret", "occurred_at": AT, "people_count": 6, "issuer": "secret"},
        "circumstances": {"headcount": 6},
        "via": "phone",
        "spoken_with": "gd-gz-th.work",
    },
    "opinion_reviewed": {"note": "secret"},
    "regulator_informed": {"authority": "provincial bureau", "reference": "R-1"},
    "police_contacted": {"reference": "110-1"},
    "on_the_way": {"expected_at": AT},
    "arrived_on_scene": {"person": "gd-gz-th.work"},
    "policy_examined": {
        "signed": True,
        "call_back_made": True,
        "call_back_compliant": False,
        "mis_selling_proven": False,
        "note": "secret",
    },
    "special_care_flagged": {
        "vulnerable": True,
        "extreme_behaviour": False,
        "collective_risk": True,
        "referred": False,
    },
    "insurer_progressed": {"note": "secret"},
    "insurer_decided": {"remedy": "ex_gratia", "amount": "secret"},
    "decision_relayed": {"how": "secret"},
    "evidence_collected": {"description": "secret"},
    "media_contacted": {"outlet_name": "a paper", "authorised_by": "gd-gz-th.bank"},
    "statement_issued": {"text": "secret", "authorised_by": "gd-gz-th.bank"},
    "conduct_reported": {"person": "gd-gz-th-0001.lead", "evidence": "secret"},
    "conduct_found": {"person": "gd-gz-th-0001.lead"},
    "converted_to_group_event": {"reason": "secret", "scene": "gd-gz-th-0001"},
    "member_joined": {"persons": ["p-1"], "membership": {"note": "secret"}},
    "member_left": {"reason": "secret"},
    "repeat_of": {"number": 2, "reopen": True},
    "resolved": {"summary": "secret"},
    "accountability_decided": {
        "unit": "gd-gz-th",
        "person": "gd-gz-th-0001.lead",
        "decision": "secret",
        "outcome": "none",
        "action_owner": "gd-gz-th.work",
        "action_due_on": "2026-12-24",
    },
    "action_opened": {"action_id": "A-1", "feeds": "screening_standard"},
    "action_done": {"note": "secret"},
    "closed": {"reason": "secret"},
    "withdrawn": {"reason": "secret"},
    "reopened": {"reason": "secret"},
    "notice_resent": {"to": "gd-gz-th.work"},
    "rerouted": {
        "unit": "gd-gz-th",
        "group": "work_group",
        "people": ["gd-gz-th.work"],
        "old_version": "1",
        "new_version": "2",
    },
}
_BARE = ("scene_support_requested",)

MINIMAL: dict[str, dict[str, Any]] = {
    kind: {"kind": kind, "by": "gd-gz-th.work", **_NEEDED.get(kind, {})} for kind in (*_NEEDED, *_POSSIBLE, *_BARE)
}
FULL: dict[str, dict[str, Any]] = {
    kind: {**minimal, "fact_id": "f-1", "occurred_at": AT, **_POSSIBLE.get(kind, {})}
    for kind, minimal in MINIMAL.items()
}
