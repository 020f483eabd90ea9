"""The words a notice may use, none of them personal (R29): ids, names of places, instants, durations, codes.

Instants and durations go out in ISO 8601, to be written in the recipient's language and zone at delivery.
"""

from datetime import datetime, timedelta

from plan.duties import Duty
from plan.incident import Incident, Notice


def words_of(incident: Incident, duty: Duty, notice: Notice, now: datetime) -> dict[str, str]:
    """What this notice says; a word that does not apply is left out."""
    roster = incident.roster
    words = {
        "incident": incident.incident_id,
        "outlet": roster.outlet_name or incident.place or "",
        "outlet_en": roster.outlet_name_en or incident.place or "",
        "scene": roster.outlet_name if incident.scene in (None, roster.outlet) else str(incident.scene),
        "scene_en": roster.outlet_name_en if incident.scene in (None, roster.outlet) else str(incident.scene),
        "group": incident.group_id or "",
        "role": str(next((a.role for a in roster.roles_of(notice.recipient)), "")),
        **_superior(incident),
        **_insurers(incident),
        **_recipient_unit(incident, duty, notice),
        **_time(duty, now),
        **_state(incident, duty),
    }
    return {name: word for name, word in words.items() if word}


def _superior(incident: Incident) -> dict[str, str]:
    superior = incident.roster.superior
    return {"superior": superior.name, "superior_en": superior.name_en} if superior else {}


def _insurers(incident: Incident) -> dict[str, str]:
    names, english = incident.roster.insurer_names, incident.roster.insurer_names_en
    return {
        "insurer": "、".join(names.get(insurer, insurer) for insurer in incident.insurers),
        "insurer_en": ", ".join(english.get(insurer, insurer) for insurer in incident.insurers),
    }


def _recipient_unit(incident: Incident, duty: Duty, notice: Notice) -> dict[str, str]:
    """Whom the recipient stands for; of somebody who could not be reached, where he or she answers."""
    about = duty.occasion.number if duty.occasion and duty.id.startswith("tell.undelivered") else None
    place = about or notice.unit
    unit = next((unit for unit in incident.roster.units if unit.id == place), None)
    if unit is not None:
        return {"recipient_unit": unit.name, "recipient_unit_en": unit.name_en}
    if place == incident.roster.outlet:
        return {"recipient_unit": incident.roster.outlet_name, "recipient_unit_en": incident.roster.outlet_name_en}
    names, english = incident.roster.insurer_names, incident.roster.insurer_names_en
    return {"recipient_unit": names.get(place, place), "recipient_unit_en": english.get(place, place)}


def _time(duty: Duty, now: datetime) -> dict[str, str]:
    clock, occasion = duty.clock, duty.occasion
    due = occasion.expected_at if occasion and occasion.expected_at else clock.due_at if clock else None
    if due is None:
        return {}
    told = clock.met_at if clock and clock.met_at else now
    left, late = due - now, told - due
    return {
        "due": due.isoformat(),
        **({"left": _iso(left)} if left > timedelta(0) else {}),
        **({"late": _iso(late)} if late > timedelta(0) else {}),
        **({"level": str(clock.level)} if clock and clock.level else {}),
    }


def _state(incident: Incident, duty: Duty) -> dict[str, str]:
    occasion = duty.occasion
    if occasion is None:
        return {"state": str(duty.clock.state)} if duty.clock else {}
    if occasion.party is not None:
        return {"state": occasion.party}
    episode = incident.episode
    number = {"number": occasion.number} if occasion.number and occasion.number.isdigit() else {}
    return {"state": ",".join(episode.criteria), **number} if episode else number


def _iso(duration: timedelta) -> str:
    return f"PT{int(duration.total_seconds())}S"
