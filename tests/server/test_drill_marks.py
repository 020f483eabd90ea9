"""A drill over every channel as it really is: whoever reads anything of it reads first that it is one (R11, R31)."""

from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from activities.channels.table import Equipment, channels_of
from activities.http import HTTP
from plan.channels import is_group
from plan.organisation import Address, Organisation, Person
from runtime.documents import SAMPLE, load_organisation
from runtime.settings import Settings
from runtime.sms_templates import current_sms_templates
from starter.simulated_organisation import Simulated, simulated
from starter.simulation import environment, opening
from tests.server.chats import slow
from tests.server.drilling import Exercise, only, scenario
from tests.server.world import World
from tests.simulators.control import Opening, open_all
from tests.simulators.simulators import Simulators

pytestmark = [pytest.mark.server, pytest.mark.timeout(120), pytest.mark.rule("R11", "R31")]

MARK = "【演练】[DRILL] "
PLAYED = scenario(
    lasts="PT40M",
    steps=[
        {"at": "PT1M", "seen": {"zh": "大厅里人越来越多", "en": "More and more people stand in the hall"}},
        {"at": "PT5M", "tells": {"headcount": 6}},
    ],
    expects=[],
)
"""Leadership, work groups, outlet, province, police and regulator prompts, all at once."""


@pytest.fixture(scope="module")
def made() -> Simulated:
    return simulated(load_organisation(SAMPLE))


@pytest.fixture
async def town(made: Simulated) -> AsyncGenerator[Simulators]:
    async with Simulators(limits=False) as town:
        open_all(town, TypeAdapter(Opening).validate_python(opening(made, current_sms_templates(Settings()))))
        yield town


@pytest.fixture
async def channels(
    made: Simulated, town: Simulators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[dict[str, Any]]:
    for name, value in environment(made, town.addresses()).items():
        monkeypatch.setenv(name, value)
    http = HTTP(patience=timedelta(seconds=20))
    yield channels_of(Equipment(http=http, outbox=tmp_path / "outbox", settings=Settings()))
    await http.aclose()


def over_one(made: Simulated, channel: str) -> Organisation:
    """Everybody over this channel alone; who has no address of it over the first that anybody has."""
    any_way = next(way for each in made.organisation.persons for way in each.channels if way.channel == channel)

    def moved(person: Person) -> Person:
        own: list[Address] = [way for way in person.channels if way.channel == channel]
        return person.model_copy(update={"channels": tuple(own or [any_way])})

    persons = tuple(moved(person) for person in made.organisation.persons)
    return made.organisation.model_copy(update={"persons": persons})


@pytest.mark.parametrize("recipients", ["real", "drill"])
@pytest.mark.parametrize("channel", ["wecom", "dingtalk", "feishu", "sms", "voice", "smtp", "webhook"])
async def test_over_every_channel_the_mark_comes_first(
    alone: World, made: Simulated, town: Simulators, channels: dict[str, Any], channel: str, recipients: str
) -> None:
    people, desk = over_one(made, channel), recipients == "drill"
    worker = alone.worker(channels=channels, organisation=lambda: people, manners=slow(0.3), scenarios=only(PLAYED))
    async with worker:
        drill = await Exercise.begun(alone, PLAYED, recipients=recipients, insurers=True)
        await drill.until("09:06")
        await drill.stopped()
        await drill.result()
    read = town.taken()
    assert {each.inbox.partition("/")[0] for each in read} == {channel}
    for each in read:
        if channel == "sms":
            assert each.text.removeprefix("【警钟】").startswith("演练，不是真事："), each.text
        elif channel == "voice":
            assert each.text.startswith("演练。"), each.text
        else:
            assert each.text.startswith(MARK), each.text
        if channel == "smtp":
            assert each.subject.startswith(MARK), each.subject
    texts = "\n".join(each.text for each in read)
    if channel != "sms":
        assert "勿实际拨打" in texts
        assert ("应发 gd-gz-th-0001.lead：" in texts) is desk
    elif desk:
        assert "本应发给gd-gz-th-0001.lead，" in texts
    if is_group(channel):
        folded = [each for each in read if "条，请逐条处理】" in each.text]
        assert folded, "several of them waited, and went out as one"
        assert all(each.text.startswith(f"{MARK}【共 ") for each in folded)
