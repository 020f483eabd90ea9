"""`tocsin check`: both files together, every fault with file and line (contract, section 1)."""

from pathlib import Path

import click

from plan.errors import Misconfigured
from plan.organisation import Organisation
from runtime.documents import PLAYBOOK, SAMPLE, check_both, load_organisation
from runtime.home import Home
from runtime.rhythm_file import RHYTHM, check_rhythm
from runtime.scenarios import check_scenarios, scenario_files
from runtime.settings import Settings
from runtime.versions import Versions
from starter.options import Command, asked
from starter.output import say, say_error, say_json
from starter.words import either


@click.command(cls=Command)
@click.option("--organisation", type=click.Path(path_type=Path), help="Instead of the one in force.")
@click.option("--playbook", type=click.Path(path_type=Path), help="Instead of the one in force.")
@click.option("--rhythm", type=click.Path(path_type=Path), help="Instead of the one in force.")
def command(organisation: Path | None, playbook: Path | None, rhythm: Path | None) -> int:
    """校验机构与规则文件 · Check the organisation and the playbook together; prints every fault with its line.

    Without options the ones in force are checked. Exit code 2 when there is a fault.
    """
    how, settings = asked(), Settings()
    files = (organisation or _organisation(settings), playbook or settings.playbook or PLAYBOOK)
    faults = [*check_both(*files, settings.sms_templates), *check_scenarios(settings)]
    faults += check_rhythm(rhythm or settings.rhythm or RHYTHM, _readable(files[0]), scenario_files(settings))
    if how.as_json:
        say_json({"organisation": str(files[0]), "playbook": str(files[1]), "ok": not faults, "faults": faults})
    elif not faults:
        say(f"✓ {either(how.lang, '没有错误', 'no fault')}: {files[0]}, {files[1]}")
    for fault in faults:
        say_error(fault)
    if faults and not how.as_json:
        say_error(either(how.lang, f"✗ 共 {len(faults)} 处错误", f"✗ {len(faults)} faults"))
    return Misconfigured.exit_code if faults else 0


def _readable(organisation: Path) -> Organisation | None:
    """None where it has faults of its own, which are named already."""
    try:
        return load_organisation(organisation)
    except Misconfigured:
        return None


def _organisation(settings: Settings) -> Path:
    return Versions(Home(settings.home).organisation).current() or settings.organisation or SAMPLE
