"""Who is told what: the table of the sample organisation, and who stands in (R4-R6, R14, R17, R28, R42, R45, R62)."""

from datetime import datetime
from typing import Any

import pytest

from plan.notices import unreached, ways
from plan.organisation import Organisation
from plan.roster import Way
from tests.plan.times import at
from tests.plan.told import ANHE, CITY, COUNTY, LEAD, ORGANISATION, PROVINCE, T1, Day, record_of

CONTACT, POST, BANK = f"{T1}.contact", "gd-gz-th.post", "gd-gz-th.bank"
LOCAL, PROVINCIAL, HQ = [POST, BANK], ["gd.post", "gd.bank"], ["hq.post", "hq.bank"]
OF_CRISIS = [LEAD, CONTACT, COUNTY, CITY, PROVINCE, *LOCAL, *PROVINCIAL, ANHE]
COURSE = {"course": "一句话。"}

TABLE: dict[str, list[str]] = {
    "tell.filed": [LEAD, CONTACT, COUNTY, ANHE],
    "tell.not_persuaded": [COUNTY],
    "prompt.customer_record": [LEAD],
    "tell.calming_failed": [ANHE, COUNTY, LEAD],
    "tell.group_signs": [COUNTY, ANHE, *LOCAL],
    "prompt.police": [COUNTY],
    "tell.crisis": OF_CRISIS,
    "prompt.regulator": [PROVINCE],
    "tell.group_event": LOCAL,
    "tell.media": [*LOCAL, *PROVINCIAL, LEAD],
    "warn.outlet_report.1": [LEAD, CONTACT],
    "warn.outlet_report.2": [LEAD, CONTACT, COUNTY],
    "breach.outlet_report": [LEAD, CONTACT, COUNTY, *LOCAL, CITY],
    "tell.report": [COUNTY],
    "warn.province_opinion.1": [PROVINCE, *PROVINCIAL],
    "warn.regulator_report.1": [PROVINCE, *PROVINCIAL],
    "breach.province_opinion": [*PROVINCIAL, *HQ],
    "tell.opinion": HQ,
    "tell.handed_over": [ANHE],
    "warn.insurer_answer.1": [ANHE],
    "breach.insurer_answer": [ANHE, "anhe-life.gd", COUNTY],
    "tell.decided": [LEAD, COUNTY],
    "tell.stood_down": OF_CRISIS,
    "tell.resolved": OF_CRISIS,
}
"""The duties of stories, section 2, in the sample organisation."""


def long_day(organisation: Organisation = ORGANISATION) -> Day:
    """Everything that can be told, told once."""
    day = Day("09:00", organisation=organisation)
    day.tell("09:05", LEAD, "calming_attempted", outcome="not_persuaded")
    day.tell("09:10", LEAD, "calming_attempted", outcome="failed")
    day.tell("09:20", LEAD, "group_signs_seen")
    day.tell("10:00", LEAD, "circumstances_reported", headcount=6, media=True)
    day.tell("11:30", LEAD, "report_submitted", content=COURSE)
    record_of(day)
    day.tell("12:00", LEAD, "handed_to_insurer", due_at="at:D+2 12:00")
    day.tell("D+1 11:00", PROVINCE, "handling_opinion_submitted", opinion="意见")
    day.tell("D+2 13:00", ANHE, "insurer_decided", decision="解释")
    day.tell("D+2 14:00", POST, "stood_down", reason="平息")
    day.tell("D+2 15:00", COUNTY, "resolved")
    return day


def changed(**persons: dict[str, Any]) -> Organisation:
    """The sample organisation with some persons changed."""
    people = [p.model_copy(update=persons.get(p.id, {})) for p in ORGANISATION.persons]
    return ORGANISATION.model_copy(update={"persons": tuple(people)})


@pytest.mark.rule("R4", "R6", "R8", "R14", "R17", "R19", "R35", "R38", "R39", "R41", "R42", "R44", "R45", "R55", "R62")
def test_everybody_is_told_what_the_table_says() -> None:
    day = long_day()
    for duty, people in TABLE.items():
        assert day.told(duty) == people, duty


@pytest.mark.rule("R29", "R57.7")
def test_only_persons_of_the_organisation_are_ever_told() -> None:
    day = long_day()
    persons = {person.id for person in ORGANISATION.persons}
    assert {notice.recipient for notice in day.incident.notices.values()} <= persons


