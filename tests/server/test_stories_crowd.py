"""Days with a crowd on a real server: from signs to the end of a crisis, and six complaints in one (S4, S8)."""

import pytest

from plan.receipts import Receipt
from tests.server.people import (
    ANHE,
    AT_T1,
    BANK,
    CITY,
    COUNTY,
    COURSE,
    HQ_LEADERS,
    LEAD,
    POST,
    PROVINCE,
    TOLD_OF_CRISIS,
    ZHONGTAI,
)
from tests.server.story import Day, Story
from tests.server.world import World

pytestmark = pytest.mark.server


async def _crowd(world: World, *, drill: bool = False) -> Story:
    """S4 up to the arrival of everybody."""
    story = await Story.filed(world, "09:12", drill=drill, **AT_T1)
    await story.accepted("09:20", LEAD, "calming_attempted", outcome="failed")
    signs = await story.accepted("09:31", LEAD, "group_signs_seen")
    assert signs.started_clocks == ("work_group_on_scene",)
    assert await story.reached("tell.group_signs") == {COUNTY, ANHE, POST, BANK}
    assert await story.reached("prompt.police") == {COUNTY}
    assert "prompt.police" in await story.owed()
    await story.accepted("09:36", COUNTY, "police_contacted")
    assert "prompt.police" not in await story.owed()
    await story.accepted("09:40", LEAD, "circumstances_reported", headcount=4)
    view = await story.view()
    assert (view["people_count"], view["severity"]) == (4, "complaint")
    crisis = await story.accepted("09:48", LEAD, "circumstances_reported", headcount=6, known_at="at:09:45")
    assert set(crisis.started_clocks) >= {
        "outlet_report",
        "province_opinion",
        "regulator_report",
        "leadership_on_scene",
    }
    assert (await story.view())["criteria"] == ["group_of_five"]
    assert await story.due("outlet_report") == "10:45"
    assert [await story.due(clock) for clock in ("province_opinion", "regulator_report")] == ["D+1 09:45"] * 2
    assert await story.reached("tell.crisis") == TOLD_OF_CRISIS
    assert await story.reached("tell.group_event") == {POST, BANK}
    for when, by, party in (
        ("09:58", COUNTY, "work_group"),
        ("10:05", ANHE, "insurer"),
        ("10:12", POST, "leadership_group"),
    ):
        there = await story.accepted(when, by, "arrived_on_scene", party=party)
        assert there.met_clocks == (
            f"{party.removesuffix('_group') if party == 'leadership_group' else party}_on_scene",
        )
    return story


async def _reported(story: Story) -> None:
    await story.until("10:16")
    assert f"{LEAD}" in await story.reached("warn.outlet_report.1")
    first = await story.accepted("10:30", LEAD, "report_submitted", report="initial", content=COURSE)
    assert (first.met_clocks, first.started_clocks) == (("outlet_report",), ("relay.county",))
    await story.accepted("10:41", COUNTY, "report_acknowledged", report_fact_id=first.fact_id)
    assert _clocks(await story.accepted("10:55", COUNTY, "report_submitted", content=COURSE)) == ("county", "city")
    last = await story.accepted("11:20", CITY, "report_submitted", content=COURSE)
    assert last.met_clocks == ("relay.city",)
    await story.accepted("11:30", LEAD, "circumstances_reported", headcount=2)
    assert (await story.view())["severity"] == "crisis"
    follow_up = await story.accepted("14:00", COUNTY, "report_submitted", report="follow_up", content=COURSE)
    assert follow_up.met_clocks == ("progress.1",)
    opinion = await story.accepted("17:30", PROVINCE, "handling_opinion_submitted", opinion="按意见办理。")
    assert opinion.met_clocks == ("province_opinion",)
    assert await story.reached("tell.opinion") == HQ_LEADERS
    regulator = await story.accepted("18:00", PROVINCE, "regulator_informed")
    assert regulator.met_clocks == ("regulator_report",)


def _clocks(receipt: Receipt) -> tuple[str, ...]:
    """The levels whose relay was met and begun."""
    return tuple(clock.removeprefix("relay.") for clock in (*receipt.met_clocks, *receipt.started_clocks))


async def _ended(story: Story) -> None:
    await story.accepted("D+1 09:00", POST, "stood_down", reason="现场已平息。")
    assert (await story.view())["severity"] == "complaint"
    assert await story.reached("tell.stood_down") == TOLD_OF_CRISIS
    await story.accepted("D+1 09:30", ANHE, "insurer_decided", decision="解释")
    await story.accepted("D+1 09:40", LEAD, "decision_relayed")
    await story.accepted("D+1 09:50", COUNTY, "resolved")
    assert await story.refused("D+1 09:55", COUNTY, "closed") == "R58"
    await story.accepted("D+1 10:00", COUNTY, "root_cause_recorded", root_cause="收益讲解不清", lessons="改进讲解")
    await story.accepted("D+1 10:05", COUNTY, "report_submitted", report="final", content=COURSE)
    await story.accepted("D+1 10:10", COUNTY, "closed")
    assert (await story.ended())["stage"] == "closed"
    assert await story.said("breach") == []


CLOCKS = {
    "outlet_report": "met",
    "province_opinion": "met",
    "regulator_report": "met",
    "relay.county": "met",
    "relay.city": "met",
    "handover": "cancelled",
    "decision_relay": "met",
    "insurer_on_scene": "met",
    "work_group_on_scene": "met",
    "leadership_on_scene": "met",
    "progress.1": "met",
    "progress.2": "cancelled",
}


@pytest.mark.rule("R2.1", "R12", "R22", "R39", "R40", "R41", "R42", "R43", "R44", "R45", "R46", "R58")
async def test_from_signs_to_a_crowd_everything_in_time(world: World) -> None:
    story = await _crowd(world)
    await _reported(story)
    await _ended(story)
    assert await story.clocks() == CLOCKS
    assert not any("演练" in message.text for message in story.messages())


