"""Who is meant by a notice that belongs to no incident, in the organisation as it is now (R28)."""

import asyncio
from collections.abc import Callable

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.names import MISCONFIGURED, RESOLVE_AUDIENCE
from plan.bulletin import AudienceAnswer, AudienceOrder, listeners, named
from plan.errors import Misconfigured
from plan.organisation import Organisation


class AudienceActivities:
    """`organisation` gives its current version; it is called in a thread, for it opens a file."""

    def __init__(self, organisation: Callable[[], Organisation]) -> None:
        self._organisation = organisation

    @activity.defn(name=RESOLVE_AUDIENCE)
    async def resolve_audience(self, order: AudienceOrder) -> AudienceAnswer:
        """Everybody meant. A file that cannot be read is tried again until somebody has mended it."""
        try:
            organisation = await asyncio.to_thread(self._organisation)
        except (Misconfigured, OSError, ValueError) as wrong:
            raise ApplicationError(
                f"Who is told of {order.reference} was not resolved (R28): the organisation cannot be read "
                f"({type(wrong).__name__}). Run `tocsin check` where the worker runs and mend the file; it is tried "
                "again by itself.",
                type=MISCONFIGURED,
            ) from None
        found = listeners(organisation, order.to, order.now)
        return AudienceAnswer(listeners=found, words=named(organisation, order.insurer))
