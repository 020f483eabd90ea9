"""`tocsin import FILE.csv --map MAP.yaml`: file every row (contract, section 1)."""

from functools import partial
from pathlib import Path

import click
from temporalio.client import Client

from plan.errors import Misconfigured, TocsinError
from plan.organisation import Organisation
from runtime import telling
from runtime.documents import load_organisation
from runtime.leaving import run
from runtime.names import IMPORT_PRIORITY
from runtime.seals import Keyring, keyring
from runtime.settings import Settings
from starter.client import connect, with_person_key
from starter.import_map import ImportMap, load_map
from starter.importing import HISTORY_IN_FLIGHT, LIVE_IN_FLIGHT, Reader, Ready, Tally, file_all
from starter.options import Asked, Command, asked
from starter.output import say, say_error, say_json
from starter.places import own_organisation
from starter.progress import Progress
from starter.rejected import RejectedRows
from starter.rows import columns, rows
from starter.words import either


@click.command("import", cls=Command)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "map_file", required=True, type=click.Path(path_type=Path), help="Which column is which field.")
@click.option("--live", is_flag=True, help="New complaints, with notices and clocks; without it the rows are history.")
@click.option("--dry-run", is_flag=True, help="Read and check every row, file nothing, ask no server.")
def command(file: Path, map_file: Path, live: bool, dry_run: bool) -> int:
    """批量导入 · File every row of FILE.csv. A second run files nothing twice.

    Rejected rows go to FILE.rejected.csv with their line and the reason; exit code 1 when there is any. The map's form
    stands in examples/connecticut/map.yaml and docs/reference.md.
    """
    chosen = load_map(map_file)
    there = columns(file, encoding=chosen.encoding, delimiter=chosen.delimiter)
    if missing := [name for name in chosen.columns() if name not in there]:
        raise Misconfigured(f"{file} has no column {', '.join(missing)}. Correct the map, or the file's first line.")
    reader = Reader(chosen, live=live, organisation=_organisation(chosen, map_file) if live else None)
    return run(_import(file, there, reader, dry_run, asked()))


async def _import(file: Path, there: tuple[str, ...], reader: Reader, dry_run: bool, how: Asked) -> int:
    tally = Tally()
    file_one = _nothing_filed if dry_run else partial(_file, await connect(), keyring(Settings()))
    with RejectedRows(file, there) as rejected, Progress(file, how.lang) as progress:
        try:
            await file_all(
                reader.read(rows(file, encoding=reader.map.encoding, delimiter=reader.map.delimiter)),
                file_one,
                in_flight=LIVE_IN_FLIGHT if reader.live else HISTORY_IN_FLIGHT,
                tally=tally,
                rejected=rejected.write,
                progress=progress.step,
            )
        except TocsinError:
            zh, en = (
                f"导入在 {tally.rows} 行后中断，再运行一次即可继续",
                f"Stopped after {tally.rows} rows; run it again to go on",
            )
            say_error(either(how.lang, zh, en))
            raise
    _report(tally, dry_run, rejected.path, how)
    return 1 if tally.rejected else 0


async def _file(client: Client, keys: Keyring, ready: Ready) -> bool:
    """History carries its own stamps; what is live is received now."""
    filed = await telling.file(
        client,
        with_person_key(ready.complaint, keys),
        door="import",
        keyring=keys,
        received_at=ready.received_at,
        imported=ready.history,
        priority=IMPORT_PRIORITY,
    )
    return filed.created


async def _nothing_filed(ready: Ready) -> bool:
    return True


def _organisation(chosen: ImportMap, map_file: Path) -> Organisation | None:
    """What live rows are checked against: the map's own, else this installation's."""
    if chosen.organisation is not None:
        return load_organisation(map_file.parent / chosen.organisation)
    return own_organisation(Settings())


def _report(tally: Tally, dry_run: bool, rejected: Path, how: Asked) -> None:
    place = str(rejected) if tally.rejected else None
    if how.as_json:
        counts = {"created": tally.created, "existing": tally.existing, "rejected": tally.rejected}
        dry = {"ready": tally.created, "rejected": tally.rejected}
        say_json({**(dry if dry_run else counts), "dry_run": dry_run, "rejected_file": place})
        return
    filed = f"created {tally.created}  existing {tally.existing}"
    tried = f"ready {tally.created} " + either(how.lang, "(试运行，没有受理)", "(dry run, nothing was filed)")
    say(f"{tried if dry_run else filed}  rejected {tally.rejected}")
    if place:
        say_error(either(how.lang, f"被拒的行及原因: {place}", f"rejected rows and reasons: {place}"))
