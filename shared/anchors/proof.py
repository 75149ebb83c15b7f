"""The proof that a document is in the office's log, checked without a network."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any

import orjson

from shared.anchors.checkpoint import read
from shared.anchors.leaves import content
from shared.anchors.merkle import leaf_hash, root_with

if TYPE_CHECKING:
    from shared.anchors.checkpoint import Checkpoint
    from shared.documents.keys import IssuerKeys


def proven(proof: bytes, name: str, digest: str, keys: IssuerKeys) -> Checkpoint:
    """The signed state of the log that has the document `name` with this SHA-256 in it.

    `proof` is what `GET …/proof` answered. Raises ValueError saying what is wrong.
    """
    try:
        said: dict[str, Any] = orjson.loads(proof)
        place, path = int(said["place"]), [b64decode(step, validate=True) for step in said["path"]]
        told, note = (said["name"], said["sha256"]), str(said["checkpoint"])
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"this is no proof: {error!r}") from None
    if told != (name, digest):
        raise ValueError(f"the proof is of {told[0]} with the SHA-256 {told[1]}, and this is {name} with {digest}")
    checkpoint = read(note, keys)
    leaf = leaf_hash(content(name, bytes.fromhex(digest)))
    if root_with(leaf, place, checkpoint.size, path) != checkpoint.root:
        raise ValueError("the path does not lead to the root that is signed")
    return checkpoint
