"""Every way in: the Python client, the command line, the importer. Nothing here decides; the plan does.

    from starter import connect, file_complaint, tell, view

Read `client.py` first (how a complaint and a fact get to Temporal), then `main.py` (the outer door of the command line)
and `commands/` (a file each). `pages/` shows what came back; `words.py` holds the words for people.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starter.client import connect, file_complaint, tell, view

__all__ = ["connect", "file_complaint", "tell", "view"]


def __getattr__(name: str) -> Any:
    """Import the client only when it is used, so that `tocsin --help` does not wait for Temporal's library."""
    if name in __all__:
        from starter import client

        return getattr(client, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
