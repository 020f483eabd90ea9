"""`make histories`: tell the scenarios to a real server with skipped time, and keep their histories as golden files.

    python -m tests.replay.make                    # those that are not there yet
    python -m tests.replay.make --again            # all of them, over the ones that are there
    python -m tests.replay.make --again crisis_in_time

A file that is there is never overwritten without `--again`; after the first tagged release not at all: a change that
breaks one keeps the old branch behind the incident's `rules_version` instead. Each recording is replayed before it is
kept, so that a golden file agrees with itself.
"""

import argparse
import logging
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import Client, WorkflowHandle

from runtime.leaving import leave, run
from runtime.names import VIEW, workflow_id
from runtime.schedules import PREFIX
from runtime.seals import keyring
from runtime.settings import Settings
from starter.skipping import skipped_time
from tests.replay.golden import DOOR_KEY, Golden, Run, golden_settings, path_of, stripped, write
from tests.replay.replaying import replay
from tests.replay.scenarios import SCENARIOS, Stage, unwatched
from worker import build_worker


async def recorded(names: list[str]) -> None:
    """Record each on one server, one after the other."""
    with tempfile.TemporaryDirectory(prefix="tocsin-golden-") as folder:
        settings = golden_settings(Path(folder))
        async with skipped_time(Path(folder) / "temporal.log") as environment:
            for name in names:
                stage = Stage(
                    environment,
                    keyring(settings),
                    partial(build_worker, environment.client, settings=settings, playbook=unwatched, identity="golden"),
                    name,
                )
                incidents = await SCENARIOS[name](stage)
                async with stage.serve():
                    runs = [run for each in incidents for run in await _runs(environment.client, each)]
                await _agrees(name, runs, settings)
                shows = (SCENARIOS[name].__doc__ or "").strip().splitlines()[0]
                write(name, Golden(shows=shows, door_key=DOOR_KEY, runs=tuple(runs)))
                sys.stdout.write(f"{name}: {len(runs)} histories\n")


async def _runs(client: Client, name: str) -> list[Run]:
    """Every run of an incident, or of another workflow by its own id, the first one first."""
    found: list[Run] = []
    workflow = name if "/" in name or name.startswith(PREFIX) else workflow_id(name)
    run_id = (await client.get_workflow_handle(workflow).describe()).run_id
    while run_id:
        handle: WorkflowHandle[Any, Any] = client.get_workflow_handle(workflow, run_id=run_id)
        history = await handle.fetch_history()
        view: dict[str, Any] = await handle.query(VIEW, {}, result_type=dict)
        said = stripped(history.to_json_dict())
        found.insert(0, Run(workflow_id=workflow, head=view.get("head", ""), view=view, history=said))
        started = history.events[0].workflow_execution_started_event_attributes
        arguments = await client.data_converter.decode(started.input.payloads)
        run_id = started.continued_execution_run_id or arguments[0].get("resumes")
    return found


async def _agrees(name: str, runs: list[Run], settings: Settings) -> None:
    for each in runs:
        replayed = await replay(each, settings)
        if replayed.failure or replayed.fault or (replayed.view, replayed.head) != (each.view, each.head):
            raise RuntimeError(f"{name}: {each.workflow_id} does not replay to what it said of itself: {replayed}")


def _asked_for() -> list[str]:
    parser = argparse.ArgumentParser(prog="python -m tests.replay.make", description="Record the golden histories.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(SCENARIOS)}; all when absent")
    parser.add_argument("--again", action="store_true", help="over the files that are there; say why in the commit")
    asked = parser.parse_args()
    if unknown := [name for name in asked.names if name not in SCENARIOS]:
        parser.error(f"{', '.join(unknown)}: there is no such scenario")
    names: list[str] = asked.names or list(SCENARIOS)
    there = [name for name in names if path_of(name).exists()]
    if there and not asked.again:
        sys.stderr.write(f"Kept as they are: {', '.join(there)}. To record them again: --again\n")
        names = [name for name in names if name not in there]
    return names


async def _main(names: list[str]) -> int:
    await recorded(names)
    return 0


if __name__ == "__main__":
    logging.getLogger("temporalio").setLevel(logging.ERROR)
    leave(run(_main(_asked_for())))
