"""What is logged: an entry of a journal as CASE/SEQ, a document as NUMBER/ISSUE, each with its hash."""

from __future__ import annotations


def content(name: str, digest: bytes) -> bytes:
    """What a leaf of the tree is the hash of: a line with the name and the hash, hexadecimal."""
    return f"{name} {digest.hex()}\n".encode()
