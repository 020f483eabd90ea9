"""Days at the counter on a real server: calmed, handed over, left (S1-S3)."""

import pytest

from tests.server.people import (
    ANHE,
    ANHE_NEXT,
    AT_T1,
    AT_T2,
    CONTACT,
    CONTACT2,
    COUNTY,
    LEAD,
    LEAD2,
    ZHONGTAI,
    ZHONGTAI_NEXT,
)
from tests.server.story import Story
from tests.server.world import World

pytestmark = pytest.mark.server


@pytest.mark.rule("R16", "R20", "R34", "R58")
async def test_a_customer_calmed_at_the_counter_needs_no_insurer(world: World) -> None:
    story = await Story.filed(world, "10:00", **AT_T1)
    assert await story.reached("tell.filed") == {LEAD, CONTACT, COUNTY, ANHE}
    assert await story.clocks() == {}
    await story.accepted("10:18", LEAD, "calming_attempted", outcome="calmed")
    assert await story.owed() == []
    await story.accepted("10:20", LEAD, "resolved")
    await story.accepted("10:30", COUNTY, "closed")
    assert (await story.ended())["stage"] == "closed"
    assert await story.duties() == ["tell.filed"]
    assert len(story.messages()) == 4


@pytest.mark.rule("R20", "R23", "R35", "R36", "R47", "R52", "R53", "R55", "R57.3")
@pytest.mark.parametrize("channel", ["outlet", "regulator"])
async def test_not_persuaded_handed_over_and_the_insurer_is_late(world: World, channel: str) -> None:
    story = await Story.filed(world, "09:12", channel=channel, **AT_T2)
    transfer = channel == "regulator"
    await _handed_over(story, transfer)
    await _examined(story, transfer)
    assert await story.refused("D+2 09:00", COUNTY, "insurer_decided", decision="x") == "R20"
    assert await story.refused("D+2 09:01", LEAD2, "decision_relayed") == "R55"
    assert await story.refused("D+2 09:02", COUNTY, "resolved") == "R20"

    await story.until("D+6 17:01")
    assert await story.reached("warn.insurer_answer.1") == {ZHONGTAI}
    await story.until("D+7 17:00")
    assert (await story.clocks())["insurer_answer"] == "running", "the last instant is still on time"
    await story.until("D+7 17:01")
    assert (await story.clocks())["insurer_answer"] == "missed"
    assert await story.reached("breach.insurer_answer") == {ZHONGTAI, ZHONGTAI_NEXT, COUNTY}
    assert (await story.view())["severity"] == "complaint"

    await story.accepted("D+8 10:00", ZHONGTAI, "insurer_decided", decision="协商", remedy="ex_gratia", amount="3000元")
    assert (await story.clocks())["insurer_answer"] == "met_late"
    assert await story.reached("tell.decided") == {LEAD2, COUNTY}
    assert not any("3000" in message.text for message in story.messages())
    await story.accepted("D+8 10:40", LEAD2, "decision_relayed")
    await story.accepted("D+8 15:00", COUNTY, "resolved")
    await story.accepted("D+8 15:00", COUNTY, "closed")
    assert (await story.ended())["stage"] == "closed"
    assert [entry["about"] for entry in await story.said("breach")] == ["insurer_answer"]


async def _handed_over(story: Story, transfer: bool) -> None:
    view = await story.view()
    assert view["care"]["referred"] is transfer
    assert view["severity"] == "complaint", "a transfer is not yet an intervention"
    assert await story.reached("tell.filed") == {LEAD2, CONTACT2, COUNTY, ZHONGTAI}
    early = await story.refused("09:15", LEAD2, "handed_to_insurer")
    assert early == ("R35" if transfer else "R57.3")
    await story.accepted("09:30", LEAD2, "calming_attempted", outcome="not_persuaded")
    assert await story.reached("tell.not_persuaded") == {COUNTY}
    assert await story.reached("prompt.customer_record") == {LEAD2}
    assert await story.refused("09:32", LEAD2, "handed_to_insurer") == "R35"
    await story.accepted("09:34", LEAD2, "customer_recorded", name="佘某", policy_numbers=["P-1", "P-2"])
    no = await story.told("09:34", LEAD2, "handed_to_insurer")
    assert no.rule == "R35"
    assert "phone" in (no.reason or "")
    await story.accepted("09:38", LEAD2, "customer_recorded", phone="13900000000")
    handed = await story.accepted("09:38", LEAD2, "handed_to_insurer", due_at="at:D+7 17:00")
    assert handed.met_clocks == ("handover",)
    assert await story.reached("tell.handed_over") == {ZHONGTAI}
    assert await story.due("insurer_answer") == "D+7 17:00"
    assert (await story.view())["stage"] == "with_insurer"
    assert await story.owed() == (["insurer_answer", "prompt.intervention"] if transfer else ["insurer_answer"])


