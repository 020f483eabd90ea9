"""What a door that has the organisation can tell at once: outlets, units and insurers that nobody knows (contract, 3).

A door has the organisation where one was applied in its home, named by TOCSIN_ORGANISATION, or serves the system that
`tocsin up` keeps in that home. The sample alone does not count: it says nothing about a server elsewhere.
"""

from difflib import get_close_matches

from plan.complaint import Complaint
from plan.organisation import Organisation
from runtime.documents import current_organisation
from runtime.home import Home
from runtime.settings import Settings


def own_organisation(settings: Settings) -> Organisation | None:
    """The organisation of this installation; None where it has none of its own."""
    home = Home(settings.home)
    has_one = settings.organisation is not None or home.organisation.is_dir() or home.database.exists()
    return current_organisation(settings) if has_one else None


def unknown_places(complaint: Complaint, organisation: Organisation) -> list[str]:
    """One sentence for each place that the organisation does not know."""
    asked = [
        ("outlet", complaint.outlet, [outlet.id for outlet in organisation.outlets]),
        ("unit", complaint.unit, [unit.id for unit in organisation.units]),
        ("insurer", complaint.insurer, [insurer.id for insurer in organisation.insurers]),
    ]
    return [
        f"{field}: {said} is not in the organisation (version {organisation.version}).{_meant(said, known)}"
        for field, said, known in asked
        if said is not None and said not in known
    ]


def _meant(said: str, known: list[str]) -> str:
    near = get_close_matches(said, known, n=1)
    return f" Did you mean {near[0]}?" if near else " Correct it, or leave the field out."


def viewer(by: str | None, settings: Settings) -> str | None:
    """Through whose eyes to look: an operator sees what the system shows, history without people included."""
    if by is None:
        return None
    return None if by in current_organisation(settings).operators else by
