"""One attempt at a channel, told to Temporal (R14): what is tried again, and when, and what never.

Every failure says in its details (`plan.orders.Trouble`) the channel's own code, which attempt it was, and whether the
channel was spoken to at all. Its text is the channel's, which holds no address, no secret and no notice.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.channels.contract import ChannelBusy, ChannelError, ChannelMisconfigured, ChannelRefused
from activities.names import CHANNEL_UNAVAILABLE
from plan.orders import Trouble

SHARE: Final = 0.9
"""Of `start_to_close`: ended by ourselves, an attempt says why; ended by the server, it says nothing."""
PATIENCE: Final = timedelta(seconds=10)
"""Where the order for the attempt set no limit."""


@dataclass
class Attempt:
    """`tried` is set just before the channel is spoken to."""

    tried: bool = False


@asynccontextmanager
async def attempting(what: str) -> AsyncGenerator[Attempt]:
    """What happens in here is one attempt, bounded in time. Errors: ApplicationError; others go up as they are."""
    attempt = Attempt()
    try:
        async with asyncio.timeout(_limit().total_seconds()):
            yield attempt
    except (ChannelRefused, ChannelMisconfigured) as never:
        raise failure(type(never).__name__, str(never), never=True, code=never.code, tried=attempt.tried) from never
    except ChannelError as again:
        wait = again.retry_after if isinstance(again, ChannelBusy) else None
        kind = type(again).__name__
        raise failure(kind, str(again), code=again.code, retry_after=wait, tried=attempt.tried) from again
    except TimeoutError:
        why = f"The channel gave no answer to {what} in time. It is tried again."
        raise failure(CHANNEL_UNAVAILABLE, why, tried=attempt.tried) from None


def failure(
    kind: str,
    why: str,
    *,
    never: bool = False,
    code: str = "",
    retry_after: timedelta | None = None,
    tried: bool = False,
) -> ApplicationError:
    """The failure of an activity; `never` where trying again cannot help."""
    trouble = Trouble(code=code, attempt=activity.info().attempt, tried=tried, retry_after=retry_after)
    return ApplicationError(why, trouble, type=kind, non_retryable=never, next_retry_delay=retry_after)


def _limit() -> timedelta:
    allowed = activity.info().start_to_close_timeout
    return allowed * SHARE if allowed else PATIENCE