async def _examined(story: Story, transfer: bool) -> None:
    good = {"call_back_made": True, "call_back_compliant": True}
    await story.accepted("D+1 09:00", ZHONGTAI, "policy_examined", policy_number="P-1", signed=True, **good)
    assert [(p["class"], p["possible"]) for p in (await story.view())["policies"]] == [
        ("undetermined", ["normal", "problem"])
    ]
    await story.accepted("D+1 09:05", COUNTY, "policy_examined", policy_number="P-1", mis_selling_proven=False)
    first = (await story.view())["policies"][0]
    assert (first["class"], first["route"]) == ("normal", "assist_with_insurer" if transfer else "explain")
    await story.accepted("D+1 09:10", LEAD2, "special_care_flagged", vulnerable=True)
    await story.accepted("D+1 09:15", ZHONGTAI, "policy_examined", policy_number="P-2", signed=False, **good)
    await story.accepted("D+1 09:20", COUNTY, "policy_examined", policy_number="P-2", mis_selling_proven=False)
    assert [(p["class"], p["route"]) for p in (await story.view())["policies"]] == [
        ("normal", "assist_with_insurer"),
        ("flawed", "ex_gratia_request"),
    ]


@pytest.mark.rule("R17", "R22", "R27", "R35", "R36", "R38")
async def test_calming_fails_the_insurer_does_not_answer_and_the_customer_leaves(world: World) -> None:
    story = await _failed(world)
    await story.accepted("15:50", LEAD, "scene_over", outcome="left")
    assert (await story.clocks())["insurer_on_scene"] == "cancelled"
    record = {"name": "佘某", "phone": "13900000000", "policy_numbers": ["P-1"]}
    await story.accepted("16:10", LEAD, "customer_recorded", **record)
    await story.accepted("16:10", LEAD, "handed_to_insurer")
    await story.until("18:00")
    assert not [duty for duty in await story.duties() if "on_scene" in duty or duty == "repeat.calming_failed.3"]


@pytest.mark.rule("R22", "R27")
async def test_an_insurer_who_never_comes_has_missed_its_target(world: World) -> None:
    story = await _failed(world)
    await story.until("16:09")
    assert (await story.clocks())["insurer_on_scene"] == "missed"
    assert await story.reached("breach.insurer_on_scene") == {ANHE, ANHE_NEXT, COUNTY}


async def _failed(world: World) -> Story:
    """S3 up to the answer that the insurer is on its way, expected after its target."""
    story = await Story.filed(world, "15:02", **AT_T1)
    failed = await story.accepted("15:08", LEAD, "calming_attempted", outcome="failed")
    assert failed.started_clocks == ("handover", "insurer_on_scene")
    assert await story.due("insurer_on_scene") == "16:08"
    assert await story.reached("tell.calming_failed") == {ANHE, COUNTY, LEAD}
    await story.until("15:19")
    assert await story.reached("repeat.calming_failed.1") == {ANHE}
    await story.until("15:29")
    assert await story.reached("repeat.calming_failed.2") == {ANHE_NEXT}
    notice = f"repeat.calming_failed.2~{ANHE_NEXT}"
    await story.accepted("15:30", ANHE_NEXT, "notice_acknowledged", notice_id=notice)
    assert (await story.clocks())["insurer_on_scene"] == "running", "acknowledged is not there"
    await story.accepted("15:35", ANHE, "on_the_way", party="insurer", expected_at="at:16:05")
    assert await story.reached("tell.on_the_way") == {LEAD, COUNTY}
    return story
