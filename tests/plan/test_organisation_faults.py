"""What is wrong with an organisation is found before an incident finds it (R3-R5, R20, R28, R29)."""

import pytest

from plan.organisation_faults import organisation_faults
from tests.plan.changed import (
    Change,
    both,
    found,
    in_organisation,
    insurer,
    organisation,
    outlet,
    person,
    playbook,
    unit,
    whole,
)


def said(change: Change) -> list[str]:
    return [str(fault) for fault in in_organisation(change)]


def only(change: Change) -> tuple[tuple[str | int, ...], str]:
    """The one fault: where, and what."""
    (fault,) = in_organisation(change)
    return fault.path, str(fault)


@pytest.mark.rule("R3", "R4", "R5", "R28")
def test_the_sample_organisation_has_no_fault() -> None:
    assert organisation_faults(organisation(), playbook()) == []


@pytest.mark.rule("R28")
def test_a_circle_of_superiors_is_told_once() -> None:
    circle = both(unit("gd-gz", superior="gd-gz-th"), unit("gd-gz-th", superior="gd-gz"))
    path, what = only(circle)
    assert path == ("units", 2, "superior")
    assert what.startswith("gd-gz > gd-gz-th > gd-gz is a circle (R28); ")


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (unit("gd-gz", superior=None), "gd-gz has no superior (R28); name the unit it reports to"),
        (unit("gd-gz", superior="gd-gx"), "gd-gx is not among the units (R28); add it or correct the id"),
        (
            unit("gd-gz", superior="gd-sz"),
            "gd-sz (city) is not above gd-gz (city) (R28); name a unit of a higher level",
        ),
        (unit("hq", superior="gd"), "hq > gd > hq is a circle (R28); correct one superior"),
        (outlet("gd-zh-0001", superior="gd-zz"), "gd-zz is not among the units (R28); name the unit that gd-zh-0001"),
        (outlet("gd-zh-0001", superior="gd-gz-th-0001"), "gd-gz-th-0001 is an outlet (R28); name the unit that"),
    ],
)
def test_every_unit_and_outlet_has_a_superior_that_exists_and_stands_above(change: Change, what: str) -> None:
    assert any(fault.startswith(what) for fault in said(change))


@pytest.mark.rule("R45")
def test_an_outlet_needs_a_province_above_it() -> None:
    path, what = only(outlet("gd-zh-0001", superior="hq"))
    assert path == ("outlets", 3, "superior")
    assert what.startswith("there is no province above gd-zh-0001 (R45); ")


@pytest.mark.rule("R45")
def test_there_is_one_headquarters_and_no_more() -> None:
    assert any(what.startswith("is a second headquarters beside hq") for what in said(unit("gd-zh", level="hq")))
    without = said(unit("hq", level="province"))
    assert any(what.startswith("there is no headquarters (R45)") for what in without)


@pytest.mark.rule("R4", "R28")
@pytest.mark.parametrize("known", ["hq", "gd", "gd-gz", "gd-gz-th"])
def test_every_unit_has_a_work_group(known: str) -> None:
    _, what = only(unit(known, work_group=[]))
    assert what == f"{known} has no work group (R28); name its head and a deputy"


@pytest.mark.rule("R3")
@pytest.mark.parametrize("known", ["hq", "gd", "gd-gz", "gd-gz-th"])
@pytest.mark.parametrize(("kept", "missing"), [("post", "bank"), ("bank", "post")])
def test_a_leadership_group_has_somebody_of_each_side(known: str, kept: str, missing: str) -> None:
    _, what = only(unit(known, leadership_group=[f"{known}.{kept}"]))
    assert what == f"the leadership group of {known} has nobody of the side {missing} (R3); name one"


@pytest.mark.rule("R3")
def test_a_leader_without_a_side_stands_for_nobody() -> None:
    assert any(what.startswith("gd.post has no side (R3); ") for what in said(person("gd.post", side=None)))


@pytest.mark.rule("R5")
@pytest.mark.parametrize("change", [unit("gd", contacts=[]), outlet("gd-zh-0001", contacts=[])])
def test_no_designated_contact_is_too_few(change: Change) -> None:
    _, what = only(change)
    assert "has 0 designated contacts" in what
    assert "name 1 to 2" in what


@pytest.mark.rule("R5")
def test_two_contacts_are_enough_and_three_too_many() -> None:
    two = ["gd.contact", "gd.work"]
    assert in_organisation(unit("gd", contacts=two)) == []
    _, what = only(unit("gd", contacts=[*two, "gd.work2"]))
    assert "gd has 3 designated contacts" in what


