"""Share the partitions of a stream among any number of processes; one process holds a partition at a time.

PostgreSQL advisory locks keep track: a process that dies loses its session and with it its partitions. Needs a
permanent connection (a session-level pooler in front of PostgreSQL is fine, a transaction-level one is not).
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from sqlalchemy import text

if TYPE_CHECKING:
    from sqlalchemy import Connection

_JOIN = text("SELECT pg_advisory_lock_shared(:group, -1)")
_MEMBERS = text(
    "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = 'advisory' AND classid = :group"
    " AND objid = 4294967295 AND objsubid = 2 AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)
_TAKE = text("SELECT pg_try_advisory_lock(:group, :partition)")
_GIVE = text("SELECT pg_advisory_unlock(:group, :partition)")


class Share:
    """This process's share of the partitions 0 … n-1 of the group called `name`.

    Call `rebalance` regularly. It only returns the partitions to give up: the caller first finishes its work on them
    and then calls `give`.
    """

    def __init__(self, connection: Connection, name: str, partitions: int) -> None:
        self._connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        # A pooled connection would keep its locks when closed, and no other process could take the partitions.
        self._connection.detach()
        self._group = zlib.crc32(name.encode()) & 0x7FFFFFFF
        self._partitions = partitions
        self.held: set[int] = set()
        self._connection.execute(_JOIN, {"group": self._group})

    def rebalance(self) -> set[int]:
        """Take free partitions up to a fair share; returns the partitions held beyond it, which the caller must give
        back."""
        members = self._connection.execute(_MEMBERS, {"group": self._group}).scalar_one()
        fair = -(-self._partitions // max(1, members))
        for partition in range(self._partitions):
            if len(self.held) >= fair:
                break
            if partition not in self.held and self._try(partition):
                self.held.add(partition)
        return set(sorted(self.held)[fair:])

    def give(self, partitions: set[int]) -> None:
        for partition in partitions & self.held:
            self._connection.execute(_GIVE, {"group": self._group, "partition": partition})
            self.held.discard(partition)

    def _try(self, partition: int) -> bool:
        return bool(self._connection.execute(_TAKE, {"group": self._group, "partition": partition}).scalar_one())
