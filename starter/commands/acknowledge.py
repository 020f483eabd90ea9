"""`tocsin acknowledge LINK`: say "received" with a personal link, as the person it was sent to (R14)."""

import hashlib
from datetime import UTC, datetime

import click

from runtime.ack_links import ack_links, token_of
from runtime.leaving import run
from runtime.seals import keyring
from runtime.settings import Settings
from starter.commands.tell import tell_and_say
from starter.options import Command, asked

_DOOR = "link"
_RECEIVED = ("收到不等于已报告，时限照常", "Received is not reported: the clocks run on")


@click.command(cls=Command)
@click.argument("link")
def command(link: str) -> int:
    """确认收到 · Say received with LINK, the whole link of a notice or its token.

    It speaks for the person the link was sent to. Once is enough: a second time is a duplicate.
    """
    settings, token = Settings(), token_of(link)
    said = ack_links(settings, keyring(settings)).read(token, datetime.now(UTC))
    fact: dict[str, object] = {
        "kind": "notice_acknowledged",
        "fact_id": f"link-{hashlib.sha256(token.encode()).hexdigest()[:32]}",
        "notice_id": said.notice_id,
        "by": said.recipient,
    }
    return run(tell_and_say(said.incident_id, fact, asked(), door=_DOOR, then=_RECEIVED))
