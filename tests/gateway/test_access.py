"""From what a complaint or an incident says of where it is, to yes, no, or not there (contract, section 9; R29)."""

from dataclasses import dataclass
from typing import Any, cast

import pytest

from plan.access import Caller, Scope, caller_of
from plan.complaint import Complaint
from starter.gateway.parts import Parts
from starter.gateway.permission import (
    THE_WHOLE,
    Named,
    permit,
    permit_somewhere,
    permit_speaker,
    permitted,
    place_of,
)
from starter.gateway.problems import Forbidden
from tests.plan.changed import organisation

ORG = organisation()
CITY = Caller(id="system:crm", scopes=frozenset({Scope.FILE, Scope.READ, Scope.SPEAK}), units=("gd-gz",))


@dataclass(frozen=True)
class _Only:
    """Of the parts only the one that is asked."""

    directory: Any


class _Directory:
    async def organisation(self) -> Any:
        return ORG


PARTS = cast(Parts, _Only(_Directory()))


def test_where_a_complaint_or_an_incident_is_is_what_it_says() -> None:
    filing = {"channel": "outlet", "reason": "x"}
    said = Complaint.model_validate({**filing, "outlet": "gd-gz-th-0001", "insurer": "anhe-life"})
    assert place_of(said) == Named("gd-gz-th-0001", None, ("anhe-life",))
    assert place_of(Complaint.model_validate({**filing, "unit": "gd-gz"})) == Named(None, "gd-gz", ())
    group = {"scene": "gd-gz-th-0001", "outlet": None, "insurer": None, "insurers": ["anhe-life", "zhongtai-life"]}
    assert place_of(group) == Named("gd-gz-th-0001", None, ("anhe-life", "zhongtai-life"))
    assert place_of({"province": "gd", "insurer": "anhe-life", "insurers": ["anhe-life"]}) == Named(
        None, "gd", ("anhe-life",)
    )
    assert place_of({}) == THE_WHOLE
    assert place_of({"outlet": 7, "insurers": "anhe-life"}) == THE_WHOLE


@pytest.mark.rule("R29")
async def test_what_is_not_allowed_is_forbidden_with_the_rule_and_what_to_do() -> None:
    await permit(PARTS, CITY, Scope.FILE, Named("gd-gz-th-0001"))
    assert await permitted(PARTS, CITY, Scope.READ, Named(None, "gd-gz-th"))
    for scope, place in ((Scope.FILE, Named("gd-sz-ns-0001")), (Scope.FILE, THE_WHOLE), (Scope.RECORD, Named("gd-gz"))):
        assert not await permitted(PARTS, CITY, scope, place)
        with pytest.raises(Forbidden) as no:
            await permit(PARTS, CITY, scope, place)
        assert no.value.rule == "R29"
        assert "操" in str(no.value) or "管" in str(no.value)
        assert "Ask the operator" in str(no.value)


async def test_a_list_is_refused_to_whom_nothing_of_it_could_be_shown() -> None:
    permit_somewhere(CITY, Scope.READ)
    for caller in (CITY, Caller(id="system:crm", scopes=frozenset(Scope)), Caller(id="gd.work")):
        with pytest.raises(Forbidden):
            permit_somewhere(caller, Scope.FIGURES)


@pytest.mark.rule("R20", "R29")
async def test_whom_one_speaks_for_is_judged_before_the_plan_is_asked() -> None:
    await permit_speaker(PARTS, CITY, "gd-gz-th.work")
    person = caller_of(ORG, "gd-gz.work")
    assert person is not None
    await permit_speaker(PARTS, person, "gd-gz.work")
    for caller, by in ((CITY, "gd.work"), (CITY, "system:crm"), (CITY, "anhe-life.gd-gz"), (person, "gd-gz.work2")):
        with pytest.raises(Forbidden) as no:
            await permit_speaker(PARTS, caller, by)
        assert no.value.rule == "R29"
