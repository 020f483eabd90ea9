"""Who may say what: the contract's table (section 4), against everybody there is, and with the rule that refuses.

`TABLE` is the contract's, row by row in its words; `EVERYBODY` says who stands under which word. Every person is tried
with every kind: nobody whom the row does not name is let through. When a fact may be said is another matter
(`test_guards.py`).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from plan.authority import may_say
from plan.facts import MODELS
from plan.incident import Incident
from plan.malformed import parse_fact
from plan.receipts import Refusal
from plan.told import WITHIN, Told
from tests.plan.samples import MINIMAL
from tests.plan.times import at
from tests.plan.told import ANHE, COUNTY, LEAD, ORGANISATION, T1, T2, ZHONGTAI, Day

CONTACT, GONE = f"{T1}.contact", "gd-gz-th.work2"
UNITS = ("gd-gz-th", "gd-gz", "gd", "hq")
SYSTEMS = ("system:crm", "system:hotline", "system:monitor")
EVERYBODY: dict[str, tuple[str, ...]] = {
    "outlet lead": (LEAD,),
    "outlet": (LEAD, CONTACT),
    "work group": (*(f"{unit}.work" for unit in UNITS), *(f"{unit}.work2" for unit in UNITS if unit != "gd-gz-th")),
    "leadership group": tuple(f"{unit}.{side}" for unit in UNITS for side in ("post", "bank")),
    "contacts": tuple(f"{unit}.contact" for unit in UNITS),
    "province work or leadership group": ("gd.work", "gd.work2", "gd.post", "gd.bank"),
    "province": ("gd.work", "gd.work2", "gd.post", "gd.bank", "gd.contact"),
    "hq leadership group": ("hq.post", "hq.bank"),
    "county": (COUNTY, "gd-gz-th.post", "gd-gz-th.bank", "gd-gz-th.contact"),
    "insurer": (ANHE,),
    "operator": ("operator",),
    "systems": SYSTEMS,
    "nobody": (),
}
"""The contract's words → who stands under them. The county's deputy has left."""
_CHAIN = ("outlet", "work group", "leadership group", "contacts", "insurer")
EVERYBODY["chain"] = tuple(dict.fromkeys(person for word in _CHAIN for person in EVERYBODY[word]))
OTHERS = (
    GONE,  # has left
    "anhe-life.gd",  # a higher contact of the insurer
    ZHONGTAI,  # another insurer's
    f"{T2}.lead",  # another outlet's
    "gd-sz.work",  # another city's
    "somebody",  # nobody knows
    WITHIN,  # claims to be Tocsin, through a door that is not
)
EVERYONE = tuple(dict.fromkeys([*EVERYBODY["chain"], *EVERYBODY["operator"], *SYSTEMS, *OTHERS]))

TABLE: tuple[tuple[str, str, str], ...] = (
    # kind                          who may say it                                              refused under
    ("assigned",                    "work group, operator",                                     "R4"),
    ("calming_attempted",           "outlet, work group",                                       "R16"),
    ("customer_recorded",           "outlet, work group",                                       "R35"),
    ("handed_to_insurer",           "outlet, work group",                                       "R36"),
    ("insurer_due_extended",        "work group",                                               "R36"),
    ("circumstances_reported",      "chain, systems",                                           "R2"),
    ("crisis_declared",             "outlet lead, work group, leadership group",                "R2"),
    ("group_signs_seen",            "chain, systems",                                           "R39"),
    ("report_submitted",            "outlet",                                                   "R43"),
    ("report_submitted by phone",   "outlet, county",                                           "R43"),
    ("report_acknowledged",         "county",                                                   "R43"),
    ("handling_opinion_submitted",  "province work or leadership group",                        "R45"),
    ("opinion_reviewed",            "hq leadership group",                                      "R45"),
    ("regulator_informed",          "province",                                                 "R46"),
    ("police_contacted",            "work group, outlet lead",                                  "R41"),
    ("scene_support_requested",     "outlet, work group",                                       "R22"),
    ("on_the_way insurer",          "insurer",                                                  "R22"),
    ("on_the_way work_group",       "work group",                                               "R22"),
    ("on_the_way leadership_group", "leadership group",                                         "R22"),
    ("arrived_on_scene insurer",    "insurer, outlet",                                          "R22"),
    ("arrived_on_scene work_group", "work group, outlet",                                       "R22"),
    ("arrived_on_scene leadership_group", "leadership group, outlet",                           "R22"),
    ("scene_over",                  "outlet, work group",                                       "R40"),
    ("policy_examined",             "outlet, work group, insurer",                              "R47"),
    ("special_care_flagged",        "outlet, work group",                                       "R52"),
    ("insurer_progressed",          "insurer",                                                  "R23"),
    ("insurer_decided",             "insurer",                                                  "R20"),
    ("line_agreed",                 "insurer, work group",                                      "R29"),
    ("decision_relayed",            "outlet, work group",                                       "R55"),
    ("evidence_collected",          "outlet, work group",                                       "R18"),
    ("checklist_done",              "chain",                                                    "R30"),  # and its owner
    ("media_contacted",             "chain",                                                    "R57.4"),  # who spoke
    ("statement_issued",            "chain",                                                    "R57.5"),  # who spoke
    ("conduct_reported",            "chain",                                                    "R57"),
    ("conduct_found",               "work group",                                               "R56"),
    ("converted_to_group_event",    "outlet lead, work group, leadership group, systems",       "R2.1"),
    ("member_joined",               "systems, work group",                                      "A19"),
    ("member_left",                 "leadership group",                                         "A19"),
    ("repeat_of",                   "nobody",                                                   "R14"),  # but Tocsin
    ("stood_down",                  "leadership group",                                         "A18"),
    ("resolved",                    "work group, insurer, outlet",                              "R20"),  # when calmed
    ("root_cause_recorded",         "work group",                                               "R58"),
    ("accountability_decided",      "leadership group",                                         "R60"),
    ("action_opened",               "work group",                                               "R58"),
    ("action_done",                 "work group",                                               "R58"),  # and its owner
    ("closed",                      "work group",                                               "R58"),
    ("withdrawn",                   "work group",                                               "R58"),
    ("reopened",                    "work group",                                               "R58"),
    ("notice_acknowledged",         "outlet lead",                                              "R14"),  # its recipient
    ("notice_resent",               "work group, operator",                                     "R28"),
    ("rerouted",                    "work group, operator",                                     "R28"),
    ("noted",                       "chain",                                                    "R29"),
)  # fmt: skip

SAID_BY_TOCSIN = (
    "group_signs_seen",
    "converted_to_group_event",
    "member_joined",
    "member_left",
    "repeat_of",
    "rerouted",
)

PARTICULARS: Mapping[str, dict[str, Any]] = {
    "report_submitted": {"from_unit": T1, "to_unit": "gd-gz-th"},
    "report_submitted by phone": {"from_unit": T1, "to_unit": "gd-gz-th", "via": "phone"},
    "report_acknowledged": {"report_fact_id": "r-1"},
    "notice_acknowledged": {"notice_id": f"tell.filed~{LEAD}"},
}


@cache
def incident() -> Incident:
    """An outlet's incident whose county deputy has left, with a report and its notices, and every system let in."""
    persons = [p.model_copy(update={"left": p.id == GONE}) for p in ORGANISATION.persons]
    systems = [system.model_copy(update={"kinds": tuple(MODELS)}) for system in ORGANISATION.systems]
    changed = ORGANISATION.model_copy(update={"persons": tuple(persons), "systems": tuple(systems)})
    day = Day("09:00", organisation=changed)
    day.tell("09:10", LEAD, "report_submitted", fact_id="r-1", content={"course": "x"})
    return day.incident


