"""Facts as they come in: what each kind needs, and what no fact may hold (contract, section 4)."""

from datetime import UTC, date, datetime
from typing import Any

import jsonschema
import pytest

from plan.facts import FACT, MODELS, AccountabilityDecided, MemberJoined, Noted, ReportSubmitted
from plan.malformed import parse_fact
from plan.parts import MAX_REPORT
from tests.plan.bad import BAD_INSTANTS, BAD_TEXTS, refused, short
from tests.plan.samples import AT, FULL, MINIMAL

LEAD = "gd-gz-th-0001.lead"


def said(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "by": LEAD, **fields}


def faults(kind: str, **fields: Any) -> list[str]:
    return refused(parse_fact, said(kind, **fields))


def test_there_are_47_kinds_each_with_its_samples() -> None:
    assert len(MODELS) == 47
    assert set(MODELS) == set(MINIMAL) == set(FULL)


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_is_read_from_what_it_needs(kind: str) -> None:
    fact = parse_fact(MINIMAL[kind])
    assert type(fact) is MODELS[kind]
    assert parse_fact(FACT.dump_python(fact, mode="json")) == fact
    assert parse_fact(fact) == fact


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_is_read_with_everything_it_can_hold(kind: str) -> None:
    fact = parse_fact(FULL[kind])
    assert FACT.validate_json(FACT.dump_json(fact)) == fact
    assert fact.model_fields_set == MODELS[kind].model_fields.keys()


@pytest.mark.parametrize("kind", MODELS)
def test_every_kind_refuses_a_field_it_does_not_have(kind: str) -> None:
    assert refused(parse_fact, {**MINIMAL[kind], "colour": "red"}) == [
        "colour: is not a field here; leave it out or check its spelling"
    ]


@pytest.mark.parametrize("kind", [kind for kind in MODELS if len(MINIMAL[kind]) > 2])
def test_every_field_that_is_needed_is_missed(kind: str) -> None:
    for field in MINIMAL[kind].keys() - {"kind"}:
        without = {name: value for name, value in MINIMAL[kind].items() if name != field}
        assert refused(parse_fact, without) == [f"{field}: is required; add it"]
        assert refused(parse_fact, {**without, field: None}) == [f"{field}: is required; add it"]


@pytest.mark.parametrize("kind", MODELS)
def test_null_says_nothing_just_as_a_field_left_out(kind: str) -> None:
    unsaid = dict.fromkeys(MODELS[kind].model_fields.keys() - MINIMAL[kind].keys())
    assert parse_fact({**unsaid, **MINIMAL[kind]}) == parse_fact(MINIMAL[kind])


def test_every_kind_has_a_json_schema_that_its_samples_fit() -> None:
    schema = FACT.json_schema()
    assert set(schema["discriminator"]["mapping"]) == set(MODELS)
    validator: Any = jsonschema.Draft202012Validator(schema)
    for kind in MODELS:
        validator.validate(MINIMAL[kind])
        validator.validate(FULL[kind])
    assert not validator.is_valid(said("noted", text="x", colour="red"))


@pytest.mark.parametrize("data", [None, "noted", 7, [], [said("noted", text="x")], b"{}", {"text": "x"}, {}])
def test_what_is_no_object_with_a_kind_is_malformed(data: object) -> None:
    assert len(refused(parse_fact, data)) == 1


@pytest.mark.parametrize("kind", ["shouted", "", "NOTED", None, 7, ["noted"], {"a": 1}])
def test_an_unknown_kind_is_malformed_and_not_repeated(kind: object) -> None:
    found = refused(parse_fact, {"kind": kind, "by": LEAD})
    assert len(found) == 1
    assert found[0].startswith("kind: is")
    assert "shouted" not in found[0]


@pytest.mark.parametrize("instant", BAD_INSTANTS, ids=short)
def test_an_instant_is_written_out_with_its_offset(instant: object) -> None:
    for field in ("known_at", "occurred_at"):
        found = faults("circumstances_reported", **{field: instant})
        assert len(found) == 1
        assert found[0].startswith(f"{field}: is ")


def test_instants_are_kept_in_utc() -> None:
    fact = parse_fact(said("closed", occurred_at=AT))
    assert fact.occurred_at is not None
    assert fact.occurred_at == datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
    assert fact.occurred_at.tzinfo is UTC
    assert parse_fact(said("closed", occurred_at=fact.occurred_at)) == fact


@pytest.mark.parametrize("text", BAD_TEXTS, ids=short)
def test_a_text_is_plain(text: object) -> None:
    assert len(faults("noted", text=text)) == 1
    assert len(faults("calming_attempted", outcome="calmed", script=text)) == 1
    assert len(faults("customer_recorded", policy_numbers=["1", text])) == 1


def test_a_text_may_have_lines_tabs_and_any_script() -> None:
    fact = parse_fact(said("noted", text="第一行\r\n\tsecond, ünï, 👍🏽\nthird"))
    assert isinstance(fact, Noted)
    assert fact.text == "第一行\n\tsecond, ünï, 👍🏽\nthird"


@pytest.mark.parametrize("key", ["a/b", "a b", "王小明", "", "a" * 65, "a\n", 7])
def test_a_persons_key_is_never_a_name(key: object) -> None:
    assert len(faults("circumstances_reported", persons=[key])) == 1


