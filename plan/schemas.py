"""The JSON Schemas of what people and systems write: organisation, playbook, complaint, fact (contract, section 1).

Made from the models, so that they cannot differ; unknown fields are refused in a file and at a door alike.
Errors: Malformed for a name that is none.
"""

from typing import Any, Final, cast

from pydantic import TypeAdapter

from plan.complaint import Complaint
from plan.errors import Malformed
from plan.facts import FACT
from plan.organisation import Organisation
from plan.playbook import Playbook

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_OF: Final[dict[str, TypeAdapter[Any]]] = {
    "organisation": TypeAdapter(Organisation),
    "playbook": TypeAdapter(Playbook),
    "complaint": TypeAdapter(Complaint),
    "fact": FACT,
}
NAMES: Final = tuple(_OF)


def schema(name: str) -> dict[str, object]:
    """The schema of one of `NAMES`."""
    if name not in _OF:
        raise Malformed(f"There is no schema {name}: it is one of {', '.join(NAMES)}. Name one of these.")
    made = cast("dict[str, object]", _closed(_OF[name].json_schema()))
    return {"$schema": DIALECT, "title": name, **{key: part for key, part in made.items() if key != "title"}}


def _closed(part: object) -> object:
    """Every object with fields of its own refuses others, those of the kept models too."""
    if isinstance(part, list):
        return [_closed(inner) for inner in cast("list[object]", part)]
    if not isinstance(part, dict):
        return part
    fields = {key: _closed(inner) for key, inner in cast("dict[str, object]", part).items()}
    if "properties" in fields and fields.get("type") == "object":
        fields.setdefault("additionalProperties", False)
    return fields
