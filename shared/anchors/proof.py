"""The proofs that a document is in the office's log, and that the log only grew, checked without a network."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from shared.anchors.checkpoint import decoded, read
from shared.anchors.leaves import content
from shared.anchors.merkle import grew, leaf_hash, root_with
from shared.problems import ToldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.anchors.checkpoint import Checkpoint
    from shared.documents.keys import IssuerKeys


def proven(proof: bytes, name: str | None, digest: str, keys: IssuerKeys) -> Checkpoint:
    """The signed state of the log that has the document `name`, or any, with this SHA-256 in it.

    `proof` is what `GET …/proof` answered. Raises ToldError saying what is wrong.
    """
    said, path, note = _parts(proof, name=str, sha256=str, place=int)
    told, place = (said["name"], said["sha256"]), said["place"]
    name = told[0] if name is None else name
    if told != (name, digest):
        raise ToldError(
            f"存证是{told[0]}的（SHA-256为{told[1]}），本文件是{name}（{digest}）",
            f"the proof is of {told[0]} with the SHA-256 {told[1]}, and this is {name} with {digest}",
        )
    checkpoint = _standing(note, keys)
    leaf = leaf_hash(content(name, bytes.fromhex(digest)))
    if root_with(leaf, place, checkpoint.size, path) != checkpoint.root:
        raise ToldError("路径与已签名的根不符", "the path does not lead to the root that is signed")
    return checkpoint


def continued(proof: bytes, kept: str, keys: IssuerKeys) -> Checkpoint:
    """The signed state of the log that began with what the checkpoint `kept` signed.

    `proof` is what `GET …/log/consistency` answered. Raises ToldError saying what is wrong.
    """
    said, path, note = _parts(proof, since=int)
    earlier, later = read(kept, keys), _standing(note, keys)
    if earlier.origin != later.origin:
        raise ToldError(
            f"存证是日志{later.origin}的，检查点是{earlier.origin}的",
            f"the proof is of the log {later.origin}, and the checkpoint of {earlier.origin}",
        )
    if said["since"] != earlier.size:
        raise ToldError(
            f"存证始于{said['since']}条，检查点有{earlier.size}条",
            f"the proof begins with {said['since']} leaves, and the checkpoint has {earlier.size}",
        )
    if not grew(earlier.size, earlier.root, later.size, later.root, path):
        raise ToldError(
            "路径不能从一个根到达另一个根：其间日志被改动",
            "the path does not lead from one root to the other: the log was changed in between",
        )
    return later


def _standing(note: str, keys: IssuerKeys) -> Checkpoint:
    """A checkpoint whose signature proves something. Raises ToldError."""
    checkpoint = read(note, keys)
    if checkpoint.fault:
        raise ToldError(*checkpoint.fault)
    return checkpoint


def _parts(proof: bytes, **kinds: type) -> tuple[Mapping[str, Any], list[bytes], str]:
    """What the proof says of these names, its path, and its checkpoint. Raises ToldError."""
    try:
        told: dict[str, Any] = orjson.loads(proof)
        said = {name: kind(told[name]) for name, kind in kinds.items()}
        return said, [decoded(step) for step in told["path"]], str(told["checkpoint"])
    except (ValueError, KeyError, TypeError) as error:
        raise ToldError(f"不是存证：{error!r}", f"this is not a proof: {error!r}") from None
