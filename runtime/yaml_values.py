"""The values of a parsed YAML file, with their lines and whatever is wrong with them; `yaml_files.py` reads the file.

Walks the parser's nodes itself instead of letting it make objects: nothing is expanded, nothing is run, and a value's
place is known. Errors: none; faults are collected.
"""

from pathlib import Path
from typing import Any, Final, Protocol, cast

from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

Loc = tuple[int | str, ...]
DEEPEST: Final = 20
MOST_FAULTS: Final = 100
ALIASES: Final = "anchors, aliases and merge keys are not taken; write it out where it is needed"

_TAG = "tag:yaml.org,2002:"
_TAGS = "is not taken here; write it plainly, without a tag, and text in quotes (加引号)"


class Node(Protocol):
    """What we use of a parser's node, which comes without types."""

    tag: object
    value: Any
    anchor: str | None
    start_mark: Any


def written(loc: Loc) -> str:
    """`units[3].superior`"""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in loc).lstrip(".")


class Walk:
    """One pass over the parsed file; collects values, lines and faults."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: set[int] = set()
        self.lines: dict[Loc, int] = {}
        self.unquoted: dict[Loc, str] = {}
        self.faults: list[str] = []

    def value(self, node: Node, loc: Loc) -> object:
        line = self._line(node)
        self.lines.setdefault(loc, line)
        if id(node) in self._seen:
            return None  # an alias: its anchor is a fault already
        self._seen.add(id(node))
        if node.anchor is not None:
            self._fault(line, loc, ALIASES)
        if len(loc) > DEEPEST:
            self._fault(line, loc, "is nested too deeply; write it flat")
            return None
        match cast("object", node):
            case MappingNode() if self._untagged(node, loc, "map"):
                return self._mapping(node, loc)
            case SequenceNode() if self._untagged(node, loc, "seq"):
                items = cast("list[Node]", node.value)
                return [self.value(item, (*loc, place)) for place, item in enumerate(items)]
            case ScalarNode():
                return self._scalar(node, loc)
            case _:
                return None

    def _untagged(self, node: Node, loc: Loc, kind: str) -> bool:
        if str(node.tag) == f"{_TAG}{kind}":
            return True
        self._fault(self._line(node), loc, _TAGS)
        return False

    def _mapping(self, node: Node, loc: Loc) -> dict[str, object]:
        fields: dict[str, object] = {}
        for key, value in cast("list[tuple[Node, Node]]", node.value):
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

    def _key(self, key: Node, loc: Loc) -> str | None:
        tag = str(key.tag)
        if isinstance(cast("object", key), ScalarNode) and tag in (f"{_TAG}str", f"{_TAG}timestamp"):
            return str(key.value)
        what = ALIASES if tag == f"{_TAG}merge" else "a field's name must be text; put it in quotes (加引号)"
        self._fault(self._line(key), loc, what)
        return None

    def _scalar(self, node: Node, loc: Loc) -> object:
        text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
        if kind in ("str", "timestamp"):
            return text
        self.unquoted[loc] = text
        try:
            return _plain(kind, text)
        except (ValueError, OverflowError):
            self._fault(self._line(node), loc, _TAGS)
            return None

    def _line(self, node: Node) -> int:
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
