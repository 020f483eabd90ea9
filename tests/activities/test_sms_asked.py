"""What became of a short message is asked for where it is not known; it is never sent a second time (R14)."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from activities.channels.contract import (
    Asks,
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnknown,
)
from activities.channels.sms import MOST_PAGES, PAGE, out_id
from activities.http import HTTP
from tests.activities.receiver import Manner, Receiver, Reply
from tests.activities.short_messages import NOTICE, NUMBER, TO, detail, details, form, says, sms


def test_the_channel_can_be_asked(http: HTTP) -> None:
    assert isinstance(sms(http, "http://127.0.0.1:1"), Asks)


@pytest.mark.rule("R14")
async def test_asked_it_looks_for_the_notice_by_its_own_number_and_sends_nothing(
    http: HTTP, receiver: Receiver
) -> None:
    receiver.replies(details(detail(3, "DELIVERED", of="another"), detail(3, "DELIVRD")))

    delivered = await sms(http, receiver.url).ask(NOTICE, TO)

    assert delivered is not None
    assert (delivered.channel, delivered.code, delivered.message_id) == ("sms", "DELIVRD", out_id(NOTICE))
    said = form(receiver.requests[0])
    assert said["Action"] == "QuerySendDetails"
    assert (said["PhoneNumber"], said["SendDate"]) == (NUMBER, "20261124")
    assert (said["PageSize"], said["CurrentPage"]) == (str(PAGE), "1")


@pytest.mark.rule("R14")
async def test_the_number_it_is_asked_for_by_is_the_one_it_was_sent_with(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(says(BizId="1"))

    await sms(http, receiver.url).send(NOTICE, TO)

    assert form(receiver.requests[0])["OutId"] == out_id(NOTICE)
    assert out_id(NOTICE) != out_id(replace(NOTICE, key="k-2"))


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("told", "code"),
    [
        (detail(3), "DELIVERED"),
        (detail("3", "DELIVERED"), "DELIVERED"),
        (detail(1), "OK"),
    ],
)
async def test_what_the_gateway_has_taken_is_delivered(
    http: HTTP, receiver: Receiver, told: dict[str, object], code: str
) -> None:
    """Status 1 says what `OK` would have said: taken, and no receipt yet."""
    receiver.replies(details(told))

    delivered = await sms(http, receiver.url).ask(NOTICE, TO)

    assert delivered is not None
    assert delivered.code == code


@pytest.mark.rule("R14")
async def test_what_the_network_refused_is_refused_with_its_code(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(details(detail(2, "MOBILE_NOT_ON_SERVICE")))

    with pytest.raises(ChannelRefused) as refused:
        await sms(http, receiver.url).ask(NOTICE, TO)

    assert refused.value.code == "MOBILE_NOT_ON_SERVICE"


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    "reply",
    [
        details(),
        details(detail(3, of="another")),
        details(detail(7)),
        says(TotalCount="1"),
        says(SmsSendDetailDTOs=[1]),
        says(SmsSendDetailDTOs={"SmsSendDetailDTO": "none"}),
        says(SmsSendDetailDTOs={"SmsSendDetailDTO": [None, 1]}),
    ],
)
async def test_what_the_gateway_does_not_know_is_not_known(http: HTTP, receiver: Receiver, reply: Reply) -> None:
    receiver.replies(reply)

    assert await sms(http, receiver.url).ask(NOTICE, TO) is None


@pytest.mark.rule("R14")
async def test_it_turns_the_pages_until_they_end(http: HTTP, receiver: Receiver) -> None:
    full = details(*(detail(3, of=f"another {n}") for n in range(PAGE)))
    receiver.replies(full, full, details(detail(3, "DELIVERED")))

    delivered = await sms(http, receiver.url).ask(NOTICE, TO)

    assert delivered is not None
    assert [form(request)["CurrentPage"] for request in receiver.requests] == ["1", "2", "3"]


async def test_it_does_not_turn_pages_for_ever(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(details(*(detail(3, of=f"another {n}") for n in range(PAGE))))

    assert await sms(http, receiver.url).ask(NOTICE, TO) is None
    assert len(receiver.requests) == MOST_PAGES


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("at", "asked"),
    [
        (datetime(2026, 11, 24, 15, 59, tzinfo=UTC), ["20261124"]),
        (datetime(2026, 11, 24, 16, 0, tzinfo=UTC), ["20261125", "20261124"]),
        (datetime(2026, 11, 24, 17, 59, tzinfo=UTC), ["20261125", "20261124"]),
        (datetime(2026, 11, 24, 18, 0, tzinfo=UTC), ["20261125"]),
    ],
)
async def test_after_midnight_in_china_it_asks_for_yesterday_too(
    http: HTTP, receiver: Receiver, at: datetime, asked: list[str]
) -> None:
    receiver.replies(details())

    await sms(http, receiver.url, at=at).ask(NOTICE, TO)

    assert [form(request)["SendDate"] for request in receiver.requests] == asked


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("reply", "raised"),
    [
        (says("isp.SYSTEM_ERROR"), ChannelUnknown),
        (says("isp.RAM_PERMISSION_DENY"), ChannelMisconfigured),
        (says("Throttling.User", 400), ChannelBusy),
        (Reply(502), ChannelUnknown),
        (Reply(manner=Manner.DROP), ChannelUnknown),
    ],
)
async def test_where_it_cannot_be_asked_it_stays_unknown(
    http: HTTP, receiver: Receiver, reply: Reply, raised: type[ChannelError]
) -> None:
    receiver.replies(reply)

    with pytest.raises(raised) as failed:
        await sms(http, receiver.url).ask(NOTICE, TO)

    assert type(failed.value) is raised


async def test_where_nobody_listens_it_stays_unknown(http: HTTP) -> None:
    with pytest.raises(ChannelUnknown):
        await sms(http, "http://127.0.0.1:1").ask(NOTICE, TO)
