"""A mailbox without a server: whose turn it is, what keeps its words, who is told what (R14, R29)."""

from collections import Counter
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plan.channels import MANNERS, Manner, Rate
from plan.digest import Written
from plan.mail import HELD_TOO_LONG, Mail
from plan.mail_state import MailState, Parcel
from plan.orders import URGENT, Delivered, DeliveryOrder, Letter, Outcome, Trouble
from plan.turns import MARGIN, free_at
from plan.values import UTC
from runtime.names import CRISIS_PRIORITY, IMPORT_PRIORITY, USUAL_PRIORITY

NOW = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
WECOM = MANNERS["wecom"]
YES = Delivered(channel="wecom", code="0")
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def letter(
    number: int,
    *,
    crisis: bool = True,
    drill: bool = False,
    lang: str = "zh",
    patience: timedelta = timedelta(minutes=10),
) -> Letter:
    incident = f"GD-{number}"
    order = DeliveryOrder(
        key=f"{incident}/tell.crisis~x/wecom",
        incident_id=incident,
        duty="tell.crisis",
        recipient="x",
        channel="wecom",
        drill=drill,
        now=NOW,
    )
    text = f"【请马上报告】{incident} 在某某营业所，请在 10:45 前报上级机构：出了什么事、多少人，一两句就行。"
    return Letter(
        order=order,
        written=Written(text=text * 2, line=f"【请马上报告】{incident} 某某营业所", lang=lang),
        workflow_id=f"incident/{incident}",
        priority=CRISIS_PRIORITY if crisis else USUAL_PRIORITY,
        give_up_after=patience,
    )


class Box:
    """A mailbox whose robot answers at once as it is told to; time stands still but for `pass_`."""

    def __init__(self, manner: Manner = WECOM) -> None:
        self.mail, self.now = Mail(MailState(manner=manner)), NOW
        self.sent: list[tuple[datetime, Parcel]] = []
        self.told: list[Outcome] = []

    def post(self, *letters: Letter) -> None:
        for each in letters:
            self.mail.post(each, self.now)

    def look(self) -> Parcel | None:
        parcel = self.mail.look(self.now)
        for outcomes in self.mail.to_tell().values():
            self.told += outcomes
        return parcel

    def send(self) -> Parcel | None:
        """One message that is taken."""
        if (parcel := self.look()) is not None:
            self.sent.append((self.now, parcel))
            self.mail.delivered(YES, self.now)
        return parcel

    def send_all(self) -> None:
        while self.send():
            pass
        self.look()

    def fail(self, **trouble: object) -> Parcel:
        parcel = self.look()
        assert parcel is not None
        self.mail.failed("ChannelUnavailable: away", Trouble.model_validate(trouble), self.now)
        self.look()
        return parcel

    def pass_(self, time: timedelta) -> None:
        self.now += time

    def to_the_next_instant(self) -> None:
        at = self.mail.next_instant(self.now)
        assert at is not None
        self.now = at

    def outcomes(self, number: int) -> list[str]:
        mine = [each for each in self.told if each.key.startswith(f"GD-{number}/")]
        return [
            "delivered" if o.delivered else "held" if o.held_until else "again" if o.again else "failed" for o in mine
        ]

    def named(self, number: int) -> bool:
        return any(f"GD-{number} " in parcel.text for _, parcel in self.sent)


def test_the_priority_of_a_crisis_is_one_number_everywhere() -> None:
    assert URGENT == CRISIS_PRIORITY < USUAL_PRIORITY < IMPORT_PRIORITY


# -- at once -----------------------------------------------------------------------------------------------------------


def test_what_the_rate_allows_goes_at_once_alone_under_its_own_key() -> None:
    box = Box()
    box.post(letter(1))
    parcel = box.send()
    assert parcel is not None
    assert (parcel.key, parcel.text) == (letter(1).order.key, letter(1).written.text)
    box.look()
    assert box.outcomes(1) == ["delivered"]
    assert box.told[0].delivered == YES


def test_what_came_while_a_message_was_on_its_way_goes_together_in_the_next() -> None:
    box = Box()
    box.post(letter(1))
    first = box.look()
    box.post(letter(2), letter(3))
    assert box.look() is None, "one at a time"
    box.mail.delivered(YES, box.now)
    second = box.send()
    assert first is not None
    assert second is not None
    assert [len(first.numbers), len(second.numbers)] == [1, 2]
    assert second.key.startswith("digest/")
    assert "GD-2" in second.text
    assert "GD-3" in second.text


# -- whose turn --------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
def test_a_crisis_overtakes_and_shares_no_message_with_anything_else() -> None:
    box = Box()
    box.post(letter(1, crisis=False), letter(2, crisis=False), letter(3), letter(4))
    box.send_all()
    assert [parcel.numbers for _, parcel in box.sent] == [(3, 4), (1, 2)]


