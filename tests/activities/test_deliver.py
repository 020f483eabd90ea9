"""One notice, from the order to the channel's answer: who is told, in which words, and what is tried again."""

import asyncio
import dataclasses
import hashlib
import re
from collections.abc import Callable, Mapping
from datetime import timedelta

import pytest
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities import names
from activities.channels.contract import (
    Channel,
    ChannelBusy,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
    Message,
)
from activities.channels.null import NullChannel
from activities.channels.webhook import Webhook
from activities.deliver import DeliveryActivities
from activities.http import HTTP
from activities.lanes import Bounds, Lanes
from activities.posting import Posting, mailbox_of
from plan.errors import Misconfigured
from plan.orders import Delivered, DeliveryOrder, Letter
from plan.organisation import Address, Audience, Organisation
from plan.wording import Wording
from runtime.ack_links import AckLinks
from runtime.seals import Keyring
from tests.activities.notices import LEAD, order, organisation, person, tripartite
from tests.activities.receiver import Manner, Receiver, Reply

PATIENT = timedelta(seconds=20)
LONG = timedelta(minutes=2)


def wording(lang: str) -> Wording:
    texts = {"zh": "【新投诉】{incident} {outlet}。", "en": "[New complaint] {incident} {outlet}."}
    return Wording(
        lang="en" if lang == "en" else "zh",
        version="1",
        drill_mark="【演练】[DRILL]",
        generic={"any": "{incident}"},
        missing={},
        texts={"tell.filed": {"any": texts[lang]}},
    )


def deliveries(
    channel: Channel,
    current: Organisation | None = None,
    *,
    read: Callable[[], Organisation] | None = None,
    words: Callable[[str], Wording] = wording,
    lanes: Lanes | None = None,
    posting: Posting | None = None,
    links: AckLinks | None = None,
    env: Mapping[str, str] | None = None,
    **more: Channel,
) -> DeliveryActivities:
    people = current or organisation()
    return DeliveryActivities(
        channels={"outbox": channel, **more},
        organisation=read or (lambda: people),
        wording=words,
        lanes=lanes,
        posting=posting,
        links=links,
        env=env or {},
    )


async def deliver(
    activities: DeliveryActivities, asked: DeliveryOrder, *, attempt: int = 1, within: timedelta = PATIENT
) -> Delivered:
    environment = ActivityEnvironment()
    environment.info = dataclasses.replace(
        environment.info, attempt=attempt, start_to_close_timeout=within, schedule_to_close_timeout=LONG
    )
    return await environment.run(activities.deliver_notice, asked)


