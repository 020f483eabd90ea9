"""`tocsin subscriptions`: an operator says who is told of what; the secret is printed once."""

from pathlib import Path

import pytest

from tests.cli.conftest import Tocsin

OPERATOR = ("--by", "operator")
URL = "https://203.0.113.9/tocsin"
"""An address of the documentation's own network, which is none of anybody's."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    monkeypatch.setenv("TOCSIN_EVENT_HOSTS", "203.0.113.0/24")


def test_a_subscription_is_added_listed_and_removed_and_its_secret_shown_once(tocsin: Tocsin) -> None:
    added = tocsin("subscriptions", "add", "system:crm", "--url", URL, "--unit", "gd", "--json", *OPERATOR)
    assert added.code == 0, added.err
    made = added.json
    assert made["secret"].startswith("whsec_")
    listed = tocsin("subscriptions", "list", "--json", *OPERATOR)
    (shown,) = listed.json["subscriptions"]
    assert (shown["id"], shown["units"], shown["system"]) == (made["id"], ["gd"], "system:crm")
    assert "whsec_" not in listed.out + tocsin("subscriptions", "list", *OPERATOR).out
    assert tocsin("subscriptions", "remove", made["id"], *OPERATOR).code == 0
    assert tocsin("subscriptions", "list", "--json", *OPERATOR).json == {"subscriptions": []}


@pytest.mark.rule("R29")
@pytest.mark.parametrize("command", [("list",), ("add", "system:crm", "--url", URL), ("remove", "sub-1")])
def test_only_an_operator_decides_who_is_told(tocsin: Tocsin, command: tuple[str, ...]) -> None:
    refused = tocsin("subscriptions", *command, "--by", "gd-gz.work")
    assert (refused.code, refused.out) == (1, "")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("system:nobody", "--url", URL), "no system of the organisation"),
        (("system:crm", "--url", URL, "--unit", "nowhere"), "units"),
        (("system:crm", "--url", URL, "--insurer", "nobody"), "no insurer"),
        (("system:crm", "--url", "http://crm.example.cn/"), "url"),
        (("system:crm", "--url", "https://198.51.100.1/"), "TOCSIN_EVENT_HOSTS"),
        (("system:crm", "--url", URL, "--type", "cn.tocsin.gossip"), "types"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(tocsin: Tocsin, arguments: tuple[str, ...], why: str) -> None:
    refused = tocsin("subscriptions", "add", *arguments, *OPERATOR)
    assert refused.code == 2
    assert why in refused.err, refused.err


def test_one_that_is_not_there_is_none(tocsin: Tocsin) -> None:
    assert tocsin("subscriptions", "remove", "sub-0123456789abcdef", *OPERATOR).code == 4
