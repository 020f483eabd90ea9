"""The pages show what came as its readers would see it, without JavaScript, and never as markup of somebody else's."""

from html.parser import HTMLParser
from urllib.parse import quote, urlencode

import pytest

from tests.simulators.caller import Reply, get, post
from tests.simulators.conftest import Clock
from tests.simulators.faults import Fault
from tests.simulators.inbox import Member
from tests.simulators.messages import dingtalk, dingtalk_url, feishu, sms, wecom
from tests.simulators.simulators import Simulators

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&"


class Seen(HTMLParser):
    """The tags of a page, and its words without the gaps."""

    def __init__(self, page: Reply) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.attributes: dict[str, set[str | None]] = {}
        self.words = ""
        self.feed(page.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, set()).add(value)
        if tag == "a":
            self.links.append(dict(attrs).get("href"))

    def handle_data(self, data: str) -> None:
        self.words += data


async def seen(town: Simulators, path: str) -> Seen:
    page = await get(town.url + path)
    assert page.status == 200
    assert "default-src 'none'" in page.headers["content-security-policy"]
    return Seen(page)


async def set_fault(town: Simulators, **form: str) -> Reply:
    return await post(f"{town.url}/faults", urlencode(form).encode(), content_type="application/x-www-form-urlencoded")


async def test_a_chat_shows_its_name_its_people_and_whom_a_message_calls(town: Simulators, clock: Clock) -> None:
    lead = Member(name="车向明", role="网点负责人", mentions=("u1", "ou_1"))
    one = town.open("wecom", "a", title="天河区值班群", people=[lead], audience="internal")
    two, three = town.open("dingtalk", "b", people=[lead]), town.open("feishu", "c", people=[lead])
    await post(one.url, wecom("请上报", mentioned_list=["u1", "u9"]))
    await post(dingtalk_url(two, clock()), dingtalk("请上报\n@u1 @u12", atUserIds=["u1"]))
    await post(three.url, feishu(three, clock(), '请上报\n<at user_id="ou_1"></at>'))
    first = await seen(town, "/see/wecom/a")
    for word in ("天河区值班群", "内部", "群成员 1 人", "网点负责人", "请上报 @车向明 @u9"):
        assert word in first.words
    assert "请上报\n@车向明" in (await seen(town, "/see/dingtalk/b")).words
    assert "请上报\n@车向明" in (await seen(town, "/see/feishu/c")).words


async def test_whatever_came_is_text_and_nothing_else(town: Simulators) -> None:
    chat = town.open("wecom", "a", title=HOSTILE, people=[Member(name=HOSTILE, role=HOSTILE)])
    plain = town.open("wecom", "b")
    for each in (chat, plain):
        await post(each.url, wecom(HOSTILE, mentioned_list=[HOSTILE]), key=HOSTILE)
    await post(f"{chat.url}{HOSTILE}".replace(" ", ""), wecom(HOSTILE))
    for path in ("/", "/see/wecom/a"):
        page = await seen(town, path)
        assert HOSTILE[:40] in page.words
        assert page.tags.count("script") == 1
        assert "img" not in page.tags


async def test_an_address_cannot_break_out_of_what_it_stands_in(town: Simulators) -> None:
    chat = town.open("wecom", 'a" autofocus onfocus="alert(1)')
    page = await seen(town, f"/see/wecom/{quote(chat.id)}")
    assert chat.address in page.attributes["value"]
    assert not {"autofocus", "onfocus"} & set(page.attributes)


async def test_what_was_refused_is_shown_with_its_code_and_what_never_arrived_too(town: Simulators) -> None:
    chat = town.open("wecom", "a")
    town.fault(chat.address, Fault.refuse("45009", times=1), Fault.http(times=1))
    for _ in range(4):
        await post(chat.url, wecom())
    page = await seen(town, "/see/wecom/a")
    assert "服务拒收 45009" in page.words
    assert "没有收到 503" in page.words
    assert "重复 #3" in page.words
    index = await seen(town, "/")
    assert "2 条 · 2 次不成" in index.words


