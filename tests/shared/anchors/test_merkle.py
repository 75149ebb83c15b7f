"""Trees after RFC 6962: known roots, and proofs that hold for what is in a tree and for nothing else."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.anchors.merkle import EMPTY, consistency, grew, inclusion, leaf_hash, node_hash, root, root_with

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# The leaves and roots of the test vectors of Certificate Transparency.
LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}
GROWTH = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
TREES = st.lists(st.binary(max_size=3), min_size=1, max_size=70).map(
    lambda leaves: [leaf_hash(leaf) for leaf in leaves]
)


def stored(leaves: Sequence[bytes]) -> Callable[[int, int], bytes]:
    """Complete subtrees only, as a database has them."""

    def found(level: int, place: int) -> bytes:
        assert (place + 1) << level <= len(leaves), "a subtree that is not complete"
        if level == 0:
            return leaves[place]
        return node_hash(found(level - 1, 2 * place), found(level - 1, 2 * place + 1))

    return found


def by_definition(leaves: Sequence[bytes]) -> bytes:
    """MTH as §2.1 writes it."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(by_definition(leaves[:split]), by_definition(leaves[split:]))


@pytest.mark.parametrize(("size", "expected"), ROOTS.items())
def test_roots_are_those_of_certificate_transparency(size: int, expected: str) -> None:
    assert root(stored([leaf_hash(leaf) for leaf in LEAVES]), size).hex() == expected


def test_a_tree_without_leaves_has_a_root() -> None:
    assert root(stored([]), 0) == EMPTY == sha256().digest()


@given(TREES)
def test_a_root_is_as_it_is_defined(leaves: list[bytes]) -> None:
    assert root(stored(leaves), len(leaves)) == by_definition(leaves)


@given(TREES, st.data())
def test_a_proof_leads_from_its_leaf_to_the_root_and_from_no_other(leaves: list[bytes], data: st.DataObject) -> None:
    size, place = len(leaves), data.draw(st.integers(0, len(leaves) - 1))
    path, expected = inclusion(stored(leaves), place, size), by_definition(leaves)
    assert root_with(leaves[place], place, size, path) == expected
    assert root_with(leaf_hash(b"another"), place, size, path) != expected
    assert root_with(leaves[place], place, size, [*path, expected]) is None
    assert root_with(leaves[place], size, size, path) is None
    if path:
        assert root_with(leaves[place], place, size, path[1:]) is None
        changed = data.draw(st.integers(0, len(path) - 1))
        path[changed] = bytes(32)
        assert root_with(leaves[place], place, size, path) != expected


@given(TREES, st.data())
def test_a_log_that_only_grew_proves_it_and_a_changed_one_does_not(leaves: list[bytes], data: st.DataObject) -> None:
    size, earlier = len(leaves), data.draw(st.integers(0, len(leaves)))
    before, now = root(stored(leaves), earlier), by_definition(leaves)
    path = consistency(stored(leaves), earlier, size)
    assert grew(earlier, before, size, now, path)
    assert path == (defined(earlier, leaves) if earlier else [])
    assert not grew(earlier, before, size, now, [*path, now])
    assert not grew(size + 1, before, size, now, path)
    if path:
        assert not grew(earlier, before, size, now, path[1:])
        changed = data.draw(st.integers(0, len(path) - 1))
        assert not grew(earlier, before, size, now, [*path[:changed], bytes(32), *path[changed + 1 :]])
    if earlier:
        # What was logged before is changed since: its new log proves nothing of the earlier root.
        place = data.draw(st.integers(0, earlier - 1))
        other = [*leaves[:place], leaf_hash(b"another"), *leaves[place + 1 :]]
        assert not grew(earlier, before, size, by_definition(other), consistency(stored(other), earlier, size))


def defined(earlier: int, leaves: Sequence[bytes], *, known: bool = True) -> list[bytes]:
    """SUBPROOF as §2.1.2 writes it."""
    if earlier == len(leaves):
        return [] if known else [by_definition(leaves)]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    if earlier <= split:
        return [*defined(earlier, leaves[:split], known=known), by_definition(leaves[split:])]
    return [*defined(earlier - split, leaves[split:], known=False), by_definition(leaves[:split])]


def test_proofs_of_consistency_are_those_of_certificate_transparency() -> None:
    tree = stored([leaf_hash(leaf) for leaf in LEAVES])
    found = {sizes: [step.hex() for step in consistency(tree, *sizes)] for sizes in GROWTH}
    assert found == GROWTH
