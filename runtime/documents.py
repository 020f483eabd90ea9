"""The plan's files read and checked: organisation, playbook, wording, scripts (R9, R21, R28; architecture, "frozen").

Every reader gives a model that holds, or raises Misconfigured with every fault as `file:line: field: what; what to do`.
What is read once is kept until the file changes, so that a reader may be asked at each delivery. The organisation in
force is the version applied last in the home (`versions.py`), else the file of TOCSIN_ORGANISATION, else the sample
that comes along; the playbook that of TOCSIN_PLAYBOOK, else the one that comes along. All of this blocks: call it in a
thread.
"""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plan.errors import Misconfigured
from plan.fault import Fault
from plan.organisation import Organisation
from plan.organisation_faults import organisation_faults
from plan.playbook import Playbook
from plan.playbook_faults import playbook_faults
from plan.script import Script
from plan.script_faults import script_faults
from plan.wording import Wording
from plan.wording_faults import wording_faults
from runtime.home import Home
from runtime.kept import examine, kept
from runtime.settings import Settings
from runtime.sms_templates import faults_of_sms_templates
from runtime.versions import Versions
from runtime.yaml_files import Document, read_yaml

PLAYBOOKS: Final = Path(str(files("playbooks")))
SAMPLE: Final = PLAYBOOKS / "organisation.yaml"
PLAYBOOK: Final = PLAYBOOKS / "playbook.yaml"
LANGS: Final = ("zh", "en")

__all__ = [
    "PLAYBOOK",
    "SAMPLE",
    "Document",
    "applied_organisation",
    "apply_organisation",
    "check_both",
    "check_texts",
    "current_organisation",
    "current_playbook",
    "load_organisation",
    "load_playbook",
    "load_script",
    "load_wording",
    "read_yaml",
]


def load_organisation(path: Path | str) -> Organisation:
    """An organisation's file, whole and without a fault."""
    return kept(Path(path), Organisation, organisation_faults)


def load_playbook(path: Path | str) -> Playbook:
    """A playbook's file, whole, without a fault, and with words for every notice."""
    return kept(Path(path), Playbook, _judge_playbook)


def load_wording(lang: str) -> Wording:
    """The words of notices in zh or en; anything else is given zh."""
    return kept(PLAYBOOKS / "wording" / f"{lang if lang in LANGS else LANGS[0]}.yaml", Wording, wording_faults)


def load_script(insurer: str, lang: str) -> Script | None:
    """What is agreed with an insurer to be said at the counter (R21); None where nothing is."""
    path = _scripts().get(f"{insurer}.{lang}.yaml")
    return kept(path, Script, lambda script: [*_named(script, insurer, lang), *script_faults(script)]) if path else None


def check_texts() -> None:
    """Every text that people read or say, before anybody does. Errors: Misconfigured, every fault of all of them."""
    if faults := _text_faults():
        raise Misconfigured("The words cannot be used:", faults=faults)


def current_organisation(settings: Settings) -> Organisation:
    """The organisation in force."""
    return applied_organisation(settings) or load_organisation(settings.organisation or SAMPLE)


def applied_organisation(settings: Settings) -> Organisation | None:
    """The version applied last in this home; None where none ever was."""
    path = Versions(Home(settings.home).organisation).current()
    return load_organisation(path) if path else None


def current_playbook(settings: Settings) -> Playbook:
    """The playbook for incidents that start now."""
    return load_playbook(settings.playbook or PLAYBOOK)


def apply_organisation(settings: Settings, path: Path | str) -> tuple[str | None, str]:
    """Make a file's organisation the one in force; the version before, if any, and the new one.

    It is checked together with the playbook in force. A version is kept as it was first applied: the same again is
    fine, and so is going back to it; other content under its name is refused.
    """
    if faults := check_both(path, settings.playbook or PLAYBOOK, settings.sms_templates):
        raise Misconfigured(f"{path} was not applied; nothing has changed:", faults=faults)
    versions, before = Versions(Home(settings.home).organisation), _version_in_force(settings)
    new = load_organisation(path).version
    versions.keep(new, Path(path).read_bytes())
    load_organisation(versions.path_of(new))  # what was kept is what was checked, whoever writes the file meanwhile
    versions.point_to(new)
    return before, new


def check_both(
    organisation_path: Path | str, playbook_path: Path | str, sms_templates: Path | str | None = None
) -> list[str]:
    """Every fault of an organisation and a playbook, of each alone and of both together.

    With them the words, the scripts, and the registered templates of short messages, else those that come along.
    """
    organisation, first = examine(Path(organisation_path), Organisation)
    playbook, second = examine(Path(playbook_path), Playbook)
    wordings, _ = _wordings()
    faults = [*first.faults]
    if organisation:
        faults += first.told(organisation_faults(organisation, playbook))
    faults += second.faults
    if playbook:
        faults += second.told([*_zone(playbook), *playbook_faults(playbook, organisation, wordings)])
    faults += [*_text_faults(), *faults_of_sms_templates(sms_templates)]
    return list(dict.fromkeys(faults))


def _version_in_force(settings: Settings) -> str | None:
    """None as well where it cannot be read any more: applying another is the way out of that."""
    try:
        applied = applied_organisation(settings)
    except Misconfigured:
        return None
    return applied.version if applied else None


def _judge_playbook(playbook: Playbook) -> list[Fault]:
    return [*_zone(playbook), *playbook_faults(playbook, wordings=[load_wording(lang) for lang in LANGS])]


def _zone(playbook: Playbook) -> list[Fault]:
    try:
        ZoneInfo(playbook.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [Fault(("time_zone",), "is not a time zone; write it like Asia/Shanghai")]
    return []


def _named(script: Script, insurer: str, lang: str) -> list[Fault]:
    if (script.insurer, script.lang) == (insurer, lang):
        return []
    return [Fault(("insurer",), f"the file is named for {insurer} in {lang}; let its name and its fields agree", "R21")]


def _text_faults() -> list[str]:
    _, faults = _wordings()
    for name in sorted(_scripts()):
        insurer, _, lang = name.removesuffix(".yaml").rpartition(".")
        faults += _faults_of(lambda insurer=insurer, lang=lang: load_script(insurer, lang))
    return faults


def _scripts() -> dict[str, Path]:
    return {path.name: path for path in (PLAYBOOKS / "scripts").glob("*.yaml")}


def _wordings() -> tuple[list[Wording], list[str]]:
    found: list[Wording] = []
    faults: list[str] = []
    for lang in LANGS:
        faults += _faults_of(lambda lang=lang: found.append(load_wording(lang)))
    return found, faults


def _faults_of(read: Callable[[], object]) -> tuple[str, ...]:
    try:
        read()
    except Misconfigured as wrong:
        return wrong.faults
    return ()