async def test_a_repeat_that_says_something_else_stands_out(town: Simulators) -> None:
    chat = town.open("wecom", "a")
    for text in ("one", "two"):
        await post(chat.url, wecom(text))
    assert "同一编号，内容不同：#1" in (await seen(town, "/see/wecom/a")).words


async def test_a_phone_has_one_page_and_the_index_shows_the_quiet_ones_by_name(town: Simulators, clock: Clock) -> None:
    town.open("sms", "13800000001", title="车向明")
    town.open("sms", "13800000002", title="苗可为")
    town.open("voice", "13800000001", title="车向明")
    form = "application/x-www-form-urlencoded"
    await post(town.sms.url, sms(town.sms, clock(), "n"), content_type=form)
    index = await seen(town, "/")
    assert [each for each in index.links if each] == ["/phone/13800000001#end", "/phone/13800000002"]
    assert "1 处还没有消息" in index.words
    page = await seen(town, "/phone/13800000001")
    assert "incident：GD-1" in page.words


async def test_a_long_chat_shows_the_newest_and_leads_to_the_rest(town: Simulators, clock: Clock) -> None:
    chat = town.open("wecom", "a")
    for number in range(1, 104):
        await post(chat.url, wecom(f"Nr. {number}."))
        clock.passes(minutes=1)
    page = await seen(town, "/see/wecom/a")
    assert ("Nr. 3." in page.words, "Nr. 4." in page.words, "更早的" in page.words) == (False, True, True)
    earlier = await seen(town, "/see/wecom/a?before=4")
    assert ("Nr. 3." in earlier.words, "更早的" in earlier.words) == (True, False)


async def test_a_form_makes_a_place_fail_and_mends_it(town: Simulators) -> None:
    chat = town.open("wecom", "a")
    answer = await set_fault(town, place="wecom/a", do="refuse", code="45009", times="2")
    assert (answer.status, answer.headers["location"]) == (303, "/see/wecom/a")
    assert "拒收 refuse 45009，还有 2 次" in (await seen(town, "/see/wecom/a")).words
    assert (await post(chat.url, wecom())).json["errcode"] == 45009
    await set_fault(town, place="wecom/a", do="drop midway")
    assert "回答到一半断开" in (await seen(town, "/see/wecom/a")).words
    await set_fault(town, place="wecom/a", do="")
    assert (await post(chat.url, wecom())).json["errcode"] == 0


@pytest.mark.parametrize("form", [{"do": "dance"}, {"do": "hang", "times": "often"}, {"do": "drop never"}])
async def test_a_form_that_makes_no_sense_changes_nothing(town: Simulators, form: dict[str, str]) -> None:
    answer = await set_fault(town, place="*", **form)
    assert answer.status == 422
    assert town.faults.at("*") == ()


async def test_what_is_not_there_is_not_found(town: Simulators) -> None:
    assert (await get(f"{town.url}/see/wecom/nobody")).status == 404
    assert (await get(f"{town.url}/see/poem/x")).status == 404
    assert [(await get(f"{town.url}{file}")).status for file in ("/style.css", "/refresh.js")] == [200, 200]


async def test_a_link_into_the_simulators_can_be_clicked_and_acknowledges_nothing(town: Simulators) -> None:
    chat = town.open("wecom", "a")
    await post(chat.url, wecom(f"看到请点：{town.url}/n/abc-1。别点 https://elsewhere.example/n/x"))
    page = await seen(town, "/see/wecom/a")
    assert page.links == ["/", f"{town.url}/n/abc-1"]
    assert "tocsin acknowledge abc-1" in (await seen(town, "/n/abc-1")).words
    assert "tocsin show GD-1" in (await seen(town, "/incidents/GD-1")).words
