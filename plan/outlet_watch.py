"""What one outlet has had of complaints: signs of a group, the fifth person, a pattern over a month (R2.1, R39; A23).

Short window: persons who belong together (`crowd.py`) and whose complaint is not over. From `signs_at` on they are
signs of a group, told once to the latest incident; the plan's own five, all known by key, open one group event, and
every incident of the crowd is converted to it. From then on what was counted is frozen: a later complaint that belongs
to it joins while the group event goes on and the short window after its last has not passed; otherwise it starts anew,
and counts only with what is in no group event. An incident that was taken out of a group event is left alone.

Long window: persons of one insurer or product line, complaints that are over included. From `long_at` on the latest
incident is told of signs, and the work group is asked what it is: five calls in a month are no crowd by themselves.

A complaint of nobody known counts as one person for signs and for asking, never for opening.
Errors: none. Whatever a watch says may be refused; then nothing is changed by it but a line in the view.
"""

from datetime import datetime
from typing import Literal, Self

from plan.crowd import Crowd, crowd, crowds, links
from plan.crowd_group import CrowdGroup, group_id
from plan.incident import Form
from plan.raising import Known, Raised, may_hear, raising
from plan.saying import Said, Say, Tell, fact
from plan.sighting import Rules, Sighting
from plan.values import Instant, Kept

MOST = 1_000
"""Complaints kept in sight; beyond, the oldest are forgotten."""
LAST_REFUSALS = 20


class NotTaken(Kept):
    """An incident did not take what it was told."""

    incident_id: str
    kind: str
    rule: str | None = None
    gone: bool = False


