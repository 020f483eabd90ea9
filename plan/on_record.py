"""What stands on an incident's record, whatever it is now: for watch-lists and meetings (R10, R13).

A crisis that was stood down has been one; a breach that was lifted has been none. Errors: none.
"""

from enum import StrEnum

from plan.incident import Incident


class OnRecord(StrEnum):
    SIGNS = "signs"
    CRISIS = "crisis"
    BREACH = "breach"
    REPEAT = "repeat"


def on_record(incident: Incident) -> list[str]:
    """Each that is there, in this order."""
    there = {
        OnRecord.SIGNS: bool(incident.signs),
        OnRecord.CRISIS: bool(incident.episodes),
        OnRecord.BREACH: any(breach.lifted_at is None for breach in incident.breaches.values()),
        OnRecord.REPEAT: incident.repeat is not None,
    }
    return [str(each) for each, is_there in there.items() if is_there]
