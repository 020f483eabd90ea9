"""How many people take part (R2.1, A12): distinct natural persons, never complaints, policies or a sum.

A head-count is everyone taking part, complainant included, staff not. A head-count told lower later lowers nothing.
"""

from plan.incident import Form, Incident


def person_keys(incident: Incident) -> tuple[str, ...]:
    """The distinct keys, in the order they became known; in a group event those of its present members too."""
    own = (incident.customer.person_key,) if incident.customer.person_key else ()
    told = tuple(key for circumstance in incident.circumstances for key in circumstance.persons)
    joined = tuple(key for member in incident.present_members for key in member.persons)
    return tuple(dict.fromkeys(own + told + joined))


def people_count(incident: Incident) -> int:
    """The highest head-count told or the distinct persons, whichever is more; a member without a key counts as one."""
    told = [circumstance.headcount for circumstance in incident.circumstances]
    joined = [member.headcount for member in incident.present_members]
    nameless = sum(1 for member in incident.present_members if not member.persons)
    distinct = len(person_keys(incident)) + (nameless if incident.form is Form.GROUP_EVENT else 0)
    return max([distinct, *told, *joined])
