"""What is logged: an entry of a journal as CASE/SEQ, a document as NUMBER/ISSUE, the reading of a document that was
sent as read/ID, each with its hash."""

from __future__ import annotations

READ = "read/"
"""With what the names of readings begin; no number of a document does."""
READ_HASH = (
    "sha256(convert_to(jsonb_build_array(id, upload_id, to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24\\:MI\\:SS.US'),"
    " subject, upload_reads.name, role, correlation_id)::text, 'UTF8'))"
)
"""The hash of a row of `upload_reads`: of all that it says. It has none of its own, since PostgreSQL computes it."""


def content(name: str, digest: bytes) -> bytes:
    """What a leaf of the tree is the hash of: a line with the name and the hash, hexadecimal."""
    return f"{name} {digest.hex()}\n".encode()
