"""Mail: what is delivered, again, or never again; nobody reads along, and no connection is left open (R14, R29)."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
import trustme

from activities.channels.contract import (
    ChannelBusy,
    ChannelError,
    ChannelMisconfigured,
    ChannelRefused,
    ChannelUnavailable,
)
from activities.channels.smtp import Mail, MailAccount
from plan.organisation import Address
from runtime.mail_server import MailServer, Protection
from tests.activities.mail_server import (
    HOST,
    PASSWORD,
    USER,
    WHOLE_MAIL,
    Mails,
    Received,
    Scripted,
    receiving_mail,
    server_context,
)
from tests.activities.notices import NOW, message

SENDER = "tocsin@bank.example.cn"
TO = Address(channel="smtp", to="lin@post.example.cn")
SHORT = timedelta(seconds=0.5)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
async def plain() -> AsyncGenerator[Mails]:
    async with receiving_mail() as mails:
        yield mails


def account(
    port: int,
    protection: Protection = Protection.NONE,
    *,
    ca: Path | None = None,
    user: str | None = None,
    password: str = "",
    host: str = HOST,
) -> MailAccount:
    return MailAccount(MailServer(host, port, protection), SENDER, user, password, ca)


def channel(port: int, patience: timedelta = timedelta(seconds=20)) -> Mail:
    return Mail(account(port), patience=patience, clock=lambda: NOW)


def read(received: Received) -> EmailMessage:
    return message_from_bytes(received.whole, policy=default)


# -- delivered ---------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
async def test_a_mail_arrives_word_for_word_and_the_servers_own_number_is_kept(plain: Mails) -> None:
    said = message(
        "T-1/tell.filed~lin/smtp", "【先接待客户】天河一号网点，投诉 T-1。\n.\n看到请点：https://x.example/n/1"
    )

    delivered = await channel(plain.port).send(said, TO)

    (mail,) = plain.received
    assert (mail.sender, mail.to) == (SENDER, ("lin@post.example.cn",))
    assert read(mail).get_content().replace("\r\n", "\n").rstrip("\n") == said.text
    assert (delivered.channel, delivered.code, delivered.message_id) == ("smtp", "250", "2.0.0 Ok: queued as Q1")


@pytest.mark.rule("R29")
@pytest.mark.filterwarnings("ignore:Requiring AUTH")  # the server does not count TLS from the first byte as TLS
@pytest.mark.parametrize("protection", [Protection.IMPLICIT, Protection.STARTTLS])
async def test_mail_goes_over_tls_and_signed_in(authority: trustme.CA, ca: Path, protection: Protection) -> None:
    context = server_context(authority)
    implicit = protection is Protection.IMPLICIT
    async with receiving_mail(
        implicit=context if implicit else None, starttls=None if implicit else context, sign_in=True
    ) as mails:
        where = account(mails.port, protection, ca=ca, user=USER, password=PASSWORD)
        delivered = await Mail(where).send(message(), TO)

    assert delivered.code == "250"
    assert [mail.signed_in for mail in mails.received] == [True]


# -- again -------------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize("step", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", [421, 450, 451, 452])
async def test_a_passing_trouble_is_tried_again(step: str, code: int) -> None:
    async with receiving_mail(answers={step: f"{code} not now"}) as mails:
        with pytest.raises(ChannelBusy) as busy:
            await channel(mails.port).send(message(), TO)

    assert busy.value.code == str(code)
    assert str(code) in str(busy.value)


@pytest.mark.rule("R14")
async def test_a_server_that_refuses_to_greet_for_now_is_tried_again() -> None:
    with Scripted((b"421 too many connections",), hangs=False) as server, pytest.raises(ChannelBusy, match="421"):
        await channel(server.port).send(message(), TO)


async def test_nobody_listening_is_tried_again() -> None:
    with pytest.raises(ChannelUnavailable, match="connection"):
        await channel(1).send(message(), TO)


OPENED = (b"220 hello", b"250 hello")
TAKING = (*OPENED, b"250 sender ok", b"250 recipient ok", b"354 go on")
TAKEN = (*TAKING, WHOLE_MAIL)
MOMENTS = pytest.mark.parametrize(
    "lines", [(), OPENED[:1], OPENED, TAKING, TAKEN], ids=["at once", "greeted", "named", "mail coming", "mail out"]
)


@pytest.mark.rule("R14")
@MOMENTS
async def test_a_broken_connection_is_tried_again(lines: tuple[bytes, ...]) -> None:
    with Scripted(lines, hangs=False) as server, pytest.raises(ChannelUnavailable, match="failed"):
        await channel(server.port).send(message(), TO)


@pytest.mark.rule("R14")
@MOMENTS
async def test_who_does_not_answer_in_time_is_left_and_tried_again(lines: tuple[bytes, ...]) -> None:
    with Scripted(lines, hangs=True) as server:
        with pytest.raises(ChannelUnavailable, match="in time"):
            await channel(server.port, SHORT).send(message(), TO)
        assert await asyncio.to_thread(server.left.wait, 20)


async def test_a_server_that_makes_no_sense_is_tried_again() -> None:
    with Scripted((b"SSH-2.0-OpenSSH",), hangs=True) as server, pytest.raises(ChannelUnavailable, match="no sense"):
        await channel(server.port).send(message(), TO)


@pytest.mark.rule("R14")
@MOMENTS
async def test_cancelled_it_leaves_no_connection(lines: tuple[bytes, ...]) -> None:
    with Scripted(lines, hangs=True) as server:
        sending = asyncio.create_task(channel(server.port).send(message(), TO))
        assert await asyncio.to_thread(server.spoken_to.wait, 20)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert await asyncio.to_thread(server.left.wait, 20)


async def test_a_server_that_hangs_over_tls_is_not_asked_to_say_goodbye(authority: trustme.CA, ca: Path) -> None:
    with Scripted((), hangs=True, tls=server_context(authority)) as server:
        sending = asyncio.create_task(Mail(account(server.port, Protection.IMPLICIT, ca=ca)).send(message(), TO))
        assert await asyncio.to_thread(server.spoken_to.wait, 20)
        await asyncio.sleep(0)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        assert await asyncio.to_thread(server.left.wait, 20)


async def test_a_server_that_breaks_off_instead_of_tls_is_tried_again(ca: Path) -> None:
    with Scripted((), hangs=False) as server, pytest.raises(ChannelUnavailable):
        await Mail(account(server.port, Protection.IMPLICIT, ca=ca)).send(message(), TO)


async def test_a_server_that_has_no_tls_just_now_is_tried_again(ca: Path) -> None:
    lines = (b"220 hello", b"250-hello\r\n250 STARTTLS", b"454 TLS not available just now")
    with Scripted(lines, hangs=True) as server, pytest.raises(ChannelBusy, match="454"):
        await Mail(account(server.port, Protection.STARTTLS, ca=ca)).send(message(), TO)


async def test_a_server_that_hangs_after_the_mail_was_taken_has_taken_it() -> None:
    with Scripted((*TAKING, b"250 queued"), hangs=True) as server:
        delivered = await channel(server.port).send(message(), TO)

    assert (delivered.code, delivered.message_id) == ("250", "queued")


# -- never again -------------------------------------------------------------------------------------------------------


@pytest.mark.rule("R14")
@pytest.mark.parametrize("step", ["RCPT", "DATA"])
@pytest.mark.parametrize("code", [550, 551, 552, 553, 554])
async def test_a_refused_mail_is_not_sent_again(step: str, code: int) -> None:
    async with receiving_mail(answers={step: f"{code} never"}) as mails:
        with pytest.raises(ChannelRefused) as refused:
            await channel(mails.port).send(message(), TO)

    assert refused.value.code == str(code)


@pytest.mark.rule("R14")
@pytest.mark.parametrize(
    ("step", "code"),
    [
        ("MAIL", 550),
        ("MAIL", 553),
        *((step, code) for step in ("MAIL", "RCPT", "DATA") for code in (530, 534, 535, 538)),
    ],
)
async def test_what_is_wrong_with_our_own_account_is_the_operators_business(step: str, code: int) -> None:
    async with receiving_mail(answers={step: f"{code} not you"}) as mails:
        with pytest.raises(ChannelMisconfigured) as wrong:
            await channel(mails.port).send(message(), TO)

    assert wrong.value.code == str(code)
    assert "TOCSIN_SMTP" in str(wrong.value)


async def test_a_server_that_will_never_greet_us_is_the_operators_business() -> None:
    with Scripted((b"554 no mail here",), hangs=False) as server, pytest.raises(ChannelMisconfigured, match="554"):
        await channel(server.port).send(message(), TO)


@pytest.mark.rule("R29")
async def test_a_wrong_password_is_the_operators_business_and_not_repeated(
    authority: trustme.CA, ca: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with receiving_mail(starttls=server_context(authority), sign_in=True) as mails:
        where = account(mails.port, Protection.STARTTLS, ca=ca, user=USER, password="wrong horse")  # noqa: S106
        with pytest.raises(ChannelMisconfigured, match="535") as wrong:
            await Mail(where).send(message(), TO)

    assert wrong.value.code == "535"
    assert "wrong horse" not in str(wrong.value) + repr(where)
    assert mails.received == []


@pytest.mark.rule("R29")
@pytest.mark.parametrize("protection", [Protection.IMPLICIT, Protection.STARTTLS])
@pytest.mark.parametrize("fault", ["stranger", "other name"])
async def test_a_certificate_that_cannot_be_trusted_gets_no_mail(
    authority: trustme.CA, ca: Path, protection: Protection, fault: str
) -> None:
    context = server_context(trustme.CA()) if fault == "stranger" else server_context(authority, "other.example.cn")
    implicit = protection is Protection.IMPLICIT
    async with receiving_mail(implicit=context if implicit else None, starttls=None if implicit else context) as mails:
        with pytest.raises(ChannelMisconfigured, match="certificate is not trusted"):
            await Mail(account(mails.port, protection, ca=ca)).send(message(), TO)

    assert mails.received == []


@pytest.mark.rule("R29")
async def test_without_starttls_nothing_is_sent_in_the_clear(plain: Mails, ca: Path) -> None:
    with pytest.raises(ChannelMisconfigured, match="STARTTLS"):
        await Mail(account(plain.port, Protection.STARTTLS, ca=ca)).send(message(), TO)

    assert plain.received == []


async def test_tls_to_a_port_that_speaks_none_is_the_operators_business(plain: Mails, ca: Path) -> None:
    with pytest.raises(ChannelMisconfigured, match="does not speak TLS"):
        await Mail(account(plain.port, Protection.IMPLICIT, ca=ca)).send(message(), TO)


@pytest.mark.rule("R29")
async def test_a_password_never_leaves_the_machine_unprotected() -> None:
    where = account(1, user=USER, password=PASSWORD, host="mail.example.cn")
    with pytest.raises(ChannelMisconfigured, match="unprotected"):
        await Mail(where).send(message(), TO)


async def test_without_a_server_nothing_can_be_sent() -> None:
    with pytest.raises(ChannelMisconfigured, match="TOCSIN_SMTP_SERVER"):
        await Mail(None).send(message(), TO)


@pytest.mark.parametrize("content", [None, b"not a certificate"])
async def test_a_file_of_certificates_that_cannot_be_read_is_named_by_its_variable(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "ca.pem"
    if content:
        path.write_bytes(content)
    with pytest.raises(ChannelMisconfigured, match="TOCSIN_SMTP_CA"):
        await Mail(account(1, Protection.IMPLICIT, ca=path)).send(message(), TO)


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    "to",
    [
        "",
        "nobody",
        "@post.example.cn",
        "lin@post.example.cn, wang@post.example.cn",
        "lin@post.example.cn\nBcc: wang@post.example.cn",
        "lin@post.example.cn\r\nBcc: wang@post.example.cn",
        "Lin <lin@post.example.cn>",
        "lin(comment)@post.example.cn",
        "林@post.example.cn",
        "lin@邮政.example.cn",
        "lin@post..cn",
    ],
)
async def test_only_one_plain_address_is_written_to(plain: Mails, to: str) -> None:
    with pytest.raises(ChannelMisconfigured, match="recipient's address") as wrong:
        await channel(plain.port).send(message(), Address.model_construct(channel="smtp", to=to, to_env=None))

    assert plain.received == []
    assert not to or to not in str(wrong.value)


@pytest.mark.rule("R29")
async def test_the_address_may_stand_in_the_environment(plain: Mails) -> None:
    mail = Mail(account(plain.port), env={"LEAD_MAIL": "lin@post.example.cn"})

    await mail.send(message(), Address(channel="smtp", to_env="LEAD_MAIL"))

    assert plain.received[0].to == ("lin@post.example.cn",)


@pytest.mark.rule("R29")
@pytest.mark.parametrize("answer", ["450 <lin@post.example.cn> greylisted", "550 no lin@post.example.cn here"])
async def test_an_error_names_neither_text_nor_address_nor_server(answer: str) -> None:
    async with receiving_mail(answers={"RCPT": answer}) as mails:
        with pytest.raises(ChannelError) as failed:
            await channel(mails.port).send(message(text="only for the recipient"), TO)

    assert failed.value.__cause__ is None
    for secret in ("only for", TO.to, "post.example", HOST, "greylisted"):
        assert secret not in str(failed.value)


@pytest.mark.rule("R29")
async def test_an_address_in_the_servers_answer_stays_out_of_the_record() -> None:
    async with receiving_mail(answers={"DATA": "250 <lin@post.example.cn> queued as 7"}) as mails:
        delivered = await channel(mails.port).send(message(), TO)

    assert delivered.message_id == "<…> queued as 7"