@pytest.mark.rule("R11")
def test_a_drill_and_a_real_notice_never_share_a_message_nor_do_languages() -> None:
    box = Box()
    box.post(letter(1), letter(2, drill=True), letter(3, lang="en"), letter(4), letter(5, drill=True))
    box.send_all()
    assert [parcel.numbers for _, parcel in box.sent] == [(1, 4), (2, 5), (3,)]


@pytest.mark.rule("R14")
def test_reminders_leave_a_part_of_the_rate_to_a_crisis() -> None:
    box = Box()
    for number in range(1, 30):
        box.post(letter(number, crisis=False))
        box.send()
    assert len(box.sent) == 18 - 6
    for number in range(30, 60):
        box.post(letter(number))
        box.send()
    assert len(box.sent) == 18


@pytest.mark.rule("R14")
def test_two_hundred_crises_at_once_go_in_few_messages_and_all_are_named() -> None:
    box = Box()
    box.post(*(letter(number) for number in range(1, 201)))
    box.send_all()
    assert len(box.sent) <= 12
    assert all(box.named(number) for number in range(1, 201))
    assert all(box.outcomes(number) == ["delivered"] for number in range(1, 201))


# -- the rate ----------------------------------------------------------------------------------------------------------


def test_an_attempt_counts_from_its_end_and_a_second_longer_than_the_service_says() -> None:
    two = Manner(rates=(Rate(at_most=2, within=MINUTE),))
    ends = [NOW, NOW + 5 * SECOND]
    assert free_at(ends[:1], two, NOW, urgent=True) == NOW
    assert free_at(ends, two, NOW + 6 * SECOND, urgent=True) == NOW + MINUTE + MARGIN


def test_of_two_rates_the_later_counts() -> None:
    feishu = MANNERS["feishu"]
    four = [NOW] * 4
    assert free_at(four, feishu, NOW, urgent=True) == NOW + SECOND + MARGIN
    assert free_at([NOW] * 90, feishu, NOW + 30 * SECOND, urgent=True) == NOW + MINUTE + MARGIN


@pytest.mark.rule("R14")
def test_a_failed_attempt_counts_as_well_but_one_that_never_left_does_not() -> None:
    box = Box(Manner(rates=(Rate(at_most=2, within=MINUTE),)))
    box.post(letter(1))
    box.fail()
    box.pass_(SECOND)
    box.fail()
    box.pass_(10 * SECOND)
    assert box.look() is None
    assert box.mail.next_instant(box.now) == NOW + MINUTE + MARGIN

    other = Box(Manner(rates=(Rate(at_most=1, within=MINUTE),)))
    other.post(letter(1))
    other.fail(tried=False)
    other.pass_(2 * SECOND)
    assert other.send() is not None


# -- held --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
def test_who_must_wait_is_told_until_when_once() -> None:
    box = Box(Manner(rates=(Rate(at_most=1, within=MINUTE),)))
    box.post(letter(1))
    box.send()
    box.post(letter(2))
    box.look()
    box.pass_(20 * SECOND)
    box.look()
    assert box.outcomes(2) == ["held"]
    assert box.told[-1].held_until == NOW + MINUTE + MARGIN
    box.to_the_next_instant()
    assert box.now == NOW + MINUTE + MARGIN
    box.send_all()
    assert box.outcomes(2) == ["held", "delivered"]


@pytest.mark.rule("R14")
def test_who_is_overtaken_by_more_than_a_minute_is_told_again() -> None:
    box = Box(Manner(rates=(Rate(at_most=1, within=2 * MINUTE),)))
    box.post(letter(1))
    box.send()
    box.post(letter(2, crisis=False))
    box.look()
    box.post(letter(3))
    box.look()
    assert box.outcomes(2) == ["held", "held"]
    assert box.told[-1].held_until == NOW + 2 * (2 * MINUTE + MARGIN)


# -- given up ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
def test_whose_turn_would_come_too_late_is_given_up_at_once() -> None:
    box = Box(Manner(rates=(Rate(at_most=1, within=MINUTE),)))
    box.post(letter(1))
    box.send()
    box.post(letter(2, patience=30 * SECOND), letter(3))
    box.look()
    assert box.outcomes(2) == ["failed"]
    assert (box.told[-2].failure or "").startswith(HELD_TOO_LONG)
    assert box.outcomes(3) == ["held"]


