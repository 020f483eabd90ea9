"""Whether a root proves an exported record: the signature, the proof, and the head it vouches for (R62)."""

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from plan.errors import Malformed
from plan.values import Kept
from plan.verification import Verification, verify
from runtime.records.roots import SignedRoot


class Rooted(Kept):
    """The finding: `proved` only where all of it fits. `found` is what the chain itself says."""

    proved: bool
    incident_id: str | None = None
    found: Verification
    words: str
    words_zh: str


def read_root(path: Path) -> SignedRoot:
    """A file that `tocsin audit root --out` wrote. Errors: Malformed."""
    try:
        return SignedRoot.model_validate_json(path.read_bytes())
    except OSError as failed:
        raise Malformed(f"{path} was not read: {(failed.strerror or 'cannot be read').lower()}.") from failed
    except ValidationError as failed:
        raise Malformed(f"{path} is not a root. Name a file that `tocsin audit root --out` wrote.") from failed


def rooted(lines: Iterable[str], signed: SignedRoot, key: str | None = None) -> Rooted:
    """`key` is the public key that the second party holds; without it the file vouches for its own key only."""
    if key is not None and key.strip().lower() != signed.public_key:
        return _not(verify(lines), "the root is signed with another key than yours", "总根的签名密钥与所持公钥不符")
    if not signed.fits:
        return _not(verify(lines), "the root does not fit its signature or its proof", "总根与其签名或证明不符")
    if signed.proof is None:
        return _not(verify(lines), "the root holds no proof; export it with --incident", "总根文件不含证明")
    leaf = signed.proof.leaf
    found = verify(lines, leaf.head)
    if found.fault is not None or found.attested != leaf.sequence:
        return _not(found, f"the record is not the one of {leaf.incident_id} under this root", "记录与总根所证的不同")
    whose = "" if key else "; compare its public key with the one you were given"
    whose_zh = "" if key else "；请与当初所持的公钥核对"
    day, count = signed.root.day, leaf.sequence
    return Rooted(
        proved=True,
        incident_id=leaf.incident_id,
        found=found,
        words=f"proved: the root of {day} vouches for {count} entries of {leaf.incident_id}{whose}",
        words_zh=f"已证明：{day} 的总根证明 {leaf.incident_id} 的前 {count} 条{whose_zh}",
    )


def _not(found: Verification, why: str, why_zh: str) -> Rooted:
    return Rooted(proved=False, found=found, words=f"not proved: {why}", words_zh=f"未能证明：{why_zh}")
