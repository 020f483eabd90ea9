"""What the golden histories show, each told to the real server once and kept. A name says what it shows.

Each scenario asserts what must come of it, so that nothing wrong is ever recorded as golden; it answers with the
incidents whose histories are kept. `serve` gives a worker; most scenarios have one all the time, an outage does not.
To add one: a function here with a docstring, then `make histories`.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Final

from temporalio.testing import WorkflowEnvironment

from activities.channels.contract import ChannelUnavailable, Message
from activities.channels.null import NullChannel
from activities.posting import mailbox_of
from plan.channels import MANNERS, Rate
from plan.orders import Delivered
from plan.organisation import Address
from plan.playbook import Playbook
from runtime.documents import PLAYBOOK, load_playbook
from runtime.names import INCIDENT, WORKFLOWS_QUEUE, watch_id, workflow_id
from runtime.seals import Keyring, stamp
from tests.plan.changed import both, organisation, person
from tests.replay.day import CITY, COMPLAINT, COUNTY, DOOR, INSURER, LEAD, OUTLET, PROVINCE, Day
from tests.replay.exercising import PLAYED, exercised
from tests.replay.registering import registered
from tests.server.drilling import only
from tests.server.watched import until

Serve = Callable[..., AbstractAsyncContextManager[object]]
"""A worker; whatever `build_worker` takes may be changed."""


@dataclass(frozen=True)
class Stage:
    """Where a scenario plays. `name` makes its incident's id, so that two recordings on one server stay apart."""

    environment: WorkflowEnvironment
    keys: Keyring
    serve: Serve
    name: str

    def day(self, first: str, *, more: str = "") -> Day:
        return Day(self.environment, self.keys, f"GOLDEN-{self.name.upper().replace('_', '-')}{more}"[:64], first)


Scenario = Callable[[Stage], Awaitable[list[str]]]


async def calmed_at_the_counter(stage: Stage) -> list[str]:
    """The commonest day: calmed, resolved by the outlet itself, closed (R20; A21)."""
    day = stage.day("10:00")
    async with stage.serve():
        await day.filed()
        await day.accepted("10:18", LEAD, "calming_attempted", outcome="calmed")
        await day.accepted("10:20", LEAD, "resolved")
        await day.accepted("10:30", COUNTY, "closed")
        await day.handle.result()
        assert (await day.view())["stage"] == "closed"
    return [day.incident_id]


async def crisis_in_time(stage: Stage) -> list[str]:
    """A day from signs to a crowd, everything in time, closed with root cause and final report (R2, R39-R46, R58)."""
    day = stage.day("09:12")
    async with stage.serve():
        await day.filed()
        await day.accepted("09:20", LEAD, "calming_attempted", outcome="failed")
        await day.accepted("09:24", INSURER, "notice_acknowledged", notice_id=f"tell.calming_failed~{INSURER}")
        await day.accepted("09:31", LEAD, "group_signs_seen", description="有人在群里召集")
        await day.accepted("09:34", COUNTY, "notice_acknowledged", notice_id=f"tell.group_signs~{COUNTY}")
        await day.accepted("09:36", COUNTY, "police_contacted")
        await day.accepted("09:40", LEAD, "circumstances_reported", headcount=4)
        known_at = day.at("09:45").isoformat()
        await day.accepted("09:48", LEAD, "circumstances_reported", headcount=6, known_at=known_at)
        await day.accepted("09:50", LEAD, "notice_acknowledged", notice_id=f"tell.crisis~{LEAD}")
        await day.accepted("09:58", COUNTY, "arrived_on_scene", party="work_group")
        await day.accepted("10:05", INSURER, "arrived_on_scene", party="insurer")
        await day.accepted("10:12", "gd-gz-th.post", "arrived_on_scene", party="leadership_group")
        first = await day.accepted(
            "10:30", LEAD, "report_submitted", report="initial", content={"course": "六人在大堂"}
        )
        await day.accepted("10:41", COUNTY, "report_acknowledged", report_fact_id=first.fact_id)
        await day.accepted("10:55", COUNTY, "report_submitted", to_unit="gd-gz", content={"course": "已到场"})
        await day.accepted("11:20", CITY, "report_submitted", to_unit="gd", content={"course": "县级已处置"})
        await day.accepted("11:30", LEAD, "circumstances_reported", headcount=2)
        await day.accepted("12:40", LEAD, "customer_recorded", name="演示", phone="13800000000", policy_numbers=["P-1"])
        await day.accepted("12:41", LEAD, "handed_to_insurer")
        await day.accepted("14:00", COUNTY, "report_submitted", report="follow_up", content={"course": "人员已离开"})
        await day.accepted("17:30", PROVINCE, "handling_opinion_submitted", opinion="逐件核实，省级督办")
        await day.accepted("18:00", PROVINCE, "regulator_informed")
        await day.accepted("D+1 09:00", "gd-gz-th.post", "stood_down", reason="现场平息")
        await day.refused("D+1 09:05", COUNTY, "resolved", "R20")
        await day.accepted("D+1 09:30", INSURER, "insurer_decided", decision="逐件核实后答复", remedy="explanation")
        await day.accepted("D+1 09:40", LEAD, "decision_relayed", how="电话")
        await day.accepted("D+1 10:00", COUNTY, "resolved")
        await day.refused("D+1 10:01", COUNTY, "closed", "R58")
        await day.accepted("D+1 10:10", COUNTY, "root_cause_recorded", root_cause="说明不清", lessons="回访前置")
        await day.accepted("D+1 10:15", LEAD, "report_submitted", report="final", content={"course": "已办结"})
        await day.accepted("D+1 10:20", COUNTY, "closed")
        await day.handle.result()
        states = await day.states()
        late = {name: state for name, state in states.items() if state not in ("met", "cancelled")}
        assert not late, late
        assert "outlet_report" in states
    return [day.incident_id]


