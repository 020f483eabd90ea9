"""Where events may be sent, and of which incidents (R29)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from plan.events import TYPES, About
from plan.subscriptions import URL, NewSubscription, Subscription, checked_host, checked_url, forbidden

HIDDEN = (
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "fe80::1%eth0",
    "100.100.100.200",
    "fd00:ec2::254",
    "0.0.0.0",  # noqa: S104
    "::",
    "224.0.0.1",
    "ff02::1",
    "2002:a9fe:a9fe::1",
    "64:ff9b::a9fe:a9fe",
    "::169.254.169.254",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
)
PRIVATE = ("10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "::ffff:10.1.2.3", "198.18.0.1")


@pytest.mark.rule("R29")
@pytest.mark.parametrize("address", HIDDEN)
def test_what_hands_out_secrets_is_never_reached_whoever_names_it(address: str) -> None:
    assert forbidden("crm.example.cn", address)
    assert forbidden("crm.example.cn", address, ("crm.example.cn", "0.0.0.0/0", "::/0"))


@pytest.mark.rule("R29")
@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_network_is_reached_where_an_operator_named_it(address: str) -> None:
    assert forbidden("crm.bank.cn", address)
    assert forbidden("crm.bank.cn", address, ("other.cn",))
    assert forbidden("bank.cn", address, ("*.bank.cn",))
    assert forbidden("evilbank.cn", address, ("*.bank.cn",))
    assert forbidden("crm.bank.cn", address, ("*.bank.cn",)) is None
    assert forbidden("CRM.Bank.cn.", address, ("crm.bank.cn",)) is None


def test_public_addresses_and_this_machine_are_reached_until_somebody_names_hosts() -> None:
    for address in ("8.8.8.8", "2606:4700::1111", "127.0.0.1", "::1"):
        assert forbidden("crm.example.cn", address) is None
        assert forbidden("crm.example.cn", address, ("10.0.0.0/8",))
    assert forbidden("x", "10.2.3.4", ("10.0.0.0/8",)) is None


@pytest.mark.parametrize("host", ["", "*", "a b", "*.*.cn", "https://x", "10.0.0.0/33", "-x.cn"])
def test_a_host_that_is_none_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        checked_host(host)


@pytest.mark.parametrize(
    "url",
    [
        *("http://crm.example.cn/", "ftp://x/", "https://", "//x", "https://u@x/", "https://u:p@x/", "https://x/#a"),
        *("https://x:22/", "https://x:80/", "https://x:70000/", "https://x\\@y/", "https://x y/", "https://x/\n"),
        *("https://x_y/", "https://例子.cn/", "HTTPS://x/", "http://127.0.0.1.nip.io/", "http://[::2]/", "https://.x/"),
        "https://x/" + "a" * 2000,
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_none(url: str) -> None:
    with pytest.raises(ValueError, match="is not an address"):
        checked_url(url)


@given(st.from_regex(re.compile(URL), fullmatch=True))
def test_every_address_that_is_taken_names_its_host_plainly(url: str) -> None:
    url = url.rstrip("\n")
    scheme, _, rest = checked_url(url[:2000]).partition("://") if len(url) <= 2000 else ("https", "", "x")
    host = re.split(r"[/?]", rest, maxsplit=1)[0]
    assert "@" not in host
    assert scheme == "https" or re.fullmatch(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]+)?", host)


def test_types_are_those_there_are() -> None:
    made = NewSubscription.model_validate({"url": "https://x.cn/", "types": [TYPES[0], TYPES[0]]})
    assert made.types == (TYPES[0],)
    with pytest.raises(ValidationError):
        NewSubscription.model_validate({"url": "https://x.cn/", "types": ["cn.tocsin.conduct"]})


def test_who_is_told_of_what() -> None:
    about = About(incident_id="A", units=("gd-gz-th-0001", "gd-gz-th", "gd"), insurers=("anhe-life",))
    base = {"id": "s", "system": "system:crm", "url": "https://x/", "created_at": "2026-11-24T09:12:00+08:00"}
    for units, insurer, theirs in (
        ((), None, True),
        (("gd",), None, True),
        (("gd-gz-th-0001", "gd-sz"), None, True),
        (("gd-sz",), None, False),
        (("gd",), "anhe-life", True),
        (("gd",), "zhongtai-life", False),
        ((), "zhongtai-life", False),
    ):
        made = Subscription.model_validate({**base, "units": units, "insurer": insurer})
        assert made.concerns(about) is theirs
        assert made.may_concern(about.units, about.insurers) is theirs
        assert made.may_concern((), ()), "who is not known yet may be anybody"
