"""The hour on a real server: met on its last instant, missed, across an outage, moved back (S5, S6, S7, S9)."""

from datetime import timedelta

import pytest

from tests.server.people import (
    AT_T1,
    AT_T2,
    BANK,
    CONTACT,
    CONTACT2,
    COUNTY,
    COURSE,
    LEAD,
    LEAD2,
    NANSHAN,
    POST,
    PROVINCE,
    PROVINCE_LEADERS,
)
from tests.server.story import Day, Story
from tests.server.world import World

pytestmark = pytest.mark.server

NOBODY = timedelta(seconds=0.3)
"""Patience where no worker answers anyway."""


async def _reporter(world: World) -> Story:
    """S5 up to the last warning."""
    story = await Story.filed(world, "14:00", circumstances={"media": True}, **AT_T2)
    assert await story.reached("tell.media") == {POST, BANK, *PROVINCE_LEADERS, LEAD2}
    assert (await story.view())["criteria"] == ["authority_or_media"]
    assert await story.due("outlet_report") == "15:00"
    assert not [clock for clock in await story.clocks() if clock.endswith("on_scene")]
    assert await story.refused("14:05", LEAD2, "statement_issued", text="声明") == "R57.5"
    await story.accepted("14:20", BANK, "media_contacted", authorised_by=BANK)
    await story.until("14:51")
    assert await story.reached("warn.outlet_report.1") == {LEAD2, CONTACT2}
    assert await story.reached("warn.outlet_report.2") == {LEAD2, CONTACT2, COUNTY}
    return story


@pytest.mark.rule("R2.2", "R8", "R43", "R57.4", "R57.5")
async def test_a_report_on_the_last_instant_is_on_time_whatever_wakes_the_incident(alone: World) -> None:
    async with alone.worker():
        story = await _reporter(alone)
    await story.until("15:00")  # the deadline passes meanwhile, and its timer is there before the report is
    assert (await story.tell("15:00", LEAD2, "report_submitted", content=COURSE, patience=NOBODY)).state == "pending"
    async with alone.worker():
        await story.quiet()
        assert (await story.clocks())["outlet_report"] == "met"
        assert await story.met("outlet_report") == "15:00"
        assert await story.said("breach") == []
        assert await story.reached("breach.outlet_report") == set()
        assert [refusal["rule"] for refusal in (await story.view())["refusals"]] == ["R57.5"]


@pytest.mark.rule("R43", "R62")
async def test_a_report_one_second_late_is_one_breach_told_once(world: World) -> None:
    story = await _reporter(world)
    late = await story.accepted("15:00:01", LEAD2, "report_submitted", content=COURSE)
    assert late.met_clocks == ("outlet_report",)
    await story.until("15:30")
    assert (await story.clocks())["outlet_report"] == "met_late"
    assert await story.about("breach") == ["outlet_report"]
    assert LEAD2 in await story.reached("breach.outlet_report")


@pytest.mark.rule("R14", "R28", "R43", "R44", "R45", "R60", "R62")
async def test_late_at_night_nobody_reports(alone: World) -> None:
    lead, contact, work = f"{NANSHAN}.lead", f"{NANSHAN}.contact", "gd-sz-ns.work"
    alone.outbox.refuses = {lead}
    async with alone.worker():
        story = await Story.filed(
            alone,
            "22:40",
            channel="media",
            outlet=NANSHAN,
            insurer="zhongtai-life",
            reported_by="system:monitor",
            circumstances={"media": True},
        )
        await story.quiet()
        assert (await story.due("outlet_report"), await story.due("province_opinion")) == ("23:40", "D+1 22:40")
        assert (await story.attributes())["TocsinUndelivered"] == 1
        assert {e["data"]["recipient"] for e in await story.said("undelivered")} == {lead}
        assert set(await _recipients(story, "tell.undelivered")) == {contact, work}
        await story.accepted("22:55", contact, "notice_acknowledged", notice_id=f"tell.crisis~{contact}")
        assert (await story.clocks())["outlet_report"] == "running"

        alone.outbox.refuses = set()
        await story.until("23:41")
        assert (await story.clocks())["outlet_report"] == "missed"
        assert (await story.attributes())["TocsinOverdue"] == 1
        leaders = {"gd-sz-ns.post", "gd-sz-ns.bank"}
        assert await story.reached("breach.outlet_report") == {lead, contact, work, *leaders, "gd-sz.work"}
        breach = (await story.said("breach"))[0]["data"]
        assert story.when(breach["at"]) == "23:40"
        assert (breach["acknowledged_by"], story.when(breach["outlet_first_acknowledged_at"])) == (contact, "22:55")

        await story.accepted("D+1 00:25", contact, "report_submitted", content=COURSE)
        assert (await story.clocks())["outlet_report"] == "met_late"
        await story.quiet()
        assert (await story.attributes())["TocsinOverdue"] == 0
        await story.accepted("D+1 00:40", work, "report_submitted", content=COURSE)
        await story.accepted("D+1 01:05", "gd-sz.work", "report_submitted", content=COURSE)
        await story.accepted("D+1 20:00", PROVINCE, "handling_opinion_submitted", opinion="意见")
        await story.accepted("D+1 20:30", PROVINCE, "regulator_informed")
        clocks = await story.clocks()
        assert {clocks[name] for name in ("relay.county", "relay.city", "province_opinion", "regulator_report")} == {
            "met"
        }
        decided = {"category": 2, "outcome": "none", "decision": "说明"}
        assert await story.refused("D+1 20:40", "gd-sz-ns.post", "accountability_decided", **decided) == "R60"
        await story.accepted("D+1 20:45", "zhongtai-life.gd-sz", "insurer_decided", decision="解释")
        await story.accepted("D+1 20:50", work, "resolved")
        await story.accepted("D+1 20:55", "gd-sz-ns.post", "accountability_decided", **decided)
        assert await story.about("breach") == ["outlet_report"], "the breach stays"