async def report_on_the_last_instant(stage: Stage) -> list[str]:
    """The hour ends at 15:00:00, and the report that is received at 15:00:00 is in time (R43)."""
    day = stage.day("14:00")
    async with stage.serve():
        await day.filed(circumstances={"media": True})
        await day.refused("14:05", LEAD, "statement_issued", "R57.5", text="情况说明")
        await day.accepted("15:00", LEAD, "report_submitted", report="initial", content={"course": "记者到访"})
        await day.until("15:01")
        assert (await day.states())["outlet_report"] == "met"
        assert not (await day.view())["breaches"]
    return [day.incident_id]


async def outage_across_the_hour(stage: Stage) -> list[str]:
    """Every worker dies before the hour ends; the report is left as a signal; the deadline passes before it is judged.

    The server's clock stands still while a workflow task waits for a worker, so that the outage is as short as that:
    the deadline's timer fires, the signal comes after it, and one task judges both when a worker is back (R43).
    """
    day = stage.day("10:00")
    async with stage.serve():
        await day.filed(circumstances={"disrupts_outlet": True})
        await day.until("10:52")
    passing = asyncio.create_task(day.until("11:10"))
    async with asyncio.timeout(20):
        while await day.now() <= day.at("11:00"):  # noqa: ASYNC110 - the server's clock
            await asyncio.sleep(0.02)
    content = {"course": "客户堵在柜台前"}
    left = await day.tell(
        "10:55", LEAD, "report_submitted", report="initial", content=content, patience=timedelta(seconds=0.3)
    )
    assert left.state == "pending"
    async with stage.serve():
        await passing
        await day.at_rest()
        view = await day.view()
        assert next(c for c in view["clocks"] if c["id"] == "outlet_report")["state"] == "met"
        assert "outlet_report" not in view["breaches"]
    return [day.incident_id]


async def continued_as_new(stage: Stage) -> list[str]:
    """A history that grows too long goes on in another run: clocks, record and receipts with it."""
    day = stage.day("09:00")
    async with stage.serve():
        await _filed_with(day, max_events=60)
        again = await day.tell("09:00", LEAD, "noted", fact_id="told-twice", text="等候中")
        await day.accepted("09:10", LEAD, "circumstances_reported", headcount=6)
        await day.accepted("09:20", LEAD, "noted", text="客户在接待室")
        await day.until("09:45")
        await day.accepted("09:50", LEAD, "report_submitted", report="initial", content={"course": "六人在大堂"})
        same = await day.tell("09:00", LEAD, "noted", fact_id="told-twice", text="等候中")
        assert again.accepted
        assert same.duplicate
        await day.at_rest()
        assert (await day.states())["outlet_report"] == "met"
        assert [entry["what"] for entry in await day.entries()].count("continued") >= 1
    return [day.incident_id]


