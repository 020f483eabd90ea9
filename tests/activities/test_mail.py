"""One message of a mailbox, and what incidents are told; who may still be told is looked up when it is sent."""

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import names
from activities.channels.contract import Channel, ChannelBusy, ChannelMisconfigured
from activities.channels.null import NullChannel
from activities.mail import MailActivities
from activities.posting import mailbox_of
from plan.errors import Misconfigured
from plan.messages import Bad
from plan.orders import Delivered, DeliveryOrder, Outcome, SendAnswer, SendOrder, SettleOrder
from plan.organisation import Address, Audience, Organisation
from plan.settling import read_outcomes
from runtime.names import SETTLE, workflow_id
from runtime.seals import Keyring
from tests.activities.notices import LEAD, order, organisation, person
from tests.activities.test_deliver import Hangs, Raises

KEYS = Keyring({"k": b"k" * 32}, b"p" * 32)
ROBOT, WORK = "http://127.0.0.1/robot?key=geheim", "gd.work"
TEXT = "【共 2 条，请逐条处理】\n1. 甲\n2. 乙"


def robot(**changed: Any) -> Address:
    return Address.model_validate({"channel": "wecom", "to": ROBOT, "audience": "internal", **changed})


def both(lead: Address | None = None, work: Address | None = None, **more: Any) -> Organisation:
    return organisation(person(LEAD, lead or robot(), **more), person(WORK, work or robot()))


def one(recipient: str = LEAD, **changed: Any) -> DeliveryOrder:
    return order(channel="wecom", recipient=recipient, key=f"T-1/tell.filed~{recipient}/wecom", **changed)


def message(*orders: DeliveryOrder, key: str = "digest/1", mailbox: str = mailbox_of("wecom", ROBOT)) -> SendOrder:
    return SendOrder(channel="wecom", mailbox=mailbox, key=key, text=TEXT, orders=orders or (one(), one(WORK)))


async def send(
    channel: Channel,
    current: Organisation | Callable[[], Organisation],
    asked: SendOrder | None = None,
    *,
    client: Any = None,
    **env: str,
) -> SendAnswer:
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(environment.info, start_to_close_timeout=timedelta(seconds=0.3))
    read = current if callable(current) else lambda: current
    activities = MailActivities(client, KEYS, channels={"wecom": channel}, organisation=read, env=env)
    return await environment.run(activities.send_letters, asked or message())


# -- sent --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14", "R29")
async def test_several_notices_go_out_as_one_message_that_calls_everybody_it_is_for() -> None:
    channel = NullChannel("wecom")

    answer = await send(channel, both(robot(mention="lead"), robot(mention="work")), message(one(), one(WORK), one()))

    [(sent, address)] = channel.sent
    assert (sent.key, sent.text, sent.mentions, address.to) == ("digest/1", TEXT, ("lead", "work"), ROBOT)
    assert (sent.recipient, sent.link) == ("3 recipients", None)
    assert answer.unfit == ()
    assert answer.delivered is not None
    assert (answer.delivered.code, len(answer.delivered.digest)) == ("taken", 64)


async def test_a_notice_alone_is_sent_as_what_it_is() -> None:
    channel = NullChannel("wecom")

    await send(channel, both(), message(one(), key="k-1"))

    [(sent, _)] = channel.sent
    assert (sent.key, sent.incident_id, sent.duty, sent.recipient) == ("k-1", "T-1", "tell.filed", LEAD)


@pytest.mark.rule("R29")
async def test_over_wecom_who_has_no_other_name_is_called_by_the_phone_on_duty_and_elsewhere_not_at_all() -> None:
    current = both()
    persons = [each.model_copy(update={"duty_phone": "138 0000-0001"}) for each in current.persons]
    channel = NullChannel("wecom")

    await send(channel, current.model_copy(update={"persons": tuple(persons)}), message(one()))

    [(sent, _)] = channel.sent
    assert sent.mentions == ("13800000001",)
    assert "138" not in sent.text


async def test_an_address_may_stand_in_the_environment() -> None:
    channel = NullChannel("wecom")

    await send(channel, both(robot(to="", to_env="ROBOT")), ROBOT=ROBOT)

    assert len(channel.sent) == 1


