"""The root of a day over the heads of all records, and the proof that one of them is under it (RFC 6962, section 2.1).

A second party who keeps one root a day can tell later that no record was cut or written anew: the root commits to every
head there was. Hashes are SHA-256; a leaf is the RFC 8785 form of incident, sequence and head; leaves stand in the
order of the incidents' ids. Each root names the one before it, so that none can be left out later.
Errors: none; what does not fit is answered with False.
"""

import hashlib
from collections.abc import Sequence
from datetime import date

import rfc8785

from plan.record import GENESIS, Hash
from plan.values import Instant, Kept, stamp

_LEAF, _NODE = b"\x00", b"\x01"


class Leaf(Kept):
    """How far an incident's record reached when the root was made."""

    incident_id: str
    sequence: int
    head: Hash


class Step(Kept):
    """One step of a proof: the hash beside, and on which side it stands."""

    hash: Hash
    left: bool


class Root(Kept):
    """The root of one day. `previous` is the digest of the root before, `GENESIS` for the first."""

    day: date
    made_at: Instant
    leaves: int
    root: Hash
    previous: Hash = GENESIS

    def signed_bytes(self) -> bytes:
        """What the signature stands over."""
        return rfc8785.dumps(
            {
                "day": self.day.isoformat(),
                "made_at": stamp(self.made_at),
                "leaves": self.leaves,
                "root": self.root,
                "previous": self.previous,
            }
        )

    def digest(self) -> str:
        return hashlib.sha256(self.signed_bytes()).hexdigest()


class Proof(Kept):
    """That a leaf is under a root."""

    leaf: Leaf
    steps: tuple[Step, ...]

    def leads_to(self, root: str) -> bool:
        found = leaf_hash(self.leaf)
        for step in self.steps:
            beside = bytes.fromhex(step.hash)
            found = _node(beside, found) if step.left else _node(found, beside)
        return found.hex() == root


def root_of(leaves: Sequence[Leaf]) -> str:
    """The root over leaves in the order of their ids; of none the hash of nothing (RFC 6962)."""
    return _root([leaf_hash(leaf) for leaf in leaves]).hex()


def proof_of(leaves: Sequence[Leaf], incident_id: str) -> Proof | None:
    """The proof for one incident; None where it is not among the leaves."""
    place = next((n for n, leaf in enumerate(leaves) if leaf.incident_id == incident_id), None)
    if place is None:
        return None
    return Proof(leaf=leaves[place], steps=tuple(_steps([leaf_hash(leaf) for leaf in leaves], place)))


def leaf_hash(leaf: Leaf) -> bytes:
    said = rfc8785.dumps({"incident_id": leaf.incident_id, "sequence": leaf.sequence, "head": leaf.head})
    return hashlib.sha256(_LEAF + said).digest()


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(_NODE + left + right).digest()


def _root(hashes: list[bytes]) -> bytes:
    """Pairs level by level; one left over rises unchanged, which is the tree of RFC 6962."""
    if not hashes:
        return hashlib.sha256(b"").digest()
    while len(hashes) > 1:
        hashes = _above(hashes)
    return hashes[0]


def _above(hashes: list[bytes]) -> list[bytes]:
    paired = [_node(hashes[n], hashes[n + 1]) for n in range(0, len(hashes) - 1, 2)]
    return paired + hashes[len(paired) * 2 :]


def _steps(hashes: list[bytes], place: int) -> list[Step]:
    steps: list[Step] = []
    while len(hashes) > 1:
        beside = place ^ 1
        if beside < len(hashes):
            steps.append(Step(hash=hashes[beside].hex(), left=beside < place))
        hashes, place = _above(hashes), place // 2
    return steps
