"""Who answers for one incident: the chain upwards, and the insurer's people along it (R3-R5, R28, A15)."""

from datetime import UTC, datetime, timedelta

import pytest

from plan.organisation import Level, Side
from plan.roster import Role, Roster, roster
from tests.plan.changed import found, organisation, person

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
T1 = "gd-gz-th-0001"


def people(of: Roster, role: Role, unit: str | None = None) -> list[str]:
    return [each.person for each in of.people if each.role is role and unit in (None, each.unit)]


@pytest.mark.rule("R28")
def test_the_chain_leads_from_the_outlet_to_headquarters() -> None:
    of = roster(organisation(), outlet=T1, unit=None)
    assert [unit.id for unit in of.units] == ["gd-gz-th", "gd-gz", "gd", "hq"]
    assert of.superior is not None
    assert of.superior.id == "gd-gz-th"
    assert [unit.id for unit in of.above("gd-gz")] == ["gd", "hq"]
    assert of.unknown == ()


@pytest.mark.rule("R28", "R44")
def test_an_outlet_straight_under_a_city_has_no_county() -> None:
    of = roster(organisation(), outlet="gd-zh-0001", unit=None)
    assert of.superior is not None
    assert of.superior.id == "gd-zh"
    assert of.unit_at(Level.COUNTY) is None
    assert of.outlet_side is Side.BANK


@pytest.mark.rule("R3", "R4", "R5")
def test_every_group_on_the_way_up_is_there_nearest_first_and_head_first() -> None:
    of = roster(organisation(), outlet=T1, unit=None)
    assert people(of, Role.OUTLET_LEAD) == [f"{T1}.lead"]
    assert people(of, Role.OUTLET_CONTACT) == [f"{T1}.contact"]
    assert people(of, Role.WORK_GROUP)[:4] == ["gd-gz-th.work", "gd-gz-th.work2", "gd-gz.work", "gd-gz.work2"]
    assert people(of, Role.LEADERSHIP_GROUP, "hq") == ["hq.post", "hq.bank"]
    assert people(of, Role.UNIT_CONTACT, "gd") == ["gd.contact"]
    sides = {each.side for each in of.people if each.role is Role.LEADERSHIP_GROUP and each.unit == "gd"}
    assert sides == {Side.POST, Side.BANK}


@pytest.mark.rule("R28")
def test_the_insurers_nearest_contact_comes_first_and_only_its_own() -> None:
    of = roster(organisation(), outlet=T1, unit=None, insurers=("anhe-life",))
    assert people(of, Role.INSURER) == ["anhe-life.gd-gz", "anhe-life.gd", "anhe-life.hq"]
    assert {each.insurer for each in of.people if each.role is Role.INSURER} == {"anhe-life"}
    assert of.insurer_names == {"anhe-life": "安和人寿"}


@pytest.mark.rule("R28")
def test_a_contact_for_one_outlet_is_nearer_than_any_unit() -> None:
    own = {"unit": T1, "person": "anhe-life.gd-zh"}
    of = roster(
        organisation(lambda data: found(data, "insurers", "anhe-life")["contacts"].append(own)),
        outlet=T1,
        unit=None,
        insurers=("anhe-life",),
    )
    assert people(of, Role.INSURER)[0] == "anhe-life.gd-zh"


@pytest.mark.rule("R4", "R24")
def test_a_unit_stands_in_until_the_outlet_is_known() -> None:
    of = roster(organisation(), outlet=None, unit="gd-sz")
    assert [unit.id for unit in of.units] == ["gd-sz", "gd", "hq"]
    assert people(of, Role.OUTLET_LEAD) == []
    assert of.outlet is None


@pytest.mark.rule("R24", "R28")
def test_what_the_organisation_does_not_know_is_named_and_never_refused() -> None:
    of = roster(organisation(), outlet="gd-xx-0001", unit=None, insurers=("nobody-life",))
    assert of.unknown == ("gd-xx-0001", "nobody-life")
    assert of.units == ()
    assert people(of, Role.OPERATOR) == ["operator"]


@pytest.mark.rule("R28")
def test_whoever_has_left_or_is_away_does_not_answer() -> None:
    back = NOW + timedelta(hours=8)
    away = roster(organisation(person("gd.work", absent_until=back.isoformat())), outlet=T1, unit=None)
    (here,) = away.roles_of("gd.work")
    assert not here.answers_at(NOW)
    assert here.answers_at(back)
    (gone,) = roster(organisation(person("gd.work", left=True)), outlet=T1, unit=None).roles_of("gd.work")
    assert not gone.answers_at(back + timedelta(days=365))


@pytest.mark.rule("R29")
def test_a_roster_holds_no_name_number_or_address_of_a_person() -> None:
    known = organisation(person("gd.work", channels=[{"channel": "smtp", "to": "someone@example.org"}]))
    kept = roster(known, outlet=T1, unit=None, insurers=("anhe-life", "zhongtai-life")).model_dump_json()
    assert "someone@example.org" not in kept
    for each in known.persons:
        assert each.name not in kept
        assert str(each.duty_phone) not in kept


def test_systems_come_with_the_kinds_they_may_say() -> None:
    of = roster(organisation(), outlet=T1, unit=None)
    (monitor,) = of.roles_of("system:monitor")
    assert "group_signs_seen" in monitor.kinds
    assert of.roles_of("stranger") == ()
