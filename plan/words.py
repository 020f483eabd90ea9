"""The words a notice may use, none of them personal (R29): ids, names of places, instants, durations, codes.

Instants and durations go out in ISO 8601, to be written in the recipient's language and zone at delivery.
"""

from datetime import datetime, timedelta

from plan.after import ACCOUNTABILITY, FINAL_REPORT
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
        "meant_for": notice.recipient if incident.desk else "",
        **_superior(incident),
        **_insurers(incident),
        **_place("recipient_unit", incident, notice.unit),
        **_unreached(incident, duty),
        **_time(duty, now),
        **_state(incident, duty),
        **_lacks(duty),
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


def _unreached(incident: Incident, duty: Duty) -> dict[str, str]:
    """Where somebody answers whom a notice did not reach."""
    about = duty.occasion.number if duty.occasion and duty.id.startswith("tell.undelivered") else None
    return _place("unreached", incident, about or "")


def _place(word: str, incident: Incident, place: str) -> dict[str, str]:
    """The name of a unit, an outlet or an insurer of this incident; nothing for what is none of them."""
    roster = incident.roster
    unit = next((unit for unit in roster.units if unit.id == place), None)
    if unit is not None:
        return {word: unit.name, f"{word}_en": unit.name_en}
    if place == roster.outlet:
        return {word: roster.outlet_name, f"{word}_en": roster.outlet_name_en}
    if place not in roster.insurer_names:
        return {}
    return {word: roster.insurer_names[place], f"{word}_en": roster.insurer_names_en.get(place, place)}


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


def _lacks(duty: Duty) -> dict[str, str]:
    """How many things a prompt still asks for, and which parts of the final report."""
    if not duty.id.startswith((FINAL_REPORT, ACCOUNTABILITY)):
        return {}
    parts = {"state": ",".join(duty.lacks)} if duty.id.startswith(FINAL_REPORT) else {}
    return {"number": str(len(duty.lacks)), **parts}


def _iso(duration: timedelta) -> str:
    return f"PT{int(duration.total_seconds())}S"
