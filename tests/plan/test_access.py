"""Who may do what over HTTP: nothing that was not given, whatever else was (contract, section 9; R20, R29, R57.6)."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.access import (
    OF_A_ROLE,
    Caller,
    Grant,
    Place,
    Scope,
    allowed,
    allowed_somewhere,
    caller_of,
    may_speak_for,
    place_in,
)
from plan.organisation import Organisation
from plan.roster import Role, roster
from plan.visibility import Seat, seat_of
from tests.plan.changed import found, organisation

ORG = organisation()
UNITS = [unit.id for unit in ORG.units]
OUTLETS = [outlet.id for outlet in ORG.outlets]
INSURERS = [insurer.id for insurer in ORG.insurers]
PERSONS = [each.id for each in ORG.persons]
EVERY = frozenset(Scope)
CRM = "system:crm"

scopes = st.frozensets(st.sampled_from(Scope))
grants = st.builds(
    Grant,
    scopes=scopes,
    units=st.lists(st.sampled_from([*UNITS, *OUTLETS, "nowhere"]), max_size=3).map(tuple),
    insurer=st.none() | st.sampled_from([*INSURERS, "other-life"]),
)


def _caller(given: Grant, also: Iterable[Grant] = ()) -> Caller:
    return Caller(id=CRM, scopes=given.scopes, units=given.units, insurer=given.insurer, also=tuple(also))


callers = st.builds(_caller, grants, st.lists(grants, max_size=2))
insurers = st.lists(st.sampled_from([*INSURERS, "other-life"]), max_size=2, unique=True).map(tuple)


@st.composite
def places(draw: st.DrawFn) -> Place:
    """Outlets and units that there are, and some that nobody knows."""
    outlet = draw(st.none() | st.sampled_from([*OUTLETS, "no-such-outlet"]))
    unit = draw(st.none() | st.sampled_from([*UNITS, "no-such-unit"]))
    return place_in(ORG, outlet=outlet, unit=unit, insurers=draw(insurers))


@pytest.mark.rule("R29", "R57.6")
@given(callers, st.sampled_from(Scope), places())
def test_nothing_outside_of_what_was_given_is_ever_allowed(caller: Caller, scope: Scope, place: Place) -> None:
    path = {place.outlet, *place.units} - {None}
    within = [g for g in caller.grants if scope in g.scopes and path & set(g.units)]
    if not any(g.insurer is None or g.insurer in place.insurers for g in within):
        refused = allowed(caller, scope, place)
        assert refused is not None
        assert refused.rule == "R29"
        assert refused.reason
        assert refused.reason_zh


@pytest.mark.rule("R29")
@given(callers, st.sampled_from(Scope), places(), grants)
def test_more_scopes_units_or_insurers_never_take_anything_away(
    caller: Caller, scope: Scope, place: Place, more: Grant
) -> None:
    if allowed(caller, scope, place) is not None:
        return
    wider = (
        caller.model_copy(update={"scopes": caller.scopes | more.scopes}),
        caller.model_copy(update={"units": caller.units + more.units}),
        caller.model_copy(update={"insurer": None}),
        caller.model_copy(update={"also": (*caller.also, more)}),
    )
    for each in wider:
        assert allowed(each, scope, place) is None


@pytest.mark.rule("R29")
@given(grants, st.sampled_from(Scope), places())
def test_an_insurer_never_reaches_anothers_incident(given: Grant, scope: Scope, place: Place) -> None:
    if given.insurer is not None and given.insurer not in place.insurers:
        assert allowed(_caller(given), scope, place) is not None


@pytest.mark.rule("R29")
@given(st.sampled_from(Scope), places(), grants)
def test_without_a_scope_or_without_a_unit_there_is_nothing(scope: Scope, place: Place, given: Grant) -> None:
    nothing = (
        Caller(id=CRM),
        Caller(id=CRM, units=tuple(UNITS)),
        Caller(id=CRM, scopes=EVERY),
        Caller(id=CRM, scopes=EVERY - {scope}, units=tuple(UNITS)),
        _caller(given.model_copy(update={"scopes": given.scopes - {scope}})),
    )
    for each in nothing:
        assert allowed(each, scope, place) is not None
        if not each.scopes or not each.units:
            assert allowed_somewhere(each, scope) is not None


@pytest.mark.rule("R29")
@pytest.mark.parametrize("scope", Scope)
def test_each_scope_opens_itself_and_nothing_else(scope: Scope) -> None:
    only = Caller(id=CRM, scopes=frozenset({scope}), units=("hq",))
    here = place_in(ORG, outlet=OUTLETS[0])
    assert [each for each in Scope if allowed(only, each, here) is None] == [scope]
    assert [each for each in Scope if allowed_somewhere(only, each) is None] == [scope]


@pytest.mark.rule("R29", "R57.6", "R57.7")
@pytest.mark.parametrize("who", PERSONS)
def test_who_may_read_an_incident_is_who_has_a_seat_in_it(who: str) -> None:
    """The two tables agree for everybody, at every place, whatever the insurers."""
    caller = caller_of(ORG, who)
    assert caller is not None
    spots = [*((outlet, None) for outlet in OUTLETS), *((None, unit) for unit in UNITS), ("no-such-outlet", None)]
    for outlet, unit in spots:
        for concerned in ((), ("anhe-life",), ("anhe-life", "zhongtai-life")):
            seat, insurer = seat_of(roster(ORG, outlet=outlet, unit=unit, insurers=concerned).roles_of(who))
            place = place_in(ORG, outlet=outlet, unit=unit, insurers=concerned)
            reads = allowed(caller, Scope.READ, place) is None
            if place.known:
                assert reads == (seat is not Seat.STRANGER), (outlet, unit, concerned)
            else:
                assert reads or seat is Seat.STRANGER
            whole = allowed(caller, Scope.RECORD, place) is None
            assert not whole or seat is Seat.INTERNAL or not place.known
            assert insurer is None or insurer in concerned


@pytest.mark.rule("R57.6")
def test_every_role_has_its_line_and_only_the_inside_reads_whole_records() -> None:
    assert set(OF_A_ROLE) == set(Role)
    inside = {role for role, given in OF_A_ROLE.items() if Scope.RECORD in given}
    assert inside == {Role.WORK_GROUP, Role.LEADERSHIP_GROUP, Role.UNIT_CONTACT, Role.OPERATOR}
    assert not any(Scope.SPEAK in given for given in OF_A_ROLE.values())


def test_an_outlets_lead_reaches_the_outlet_and_nobody_elses() -> None:
    lead = caller_of(ORG, "gd-gz-th-0001.lead")
    assert lead is not None
    assert allowed(lead, Scope.FILE, place_in(ORG, outlet="gd-gz-th-0001")) is None
    assert allowed(lead, Scope.FILE, place_in(ORG, outlet="gd-gz-th-0002")) is not None
    assert allowed(lead, Scope.READ, place_in(ORG, unit="gd-gz-th")) is not None
    assert allowed(lead, Scope.RECORD, place_in(ORG, outlet="gd-gz-th-0001")) is not None


def test_a_work_group_reaches_everything_below_its_unit() -> None:
    work = caller_of(ORG, "gd-gz.work")
    assert work is not None
    assert allowed(work, Scope.READ, place_in(ORG, outlet="gd-gz-th-0002")) is None
    assert allowed(work, Scope.READ, place_in(ORG, unit="gd-gz")) is None
    assert allowed(work, Scope.READ, place_in(ORG, unit="gd")) is not None
    assert allowed(work, Scope.READ, place_in(ORG, outlet="gd-sz-ns-0001")) is not None


def test_headquarters_and_the_operator_reach_everything_and_what_nobody_knows_too() -> None:
    for who in ("hq.work", "operator"):
        caller = caller_of(ORG, who)
        assert caller is not None
        for place in (place_in(ORG), place_in(ORG, outlet=OUTLETS[0]), place_in(ORG, outlet="no-such-outlet")):
            assert allowed(caller, Scope.READ, place) is None
    assert not place_in(ORG, outlet="no-such-outlet").known
    insurer = caller_of(ORG, "anhe-life.hq")
    assert insurer is not None
    assert allowed(insurer, Scope.READ, place_in(ORG, outlet="no-such-outlet", insurers=("anhe-life",))) is not None


def test_the_outlet_that_a_key_names_is_not_found_under_an_unknown_one() -> None:
    key = Caller(id=CRM, scopes=EVERY, units=("no-such-outlet", "no-such-unit"))
    assert allowed(key, Scope.FILE, place_in(ORG, outlet="no-such-outlet")) is not None
    assert allowed(key, Scope.FILE, place_in(ORG, unit="no-such-unit")) is not None


def test_whoever_left_or_was_never_there_is_nobody() -> None:
    gone = _without("gd-gz.work")
    assert caller_of(gone, "gd-gz.work") is None
    assert caller_of(ORG, "nobody") is None
    assert caller_of(ORG, CRM) is None
    assert caller_of(ORG, "") is None


def test_who_is_several_things_may_do_what_each_of_them_may_and_no_mixture() -> None:
    """An outlet's lead who is an insurer's contact for the province too reads no whole record of either."""
    both = _with_contact("anhe-life", "gd", "gd-gz-th-0001.lead")
    caller = caller_of(both, "gd-gz-th-0001.lead")
    assert caller is not None
    assert allowed(caller, Scope.READ, place_in(both, outlet="gd-gz-th-0001")) is None
    elsewhere = place_in(both, outlet="gd-sz-ns-0001", insurers=("anhe-life",))
    assert allowed(caller, Scope.READ, elsewhere) is None
    assert allowed(caller, Scope.READ, elsewhere.model_copy(update={"insurers": ("zhongtai-life",)})) is not None
    assert allowed(caller, Scope.RECORD, elsewhere) is not None


@pytest.mark.rule("R29")
@given(st.sampled_from(PERSONS), st.sampled_from([*PERSONS, CRM, "nobody", "system:tocsin", ""]))
def test_a_person_speaks_for_themself_alone(who: str, by: str) -> None:
    caller = caller_of(ORG, who)
    assert caller is not None
    assert may_speak_for(caller, by, ORG) == (by == who)


@pytest.mark.rule("R20", "R29")
@given(callers, st.sampled_from(PERSONS))
def test_a_system_speaks_only_for_persons_that_lie_within_its_units(caller: Caller, who: str) -> None:
    if not may_speak_for(caller, who, ORG):
        return
    speaker = caller_of(ORG, who)
    assert speaker is not None
    for each in speaker.grants:
        for unit in each.units:
            spot = {"outlet": unit} if unit in OUTLETS else {"unit": unit}
            where = place_in(ORG, **spot, insurers=(each.insurer,) if each.insurer else ())
            assert allowed(caller, Scope.SPEAK, where) is None


def test_a_system_speaks_for_itself_with_tell_and_for_others_with_speak() -> None:
    tells = Caller(id=CRM, scopes=frozenset({Scope.TELL}), units=("gd-gz",))
    speaks = Caller(id=CRM, scopes=frozenset({Scope.SPEAK}), units=("gd-gz",))
    assert may_speak_for(tells, CRM, ORG)
    assert not may_speak_for(speaks, CRM, ORG)
    assert not may_speak_for(tells, "system:hotline", ORG)
    for inside in ("gd-gz.work", "gd-gz-th.work", "gd-gz-th-0001.lead"):
        assert may_speak_for(speaks, inside, ORG)
        assert not may_speak_for(tells, inside, ORG)
    for outside in ("gd.work", "gd-sz.work", "hq.work", "operator", "nobody", "gd-sz-ns-0001.lead"):
        assert not may_speak_for(speaks, outside, ORG)
    assert not may_speak_for(speaks, "gd-gz.work", _without("gd-gz.work"))


@pytest.mark.rule("R20")
def test_only_an_insurers_own_key_speaks_for_its_people() -> None:
    bank = Caller(id=CRM, scopes=EVERY, units=("hq",))
    own = Caller(id=CRM, scopes=EVERY, units=("gd",), insurer="anhe-life")
    assert not may_speak_for(bank, "anhe-life.gd-gz", ORG)
    assert may_speak_for(own, "anhe-life.gd-gz", ORG)
    assert not may_speak_for(own, "zhongtai-life.gd-gz", ORG)
    assert not may_speak_for(own, "anhe-life.hq", ORG)
    assert not may_speak_for(own, "gd-gz.work", ORG)
    assert may_speak_for(bank, "gd-gz.work", ORG)


def _without(who: str) -> Organisation:
    return organisation(lambda data: found(data, "persons", who).update(left=True))


def _with_contact(insurer: str, unit: str, who: str) -> Organisation:
    contact = {"unit": unit, "person": who}
    return organisation(lambda data: found(data, "insurers", insurer)["contacts"].append(contact))
