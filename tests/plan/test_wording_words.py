"""What a text may use is there when it is told: whole days are played, and every notice is read (R14, R29, R43)."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.duties import Duty
from plan.hearers import chased, hearers
from plan.incident import Notice
from plan.roster import Role
from plan.wording import duty_key, render
from plan.wording_words import STANDING, perhaps_due, surely
from plan.words import words_of
from tests.plan.changed import wording
from tests.plan.moves import Move, a_move, play
from tests.plan.test_random_days import STEADY
from tests.plan.told import ANHE, COUNTY, LEAD, PROVINCE, RULES, Day, record_of

POST = "gd-gz-th.post"
GAP = "∅"
GAPS = [
    wording(lang, lambda data: data["missing"].update(dict.fromkeys(("due", "late", "state", "level", "number"), GAP)))
    for lang in ("zh", "en")
]
"""The wordings, in which a word that is missing shows."""


class Read(Day):
    """A day whose notices are written down as they are begun: the duty's name, and the words it has."""

    written: list[tuple[str, Mapping[str, str]]]

    def _look(self) -> None:
        self.written = getattr(self, "written", [])
        while started := self.book.look(self.now):
            for duty, notices in started:
                self.duties.append((self.now, duty))
                for notice in notices:
                    self._write(duty, notice)
                    self._deliver(notice)

    def _write(self, duty: Duty, notice: Notice) -> None:
        self.written.append((duty.id, words_of(self.incident, duty, notice, self.now)))


def long_day() -> Read:
    """Everything goes wrong and then right again; nobody acknowledges, somebody cannot be reached."""
    day = Read("09:00", channel="regulator", unreachable=[f"{LEAD[:-5]}.contact", ANHE], outlet=LEAD[:-5])
    day.tell("09:10", LEAD, "calming_attempted", outcome="not_persuaded")
    record_of(day)
    day.tell("09:20", LEAD, "handed_to_insurer", due_at="at:09:50")
    day.tell("10:00", LEAD, "calming_attempted", outcome="failed")
    day.tell("10:30", LEAD, "group_signs_seen")
    day.tell("10:40", ANHE, "on_the_way", party="insurer", expected_at="at:11:10")
    day.tell("10:41", COUNTY, "on_the_way", party="work_group")
    day.tell("11:00", LEAD, "circumstances_reported", headcount=6, media=True)
    day.tell("13:00", COUNTY, "circumstances_reported", disrupts_outlet=True, known_at="at:10:50")
    day.tell("14:00", LEAD, "report_submitted", content={"course": "一句话。"})
    day.tell("18:00", COUNTY, "report_submitted", content={"course": "一句话。"})
    day.tell("19:00", ANHE, "insurer_decided", decision="x")
    day.until("D+3 10:00")
    day.tell("D+3 11:00", PROVINCE, "handling_opinion_submitted", opinion="x")
    day.tell("D+3 12:00", POST, "stood_down", reason="x")
    day.tell("D+3 13:00", COUNTY, "resolved", summary="x")
    return day


STANDS_IN_WELL = {"unreached", "left"}
"""At the last instant nothing is left, and of a place that nobody knows there is no name."""


def held(written: list[tuple[str, Mapping[str, str]]]) -> set[str]:
    """Each notice has the words its texts may use; the duties that were told."""
    for duty, words in written:
        key = duty_key(duty)
        assert not surely(key) - STANDING - STANDS_IN_WELL - words.keys(), duty
        assert "due" not in words or "due" in surely(key) or perhaps_due(key), duty
    return {duty_key(duty) for duty, _ in written}


@pytest.mark.rule("R14", "R43")
def test_over_a_long_day_every_text_has_its_words() -> None:
    told = held(long_day().written)
    assert {"tell.crisis", "repeat.crisis", "breach.outlet_report", "warn.relay", "tell.on_the_way"} <= told
    assert {"tell.undelivered", "breach.insurer_answer", "tell.anchor_moved", "prompt.final_report"} <= told


@pytest.mark.rule("R14")
@settings(STEADY, max_examples=25)
@given(st.lists(a_move(), min_size=8, max_size=20))
def test_whatever_is_said_every_text_has_its_words(moves: list[Move]) -> None:
    day = Read("09:00")
    for move in moves:
        play(day, move)
    held(day.written)
    reads_well(day.written)


@pytest.mark.rule("R14", "R29")
def test_over_a_long_day_no_text_shows_that_a_time_is_missing() -> None:
    reads_well(long_day().written)


def reads_well(written: list[tuple[str, Mapping[str, str]]]) -> None:
    for duty, words in written:
        for known in GAPS:
            text = render(known, duty, words, drill=False)
            assert GAP not in text, (duty, text)


@pytest.mark.rule("R28")
def test_who_takes_over_reads_whom_a_notice_did_not_reach_and_in_a_chat_who_is_meant() -> None:
    told = [words for duty, words in long_day().written if duty.startswith("tell.undelivered")]
    taken_over = {(words["recipient_unit"], words["unreached"]) for words in told if "unreached" in words}
    assert ("天河区分公司", "云杉路营业所") in taken_over
    assert ("安和人寿", "安和人寿") in taken_over


@pytest.mark.rule("R14")
def test_whom_the_playbook_says_a_notice_can_reach_are_those_it_reaches() -> None:
    rules = {notice.duty: notice for notice in RULES.notices}
    for duty, words in long_day().written:
        what, _, about = duty_key(duty).partition(".")
        role = Role(words["role"])
        if what == "repeat":
            of = rules.get(f"tell.{about}") or rules[f"prompt.{about}"]
            assert role in chased(RULES, of), duty
        else:
            assert role in hearers(RULES, rules[f"{what}.{about}"]), duty
