"""The file that says what comes round when, read and checked (R10, R11, R13, R30, R31).

As the other files of the plan (`documents.py`): a model that holds, or Misconfigured with every fault as
`file:line: field: what; what to do`. The one in force is TOCSIN_RHYTHM's, else the one that comes along. All of this
blocks: call it in a thread.
"""

from collections.abc import Collection
from pathlib import Path
from typing import Final

from plan.errors import Misconfigured
from plan.organisation import Organisation
from plan.rhythm import Rhythm, Round, rounds
from plan.rhythm_faults import rhythm_faults
from runtime.documents import PLAYBOOKS, current_organisation
from runtime.kept import examine, kept
from runtime.scenarios import scenario_files
from runtime.settings import Settings

RHYTHM: Final = PLAYBOOKS / "rhythm.yaml"


def load_rhythm(path: Path | str) -> Rhythm:
    """A rhythm's file, whole and without a fault of its own."""
    return kept(Path(path), Rhythm, rhythm_faults)


def current_rhythm(settings: Settings) -> Rhythm:
    """The rhythm in force."""
    return load_rhythm(settings.rhythm or RHYTHM)


def check_rhythm(
    path: Path | str, organisation: Organisation | None = None, scenarios: Collection[str] | None = None
) -> list[str]:
    """Every fault of the file, with the organisation it is for and the scenarios there are, where they are known."""
    rhythm, reading = examine(Path(path), Rhythm)
    return [*reading.faults, *(reading.told(rhythm_faults(rhythm, organisation, scenarios)) if rhythm else ())]


def planned_rounds(settings: Settings, path: Path | str | None = None) -> list[Round]:
    """Every round that the file plans for the organisation in force. Errors: Misconfigured."""
    file = path or settings.rhythm or RHYTHM
    organisation = current_organisation(settings)
    if faults := check_rhythm(file, organisation, scenario_files(settings)):
        raise Misconfigured(f"{file} was not applied; nothing has changed:", faults=faults)
    return rounds(load_rhythm(file), organisation)