def verdict(row: str, by: str, *, door: str = "cli", sealed: bool = True) -> Refusal | None:
    kind, _, more = row.partition(" ")
    party = {"party": more} if kind in ("on_the_way", "arrived_on_scene") else {}
    fact = parse_fact({**MINIMAL[kind], **party, **PARTICULARS.get(row, {}), "by": by})
    now = at("10:00")
    return may_say(incident(), Told(fact=fact, fact_id="f", received_at=now, recorded_at=now, door=door, sealed=sealed))


@pytest.mark.rule("R4", "R8", "R20", "R26", "R29")
@pytest.mark.parametrize(("row", "who", "rule"), TABLE, ids=[row for row, _, _ in TABLE])
def test_those_whom_the_table_names_may_say_it_and_nobody_else(row: str, who: str, rule: str) -> None:
    named = {person for word in who.split(", ") for person in EVERYBODY[word]}
    allowed = {by for by in EVERYONE if verdict(row, by) is None}
    assert allowed == named
    refusals = [no for by in EVERYONE if (no := verdict(row, by)) is not None]
    assert {no.rule for no in refusals} == {rule}
    assert all(no.reason and no.reason_zh for no in refusals)


def test_the_table_has_a_row_for_every_kind() -> None:
    assert {row.partition(" ")[0] for row, _, _ in TABLE} == set(MODELS)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("kind", [kind for kind, _, _ in TABLE if " " not in kind])
