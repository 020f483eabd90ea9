"""Every occasion on which somebody must be told: the duties that the code raises (contract, section 6; stories, 2).

A playbook says to whom each goes, the wording in what words; both are checked against this list. To add an occasion:
its line here, its line in the playbook, its text in each language. Clocks bring their own warning and breach.
"""

from typing import Final

from plan.playbook import ClockName, Recipients

TELL: Final = (
    "filed",
    "not_persuaded",
    "calming_failed",
    "group_signs",
    "crisis",
    "group_event",
    "media",
    "report",
    "opinion",
    "handed_over",
    "decided",
    "stood_down",
    "resolved",
    "on_the_way",
    "undelivered",
    "unanswered",
    "anchor_moved",
    "breach_lifted",
    "unknown_place",
    "rerouted",
    "repeat",
)
PROMPT: Final = (
    "customer_record",
    "police",
    "assignment",
    "intervention",
    "follow_up",
    "final_report",
    "lessons",
    "accountability",
    "decision_relay",
    "regulator",
    "declare",
    "reopen",
)
ALWAYS: Final = (*(f"tell.{occasion}" for occasion in TELL), *(f"prompt.{occasion}" for occasion in PROMPT))
"""Duties that need no clock."""
DUTIES: Final = (*ALWAYS, *(f"{what}.{clock}" for clock in ClockName for what in ("warn", "breach")))
"""Every duty there can be, without numbers and levels."""

CONFIDENTIAL: Final = frozenset({"tell.opinion", "tell.breach_lifted"})
"""Never for a chat that insurers read, like every breach (R29, R62)."""
INSURERS_OWN: Final = frozenset({ClockName.INSURER_ANSWER, ClockName.INSURER_ON_SCENE})
"""The insurer owes these itself, so that it hears of their breach, in person."""
UNDATED_BEFORE_INSURERS: Final = frozenset({"tell.crisis", "repeat.crisis"})
"""Told where insurers read along too, and then without the hour within which Post and Bank report (decision 20)."""
INSURERS: Final = frozenset({Recipients.INSURER, Recipients.INSURER_NEXT})

_AFTER_A_CRISIS = frozenset(
    {
        "tell.group_event",
        "tell.stood_down",
        "tell.resolved",
        "tell.anchor_moved",
        "tell.breach_lifted",
        "prompt.follow_up",
        "prompt.final_report",
    }
)
ONLY_FOR: Final = {
    Recipients.RECEIVING_WORK_GROUP: frozenset({"tell.report"}),
    Recipients.HEARD_OF_BREACH: frozenset({"tell.breach_lifted"}),
    Recipients.TOLD_OF_CRISIS: _AFTER_A_CRISIS,
    Recipients.OWING: frozenset(duty for duty in DUTIES if duty.startswith(("warn.", "breach."))),
}
"""Recipients who exist on some occasions only: a report has a receiver, a clock somebody who owes it."""
NEVER_FOR: Final = {
    "prompt.assignment": frozenset({Recipients.OUTLET_LEAD, Recipients.OUTLET_CONTACT, *INSURERS}),
    "tell.unknown_place": frozenset({Recipients.OUTLET_LEAD, Recipients.OUTLET_CONTACT, *INSURERS}),
}
"""Who cannot be known on an occasion, for it is about just that."""


def must_be_confidential(duty: str) -> bool:
    """Breach, opinion, conduct and accountability (contract, section 6)."""
    what, _, occasion = duty.partition(".")
    return what == "breach" or duty in CONFIDENTIAL or occasion in ("conduct", "accountability")


def may_hear(duty: str, recipient: Recipients) -> bool:
    """Whether this recipient may hear of a confidential duty: an insurer of its own clocks only (R29)."""
    if recipient not in INSURERS:
        return True
    what, _, occasion = duty.partition(".")
    return what in ("warn", "breach") and occasion in INSURERS_OWN
