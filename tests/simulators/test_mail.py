"""A mail server with and without TLS, that refuses, hangs and hangs up."""

import ssl
from email.message import EmailMessage
from typing import Literal

import aiosmtplib
import pytest

from tests.simulators.faults import Fault
from tests.simulators.simulators import Simulators

Way = Literal["plain", "starttls", "tls"]
BOX = "lead@simulated.example"


def mail() -> EmailMessage:
    written = EmailMessage()
    written["From"] = "tocsin@simulated.example"
    written["To"] = BOX
    written["Subject"] = "【立即上报】GD-1"
    written["Message-ID"] = "<k-1@simulated.example>"
    written.set_content("请在 17:03 前上报。")
    return written


async def send(town: Simulators, way: Way = "plain", *, password: str | None = None, patience: float = 20) -> str:
    account = town.smtp
    context = ssl.create_default_context(cafile=account.ca_file)
    smtp = aiosmtplib.SMTP(
        hostname=account.host,
        port=getattr(account, way),
        timeout=patience,
        start_tls=way == "starttls",
        use_tls=way == "tls",
        tls_context=None if way == "plain" else context,
    )
    async with smtp:
        if way != "plain":
            await smtp.login(account.user, account.password if password is None else password)
        _, answer = await smtp.send_message(mail())
    return answer


@pytest.mark.parametrize("way", ["plain", "starttls", "tls"])
async def test_a_mail_is_in_the_box(town: Simulators, way: Way) -> None:
    await send(town, way)
    (came,) = town.taken(f"smtp/{BOX}")
    assert (came.key, came.subject) == ("<k-1@simulated.example>", "【立即上报】GD-1")
    assert came.text.strip() == "请在 17:03 前上报。"


@pytest.mark.parametrize("way", ["starttls", "tls"])
async def test_who_does_not_know_the_password_hands_in_nothing(town: Simulators, way: Way) -> None:
    with pytest.raises(aiosmtplib.SMTPAuthenticationError):
        await send(town, way, password="guessed")  # noqa: S106
    assert town.arrivals() == ()


@pytest.mark.parametrize(("fault", "code"), [(Fault.refuse(), 550), (Fault.refuse("552"), 552), (Fault.busy(), 451)])
async def test_a_mail_is_refused_for_good_or_for_now(town: Simulators, fault: Fault, code: int) -> None:
    town.fault(f"smtp/{BOX}", fault)
    with pytest.raises(aiosmtplib.SMTPDataError) as refused:
        await send(town)
    assert refused.value.code == code
    assert town.taken() == ()


@pytest.mark.parametrize(
    ("fault", "shown"),
    [(Fault.hang(), False), (Fault.silent(), True), (Fault.drop("after"), False), (Fault.drop("midway"), True)],
)
async def test_a_server_that_falls_silent_may_have_taken_it(town: Simulators, fault: Fault, shown: bool) -> None:
    town.fault("smtp", fault)
    with pytest.raises(aiosmtplib.SMTPException):
        await send(town, patience=0.3)
    assert [each.taken for each in town.arrivals()] == [shown]


async def test_who_is_still_connected_when_the_simulators_stop_is_hung_up_on() -> None:
    async with Simulators() as town:
        smtp = aiosmtplib.SMTP(hostname=town.smtp.host, port=town.smtp.plain, timeout=20)
        await smtp.connect()
    with pytest.raises(aiosmtplib.SMTPServerDisconnected):
        await smtp.noop()