@pytest.mark.rule("R5")
def test_a_contact_who_has_left_does_not_count() -> None:
    path, what = only(person("gd.contact", left=True))
    assert path == ("units", 1, "contacts")
    assert "gd has 0 designated contacts" in what


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("change", "what"),
    [
        (person("gd-gz-th-0001.lead", left=True), "gd-gz-th-0001.lead has left and gd-gz-th-0001 has no other lead"),
        (
            both(person("gd.work", left=True), person("gd.work2", left=True)),
            "everybody in the work group of gd has left",
        ),
        (person("gd.post", left=True), "whoever stood for the side post in the leadership group of gd has left"),
        (person("operator", left=True), "every operator has left"),
        (person("anhe-life.hq", left=True), ""),
    ],
)
def test_nobody_who_has_left_is_the_only_one_to_answer(change: Change, what: str) -> None:
    faults = said(change)
    assert any(fault.startswith(what) for fault in faults) if what else faults == []


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    "change",
    [
        unit("gd", work_group=["gd.work", "ghost"]),
        unit("gd", leadership_group=["gd.post", "gd.bank", "ghost"]),
        unit("gd", contacts=["gd.contact", "ghost"]),
        outlet("gd-zh-0001", lead="ghost"),
        outlet("gd-zh-0001", contacts=["ghost"]),
        insurer("anhe-life", contacts=[{"unit": "gd", "person": "ghost"}]),
        whole(operators=["operator", "ghost"]),
    ],
)
def test_whoever_is_named_is_among_the_persons(change: Change) -> None:
    _, what = only(change)
    assert what == "ghost is not among the persons (R28); add them or correct the id"


@pytest.mark.rule("R28")
@pytest.mark.parametrize("part", ["units", "outlets", "insurers", "persons", "systems"])
def test_an_id_stands_for_one_thing(part: str) -> None:
    faults = said(lambda data: data[part].append(data[part][-1]))
    assert any("stands here a second time" in what for what in faults)


@pytest.mark.rule("R28")
def test_a_unit_and_an_outlet_may_not_share_an_id() -> None:
    faults = said(outlet("gd-zh-0001", id="gd-sz"))
    assert any(what.startswith("gd-sz stands here a second time") for what in faults)


@pytest.mark.rule("R28")
def test_an_insurer_has_somebody_at_or_above_every_outlet() -> None:
    path, what = only(insurer("anhe-life", contacts=[{"unit": "gd-gz", "person": "anhe-life.gd-gz"}]))
    assert path == ("insurers", 0, "contacts")
    assert what.startswith("anhe-life has no contact for gd-sz-ns-0001, gd-zh-0001 (R28); ")


@pytest.mark.rule("R28")
def test_an_insurer_may_name_somebody_for_a_single_outlet() -> None:
    more = {"unit": "gd-zh-0001", "person": "anhe-life.gd-zh"}
    assert in_organisation(lambda data: found(data, "insurers", "anhe-life")["contacts"].append(more)) == []


@pytest.mark.rule("R28")
def test_an_insurers_contact_stands_for_a_place_that_exists() -> None:
    faults = said(lambda data: found(data, "insurers", "anhe-life")["contacts"][0].update(unit="gd-zz"))
    assert faults == ["gd-zz is no unit or outlet (R28); add it or correct the id"]


@pytest.mark.rule("R20")
@pytest.mark.parametrize(
    "change",
    [
        unit("gd", work_group=["anhe-life.gd", "gd.work2"]),
        outlet("gd-zh-0001", contacts=["anhe-life.gd"]),
        person("anhe-life.gd", side="post"),
    ],
)
def test_nobody_decides_for_the_insurer_and_for_post_or_bank(change: Change) -> None:
    _, what = only(change)
    assert what.startswith("anhe-life.gd stands for anhe-life and for Post or Bank as well (R20); ")


def test_a_system_may_state_known_kinds_only() -> None:
    path, what = only(lambda data: data["systems"][0].update(kinds=["circumstances_reported", "shouted"]))
    assert path == ("systems", 0, "kinds", 1)
    assert what == "shouted is not a kind of fact; `tocsin schema fact` lists them"


@pytest.mark.rule("R32")
def test_a_system_may_raise_an_alert_and_not_lift_it() -> None:
    assert said(lambda data: data["systems"][0].update(kinds=["circumstances_reported", "alert_raised"])) == []
    (what,) = said(lambda data: data["systems"][0].update(kinds=["alert_lifted"]))
    assert what.startswith("alert_lifted is for people to say (R29); a system may say circumstances_reported, ")


def test_a_system_may_not_state_what_is_for_people_to_say() -> None:
    path, what = only(lambda data: data["systems"][0].update(kinds=["insurer_decided"]))
    assert path == ("systems", 0, "kinds", 0)
    assert what.startswith("insurer_decided is for people to say (R29); a system may say circumstances_reported, ")


def test_only_tocsin_itself_is_tocsin() -> None:
    assert any(
        "speaks from within only" in what for what in said(lambda data: data["systems"][0].update(id="system:tocsin"))
    )


@pytest.mark.parametrize("version", ["../2026", "2026/11", ".hidden", "二〇二六", ""])
def test_a_version_is_a_name_that_leads_nowhere_else(version: str) -> None:
    path, _ = only(whole(version=version))
    assert path == ("version",)


def test_every_fault_is_found_at_once() -> None:
    worst = both(
        unit("gd", work_group=[], contacts=[]),
        outlet("gd-zh-0001", lead="ghost"),
        person("gd.post", left=True),
        lambda data: data["systems"][0].update(kinds=["shouted"]),
    )
    assert len(in_organisation(worst)) == 5


@pytest.mark.rule("R29")
def test_a_fault_names_no_person_by_name_or_number() -> None:
    everything = both(
        lambda data: [entry.update(work_group=[], leadership_group=[], contacts=[]) for entry in data["units"]],
        lambda data: [entry.update(left=True, channels=[{"channel": "x", "to": "key=1"}]) for entry in data["persons"]],
    )
    told = "\n".join(said(everything))
    assert told
    for known in organisation().persons:
        assert known.name not in told
        assert str(known.duty_phone) not in told
