"""The roots of the days: one a day over the heads of all records, signed, and the proofs for those under it (R62).

Leaves are the heads in the store, and those of open incidents that were asked for theirs. Only what is new or has gone
on is written down, so that a quiet day costs nothing. Errors: Unreachable, Misconfigured.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select

from plan.record import GENESIS
from plan.root import Leaf, Proof, Root, proof_of, root_of
from plan.values import Kept
from runtime.records.engine import Store
from runtime.records.keys import signature_fits
from runtime.records.tables import HEADS, ROOT_LEAVES, ROOTS

CHINA = ZoneInfo("Asia/Shanghai")


class SignedRoot(Kept):
    """What a second party is given: the root, who signed it, and with `proof` that one record is under it."""

    root: Root
    key_id: str
    public_key: str
    signature: str
    proof: Proof | None = None

    @property
    def fits(self) -> bool:
        """The signature is the named key's, and the proof leads to the root. Whose key it is, only its keeper knows."""
        signed = signature_fits(self.root.signed_bytes(), self.public_key, self.signature)
        return signed and (self.proof is None or self.proof.leads_to(self.root.root))


def make_root(store: Store, live: Iterable[Leaf] = (), *, now: datetime | None = None) -> SignedRoot:
    """The root of today, Asia/Shanghai; the one there is where today's is made already."""
    now = now or datetime.now(UTC)
    day = now.astimezone(CHINA).date()
    with store.writing() as connection:
        last = connection.execute(select(ROOTS).order_by(ROOTS.c.number.desc()).limit(1).with_for_update()).first()
        if last is not None and last.day >= day:
            return _signed(last)
        number = (last.number if last else 0) + 1
        before = _leaves(connection, number)
        leaves = _furthest(
            before, connection.execute(select(HEADS.c.incident_id, HEADS.c.sequence, HEADS.c.head)), live
        )
        gone_on = [leaf for leaf in leaves.values() if before.get(leaf.incident_id) != leaf]
        ordered = [leaves[name] for name in sorted(leaves)]
        previous = _signed(last).root.digest() if last else GENESIS
        root = Root(day=day, made_at=now, leaves=len(ordered), root=root_of(ordered), previous=previous)
        by = store.keys.sign(root.signed_bytes())
        connection.execute(insert(ROOTS), [{"number": number, **root.model_dump(), **by._asdict()}])
        if gone_on:
            connection.execute(insert(ROOT_LEAVES), [{"number": number, **leaf.model_dump()} for leaf in gone_on])
    return SignedRoot(root=root, key_id=by.key_id, public_key=by.public_key, signature=by.signature)


def root_on(store: Store, day: date | None = None, incident_id: str | None = None) -> SignedRoot | None:
    """The root of a day, the latest where none is named; with the proof for an incident where one is.

    None where there is none; a root without the proof where the incident was not on record that day.
    """
    query = select(ROOTS).order_by(ROOTS.c.number.desc()).limit(1)
    with store.reading() as connection:
        found = connection.execute(query if day is None else query.where(ROOTS.c.day == day)).first()
        if found is None:
            return None
        signed = _signed(found)
        if incident_id is None:
            return signed
        leaves = _leaves(connection, found.number)
    proof = proof_of([leaves[name] for name in sorted(leaves)], incident_id)
    return signed.model_copy(update={"proof": proof})


def _leaves(connection: Connection, number: int) -> dict[str, Leaf]:
    """The leaves of a root: the latest of each incident up to it."""
    latest = (
        select(ROOT_LEAVES.c.incident_id, func.max(ROOT_LEAVES.c.number).label("number"))
        .where(ROOT_LEAVES.c.number <= number)
        .group_by(ROOT_LEAVES.c.incident_id)
        .subquery()
    )
    found = connection.execute(
        select(ROOT_LEAVES.c.incident_id, ROOT_LEAVES.c.sequence, ROOT_LEAVES.c.head).join(
            latest, (latest.c.incident_id == ROOT_LEAVES.c.incident_id) & (latest.c.number == ROOT_LEAVES.c.number)
        )
    )
    return {row.incident_id: Leaf(incident_id=row.incident_id, sequence=row.sequence, head=row.head) for row in found}


def _furthest(before: dict[str, Leaf], kept: Iterable[object], live: Iterable[Leaf]) -> dict[str, Leaf]:
    """The furthest head known of each: a live one may be ahead of the store."""
    furthest = dict(before)
    stored = (Leaf.model_validate(row, from_attributes=True) for row in kept)
    for leaf in (*stored, *live):
        known = furthest.get(leaf.incident_id)
        if leaf.sequence > 0 and (known is None or leaf.sequence > known.sequence):
            furthest[leaf.incident_id] = leaf
    return furthest


def _signed(row: object) -> SignedRoot:
    root = Root.model_validate(row, from_attributes=True)
    return SignedRoot(
        root=root,
        key_id=str(getattr(row, "key_id")),  # noqa: B009
        public_key=str(getattr(row, "public_key")),  # noqa: B009
        signature=str(getattr(row, "signature")),  # noqa: B009
    )
