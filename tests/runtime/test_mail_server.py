"""Where mail is handed in, as one address says it."""

import pytest

from plan.errors import Misconfigured
from runtime.mail_server import MailServer, Protection, mail_server
from runtime.settings import Settings


@pytest.mark.parametrize(
    ("written", "server"),
    [
        ("smtps://mail.example.cn", MailServer("mail.example.cn", 465, Protection.IMPLICIT)),
        ("smtp://mail.example.cn", MailServer("mail.example.cn", 587, Protection.STARTTLS)),
        ("smtp://mail.example.cn:2587/", MailServer("mail.example.cn", 2587, Protection.STARTTLS)),
        (" smtp+plain://127.0.0.1 ", MailServer("127.0.0.1", 25, Protection.NONE)),
        ("smtps://[::1]:465", MailServer("::1", 465, Protection.IMPLICIT)),
    ],
)
def test_the_scheme_says_how_it_is_protected(written: str, server: MailServer) -> None:
    assert mail_server(written) == server


@pytest.mark.rule("R29")
@pytest.mark.parametrize(
    "written",
    [
        "mail.example.cn",
        "http://mail.example.cn",
        "smtp://",
        "smtp://user:s3cret@mail.example.cn",
        "smtp://mail.example.cn:0",
        "smtp://mail.example.cn:99999",
        "smtp://mail.example.cn/path",
        "smtp://mail example.cn",
    ],
)
def test_what_is_no_mail_server_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("TOCSIN_SMTP_SERVER", written)
    with pytest.raises(Misconfigured, match=r"TOCSIN_SMTP_SERVER: .*; write smtps://HOST") as wrong:
        Settings()
    assert "s3cret" not in str(wrong.value)


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.1", False), ("localhost.example.cn", False)],
)
def test_it_knows_whether_the_server_is_on_this_machine(host: str, here: bool) -> None:
    assert MailServer(host, 25, Protection.NONE).on_this_machine is here