class OutletWatch(Kept):
    """The state of one outlet's watch. `latest` is the newest instant it has heard of; `over` names ended groups."""

    kind: Literal["outlet"] = "outlet"
    outlet: str
    drill: bool = False
    rules: Rules | None = None
    latest: Instant | None = None
    sightings: dict[str, Sighting] = {}
    groups: tuple[CrowdGroup, ...] = ()
    over: dict[str, Instant] = {}
    raised: tuple[Raised, ...] = ()
    owed: tuple[Say, ...] = ()
    not_taken: tuple[NotTaken, ...] = ()

    # An incident is reported

    def seen(self, sighting: Sighting, rules: Rules) -> Self:
        """What is known, and owed to be said, after a report. One that is older than the known one changes nothing."""
        known = self.sightings.get(sighting.incident_id)
        if sighting.drill is not self.drill or (known is not None and known.number >= sighting.number):
            return self
        latest = max(self.latest or sighting.known_at, sighting.known_at)
        watch = self.model_copy(update={"rules": rules, "latest": latest})
        if sighting.form is Form.GROUP_EVENT:
            return watch._group_event(sighting)
        kept = {name: each for name, each in watch.sightings.items() if name != sighting.incident_id}
        if sighting.outlet == self.outlet:
            kept[sighting.incident_id] = sighting
        watch = watch.model_copy(update={"sightings": kept}).pruned(latest)
        watch = watch._as_it_says(sighting)
        return watch._counted(sighting, rules) if watch._counts(sighting) else watch

    def _group_event(self, sighting: Sighting) -> Self:
        """A group event is over, or goes on again."""
        over = {name: at for name, at in self.over.items() if name != sighting.incident_id}
        if sighting.ended_at is not None:
            over[sighting.incident_id] = sighting.ended_at
        return self.model_copy(update={"over": over})

    def _as_it_says(self, sighting: Sighting) -> Self:
        """The incident itself knows best whether it is in a group event: taken out of it, or not taken in."""
        name = sighting.incident_id
        watch = self
        for group in self.groups:
            told_at = group.members.get(name)
            if told_at is None or sighting.group_id == group.group_id or sighting.number <= told_at or told_at == 0:
                continue
            watch = watch._with_group(group.without(name))
            if group.group_id not in sighting.left and sighting.group_id is None:
                watch = watch._full(group.group_id, sighting.at)
        return watch

    def _full(self, group: str, at: datetime) -> Self:
        """The group event takes nobody any more: from this complaint on they start anew."""
        ended = min(self.over.get(group, at), at)
        return self.model_copy(update={"over": {**self.over, group: ended}})

    # Who counts

    def _counts(self, sighting: Sighting) -> bool:
        """In the short window: not over, not in a group event that was opened here or is over, never taken out."""
        if sighting.incident_id not in self.sightings or sighting.ended_at is not None or sighting.left:
            return False
        return not any(sighting.incident_id in group.members for group in self.groups) and self._free(sighting)

    def _free(self, sighting: Sighting) -> bool:
        return sighting.group_id is None or sighting.group_id not in self.over

    def _counted_ones(self) -> list[Sighting]:
        """Everybody who counts in the short window."""
        inside = self._in_groups()
        known = (each for each in self.sightings.values() if each.ended_at is None and not each.left)
        return [each for each in known if each.incident_id not in inside and self._free(each)]

    def _pattern(self) -> list[Sighting]:
        """Who counts in the long window: over or not, but in no group event, which has been declared."""
        inside = self._in_groups()
        known = (each for each in self.sightings.values() if each.group_id is None and not each.left)
        return [each for each in known if each.incident_id not in inside]

    def _in_groups(self) -> set[str]:
        return {name for group in self.groups for name in group.members}

    def _counted(self, sighting: Sighting, rules: Rules) -> Self:
        if group := self._open_for(sighting, rules):
            return self._joining(group, sighting)
        now = crowd(sighting, self._counted_ones(), rules.watch.short, place=True)
        if len(now.persons) >= rules.group_of and len(now.incidents) > 1:  # one by itself is a crisis of its own
            return self._opening(now, rules)
        return self._raising(sighting, now, rules)

    # A group event

    def _open_for(self, sighting: Sighting, rules: Rules) -> CrowdGroup | None:
        """The group event that this complaint still belongs to: of several the latest that had begun by then."""
        by = links(sighting, place=True)
        fitting = [
            group
            for group in self.groups
            if sighting.group_id in (None, group.group_id)
            and group.takes(sighting.instants, by, rules.watch.short, self.over.get(group.group_id))
        ]
        since = min(sighting.instants)
        return max(fitting, key=lambda group: (group.first_at <= since, group.opened_at), default=None)

    def _joining(self, group: CrowdGroup, sighting: Sighting) -> Self:
        by = links(sighting, place=True)
        watch = self._with_group(group.joined_by(sighting.incident_id, sighting.instants, by, sighting.number))
        return watch if sighting.group_id else watch._owing(self._conversion(sighting, group, sighting.known_at))

    def _opening(self, found: Crowd, rules: Rules) -> Self:
        """The fifth person: one group event, the one some of them are in already or a new one (A19)."""
        those = [self.sightings[name] for name in found.incidents]
        there = [each.group_id for each in those if each.group_id is not None]
        at = found.known_at(rules.group_of)
        group = CrowdGroup(
            group_id=there[-1] if there else group_id(self.outlet, found.incidents[0], at),
            opened_at=at,
            first_at=found.first_at,
            last_at=found.last_at,
            links=found.links,
            people=found.people,
            members={each.incident_id: each.number if each.group_id else 0 for each in those},
        )
        watch = self.model_copy(update={"groups": (*self.groups, group)})
        for each in those:
            if each.group_id is None:
                watch = watch._owing(self._conversion(each, group, max(at, each.at)))
        return watch

    def _conversion(self, sighting: Sighting, group: CrowdGroup, at: datetime) -> Tell:
        return Tell(
            id=f"watch:join:{group.group_id}:{sighting.number}",
            incident_id=sighting.incident_id,
            fact=fact(
                "converted_to_group_event",
                group_id=group.group_id,
                scene=self.outlet,
                reason=f"{group.people} persons at this outlet within the watch's window",
            ),
            at=at,
        )

    def _with_group(self, group: CrowdGroup) -> Self:
        groups = tuple(group if each.group_id == group.group_id else each for each in self.groups)
        return self.model_copy(update={"groups": groups})

    # Signs, and asking

    def _raising(self, sighting: Sighting, now: Crowd, rules: Rules) -> Self:
        month = crowd(sighting, self._pattern(), rules.watch.long, place=False)
        found = raising(self._known, sighting, now, month, rules)
        if found is None:
            return self
        return self.model_copy(update={"raised": (*self.raised, *found.raised)})._owing(found.tell)

    @property
    def _known(self) -> Known:
        return Known(self.outlet, self.sightings, self.raised)

    # What became of what was said

    def _owing(self, say: Tell) -> Self:
        return self.model_copy(update={"owed": (*self.owed, say)})

    def answered(self, say: Say, said: Said) -> Self:
        """It is said. Who did not take it is counted no more by this, and somebody else is told of signs."""
        owed = tuple(each for each in self.owed if each.key != say.key)
        watch = self.model_copy(update={"owed": owed})
        if not isinstance(say, Tell):
            return watch
        joining = next((group for group in self.groups if say.id.startswith(f"watch:join:{group.group_id}:")), None)
        if joining is not None and say.incident_id in joining.members:
            changed = joining.received(say.incident_id, said.sequence) if said.accepted else None
            watch = watch._with_group(changed or joining.without(say.incident_id))
        if said.accepted:
            return watch
        missed = NotTaken(incident_id=say.incident_id, kind=say.fact["kind"], rule=said.rule, gone=said.gone)
        watch = watch.model_copy(update={"not_taken": (*self.not_taken, missed)[-LAST_REFUSALS:]})
        return watch._told_instead(say)

    def _told_instead(self, say: Tell) -> Self:
        """The next incident of the crowd; where there is none, it is raised anew with the next complaint."""
        others = [name for name in say.instead if may_hear(self._known, name)]
        if not others:
            return self.model_copy(update={"raised": tuple(each for each in self.raised if each.id != say.id)})
        at = max(say.at, self.sightings[others[0]].at)
        raised = tuple(
            each.model_copy(update={"told": others[0]}) if each.id == say.id else each for each in self.raised
        )
        next_one = say.model_copy(update={"incident_id": others[0], "instead": tuple(others[1:]), "at": at})
        return self.model_copy(update={"raised": raised})._owing(next_one)

    # What shows

    def crowds(self, now: datetime) -> tuple[list[Crowd], list[Crowd]]:
        """Who belongs together now: in the short window, and in the long one."""
        if self.rules is None:
            return [], []
        numbers = self.rules.watch
        here = crowds(self._counted_ones(), now, numbers.short, place=True)
        return here, crowds(self._pattern(), now, numbers.long, place=False)

    # Time

    def pruned(self, now: datetime) -> Self:
        """Without what has left the long window, and never with more than can be kept."""
        if self.rules is None:
            return self
        since = now - self.rules.watch.long
        kept = [each for each in self.sightings.values() if max(each.instants) > since]
        kept = sorted(kept, key=lambda each: each.at)[-MOST:] if len(kept) > MOST else kept
        return self.model_copy(
            update={
                "sightings": {each.incident_id: each for each in kept},
                "groups": tuple(group for group in self.groups if group.last_at > since),
                "over": {name: at for name, at in self.over.items() if at > since},
                "raised": tuple(each for each in self.raised if each.at > since),
            }
        )

    @property
    def is_empty(self) -> bool:
        """Nothing is left to watch."""
        return not (self.sightings or self.groups)

    @property
    def expires_at(self) -> datetime | None:
        """When nothing will be left to watch."""
        if self.rules is None or self.is_empty:
            return None
        last = [max(each.instants) for each in self.sightings.values()] + [group.last_at for group in self.groups]
        return max(last) + self.rules.watch.long
