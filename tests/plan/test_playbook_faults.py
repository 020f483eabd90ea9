"""What is wrong with a playbook: the plan's numbers, everybody told, nothing confidential astray (R14, R29, R43)."""

from typing import Any

import pytest

from plan.occasions import ALWAYS, DUTIES
from plan.playbook import ClockName
from plan.playbook_faults import playbook_faults
from tests.plan.changed import (
    Change,
    both,
    clock,
    found,
    in_playbook,
    notice,
    organisation,
    person,
    playbook,
    wording,
)

TRIPARTITE = [{"channel": "wecom", "to": "everybody", "secret_env": "WECOM_ALL", "audience": "tripartite"}]


def said(change: Change) -> list[str]:
    return [str(fault) for fault in in_playbook(change)]


def without(part: str, known: str) -> Change:
    return lambda data: data[part].remove(found(data, part, known))


@pytest.mark.rule("R14", "R43", "R45")
def test_the_playbook_that_comes_along_has_no_fault() -> None:
    assert playbook_faults(playbook(), organisation(), [wording("zh"), wording("en")]) == []


@pytest.mark.rule("R43", "R45")
@pytest.mark.parametrize(("known", "limit"), [("outlet_report", "PT1H"), ("province_opinion", "PT24H")])
@pytest.mark.parametrize("within", ["PT59M", "PT90M", "P2D"])
def test_the_plans_own_limits_are_not_for_a_playbook_to_change(known: str, limit: str, within: str) -> None:
    faults = said(both(clock(known, within=within, warnings=[])))
    assert any(
        what.endswith(f"is the plan's own limit ({'R43' if limit == 'PT1H' else 'R45'}); write {limit}")
        for what in faults
    )


@pytest.mark.rule("R43", "R45")
@pytest.mark.parametrize("known", ["outlet_report", "province_opinion"])
def test_the_plans_own_clocks_are_there_and_say_so(known: str) -> None:
    assert any("write statutory: true" in what for what in said(clock(known, statutory=False)))
    assert any(what.startswith(f"{known} is missing (R4") for what in said(without("clocks", known)))


@pytest.mark.rule("R46")
@pytest.mark.parametrize("known", [name for name in ClockName if name not in ("outlet_report", "province_opinion")])
def test_no_configured_target_passes_for_law(known: ClockName) -> None:
    (what,) = said(clock(known, statutory=True))
    assert what.startswith(f"{known} is a configured target, the plan names no limit for it")


@pytest.mark.rule("R2.1", "R5")
@pytest.mark.parametrize(("field", "number"), [("group_of", 6), ("contacts_at_least", 0), ("contacts_at_most", 3)])
def test_five_people_and_one_or_two_contacts_stand(field: str, number: int) -> None:
    (fault,) = in_playbook(lambda data: data["statutory"].update({field: number}))
    assert fault.path == ("statutory", field)


def test_a_warning_comes_after_the_clock_has_started_and_earliest_first() -> None:
    assert any("before the clock starts" in what for what in said(clock("relay", warnings=[{"before": "PT1H"}])))
    wrong = [{"before": "PT10M"}, {"before": "PT30M"}]
    assert any("earliest first" in what for what in said(clock("relay", warnings=wrong)))


@pytest.mark.rule("R9")
@pytest.mark.parametrize(
    ("target", "what"),
    [
        ({"clock": "outlet_report", "insurer": "anhe-life", "within": "PT2H"}, "has no other"),
        ({"clock": "relay", "within": "PT2H"}, "names neither an insurer nor a level"),
        ({"clock": "relay", "insurer": "anhe-lif", "within": "PT2H"}, "did you mean anhe-life?"),
        ({"clock": "relay", "insurer": "nobody", "within": "PT2H"}, "nobody is not in the organisation"),
    ],
)
def test_a_target_is_for_a_configured_clock_and_a_known_insurer(target: dict[str, Any], what: str) -> None:
    faults = in_playbook(lambda data: data.update(targets=[target]), organisation())
    assert any(what in str(fault) for fault in faults)


