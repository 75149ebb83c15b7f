"""The tables of a log: leaves, complete subtrees, and checkpoints. Rows are added, never changed."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, DateTime, LargeBinary, MetaData, SmallInteger, Table, Text, UniqueConstraint

from shared.grants import KEPT

metadata = MetaData()

log_leaves = Table(
    "log_leaves",
    metadata,
    # Counted from 0 without gaps.
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    # CASE/SEQ of an entry of a journal, NUMBER/ISSUE of a document, read/ID of a row of `upload_reads`.
    Column("name", Text, nullable=False),
    # The entry's own hash; the SHA-256 of the PDF; that of all that the row says.
    Column("hash", LargeBinary, nullable=False),
    UniqueConstraint("name", name="log_leaves_once"),
    info=KEPT,
)
log_nodes = Table(
    "log_nodes",
    metadata,
    # Every eighth level only; those between are computed from 256 hashes.
    Column("level", SmallInteger, primary_key=True, autoincrement=False),
    Column("place", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    info=KEPT,
)
checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    # As published.
    Column("note", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    info=KEPT,
)