# -- not sent ----------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R28", "R29", "R62")
@pytest.mark.parametrize(
    ("current", "confidential", "found"),
    [
        (both(left=True), False, Outcome(key="", failure=names.PERSON_LEFT)),
        (organisation(person(WORK, robot())), False, Outcome(key="", failure=names.PERSON_LEFT)),
        (both(Address(channel="outbox")), False, Outcome(key="", failure=names.NO_SUCH_WAY)),
        (both(robot(audience="tripartite")), True, Outcome(key="", failure=names.NO_SUCH_WAY)),
        (both(robot(to=ROBOT + "2")), False, Outcome(key="", again=True)),
        (both(robot(to="", to_env="NOWHERE")), False, Outcome(key="", failure=names.CHANNEL_MISCONFIGURED)),
    ],
)
async def test_where_one_must_not_be_told_there_any_more_nothing_is_sent_and_that_one_is_named(
    current: Organisation, confidential: bool, found: Outcome
) -> None:
    channel = NullChannel("wecom")

    answer = await send(channel, current, message(one(confidential=confidential), one(WORK)))

    assert channel.sent == []
    assert answer.delivered is None
    [outcome] = answer.unfit
    assert (outcome.key, outcome.again) == (one().key, found.again)
    assert (outcome.failure or "").partition(":")[0] == (found.failure or "")
    assert "geheim" not in str(outcome)


@pytest.mark.rule("R29")
async def test_what_is_not_confidential_may_go_to_a_chat_that_insurers_read() -> None:
    channel = NullChannel("wecom")
    tripartite = robot(audience=Audience.TRIPARTITE)

    await send(channel, both(tripartite, tripartite))

    assert len(channel.sent) == 1


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("channel", "kind", "never", "tried"),
    [
        (Raises(ChannelMisconfigured("no", code="93000")), names.CHANNEL_MISCONFIGURED, True, True),
        (Raises(ChannelBusy("later", retry_after=timedelta(seconds=60))), names.CHANNEL_BUSY, False, True),
        (Hangs(), names.CHANNEL_UNAVAILABLE, False, True),
    ],
)
async def test_a_robots_failure_says_whether_and_when_it_may_be_tried_again(
    channel: Channel, kind: str, never: bool, tried: bool
) -> None:
    with pytest.raises(ApplicationError) as failed:
        await send(channel, both())

    assert (failed.value.type, failed.value.non_retryable) == (kind, never)
    assert failed.value.details[0].tried is tried
    assert TEXT not in str(failed.value)


async def test_an_organisation_that_cannot_be_read_is_no_attempt_at_the_robot() -> None:
    def unreadable() -> Organisation:
        raise Misconfigured("x.yaml:3: 林小舟")

    with pytest.raises(ApplicationError, match="tocsin check") as failed:
        await send(NullChannel("wecom"), unreadable)

    assert (failed.value.type, failed.value.details[0].tried) == (names.MISCONFIGURED, False)
    assert "林小舟" not in str(failed.value)


# -- told --------------------------------------------------------------------------------------------------------------


@pytest.mark.server
@pytest.mark.rule("R14", "R62")
async def test_each_incident_is_told_once_what_became_of_all_its_letters_under_a_seal(apart: Client) -> None:
    outcomes = (
        Outcome(key="k-1", delivered=Delivered(channel="wecom", code="0", attempts=2)),
        Outcome(key="k-2", failure="HeldTooLong: too late", code="45009"),
    )
    incident = await apart.start_workflow("Nobody", id=workflow_id("T-9"), task_queue="nobody")
    activities = MailActivities(apart, KEYS, channels={}, organisation=both)

    gone = {workflow_id("T-never"): outcomes[:1]}
    await ActivityEnvironment().run(
        activities.settle_letters, SettleOrder(outcomes={**gone, workflow_id("T-9"): outcomes})
    )

    history = await incident.fetch_history()
    [signal] = [each.workflow_execution_signaled_event_attributes for each in history.events if each.event_type == 26]
    assert signal.signal_name == SETTLE
    [envelope] = await apart.data_converter.decode(signal.input.payloads)
    assert read_outcomes(envelope, incident_id="T-9", open_seal=KEYS.valid) == outcomes
    assert isinstance(read_outcomes(envelope, incident_id="T-8", open_seal=KEYS.valid), Bad)
    changed: dict[str, Any] = {**envelope, "fact": {"kind": "settled", "outcomes": []}}
    assert isinstance(read_outcomes(changed, incident_id="T-9", open_seal=KEYS.valid), Bad)


def test_a_door_that_is_no_mailbox_settles_nothing() -> None:
    envelope = KEYS.envelope("T-9", {"kind": "settled", "outcomes": []}, "2026-11-24T00:00:00Z", "cli")
    assert isinstance(read_outcomes(envelope, incident_id="T-9", open_seal=KEYS.valid), Bad)


@pytest.mark.parametrize("said", [None, 7, "x", [], {}, {"fact": None}, {"fact": {}, "door": "mailbox", "seal": None}])
def test_whatever_else_is_said_settles_nothing(said: object) -> None:
    assert isinstance(read_outcomes(said, incident_id="T-9", open_seal=KEYS.valid), Bad)
