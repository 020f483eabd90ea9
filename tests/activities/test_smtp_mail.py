"""A notice as a mail: what its headers say, and that nothing in it can become another header (R14, R29)."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest

from activities.channels.smtp import Mail, MailAccount
from activities.channels.smtp_mail import subject
from plan.organisation import Address
from runtime.mail_server import MailServer, Protection
from tests.activities.mail_server import HOST, Mails, Received, receiving_mail
from tests.activities.notices import NOW, message

SENDER = "tocsin@bank.example.cn"
TO = Address(channel="smtp", to="lin@post.example.cn")


@pytest.fixture
async def plain() -> AsyncGenerator[Mails]:
    async with receiving_mail() as mails:
        yield mails


def channel(port: int, *, at: datetime = NOW) -> Mail:
    return Mail(MailAccount(MailServer(HOST, port, Protection.NONE), SENDER), clock=lambda: at)


def read(received: Received) -> EmailMessage:
    return message_from_bytes(received.whole, policy=default)


@pytest.mark.rule("R29")
async def test_the_headers_say_what_it_is_about_and_that_a_machine_wrote_it(plain: Mails) -> None:
    await channel(plain.port).send(message("T-1/tell.filed~lin/smtp"), TO)

    mail = read(plain.received[0])
    assert mail["Subject"] == "【新投诉】 T-1"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["X-Tocsin-Key"] == "T-1/tell.filed~lin/smtp"
    assert (mail["From"], mail["To"]) == (SENDER, "lin@post.example.cn")
    assert mail["Date"].datetime == NOW
    assert mail.get_content_type() == "text/plain"
    assert mail.get_content_charset() == "utf-8"


@pytest.mark.rule("R14")
async def test_a_repeat_has_the_same_message_id_and_another_notice_another(plain: Mails) -> None:
    for later, key in enumerate(("T-1/a", "T-1/a", "T-1/b")):
        await channel(plain.port, at=NOW + timedelta(seconds=later)).send(message(key), TO)

    first, again, other = [read(mail)["Message-ID"] for mail in plain.received]
    assert first == again != other
    assert first.endswith("@bank.example.cn>")


async def test_the_mails_of_one_incident_stand_together(plain: Mails) -> None:
    for key in ("T-1/a", "T-1/b"):
        await channel(plain.port).send(message(key), TO)

    roots = {read(mail)[header] for mail in plain.received for header in ("In-Reply-To", "References")}
    assert len(roots) == 1
    assert roots.isdisjoint(read(mail)["Message-ID"] for mail in plain.received)


async def test_long_ids_survive_the_headers_whole(plain: Mails) -> None:
    key = "GD-2026-" + "0123456789" * 5 + "/breach.outlet_report~gd-gz-th-0001.lead/smtp"
    sender = "tocsin@" + "department." * 8 + "example.cn"
    where = MailAccount(MailServer(HOST, plain.port, Protection.NONE), sender)

    await Mail(where).send(message(key), TO)

    raw = plain.received[0].whole
    assert f"X-Tocsin-Key: {key}\r\n".encode() in raw
    assert b"References: <incident." in raw


@pytest.mark.parametrize(
    ("text", "drill", "said"),
    [
        ("【请马上报告】天河一号网点的 T-1 已到危机标准。", False, "【请马上报告】 T-1"),
        ("【演练】[DRILL] 【请接报】天河一号网点。", True, "【演练】[DRILL] 【请接报】 T-1"),
        ("【演练】[DRILL] Report now: T-1 at Tianhe.", True, "【演练】[DRILL] Report now T-1"),
        ("Report now, 15 min left: T-1 is late.", False, "Report now, 15 min left T-1"),
        ("没有括号的一句话。还有一句。", False, "没有括号的一句话 T-1"),
        ("【" + "长" * 300 + "】", False, "【" + "长" * 99 + " T-1"),
        ("【两\n行】", False, "【两 T-1"),
        ("", False, "T-1"),
    ],
)
def test_the_subject_is_what_is_to_be_done(text: str, drill: bool, said: str) -> None:
    assert subject(replace(message(text=text), drill=drill)) == said


@pytest.mark.rule("R29")
async def test_a_text_cannot_add_a_header(plain: Mails) -> None:
    text = "【急】\r\nBcc: wang@post.example.cn\r\n\r\nhello"

    await channel(plain.port).send(message(text=text), TO)

    assert read(plain.received[0])["Bcc"] is None
    assert plain.received[0].to == (TO.to,)
