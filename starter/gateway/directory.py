"""Who there is: the organisation's version in force, read again only when its file has changed."""

import asyncio

from plan.organisation import Organisation
from runtime.documents import current_organisation
from runtime.settings import Settings


class CurrentOrganisation:
    """As the settings lead to it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    async def organisation(self) -> Organisation:
        return await asyncio.to_thread(current_organisation, self._settings)
