"""A register without a server: items told to it, judged in the sample organisation."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from plan.organisation import Organisation
from plan.receipts import Receipt
from plan.register import Register
from plan.register_due import Owed, next_instant, owed, said
from plan.register_items import ITEM, ItemTold
from plan.register_judging import judge
from plan.register_standing import asks_for, standing
from plan.rhythm import ActionRules, Kind
from plan.rounds import RoundHeld
from tests.plan.changed import organisation

TH: Final = "gd-gz-th"
WORK, T1, T2 = f"{TH}.work", f"{TH}-0001", f"{TH}-0002"
NOON: Final = datetime(2026, 11, 24, 4, tzinfo=UTC)
"""Twelve in China."""
ACTION: Final[dict[str, Any]] = {
    "kind": "action",
    "by": WORK,
    "action_id": "A1",
    "text": "补齐双录流程",
    "owner": f"{T1}.lead",
    "due_on": "2026-12-04",
}
DUE: Final = datetime(2026, 12, 4, 10, tzinfo=UTC)
"""The evening of that day in China."""


class Desk:
    """One unit's register; `at` is when the next thing is told."""

    def __init__(self, unit: str = TH, of: Organisation | None = None, rules: ActionRules | None = None) -> None:
        self.register = Register(unit=unit)
        self.of = of or organisation()
        self.rules = rules or ActionRules()
        self.at = NOON
        self._told = 0

    def tell(self, kind: str, by: str, *, within: bool = False, **fields: Any) -> Receipt:
        self._told += 1
        item = ITEM.validate_python({"kind": kind, "by": by, **fields})
        told = ItemTold(
            item=item,
            fact_id=item.fact_id or f"r-{self._told}",
            received_at=self.at,
            door="tocsin" if within else "cli",
            sealed=True,
        )
        seen = standing(self.of, self.rules, asks_for(self.register.unit, [told]))
        self.register, receipt = judge(self.register, told, seen)
        return receipt

    def action(self, **changed: Any) -> Receipt:
        fields = {**ACTION, **changed}
        return self.tell(fields.pop("kind"), fields.pop("by"), **{k: v for k, v in fields.items() if v is not None})

    def asked(self, kind: Kind, *outlets: str, items: tuple[str, ...] = (), days: int = 14) -> RoundHeld:
        """A round of this kind, begun now."""
        held = RoundHeld(
            id=f"{kind}-{self.register.unit}-{self.at:%Y%m%d}",
            kind=kind,
            unit=self.register.unit,
            at=self.at,
            due_at=self.at + timedelta(days=days),
            outlets=outlets or (T1, T2),
            items=items,
        )
        receipt = self.tell("round", "system:tocsin", within=True, held=held.model_dump(mode="json"))
        assert receipt.accepted, receipt
        return held

    def until(self, at: datetime) -> list[Owed]:
        """Look whenever there is something to look for; everything that was owed up to then, in order."""
        found: list[Owed] = []
        while True:
            for each in owed(self.register, self.at):
                found.append(each)
                self.register = said(self.register, each)
            next_at = next_instant(self.register, self.at)
            if next_at is None or next_at > at:
                self.at = at
                return found
            self.at = next_at

    def look(self, at: datetime) -> list[Owed]:
        """Look once, as after an outage."""
        self.at = at
        found = owed(self.register, at)
        for each in found:
            self.register = said(self.register, each)
        return found


def duties(found: list[Owed]) -> list[str]:
    return [each.bulletin.duty for each in found]
