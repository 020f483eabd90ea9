"""The scenarios of drills, read and checked (R11, R31): those that come along, and those of TOCSIN_SCENARIOS.

As the other files of the plan (`documents.py`): a model that holds, or Misconfigured with every fault as
`file:line: field: what; what to do`. A file is named for its scenario; one of the own folder goes before one of the
same name that comes along. All of this blocks: call it in a thread.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Final

from plan.drill_faults import scenario_faults
from plan.drill_scenario import Scenario
from plan.errors import Malformed
from runtime.documents import PLAYBOOKS
from runtime.kept import examine, kept
from runtime.settings import Settings

SCENARIOS: Final = PLAYBOOKS / "scenarios"
Scenarios = Callable[[str], Scenario]
"""A scenario by its name. Errors: Malformed where there is none, Misconfigured where it has faults."""


def load_scenario(path: Path | str) -> Scenario:
    """One file, whole and without a fault."""
    file = Path(path)
    return kept(file, Scenario, partial(scenario_faults, name=file.stem))


def scenario_files(settings: Settings) -> dict[str, Path]:
    """Every scenario by its name."""
    folders = [SCENARIOS, *([settings.scenarios] if settings.scenarios else [])]
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def current_scenario(settings: Settings, name: str) -> Scenario:
    """The scenario of a name. Errors: Malformed where there is none, naming those that there are."""
    found = scenario_files(settings)
    if name not in found:
        raise Malformed(f"There is no scenario {name!r}; there are {', '.join(sorted(found))}. Name one of them.")
    return load_scenario(found[name])


def check_scenarios(settings: Settings) -> list[str]:
    """Every fault of all of them."""
    faults: list[str] = []
    for path in scenario_files(settings).values():
        scenario, reading = examine(path, Scenario)
        faults += [*reading.faults, *(reading.told(scenario_faults(scenario, path.stem)) if scenario else ())]
    return faults
