"""What operators may filter incidents by (contract, section 2).

None holds personal data: Temporal never encodes an attribute.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from temporalio.common import SearchAttributeKey

SEVERITY: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TocsinSeverity")
"""`complaint` or `crisis`."""
STAGE: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TocsinStage")
FORM: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TocsinForm")
OUTLET: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TocsinOutlet")
PROVINCE: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TocsinProvince")
INSURER: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TocsinInsurer")
GROUP: Final[SearchAttributeKey[str]] = SearchAttributeKey.for_keyword("TocsinGroup")
"""The group event an incident is a member of."""
NEXT_DUE_AT: Final[SearchAttributeKey[datetime]] = SearchAttributeKey.for_datetime("TocsinNextDueAt")
OVERDUE: Final[SearchAttributeKey[int]] = SearchAttributeKey.for_int("TocsinOverdue")
"""Clocks missed and not yet met."""
UNDELIVERED: Final[SearchAttributeKey[int]] = SearchAttributeKey.for_int("TocsinUndelivered")
NOTICES: Final[SearchAttributeKey[Sequence[str]]] = SearchAttributeKey.for_keyword_list("TocsinNotices")
"""Of `pending`, `held` and `failed` those in which some notice is now."""
ON_RECORD: Final[SearchAttributeKey[Sequence[str]]] = SearchAttributeKey.for_keyword_list("TocsinOnRecord")
"""Of `signs`, `crisis`, `breach` and `repeat` those that ever came up. A server keeps three lists at most."""
DRILL: Final[SearchAttributeKey[bool]] = SearchAttributeKey.for_bool("TocsinDrill")

ALL: Final[tuple[SearchAttributeKey[Any], ...]] = (
    SEVERITY,
    STAGE,
    FORM,
    OUTLET,
    PROVINCE,
    INSURER,
    GROUP,
    NEXT_DUE_AT,
    OVERDUE,
    UNDELIVERED,
    NOTICES,
    ON_RECORD,
    DRILL,
)