@pytest.mark.rule("R11", "R31")
async def test_a_drill_runs_the_same_clocks_and_every_notice_says_so(world: World) -> None:
    story = await _crowd(world, drill=True)
    await _reported(story)
    await _ended(story)
    assert await story.clocks() == CLOCKS
    assert all("【演练】" in message.text[:10] for message in story.messages())
    dialled = [m.text for duty in ("prompt.police", "prompt.regulator") for m in story.messages(duty)]
    assert dialled
    assert all("勿实际拨打" in text for text in dialled)
    assert (await story.attributes())["TocsinDrill"] is True


SIX = {"A": "1", "B": "2", "C": "1", "D": "3", "E": "4", "F": "5"}


class Six:
    """S8: six complaints of five persons, told until the fifth is known. `B` is a crisis of its own by then."""

    def __init__(self, day: Day, tag: str) -> None:
        self.day, self.tag = day, tag
        self.members: dict[str, Story] = {}

    async def file(self, when: str, name: str, *, insurer: str, channel: str = "outlet") -> None:
        said = {**AT_T1, "insurer": insurer, "customer": {"person_key": f"p-{SIX[name]}"}}
        self.members[name] = await self.day.filed(when, incident_id=f"{self.tag}-{name}", channel=channel, **said)

    async def convert(self, when: str) -> Story:
        """What the watch does for now: it tells every member."""
        group = f"{self.tag}-G"
        for member in self.members.values():
            await member.accepted(
                when, "system:monitor", "converted_to_group_event", group_id=group, scene=AT_T1["outlet"]
            )
        for member in self.members.values():
            await member.quiet()
        return self.day.story(group)


async def _six(world: World, tag: str, *, reported_before: bool = False) -> tuple[Six, Story]:
    six = Six(Day(world, "09:00"), tag)
    await six.file("09:00", "A", insurer="anhe-life")
    await six.file("09:30", "B", insurer="anhe-life")
    await six.file("10:00", "C", insurer="anhe-life")
    await six.file("10:20", "D", insurer="anhe-life", channel="hotline")
    await six.members["A"].accepted("10:20", "system:monitor", "group_signs_seen")
    await six.file("11:00", "E", insurer="zhongtai-life")
    await six.members["B"].accepted("11:10", LEAD, "circumstances_reported", media=True)
    assert await six.members["B"].due("outlet_report") == "12:10"
    if reported_before:
        await six.members["B"].accepted("11:20", LEAD, "report_submitted", content=COURSE)
    await six.file("11:30", "F", insurer="zhongtai-life")
    return six, await six.convert("11:30")


@pytest.mark.rule("R2.1", "R20", "R29", "R39", "R42", "R43")
async def test_five_persons_six_complaints_two_insurers_one_clock(world: World) -> None:
    six, group = await _six(world, "S8")
    b, e, f = (six.members[name] for name in "BEF")
    view = await group.view()
    assert view["form"] == "group_event"
    assert [member["incident_id"] for member in view["members"]] == [f"S8-{name}" for name in "ABCDEF"]
    assert (view["people_count"], view["insurers"]) == (5, ["anhe-life", "zhongtai-life"])
    assert await b.clocks() | {"outlet_report": "carried", "province_opinion": "carried"} == await b.clocks()
    assert (await group.due("outlet_report"), await group.due("province_opinion")) == ("12:10", "D+1 11:10")
    assert await group.reached("tell.crisis") == {*TOLD_OF_CRISIS, ZHONGTAI}
    assert [m["insurer"] for m in (await group.view(ZHONGTAI))["members"]] == ["zhongtai-life"] * 2
    assert [m["insurer"] for m in (await group.view(ANHE))["members"]] == ["anhe-life"] * 4

    met = await group.accepted("12:05", LEAD, "report_submitted", content=COURSE)
    assert met.met_clocks == ("outlet_report",)
    hotline = {"fact_id": "hot-1", "persons": ["p-5"]}
    await f.accepted("12:20", "system:hotline", "circumstances_reported", **hotline)
    count = (await f.view())["sequence"]
    for _ in range(2):
        again = await f.told("12:20", "system:hotline", "circumstances_reported", **hotline)
        assert again.duplicate
    assert (await f.view())["sequence"] == count
    await group.until("13:00")
    assert (await b.clocks())["outlet_report"] == "carried"
    assert not [duty for duty in await b.duties() if duty.startswith(("warn.", "breach."))]
    assert (await group.view())["people_count"] == 5

    await e.accepted("13:01", LEAD, "calming_attempted", outcome="not_persuaded")
    record = {"name": "佘某", "phone": "13900000000", "policy_numbers": ["P-1"]}
    await e.accepted("13:02", LEAD, "customer_recorded", **record)
    await e.accepted("13:03", LEAD, "handed_to_insurer")
    assert (await e.clocks())["insurer_answer"] == "running"
    assert await e.refused("13:04", COUNTY, "insurer_decided", decision="x") == "R20"
    assert await e.refused("13:05", ANHE, "insurer_decided", decision="x") == "R20"
    await e.accepted("13:06", ZHONGTAI, "insurer_decided", decision="解释")


@pytest.mark.rule("R2.1", "R43")
async def test_a_report_met_before_the_fifth_person_leaves_the_group_its_own_hour(world: World) -> None:
    six, group = await _six(world, "S8b", reported_before=True)
    assert (await six.members["B"].clocks())["outlet_report"] == "met"
    assert await group.due("outlet_report") == "12:30"
    assert (await group.accepted("12:30", LEAD, "report_submitted", content=COURSE)).met_clocks == ("outlet_report",)
