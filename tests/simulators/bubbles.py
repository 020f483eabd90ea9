"""How one arrival looks: a bubble as its chat, phone or mail box would show it, and why it was not taken."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from tests.simulators.feishu import MENTION
from tests.simulators.inbox import CHATS, Arrival, Inbox, Kind
from tests.simulators.markup import Html, joined, tag

CHINA = ZoneInfo("Asia/Shanghai")


def bubbles(arrivals: tuple[Arrival, ...], inboxes: dict[str, Inbox], ours: str) -> Html:
    """The oldest first, each day under its date. Only addresses that begin with `ours` can be clicked."""
    seen: dict[str, Arrival] = {}
    day, shown = "", list[Html]()
    for arrival in arrivals:
        if (on := _day(arrival.at)) != day:
            shown.append(tag("p", on, class_="day"))
            day = on
        shown.append(_bubble(arrival, inboxes[arrival.inbox], seen.get(arrival.key), ours))
        if arrival.taken and arrival.key:
            seen.setdefault(arrival.key, arrival)
    return joined(*shown)


def _bubble(arrival: Arrival, inbox: Inbox, earlier: Arrival | None, ours: str) -> Html:
    kind = "" if arrival.taken else " no"
    return tag(
        "article",
        _head(arrival, inbox),
        tag("h3", arrival.subject) if arrival.subject else None,
        tag("p", _text(arrival, inbox, ours), class_="text") if arrival.read else None,
        _refused(arrival),
        _repeated(arrival, earlier),
        tag("p", f"#{arrival.number} {arrival.key}", class_="key"),
        class_=f"bubble {inbox.kind}{kind}",
        id=f"n{arrival.number}",
    )


def _head(arrival: Arrival, inbox: Inbox) -> Html:
    match inbox.kind:
        case Kind.SMS:
            who = joined("短信 ", _en("SMS"))
        case Kind.VOICE:
            who = joined("来电 ", _en("Call"))
        case Kind.SMTP:
            who = joined("发件人 ", _en("From"), " ", arrival.sender)
        case Kind.WEBHOOK:
            who = joined("推送 ", _en("Webhook"))
        case _:
            who = joined("机器人 ", _en("Robot"))
    at = arrival.at.astimezone(CHINA)
    return tag("p", tag("span", who), tag("time", f"{at:%H:%M:%S}", datetime=arrival.at.isoformat()), class_="head")


def _text(arrival: Arrival, inbox: Inbox, ours: str) -> Html:
    """The text with whom it calls, by the names that the chat knows them by."""
    if inbox.kind not in CHATS:
        return _linked(arrival.text, ours)
    if inbox.kind is Kind.WECOM:
        called = [tag("b", f"@{_name(each, inbox)}") for each in arrival.mentions]
        return joined(_linked(arrival.text, ours), *(joined(" ", each) for each in called))
    pattern = MENTION if inbox.kind is Kind.FEISHU else _written(arrival.mentions)
    shown, end = list[str](), 0
    for found in pattern.finditer(arrival.text) if pattern else ():
        shown += [_linked(arrival.text[end : found.start()], ours), tag("b", f"@{_name(found.group(1), inbox)}")]
        end = found.end()
    return joined(*shown, _linked(arrival.text[end:], ours))


def _linked(text: str, ours: str) -> Html:
    """What leads to a page of the simulators' own; everything else is text."""
    parts = re.split(f"({re.escape(ours)}/[A-Za-z0-9_./%-]+)", text)
    return joined(*(tag("a", each, href=each) if at % 2 else each for at, each in enumerate(parts)))


def _written(mentions: tuple[str, ...]) -> re.Pattern[str] | None:
    """In a text of DingTalk's a mention reads @ and the id; the longest id first."""
    ids = sorted((each for each in mentions if each != "@all"), key=len, reverse=True)
    return re.compile("@(" + "|".join(map(re.escape, ids)) + ")") if ids else None


def _name(mention: str, inbox: Inbox) -> str:
    if mention in ("@all", "all"):
        return "所有人"
    return next((each.name for each in inbox.people if mention in each.mentions), mention)


def _refused(arrival: Arrival) -> Html | None:
    if arrival.taken:
        late = arrival.fault and arrival.answer == arrival.fault
        return tag("p", "收下了，没有回答 ", _en("taken, not answered"), class_="why") if late else None
    if arrival.fault is None and arrival.answer == "accepted":
        return tag("p", "同一通电话，没有再响 ", _en("the same call, nobody was rung again"), class_="why")
    what = "服务拒收 " if arrival.fault in (None, "refuse", "busy") else "没有收到 "
    en = "refused by the service" if arrival.fault in (None, "refuse", "busy") else "did not arrive"
    much = joined("（太快 ", _en("too fast"), "）") if arrival.limited else None
    return tag("p", what, tag("code", arrival.answer), much, " ", _en(en), class_="why")


def _repeated(arrival: Arrival, earlier: Arrival | None) -> Html | None:
    if earlier is None:
        return None
    if arrival.read and earlier.content != arrival.content:
        return tag("p", f"同一编号，内容不同：#{earlier.number} ", _en("same key, other text"), class_="why torn")
    return tag("p", f"重复 #{earlier.number} ", _en("repeat"), class_="why")


def _day(at: datetime) -> str:
    local = at.astimezone(CHINA)
    return f"{local.year}年{local.month}月{local.day}日"


def _en(text: str) -> Html:
    return tag("small", text, lang="en")
