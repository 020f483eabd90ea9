"""Examples for the document and the tests: the sample organisation's people, invented words."""

from typing import Any, Final

COMPLAINT: Final[dict[str, Any]] = {
    "incident_id": "GD-2026-000123",
    "channel": "outlet",
    "subject": "returns",
    "outlet": "gd-gz-th-0001",
    "insurer": "anhe-life",
    "reason": "收益与销售时的介绍不符",
    "complained_at": "2026-11-24T09:12:00+08:00",
    "reported_by": "gd-gz-th-0001.lead",
    "source": {"system": "crm", "reference": "T-88121"},
}
CRISIS: Final[dict[str, Any]] = {
    "channel": "hotline",
    "unit": "gd-gz-th",
    "reason": "多名客户聚集在营业厅",
    "circumstances": {"headcount": 6, "media": True, "known_at": "2026-11-24T09:05:00+08:00"},
}
CALMED: Final[dict[str, Any]] = {
    "kind": "calming_attempted",
    "fact_id": "crm-77120",
    "by": "gd-gz-th-0001.lead",
    "occurred_at": "2026-11-24T09:20:00+08:00",
    "outcome": "not_persuaded",
}
SIGNS: Final[dict[str, Any]] = {"kind": "group_signs_seen", "people": 4, "description": "门口有人聚集"}
EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "88121",
    "source": "/crm/tickets",
    "type": "tocsin.complaint",
    "time": "2026-11-24T09:13:00+08:00",
    "datacontenttype": "application/json",
    "data": {name: value for name, value in COMPLAINT.items() if name != "incident_id"},
}
FACT_EVENT: Final[dict[str, Any]] = {
    "specversion": "1.0",
    "id": "88121-2",
    "source": "/crm/tickets",
    "type": "tocsin.fact",
    "subject": "GD-2026-000123",
    "data": SIGNS,
}
LISTED: Final[dict[str, Any]] = {
    "incident_id": "GD-2026-000123",
    "severity": "crisis",
    "stage": "open",
    "form": "single",
    "outlet": "gd-gz-th-0001",
    "province": "gd",
    "insurer": "anhe-life",
    "group_id": None,
    "drill": False,
    "next_due_at": "2026-11-24T02:05:00Z",
    "overdue": 0,
    "undelivered": 0,
    "filed_at": "2026-11-24T01:13:02Z",
}
VIEW: Final[dict[str, Any]] = {
    "incident_id": "GD-2026-000123",
    "form": "single",
    "severity": "crisis",
    "stage": "open",
    "drill": False,
    "outlet": "gd-gz-th-0001",
    "insurer": "anhe-life",
    "filed_at": "2026-11-24T01:13:02+00:00",
    "known_at": "2026-11-24T01:05:00+00:00",
    "criteria": ["authority_or_media", "group_of_five"],
    "people_count": 6,
    "sequence": 9,
}
