"""Notices that have not arrived, on the command line: listed, sent again, sent to others, answered by a link (R14)."""

import json
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import Client

from runtime.ack_links import ack_links
from runtime.seals import keyring
from runtime.settings import Settings
from starter import file_complaint, view
from starter.notices import Found, Undone
from starter.pages.notices import notices_page
from starter.pages.seen import Seen
from starter.pages.show import show_page
from starter.pages.timeline import entry_line
from tests.cli.conftest import Process, Tocsin
from tests.cli.test_pages import NOW, VIEW, printed
from tests.plan.told import Day
from tests.server.recorder import Recorder
from worker import build_worker

LEAD, CONTACT, COUNTY = "gd-gz-th-0001.lead", "gd-gz-th-0001.contact", "gd-gz-th.work"
FILED = f"tell.filed~{LEAD}"
HELD: dict[str, Any] = {
    "notice_id": "tell.crisis~gd.work",
    "duty": "tell.crisis",
    "recipient": "gd.work",
    "channel": None,
    "state": "held",
    "held_until": (NOW + timedelta(minutes=2)).isoformat(),
    "created_at": NOW.isoformat(),
    "attempts": 0,
    "tries": [],
}
FAILED: dict[str, Any] = {
    "notice_id": FILED,
    "duty": "tell.filed",
    "recipient": LEAD,
    "channel": "sms",
    "state": "failed",
    "created_at": (NOW - timedelta(hours=1)).isoformat(),
    "attempts": 4,
    "resent": 1,
    "tries": [
        {"at": NOW.isoformat(), "channel": "wecom", "delivered": False, "code": "93000", "why": "ChannelMisconfigured"},
        {"at": NOW.isoformat(), "channel": "sms", "delivered": False, "code": "isv.BLACK", "why": "ChannelRefused"},
    ],
}


# -- pages -------------------------------------------------------------------------------------------------------------


def shown(*notices: dict[str, Any], lang: Any = "zh") -> str:
    return printed(show_page(Seen.model_validate({**VIEW, "notices": notices}), lang, NOW))


def test_the_page_of_an_incident_says_of_each_notice_to_whom_what_over_what_until_when_and_with_which_code() -> None:
    page = shown(HELD, FAILED)
    (held,) = [line for line in page.splitlines() if "gd.work" in line and "告知·危机事件" in line]
    assert held.split() == ["…", "暂存", "告知·危机事件", "gd.work", "-", "至", "10:02", "-", "0"]
    (failed,) = [line for line in page.splitlines() if "告知·新投诉" in line]
    assert failed.split() == ["✗", "未送达", "告知·新投诉", LEAD, "sms", "10:00", "isv.BLACK", "4", "重发", "1"]
    assert "resent 1" in shown(FAILED, lang="en")


def test_what_has_not_arrived_is_shown_however_long_ago_it_was() -> None:
    done = {**HELD, "state": "delivered", "held_until": None}
    page = shown(FAILED, *({**done, "notice_id": f"n~{n}", "recipient": f"p{n}"} for n in range(30)))
    assert "告知·新投诉" in page
    assert "p0 " not in page
    assert "p29" in page
    assert "(13 条，共 31 条)" in page


def test_what_nobody_answered_stands_among_what_is_owed() -> None:
    owed = [{"what": "tell.crisis", "rule": "R43", "by": [LEAD, COUNTY], "state": "unanswered"}]
    page = printed(show_page(Seen.model_validate({**VIEW, "outstanding": owed}), "zh", NOW))
    assert f"待办: 告知·危机事件  一直没回应 {LEAD}, {COUNTY}  R43" in page