def test_tocsin_speaks_for_itself_only_through_its_own_sealed_door(kind: str) -> None:
    for door, sealed in (("cli", True), ("tocsin", False), ("temporal", False)):
        assert verdict(kind, WITHIN, door=door, sealed=sealed) is not None
    within = verdict(kind, WITHIN, door="tocsin", sealed=True) is None
    assert within is (kind in SAID_BY_TOCSIN)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("system", SYSTEMS)
def test_a_system_says_the_kinds_that_stand_in_the_organisation_and_no_others(system: str) -> None:
    known = next(each for each in ORGANISATION.systems if each.id == system)
    for kind in ("circumstances_reported", "group_signs_seen", "converted_to_group_event"):
        receipt = Day("09:00").tell("09:10", system, kind, **_needed(kind))
        assert receipt.accepted is (kind in known.kinds)


@pytest.mark.rule("R14")
def test_when_the_nearest_contact_has_left_the_insurers_next_one_speaks_for_it() -> None:
    persons = [p.model_copy(update={"left": p.id == ANHE}) for p in ORGANISATION.persons]
    day = Day("09:00", organisation=ORGANISATION.model_copy(update={"persons": tuple(persons)}))
    assert day.tell("09:10", ANHE, "insurer_decided", decision="x").rule == "R20"
    assert day.tell("09:20", "anhe-life.gd", "insurer_decided", decision="x").accepted


@pytest.mark.rule("R14")
def test_a_contact_for_the_outlet_itself_is_nearer_than_one_for_the_city() -> None:
    anhe = ORGANISATION.insurers[0]
    own = anhe.contacts[0].model_copy(update={"unit": T1, "person": "anhe-life.own"})
    insurers = (anhe.model_copy(update={"contacts": (*anhe.contacts, own)}), ORGANISATION.insurers[1])
    someone = next(p for p in ORGANISATION.persons if p.id == ANHE).model_copy(update={"id": "anhe-life.own"})
    changed = {"insurers": insurers, "persons": (*ORGANISATION.persons, someone)}
    day = Day("09:00", organisation=ORGANISATION.model_copy(update=changed))
    assert "anhe-life.own" in day.told("tell.filed")
    assert day.tell("09:10", ANHE, "insurer_decided", decision="x").rule == "R20"
    assert day.tell("09:20", "anhe-life.own", "insurer_decided", decision="x").accepted


@pytest.mark.rule("R29", "R62")
def test_a_refused_fact_changes_nothing_but_leaves_who_what_and_which_rule() -> None:
    day = Day("09:00")
    before = day.incident
    receipt = day.tell("09:10", COUNTY, "insurer_decided", decision="x")
    assert day.incident == before
    entry = day.book.entries[-1]
    assert (entry.what, entry.by, entry.rule, entry.data["kind"]) == ("refused", COUNTY, "R20", "insurer_decided")
    assert receipt.sequence == entry.sequence
    seen = day.view()["refusals"][-1]
    assert (seen["by"], seen["kind"], seen["rule"]) == (COUNTY, "insurer_decided", "R20")


def _needed(kind: str) -> dict[str, Any]:
    return {name: value for name, value in MINIMAL[kind].items() if name not in ("kind", "by")}
