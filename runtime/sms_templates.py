"""The registered templates of short messages, read and checked as the plan's other files are (`documents.py`).

The file is that of TOCSIN_SMS_TEMPLATES, else the one that comes along, whose codes are placeholders. It blocks: call
it in a thread. Errors: Misconfigured, with every fault and its line.
"""

from importlib.resources import files
from pathlib import Path
from typing import Final

from plan.errors import Misconfigured
from plan.sms import SmsBook
from plan.sms_faults import sms_faults
from runtime.kept import kept
from runtime.settings import Settings

SMS_TEMPLATES: Final = Path(str(files("playbooks"))) / "sms.yaml"


def load_sms_templates(path: Path | str) -> SmsBook:
    """A file of templates, whole and without a fault; the same object until the file changes."""
    return kept(Path(path), SmsBook, sms_faults)


def current_sms_templates(settings: Settings) -> SmsBook:
    """What is registered."""
    return load_sms_templates(settings.sms_templates or SMS_TEMPLATES)


def faults_of_sms_templates(path: Path | str | None = None) -> tuple[str, ...]:
    """Every fault of the file, or of the one that comes along."""
    try:
        load_sms_templates(path or SMS_TEMPLATES)
    except Misconfigured as wrong:
        return wrong.faults
    return ()
