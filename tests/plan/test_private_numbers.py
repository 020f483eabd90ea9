"""A number that may be somebody's is told from an id that is not (R29)."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plan.private_numbers import fault_of, hidden, private_number, written_number

MOBILES = st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True)


def card(first: str) -> str:
    """The seventeen digits with their check character."""
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    total = sum(int(digit) * weight for digit, weight in zip(first, weights, strict=True))
    return first + "10X98765432"[total % 11]


def card_of(area: int, born: date, serial: int) -> str:
    return card(f"{area}{born:%Y%m%d}{serial:03}")


BIRTHS = st.dates(min_value=date(1900, 1, 1), max_value=date(2099, 12, 31))
CARDS = st.builds(card_of, st.integers(100000, 999999), BIRTHS, st.integers(0, 999))
AROUND = st.sampled_from(["", "C-", "GD_", "x", "."])


@pytest.mark.rule("R29")
@given(number=MOBILES | CARDS, before=AROUND, after=AROUND)
def test_an_id_with_a_mobile_or_card_number_in_it_is_refused_and_never_shown_whole(
    number: str, before: str, after: str
) -> None:
    incident = f"{before}{number}{after}"
    why = fault_of(incident)
    assert why is not None
    assert "(R29); " in why
    assert number not in why
    assert number not in hidden(incident)
    assert number[-4:] in hidden(incident)
    assert written_number(incident)


@pytest.mark.parametrize(
    ("incident", "kind"),
    [
        ("13912345678", "a mobile number"),
        ("8613912345678", "a mobile number"),
        ("CRM.13912345678", "a mobile number"),
        ("0b7f3c1e-13912345678", "a mobile number"),
        ("11010519491231002X", "an identity card's number"),
        ("11010519491231002x", "an identity card's number"),
    ],
)
def test_it_is_said_what_it_looks_like(incident: str, kind: str) -> None:
    assert private_number(incident) == kind


@pytest.mark.parametrize(
    "incident",
    [
        "GD-2026-000123",
        "C-20261124-7Q3M0ZKX",
        "20261124000123",
        "12912345678",
        "1391234567",
        "139123456789",
        "1732435200000",
        "139-2026-1124",
        "110105194912310021",
        "110105194913310026",
        "GRP-1",
        "0b7f3c1e-4d52-4f0e-9a55-1395f1e2a7c4",
        "0b7f3c1e-4d52-4f0e-9a55-a13912345678",
        "CRM.0B7F3C1E4D524F0E9A55A13912345678",
    ],
)
def test_an_ordinary_id_passes_and_is_shown_as_it_is(incident: str) -> None:
    assert fault_of(incident) is None
    assert hidden(incident) == incident


@given(st.text(max_size=80))
def test_any_text_is_read_to_its_end(text: str) -> None:
    assert private_number(hidden(text)) is None


@pytest.mark.parametrize(
    "text", ["2026-11-24 起", "第 12 条，共 200 条", "10:45 前", "400-000-0000", "R57.1", "【演练】"]
)
def test_dates_hotlines_and_small_numbers_are_nobodys(text: str) -> None:
    assert not written_number(text)