@pytest.mark.rule("R14")
def test_what_was_tried_in_vain_is_given_up_when_its_time_is_over_and_says_what_came_last() -> None:
    box = Box()
    box.post(letter(1, patience=5 * SECOND))
    for _ in range(2):
        box.fail(code="-1")
        box.to_the_next_instant()
    box.fail(code="-1")
    box.pass_(4 * SECOND)
    assert box.look() is None
    assert box.outcomes(1) == ["failed"]
    assert (box.told[-1].code, box.told[-1].attempts) == ("-1", 3)
    assert "ChannelUnavailable: away" in (box.told[-1].failure or "")
    assert not box.mail.letters


@pytest.mark.rule("R14")
def test_what_is_taken_after_it_was_given_up_is_told_too() -> None:
    box = Box()
    box.post(letter(1, patience=2 * SECOND), letter(2))
    box.fail()
    box.pass_(2 * SECOND)
    repeated = box.send()
    assert repeated is not None
    assert "GD-1" in repeated.text
    box.look()
    assert box.outcomes(1) == ["failed", "delivered"]
    assert box.outcomes(2) == ["delivered"]


def test_what_the_channel_refuses_fails_for_all_in_the_message() -> None:
    box = Box()
    box.post(letter(1), letter(2))
    box.look()
    box.mail.refused("ChannelRefused: no", Trouble(code="40058"), box.now)
    box.look()
    assert [(each.failure, each.code, each.attempts) for each in box.told] == [("ChannelRefused: no", "40058", 1)] * 2
    assert not box.mail.letters


# -- repeats -----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
def test_a_repeat_keeps_its_letters_its_words_and_its_key_whatever_comes_meanwhile() -> None:
    box = Box()
    box.post(letter(1), letter(2))
    first = box.fail()
    box.post(letter(3))
    box.pass_(SECOND)
    again = box.send()
    assert again is not None
    assert (again.key, again.text, again.numbers) == (first.key, first.text, first.numbers)
    third = box.send()
    assert third is not None
    assert third.numbers == (3,)


@pytest.mark.rule("R14")
def test_what_a_robot_will_not_take_holds_up_nothing_that_came_after_it() -> None:
    box = Box()
    box.post(letter(1))
    box.look()
    box.post(letter(2), letter(3))
    box.mail.failed("ChannelUnavailable: away", Trouble(), box.now)
    box.pass_(SECOND)
    box.send_all()
    assert [parcel.numbers for _, parcel in box.sent] == [(2, 3), (1,)]


def test_after_a_failure_it_rests_longer_and_longer_up_to_half_a_minute() -> None:
    box = Box(Manner(rates=(Rate(at_most=50, within=SECOND),)))
    box.post(letter(1))
    rests: list[timedelta] = []
    for _ in range(8):
        box.fail()
        before = box.now
        box.to_the_next_instant()
        rests.append(box.now - before)
    assert rests == [timedelta(seconds=each) for each in (1, 2, 4, 8, 16, 30, 30, 30)]


@pytest.mark.rule("R14")
def test_a_crisis_does_not_wait_for_the_rest_after_a_reminder_failed() -> None:
    box = Box()
    box.post(letter(1, crisis=False))
    for _ in range(4):
        box.fail()
        box.to_the_next_instant()
    reminder = box.fail()
    box.post(letter(2))
    crisis = box.send()
    assert crisis is not None
    assert crisis.numbers == (2,)
    again = box.send()
    assert again is not None
    assert again.key == reminder.key
    box.post(letter(3))
    box.fail()
    box.post(letter(4))
    assert box.look() is None, "another crisis has just failed"


def test_what_the_robot_asks_for_is_kept_even_by_a_crisis() -> None:
    box = Box()
    box.post(letter(1, crisis=False))
    box.fail(retry_after="PT10M")
    box.post(letter(2, patience=2 * MINUTE))
    assert box.look() is None
    assert box.outcomes(2) == ["failed"], "another way at once"
    assert not box.mail.over(box.now + 9 * MINUTE)


def test_what_never_left_may_be_folded_with_what_comes() -> None:
    box = Box()
    box.post(letter(1))
    box.fail(tried=False)
    box.post(letter(2))
    box.pass_(SECOND)
    parcel = box.send()
    assert parcel is not None
    assert parcel.numbers == (1, 2)


@pytest.mark.rule("R29")
def test_who_must_not_be_told_there_is_taken_out_and_the_others_are_folded_anew() -> None:
    box = Box()
    box.post(letter(1), letter(2), letter(3))
    box.look()
    key = letter(2).order.key
    box.mail.unfit([Outcome(key=key, failure="NoSuchWay: no"), Outcome(key=letter(3).order.key, again=True)], box.now)
    parcel = box.send()
    assert parcel is not None
    assert parcel.numbers == (1,)
    assert "GD-2" not in parcel.text
    box.look()
    assert [box.outcomes(number) for number in (1, 2, 3)] == [["delivered"], ["failed"], ["again"]]
    assert len(box.mail.attempts) == 1


