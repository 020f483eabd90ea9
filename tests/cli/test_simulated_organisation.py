"""The sample organisation over simulated channels: whole, and nobody reads what is not theirs."""

import pytest
from pydantic import TypeAdapter

from plan.channels import is_group
from plan.organisation import Audience, Organisation
from plan.organisation_faults import organisation_faults
from runtime.documents import SAMPLE, load_organisation
from starter.simulated_organisation import Simulated, inboxes, mail_box, mention_of, simulated
from tests.simulators.control import Opened


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return load_organisation(SAMPLE)


@pytest.fixture(scope="module")
def made(sample: Organisation) -> Simulated:
    return simulated(sample)


def ways(made: Simulated, person: str) -> list[str]:
    return [way.channel for each in made.organisation.persons if each.id == person for way in each.channels]


def test_it_has_no_fault(made: Simulated) -> None:
    assert organisation_faults(made.organisation) == []


def test_places_and_people_stay_who_they_are(sample: Organisation, made: Simulated) -> None:
    assert made.organisation.units == sample.units
    assert [person.name for person in made.organisation.persons] == [person.name for person in sample.persons]


def test_its_version_changes_with_it(sample: Organisation, made: Simulated) -> None:
    assert made.organisation.version.startswith(f"{sample.version}-simulated-")
    assert simulated(sample) == made
    fewer = sample.model_copy(update={"persons": sample.persons[:-1]})
    assert simulated(fewer).organisation.version != made.organisation.version


@pytest.mark.rule("R29")
def test_an_insurer_reads_no_chat_of_post_and_bank_and_no_other_insurers(sample: Organisation, made: Simulated) -> None:
    theirs = {contact.person: insurer.id for insurer in sample.insurers for contact in insurer.contacts}
    for chat in made.chats:
        insurers = {theirs[person] for person in chat.people if person in theirs}
        assert len(insurers) == (1 if chat.audience is Audience.TRIPARTITE else 0)


@pytest.mark.rule("R29")
def test_no_robots_address_stands_in_it(made: Simulated) -> None:
    robots = [way for person in made.organisation.persons for way in person.channels if is_group(way.channel)]
    assert len(robots) > 40
    assert {(way.to, way.to_env is None) for way in robots} == {("", False)}


def test_everybody_can_be_told_in_person_in_a_sensible_order(made: Simulated) -> None:
    assert ways(made, "gd-gz-th-0001.lead") == ["wecom", "sms", "voice", "smtp"]
    assert ways(made, "gd-gz.work") == ["dingtalk", "sms", "voice", "smtp"]
    assert ways(made, "gd.post") == ["sms", "feishu", "voice", "smtp"]
    assert ways(made, "anhe-life.gd-gz") == ["wecom", "sms", "voice", "smtp"]
    assert ways(made, "anhe-life.hq") == ["sms", "voice", "smtp"]
    assert ways(made, "operator") == ["webhook", "sms", "voice", "smtp"]


def test_the_simulators_open_every_chat_phone_and_box_with_its_people(made: Simulated) -> None:
    opened = {(each.kind.value, each.id): each for each in TypeAdapter(list[Opened]).validate_python(inboxes(made))}
    county = opened["wecom", "gd-gz-th"]
    assert ("车向明", "云杉路营业所负责人") in {(member.name, member.role) for member in county.people}
    for person in made.organisation.persons:
        assert person.duty_phone is not None
        assert opened["sms", person.duty_phone].title == f"{person.name} {person.id}"
        assert opened["smtp", mail_box(person)].title == f"{person.name} {person.id}"
    for way in (way for person in made.organisation.persons for way in person.channels if way.mention):
        chats = [each for each in opened.values() if each.kind == way.channel]
        assert any(way.mention in member.mentions for each in chats for member in each.people)


def test_feishu_knows_people_by_an_id_of_its_own_the_others_by_ours() -> None:
    assert mention_of("feishu", "gd.post").startswith("ou_")
    assert mention_of("dingtalk", "gd.post") == mention_of("wecom", "gd.post") == "gd.post"
