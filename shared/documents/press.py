"""Makes the documents that decisions have ordered, one after the other, and tells of each that it is there.

A row is claimed by the next time it would be tried again: a press that dies in the middle holds nothing, and the row is
taken once more. Of two that made the same, the first to record it counts. What cannot be made is tried again with
growing pauses, and the figures and the log say so until somebody has fixed the cause.

Drawing and signing keep the processor for some 60 ms, so this runs in a process of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, func, select, text, update

from shared.casework import Cause, get_case, tell
from shared.documents.issues import address
from shared.documents.models import issues
from shared.documents.notices import ISSUED
from shared.identity import SYSTEM
from shared.observability import bind, get_logger, metrics

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection, Row

    from shared.documents.issues import Permits
    from shared.documents.key_files import Seal
    from shared.documents.making import Made
    from shared.runtime.database import Store
    from shared.runtime.time import TimeSource

log = get_logger(__name__)

_FIRST_PAUSE, _LONGEST_PAUSE = "10 seconds", "10 minutes"
"""From one try to the next; each pause is twice the one before."""

_CLAIM = text(
    "UPDATE issues SET attempts = attempts + 1, retry_at = clock_timestamp()"
    f" + least(interval '{_FIRST_PAUSE}' * power(2, least(attempts, 20)), interval '{_LONGEST_PAUSE}')"
    " WHERE id = (SELECT id FROM issues WHERE made_at IS NULL AND (retry_at IS NULL OR retry_at <= clock_timestamp())"
    " ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)"
    " RETURNING id, number, issue, notice, case_id::text, code, content, decided_at, correlation_id, causation_id,"
    " attempts"
)
_FAILED = update(issues).where(issues.c.id == bindparam("row"), issues.c.made_at.is_(None))
_WAITING = select(func.count().label("waiting"), func.count(issues.c.error).label("failing")).where(
    issues.c.made_at.is_(None)
)


@dataclass(frozen=True, slots=True)
class Press:
    store: Store
    permits: Permits
    seal: Seal
    address: str
    """How the addresses in QR codes begin."""
    time: TimeSource

    def make_next(self) -> bool:
        """Make one document, if one waits; whether one did."""
        row = self.claim()
        if row is None:
            return False
        with bind(correlation_id=row.correlation_id):
            self.make(row)
        return True

    def claim(self) -> Row[tuple[Any, ...]] | None:
        """The oldest document that is due, which is due again only after a pause."""
        with self.store.engine.begin() as tx:
            return tx.execute(_CLAIM).first()

    def make(self, row: Row[tuple[Any, ...]]) -> None:
        """Make a document that was claimed, record it and tell of it; or keep why it cannot be made."""
        at = self.time.arrival(row.decided_at)
        try:
            made = self._made(row, at)
        except Exception as error:
            log.exception("document_not_made", number=row.number, issue=row.issue, attempts=row.attempts)
            with self.store.engine.begin() as tx:
                tx.execute(_FAILED.values(error=repr(error)), {"row": row.id})
            return
        with self.store.transaction() as tx:
            recorded = record(tx, self.permits, row, made, at)
        if recorded:
            metrics.documents.inc()
            log.info("document_made", number=row.number, issue=row.issue, kid=made.kid, sha256=made.digest)

    def measure(self) -> None:
        """Bring the gauges of what waits up to date."""
        with self.store.reading() as tx:
            found = tx.execute(_WAITING).one()
        metrics.documents_waiting.set(found.waiting)
        metrics.documents_failing.set(found.failing)

    def _made(self, row: Row[tuple[Any, ...]], at: datetime) -> Made:
        # Typst, typefaces and pyHanko take seconds and much memory: a press that never works does without.
        from shared.documents.making import make  # noqa: PLC0415
        from shared.documents.pages import printer  # noqa: PLC0415

        check = address(self.address, row.number, row.code, notice=row.notice is not None)
        return make(row.content, row.issue, check, self.seal.key(at), printer(), at)


def record(tx: Connection, permits: Permits, row: Row[tuple[Any, ...]], made: Made, at: datetime) -> bool:
    """Keep what was made and tell of it, in one transaction; False where another press has done it."""
    case = get_case(tx, row.case_id, lock=True)
    kept = {
        "made_at": at,
        "json": made.json,
        "jws": made.jws,
        "pdf": made.pdf,
        "sha256": made.digest,
        "kid": made.kid,
        "made_with": made.made_with,
    }
    done = tx.execute(
        update(issues)
        .where(issues.c.id == row.id, issues.c.made_at.is_(None))
        .values(**kept, error=None, retry_at=None)
        .returning(issues.c.id)
    )
    if done.first() is None:
        return False
    if row.notice is None:
        event, data = permits.event, {permits.name: row.number, "issue": row.issue, "sha256": made.digest}
    else:
        event, data = ISSUED, {"notice": row.number, "kind": row.notice, "sha256": made.digest}
    tell(
        tx,
        permits.procedure,
        case,
        event,
        data,
        actor=SYSTEM,
        # What is told of a case does not go back in time.
        now=max(at, case.updated_at),
        cause=Cause(row.correlation_id, row.causation_id),
    )
    return True
