"""What is never made to wait at a door, however much a caller has sent (R2, R24, R39, R43, R45, R46).

A caller beyond its agreed rate is asked to wait, but not with what makes a crisis or may: circumstances, signs of a
group, a declaration, a conversion and who joins it, a call for help; nor with what meets a statutory clock, for that
clock does not wait either; nor with a complaint that says it is one, or came by the media or a regulator. Judged on
what was sent, before anything is checked: what cannot be read is let through, and refused for what it is.
Errors: none.
"""

from collections.abc import Mapping
from typing import Final, cast

from pydantic import ValidationError

from plan.complaint import Channel
from plan.crisis import criteria_of
from plan.parts import Circumstances

KINDS: Final = frozenset(
    {
        "circumstances_reported",
        "crisis_declared",
        "group_signs_seen",
        "converted_to_group_event",
        "member_joined",
        "special_care_flagged",
        "scene_support_requested",
        "police_contacted",
        "arrived_on_scene",
        "report_submitted",
        "handling_opinion_submitted",
        "regulator_informed",
    }
)
GROUP_OF: Final = 5
"""The plan's own number (R2.1): a playbook that counts fewer is stricter about clocks, not about doors."""
_CHANNELS: Final = frozenset({Channel.MEDIA.value, Channel.REGULATOR.value})
DEEPEST: Final = 3
"""Lists within lists, and an event around a fact."""


def cannot_wait(sent: object, depth: int = DEEPEST) -> bool:
    """Whether this fact, complaint, CloudEvent around one, or any of a list of them cannot wait."""
    if isinstance(sent, list):
        return depth > 0 and any(cannot_wait(item, depth - 1) for item in cast("list[object]", sent))
    if not isinstance(sent, dict):
        return False
    said = cast("Mapping[str, object]", sent)
    return (
        _among(said.get("kind"), KINDS)
        or _among(said.get("channel"), _CHANNELS)
        or _is_crisis(said.get("circumstances"))
        or "data_base64" in said
        or (depth > 0 and cannot_wait(said.get("data"), depth - 1))
    )


def _among(value: object, known: frozenset[str]) -> bool:
    return isinstance(value, str) and value in known


def _is_crisis(circumstances: object) -> bool:
    """Those of one statement: people are also counted over all of them, where nobody is asked to wait."""
    if circumstances is None:
        return False
    try:
        told = Circumstances.model_validate(circumstances)
    except ValidationError:
        return True
    return bool(criteria_of(told)) or max(told.headcount or 0, len(told.persons)) >= GROUP_OF
