"""Where the log goes: to stderr, one line an event, so that stdout holds data only.

No personal data and no free text is ever logged: incident ids, units, duties and codes are.
"""

import logging
import sys
from typing import Literal

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def configure(level: Literal["debug", "info", "warning", "error"]) -> None:
    """Set up the process's log; called once, by the command or the worker."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S%z"))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    finest = max(logging.INFO, logging.getLogger().level)
    logging.getLogger("temporalio").setLevel(finest)  # at debug it logs what activities answer, payloads and all
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it logs addresses, and a robot's address holds its key
