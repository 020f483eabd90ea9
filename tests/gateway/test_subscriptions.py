"""Subscriptions over HTTP: made, shown, tried, ended, and no more told than the key reaches (R29)."""

from collections.abc import Iterator

import httpx
import pytest

from plan.access import Caller, Scope
from runtime.records.subscriptions import subscription
from runtime.settings import Settings
from starter.kept import in_store
from tests.activities.receiver import Receiver, Reply, receiving
from tests.events.subscribed import Subscribed
from tests.gateway.conftest import ALL, AsCaller
from tests.server.people import AT_T1, LEAD
from tests.server.story import Story
from tests.server.world import World

pytestmark = [pytest.mark.server, pytest.mark.timeout(60)]

PATH = "/v1/subscriptions"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


async def _made(client: httpx.AsyncClient, receiver: Receiver, **wanted: object) -> dict[str, str]:
    answer = await client.post(PATH, json={"url": receiver.url, **wanted})
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_who_subscribes_is_told_and_who_unsubscribes_is_not(
    http: httpx.AsyncClient, world: World, receiver: Receiver, settings: Settings
) -> None:
    made = await _made(http, receiver, types=["cn.tocsin.incident.filed", "cn.tocsin.incident.crisis"])
    keyed = await in_store(settings, lambda store: subscription(store, made["id"]))
    told = Subscribed(receiver, keyed.subscription, made["secret"])
    story = await Story.filed(world, "09:12", **AT_T1)
    await story.tell("09:12", LEAD, "circumstances_reported", headcount=6)
    await told.until("incident.crisis")
    assert told.types(story.incident_id) == ["incident.filed", "incident.crisis"]
    shown = (await http.get(f"{PATH}/{made['id']}")).json()
    assert shown["delivery"]["delivered"] >= 2
    assert "secret" not in shown
    assert (await http.delete(f"{PATH}/{made['id']}")).status_code == 204
    assert made["id"] not in [each["id"] for each in (await http.get(PATH)).json()["subscriptions"]]
    known = len(receiver.requests)
    await Story.filed(world, "09:12", **AT_T1)
    await world.client.get_workflow_handle(f"feed/{made['id']}").result()
    assert len(receiver.requests) == known


async def test_a_subscription_is_tried_and_its_secret_exchanged(http: httpx.AsyncClient, receiver: Receiver) -> None:
    made = await _made(http, receiver)
    receiver.replies(Reply(status=204), Reply(status=404))
    assert (await http.post(f"{PATH}/{made['id']}/test")).json() == {"delivered": True, "answer": "204"}
    assert (await http.post(f"{PATH}/{made['id']}/test")).json() == {"delivered": False, "answer": "404"}
    fresh = await http.post(f"{PATH}/{made['id']}/secret")
    assert fresh.json()["secret"] != made["secret"]
    assert fresh.headers["cache-control"] == "no-store"
    assert (await http.post(f"{PATH}/{made['id']}/resume")).status_code == 204


@pytest.mark.rule("R29")
async def test_a_key_hears_of_no_more_than_it_reaches(as_caller: AsCaller, receiver: Receiver) -> None:
    county = as_caller(Caller(id="system:hotline", scopes=frozenset({Scope.EVENTS}), units=("gd-gz-th",)))
    assert (await _made(county, receiver))["units"] == ["gd-gz-th"]
    assert (await _made(county, receiver, units=["gd-gz-th-0001"]))["units"] == ["gd-gz-th-0001"]
    for unit in ("gd-gz", "gd-sz-ns-0001"):
        assert (await county.post(PATH, json={"url": receiver.url, "units": [unit]})).status_code == 403
    assert (await county.post(PATH, json={"url": receiver.url, "units": ["nowhere"]})).status_code == 422
    insurer = Caller(id="system:anhe", scopes=frozenset({Scope.EVENTS}), units=("gd",), insurer="anhe-life")
    assert (await _made(as_caller(insurer), receiver, units=["gd-gz"]))["insurer"] == "anhe-life"
    assert (await _made(as_caller(ALL), receiver))["units"] == []


@pytest.mark.rule("R29")
async def test_nobody_sees_or_changes_anothers_subscription(
    http: httpx.AsyncClient, as_caller: AsCaller, nobody: httpx.AsyncClient, receiver: Receiver
) -> None:
    made = await _made(http, receiver)
    other = as_caller(Caller(id="system:monitor", scopes=frozenset({Scope.EVENTS}), units=("hq",)))
    reader = as_caller(Caller(id="system:monitor", scopes=frozenset({Scope.READ}), units=("hq",)))
    where, unknown = f"{PATH}/{made['id']}", f"{PATH}/sub-0123456789abcdef"
    for method, tail in (("GET", ""), ("DELETE", ""), ("POST", "/test"), ("POST", "/secret"), ("POST", "/resume")):
        theirs = await other.request(method, where + tail)
        none = await other.request(method, unknown + tail)
        assert (theirs.status_code, none.status_code) == (404, 404)
        assert theirs.json()["title"] == none.json()["title"]
        assert (await reader.request(method, where + tail)).status_code == 403
        assert (await nobody.request(method, where + tail)).status_code == 401
    assert (await http.get(where)).status_code == 200


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    "url",
    [
        "http://crm.example.cn/",
        "https://crm:hush@example.cn/",
        "https://10.0.0.8/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:169.254.169.254]/",
        "https://[64:ff9b::a9fe:a9fe]/",
        "https://0.0.0.0/",
        "https://100.100.100.200/",
        "https://example.cn:22/",
        "https://example.cn/#x",
        "file:///etc/passwd",
        "https://2852039166/",
        "https://0xa9fea9fe/",
    ],
)
async def test_no_address_that_leads_inside_is_taken(http: httpx.AsyncClient, url: str) -> None:
    answer = await http.post(PATH, json={"url": url})
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["pointer"] == "#/url"
    assert "hush" not in answer.text
