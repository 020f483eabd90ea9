"""Which words there are when a notice is written: for sure, or only while a due time lies ahead (R14).

The other side of `words.py`, for checks: a text may only use what its duty has. `tests/plan/test_wording_words.py`
plays days and holds both against each other. Errors: none.
"""

from typing import Final

from plan.bulletin import WORDS as BULLETINS
from plan.chasing import SERVES
from plan.duties import ABOUT
from plan.playbook import ClockName

STANDING: Final = frozenset({"incident", "outlet", "scene", "superior", "recipient_unit", "insurer", "group"})
"""On every occasion; where a place is not known yet, its stand-in (`missing`) reads well."""
TIMES: Final = frozenset({"due", "left", "late"})
_OWN: Final = {
    "tell.on_the_way": frozenset({"state"}),
    "tell.report": frozenset({"number"}),
    "tell.repeat": frozenset({"number"}),
    "tell.undelivered": frozenset({"unreached"}),
    "prompt.follow_up": frozenset({"state"}),
    "prompt.final_report": frozenset({"number", "state"}),
    "prompt.accountability": frozenset({"number"}),
}
_OF: Final = {
    "warn": frozenset({"due", "left", "state"}),
    "breach": frozenset({"due", "late", "state"}),
}


def surely(duty: str) -> frozenset[str]:
    """The words a text of this duty (`duty_key`) may use as they are."""
    if duty in BULLETINS:
        return BULLETINS[duty] | {"recipient_unit"}
    what, _, about = duty.partition(".")
    level = frozenset({"level"}) if what in _OF and about == ClockName.RELAY else frozenset[str]()
    return STANDING | _OF.get(what, frozenset()) | _OWN.get(duty, frozenset()) | level


def perhaps_due(duty: str) -> bool:
    """Whether the duty may have a `{due}`: it serves a clock that may be met already, or tells of an arrival."""
    about = f"tell.{duty.partition('.')[2]}" if duty.startswith("repeat.") else duty
    return about in SERVES or about in ABOUT or about == "tell.on_the_way"
