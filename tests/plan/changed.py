"""The sample organisation, playbook and wording with one small thing changed, so that each fault shows alone."""

from collections.abc import Callable
from copy import deepcopy
from typing import Any, Protocol

from plan.fault import Fault
from plan.organisation import Organisation
from plan.organisation_faults import organisation_faults
from plan.playbook import Playbook
from plan.playbook_faults import playbook_faults
from plan.wording import Wording
from plan.wording_faults import wording_faults
from runtime.documents import PLAYBOOK, PLAYBOOKS, SAMPLE
from runtime.yaml_files import read_yaml


class Change(Protocol):
    __name__: str

    def __call__(self, data: Any, /) -> object: ...


_ORGANISATION = read_yaml(SAMPLE).data
_PLAYBOOK = read_yaml(PLAYBOOK).data
_WORDING = {lang: read_yaml(PLAYBOOKS / "wording" / f"{lang}.yaml").data for lang in ("zh", "en")}


def nothing(_: Any) -> None:
    """No change."""


def organisation(change: Change = nothing) -> Organisation:
    return Organisation.model_validate(_changed(_ORGANISATION, change), extra="forbid")


def playbook(change: Change = nothing) -> Playbook:
    return Playbook.model_validate(_changed(_PLAYBOOK, change), extra="forbid")


def wording(lang: str = "zh", change: Change = nothing) -> Wording:
    return Wording.model_validate(_changed(_WORDING[lang], change), extra="forbid")


def in_organisation(change: Change) -> list[Fault]:
    return organisation_faults(organisation(change))


def in_playbook(change: Change, of: Organisation | None = None) -> list[Fault]:
    return playbook_faults(playbook(change), of)


def in_wording(change: Change, lang: str = "zh") -> list[Fault]:
    return wording_faults(wording(lang, change))


def found(data: Any, part: str, known: str) -> Any:
    """The entry of a list with this id, duty or clock."""
    return next(entry for entry in data[part] if known in (entry.get("id"), entry.get("duty"), entry.get("clock")))


def unit(known: str, **fields: object) -> Change:
    return _entry("units", known, fields)


def outlet(known: str, **fields: object) -> Change:
    return _entry("outlets", known, fields)


def person(known: str, **fields: object) -> Change:
    return _entry("persons", known, fields)


def insurer(known: str, **fields: object) -> Change:
    return _entry("insurers", known, fields)


def clock(known: str, **fields: object) -> Change:
    return _entry("clocks", known, fields)


def notice(known: str, **fields: object) -> Change:
    return _entry("notices", known, fields)


def whole(**fields: object) -> Change:
    """Fields of the file itself."""
    return _named(lambda data: data.update(fields), f"{fields}")


def both(*changes: Change) -> Change:
    return _named(lambda data: [change(data) for change in changes], "+".join(change.__name__ for change in changes))


def _entry(part: str, known: str, fields: dict[str, object]) -> Change:
    return _named(lambda data: found(data, part, known).update(fields), f"{known}:{fields}")


def _named(change: Callable[[Any], object], name: str) -> Change:
    """With a name, so that a table of changes says which one failed."""

    def named(data: Any) -> object:
        return change(data)

    named.__name__ = name
    return named


def _changed(data: dict[str, object], change: Change) -> dict[str, object]:
    copy = deepcopy(data)
    change(copy)
    return copy
