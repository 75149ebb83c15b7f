"""The journal of a case: append-only, and chained by hashes so that no entry can be changed or left out unseen."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

GENESIS = bytes(32)


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One line. The fields are the columns of `models.journal`."""

    case_id: str
    seq: int
    at: datetime
    actor: str
    actor_name: str
    role: str
    action: str
    from_state: str
    to_state: str
    reason: str | None
    data: str
    hash: bytes = b""
    told: str | None = None

    def chained_to(self, previous: bytes) -> bytes:
        """The hash of this entry when it follows the one with hash `previous`."""
        return sha256(previous + self.content).digest()

    @property
    def content(self) -> bytes:
        """All that it says, in the form that is hashed."""
        return hashed(
            (
                self.case_id,
                self.seq,
                self.at,
                self.actor,
                self.actor_name,
                self.role,
                self.action,
                self.from_state,
                self.to_state,
                self.reason,
                self.data,
                self.told,
            )
        )


def hashed(said: tuple[Any, ...]) -> bytes:
    """What an entry says, from `case_id` to `data` and what it `told`, in the form that is hashed."""
    # Entries older than the last field are hashed without it.
    return orjson.dumps(said if said[-1] is not None else said[:-1], option=orjson.OPT_UTC_Z)


def first_broken(entries: Iterable[JournalEntry]) -> int | None:
    """The sequence number of the first entry that does not follow from those before it; None if all do."""
    previous = GENESIS
    for expected, entry in enumerate(entries, start=1):
        if entry.seq != expected or entry.hash != entry.chained_to(previous):
            return expected
        previous = entry.hash
    return None
