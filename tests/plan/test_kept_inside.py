"""What Post and Bank owe each other is not read where insurers read along (R29, R57.6; decision 20)."""

import pytest

from plan.occasions import UNDATED_BEFORE_INSURERS
from plan.roster import Role
from plan.wording import variant
from runtime.documents import load_wording
from tests.plan.told import ANHE, LEAD, Day


def hour() -> Day:
    """A crisis, its warnings, its breach and its repeats."""
    day = Day("09:00")
    assert day.tell("10:00", LEAD, "circumstances_reported", media=True).accepted
    day.until("11:30")
    return day


@pytest.mark.rule("R29", "R57.6")
def test_every_notice_of_the_hour_is_confidential_or_can_be_told_without_it() -> None:
    day = hour()
    about = [duty for _, duty in day.duties if duty.clock is not None and duty.clock.name == "outlet_report"]
    assert {"tell.crisis", "warn.outlet_report.1", "breach.outlet_report", "repeat.crisis.1"} <= {d.id for d in about}
    for duty in about:
        assert duty.confidential or ".".join(duty.id.split(".")[:2]) in UNDATED_BEFORE_INSURERS


@pytest.mark.rule("R29", "R43")
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("duty", sorted(UNDATED_BEFORE_INSURERS))
def test_without_the_hour_there_is_a_text_for_everybody(duty: str, lang: str) -> None:
    for role in Role:
        said = variant(load_wording(lang), duty, role, drill=False, ahead=False)
        assert not {"{due}", "{left}", "{late}"} & set(said.split())
        assert "{due}" not in said


@pytest.mark.rule("R29")
def test_what_an_insurer_is_late_with_is_told_in_person() -> None:
    day = Day("09:00")
    assert day.tell("09:10", LEAD, "calming_attempted", outcome="failed").accepted
    day.until("11:00")
    _, breach = next(pair for pair in day.duties if pair[1].id == "breach.insurer_on_scene")
    assert ANHE in breach.recipients
    assert breach.confidential
