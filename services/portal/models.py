"""What the portal stores: who is signed in, who is about to be, what was typed when a session ended. No case data."""

from __future__ import annotations

from sqlalchemy import TIMESTAMP, Column, LargeBinary, MetaData, Table, Text

metadata = MetaData()

sessions = Table(
    "sessions",
    metadata,
    # SHA-256 of what the cookie holds: who reads the table cannot use it.
    Column("id", LargeBinary, primary_key=True),
    Column("subject", Text, nullable=False),
    # Encrypted: the tokens, and who they speak for.
    Column("content", LargeBinary, nullable=False),
    Column("created_at", TIMESTAMP(timezone=True), nullable=False),
    Column("seen_at", TIMESTAMP(timezone=True), nullable=False),
    # An hour after the session: by it, what was typed too late is kept for the same person.
    Column("delete_at", TIMESTAMP(timezone=True), nullable=False, index=True),
)

kept = Table(
    "kept",
    metadata,
    Column("id", LargeBinary, primary_key=True),
    # Encrypted: a sign-in under way, or the body of a form that came after its session had ended.
    Column("content", LargeBinary, nullable=False),
    Column("delete_at", TIMESTAMP(timezone=True), nullable=False, index=True),
)
