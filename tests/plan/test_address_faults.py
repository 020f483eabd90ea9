"""A person can be reached, by no chat that others read along, and not by chats alone (R14, R22, R28, R29, R40-R43)."""

from typing import Any

import pytest

from tests.plan.changed import Change, both, in_organisation, organisation, person

ROBOT = {"channel": "wecom", "to_env": "WECOM_COUNTY", "audience": "internal"}
OWN = {"channel": "voice", "to": "13800000001"}
DEPUTY = "gd-gz-th.work2"
"""Whom nobody has to wake, so that each fault shows alone."""


def ways(*channels: dict[str, Any], of: str = DEPUTY) -> Change:
    return person(of, channels=list(channels))


def said(change: Change) -> list[str]:
    return [str(fault) for fault in in_organisation(change)]


def only(change: Change) -> tuple[tuple[str | int, ...], str]:
    """The one fault: where, and what."""
    (fault,) = in_organisation(change)
    return fault.path, str(fault)


@pytest.mark.parametrize(
    "address",
    [
        ROBOT,
        {**ROBOT, "mention": "ZhangSan"},
        {**ROBOT, "mention": "13800000001"},
        {**ROBOT, "to": "http://127.0.0.1:9/cgi-bin/webhook/send?key=0000", "to_env": None},
        {"channel": "dingtalk", "to_env": "DINGTALK_COUNTY", "secret_env": "DINGTALK_SECRET", "audience": "internal"},
        {"channel": "dingtalk", "to_env": "DINGTALK_COUNTY", "audience": "internal", "mention": "manager4220"},
        {"channel": "feishu", "to_env": "FEISHU_COUNTY", "audience": "tripartite", "mention": "ou_18eac85d35a26f98"},
        {"channel": "feishu", "to": "http://[::1]:9/open-apis/bot/v2/hook/0000", "audience": "internal"},
        {"channel": "smtp", "to": "duty@example.cn"},
        {"channel": "smtp", "to_env": "DUTY_MAIL"},
        {"channel": "sms", "to": "13800000001"},
        {"channel": "sms", "to": "+8613800000001"},
        {"channel": "sms", "to": "+85200000000"},
        {"channel": "sms", "to": "138 0000 0001"},
        {"channel": "voice", "to": "020-00000000"},
        {"channel": "voice", "to": "8001"},
        {"channel": "webhook", "to": "https://example.cn/tocsin", "secret_env": "HOOK_SECRET"},
        {"channel": "webhook", "to_env": "HOOK_ADDRESS"},
        {"channel": "outbox"},
    ],
)
def test_a_way_that_is_written_as_it_must_be_has_no_fault(address: dict[str, Any]) -> None:
    assert said(ways(address)) == []


# -- channel, address, secret ------------------------------------------------------------------------------------------


def test_a_channel_that_there_is_not_is_told_with_those_there_are() -> None:
    path, what = only(ways({"channel": "wechat", "to": "x"}))
    assert path[-1] == "channel"
    assert what.startswith("wechat is not a channel; write one of outbox, webhook, smtp, sms, voice, wecom, dingtalk")


@pytest.mark.rule("R28")
@pytest.mark.parametrize("channel", ["wecom", "dingtalk", "feishu", "smtp", "sms", "voice", "webhook"])
def test_an_address_stands_in_one_place(channel: str) -> None:
    _, what = only(ways({"channel": channel, "audience": "internal", "secret_env": "SOME_SECRET"}))
    assert what.startswith(f"{DEPUTY} has no address for {channel} (R28); write it in to, or name in to_env")
    path, what = only(ways({"channel": channel, "audience": "internal", **HERE[channel], "to_env": "ELSEWHERE"}))
    assert path[-1] == "to_env"
    assert what == f"an address of {DEPUTY} stands in to and in to_env; keep one of them"


