"""`tocsin demo`: a day-long crisis in under a minute. Composes the whole, hence an exception of the house's order."""

import logging
import tempfile
from pathlib import Path
from typing import Any

import click

from plan.organisation import Address, Organisation
from runtime.documents import PLAYBOOK, SAMPLE, load_organisation, load_playbook
from runtime.leaving import run
from runtime.logging import configure
from runtime.seals import keyring
from runtime.settings import Settings
from starter.options import Asked, Command, asked
from starter.output import say_json
from starter.pages.paper import paper
from starter.pages.story import ending, story_lines, title
from starter.player import Player
from starter.scenario import STORIES
from starter.skipping import skipped_time
from starter.words import Lang
from worker import build_worker

_BROKEN = "line-is-dead"
"""A channel that no worker has: whoever has no other cannot be reached."""


@click.command(cls=Command)
def command() -> int:
    """演示一天的危机处置 · Play two incidents on a real Temporal server with skipped time.

    Prints what happens as it happens: who was told what, when each clock started, warned, was met or missed. Exit code
    0 only if the plan was kept.
    """
    return run(_demo(asked()))


async def _demo(how: Asked) -> int:
    configure("error")
    logging.getLogger("temporalio.activity").setLevel(logging.CRITICAL)  # a line is dead on purpose
    with tempfile.TemporaryDirectory(prefix="tocsin-demo-") as folder:
        home = Path(folder)
        settings = Settings(home=home, outbox=home / "outbox.jsonl")
        organisation, playbook = _sample(how.lang), load_playbook(PLAYBOOK)
        async with (
            skipped_time(home / "temporal.log") as environment,
            build_worker(
                environment.client, settings=settings, organisation=lambda: organisation, playbook=lambda: playbook
            ),
        ):
            players = [Player(environment, keyring(settings), home / "outbox.jsonl", story) for story in STORIES]
            for player in players:
                await _play(player, how)
    kept = all(not player.faults for player in players)
    if how.as_json:
        say_json({"kept": kept, "stories": [_as_json(player) for player in players]})
    return 0 if kept else 1


async def _play(player: Player, how: Asked) -> None:
    """Print as it happens; with `--json` nothing before the end."""
    if not how.as_json:
        paper(title(player.story, how.lang))
    async for chunk in player.play():
        if not how.as_json:
            paper(story_lines(chunk, player.began_at, how.lang))
    if not how.as_json:
        paper(ending(player.seen, player.faults, how.lang))


def _as_json(player: Player) -> dict[str, Any]:
    return {
        "incident_id": player.story.incident_id,
        "kept": not player.faults,
        "faults": player.faults,
        "clocks": {clock.id: clock.state for clock in player.seen.clocks},
        "entries": [entry.model_dump(mode="json") for entry in player.entries],
    }


def _sample(lang: Lang) -> Organisation:
    """The sample organisation, its people reading in this language, and some of them out of reach."""
    organisation = load_organisation(SAMPLE)
    unreached = {person for story in STORIES for person in story.not_reached}
    dead = (Address(channel=_BROKEN),)
    persons = tuple(
        person.model_copy(update={"lang": lang, **({"channels": dead} if person.id in unreached else {})})
        for person in organisation.persons
    )
    return organisation.model_copy(update={"persons": persons})