async def reopened_after_closing(stage: Stage) -> list[str]:
    """Closed, opened again by the work group, withdrawn: the second run goes on with the first one's record (R58).

    No time is skipped: the second run's clock would begin behind the first one's.
    """
    day = stage.day("10:00")
    async with stage.serve():
        await day.filed()
        await day.accepted("10:00", LEAD, "calming_attempted", outcome="calmed")
        await day.accepted("10:00", LEAD, "resolved")
        await day.accepted("10:00", COUNTY, "closed")
        await day.handle.result()
        await day.accepted("10:00", COUNTY, "reopened", reason="客户再次到访")
        await day.accepted("10:00", COUNTY, "withdrawn", reason="客户撤回")
        await day.handle.result()
        assert (await day.view())["stage"] == "withdrawn"
    return [day.incident_id]


async def group_event(stage: Stage) -> list[str]:
    """A crisis and a second complaint become one group event, which takes over the running hour (R2.1; A19)."""
    first, second = stage.day("11:00", more="-A"), stage.day("11:00", more="-B")
    group = stage.day("11:00", more="-G")
    async with stage.serve():
        await first.filed(circumstances={"media": True})
        await second.filed(insurer="zhongtai-life")
        for member in (first, second):
            receipt = await member.tell(
                "11:00", COUNTY, "converted_to_group_event", group_id=group.incident_id, reason="同一产品", scene=OUTLET
            )
            assert receipt.accepted, receipt.reason
            await _joined(member)
        await group.at_rest()
        reported = await group.tell(
            "11:00", LEAD, "report_submitted", report="initial", content={"course": "两位客户，同一产品"}
        )
        assert reported.accepted, reported.reason
        await group.at_rest()
        assert (await group.states())["outlet_report"] == "met"
        assert (await first.states())["outlet_report"] == "carried"
    return [first.incident_id, second.incident_id, group.incident_id]


async def held_by_a_mailbox(stage: Stage) -> list[str]:
    """A chat that takes one message in a second: notices wait and are told until when, fold, fail and go out (R14)."""
    first, second = stage.day("10:00", more="-A"), stage.day("10:00", more="-B")
    chat = {"channel": "wecom", "to": "golden-chat", "audience": "internal"}
    people = organisation(both(*(person(each, channels=[chat, {"channel": "outbox"}]) for each in (LEAD, COUNTY))))
    one = MANNERS["wecom"].model_copy(update={"rates": (Rate(at_most=1, within=timedelta(seconds=2)),), "reserved": 0})
    channels = {"wecom": _Faltering(), "outbox": NullChannel("outbox")}
    async with stage.serve(channels=channels, organisation=lambda: people, manners={"wecom": one}):
        await first.filed()
        await _delivered(first)
        await second.filed(circumstances={"disrupts_outlet": True})
        await _delivered(second)
        assert "held" in [entry["what"] for entry in await second.entries()]
        mailbox = mailbox_of("wecom", "golden-chat")
        await first.client.get_workflow_handle(mailbox).result()
    return [first.incident_id, second.incident_id, mailbox]


async def complaints_seen_together(stage: Stage) -> list[str]:
    """Six complaints of five persons, told one by one: signs at the third, at the fifth one group event (R2.1, R39)."""
    days = [stage.day("11:00", more=f"-{letter}") for letter in "ABCDEF"]
    watch = watch_id("outlet", OUTLET)
    handle = days[0].client.get_workflow_handle(watch)
    async with stage.serve(playbook=partial(load_playbook, PLAYBOOK)):
        for number, (day, person) in enumerate(zip(days, "121345", strict=True), start=1):
            insurer = "zhongtai-life" if number > 4 else "anhe-life"
            await day.filed(insurer=insurer, customer={"person_key": f"p-{person}"})
            await until(handle, partial(_all_said, complaints=number))
        for day in days:
            await _joined(day)
            await _reported(day)
        seen = await until(handle, lambda seen: _all_said(seen, complaints=6))
        assert [(group["members"], group["received"]) for group in seen["groups"]] == [(6, 6)]
        assert (await days[3].view())["group_signs"]
    return [watch, days[3].incident_id]


