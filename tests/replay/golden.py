"""Golden files: a history as the server kept it, and what the incident said of itself at its end.

A file is named for what it shows. It holds the door key its seals were made with (a key of the tests, worth nothing),
and for each run its history, stripped of what changes from recording to recording, its final view and its record's
head. Made by `make histories`; committed once, never edited.
"""

import json
from pathlib import Path
from typing import Any, Final

from pydantic import JsonValue, SecretStr

from plan.values import Inbound
from runtime.settings import Settings

HISTORIES: Final = Path(__file__).with_name("histories")
DOOR_KEY: Final = "golden:" + "5a" * 32
PERSON_KEY: Final = "a5" * 32
NOISE: Final = frozenset(
    {"taskId", "requestId", "identity", "workerVersion", "binaryChecksum", "historySizeBytes", "stackTrace"}
)
"""What a history holds of the machine and the moment it was recorded on, and no replay looks at."""


class Run(Inbound):
    """One run of one incident."""

    workflow_id: str
    head: str
    view: dict[str, JsonValue]
    history: dict[str, JsonValue]


class Golden(Inbound):
    shows: str
    door_key: str
    runs: tuple[Run, ...]


def golden_settings(home: Path, door_key: str = DOOR_KEY) -> Settings:
    """The keys with which a golden history was sealed, so that its seals open again."""
    return Settings(home=home, door_keys=SecretStr(door_key), person_key=SecretStr(PERSON_KEY))


def path_of(name: str) -> Path:
    return HISTORIES / f"{name}.json"


def names() -> list[str]:
    """Every golden file there is."""
    return sorted(path.stem for path in HISTORIES.glob("*.json"))


def read(name: str) -> Golden:
    return Golden.model_validate_json(path_of(name).read_text(encoding="utf-8"))


def write(name: str, golden: Golden) -> None:
    """One event a line, so that a file stays small and two recordings can be compared."""
    runs = ",\n".join(_run(each) for each in golden.runs)
    head = f'"shows": {_said(golden.shows)},\n"door_key": {_said(golden.door_key)}'
    path_of(name).write_text(f'{{{head},\n"runs": [\n{runs}\n]}}\n', encoding="utf-8")


def _run(run: Run) -> str:
    events = run.history["events"]
    assert isinstance(events, list)
    lines = ",\n".join(_said(event) for event in events)
    head = f'"workflow_id": {_said(run.workflow_id)},\n"head": {_said(run.head)},\n"view": {_said(run.view)}'
    return f'{{{head},\n"history": {{"events": [\n{lines}\n]}}}}'


def _said(value: JsonValue) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def stripped(value: Any) -> Any:
    """A history without its noise."""
    if isinstance(value, dict):
        return {key: stripped(each) for key, each in value.items() if key not in NOISE}  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, list):
        return [stripped(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
    return value
