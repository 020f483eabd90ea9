"""A YAML file as plain values, each with its line, read so that nothing in it is guessed (libraries' traps: R28).

Only plain YAML 1.2 is taken: mappings with text keys, lists, texts, numbers, true and false. A key twice, an anchor or
alias, a tag, or a second document is a fault. A number or a truth value stays one, so that an id without quotes is
found instead of silently losing its zeros; a date stays the text that was written. Errors: Misconfigured, every fault
as `file:line: what; what to do`. No value is repeated in a message: files hold names and phones.
"""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol, cast

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from plan.errors import Misconfigured

Loc = tuple[int | str, ...]
MOST_BYTES: Final = 5_000_000
DEEPEST: Final = 20
MOST_FAULTS: Final = 100

_TAG = "tag:yaml.org,2002:"
_TABS = "a tab cannot indent; use spaces"
_ALIASES = "anchors, aliases and merge keys are not taken; write it out where it is needed"


class _Node(Protocol):
    """What we use of a parser's node, which comes without types."""

    tag: object
    value: Any
    anchor: str | None
    start_mark: Any


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
            root = cast("_Node | None", YAML(typ="safe", pure=True).compose(text))  # pyright: ignore[reportUnknownMemberType]
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
    walk = _Walk(path)
    data = cast("dict[str, object]", walk.value(root, ()))
    return Document(path=path, data=data, lines=walk.lines, unquoted=walk.unquoted, faults=tuple(walk.faults))


def written(loc: Loc) -> str:
    """`units[3].superior`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).lstrip(".")


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
        return _ALIASES
    return f"is not YAML ({problem}); check quotes, colons and indentation here"


def _unreadable(path: Path, line: int | None, what: str) -> Misconfigured:
    place = f"{path}:{line}" if line else f"{path}"
    return Misconfigured(f"{path} cannot be read:", faults=[f"{place}: {what}"])


class _Walk:
    """One pass over the parsed file; collects values, lines and faults."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[int] = set()
        self.lines: dict[Loc, int] = {}
        self.unquoted: dict[Loc, str] = {}
        self.faults: list[str] = []

    def value(self, node: _Node, loc: Loc) -> object:
        line = self._line(node)
        self.lines.setdefault(loc, line)
        if id(node) in self._seen:
            return None  # an alias: its anchor is a fault already
        self._seen.add(id(node))
        if node.anchor is not None:
            self._fault(line, loc, _ALIASES)
        if len(loc) > DEEPEST:
            self._fault(line, loc, "is nested too deeply; write it flat")
            return None
        match cast("object", node):
            case MappingNode():
                return self._mapping(node, loc)
            case SequenceNode():
                items = cast("list[_Node]", node.value)
                return [self.value(item, (*loc, place)) for place, item in enumerate(items)]
            case _:
                return self._scalar(node, loc)

    def _mapping(self, node: _Node, loc: Loc) -> dict[str, object]:
        fields: dict[str, object] = {}
        for key, value in cast("list[tuple[_Node, _Node]]", node.value):
            name = self._key(key, loc)
            if name is None:
                continue
            place = (*loc, name)
            if name in fields:
                self._fault(
                    self._line(key), place, f"stands here a second time (first in line {self.lines[place]}); keep one"
                )
                continue
            self.lines[place] = self._line(key)
            fields[name] = self.value(value, place)
        return fields

    def _key(self, key: _Node, loc: Loc) -> str | None:
        tag = str(key.tag)
        if isinstance(cast("object", key), ScalarNode) and tag in (f"{_TAG}str", f"{_TAG}timestamp"):
            return str(key.value)
        what = _ALIASES if tag == f"{_TAG}merge" else "a field's name must be text; put it in quotes (加引号)"
        self._fault(self._line(key), loc, what)
        return None

    def _scalar(self, node: _Node, loc: Loc) -> object:
        text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
        if kind in ("str", "timestamp"):
            return text
        self.unquoted[loc] = text
        try:
            return _plain(kind, text)
        except (ValueError, OverflowError):
            self._fault(self._line(node), loc, "is not taken here; write plain text in quotes (加引号), without a tag")
            return None

    def _line(self, node: _Node) -> int:
        return cast("int", node.start_mark.line) + 1

    def _fault(self, line: int, loc: Loc, what: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            where = f"{written(loc)}: " if loc else ""
            self.faults.append(f"{self._path}:{line}: {where}{what}")


def _plain(kind: str, text: str) -> object:
    """Numbers as YAML 1.2 writes them; anything with a tag of its own is refused."""
    match kind:
        case "null":
            return None
        case "bool":
            return text.lower() in ("true", "yes", "on")
        case "int":
            return int(text.replace("_", ""), 0 if text.lstrip("+-")[:2].lower() in ("0x", "0o", "0b") else 10)
        case "float":
            return float(text.replace("_", "").lower().replace(".inf", "inf").replace(".nan", "nan"))
        case _:
            raise ValueError(kind)
