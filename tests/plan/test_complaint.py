"""A complaint as it is filed: little is needed, nothing wrong gets in (contract, section 3)."""

from datetime import UTC, datetime
from typing import Any

import jsonschema
import pytest

from plan.complaint import Channel, Complaint, Subject
from plan.malformed import parse_complaint
from tests.plan.bad import BAD_INSTANTS, BAD_TEXTS, refused, short

NEEDED: dict[str, Any] = {"channel": "outlet", "outlet": "gd-gz-th-0001", "reason": "the return is not what was said"}
FULL: dict[str, Any] = {
    **NEEDED,
    "incident_id": "GD-2026-000123",
    "subject": "returns",
    "unit": "gd-gz-th",
    "insurer": "anhe-life",
    "complained_at": "2026-11-24T09:12:00+08:00",
    "known_at": "2026-11-24T09:10:00+08:00",
    "reported_by": "gd-gz-th-0001.lead",
    "customer": {"name": "某某", "phone": "13800138000", "policy_numbers": ["PN-1"], "person_key": "p-1"},
    "circumstances": {"headcount": 6, "media": True},
    "drill": True,
    "source": {"system": "crm", "reference": "C-77"},
}


def faults(**fields: Any) -> list[str]:
    return refused(parse_complaint, {**NEEDED, **fields})


@pytest.mark.rule("R24")
def test_channel_reason_and_a_place_are_enough() -> None:
    complaint = parse_complaint(NEEDED)
    assert complaint.incident_id is None
    assert complaint.subject is Subject.OTHER
    assert not complaint.drill
    parse_complaint({"channel": "hotline", "unit": "gd-gz", "reason": "x"})


@pytest.mark.rule("R24")
@pytest.mark.parametrize("field", ["channel", "reason"])
def test_the_two_fields_that_must_be_there(field: str) -> None:
    without = {name: value for name, value in NEEDED.items() if name != field}
    assert refused(parse_complaint, without) == [f"{field}: is required; add it"]


@pytest.mark.rule("R24")
def test_it_stands_at_an_outlet_or_below_a_unit() -> None:
    assert refused(parse_complaint, {"channel": "hotline", "reason": "x"}) == [
        "needs outlet, or unit where the outlet is not known yet"
    ]


@pytest.mark.rule("R24", "R35")
def test_intake_is_not_refused_for_what_is_missing_however_it_is_written() -> None:
    unsaid = dict.fromkeys(Complaint.model_fields.keys() - NEEDED.keys())
    assert parse_complaint({**unsaid, **NEEDED}) == parse_complaint(NEEDED)
    empty = {"name": "", "phone": "  ", "policy_numbers": None, "person_key": None}
    assert parse_complaint({**NEEDED, "customer": empty}) == parse_complaint(NEEDED)


@pytest.mark.rule("R1")
def test_channels_and_subjects_are_the_contracts() -> None:
    assert list(Channel) == ["hotline", "online", "media", "outlet", "regulator", "insurer", "other"]
    assert list(Subject) == ["contract_terms", "term", "after_sales", "returns", "sales_conduct", "other"]
    assert faults(channel="fax")[0].startswith("channel: must be one of 'hotline'")
    assert faults(subject="weather")[0].startswith("subject: must be one of")


def test_a_complaint_survives_json() -> None:
    complaint = parse_complaint(FULL)
    assert Complaint.model_validate_json(complaint.model_dump_json()) == complaint
    assert parse_complaint(complaint) == complaint
    assert complaint.complained_at == datetime(2026, 11, 24, 1, 12, tzinfo=UTC)


def test_its_json_schema_fits_what_is_read() -> None:
    validator: Any = jsonschema.Draft202012Validator(Complaint.model_json_schema())
    validator.validate(NEEDED)
    validator.validate(FULL)
    assert not validator.is_valid({**NEEDED, "colour": "red"})


@pytest.mark.parametrize("data", [None, "x", 7, [], [NEEDED], b"{}"])
def test_what_is_no_object_is_malformed(data: object) -> None:
    assert len(refused(parse_complaint, data)) == 1


@pytest.mark.parametrize("instant", BAD_INSTANTS, ids=short)
def test_an_instant_is_written_out_with_its_offset(instant: object) -> None:
    for field in ("complained_at", "known_at"):
        assert len(faults(**{field: instant})) == 1
    assert len(faults(circumstances={"known_at": instant})) == 1


@pytest.mark.parametrize("text", [*BAD_TEXTS, ""], ids=short)
def test_a_text_is_plain(text: object) -> None:
    assert len(faults(reason=text)) == 1
    assert len(faults(customer={"policy_numbers": [text]})) == 1


@pytest.mark.parametrize("incident_id", ["a/b", "../a", "..", "", "a" * 65, "a b", "a\n", "投诉", 7])
def test_an_incident_id_is_fit_for_a_workflow_id(incident_id: object) -> None:
    assert len(faults(incident_id=incident_id)) == 1


@pytest.mark.parametrize("place", ["a/b", "", " ", "网点", 1001, True])
def test_places_and_insurers_are_ids(place: object) -> None:
    for field in ("outlet", "unit", "insurer", "reported_by"):
        assert len(faults(**{field: place})) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"colour": "red"},
        {"customer": {"age": 70}},
        {"customer": "某某"},
        {"customer": {"policy_numbers": "PN-1"}},
        {"customer": {"policy_numbers": ["1"] * 51}},
        {"customer": {"person_key": "某某"}},
        {"circumstances": {"headcount": -1}},
        {"circumstances": {"kind": "circumstances_reported"}},
        {"source": {"reference": "no system"}},
        {"drill": "false"},
        {"drill": 0},
    ],
)
def test_nothing_wrong_gets_in(fields: dict[str, Any]) -> None:
    assert len(faults(**fields)) == 1
