"""HTML from values: whatever is not made here is escaped, for texts are hostile."""

from html import escape
from typing import Final

_VOID: Final = frozenset({"br", "input", "link", "meta"})


class Html(str):
    """Safe already."""

    __slots__ = ()


def tag(name: str, /, *content: str | None, **attributes: str | bool | None) -> Html:
    """`class_` and `for_` stand for the words that Python keeps; False and None leave an attribute out."""
    given = "".join(_attribute(each.rstrip("_"), value) for each, value in attributes.items())
    opened = f"<{name}{given}>"
    return Html(opened if name in _VOID else f"{opened}{joined(*content)}</{name}>")


def joined(*content: str | None) -> Html:
    """One after another; None is nothing."""
    return Html("".join(each if isinstance(each, Html) else escape(each) for each in content if each is not None))


def _attribute(name: str, value: str | bool | None) -> str:
    if value is None or value is False:
        return ""
    name = name.replace("_", "-")
    return f" {name}" if value is True else f' {name}="{escape(value)}"'