async def _recipients(story: Story, prefix: str) -> list[str]:
    return [e["data"]["recipient"] for e in await story.said("notice") if e["data"]["duty"].startswith(prefix)]


async def _down_until_1140(world: World) -> Story:
    """S7: by now it is 11:40, and no worker has served the incident since it was filed."""
    day = Day(world, "10:00", present="11:40")
    return await day.filed("10:00", circumstances={"disrupts_outlet": True}, **AT_T1)


def _of_the_hour(story: Story) -> list[str]:
    """The warnings and breaches of the outlet's hour that went out."""
    return sorted({m.duty for m in story.messages() if m.duty.startswith(("warn.outlet", "breach.outlet"))})


@pytest.mark.rule("R2.3", "R43", "R44")
async def test_a_report_made_while_all_workers_were_down_counts_from_its_receipt(alone: World) -> None:
    story = await _down_until_1140(alone)
    receipt = await story.tell("10:50", LEAD, "report_submitted", content=COURSE, patience=NOBODY)
    assert (receipt.state, receipt.accepted) == ("pending", False)
    async with alone.worker():
        await story.quiet()
        assert await story.clocks() | {"outlet_report": "met", "relay.county": "running"} == await story.clocks()
        assert await story.met("outlet_report") == "10:50"
        assert await story.due("relay.county") == "11:50"
        assert await story.said("breach") == []
        await story.until("11:45")
        assert await story.reached("tell.report") == {COUNTY}
        assert _of_the_hour(story) == []
        assert len(await story.said("report_submitted")) == 1


@pytest.mark.rule("R43", "R62")
async def test_a_late_report_in_an_outage_is_one_breach_and_one_notice_of_five_minutes(alone: World) -> None:
    story = await _down_until_1140(alone)
    await story.tell("11:05", LEAD, "report_submitted", content=COURSE, patience=NOBODY)
    async with alone.worker():
        await story.quiet()
        assert (await story.clocks())["outlet_report"] == "met_late"
        assert [story.when(e["data"]["at"]) for e in await story.said("breach")] == ["11:00"]
        assert LEAD in await story.reached("breach.outlet_report")
        assert _of_the_hour(story) == ["breach.outlet_report"]
        assert all("5分钟" in message.text.replace(" ", "") for message in story.messages("breach.outlet_report"))


@pytest.mark.rule("R43", "R45", "R62")
async def test_nobody_having_reported_in_an_outage_one_breach_says_forty_minutes(alone: World) -> None:
    story = await _down_until_1140(alone)
    async with alone.worker():
        await story.quiet()
        assert (await story.clocks())["outlet_report"] == "missed"
        assert {LEAD, CONTACT} <= await story.reached("breach.outlet_report")
        assert _of_the_hour(story) == ["breach.outlet_report"]
        assert all("40分钟" in message.text.replace(" ", "") for message in story.messages("breach.outlet_report"))
        assert await story.due("province_opinion") == "D+1 10:00"


@pytest.mark.rule("R43", "R62")
async def test_when_the_outlet_knew_earlier_the_hour_moves_back_and_never_forward(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T2)
    await story.accepted("10:20", LEAD2, "circumstances_reported", headcount=5)
    assert await story.due("outlet_report") == "11:20"
    await story.accepted("11:10", LEAD2, "report_submitted", content=COURSE)
    camera = await story.accepted("13:00", COUNTY, "circumstances_reported", headcount=5, known_at="at:09:50")
    assert (await story.clocks())["outlet_report"] == "met_late"
    assert (await story.due("outlet_report"), await story.due("province_opinion")) == ("10:50", "D+1 09:50")
    breach = next(e for e in await story.said("breach") if e["about"] == "outlet_report")
    assert story.when(breach["data"]["at"]) == "10:50"
    moved = next(e for e in await story.said("clock_moved") if e["about"] == "outlet_report")
    assert (moved["by"], moved["data"]["by_fact"], story.when(moved["data"]["from"])) == (
        COUNTY,
        camera.fact_id,
        "11:20",
    )
    assert LEAD2 in await story.reached("tell.anchor_moved")
    await story.accepted("13:30", LEAD2, "circumstances_reported", headcount=5, known_at="at:10:05")
    await story.accepted("13:40", LEAD2, "circumstances_reported", headcount=5, known_at="at:14:00")
    assert await story.due("outlet_report") == "10:50"
    held = (await story.said("circumstances_reported"))[-1]
    assert story.when(held["data"]["placed_at"]) == "13:40"
    assert len(await story.said("circumstances_reported")) == 4, "every statement stays"


@pytest.mark.rule("R43")
async def test_a_complaint_that_becomes_a_crisis_later_runs_from_then(world: World) -> None:
    story = await Story.filed(world, "09:00", **AT_T1)
    await story.accepted("15:00", LEAD, "circumstances_reported", government=True)
    assert await story.due("outlet_report") == "16:00"
