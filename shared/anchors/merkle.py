"""Merkle trees as in RFC 6962 §2.1: roots, and proofs that something is in a tree or a tree grew out of another.

A tree is given as a function from level and index to the hash of a complete subtree: level 0 has the hashes of the
leaves, and the subtree at level n with the index i has the leaves from i·2ⁿ to before (i+1)·2ⁿ.
"""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Subtrees = Callable[[int, int], bytes]

EMPTY = sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(content: bytes) -> bytes:
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root(subtrees: Subtrees, size: int) -> bytes:
    """The root of the first `size` leaves."""
    return _hash(subtrees, 0, size) if size else EMPTY


def inclusion(subtrees: Subtrees, place: int, size: int) -> list[bytes]:
    """The proof that the leaf at `place` is among the first `size` (PATH of §2.1.1): from the leaf to the root."""
    low, high, path = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if place < middle:
            path.append(_hash(subtrees, middle, high))
            high = middle
        else:
            path.append(_hash(subtrees, low, middle))
            low = middle
    return path[::-1]


def root_with(leaf: bytes, place: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that the proof leads to from the hash of a leaf; None where the proof has the wrong length."""
    sides: list[bool] = []
    low, high = 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        sides.append(place >= middle)
        low, high = (middle, high) if place >= middle else (low, middle)
    if not 0 <= place < size or len(sides) != len(path):
        return None
    found = leaf
    for beside, is_right in zip(path, reversed(sides), strict=True):
        found = node_hash(beside, found) if is_right else node_hash(found, beside)
    return found


def consistency(subtrees: Subtrees, earlier: int, size: int) -> list[bytes]:
    """The proof that the tree of `size` leaves begins with the `earlier` ones (PROOF of §2.1.2): from what both have
    up to the root. It is empty where they are the same, and of a tree without leaves, with which each begins."""
    low, high, path = 0, size, []
    while low < earlier < high:
        middle = low + _split(high - low)
        if earlier <= middle:
            path.append(_hash(subtrees, middle, high))
            high = middle
        else:
            path.append(_hash(subtrees, low, middle))
            low = middle
    if low and earlier == high:
        path.append(_hash(subtrees, low, high))
    return path[::-1]


def grew(earlier: int, before: bytes, size: int, now: bytes, path: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree with `earlier` leaves and the root `before` is the beginning of the one
    with `size` leaves and the root `now`."""
    if not 0 <= earlier <= size:
        return False
    if earlier in {0, size}:
        return not path and before == (now if earlier else EMPTY)
    sides: list[bool] = []
    low, high = 0, size
    while low < earlier < high:
        middle = low + _split(high - low)
        sides.append(earlier > middle)
        low, high = (middle, high) if earlier > middle else (low, middle)
    # A complete subtree on the left is the earlier tree itself, which who asks knows.
    steps = [*path] if low else [before, *path]
    if len(steps) != len(sides) + 1:
        return False
    old = new = steps[0]
    for beside, is_right in zip(steps[1:], reversed(sides), strict=True):
        new = node_hash(beside, new) if is_right else node_hash(new, beside)
        old = node_hash(beside, old) if is_right else old
    return old == before and new == now


def _hash(subtrees: Subtrees, low: int, high: int) -> bytes:
    """MTH of the leaves from `low` to before `high`; `low` is a multiple of the largest power of two below the size."""
    size = high - low
    if size & (size - 1) == 0:
        return subtrees(size.bit_length() - 1, low // size)
    middle = low + _split(size)
    return node_hash(_hash(subtrees, low, middle), _hash(subtrees, middle, high))


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
