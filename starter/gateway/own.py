"""Which addresses are our own: where browsers reach us, and whether what they send comes from a page of ours.

`TOCSIN_PUBLIC_URL` says it where it is set. Without it the address that was called counts, never a forwarded header:
anybody can write one. Source of the checks: RFC 6265bis (cookies), Fetch Metadata.
"""

import ipaddress
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from starter.gateway.parts import parts_of
from starter.gateway.problems import Forbidden

SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
FRONT: Final = "/"


def own_origin(connection: HTTPConnection) -> str:
    """`https://host:port`, as a browser writes it."""
    public = parts_of(connection).settings.public_url
    if public:
        split = urlsplit(public)
        return f"{split.scheme}://{split.netloc}".lower()
    return f"http://{connection.headers.get('host', '')}".lower()  # we speak no TLS ourselves, a proxy in front does


def over_tls(connection: HTTPConnection) -> bool:
    """Whether browsers reach us by https, so that cookies may be kept to it."""
    return own_origin(connection).startswith("https://")


def on_loopback(connection: HTTPConnection) -> bool:
    """Whether this was called on an address that only this machine reaches."""
    server = connection.scope.get("server")
    try:
        return bool(server) and ipaddress.ip_address(server[0]).is_loopback
    except ValueError:
        return False


def from_our_own_page(connection: HTTPConnection) -> None:
    """A browser says where a request comes from; one that changes something must come from here. Errors: Forbidden."""
    headers = connection.headers
    site, origin = headers.getlist("sec-fetch-site"), headers.getlist("origin")
    said = [*(value == "same-origin" for value in site), *(value.lower() == own_origin(connection) for value in origin)]
    if not said or not all(said):
        raise Forbidden(
            "请求不是从本系统的页面发出的，未予执行。请打开本系统页面再操作。"
            " This did not come from a page of ours, so that nothing was done. Open the page here and try again."
        )


def somewhere_here(path: str | None) -> str:
    """Where one wanted to go, if that is a page of ours; else the front. Never another site."""
    if not path or not path.startswith("/") or path.startswith("//") or len(path) > 200:
        return FRONT
    return path if all(c.isascii() and (c.isalnum() or c in "/._~-%") for c in path) else FRONT