@pytest.mark.rule("R2.1")
@pytest.mark.parametrize("headcount", [-1, True, False, 5.0, 5.5, "5", 1_000_001, 10**40, float("nan"), [5]])
def test_a_headcount_is_a_whole_number_of_people(headcount: object) -> None:
    assert len(faults("circumstances_reported", headcount=headcount)) == 1


@pytest.mark.rule("R2")
@pytest.mark.parametrize("value", [0, 1, "true", "yes", 1.0, []])
def test_a_flag_is_true_or_false(value: object) -> None:
    for flag in ("government", "regulator", "media", "disrupts_outlet", "property_loss", "social_impact"):
        assert faults("circumstances_reported", **{flag: value}) == [f"{flag}: must be true or false"]


@pytest.mark.rule("R2")
def test_nothing_said_about_people_is_accepted_and_says_nothing() -> None:
    assert parse_fact(said("circumstances_reported", persons=[])) == parse_fact(said("circumstances_reported"))


@pytest.mark.rule("R57")
@pytest.mark.parametrize("behaviour", [0, 8, -1, True, "3", 3.0, None])
def test_there_are_seven_prohibited_behaviours(behaviour: object) -> None:
    assert len(faults("conduct_reported", behaviour=behaviour)) == 1
    for known in range(1, 8):
        parse_fact(said("conduct_reported", behaviour=known))


@pytest.mark.rule("R60")
@pytest.mark.parametrize("category", [0, 4, "1", None])
def test_accountability_has_three_categories(category: object) -> None:
    assert len(faults("accountability_decided", category=category)) == 1


@pytest.mark.rule("R60")
@pytest.mark.parametrize("day", [20261224, "2026-12-24T00:00:00Z", "24.12.2026", "2026-02-30", AT, 1.5, ""])
def test_a_day_is_written_out(day: object) -> None:
    assert len(faults("accountability_decided", category=1, action_due_on=day)) == 1
    fact = parse_fact(said("accountability_decided", category=1, action_due_on=date(2026, 12, 24)))
    assert isinstance(fact, AccountabilityDecided)
    assert fact == parse_fact(said("accountability_decided", category=1, action_due_on="2026-12-24"))


@pytest.mark.parametrize("incident_id", ["a/b", "../a", ".a", "-a", "", "a" * 65, "a b", "a\n", "ａ", 7])
def test_an_incident_id_has_no_slash_space_or_line_end(incident_id: object) -> None:
    assert len(faults("member_joined", incident_id=incident_id)) == 1
    assert len(faults("converted_to_group_event", group_id=incident_id)) == 1


@pytest.mark.parametrize("by", ["a/b", "", " a", "a" * 101, "a\n", "王小明", 7])
def test_who_says_it_is_an_id(by: object) -> None:
    assert len(refused(parse_fact, {"kind": "noted", "text": "x", "by": by})) == 1


def test_systems_speak_by_their_id_too() -> None:
    assert parse_fact({"kind": "noted", "text": "x", "by": "system:crm"}).by == "system:crm"


@pytest.mark.rule("R43")
def test_a_report_is_at_most_32_kb_in_all() -> None:
    whole = {"course": "字" * 8_000, "cause": "x" * (MAX_REPORT - 24_000 - 1_000), "trend": "x" * 1_000}
    fact = parse_fact(said("report_submitted", content=whole))
    assert isinstance(fact, ReportSubmitted)
    too_much = {**whole, "lessons": "x"}
    assert faults("report_submitted", content=too_much) == [
        "content: is longer than 32 kB in all; shorten it, or send the rest as a follow-up report"
    ]


@pytest.mark.rule("R43")
def test_an_unknown_field_of_a_report_is_refused() -> None:
    assert faults("report_submitted", content={"mood": "bad"})[0].startswith("content.mood: is not a field")
    assert faults("report_submitted", report="first") == ["report: must be one of 'initial', 'follow_up' or 'final'"]


@pytest.mark.rule("R35")
def test_an_empty_box_of_a_form_was_not_filled_in() -> None:
    assert parse_fact(said("customer_recorded", name=" ", phone="")) == parse_fact(said("customer_recorded"))
    assert parse_fact(said("customer_recorded", phone=" 13800138000 ")) == parse_fact(
        said("customer_recorded", phone="13800138000")
    )


@pytest.mark.rule("R47")
@pytest.mark.parametrize("number", ["", "  ", None, 7])
def test_an_examined_policy_has_a_number(number: object) -> None:
    assert len(faults("policy_examined", policy_number=number)) == 1


def deep(levels: int) -> dict[str, Any]:
    nested: dict[str, Any] = {}
    for _ in range(levels):
        nested = {"a": nested}
    return nested


@pytest.mark.parametrize(
    "brought",
    [
        {"a": float("nan")},
        {"a": float("inf")},
        {"a": 2**60},
        {"a": {"\ud800": 1}},
        {"a": object()},
        deep(5_000),
        [1],
        "x",
    ],
)
def test_what_a_member_brings_along_can_be_hashed(brought: object) -> None:
    assert len(faults("member_joined", incident_id="GD-1", membership=brought)) == 1
    fact = parse_fact(said("member_joined", incident_id="GD-1", membership={"persons": ["p-1"], "five_at": None}))
    assert isinstance(fact, MemberJoined)
