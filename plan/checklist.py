"""The playbook's checklist: who does which item (R30, R33, R54)."""

from plan.authority import Speaker
from plan.facts import ChecklistDone
from plan.incident import Incident
from plan.playbook import Playbook, Recipients
from plan.receipts import Refusal
from plan.recipients import people
from plan.refusals import refusal
from plan.roster import Role
from plan.told import Told


def not_its_owner(incident: Incident, playbook: Playbook, told: Told, fact: ChecklistDone) -> Refusal | None:
    """None when the item exists and its owner, or a deputy of the same place and role, says that it is done."""
    owners = playbook.checklist.get(fact.item)
    if owners is None:
        return refusal("R30", "unknown_item", kind=fact.kind, items=tuple(playbook.checklist))
    named = people(incident, owners, told.received_at, about=None, owed_by=None)
    places = {(_family(a.role), a.unit) for person in named for a in incident.roster.roles_of(person)}
    mine = {(_family(a.role), a.unit) for a in incident.roster.roles_of(fact.by) if not a.left}
    speakers = tuple(dict.fromkeys(_NAMED.get(owner, Speaker.CHAIN) for owner in owners))
    return None if places & mine else refusal("R30", "not_owner", kind=fact.kind, speakers=speakers)


_NAMED = {
    Recipients.OUTLET_LEAD: Speaker.OUTLET_LEAD,
    Recipients.OUTLET_CONTACT: Speaker.OUTLET,
    Recipients.SUPERIOR_WORK_GROUP: Speaker.WORK_GROUP,
    Recipients.NEXT_WORK_GROUP: Speaker.WORK_GROUP,
    Recipients.PROVINCE_WORK_GROUP: Speaker.WORK_GROUP,
    Recipients.SUPERIOR_LEADERSHIP: Speaker.LEADERSHIP,
    Recipients.PROVINCE_LEADERSHIP: Speaker.LEADERSHIP,
    Recipients.HQ_LEADERSHIP: Speaker.LEADERSHIP,
    Recipients.INSURER: Speaker.INSURER,
}


def _family(role: Role) -> Role:
    """An outlet's contact does what its lead may do."""
    return Role.OUTLET_LEAD if role is Role.OUTLET_CONTACT else role
