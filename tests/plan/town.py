"""Several incidents and the group event they join, linked as the workflows link them (A19)."""

from datetime import datetime
from typing import Any

from plan.facts import ConvertedToGroupEvent, MemberLeft
from plan.incident import Form
from plan.linking import membership, opening
from plan.passing import passed_on
from plan.receipts import Receipt
from plan.told import WITHIN, Told
from tests.plan.told import Day


class Town:
    """The members by name, and the group events that were opened, by id."""

    def __init__(self, **members: Day) -> None:
        self.members = members
        self.groups: dict[str, Day] = {}
        self._told_so_far = 0

    def convert(self, when: str | datetime, by: str, group_id: str, *names: str, **fields: Any) -> list[Receipt]:
        """Each of the members joins the group event, in this order."""
        receipts: list[Receipt] = []
        for name in names:
            member = self.members[name]
            member.until(when)
            told = member.fact(by, "converted_to_group_event", group_id=group_id, **fields)
            receipts.append(self._told(member, told))
        return receipts

    def tell(self, when: str | datetime, name: str, by: str, kind: str, /, **fields: Any) -> Receipt:
        """A fact told to a member, or to a group event by its id."""
        day = self.members.get(name) or self.groups[name]
        day.until(when)
        self._told_so_far += 1
        fields.setdefault("fact_id", f"{name}-{self._told_so_far}")  # each day by itself counts from one
        return self._told(day, day.fact(by, kind, **fields))

    def until(self, when: str | datetime) -> None:
        for day in (*self.members.values(), *self.groups.values()):
            day.until(when)

    def _told(self, day: Day, told: Told) -> Receipt:
        receipt = day.judge(told)
        if receipt.accepted and not receipt.duplicate:
            self._follow(day, told)
        return receipt

    def _follow(self, day: Day, told: Told) -> None:
        fact = told.fact
        if isinstance(fact, ConvertedToGroupEvent):
            self._join(day, told, fact)
        elif (said := passed_on(day.incident, told)) is not None and day.incident.group_id is not None:
            self._pass_on(self.groups[day.incident.group_id], told, said)
        elif isinstance(fact, MemberLeft) and day.incident.form is Form.GROUP_EVENT:
            self._let_go(day, fact)

    def _join(self, day: Day, told: Told, fact: ConvertedToGroupEvent) -> None:
        if fact.group_id not in self.groups:
            start = opening(fact, day.incident)["group"]
            self.groups[fact.group_id] = Day(
                told.received_at, incident_id=fact.group_id, group=(start["scene"], start["drill"])
            )
        group = self.groups[fact.group_id]
        group.until(told.received_at)
        sent = membership(day.incident, day.book.rules, told.received_at)
        joining = group.fact(
            WITHIN,
            "member_joined",
            door="tocsin",
            fact_id=f"join:{told.fact_id}:{day.incident.incident_id}",
            incident_id=day.incident.incident_id,
            membership=sent,
        )
        receipt = group.judge(joining)
        if receipt.accepted:
            day.book.joined(told.received_at)
        else:
            day.book.not_joined(str(receipt.reason), told.received_at)

    def _pass_on(self, group: Day, told: Told, said: dict[str, Any]) -> None:
        group.until(told.received_at)
        by, kind = said.pop("by"), said.pop("kind")
        group.judge(group.fact(by, kind, door="tocsin", **said))

    def _let_go(self, group: Day, fact: MemberLeft) -> None:
        member = next(day for day in self.members.values() if day.incident.incident_id == fact.incident_id)
        member.until(group.now)
        member.judge(member.fact(WITHIN, "member_left", door="tocsin", incident_id=fact.incident_id))
