"""A file's model, judged once and kept until the file changes, or every fault of it (runtime/documents.py).

The judge finds what is wrong with the whole: the plan's part. Errors: Misconfigured.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from plan.errors import Misconfigured
from plan.fault import Fault
from runtime.models import make
from runtime.yaml_files import Document, open_yaml

Model = TypeVar("Model", bound=BaseModel)
Judge = Callable[[Model], Sequence[Fault]]

_READ: dict[tuple[Path, type[BaseModel]], tuple[tuple[int, ...], BaseModel]] = {}


def kept(path: Path, kind: type[Model], judge: Judge[Model]) -> Model:
    """The same object until the file changes; a file is judged again when it does."""
    state = _state(path)
    known = _READ.get((path, kind))
    if known and state and known[0] == state and isinstance(known[1], kind):
        return known[1]
    made = _load(path, kind, judge)
    if state:
        _READ[path, kind] = state, made
    return made


class Reading:
    """What was read of a file, and a way to show where in it something stands."""

    def __init__(self, document: Document | None, faults: Sequence[str]) -> None:
        self._document, self.faults = document, tuple(faults)

    def told(self, faults: Sequence[Fault]) -> list[str]:
        document = self._document
        return [f"{document.place(fault.path)}: {fault}" for fault in faults] if document else []


def examine(path: Path, kind: type[Model]) -> tuple[Model | None, Reading]:
    """The model of a file where one can be made, and what is wrong with it by itself."""
    try:
        document = open_yaml(path)
    except Misconfigured as wrong:
        return None, Reading(None, wrong.faults)
    made, faults = make(document, kind)
    return made, Reading(document, [*document.faults, *faults])


def _load(path: Path, kind: type[Model], judge: Judge[Model]) -> Model:
    made, reading = examine(path, kind)
    faults = [*reading.faults, *(reading.told(judge(made)) if made else ())]
    if made is None or faults:
        raise Misconfigured(f"{path} cannot be used:", faults=faults)
    return made


def _state(path: Path) -> tuple[int, ...]:
    try:
        stat = path.stat()
    except (OSError, ValueError):
        return ()
    return stat.st_mtime_ns, stat.st_size, stat.st_ino
