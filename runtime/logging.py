"""Where the log goes: to stderr, one line an event, so that stdout holds data only.

No personal data and no free text is ever logged: incident ids, units, duties and codes are. An attempt that failed as
attempts do (a channel that gave no answer, a worker that stops) is a line that says what, why, and whether it is tried
again; only a fault of ours has a traceback.
"""

import asyncio
import copy
import logging
import sys
from collections.abc import Mapping
from typing import Literal

from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.service import RPCError

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class OneLine(logging.Formatter):
    """Tells an attempt that failed in one line; the engine logs each with a traceback (temporalio 1.35)."""

    def format(self, record: logging.LogRecord) -> str:
        failed = record.exc_info[1] if record.exc_info else None
        about: Mapping[str, object] | None = getattr(record, "temporal_activity", None)
        if about is not None and failed is not None and (why := _as_attempts_do(failed)):
            record = copy.copy(record)
            record.msg, record.args = _attempt(about, failed, why), None
            record.exc_info = record.exc_text = None
        return super().format(record)


def configure(level: Literal["debug", "info", "warning", "error"]) -> None:
    """Set up the process's log; called once, by the command or the worker."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S%z"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    finest = max(logging.INFO, logging.getLogger().level)
    logging.getLogger("temporalio").setLevel(finest)  # at debug it logs what activities answer, payloads and all
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and a robot's address holds its key


def _attempt(about: Mapping[str, object], failed: BaseException, why: str) -> str:
    """`deliver_notice failed at attempt 2 and is tried again (incident/GD-1): ChannelUnavailable: …`"""
    never = isinstance(failed, ApplicationError) and failed.non_retryable
    wait = failed.next_retry_delay if isinstance(failed, ApplicationError) else None
    again = "is not tried again" if never else "is tried again"
    again += f" in {wait.total_seconds():.0f} s" if wait and not never else ""
    number = about.get("attempt")
    what = f"{about.get('activity_type')} failed{f' at attempt {number}' if number != 1 else ''} and {again}"
    return " ".join(f"{what} ({about.get('workflow_id')}): {why}".split())


def _as_attempts_do(failed: BaseException) -> str | None:
    """Why, in our own words; None where it is none of the ways in which attempts fail, and a fault of ours."""
    match failed:
        case ApplicationError():
            return f"{failed.type or 'Failed'}: {failed.message}"
        case RPCError():
            return f"Temporal answered {failed.status.name}."
        case TimeoutError():
            return "There was no answer in time."
        case asyncio.CancelledError() | CancelledError():
            return "It was broken off, for this worker stops."
        case _:
            return None
