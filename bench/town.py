"""The sample organisation with more outlets, and playbooks with something changed, as files for a worker.

The outlets that are added stand under the sample's units in turn, each with a lead and a contact.
"""

from collections.abc import Callable, Mapping
from itertools import cycle, islice
from pathlib import Path
from typing import Any, Final

from plan.organisation import Organisation
from plan.playbook import NoticeRule, Playbook, Recipients
from runtime.documents import PLAYBOOK, SAMPLE, load_organisation, load_playbook

SUPERIORS: Final = ("gd-gz-th", "gd-sz-ns", "gd-zh")
Ways = Callable[[str], list[dict[str, Any]]]
"""The channels of a person, by id."""


def outlet(number: int) -> str:
    """The id of one of the outlets that were added."""
    return f"outlet-{number:04}"


def write(folder: Path, ways: Ways, *, outlets: int = 0) -> Path:
    """The organisation's file. `ways` are everybody's channels."""
    said = load_organisation(SAMPLE).model_dump(mode="json", exclude_none=True)
    added = list(zip(map(outlet, range(outlets)), cycle(SUPERIORS), strict=False))
    said["outlets"] += [_outlet(known, superior) for known, superior in added]
    said["persons"] += [
        {"id": f"{known}.{role}", "name": "某某", "side": "post", "duty_phone": "13800000000", "channels": []}
        for known, _ in added
        for role in ("lead", "contact")
    ]
    for person in said["persons"]:
        person["channels"] = ways(person["id"])
    path = folder / "organisation.yaml"
    path.write_text(Organisation.model_validate(said).model_dump_json(exclude_none=True), encoding="utf-8")
    return path


def playbook(folder: Path, change: Callable[[Playbook], Playbook]) -> Path:
    """The plan's playbook with something changed, as a file."""
    path = folder / "playbook.yaml"
    path.write_text(change(load_playbook(PLAYBOOK)).model_dump_json(exclude_none=True), encoding="utf-8")
    return path


def only(told: Mapping[str, tuple[Recipients, ...]]) -> Callable[[Playbook], Playbook]:
    """A playbook that tells these only of these duties, so that what is not measured costs little."""

    def changed(plan: Playbook) -> Playbook:
        return plan.model_copy(update={"notices": tuple(_narrowed(rule, told) for rule in plan.notices)})

    return changed


def _narrowed(rule: NoticeRule, told: Mapping[str, tuple[Recipients, ...]]) -> NoticeRule:
    to = told.get(rule.duty)
    return rule if to is None else rule.model_copy(update={"to": to, "chase": None})


def _outlet(known: str, superior: str) -> dict[str, Any]:
    return {
        "id": known,
        "name": f"网点 {known}",
        "superior": superior,
        "side": "post",
        "lead": f"{known}.lead",
        "contacts": [f"{known}.contact"],
        "address": "某路 0 号（虚构）",
        "police_station": {"name": "某派出所", "phone": "020-0000-0000"},
    }


def incidents(number: int, prefix: str, outlets: int) -> list[dict[str, Any]]:
    """So many complaints, the outlets in turn."""
    return [
        {
            "incident_id": f"{prefix}-{n:04}",
            "channel": "outlet",
            "subject": "returns",
            "outlet": at,
            "insurer": "anhe-life",
            "reason": "收益与介绍不符",
            "reported_by": f"{at}.lead",
        }
        for n, at in enumerate(islice(cycle(map(outlet, range(outlets))), number))
    ]
