"""A YAML file as plain values, each with its line, read so that nothing in it is guessed (libraries' traps: R28).

Only plain YAML 1.2 is taken: mappings with text keys, lists, texts, numbers, true and false. A key twice, an anchor or
alias, a tag, or a second document is a fault. A number or a truth value stays one, so that an id without quotes is
found instead of silently losing its zeros; a date stays the text that was written. Errors: Misconfigured, every fault
as `file:line: what; what to do`. No value is repeated in a message: files hold names and phones. `yaml_values.py` has
what stands in the file.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode

from plan.errors import Misconfigured
from runtime.yaml_values import ALIASES, Loc, Node, Walk, written

MOST_BYTES: Final = 5_000_000

_TABS = "a tab cannot indent; use spaces"


@dataclass(frozen=True, slots=True)
class Document:
    """`unquoted` has the text of every value that is not text, as it was written."""

    path: Path
    data: dict[str, object]
    lines: Mapping[Loc, int] = field(repr=False)
    unquoted: Mapping[Loc, str] = field(repr=False)
    faults: tuple[str, ...] = ()

    def line_of(self, loc: Loc) -> int:
        """The line of a value, or of the nearest thing around it that stands in the file."""
        while loc and loc not in self.lines:
            loc = loc[:-1]
        return self.lines.get(loc, 1)

    def place(self, loc: Loc) -> str:
        """`file:line: units[3].superior`"""
        return f"{self.path}:{self.line_of(loc)}: {written(loc)}" if loc else f"{self.path}:{self.line_of(loc)}"


def read_yaml(path: Path | str) -> Document:
    """The file's values and their lines, or Misconfigured with every fault."""
    document = open_yaml(path)
    if document.faults:
        raise Misconfigured(f"{path} cannot be used:", faults=document.faults)
    return document


def open_yaml(path: Path | str) -> Document:
    """As `read_yaml`, but faults that leave the rest readable are handed over with it."""
    path = Path(path)
    text = _text(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a re-used anchor is refused below, with its line
            root = cast("Node | None", YAML(typ="safe", pure=True).compose(text))  # pyright: ignore[reportUnknownMemberType]
    except RecursionError:
        raise _unreadable(path, 1, "is nested too deeply; write it flat") from None
    except MarkedYAMLError as wrong:
        told = cast("Any", wrong)
        mark = told.problem_mark or told.context_mark
        raise _unreadable(path, mark.line + 1 if mark else 1, _problem(str(told.problem))) from None
    except (YAMLError, ValueError) as wrong:
        raise _unreadable(path, 1, _problem(type(wrong).__name__)) from None
    if root is None or not isinstance(cast("object", root), MappingNode):
        empty = root is None or not root.value
        raise _unreadable(path, 1, f"is {'empty' if empty else 'no mapping'}; write its fields, each as `name: value`")
    walk = Walk(path)
    data = cast("dict[str, object]", walk.value(root, ()))
    return Document(path=path, data=data, lines=walk.lines, unquoted=walk.unquoted, faults=tuple(walk.faults))


def _text(path: Path) -> str:
    try:
        if path.is_dir():
            raise _unreadable(path, None, "is a folder; name a file in it")
        if path.exists() and not path.is_file():
            raise _unreadable(path, None, "is not a regular file; name one")
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        raise _unreadable(path, None, "does not exist; check its name") from None
    except (OSError, ValueError) as failed:
        why = failed.strerror if isinstance(failed, OSError) and failed.strerror else "its name is not usable"
        raise _unreadable(path, None, f"cannot be read ({why}); check its name and owner") from None
    if len(content) > MOST_BYTES:
        raise _unreadable(path, None, f"is larger than {MOST_BYTES // 1_000_000} MB; is it the right file?")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise _unreadable(path, line, "is not UTF-8; save it as UTF-8 (另存为 UTF-8)") from None


def _problem(problem: str) -> str:
    if "'\\t'" in problem:
        return _TABS
    if "document" in problem:
        return "holds more than one document; keep one"
    if "anchor" in problem or "alias" in problem:
        return ALIASES
    return f"is not YAML ({problem}); check quotes, colons and indentation here"


def _unreadable(path: Path, line: int | None, what: str) -> Misconfigured:
    place = f"{path}:{line}" if line else f"{path}"
    return Misconfigured(f"{path} cannot be read:", faults=[f"{place}: {what}"])
