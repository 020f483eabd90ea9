"""`tocsin schema`: the JSON Schema of a file or a message."""

from typing import Any, cast

import click

from plan.complaint import Complaint
from plan.facts import FACT
from plan.organisation import Organisation
from plan.playbook import Playbook
from starter.options import Command
from starter.output import say_json


@click.command(cls=Command)
@click.argument("what", type=click.Choice(["organisation", "playbook", "complaint", "fact"]))
def command(what: str) -> None:
    """JSON Schema of WHAT, on stdout, for editors and for systems that send it."""
    schemas = {
        "organisation": Organisation.model_json_schema,
        "playbook": Playbook.model_json_schema,
        "complaint": Complaint.model_json_schema,
        "fact": FACT.json_schema,
    }
    schema = schemas[what]()
    _forbid_the_unknown(schema)
    say_json({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": what, **_untitled(schema)})


def _forbid_the_unknown(schema: dict[str, Any]) -> None:
    """What comes in forbids unknown fields; a model that is kept in histories says so only to its file's reader."""
    for part in (schema, *cast("dict[str, dict[str, Any]]", schema.get("$defs", {})).values()):
        if "properties" in part:
            part.setdefault("additionalProperties", False)


def _untitled(schema: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in schema.items() if name != "title"}
