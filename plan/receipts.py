"""How a fact was answered (contract, section 4): a receipt, and the plan's "no" as a value that is recorded."""

from enum import StrEnum

from plan.values import Kept


class Answer(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    PENDING = "pending"


class Refusal(Kept):
    """Why the plan did not take a fact: the rule, and what to do first."""

    rule: str
    reason: str
    reason_zh: str = ""


class Receipt(Kept):
    """`pending` means durably received and not judged yet; ask again with the same fact for the verdict."""

    fact_id: str
    state: Answer
    accepted: bool = False
    duplicate: bool = False
    reason: str | None = None
    reason_zh: str | None = None
    rule: str | None = None
    sequence: int | None = None
    started_clocks: tuple[str, ...] = ()
    met_clocks: tuple[str, ...] = ()


class Verdict(Kept):
    """What is remembered of a judged fact: its content's digest and the first receipt."""

    digest: str
    receipt: Receipt
