"""`tocsin audit`: export the record of an incident, verify an exported one (contract, section 8)."""

from collections.abc import Iterator
from pathlib import Path
from typing import IO

import click

from plan.errors import Malformed, Misconfigured
from plan.record import Entry, export_line
from plan.verification import Verification, verify
from runtime.leaving import run
from starter.client import connect
from starter.options import Asked, Command, Group, asked
from starter.output import say, say_error, say_json
from starter.record import pages
from starter.words import either


@click.group(cls=Group)
def command() -> None:
    """导出与核验记录 · Export and verify the record."""


@command.command(cls=Command)
@click.argument("incident")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of stdout.")
def export(incident: str, out: Path | None) -> int:
    """导出记录 · Write the record of INCIDENT as JSON Lines, an entry a line.

    The head is printed on stderr: give it to a second party, who can later show that nothing was cut off or rewritten.
    """
    return run(_export(incident, out, asked()))


async def _export(incident: str, out: Path | None, how: Asked) -> int:
    entries: list[Entry] = []
    head = ""
    async for page in pages(await connect(), incident):
        entries += page.entries
        head = page.head
    if out is not None:
        _write(out, entries)
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


def _write(out: Path, entries: list[Entry]) -> None:
    try:
        out.write_text("".join(export_line(entry) + "\n" for entry in entries), encoding="utf-8")
    except OSError as error:
        raise Misconfigured(f"{out} was not written: {(error.strerror or 'cannot be written').lower()}.") from error


@command.command("verify", cls=Command)
@click.argument("file")
@click.option("--head", metavar="HASH", help="The head that a second party holds.")
def verify_(file: str, head: str | None) -> int:
    """核验记录 · Compute the chain in FILE again (- for standard input) and name the first entry that does not fit.

    Exit code 1 when it does not fit. Without --head the finding is "internally consistent", which is less.
    """
    how = asked()
    with _opened(file) as lines:
        found = verify(_lines(lines, file), head)
    _say(found, how)
    return 0 if found.fault is None else 1


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
