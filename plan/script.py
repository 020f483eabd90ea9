"""An insurer's agreed script: what is said to a customer at the counter, by situation (R16, R21, R34).

The insurer writes it, the outlet reads it out; nobody adds to it. Linted like every text for a customer
(`wording_faults.py`). Errors: none.
"""

from typing import Annotated, Literal

from pydantic import Field

from plan.values import Inbound, Label, Plain, Ref

Spoken = Annotated[str, Field(min_length=1, max_length=400), Plain]


class Situation(Inbound):
    """`title` is for whoever reads it out, and may be read by the customer as well."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    title: Annotated[str, Field(min_length=1, max_length=60), Plain]
    say: Annotated[tuple[Spoken, ...], Field(min_length=1, max_length=8)]


class Script(Inbound):
    insurer: Ref
    lang: Literal["zh", "en"]
    version: Label
    situations: Annotated[tuple[Situation, ...], Field(min_length=1, max_length=30)]
