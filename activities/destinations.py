"""Where a subscription's address leads, looked up anew for each event, and whether anything is sent there (R29).

The address that was found good is the one that is connected to: a name that leads elsewhere a moment later gains
nothing. Redirects are never followed (`http.py`). Errors: `NotThere`, which names neither host nor address.
"""

import asyncio
import socket
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from plan.subscriptions import checked_url, forbidden

LOOKING_UP: Final = timedelta(seconds=5)


class NotThere(Exception):
    """`down`: the name cannot be looked up now; else nothing is ever sent there as things are set up."""

    def __init__(self, message: str, *, down: bool) -> None:
        super().__init__(message)
        self.down = down


async def destination(url: str, hosts: Sequence[str]) -> str:
    """The address to connect to: the first that the name leads to, where all of them may be reached."""
    try:
        parts = urlsplit(checked_url(url))
        host = parts.hostname or ""
    except ValueError:
        raise NotThere("the address is none", down=False) from None
    addresses = await _addresses(host, parts.port or 443)
    for address in addresses:
        if why := forbidden(host, address, hosts):
            raise NotThere(why, down=False)
        if parts.scheme == "http" and not ip_address(address).is_loopback:
            raise NotThere("http:// is for a receiver on this machine", down=False)
    return addresses[0]


async def _addresses(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(LOOKING_UP.total_seconds()):
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, TimeoutError):
        raise NotThere("the name cannot be looked up", down=True) from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses:
        raise NotThere("the name leads nowhere", down=True)
    return sorted(dict.fromkeys(addresses), key=lambda address: ":" in address)