async def _reported(day: Day) -> None:
    """Until it has nothing under way: what it has become is known to the watch."""
    async with asyncio.timeout(20):
        while (await day.handle.describe()).raw_description.pending_activities:  # noqa: ASYNC110 - the server's doing
            await asyncio.sleep(0.02)


async def left_to_be_done(stage: Stage) -> list[str]:
    """An action goes to the unit's register, and that it is done too, told after closing: two runs (R58, R59).

    No time is skipped: the second run's clock would begin behind the first one's.
    """
    day = stage.day("10:00")
    async with stage.serve():
        await day.filed()
        await day.accepted("10:00", LEAD, "calming_attempted", outcome="calmed")
        await day.accepted("10:00", LEAD, "resolved")
        await day.accepted("10:00", COUNTY, "root_cause_recorded", root_cause="说明不清", lessons="回访前置")
        due_at = (day.at("10:00") + timedelta(days=30)).isoformat()
        await day.accepted("10:00", COUNTY, "action_opened", text="修订讲解要点", owner=LEAD, due_at=due_at)
        await day.accepted("10:00", COUNTY, "closed")
        await day.handle.result()
        await day.accepted("10:00", LEAD, "action_done", action_id="1", note="已修订")
        await day.handle.result()
        assert [action["done_by"] for action in (await day.view())["actions"]] == [LEAD]
    return [day.incident_id]


def _all_said(seen: dict[str, Any], *, complaints: int) -> bool:
    return seen.get("complaints") == complaints and not seen["owed"] and not seen["waiting"]


def unwatched() -> Playbook:
    """Scenarios share an outlet: they are not to be seen together but where that is what is shown."""
    return load_playbook(PLAYBOOK).model_copy(update={"watch": None})


async def _delivered(day: Day) -> None:
    """Until everybody has been told."""
    async with asyncio.timeout(20):
        while {notice["state"] for notice in (await day.view())["notices"]} != {"delivered"}:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


class _Faltering(NullChannel):
    """Its second answer gets lost."""

    async def send(self, message: Message, address: Address) -> Delivered:
        answer = await super().send(message, address)
        if len(self.sent) == 2:
            raise ChannelUnavailable("The answer got lost. It is tried again.")
        return answer


async def register_and_screening(stage: Stage) -> list[str]:
    """A unit's register: a lesson overdue, done, a point of the next screening; continued as new (R10, R58)."""
    return await registered(stage.environment, stage.keys, stage.serve)


async def exercise(stage: Stage) -> list[str]:
    """A drill at its desk: five people by the world's account, a report, stopped, scored, nothing left open (R11)."""
    async with stage.serve(scenarios=only(PLAYED)):
        return await exercised(stage.environment, stage.keys, f"GOLDEN-{stage.name.upper()}")


SCENARIOS: Final[dict[str, Scenario]] = {
    scenario.__name__: scenario
    for scenario in (
        calmed_at_the_counter,
        crisis_in_time,
        report_on_the_last_instant,
        outage_across_the_hour,
        continued_as_new,
        reopened_after_closing,
        group_event,
        held_by_a_mailbox,
        complaints_seen_together,
        left_to_be_done,
        register_and_screening,
        exercise,
    )
}


async def _filed_with(day: Day, **more: Any) -> None:
    """Filed as the starter does it, with something in the start that no door ever sends."""
    body = {**COMPLAINT, "incident_id": day.incident_id}
    stamped = stamp(day.at("09:00"))
    start = {
        "incident_id": day.incident_id,
        "complaint": body,
        "received_at": stamped,
        "door": DOOR,
        "seal": day.keys.sign(day.incident_id, body, stamped, DOOR),
        **more,
    }
    await day.client.start_workflow(INCIDENT, start, id=workflow_id(day.incident_id), task_queue=WORKFLOWS_QUEUE)
    await day.at_rest()


async def _joined(member: Day) -> None:
    """Until the group event has received it."""
    async with asyncio.timeout(20):
        while "carried" not in (await member.states()).values() and not await _is_member(member):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await member.at_rest()


async def _is_member(member: Day) -> bool:
    """A member without a running clock has nothing to carry; its group says that it has come."""
    view = await member.view()
    group = Day(member._environment, member.keys, view["group_id"], "11:00")  # pyright: ignore[reportPrivateUsage]
    return member.incident_id in [each["incident_id"] for each in (await group.view())["members"]]