@pytest.mark.rule("R29", "R62")
def test_a_breach_of_reporting_and_an_opinion_are_never_told_to_the_insurer() -> None:
    day = long_day()
    for notice in day.incident.notices.values():
        if notice.duty.startswith(("breach.outlet", "breach.province", "breach.regulator", "breach.relay")):
            assert "anhe" not in notice.recipient, notice.notice_id
    assert all(duty.confidential for _, duty in day.duties if duty.id.startswith(("breach.", "tell.opinion")))


@pytest.mark.rule("R29")
def test_what_is_confidential_skips_a_chat_that_insurers_read() -> None:
    day = long_day()
    chats = (Way(channel="chat", audience="tripartite"), Way(channel="mail"), Way(channel="room", audience="internal"))
    people = [a.model_copy(update={"ways": chats}) for a in day.incident.roster.people]
    roster = day.incident.roster.model_copy(update={"people": tuple(people)})
    incident = day.incident.model_copy(update={"roster": roster})
    notice = day.notice("breach.outlet_report", COUNTY)
    assert ways(incident, notice, confidential=True) == ["mail", "room"]
    assert ways(incident, notice, confidential=False) == ["chat", "mail", "room"]


# Who stands in


def away(until: str = "D+9 00:00") -> dict[str, datetime]:
    return {"absent_until": at(until)}


@pytest.mark.rule("R4", "R5", "R28")
@pytest.mark.parametrize("change", [{"left": True}, away()], ids=["left", "away"])
def test_whoever_left_or_is_away_is_replaced_by_the_deputy(change: dict[str, Any]) -> None:
    day = Day("09:00", organisation=changed(**{COUNTY: change, LEAD: change, ANHE: change, POST: change}))
    assert day.told("tell.filed") == [CONTACT, "gd-gz-th.work2", "anhe-life.gd"]
    day.tell("09:10", CONTACT, "calming_attempted", outcome="not_persuaded")
    assert day.told("prompt.customer_record") == [CONTACT]
    day.tell("09:20", CONTACT, "circumstances_reported", headcount=5)
    assert day.told("tell.group_event") == [BANK]


@pytest.mark.rule("R5")
def test_a_lead_who_is_away_is_stood_in_for_by_the_contact_until_back() -> None:
    day = Day("09:00", organisation=changed(**{LEAD: away("10:00")}))
    day.tell("09:30", LEAD, "calming_attempted", outcome="not_persuaded")
    assert day.told("prompt.customer_record") == [CONTACT]
    day.tell("10:00", LEAD, "calming_attempted", outcome="not_persuaded")
    assert day.told("prompt.customer_record.2") == [LEAD]


@pytest.mark.rule("R28")
def test_when_everybody_of_a_place_is_away_they_are_told_all_the_same() -> None:
    day = Day("09:00", organisation=changed(**{COUNTY: away(), "gd-gz-th.work2": away()}))
    assert COUNTY in day.told("tell.filed")


@pytest.mark.rule("R28")
def test_when_head_and_deputy_have_left_the_next_level_is_told() -> None:
    gone: dict[str, Any] = {"left": True}
    day = Day("09:00", organisation=changed(**{COUNTY: gone, "gd-gz-th.work2": gone}))
    assert day.told("tell.filed") == [LEAD, CONTACT, CITY, ANHE]


@pytest.mark.rule("R28")
def test_when_nobody_can_be_told_the_operator_hears_of_it_at_once() -> None:
    gone: dict[str, Any] = {"left": True}
    day = Day("09:00", organisation=changed(**{LEAD: gone, CONTACT: gone}))
    day.tell("09:10", COUNTY, "calming_attempted", outcome="not_persuaded")
    assert day.told("prompt.customer_record") == []
    assert day.told("tell.undelivered") == ["operator"]
    assert day.told_at("tell.undelivered") == "09:10"
    assert day.entries("undelivered")[-1].about == "prompt.customer_record"


