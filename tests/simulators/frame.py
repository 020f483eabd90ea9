"""What all pages share: the frame, words in two languages, the name of a service."""

from tests.simulators.inbox import Inbox, Kind
from tests.simulators.markup import Html, joined, tag

SERVICES = {
    Kind.WECOM: ("企业微信", "WeCom"),
    Kind.DINGTALK: ("钉钉", "DingTalk"),
    Kind.FEISHU: ("飞书", "Feishu"),
    Kind.WEBHOOK: ("推送", "Webhook"),
    Kind.SMS: ("短信", "SMS"),
    Kind.VOICE: ("电话", "Call"),
    Kind.SMTP: ("邮件", "Mail"),
    Kind.ASK: ("查询", "Question"),
}
_AUDIENCES = {
    "internal": ("内部", "internal"),
    "tripartite": ("三方", "all three parties"),
}


def both(zh: str, en: str) -> Html:
    """Chinese, and English smaller behind it."""
    return joined(zh, " ", tag("small", en, lang="en"))


def service(kind: Kind) -> Html:
    return tag("span", both(*SERVICES[kind]), class_=f"service {kind}")


def audience(inbox: Inbox) -> Html | None:
    """Who reads along."""
    words = _AUDIENCES.get(inbox.audience)
    return tag("span", both(*words), class_=f"audience {inbox.audience}") if words else None


def page(title: str, *content: Html, back: bool = True) -> str:
    """A whole document. What stands in `#live` brings itself up to date."""
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("title", f"{title} · 模拟器"),
        tag("link", rel="stylesheet", href="/style.css"),
        tag("noscript", tag("meta", http_equiv="refresh", content="5")),
        tag("script", src="/refresh.js", defer=True),
    )
    home = tag("nav", tag("a", "← ", both("全部", "all"), href="/")) if back else None
    return "<!doctype html>" + tag("html", head, tag("body", home, *content), lang="zh-CN")
