"""Where mail is handed in, as one address says it: `smtps://HOST`, `smtp://HOST`, `smtp+plain://HOST`, `:PORT` or not.

The scheme is the protection: TLS from the first byte (465), STARTTLS that must succeed (587), or none (25), which has
to be asked for by name. Errors: ValueError, whose text holds nothing of the address.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import Final


class Protection(StrEnum):
    """How a connection to the server is kept from being read."""

    IMPLICIT = "smtps"
    STARTTLS = "smtp"
    NONE = "smtp+plain"


PORTS: Final = {Protection.IMPLICIT: 465, Protection.STARTTLS: 587, Protection.NONE: 25}
_WRITTEN: Final = re.compile(r"([a-z+]+)://([A-Za-z0-9][A-Za-z0-9.-]{0,252}|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?/?")


@dataclass(frozen=True, slots=True)
class MailServer:
    host: str
    port: int
    protection: Protection

    @property
    def on_this_machine(self) -> bool:
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def mail_server(written: str) -> MailServer:
    """What an address says."""
    found = _WRITTEN.fullmatch(written.strip())
    if not found or found[1] not in list(Protection):
        raise ValueError("it is not the address of a mail server")
    protection = Protection(found[1])
    port = int(found[3] or PORTS[protection])
    if not 0 < port < 65536:
        raise ValueError("there is no such port")
    return MailServer(found[2].strip("[]"), port, protection)