HERE: dict[str, dict[str, str]] = {
    **{channel: {"to": "http://localhost:9/"} for channel in ("wecom", "dingtalk", "feishu", "webhook")},
    **{channel: {"to": "13800000001"} for channel in ("sms", "voice")},
    "smtp": {"to": "duty@example.cn"},
}


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("channel", "to"),
    [
        ("wecom", "https://qyapi.example/cgi-bin/webhook/send?key=0000"),
        ("dingtalk", "https://oapi.example/robot/send?access_token=0000"),
        ("feishu", "https://open.example/open-apis/bot/v2/hook/0000"),
        ("feishu", "https://open.example/short/0000"),
        ("wecom", "county-chat-0000"),
        ("wecom", "https://127.0.0.1.example/send?key=0000"),
        ("wecom", "https://127.0.0.1@qyapi.example/send?key=0000"),
        ("wecom", "https://127.0.0.1:1@qyapi.example/send?key=0000"),
        ("wecom", "https://localhost.example/send?key=0000"),
    ],
)
def test_a_robots_address_is_named_and_never_written(channel: str, to: str) -> None:
    path, what = only(ways({"channel": channel, "to": to, "audience": "internal"}))
    assert path[-1] == "to"
    assert what.startswith("a robot's address is a secret: whoever has it can speak in the chat (R29); ")
    assert what.endswith("put it into an environment variable and name that in to_env")
    assert "0000" not in what


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("to", "where"),
    [
        ("smtp://post:word@mail.example", "to_env"),
        ("https://example.cn/hook?token=0000", "to_env"),
        ("https://example.cn/hook/0000", "to_env"),
        ("SEC00000000000000000000", "secret_env"),
    ],
)
def test_a_secret_is_named_and_never_written(to: str, where: str) -> None:
    path, what = only(ways({"channel": "webhook", "to": to}))
    assert path[-1] == "to"
    assert what.endswith(f"put it into an environment variable and name that in {where}")
    assert "0000" not in what
    assert "word" not in what


def test_a_secret_has_a_variable_of_its_own() -> None:
    path, what = only(ways({**ROBOT, "secret_env": "WECOM_COUNTY"}))
    assert path[-1] == "secret_env"
    assert what.endswith("name the secret's variable")


@pytest.mark.rule("R28")
@pytest.mark.parametrize(
    ("channel", "to", "like"),
    [
        ("smtp", "the duty desk", "one plain mail address"),
        ("smtp", "somebody@", "one plain mail address"),
        ("smtp", "<duty@example.net>", "one plain mail address"),
        ("smtp", "值班@example.net", "one plain mail address"),
        ("smtp", "one@example.net, two@example.net", "one plain mail address"),
        ("sms", "020-00000000", "a mobile number"),
        ("sms", "1380000000", "a mobile number"),
        ("sms", "ask the lead", "a mobile number"),
        ("voice", "11", "a telephone number"),
        ("voice", "duty@example.cn", "a telephone number"),
        ("webhook", "ftp://example.cn/", "an address of the web"),
        ("webhook", "hooks.example.cn", "an address of the web"),
    ],
)
def test_an_address_looks_like_one_of_its_channel(channel: str, to: str, like: str) -> None:
    path, what = only(ways({"channel": channel, "to": to}))
    assert path[-1] == "to"
    assert what.startswith(f"an address of {DEPUTY} is not {like} (R28); write")
    assert to not in what


@pytest.mark.rule("R41", "R46")
@pytest.mark.parametrize("channel", ["voice", "sms"])
@pytest.mark.parametrize("number", ["110", "12378", "12345", "020-0000-0110", "02000000110"])
def test_police_and_regulators_are_nobodys_way(channel: str, number: str) -> None:
    faults = said(ways({"channel": channel, "to": number}))
    assert any(what.startswith(f"an address of {DEPUTY} is an authority's") for what in faults)
    assert number not in "".join(faults)


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    ("channel", "mention"),
    [
        ("wecom", "@all"),
        ("wecom", "all"),
        ("wecom", "张三"),
        ("dingtalk", "13800000001"),
        ("dingtalk", "+86 13800000001"),
        ("dingtalk", "all"),
        ("feishu", "13800000001"),
        ("feishu", "ou_1 ou_2"),
        ("feishu", "duty@example.cn"),
    ],
)
def test_a_mention_is_an_id_of_the_service_and_never_everybody(channel: str, mention: str) -> None:
    path, what = only(ways({"channel": channel, "to_env": "CHAT", "audience": "internal", "mention": mention}))
    assert path[-1] == "mention"
    assert what.startswith(f"is no id by which {channel} knows {DEPUTY} (R29); ")
    assert mention not in what or mention == "all"


def test_nobody_is_mentioned_where_there_is_no_chat() -> None:
    path, what = only(ways({**OWN, "mention": "ZhangSan"}))
    assert path[-1] == "mention"
    assert what.startswith("voice is no chat")


