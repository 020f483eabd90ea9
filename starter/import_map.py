"""The map of an import: which column becomes which field of a complaint.

    encoding: utf-8               # or gb18030, cp1252, …; utf-8 when absent
    delimiter: ","
    time_zone: Asia/Shanghai      # of dates and times written without an offset
    organisation: organisation.yaml   # optional: what `--live` rows are checked against, beside this file
    assigned: [outlet]            # fields that the file does not say and the map makes up: said so in `source`
    id: {column: file_no, prefix: "CT-"}
    complaint:                    # a field of the complaint, dots reach inside: customer.phone
      channel: {value: regulator}                                    # the same for every row
      subject: {column: reason, values: {Service: after_sales}, otherwise: other}
      insurer: {column: company, slug: true}                         # "Anhe Life (The)" -> anhe-life-the
      reason: {text: "{reason}: {subreason}"}                        # several columns in one text
      complained_at: {column: opened, date: "%Y-%m-%d", at: "09:00"} # a date without a time of day: one is assigned
    history:                      # without --live
      received_at: {column: opened, date: "%Y-%m-%d", at: "09:00"}
      closed_at: {column: closed, date: "%Y-%m-%d", at: "17:00"}     # absent or blank: still open when exported
      outcome: {text: "{disposition}"}

An instant with an offset in the cell needs no `date`. A blank cell, or one that its table does not know, is `otherwise`
where there is one; a blank cell without it leaves the field out; an unknown one rejects the row. What is assigned is
named in `source.reference`. Errors: `Misconfigured` with every fault of the map; a row that cannot be mapped says why.
"""

import re
import unicodedata
from datetime import datetime, time
from pathlib import Path
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from plan.errors import Misconfigured
from plan.values import Inbound, utc
from runtime.models import make
from runtime.yaml_files import read_yaml

_PLACE = re.compile(r"\{([^{}]+)\}")


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise ValueError("is not a time zone; write it like Asia/Shanghai") from None
    return name


def _encoding(name: str) -> str:
    try:
        plain = "a,b\n".encode(name) == b"a,b\n"
    except LookupError:
        plain = False
    if not plain:
        raise ValueError("is not an encoding that can be read line by line; use utf-8, gb18030 or cp1252")
    return name


def slug(text: str) -> str:
    """A name as an id: lower case ASCII letters and digits with hyphens between."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:100].strip("-")


class Cell(Inbound):
    """Where one value comes from: a fixed value, a column, or a text with columns in it."""

    value: str | bool | int | None = None
    column: str | None = None
    text: str | None = None
    values: dict[str, str] | None = None
    otherwise: str | None = None
    slug: bool = False
    date: str | None = None
    at: time | None = None

    @model_validator(mode="after")
    def _comes_from_one_place(self) -> Self:
        if sum(source is not None for source in (self.value, self.column, self.text)) != 1:
            raise ValueError("needs exactly one of value, column, text")
        if (self.values or self.slug or self.date) and self.column is None:
            raise ValueError("has values, slug or date without a column")
        if self.at is not None and self.date is None:
            raise ValueError("assigns a time of day (at) without a date format")
        return self

    def columns(self) -> tuple[str, ...]:
        """The columns it reads."""
        return (self.column,) if self.column is not None else tuple(_PLACE.findall(self.text or ""))


class IdRule(Inbound):
    column: str
    prefix: str = ""


class History(Inbound):
    """What only history has: when it was received and how it ended."""

    received_at: Cell | None = None
    closed_at: Cell | None = None
    outcome: Cell | None = None


class ImportMap(Inbound):
    """A whole map."""

    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    time_zone: Annotated[str, AfterValidator(_zone)] = "Asia/Shanghai"
    organisation: str | None = None
    assigned: tuple[str, ...] = ()
    id: IdRule
    complaint: Annotated[dict[str, Cell], Field(min_length=1)]
    history: History = History()

    def columns(self) -> tuple[str, ...]:
        """Every column the file must have."""
        cells = [*self.complaint.values(), self.history.received_at, self.history.closed_at, self.history.outcome]
        named = [self.id.column, *(column for cell in cells if cell for column in cell.columns())]
        return tuple(dict.fromkeys(named))

    def note(self) -> str:
        """What the map made up, for `source`; empty where nothing was."""
        parts = list(self.assigned)
        history = (self.history.received_at, self.history.closed_at)
        times = {cell.at for cell in (*self.complaint.values(), *history) if cell and cell.at}
        if times:
            parts.append(f"time of day {'/'.join(sorted(at.isoformat('minutes') for at in times))} {self.time_zone}")
        return f"assigned at import: {', '.join(parts)}" if parts else ""


def load_map(path: Path) -> ImportMap:
    """The map in a YAML file."""
    found, faults = make(read_yaml(path), ImportMap)
    if found is None or faults:
        raise Misconfigured(f"{path} is not a map for an import:", faults=faults)
    return found


def text_of(cell: Cell, cells: dict[str, str], zone: str) -> object:
    """What a cell says for one row; None leaves the field out. Raises `ValueError` where the row does not fit."""
    if cell.value is not None:
        return cell.value
    if cell.text is not None:
        said = _PLACE.sub(lambda place: cells[place.group(1)].strip(), cell.text).strip()
        return said if re.search(r"\w", said) else cell.otherwise
    column = cell.column or ""
    said = cells[column].strip()
    if not said:
        return cell.otherwise
    if cell.values is not None:
        known = cell.values.get(said, cell.otherwise)
        if known is None:
            raise ValueError(
                f"{column} holds a value that the map does not know; add it under values, or set otherwise"
            )
        return known
    if cell.slug:
        return slug(said) or cell.otherwise
    return instant(said, cell, zone, column).isoformat() if cell.date else said


def instant(said: str, cell: Cell, zone: str, column: str) -> datetime:
    """A written date or time as an instant; a date alone gets the time of day that the map assigns."""
    try:
        found = datetime.strptime(said, cell.date or "")  # noqa: DTZ007 (the zone is the map's, and set below)
    except ValueError:
        raise ValueError(f"{column} is not a date like {cell.date}") from None
    if found.tzinfo is None:
        if cell.at is not None:
            found = datetime.combine(found.date(), cell.at)
        found = found.replace(tzinfo=ZoneInfo(zone))
    return utc(found)