@pytest.mark.rule("R9")
def test_a_good_target_is_no_fault() -> None:
    target = {"clock": "insurer_on_scene", "insurer": "anhe-life", "level": "city", "within": "PT2H"}
    assert in_playbook(lambda data: data.update(targets=[target]), organisation()) == []
    twice = in_playbook(lambda data: data.update(targets=[target, target]), organisation())
    assert ["a second time" in str(fault) for fault in twice] == [True]


@pytest.mark.parametrize("part", ["clocks", "notices"])
def test_nothing_stands_twice(part: str) -> None:
    assert any("a second time" in what for what in said(lambda data: data[part].append(data[part][0])))


@pytest.mark.rule("R14")
@pytest.mark.parametrize("duty", ALWAYS)
def test_every_occasion_has_somebody_who_is_told(duty: str) -> None:
    (what,) = said(without("notices", duty))
    assert what.startswith(f"there is no notice {duty} (R14); ")


@pytest.mark.rule("R14", "R62")
@pytest.mark.parametrize("name", ClockName)
@pytest.mark.parametrize("kind", ["warn", "breach"])
def test_every_clock_warns_somebody_and_tells_of_its_breach(name: ClockName, kind: str) -> None:
    (what,) = said(without("notices", f"{kind}.{name}"))
    assert what.startswith(f"there is no notice {kind}.{name} (R14); ")


def test_a_clock_without_warnings_needs_no_words_for_one() -> None:
    assert in_playbook(both(clock("relay", warnings=[]), without("notices", "warn.relay"))) == []


def test_a_duty_that_never_comes_up_is_a_slip() -> None:
    (what, *_) = said(notice("tell.media", duty="tell.medias"))
    assert what == "tell.medias is not a duty that ever comes up; did you mean tell.media?"


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("duty", "recipient"),
    [
        ("tell.filed", "receiver.work_group"),
        ("tell.filed", "owing"),
        ("tell.filed", "told.crisis"),
        ("tell.crisis", "heard.breach"),
        ("prompt.assignment", "outlet.lead"),
        ("prompt.assignment", "insurer.nearest"),
        ("tell.unknown_place", "insurer.next"),
    ],
)
def test_a_recipient_exists_on_the_occasion(duty: str, recipient: str) -> None:
    (what,) = said(lambda data: found(data, "notices", duty)["to"].append(recipient))
    assert what == f"nobody is {recipient} when {duty} comes up (R28); name somebody else"


@pytest.mark.rule("R29", "R62")
@pytest.mark.parametrize("duty", [duty for duty in DUTIES if duty.startswith("breach.")] + ["tell.opinion"])
def test_a_breach_and_an_opinion_are_confidential(duty: str) -> None:
    (what,) = said(notice(duty, confidential=False))
    assert what.startswith(f"{duty} is confidential by its nature (R29); ")


@pytest.mark.rule("R29", "R62")
@pytest.mark.parametrize("duty", ["breach.outlet_report", "breach.province_opinion", "tell.opinion", "breach.relay"])
def test_no_insurer_hears_of_something_confidential(duty: str) -> None:
    (what,) = said(lambda data: found(data, "notices", duty)["to"].append("insurer.nearest"))
    assert what.startswith(f"{duty} is confidential and insurer.nearest is an insurer's (R29); ")


@pytest.mark.rule("R36")
def test_an_insurer_hears_that_its_own_answer_is_late() -> None:
    assert "insurer.nearest" in [str(recipient) for recipient in playbook().notices[0].to]
    rule = playbook().notice("breach.insurer_answer")
    assert rule is not None
    assert rule.confidential
    assert "insurer.nearest" in [str(recipient) for recipient in rule.to]