# -- who reads it ------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R29")
@pytest.mark.parametrize("channel", ["wecom", "dingtalk", "feishu"])
@pytest.mark.parametrize("audience", [{}, {"audience": "personal"}])
def test_a_chat_is_no_personal_channel(channel: str, audience: dict[str, str]) -> None:
    path, what = only(ways({"channel": channel, "to_env": "CHAT", **audience}))
    assert path[-1] == "audience"
    assert what.startswith(f"{channel} writes into a chat, and a chat is read by many (R29); write internal, or")


@pytest.mark.rule("R29")
def test_one_chat_has_one_audience() -> None:
    wide = {**ROBOT, "audience": "tripartite"}
    path, what = only(both(ways(ROBOT), ways(wide, of="gd-gz.work2")))
    assert path[-1] == "audience"
    assert what.startswith("the same chat is tripartite for one person and internal for another (R29); ")
    assert said(both(ways(ROBOT), ways({**wide, "to_env": "WECOM_CITY"}, of="gd-gz.work2"))) == []
    assert said(both(ways(wide), ways(wide, of="gd-gz.work2"))) == []


@pytest.mark.rule("R29")
def test_a_chat_an_insurer_reads_is_not_internal() -> None:
    theirs = ways({**ROBOT, "audience": "tripartite"}, OWN, of="anhe-life.gd")
    path, what = only(both(theirs, ways(ROBOT)))
    assert path[-1] == "audience"
    assert what.startswith(f"an insurer's person is reached by the same address as {DEPUTY} (R29); write tripartite")
    assert said(both(theirs, ways({**ROBOT, "audience": "tripartite"}))) == []


@pytest.mark.rule("R29")
@pytest.mark.parametrize("address", [ROBOT, {"channel": "outbox", "audience": "internal"}])
def test_an_insurers_person_reads_nothing_internal(address: dict[str, Any]) -> None:
    path, what = only(ways(OWN, address, of="anhe-life.gd"))
    assert path[-2:] == (1, "audience")
    assert what.startswith("anhe-life.gd is an insurer's, and internal is for Post and Bank alone (R29); ")


# -- who wakes up ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "why", "rule"),
    [
        pytest.param("gd-gz-th-0001.lead", "is to report within the hour", "R43", marks=pytest.mark.rule("R43")),
        pytest.param("gd-gz-th.work", "is to go to the scene", "R40", marks=pytest.mark.rule("R40")),
        pytest.param("gd-gz-th.bank", "is to command at the scene", "R42", marks=pytest.mark.rule("R42")),
        pytest.param("anhe-life.gd", "is to come to the scene", "R22", marks=pytest.mark.rule("R22")),
    ],
)
def test_who_must_come_or_report_is_not_reached_by_chats_alone(who: str, why: str, rule: str) -> None:
    chat = {**ROBOT, "audience": "tripartite" if who.startswith("anhe") else "internal"}
    path, what = only(ways(chat, {**chat, "channel": "dingtalk"}, of=who))
    assert path[-1] == "channels"
    assert what == (
        f"{who} {why} and is reached by chats alone, which wake nobody ({rule}); "
        "add voice, sms or another way of their own"
    )
    for way in (OWN, {"channel": "smtp", "to": "duty@example.cn"}, {"channel": "outbox"}):
        assert said(ways(chat, way, of=who)) == []


def test_others_may_be_reached_by_chats_alone_and_who_has_left_by_anything() -> None:
    assert said(both(ways(ROBOT), ways(ROBOT, of="gd-gz-th.contact"), ways(ROBOT, of="operator"))) == []
    gone = person("anhe-life.hq", left=True, channels=[{**ROBOT, "audience": "tripartite"}])
    assert said(gone) == []


@pytest.mark.rule("R29")
def test_no_fault_of_a_way_shows_an_address_a_number_or_a_name() -> None:
    wrong = {"channel": "sms", "to": "13800000001", "to_env": "X", "mention": "13800000001", "audience": "internal"}

    def everybody(data: Any) -> None:
        for entry in data["persons"]:
            entry.update(channels=[wrong, {**ROBOT, "mention": "@all", "to": "https://q.example/?key=0000"}])

    told = "\n".join(said(everybody))
    assert told
    for known in organisation().persons:
        assert known.name not in told
    for hidden in ("138000", "0000", "q.example", "@all"):
        assert hidden not in told
