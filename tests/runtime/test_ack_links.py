"""A link says "received" for the one person it was sent to, as long as it is valid, and cannot be made up (R14)."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.errors import Malformed, Refused
from runtime.ack_links import LONGEST, AckLinks, AckToken, token_of
from runtime.seals import Keyring

OLD, NEW, PERSON = b"o" * 32, b"n" * 32, b"p" * 32
KEYRING = Keyring({"new": NEW, "old": OLD}, PERSON)
VALID = timedelta(days=3)
LINKS = AckLinks(KEYRING, "https://tocsin.example.cn/", VALID)
AT = datetime(2026, 11, 24, 1, 12, tzinfo=UTC)
LEAD = "gd-gz-th-0001.lead"
NOTICE = f"tell.crisis~{LEAD}"
TOKEN = LINKS.token("GD-1", NOTICE, LEAD, AT)
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

ids = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._:~/-]{0,60}", fullmatch=True)
instants = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


def refused(token: str, now: datetime = AT, links: AckLinks = LINKS) -> str:
    with pytest.raises(Malformed) as wrong:
        links.read(token, now)
    assert len(token) < 20 or token not in str(wrong.value), "the token itself is never repeated"
    return str(wrong.value)


@pytest.mark.rule("R14")
@given(incident=ids, duty=ids, recipient=ids, at=instants)
def test_a_token_says_what_it_was_made_for(incident: str, duty: str, recipient: str, at: datetime) -> None:
    for notice in (f"{duty}~{recipient}", duty):
        token = LINKS.token(incident, notice, recipient, at)
        read = LINKS.read(token, at)
        assert (read.incident_id, read.notice_id, read.recipient) == (incident, notice, recipient)
        assert timedelta(0) <= at + VALID - read.expires_at < timedelta(seconds=1)
        assert token == LINKS.token(incident, notice, recipient, at), "a repeat has the same text"
        assert len(token) <= LONGEST


@given(place=st.integers(0, len(TOKEN) - 1), letter=st.sampled_from(ALPHABET))
def test_a_token_with_another_letter_in_it_is_none(place: int, letter: str) -> None:
    if TOKEN[place] != letter:
        refused(TOKEN[:place] + letter + TOKEN[place + 1 :])


@given(token=st.text(max_size=300) | st.text(ALPHABET, max_size=300))
def test_whatever_is_made_up_is_no_token_and_breaks_nothing(token: str) -> None:
    refused(token)


@given(cut=st.integers(0, len(TOKEN) - 1), more=st.text(ALPHABET, min_size=1, max_size=8))
def test_a_part_of_a_token_is_none_and_neither_is_one_with_more_behind_it(cut: int, more: str) -> None:
    refused(TOKEN[:cut])
    refused(TOKEN + more)


def test_a_token_is_accepted_in_its_one_spelling_only() -> None:
    for length in (1, 2, 3):  # so that each way in which base64 ends comes up
        token = LINKS.token("G" * length, NOTICE, LEAD, AT)
        raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
        same = {base64.urlsafe_b64encode(raw).decode(), base64.b64encode(raw).decode()}
        same |= {token[:-1] + letter for letter in ALPHABET}
        same |= {f"{token}=", f" {token}", f"{token}\n", token.replace("-", "+").replace("_", "/"), f"{token}é"}
        for other in same - {token}:
            refused(other)
        assert LINKS.read(token, AT).incident_id == "G" * length


@pytest.mark.parametrize("token", ["", "=", "a", "é" * 40, "a" * (LONGEST + 1), "A" * 100, "../" * 20, TOKEN * 9])
def test_what_is_too_long_or_not_plain_is_no_token(token: str) -> None:
    assert "no link of ours" in refused(token)


@pytest.mark.parametrize("expiry", ["", "-5", "1e9", " 1800000000", "1_800_000_000", "٣", "9" * 30])
def test_an_expiry_is_plain_seconds(expiry: str) -> None:
    said = "\n".join(("new", "GD-1", NOTICE, "", expiry)).encode()
    refused(base64.urlsafe_b64encode(b"0" * 16 + said).rstrip(b"=").decode())


def test_the_last_instant_is_in_time_and_the_next_one_is_not() -> None:
    end = AT + VALID
    assert LINKS.read(TOKEN, end).expires_at == end
    assert LINKS.read(TOKEN, end.astimezone(timezone(timedelta(hours=8)))).expires_at == end
    with pytest.raises(Refused) as late:
        LINKS.read(TOKEN, end + timedelta(microseconds=1))
    assert "too old" in str(late.value)
    assert TOKEN not in str(late.value)


def test_one_that_was_changed_is_not_known_even_after_its_time() -> None:
    refused(TOKEN[:-1] + ("A" if TOKEN[-1] != "A" else "B"), AT + VALID * 2)


def test_every_door_key_is_recognised_and_the_first_one_signs() -> None:
    before = AckLinks(Keyring({"old": OLD}, PERSON), None, VALID).token("GD-1", NOTICE, LEAD, AT)
    assert LINKS.read(before, AT).recipient == LEAD
    assert before != TOKEN
    refused(TOKEN, links=AckLinks(Keyring({"old": OLD}, PERSON), None, VALID))
    refused(TOKEN, links=AckLinks(Keyring({"new": OLD}, PERSON), None, VALID))


def test_the_key_is_derived_for_links_alone() -> None:
    """Neither a seal's MAC nor a MAC with the door key itself makes a token."""
    assert KEYRING.derived("tocsin/ack-link/1") != KEYRING.derived("another")
    assert list(KEYRING.derived("x")) == ["new", "old"]
    raw = base64.urlsafe_b64decode(TOKEN + "=" * (-len(TOKEN) % 4))
    assert raw[:16] != hmac.new(NEW, raw[16:], hashlib.sha256).digest()[:16]


def test_the_signature_is_of_at_least_128_bits() -> None:
    raw = base64.urlsafe_b64decode(TOKEN + "=" * (-len(TOKEN) % 4))
    assert len(raw.split(b"new\n")[0]) == 16


def test_a_link_leads_into_tocsin_and_the_page_of_an_incident_proves_nothing() -> None:
    assert LINKS.personal("GD-1", NOTICE, LEAD, AT) == f"https://tocsin.example.cn/n/{TOKEN}"
    assert LINKS.page("GD-1") == "https://tocsin.example.cn/incidents/GD-1"
    assert AckLinks(KEYRING, "https://a.cn/tocsin", VALID).page("A") == "https://a.cn/tocsin/incidents/A"


def test_without_a_public_url_there_are_no_links_and_tokens_are_read_all_the_same() -> None:
    without = AckLinks(KEYRING, None, VALID)
    assert (without.personal("GD-1", NOTICE, LEAD, AT), without.page("GD-1")) == (None, None)
    assert without.read(TOKEN, AT) == AckToken(
        incident_id="GD-1", notice_id=NOTICE, recipient=LEAD, expires_at=AT + VALID
    )


def test_a_link_may_be_pasted_whole() -> None:
    assert token_of(f" https://tocsin.example.cn/n/{TOKEN}\n") == token_of(TOKEN) == TOKEN


def test_an_id_with_a_line_break_has_no_link() -> None:
    with pytest.raises(Malformed):
        LINKS.token("GD-1\nGD-2", NOTICE, LEAD, AT)
