"""A feed tells everything that waits, in turn; who does not answer is tried ever more seldom, and nothing forgotten."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plan.events import Cursor
from plan.feeding import (
    AT_ONCE,
    LIMIT,
    LONGEST_REFUSED,
    LONGEST_WAIT,
    MOST_OVER,
    Feed,
    FeedAnswer,
    FeedState,
    Hint,
    Sent,
)

NOW = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)


def _hint(name: str, sequence: int = 1) -> Hint:
    return Hint(incident_id=name, sequence=sequence)


def _whole(cursor: Cursor, upto: int, **more: object) -> Sent:
    return Sent.model_validate(
        {"cursor": cursor.model_copy(update={"sequence": upto}), "events": 1, "whole": True, **more}
    )


def _feed(*hints: Hint) -> Feed:
    feed = Feed(FeedState())
    feed.happened(hints)
    return feed


def test_what_was_told_is_told_no_more_and_what_comes_later_is() -> None:
    feed = _feed(_hint("A", 3))
    (cursor,) = feed.due(NOW)
    feed.answered(FeedAnswer(sent=(_whole(cursor, 3),)), NOW)
    feed.happened([_hint("A", 2), _hint("A", 3)])
    assert feed.due(NOW) == []
    feed.happened([_hint("A", 4)])
    assert [each.sequence for each in feed.due(NOW)] == [3]


def test_a_hint_that_comes_while_its_incident_is_read_is_not_lost() -> None:
    feed = _feed(_hint("A", 3))
    (cursor,) = feed.due(NOW)
    feed.happened([_hint("A", 5)])
    feed.answered(FeedAnswer(sent=(_whole(cursor, 3),)), NOW)
    assert [each.sequence for each in feed.due(NOW)] == [3]


def test_a_hint_in_vain_is_dropped() -> None:
    feed = _feed(_hint("A", 9))
    (cursor,) = feed.due(NOW)
    feed.answered(FeedAnswer(sent=(Sent(cursor=cursor, whole=True),)), NOW)
    assert feed.next_instant(NOW) is None


def test_an_incident_that_does_not_concern_it_leaves_no_cursor() -> None:
    feed = _feed(_hint("A"))
    (cursor,) = feed.due(NOW)
    feed.answered(FeedAnswer(sent=(Sent(cursor=cursor, foreign=True),)), NOW)
    assert (feed.waits, feed.knows) == (0, 0)


@given(failures=st.integers(1, 40))
def test_a_receiver_that_is_down_is_tried_ever_more_seldom_by_one_incident(failures: int) -> None:
    feed, now, waits = _feed(*(_hint(f"I-{n}") for n in range(5))), NOW, list[timedelta]()
    for _ in range(failures):
        turn = feed.due(now)
        assert turn
        feed.answered(FeedAnswer(sent=(Sent(cursor=turn[0], trouble="503", down=True),)), now)
        at = feed.next_instant(now)
        assert at is not None
        assert feed.due(at - timedelta(microseconds=1)) == []
        waits.append(at - now)
        now = at
    assert waits == sorted(waits)
    assert max(waits) <= LONGEST_WAIT
    assert len(feed.due(now)) == 1
    feed.answered(FeedAnswer(sent=(_whole(feed.due(now)[0], 1),)), now)
    assert feed.state.failing_since is None
    assert len(feed.due(now)) == 4


def test_an_event_that_is_refused_holds_up_its_incident_alone_and_at_last_is_given_up() -> None:
    feed = _feed(_hint("A"), _hint("B"))
    first, second = feed.due(NOW)
    feed.answered(FeedAnswer(sent=(Sent(cursor=first, trouble="400"), _whole(second, 1))), NOW)
    assert feed.due(NOW) == []
    now = NOW
    while feed.waits:
        at = feed.next_instant(now)
        assert at is not None
        assert at - now <= LONGEST_REFUSED
        now = at
        (cursor,) = feed.due(now)
        feed.answered(FeedAnswer(sent=(Sent(cursor=cursor, trouble="400"),)), now)
    assert LIMIT < now - NOW <= LIMIT + LONGEST_REFUSED
    assert feed.state.given_up == ("A/1",)
    feed.happened([_hint("A", 2)])
    assert [each.incident_id for each in feed.due(now)] == ["A"], "once something happens in it again"


def test_a_pause_sends_nothing_and_forgets_nothing() -> None:
    feed = _feed(_hint("A"))
    (cursor,) = feed.due(NOW)
    feed.answered(FeedAnswer(sent=(Sent(cursor=cursor),), paused=True), NOW)
    feed.happened([_hint("B")])
    assert feed.due(NOW + LIMIT) == []
    assert feed.next_instant(NOW) is None
    feed = Feed(FeedState.model_validate_json(feed.carried().model_dump_json()))
    feed.wake()
    assert {each.incident_id for each in feed.due(NOW)} == {"A", "B"}


def test_the_receiver_says_when_to_come_back_within_a_bound() -> None:
    for asked, waited in ((30, 30), (10_000, LONGEST_WAIT.total_seconds())):
        feed = _feed(_hint("A"))
        (cursor,) = feed.due(NOW)
        feed.answered(FeedAnswer(sent=(Sent(cursor=cursor, trouble="429", down=True, retry_after=asked),)), NOW)
        assert feed.next_instant(NOW) == NOW + timedelta(seconds=waited)


@given(st.lists(st.integers(0, 30), max_size=60))
def test_everybody_who_waits_gets_a_turn(names: list[int]) -> None:
    feed = _feed(*(_hint(f"I-{name}") for name in names))
    told = set[str]()
    while turn := feed.due(NOW):
        assert len(turn) <= AT_ONCE
        told |= {each.incident_id for each in turn}
        feed.answered(FeedAnswer(sent=tuple(_whole(each, 1) for each in turn)), NOW)
    assert told == {f"I-{name}" for name in names}


def test_of_those_that_are_over_only_so_many_are_remembered() -> None:
    feed = Feed(FeedState())
    for number in range(MOST_OVER + 5):
        feed.happened([_hint(f"I-{number}")])
        (cursor,) = feed.due(NOW)
        feed.answered(FeedAnswer(sent=(_whole(cursor, 1, over=True),)), NOW)
    assert feed.knows == MOST_OVER