class Raises:
    """A channel that always fails in one way."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    async def send(self, message: Message, address: Address) -> Delivered:
        raise self.failure


class Hangs:
    async def send(self, message: Message, address: Address) -> Delivered:
        await asyncio.Event().wait()
        raise AssertionError


# -- told --------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_the_recipient_is_told_and_the_answer_says_how() -> None:
    channel = NullChannel("outbox")

    delivered = await deliver(deliveries(channel), order(), attempt=3)

    [(sent, _)] = channel.sent
    assert sent.text == "【新投诉】T-1 天河一号网点。"
    assert (sent.key, sent.recipient, sent.due_at) == ("k-1", LEAD, order().due_at)
    digest = hashlib.sha256(sent.text.encode()).hexdigest()
    assert delivered.model_copy(update={"at": None}) == Delivered(
        channel="outbox", code="taken", message_id="k-1", digest=digest, attempts=3
    )
    assert delivered.at is not None


async def test_the_recipient_reads_their_own_language() -> None:
    channel = NullChannel()

    await deliver(deliveries(channel, organisation(person(lang="en"))), order())

    assert channel.sent[0][0].text.startswith("[New complaint] T-1")


@pytest.mark.rule("R31")
async def test_a_drill_says_so_first() -> None:
    channel = NullChannel()

    await deliver(deliveries(channel), order(drill=True))

    assert channel.sent[0][0].text.startswith("【演练】[DRILL]")
    assert channel.sent[0][0].drill


@pytest.mark.rule("R28")
async def test_a_changed_address_counts_from_the_next_delivery() -> None:
    versions = [organisation(person(LEAD, Address(channel="outbox", to=to))) for to in ("old", "new")]
    channel = NullChannel()
    activities = deliveries(channel, read=lambda: versions[min(len(channel.sent), 1)])

    for _ in range(2):
        await deliver(activities, order())

    assert [address.to for _, address in channel.sent] == ["old", "new"]


# -- not told, for good ------------------------------------------------------------------------------------------------


@pytest.mark.rule("R28", "R14")
@pytest.mark.parametrize("current", [organisation(person(left=True)), organisation(person("hq.work"))])
async def test_nobody_who_has_left_is_told(current: Organisation) -> None:
    channel = NullChannel()

    with pytest.raises(ApplicationError, match="R28") as failed:
        await deliver(deliveries(channel, current), order())

    assert (failed.value.type, failed.value.non_retryable) == (names.PERSON_LEFT, True)
    assert channel.sent == []


@pytest.mark.rule("R14")
async def test_a_way_a_person_does_not_have_any_more_is_not_used() -> None:
    current = organisation(person(LEAD, Address(channel="webhook", to="http://127.0.0.1/")))

    with pytest.raises(ApplicationError) as failed:
        await deliver(deliveries(NullChannel(), current), order())

    assert (failed.value.type, failed.value.non_retryable) == (names.NO_SUCH_WAY, True)


@pytest.mark.rule("R29", "R62")
async def test_what_is_confidential_never_goes_where_insurers_read() -> None:
    channel = NullChannel()
    activities = deliveries(channel, organisation(person(LEAD, tripartite())))

    with pytest.raises(ApplicationError) as failed:
        await deliver(activities, order(confidential=True))
    assert (failed.value.type, channel.sent) == (names.NO_SUCH_WAY, [])

    await deliver(activities, order(confidential=False))
    assert len(channel.sent) == 1


@pytest.mark.rule("R29", "R62")
async def test_of_two_addresses_a_confidential_notice_takes_the_closed_one() -> None:
    channel = NullChannel()
    closed = Address(channel="outbox", to="closed")
    current = organisation(person(LEAD, tripartite(to="open"), closed))

    await deliver(deliveries(channel, current), order(confidential=True))

    assert channel.sent[0][1] == closed


async def test_a_channel_the_worker_does_not_have_is_the_operators_business() -> None:
    with pytest.raises(ApplicationError, match="pager") as failed:
        await deliver(deliveries(NullChannel()), order(channel="pager"))

    assert (failed.value.type, failed.value.non_retryable) == (names.CHANNEL_MISCONFIGURED, True)


# -- again, or never again ---------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("failure", "kind", "never"),
    [
        (ChannelRefused("no"), names.CHANNEL_REFUSED, True),
        (ChannelMisconfigured("no"), names.CHANNEL_MISCONFIGURED, True),
        (ChannelBusy("later"), names.CHANNEL_BUSY, False),
        (ChannelUnavailable("away"), names.CHANNEL_UNAVAILABLE, False),
        (TimeoutError(), names.CHANNEL_UNAVAILABLE, False),
    ],
)
async def test_a_channels_failure_says_whether_to_try_again(failure: Exception, kind: str, never: bool) -> None:
    with pytest.raises(ApplicationError) as failed:
        await deliver(deliveries(Raises(failure)), order())

    assert (failed.value.type, failed.value.non_retryable) == (kind, never)


@pytest.mark.rule("R14")
async def test_a_busy_channel_is_asked_again_when_it_said() -> None:
    busy = ChannelBusy("later", retry_after=timedelta(seconds=65))

    with pytest.raises(ApplicationError) as failed:
        await deliver(deliveries(Raises(busy)), order())

    assert failed.value.next_retry_delay == timedelta(seconds=65)


async def test_any_other_failure_goes_up_and_is_tried_again() -> None:
    with pytest.raises(OSError, match="disk"):
        await deliver(deliveries(Raises(OSError("disk"))), order())


@pytest.mark.rule("R14")
async def test_an_attempt_ends_by_itself_before_the_server_ends_it() -> None:
    with pytest.raises(ApplicationError, match="in time") as failed:
        await deliver(deliveries(Hangs()), order(), within=timedelta(seconds=0.1))

    assert (failed.value.type, failed.value.non_retryable) == (names.CHANNEL_UNAVAILABLE, False)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("fault", [Misconfigured("no", faults=["x.yaml:3: 林小舟"]), OSError("gone"), ValueError("no")])
async def test_an_unreadable_organisation_is_tried_again_and_quoted_nowhere(fault: Exception) -> None:
    def unreadable() -> Organisation:
        raise fault

    with pytest.raises(ApplicationError, match="tocsin check") as failed:
        await deliver(deliveries(NullChannel(), read=unreadable), order())

    assert (failed.value.type, failed.value.non_retryable) == (names.MISCONFIGURED, False)
    assert "林小舟" not in str(failed.value)
    assert failed.value.__cause__ is None


async def test_unreadable_wording_is_tried_again() -> None:
    def unreadable(lang: str) -> Wording:
        raise Misconfigured(f"{lang}: no")

    with pytest.raises(ApplicationError, match="wording") as failed:
        await deliver(deliveries(NullChannel(), words=unreadable), order())

    assert failed.value.type == names.MISCONFIGURED


# -- what hangs holds up nothing else ----------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_a_hanging_receiver_does_not_delay_another_channel(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(manner=Manner.HANG))
    hook, outbox = Address(channel="webhook", to=receiver.url), NullChannel()
    lanes = Lanes(per_channel=Bounds(at_once=2, room=3), per_address=Bounds(at_once=2, room=3))
    activities = deliveries(
        outbox,
        organisation(person(LEAD, hook, Address(channel="outbox"))),
        lanes=lanes,
        webhook=Webhook(http),
    )
    hanging = [asyncio.create_task(deliver(activities, order(channel="webhook"))) for _ in range(3)]
    for _ in range(2):
        await asyncio.to_thread(receiver.wait_for_a_request)

    with pytest.raises(ApplicationError, match="already wait") as turned_away:
        await deliver(activities, order(channel="webhook"))
    await deliver(activities, order(channel="outbox"))

    assert turned_away.value.type == names.CHANNEL_BUSY
    assert turned_away.value.next_retry_delay
    assert len(outbox.sent) == 1
    assert not any(task.done() for task in hanging)
    receiver.release.set()
    await asyncio.gather(*hanging)


@pytest.mark.rule("R14")
async def test_a_hanging_receiver_does_not_delay_another_address(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(manner=Manner.HANG), Reply())
    lanes = Lanes(per_channel=Bounds(at_once=2, room=4), per_address=Bounds(at_once=1, room=2))
    current = organisation(
        person(LEAD, Address(channel="webhook", to=receiver.url)),
        person("gd.work", Address(channel="webhook", to=receiver.url + "/other")),
    )
    activities = deliveries(NullChannel(), current, lanes=lanes, webhook=Webhook(http))
    hanging = asyncio.create_task(deliver(activities, order(channel="webhook")))
    await asyncio.to_thread(receiver.wait_for_a_request)

    await deliver(activities, order(channel="webhook", recipient="gd.work"))

    assert not hanging.done()
    receiver.release.set()
    await hanging


@pytest.mark.rule("R14")
async def test_a_cancelled_delivery_gives_its_place_back() -> None:
    lanes = Lanes(per_channel=Bounds(at_once=1, room=1))
    activities = deliveries(NullChannel(), lanes=lanes)
    entered = asyncio.Event()

    async def holds() -> None:
        async with lanes.enter("outbox", ""):
            entered.set()
            await asyncio.Event().wait()

    holding = asyncio.create_task(holds())
    await entered.wait()
    with pytest.raises(ApplicationError, match="already wait"):
        await deliver(activities, order())
    holding.cancel()
    await asyncio.gather(holding, return_exceptions=True)

    assert (await deliver(activities, order())).code == "taken"


def test_a_worker_has_slots_for_every_channel_to_be_full_at_once() -> None:
    lanes = Lanes(per_channel=Bounds(at_once=2, room=10))

    assert lanes.slots(3) > 30


# -- words, links, calls -----------------------------------------------------------------------------------------------

LINKS = AckLinks(Keyring({"k": b"k" * 32}, b"p" * 32), "https://tocsin.example", timedelta(days=3))


def linked(lang: str) -> Wording:
    lines = {"link_personal": "看到请点：{link}", "link_group": "登录处理：{link}"}
    return wording(lang).model_copy(update=lines)


@pytest.mark.rule("R14", "R29")
async def test_a_person_is_sent_a_link_of_their_own_and_whoever_reads_along_only_where_one_signs_in() -> None:
    channel = NullChannel()
    closed = Address(channel="outbox", audience=Audience.INTERNAL)
    current = organisation(person(), person("gd.work", closed))
    activities = deliveries(channel, current, words=linked, links=LINKS)

    for each in (LEAD, LEAD, "gd.work"):
        await deliver(activities, order(recipient=each))

    mine, again, other = (sent for sent, _ in channel.sent)
    assert mine.text == f"【新投诉】T-1 天河一号网点。\n看到请点：{mine.link}"
    assert mine == again
    assert mine.link is not None
    token = LINKS.read(mine.link.rpartition("/")[2], order().now)
    assert (token.incident_id, token.notice_id, token.recipient) == ("T-1", f"tell.filed~{LEAD}", LEAD)
    assert other.text.endswith("\n登录处理：https://tocsin.example/incidents/T-1")


HOUR = {"due": "2026-11-24T02:12:00Z", "left": "PT60M"}


def hourly(lang: str) -> Wording:
    dated = {"tell.crisis": {"any": "【{due} 前报告】{incident}。"}}
    undated = {"tell.crisis": {"any": "【请马上报告】{incident}。"}}
    return wording(lang).model_copy(update={"texts": dated, "undated_texts": undated})


@pytest.mark.rule("R29", "R43")
@pytest.mark.parametrize(
    ("audience", "role", "begins"),
    [
        (Audience.TRIPARTITE, "outlet_lead", "【请马上报告】"),
        (Audience.TRIPARTITE, "insurer", "【10:12 前报告】"),
        (Audience.INTERNAL, "outlet_lead", "【10:12 前报告】"),
        (Audience.PERSONAL, "outlet_lead", "【10:12 前报告】"),
    ],
)
async def test_where_insurers_read_along_the_hour_of_post_and_bank_is_not_named(
    audience: Audience, role: str, begins: str
) -> None:
    channel = NullChannel()
    current = organisation(person(LEAD, Address(channel="outbox", audience=audience)))
    words = {"incident": "T-1", "role": role, **HOUR}

    await deliver(deliveries(channel, current, words=hourly), order(duty="tell.crisis", words=words))

    [(sent, _)] = channel.sent
    assert sent.text.startswith(begins)
    assert (sent.due_at is None) == begins.startswith("【请马上")


@pytest.mark.rule("R14")
async def test_what_belongs_to_no_incident_has_no_page_of_one_and_nothing_to_acknowledge() -> None:
    channel = NullChannel()

    await deliver(deliveries(channel, words=linked, links=LINKS), order(duty="tell.alert", incident_id="ALERT-1"))

    assert channel.sent[0][0].text.endswith("\n登录处理：https://tocsin.example/")


@pytest.mark.rule("R14")
async def test_what_a_telephone_reads_out_is_for_the_ear_and_has_no_link() -> None:
    phone = NullChannel("voice")
    current = organisation(person(LEAD, Address(channel="voice", to="13800000001")))
    said = {"spoken_end": "听完不算登记收到。"}
    activities = deliveries(
        NullChannel(), current, words=lambda lang: linked(lang).model_copy(update=said), links=LINKS, voice=phone
    )

    delivered = await deliver(activities, order(channel="voice", drill=True))

    [(sent, _)] = phone.sent
    assert sent.text == "演练。新投诉。T-1 天河一号网点。听完不算登记收到。"
    assert sent.link is None
    assert delivered.digest == hashlib.sha256(sent.text.encode()).hexdigest()


async def test_without_a_public_address_there_is_no_link() -> None:
    channel = NullChannel()
    nowhere = AckLinks(Keyring({"k": b"k" * 32}, b"p" * 32), None, timedelta(days=3))

    await deliver(deliveries(channel, words=linked, links=nowhere), order())

    assert channel.sent[0][0].text == "【新投诉】T-1 天河一号网点。"
    assert channel.sent[0][0].link is None


@pytest.mark.rule("R29")
async def test_the_words_of_a_template_are_written_out_and_a_mention_stands_beside_the_text() -> None:
    channel = NullChannel()
    current = organisation(person(LEAD, Address(channel="outbox", mention="ou_1")))

    await deliver(deliveries(channel, current), order(words={"incident": "T-1", "left": "PT90M"}))

    sent = channel.sent[0][0]
    assert (sent.words["incident"], sent.words["left"], sent.lang) == ("T-1", "1 小时 30 分钟", "zh")
    assert sent.mentions == ("ou_1",)
    assert "ou_1" not in sent.text


@pytest.mark.rule("R14")
async def test_an_address_that_stands_in_the_environment_has_a_lane_of_its_own(http: HTTP, receiver: Receiver) -> None:
    receiver.replies(Reply(manner=Manner.HANG), Reply())
    env = {"ONE": receiver.url, "OTHER": receiver.url + "/other"}
    current = organisation(
        person(LEAD, Address(channel="webhook", to_env="ONE")),
        person("gd.work", Address(channel="webhook", to_env="OTHER")),
    )
    lanes = Lanes(per_channel=Bounds(at_once=2, room=4), per_address=Bounds(at_once=1, room=2))
    activities = deliveries(NullChannel(), current, lanes=lanes, env=env, webhook=Webhook(http, env=env))
    hanging = asyncio.create_task(deliver(activities, order(channel="webhook")))
    await asyncio.to_thread(receiver.wait_for_a_request)

    await deliver(activities, order(channel="webhook", recipient="gd.work"))

    assert not hanging.done()
    receiver.release.set()
    await hanging


# -- into a mailbox ----------------------------------------------------------------------------------------------------

ROBOT = Address(channel="wecom", to="http://127.0.0.1/robot?key=geheim", audience=Audience.INTERNAL)


@pytest.mark.server
@pytest.mark.rule("R14", "R29")
async def test_what_may_not_be_spoken_to_faster_is_put_into_the_mailbox_of_its_address(apart: Client) -> None:
    """What falls due at one instant is posted together."""
    robot = NullChannel("wecom")
    activities = deliveries(NullChannel(), organisation(person(LEAD, ROBOT)), posting=Posting(apart), wecom=robot)

    both = (deliver(activities, order(channel="wecom", key=key)) for key in ("k-1", "k-2"))
    answers = await asyncio.gather(*both)

    assert answers == [Delivered(channel="wecom", code="posted", held=True)] * 2
    assert robot.sent == []
    name = mailbox_of("wecom", ROBOT.to)
    history = await apart.get_workflow_handle(name).fetch_history()
    [signal] = (
        event.workflow_execution_signaled_event_attributes for event in history.events if event.event_type == 26
    )
    letters = (await apart.data_converter.decode(signal.input.payloads, [list[Letter]]))[0]
    assert [letter.order.key for letter in letters] == ["k-1", "k-2"]
    assert letters[0].written.text.startswith("【新投诉】")
    assert letters[0].give_up_after == LONG
    assert "geheim" not in name + str(letters) + str(history.to_json_dict())


def test_an_address_is_named_by_a_digest_and_each_channel_has_its_own() -> None:
    assert mailbox_of("wecom", "x") != mailbox_of("feishu", "x")
    assert mailbox_of("wecom", "x") != mailbox_of("wecom", "y")
    assert re.fullmatch(r"mailbox/wecom/[0-9a-f]{16}", mailbox_of("wecom", "https://qyapi/…\ud800"))
