"""`tocsin audit`: export a record, verify an exported one, and the daily roots that prove it (contract, section 8)."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO
from uuid import uuid4

import click
from temporalio.client import Client, WorkflowFailureError

from plan.errors import Malformed, Misconfigured, NoSuchIncident, Unreachable
from plan.record import GENESIS, export_line
from plan.verification import Verification, verify
from runtime.leaving import run
from runtime.names import ROOT, WORKFLOWS_QUEUE
from runtime.records.roots import SignedRoot, root_on
from runtime.settings import Settings
from starter.client import connect
from starter.kept import in_store, is_there, record_of
from starter.options import Asked, Command, Group, asked
from starter.output import say, say_error, say_json
from starter.rooted import read_root, rooted
from starter.words import either

PATIENCE = timedelta(minutes=2)


@click.group(cls=Group)
def command() -> None:
    """导出与核验记录 · Export and verify the record."""


@command.command(cls=Command)
@click.argument("incident")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout.")
def export(incident: str, out: Path | None) -> int:
    """导出记录 · Write the record of INCIDENT as JSON Lines, an entry a line.

    What Temporal no longer keeps comes from the store: the same bytes.
    The head is printed on stderr: give it to a second party, who can later show that nothing was cut off or rewritten.
    """
    return run(_export(incident, out, asked()))


async def _export(incident: str, out: Path | None, how: Asked) -> int:
    entries = await record_of(await connect(), incident, Settings())
    head = entries[-1].hash if entries else GENESIS
    if out is not None:
        _write(out, "".join(export_line(entry) + "\n" for entry in entries))
    if how.as_json:
        dumped = [entry.model_dump(mode="json") for entry in entries] if out is None else None
        say_json(
            {"incident_id": incident, "count": len(entries), "head": head, "file": out and str(out), "entries": dumped}
        )
    elif out is None:
        for entry in entries:
            say(export_line(entry))
    say_error(f"{incident}: {len(entries)} {either(how.lang, '条，链头', 'entries, head')} {head}")
    return 0


def _write(out: Path, text: str) -> None:
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"{out} was not written: {(error.strerror or 'cannot be written').lower()}.") from error


@command.command("verify", cls=Command)
@click.argument("file")
@click.option("--head", metavar="HASH", help="The head that a second party holds.")
@click.option(
    "--root", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A root with its proof, as exported."
)
@click.option("--key", metavar="HEX", help="The public key that a second party holds, for --root.")
def verify_(file: str, head: str | None, root: Path | None, key: str | None) -> int:
    """核验记录 · Compute the chain in FILE again (- for standard input) and name the first entry that does not fit.

    Exit code 1 when it does not fit. Without --head or --root the finding is "internally consistent", which is less.
    """
    if head is not None and root is not None:
        raise click.UsageError("a head or a root, one of them vouches: --head or --root")
    how = asked()
    if root is not None:
        return _rooted(file, read_root(root), key, how)
    with _opened(file) as lines:
        found = verify(_lines(lines, file), head)
    _say(found, how)
    return 0 if found.fault is None else 1


def _rooted(file: str, signed: SignedRoot, key: str | None, how: Asked) -> int:
    with _opened(file) as lines:
        finding = rooted(_lines(lines, file), signed, key)
    if how.as_json:
        say_json(finding.model_dump(mode="json"))
    else:
        say(f"{'✓' if finding.proved else '✗'} {either(how.lang, finding.words_zh, finding.words)}")
        say(f"  {either(how.lang, finding.found.words_zh, finding.found.words)}")
        say(f"  {either(how.lang, '公钥', 'public key')} {signed.public_key}")
    return 0 if finding.proved else 1


@command.command(cls=Command)
@click.option(
    "--date", "day", type=click.DateTime(formats=["%Y-%m-%d"]), help="The day (Asia/Shanghai); else the last."
)
@click.option("--incident", help="With the proof that this incident's record is under it.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file for the second party.")
@click.option("--make", is_flag=True, help="Make today's now, where the schedule has not yet.")
def root(day: datetime | None, incident: str | None, out: Path | None, make: bool) -> int:
    """当日总根 · The signed root over the heads of all records: give it to a second party, every day.

    Whoever keeps it, and the public key once, can tell later that no record was cut or written anew.
    """
    return run(_root(day.date() if day else None, incident, out, make, asked()))


async def _root(day: date | None, incident: str | None, out: Path | None, make: bool, how: Asked) -> int:
    if make:
        await make_today(await connect())
    settings = Settings()
    signed = await in_store(settings, lambda store: root_on(store, day, incident)) if is_there(settings) else None
    if signed is None:
        raise NoSuchIncident("There is no root of that day. `tocsin audit root --make` makes today's.")
    if incident is not None and signed.proof is None:
        raise NoSuchIncident(f"{incident} is not under the root of {signed.root.day}: take a later one.")
    if out is not None:
        _write(out, signed.model_dump_json(indent=2) + "\n")
    if how.as_json:
        say_json(signed.model_dump(mode="json"))
        return 0
    say(f"{signed.root.day}  {signed.root.root}")
    say(f"  {either(how.lang, '记录', 'records')} {signed.root.leaves}")
    say(f"  {either(how.lang, '公钥', 'public key')} {signed.public_key} ({signed.key_id})")
    if signed.proof is not None:
        leaf = signed.proof.leaf
        say(f"  {leaf.incident_id}: {leaf.sequence} {either(how.lang, '条，链头', 'entries, head')} {leaf.head}")
    return 0


async def make_today(client: Client) -> None:
    """Errors: Unreachable where no worker takes it, or the store is away."""
    try:
        await client.execute_workflow(
            ROOT,
            id=f"root-by-hand-{uuid4().hex[:12]}",
            task_queue=WORKFLOWS_QUEUE,
            execution_timeout=PATIENCE,
            static_summary="手动 · by hand",
        )
    except WorkflowFailureError as failed:
        raise Unreachable(
            "Today's root was not made: no worker answers, or the records are out of reach. Start them and try again."
        ) from failed


def _opened(file: str) -> IO[str]:
    if file == "-":
        return click.open_file(file, encoding="utf-8")
    try:
        return Path(file).open(encoding="utf-8")
    except OSError as error:
        reason = (error.strerror or "cannot be read").lower()
        raise Malformed(f"{file} was not read: {reason}. Name a file that `tocsin audit export` wrote.") from error


def _lines(lines: IO[str], file: str) -> Iterator[str]:
    try:
        yield from lines
    except UnicodeDecodeError as error:
        raise Malformed(f"{file} is not UTF-8. Name a file that `tocsin audit export` wrote.") from error


def _say(found: Verification, how: Asked) -> None:
    if how.as_json:
        say_json({"consistent": found.fault is None, **found.model_dump(mode="json")})
        return
    line = f"{'✓' if found.fault is None else '✗'} {either(how.lang, found.words_zh, found.words)}"
    say(line)
    say(f"  {either(how.lang, '链头', 'head')} {found.head}")
