"""`tocsin signin`: a one-time link by which somebody signs in where there is no identity provider (ADR 26)."""

from datetime import UTC, datetime

import click

from plan.access import caller_of
from plan.errors import Malformed
from runtime.documents import current_organisation
from runtime.leaving import run
from runtime.records.sessions import LINK, make_link
from runtime.settings import Settings
from starter.kept import in_store
from starter.options import Asked, Command, asked
from starter.output import say, say_error, say_json
from starter.words import either

LOCAL = "http://127.0.0.1:8520"
"""Where the gateway is on this machine, as a rule."""


@click.command(cls=Command)
@click.option("--url", metavar="URL", help="Where the gateway is reached; else TOCSIN_PUBLIC_URL, else this machine.")
def command(url: str | None) -> int:
    """登录链接 · Print a link that signs --by PERSON in, once, within ten minutes.

    Whoever can run this command can sign in as anybody: it needs the home, or the database of the records. A gateway
    takes such links on a loopback address; elsewhere only with TOCSIN_SIGNIN_LINKS=true.
    """
    return run(_sign_in(url, asked()))


async def _sign_in(url: str | None, how: Asked) -> int:
    settings, now = Settings(), datetime.now(UTC)
    person = how.person()
    if caller_of(current_organisation(settings), person) is None:
        raise Malformed(f"{person} is not in the organisation, or has left. Name somebody who is, with --by PERSON.")
    base = (url or settings.public_url or LOCAL).rstrip("/")
    if not base.startswith(("http://", "https://")):
        raise Malformed("--url is no address. Write it like https://tocsin.example.cn.")
    token = await in_store(settings, lambda store: make_link(store, person, now=now))
    link = f"{base}/signin/{token}"
    if how.as_json:
        say_json({"person": person, "link": link, "good_until": (now + LINK).isoformat()})
    else:
        say(link)
        minutes = int(LINK.total_seconds()) // 60
        zh = f"只能用一次，{minutes} 分钟内有效；打开后点“登录”，即以 {person} 的身份登录。"
        say_error(either(how.lang, zh, f"Good once, for {minutes} minutes; it signs in as {person}."))
    return 0
