"""What falls due for several people of one chat at one instant is read there once (R14, R29)."""

import asyncio
import dataclasses
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.testing import ActivityEnvironment

from activities.deliver import DeliveryActivities
from activities.posting import Posting
from plan.orders import DeliveryOrder
from runtime.documents import load_wording
from tests.server.chats import Chats, chat, chatting, manners
from tests.server.people import CONTACT, LEAD
from tests.server.world import World

pytestmark = pytest.mark.server


@pytest.fixture
async def chats(alone: World) -> AsyncGenerator[Chats]:
    async with chatting(alone) as chats:
        yield chats


async def delivered(chats: Chats, *orders: DeliveryOrder) -> None:
    """As a worker that is handed them at one instant."""
    activities = DeliveryActivities(
        channels=chats.channels,
        organisation=chats.current,
        wording=load_wording,
        posting=Posting(chats.world.client, manners=manners()),
    )

    async def one(order: DeliveryOrder) -> None:
        environment = ActivityEnvironment()
        environment.info = dataclasses.replace(environment.info, schedule_to_close_timeout=timedelta(minutes=1))
        assert (await environment.run(activities.deliver_notice, order)).held

    await asyncio.gather(*(one(order) for order in orders))


def order(recipient: str, duty: str = "tell.filed") -> DeliveryOrder:
    return DeliveryOrder(
        key=f"T-1/{duty}~{recipient}/wecom",
        incident_id="T-1",
        duty=duty,
        recipient=recipient,
        channel="wecom",
        words={"incident": "T-1", "outlet": "云杉路营业所", "role": "outlet_lead"},
        now=datetime.now(UTC),
    )


@pytest.mark.rule("R14", "R29")
async def test_two_people_of_one_chat_who_are_owed_the_same_words_at_once_read_them_once(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot)], CONTACT: [chat(robot)]})
    async with chats.serve():
        await delivered(chats, order(LEAD), order(CONTACT))
        await chats.mailbox(robot).result()
    [said] = chats.town.taken("wecom/county")
    assert said.text.startswith("【请先接待客户】云杉路营业所，投诉 T-1")


@pytest.mark.rule("R14")
async def test_several_notices_of_one_instant_are_one_message(chats: Chats) -> None:
    robot = chats.robot("wecom", "county")
    chats.reach({LEAD: [chat(robot)], CONTACT: [chat(robot)]})
    async with chats.serve():
        await delivered(chats, order(LEAD), order(CONTACT), order(LEAD, "tell.crisis"))
        await chats.mailbox(robot).result()
    [said] = chats.town.taken("wecom/county")
    assert said.text.startswith("【共 2 条")