def test_the_list_across_incidents_says_why_and_gives_the_ids_to_send_again() -> None:
    last = FAILED["tries"][-1]
    undone = Undone(incident_id="GD-1", **{**FAILED, "at": last["at"], "code": last["code"], "why": last["why"]})
    held = Undone(incident_id="GD-2", **HELD)
    page = printed(notices_page(Found(notices=(undone, held), incidents=2), "en", NOW))
    heads, first, second = page.splitlines()
    assert heads.split() == ["incident", "notice", "state", "channel", "when", "code", "attempts", "why"]
    assert first.split() == ["GD-1", FILED, "not", "delivered", "sms", "10:00", "isv.BLACK", "4", "ChannelRefused"]
    assert second.split()[:7] == ["GD-2", "tell.crisis~gd.work", "held", "-", "until", "10:02", "-"]
    assert "Every notice has arrived." in printed(notices_page(Found(notices=(), incidents=0), "en", NOW))


def test_the_record_says_of_each_delivery_the_channels_code() -> None:
    day = Day("09:00", unreachable=[LEAD])
    day.tell("09:10", "operator", "notice_resent", notice_id=FILED, to=CONTACT)
    day.tell("09:12", LEAD, "calming_attempted", outcome="failed")
    day.until("10:10")
    lines = [entry_line(entry, "zh").plain for entry in day.book.entries]
    assert any(f"发送失败  告知·新投诉 → {LEAD}  outbox  refused" in line for line in lines)
    assert any(f"已送达  告知·新投诉 → {CONTACT}  outbox  代码 0" in line for line in lines)
    assert any(f"重发通知  告知·新投诉 → {LEAD}  改告知 {CONTACT}  由 operator" in line for line in lines)
    assert any("一直无人回应  告知·安抚无效  没回应的有 anhe-life.gd-gz" in line for line in lines)


# -- without a server --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("link", ["", "https://x.cn/n/abc", "é", "a" * 2000])
def test_what_is_no_link_is_malformed_and_not_repeated(tocsin: Tocsin, link: str) -> None:
    said = tocsin("acknowledge", link, "--json")
    assert (said.code, said.json["error"]["type"]) == (2, "Malformed")
    assert "Copy the whole link" in said.err
    assert len(link) < 10 or link not in said.err + said.out


def test_a_link_whose_time_is_over_is_refused(tocsin: Tocsin) -> None:
    links = ack_links(Settings(), keyring(Settings()))
    said = tocsin("acknowledge", links.token("GD-1", FILED, LEAD, datetime.now(UTC) - timedelta(days=4)), "--json")
    assert (said.code, said.json["error"]["type"]) == (1, "Refused")


@pytest.mark.parametrize("command", [["resend", "GD-1", FILED], ["reroute", "GD-1", FILED, "--to", COUNTY]])
def test_somebody_has_to_be_named_who_has_it_done(tocsin: Tocsin, command: list[str]) -> None:
    said = tocsin(*command)
    assert (said.code, "--by PERSON" in said.err) == (2, True)


# -- against a server --------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
async def outbox(apart: Client) -> AsyncGenerator[Recorder]:
    """A worker whose outbox does not reach the lead, until it is told to."""
    outbox = Recorder()
    outbox.refuses = {LEAD}
    async with build_worker(apart, settings=Settings(), channels={"outbox": outbox}):
        yield outbox


@pytest.fixture
async def incident(apart: Client, outbox: Recorder) -> str:
    """An incident of which one notice has failed."""
    outbox.refuses = {LEAD}
    said = {"channel": "outlet", "reason": "x", "outlet": "gd-gz-th-0001", "insurer": "anhe-life"}
    filed = await file_complaint(apart, {**said, "incident_id": f"N-{uuid4().hex[:8]}"})
    await settled(apart, filed.incident_id)
    return filed.incident_id


async def settled(client: Client, incident: str) -> dict[str, str]:
    """The states of its notices, once none is on its way."""
    while True:
        notices = (await view(client, incident))["notices"]
        if notices and not any(notice["state"] == "pending" for notice in notices):
            return {notice["notice_id"]: notice["state"] for notice in notices}


