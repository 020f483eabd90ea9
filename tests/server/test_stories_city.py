"""A day of an outlet straight under a city on a real server: stood down, yet the opinion is owed (S10)."""

import pytest

from tests.server.people import COURSE, HQ_LEADERS, PROVINCE, PROVINCE_LEADERS, ZHUHAI
from tests.server.story import Story
from tests.server.world import World

pytestmark = pytest.mark.server

LEAD, CITY, BANK, ANHE = f"{ZHUHAI}.lead", "gd-zh.work", "gd-zh.bank", "anhe-life.gd-zh"


@pytest.mark.rule("R2.2", "R19", "R43", "R44", "R45", "R46", "R58", "R60", "R62")
async def test_stood_down_in_the_afternoon_yet_the_province_owes_its_opinion(world: World) -> None:
    story = await Story.filed(world, "09:00", outlet=ZHUHAI, insurer="anhe-life", reported_by=LEAD)
    await story.accepted("09:10", LEAD, "circumstances_reported", regulator=True)
    assert await story.due("outlet_report") == "10:10"
    assert CITY in await story.reached("tell.crisis")
    reported = await story.accepted("09:40", LEAD, "report_submitted", content=COURSE)
    assert (reported.met_clocks, reported.started_clocks) == (("outlet_report",), ("relay.city",))
    assert (await story.accepted("10:00", CITY, "report_submitted", content=COURSE)).met_clocks == ("relay.city",)
    assert "relay.county" not in await story.clocks()
    await story.accepted("14:00", ANHE, "insurer_decided", decision="解释")
    await story.accepted("14:30", LEAD, "decision_relayed")
    assert await story.refused("15:00", CITY, "stood_down", reason="已回复。") == "A18"
    await story.accepted("15:00", BANK, "stood_down", reason="已回复。")
    await story.accepted("15:30", CITY, "resolved")
    await story.accepted("15:30", CITY, "root_cause_recorded", root_cause="未及时答复", lessons="专人跟进")
    assert await story.refused("15:40", CITY, "closed") == "R45"
    assert await story.refused("15:40", CITY, "withdrawn") == "R45"

    await story.until("D+1 08:11")
    warned = {PROVINCE, *PROVINCE_LEADERS}
    assert [await story.reached(f"warn.province_opinion.{n}") for n in (1, 2)] == [warned, warned]
    await story.until("D+1 09:05")
    informed = await story.accepted("D+1 09:05", PROVINCE, "regulator_informed")
    assert informed.met_clocks == ("regulator_report",)
    assert await story.refused("D+1 09:06", PROVINCE, "handling_opinion_submitted", opinion="  ") == "R45"
    await story.until("D+1 09:11")
    assert (await story.clocks())["province_opinion"] == "missed"
    assert await story.reached("breach.province_opinion") == {*PROVINCE_LEADERS, *HQ_LEADERS}
    await story.accepted("D+1 10:00", PROVINCE, "handling_opinion_submitted", opinion="同意。")
    assert (await story.clocks())["province_opinion"] == "met_late"
    assert await story.refused("D+1 10:20", CITY, "closed") == "R60", "a statutory clock was breached"
    none = {"category": 2, "outcome": "none", "decision": "已口头汇报。"}
    await story.accepted("D+1 10:25", "gd.post", "accountability_decided", **none)
    await story.accepted("D+1 10:30", CITY, "closed")
    assert (await story.ended())["stage"] == "closed"
