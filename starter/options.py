"""What every command accepts, before or after its name: `--json`, `--lang`, `--by` (contract, section 1).

A command reads them with `asked()`. What stands after the command wins over what stands before it, and that over the
environment.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from plan.errors import Malformed
from starter.words import Lang

_KEY = "tocsin."


@dataclass(frozen=True)
class Asked:
    """How the caller wants to be answered, and who the caller claims to be: `said_by` here, `usual_by` as a rule."""

    as_json: bool
    lang: Lang
    said_by: str | None
    usual_by: str | None

    @property
    def by(self) -> str | None:
        return self.said_by or self.usual_by

    def person(self, written: str | None = None) -> str:
        """Who tells a fact: `--by`, else who stands in the fact, else TOCSIN_BY. `Malformed` when nobody does."""
        found = self.said_by or written or self.usual_by
        if found is None:
            raise Malformed("Nobody was named as the one who tells this. Add --by PERSON, or set TOCSIN_BY.")
        return found


class Command(click.Command):
    """A command with the options that all share."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_shared())


class Group(click.Group):
    """A group whose commands share the options; so does the group itself."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_shared())


def asked() -> Asked:
    """What was asked for, in the command that is running."""
    meta = click.get_current_context().meta
    return Asked(
        as_json=bool(meta.get(_KEY + "as_json")),
        lang=language(meta.get(_KEY + "lang"), os.environ),
        said_by=meta.get(_KEY + "by"),
        usual_by=os.environ.get("TOCSIN_BY") or None,
    )


def language(said: str | None, environment: Mapping[str, str]) -> Lang:
    """`--lang`, else TOCSIN_LANG, else the locale, else zh."""
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    locale = next((environment[name] for name in names if environment.get(name)), "")
    wanted = said or environment.get("TOCSIN_LANG") or locale[:2].lower()
    return wanted if wanted in ("zh", "en") else "zh"


def _shared() -> list[click.Parameter]:
    return [
        click.Option(
            ["--json", "as_json"], is_flag=True, default=None, expose_value=False, callback=_keep,
            help="一个 JSON 文档 · One JSON document on stdout and nothing else there.",
        ),
        click.Option(
            ["--lang"], type=click.Choice(["zh", "en"]), expose_value=False, callback=_keep,
            help="语言 · Language of messages; the locale's, else zh.",
        ),
        click.Option(
            ["--by"], metavar="PERSON", expose_value=False, callback=_keep,
            help="以谁的名义 · Who speaks (a claim); TOCSIN_BY when absent.",
        ),
    ]  # fmt: skip


def _keep(context: click.Context, parameter: click.Parameter, value: object) -> None:
    if value:
        context.meta[f"{_KEY}{parameter.name}"] = value
