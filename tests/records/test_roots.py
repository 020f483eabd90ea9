"""A root of a day proves a record to whoever kept it, and no other record."""

import hashlib
from datetime import UTC, date, datetime, timedelta

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from plan.record import GENESIS
from plan.root import Leaf, proof_of, root_of
from runtime.records.engine import Store
from runtime.records.roots import SignedRoot, make_root, root_on
from runtime.records.writing import keep
from tests.records.made import order, played

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
DAY = timedelta(days=1)


def _leaves(count: int) -> list[Leaf]:
    return [Leaf(incident_id=f"K-{n:05}", sequence=n + 1, head=f"{n:064x}") for n in range(count)]


@pytest.mark.rule("R62")
@given(st.integers(1, 70), st.data())
def test_every_leaf_has_a_proof_and_it_fits_nothing_else(count: int, data: st.DataObject) -> None:
    leaves = _leaves(count)
    root = root_of(leaves)
    place = data.draw(st.integers(0, count - 1))
    proof = proof_of(leaves, leaves[place].incident_id)
    assert proof is not None
    assert proof.leads_to(root)
    other = proof.model_copy(update={"leaf": proof.leaf.model_copy(update={"sequence": 999})})
    assert not other.leads_to(root)
    changed = [*leaves[:place], other.leaf, *leaves[place + 1 :]]
    assert root_of(changed) != root


def test_the_root_of_nothing_and_of_one_are_those_of_the_standard() -> None:
    assert root_of([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert len({root_of(_leaves(n)) for n in range(9)}) == 9
    assert proof_of(_leaves(3), "nobody") is None


@pytest.mark.rule("R62")
def test_a_root_is_made_once_a_day_and_names_the_one_before(store: Store) -> None:
    keep(store, order(played("K-1").book))
    first = make_root(store, now=NOON)
    assert make_root(store, now=NOON + timedelta(hours=3)) == first
    second = make_root(store, now=NOON + DAY)
    assert (first.root.previous, second.root.previous) == (GENESIS, first.root.digest())
    assert (first.root.root, first.root.leaves) == (second.root.root, 1), "a quiet day has the same leaves"
    assert root_on(store) == second
    assert root_on(store, date(2026, 11, 24)) == first
    assert root_on(store, date(2026, 11, 20)) is None


@pytest.mark.rule("R62")
def test_an_old_root_still_proves_how_far_a_record_reached_then(store: Store) -> None:
    day = played("K-1")
    keep(store, order(day.book))
    keep(store, order(played("K-2").book))
    then = (day.book.sequence, day.book.head)
    make_root(store, now=NOON)
    day.tell("11:00", "gd-gz-th-0001.lead", "noted", text="后来")
    keep(store, order(day.book, after=then[0]))
    keep(store, order(played("K-3").book))
    make_root(store, now=NOON + DAY)
    old, new = root_on(store, date(2026, 11, 24), "K-1"), root_on(store, date(2026, 11, 25), "K-1")
    assert old is not None
    assert new is not None
    assert old.proof is not None
    assert new.proof is not None
    assert (old.proof.leaf.sequence, old.proof.leaf.head) == then
    assert new.proof.leaf.sequence == day.book.sequence
    assert (old.root.leaves, new.root.leaves) == (2, 3)
    assert old.fits
    assert new.fits
    absent = root_on(store, date(2026, 11, 24), "K-3")
    assert absent is not None
    assert absent.proof is None


def test_an_open_incident_that_says_how_far_it_is_stands_under_the_root(store: Store) -> None:
    book = played("K-1").book
    keep(store, order(book, upto=3, row=None))
    live = Leaf(incident_id="K-1", sequence=book.sequence, head=book.head)
    new = Leaf(incident_id="K-7", sequence=2, head="ab" * 32)
    make_root(store, [live, new], now=NOON)
    later = root_on(store, incident_id="K-1")
    assert later is not None
    assert later.proof is not None
    assert later.proof.leaf == live
    make_root(store, [], now=NOON + DAY)
    still = root_on(store, incident_id="K-7")
    assert still is not None
    assert still.proof is not None
    assert still.proof.leaf == new


@pytest.mark.parametrize("field", ["root", "previous", "leaves", "day", "made_at"])
def test_a_root_that_was_touched_does_not_fit_its_signature(store: Store, field: str) -> None:
    keep(store, order(played("K-1").book))
    signed = make_root(store, now=NOON)
    other = {"root": "0" * 64, "previous": "1" * 64, "leaves": 9, "day": date(2020, 1, 1), "made_at": NOON + DAY}
    touched = signed.model_copy(update={"root": signed.root.model_copy(update={field: other[field]})})
    assert signed.fits
    assert not touched.fits
    assert SignedRoot.model_validate_json(signed.model_dump_json()).fits


def _defined(hashes: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, as it stands there: split at the largest power of two below."""
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + _defined(hashes[:split]) + _defined(hashes[split:])).digest()


@pytest.mark.rule("R62")
@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 8, 21])
def test_the_tree_is_the_standards(count: int) -> None:
    leaves = _leaves(count)
    said = [rfc8785.dumps({"incident_id": e.incident_id, "sequence": e.sequence, "head": e.head}) for e in leaves]
    assert root_of(leaves) == _defined([hashlib.sha256(b"\x00" + each).digest() for each in said]).hex()