@pytest.mark.server
@pytest.mark.rule("R14", "R28")
async def test_what_failed_is_listed_and_sent_again_and_re_routed(
    process: Process, apart: Client, outbox: Recorder, incident: str
) -> None:
    here = {"TEMPORAL_NAMESPACE": apart.namespace, "TOCSIN_BY": "operator"}
    listed = await process("notices", "--incident", incident, "--json", **here)
    assert (listed.code, [each["notice_id"] for each in listed.json["notices"]]) == (0, [FILED])
    assert (listed.json["notices"][0]["state"], listed.json["next"]) == ("failed", None)

    refused = await process("reroute", incident, FILED, "--to", "gd-zh-0001.lead", **here)
    assert (refused.code, "R28" in refused.err) == (1, True)
    rerouted = await process("reroute", incident, FILED, "--to", f"{COUNTY}2", **here)
    assert (rerouted.code, "on its way" in rerouted.out) == (0, True)
    outbox.refuses.clear()
    resent = await process("resend", incident, FILED, "--json", **here)
    assert (resent.code, resent.json["state"]) == (0, "accepted")
    states = await settled(apart, incident)
    assert {states[FILED], states[f"tell.filed~{COUNTY}2"]} == {"delivered"}
    empty = await process("notices", "--incident", incident, **here)
    assert (empty.code, empty.out.strip()) == (0, "Every notice has arrived.")
    unknown = await process("resend", incident, "tell.nothing~x", "--json", **here)
    assert (unknown.code, unknown.json["rule"]) == (1, "R28")


@pytest.mark.server
@pytest.mark.rule("R14")
async def test_across_incidents_a_page_ends_with_a_whole_incident_and_says_that_there_is_more(
    process: Process, apart: Client, outbox: Recorder
) -> None:
    outbox.refuses = {LEAD, CONTACT}
    ids = sorted(f"M-{uuid4().hex[:8]}" for _ in range(3))
    for each in ids:
        said = {"channel": "outlet", "reason": "x", "outlet": "gd-gz-th-0001", "insurer": "anhe-life"}
        await file_complaint(apart, {**said, "incident_id": each})
        await settled(apart, each)
    here = {"TEMPORAL_NAMESPACE": apart.namespace}
    seen: list[str] = []
    after: list[str] = []
    while True:
        page = (await process("notices", "--state", "failed", "--limit", "1", "--json", *after, **here)).json
        seen += [each["incident_id"] for each in page["notices"]]
        if page["next"] is None and set(ids) <= set(seen):
            break
        after = ["--after", page["next"]] if page["next"] else []  # the list may not know the newest yet
        seen = seen if after else []
    assert seen == sorted(seen)
    assert all(seen.count(each) >= 2 for each in ids), "the lead, the contact, and whoever stood in for them"
    told = await process("notices", "--limit", "1", **here)
    assert "--after" in told.err
    assert (await process("notices", "--state", "held", "--json", **here)).json["notices"] == []


@pytest.mark.server
@pytest.mark.rule("R14")
async def test_a_link_says_received_for_the_person_it_was_sent_to_once(
    process: Process, apart: Client, incident: str
) -> None:
    here = {"TEMPORAL_NAMESPACE": apart.namespace}
    settings = Settings(public_url="https://tocsin.example.cn")
    notice = f"tell.filed~{COUNTY}"
    link = ack_links(settings, keyring(settings)).personal(incident, notice, COUNTY, datetime.now(UTC))
    assert link is not None
    first = await process("acknowledge", link, **here)
    assert (first.code, "Received is not reported" in first.out) == (0, True)
    again = await process("acknowledge", link.rpartition("/")[2], "--json", **here)
    assert (again.code, again.json["state"]) == (0, "duplicate")
    assert (await settled(apart, incident))[notice] == "acknowledged"
    entries = json.loads((await process("timeline", incident, "--json", **here)).out)["entries"]
    (said,) = [entry for entry in entries if entry["what"] == "notice_acknowledged"]
    assert (said["by"], said["door"]) == (COUNTY, "link")


@pytest.mark.server
async def test_an_incident_that_is_not_there_is_exit_code_4(process: Process, apart: Client, outbox: Recorder) -> None:
    assert outbox.asked is not None
    said = await process("notices", "--incident", "NONE-1", "--json", TEMPORAL_NAMESPACE=apart.namespace)
    assert (said.code, said.json["error"]["type"]) == (4, "NoSuchIncident")