# -- the same letter twice ---------------------------------------------------------------------------------------------


def test_a_letter_posted_twice_goes_once_and_is_told_again_what_became_of_it() -> None:
    box = Box()
    box.post(letter(1), letter(1))
    box.post(letter(1))
    box.send_all()
    box.post(letter(1))
    box.send_all()
    assert len(box.sent) == 1
    assert box.outcomes(1) == ["delivered", "delivered"]


def test_a_letter_whose_address_has_changed_may_come_back() -> None:
    box = Box()
    box.post(letter(1))
    box.look()
    box.mail.unfit([Outcome(key=letter(1).order.key, again=True)], box.now)
    box.post(letter(1))
    box.send_all()
    assert box.outcomes(1) == ["again", "delivered"]


# -- the end, and the next run -----------------------------------------------------------------------------------------


def test_it_is_over_when_nothing_that_was_sent_counts_any_more() -> None:
    box = Box()
    assert box.mail.over(box.now)
    box.post(letter(1))
    assert not box.mail.over(box.now)
    box.send_all()
    assert not box.mail.over(box.now + MINUTE)
    assert box.mail.next_instant(box.now) == box.now + MINUTE + MARGIN
    assert box.mail.over(box.now + MINUTE + MARGIN)


def test_nothing_is_looked_at_while_only_an_answer_can_change_anything() -> None:
    box = Box()
    box.post(letter(1))
    box.look()
    assert box.mail.next_instant(box.now) is None


def test_a_run_hands_everything_to_the_next() -> None:
    box = Box(Manner(rates=(Rate(at_most=2, within=MINUTE),)))
    box.post(letter(1), letter(2))
    box.send()
    box.post(letter(3))
    first = box.fail()
    box.post(letter(4))
    box.look()
    carried = MailState.model_validate_json(box.mail.state.model_dump_json(exclude_none=True))
    box.mail = Mail(carried)
    assert box.mail.state == carried
    box.post(letter(1), letter(3))
    assert box.look() is None
    assert box.outcomes(1) == ["delivered", "delivered"]
    box.to_the_next_instant()
    again = box.send()
    assert again is not None
    assert (again.key, again.text) == (first.key, first.text)


# -- whatever happens --------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.sampled_from(
        ["post", "remind", "drill", "yes", "yes", "away", "lost", "busy", "never", "unfit", "wait", "long"]
    ),
    min_size=20,
    max_size=120,
)


@settings(max_examples=150)
@given(STEPS)
def test_whatever_happens_every_letter_is_settled_no_key_has_two_texts_and_the_rate_is_kept(steps: list[str]) -> None:
    manner = Manner(
        rates=(Rate(at_most=5, within=20 * SECOND), Rate(at_most=2, within=SECOND)), reserved=2, longest=500
    )
    box, tried, texts = Box(manner), list[datetime](), dict[str, str]()
    number = 0
    for step in [*steps, *["yes", "wait"] * 300]:
        parcel = box.mail.sending or box.look()
        if parcel is not None:
            assert texts.setdefault(parcel.key, parcel.text) == parcel.text
        match step:
            case "post" | "remind" | "drill":
                number += 1
                box.post(letter(number, crisis=step != "remind", drill=step == "drill", patience=30 * SECOND))
            case "wait" | "long":
                box.pass_(SECOND if step == "wait" else 25 * SECOND)
            case _ if parcel is not None:
                began = box.now
                box.pass_(timedelta(seconds=0.1))
                tried += [] if step == "unfit" else [began]
                _answer(box, parcel, step)
            case _:
                pass
    box.look()
    assert not box.mail.letters
    told = [each for each in box.told if each.delivered or each.failure]
    assert {each.key for each in told} == {letter(each).order.key for each in range(1, number + 1)}
    assert Counter(each.key for each in told if each.failure).total() <= number
    for rate in manner.rates:
        for first, last in zip(tried, tried[rate.at_most :], strict=False):
            assert last - first > rate.within
    assert all(one <= other for one, other in pairwise(tried))


def _answer(box: Box, parcel: Parcel, step: str) -> None:
    match step:
        case "yes":
            box.mail.delivered(YES, box.now)
        case "away" | "lost":
            box.mail.failed(step, Trouble(), box.now)
        case "busy":
            box.mail.failed(step, Trouble(retry_after=3 * SECOND), box.now)
        case "never":
            box.mail.refused(step, Trouble(), box.now)
        case _:
            first = box.mail.letters[parcel.numbers[0]]
            box.mail.unfit([Outcome(key=first.key, failure="NoSuchWay: no")], box.now)