@pytest.mark.rule("R28")
def test_without_an_operator_either_it_stays_on_record_and_nothing_turns_in_circles() -> None:
    gone: dict[str, Any] = {"left": True}
    day = Day("09:00", organisation=changed(**{LEAD: gone, CONTACT: gone, "operator": gone}))
    day.tell("09:10", COUNTY, "calming_attempted", outcome="not_persuaded")
    assert {str(entry.about) for entry in day.entries("undelivered")} == {"prompt.customer_record", "tell.undelivered"}


@pytest.mark.rule("R14", "R28")
def test_the_next_in_the_same_place_and_the_level_above_hear_at_once_of_whom_no_channel_reached() -> None:
    for person, instead in (
        (LEAD, [CONTACT, COUNTY]),
        (CONTACT, [COUNTY]),
        (COUNTY, ["gd-gz-th.work2", CITY]),
        (ANHE, ["anhe-life.gd", COUNTY]),
    ):
        day = Day("09:00", unreachable=[person])
        assert day.told("tell.undelivered") == instead, person
        assert unreached(day.incident) == (person,)
        assert day.told_at("tell.undelivered") == "09:00"


@pytest.mark.rule("R28")
def test_when_no_channel_reaches_anybody_it_ends_with_the_operator() -> None:
    everybody = [person.id for person in ORGANISATION.persons]
    day = Day("09:00", unreachable=everybody)
    told = [recipient for duty in day.begun() for recipient in day.told(duty)]
    assert "operator" in told
    assert {notice.state for notice in day.incident.notices.values()} == {"failed"}


@pytest.mark.rule("R28")
def test_after_a_rerouting_the_new_people_are_told_and_old_and_new_version_stand_in_the_record() -> None:
    day = Day("09:00")
    day.reroute(changed(**{COUNTY: {"left": True}}).model_copy(update={"version": "next"}))
    receipt = day.tell("09:10", "operator", "rerouted", unit="gd-gz-th", old_version="2026-11", new_version="next")
    assert receipt.accepted
    entry = day.entries("rerouted")[0]
    assert (entry.data["old_version"], entry.data["new_version"]) == ("2026-11", "next")
    assert day.entries("roster_resolved")[-1].data["version"] == "next"
    assert day.told("tell.rerouted") == [LEAD, "gd-gz-th.work2"]
    day.tell("09:20", LEAD, "calming_attempted", outcome="not_persuaded")
    assert day.told("tell.not_persuaded") == ["gd-gz-th.work2"]


# What cannot be known yet


@pytest.mark.rule("R4", "R24", "R35")
def test_without_an_outlet_the_unit_is_told_at_once_and_the_outlet_once_it_is_assigned() -> None:
    day = Day("09:00", unit="gd-gz-th", insurer=None)
    assert day.told("tell.filed") == [COUNTY]
    assert day.told("prompt.assignment") == [COUNTY, "operator"]
    assert "prompt.assignment" in day.owed()
    day.tell("09:10", COUNTY, "assigned", outlet=T1)
    assert day.told("tell.filed") == [COUNTY, LEAD, CONTACT]
    day.tell("09:20", COUNTY, "assigned", insurer="anhe-life")
    assert day.told("tell.filed") == [COUNTY, LEAD, CONTACT, ANHE]
    assert "prompt.assignment" not in day.owed()
    day.until("12:00")
    assert [duty for duty in day.begun("09:20") if duty == "tell.filed"] == []


@pytest.mark.rule("R24", "R28")
def test_an_outlet_that_nobody_knows_is_flagged_to_the_operator_and_never_refused() -> None:
    day = Day("09:00", outlet="xx-0000")
    assert day.told("tell.unknown_place") == ["operator"]
    assert day.view()["outlet"] == "xx-0000"
    assert [owed["what"] for owed in day.view()["outstanding"]] == ["prompt.assignment"], "somebody owes the assignment"
    assert day.tell("09:10", "operator", "assigned", outlet=T1, insurer="nobody-life").accepted
    assert day.told("tell.unknown_place.2") == ["operator"], "another place that nobody knows"
    assert day.tell("09:20", "operator", "assigned", insurer="anhe-life").accepted
    assert ANHE in day.told("tell.filed")
    assert "tell.unknown_place.3" not in day.begun()
    assert day.view()["outstanding"] == []
    known = Day("09:00", unit="gd-gz-th", outlet="xx-0000")
    assert COUNTY in known.told("tell.filed")
