"""One fault of a file: where it stands, what is wrong and what to do, and the rule that asks for it."""

from typing import NamedTuple


class Fault(NamedTuple):
    """`path` leads into the document (`("units", 3, "superior")`), so that the line can be shown."""

    path: tuple[str | int, ...]
    what: str
    rule: str | None = None

    def __str__(self) -> str:
        """What, with the rule: *has no work group (R28); name its head*."""
        if self.rule is None:
            return self.what
        said, comma, remedy = self.what.partition(";")
        return f"{said} ({self.rule}){comma}{remedy}"