@pytest.mark.rule("R29", "R62")
@pytest.mark.parametrize(
    ("known", "duty"),
    [
        ("gd-gz-th-0001.lead", "warn.outlet_report"),
        ("gd-gz.work2", "breach.outlet_report"),
        ("gd-gz-th.post", "breach.outlet_report"),
        ("gd.bank", "warn.province_opinion"),
        ("hq.post", "breach.province_opinion"),
        ("anhe-life.gd", "tell.breach_lifted"),
    ],
)
def test_a_playbook_that_would_tell_something_confidential_where_insurers_read_is_found(known: str, duty: str) -> None:
    faults = in_playbook(lambda _: None, organisation(person(known, channels=TRIPARTITE)))
    (fault,) = faults
    assert str(fault).startswith(f"{known} would be told {duty}")
    assert "reached only by chats that insurers read" in str(fault)


@pytest.mark.rule("R29")
def test_one_channel_of_their_own_is_enough() -> None:
    channels = [*TRIPARTITE, {"channel": "outbox"}]
    assert in_playbook(lambda _: None, organisation(person("gd-gz-th-0001.lead", channels=channels))) == []


def test_a_chase_asks_somebody_who_was_told_and_pauses_for_somebody_who_comes() -> None:
    chase = {"of": ["outlet.lead"], "every": "PT10M", "at_most": 3}
    (what,) = said(notice("tell.opinion", chase=chase))
    assert what == "outlet.lead is not told of tell.opinion at all; chase somebody of `to`"
    (what,) = said(lambda data: found(data, "notices", "tell.crisis")["chase"].update(pauses_for="police"))
    assert what.startswith("police is never on the way; write one of insurer, work_group, leadership_group")


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"beside": ["hq.leadership"]}, "hq.leadership is not told of tell.crisis at all; chase somebody of `to`"),
        ({"then": ["outlet.lead"]}, "steps say whom each repeat asks, so that nobody is asked by then"),
        ({"steps": [["outlet.lead"], []]}, "a step names nobody (R14); name somebody or take it out"),
        ({"at_most": 3}, "at_most 3 ends the chase before this step (R14); raise it"),
        ({"steps": [["owing"]]}, "nobody is owing when tell.crisis comes up"),
        ({"wake": ["voise"]}, "voise is no channel; did you mean voice?"),
        ({"wake": ["pager"]}, "pager is no channel; write one of outbox"),
        ({"wake": ["sms", "wecom"]}, "wecom writes into a chat, which wakes nobody; write voice or sms"),
    ],
)
def test_a_ladder_has_steps_that_are_reached_people_and_channels_that_wake(changes: dict[str, Any], what: str) -> None:
    faults = said(lambda data: found(data, "notices", "tell.crisis")["chase"].update(changes))
    assert any(fault.startswith(what) for fault in faults), faults


@pytest.mark.rule("R29")
def test_no_step_of_something_confidential_asks_an_insurer() -> None:
    chase = {"of": ["hq.leadership"], "every": "PT10M", "at_most": 2, "steps": [["hq.leadership"], ["insurer.nearest"]]}
    faults = in_playbook(notice("tell.opinion", chase=chase))
    assert [fault.path[-3:] for fault in faults if "is an insurer's" in str(fault)] == [("chase", "steps", 1)]


@pytest.mark.rule("R14")
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_notice_has_words_in_both_languages(lang: str) -> None:
    mute = wording(lang, lambda data: data["texts"].pop("tell.crisis"))
    (fault,) = playbook_faults(playbook(), None, [mute])
    assert str(fault) == (f"there are no words for tell.crisis in {lang} (R14); write its text in wording/{lang}.yaml")


@pytest.mark.rule("R57")
@pytest.mark.parametrize("owners", [[], ["owing"], ["insurer.nearest"]])
def test_an_item_of_the_checklist_has_an_owner_of_ours(owners: list[str]) -> None:
    (fault,) = in_playbook(lambda data: data["checklist"].update(moved_off_floor=owners))
    assert fault.path == ("checklist", "moved_off_floor")
