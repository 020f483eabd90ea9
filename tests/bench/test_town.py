"""The organisations and playbooks that are measured are as whole as the sample's."""

from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bench import due_to_attempt, town
from bench.channels import KINDS, NOBODY, Channels, first_way
from bench.scene import Change, as_it_is
from bench.steps import sooner
from plan.organisation import Organisation
from plan.playbook import Playbook
from runtime.documents import check_both


def _webhook(person: str) -> list[dict[str, str]]:
    return [{"channel": "webhook", "to": f"http://127.0.0.1:1/{person}"}]


@pytest.mark.parametrize(
    "change", [due_to_attempt.lead_alone, sooner(timedelta(seconds=20))], ids=["narrowed", "sooner"]
)
def test_a_larger_organisation_and_a_changed_playbook_have_no_fault(tmp_path: Path, change: Change) -> None:
    organisation, playbook = town.write(tmp_path, _webhook, outlets=7), town.playbook(tmp_path, change)

    assert check_both(organisation, playbook) == []
    assert len(Organisation.model_validate_json(organisation.read_bytes()).outlets) == 4 + 7
    assert Playbook.model_validate_json(playbook.read_bytes()).clocks


async def test_everybody_is_reached_over_some_channel_and_every_channel_reaches_somebody(tmp_path: Path) -> None:
    async with AsyncExitStack() as opening:
        ways = await Channels(tmp_path).ways(opening)
        organisation, playbook = town.write(tmp_path, ways, outlets=3), town.playbook(tmp_path, as_it_is)

    assert check_both(organisation, playbook) == []
    persons = Organisation.model_validate_json(organisation.read_bytes()).persons
    assert {person.channels[0].channel for person in persons} == set(KINDS)
    for person in persons:
        assert person.channels[0].channel == first_way(person.id)
        assert len({address.channel for address in person.channels}) == (1 if person.id == NOBODY else 2)
