"""What is done again and again for documents: contents that nobody needs are deleted, and new ones are scanned."""

from __future__ import annotations

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

from sqlalchemy import select, update

from shared.casework import Cause, get_case, tell
from shared.casework.cases import DISCARDED, UNSUBMITTED
from shared.casework.engine import note
from shared.casework.models import cases as stored_cases
from shared.identity import SYSTEM, Role
from shared.messaging.envelope import new_id
from shared.observability import get_logger
from shared.uploads.filing import CLEAN, FOUND_INFECTED, INFECTED, WAITING, Upload, in_hand, sender_of, told
from shared.uploads.models import uploads

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection

    from shared.casework import Procedure
    from shared.law import RuleSet
    from shared.runtime.database import Store
    from shared.runtime.time import TimeSource
    from shared.uploads.store import Contents

log = get_logger(__name__)

RESTORABLE = timedelta(days=30)
"""How long a discarded draft keeps its documents."""
SCAN_SECONDS = 120.0
"""How long the scanner may be silent."""
_AT_ONCE = 500
_PIECE_BYTES = 64 << 10
_SENDERS = {Role.APPLICANT: "applicant", Role.LAB: "laboratory", Role.STAFF: "authority"}
"""What messages call who sends documents."""


class ScannerError(Exception):
    """The scanner does not answer, or not to the question."""


def sweep(store: Store, files: Contents) -> int:
    """Delete the contents of documents that were taken back, or of uploads that were never committed; how many."""
    files.forget_unfinished()
    gone = 0
    old = iter(files.old())
    while some := list(islice(old, _AT_ONCE)):
        with store.reading() as tx:
            needed = select(uploads.c.sha256).where(uploads.c.sha256.in_(some), uploads.c.removed_at.is_(None))
            kept = set(tx.execute(needed).scalars())
        gone += sum(_forget(store, files, sha256) for sha256 in some if sha256 not in kept)
    if gone:
        log.info("contents_swept", count=gone)
    return gone


def _forget(store: Store, files: Contents, sha256: str) -> bool:
    """Delete a content that nobody needs, unless it is just being sent again."""
    with store.transaction() as tx:
        needed = select(uploads.c.id).where(uploads.c.sha256 == sha256, uploads.c.removed_at.is_(None)).limit(1)
        return in_hand(tx, sha256, wait=False) and tx.execute(needed).first() is None and files.forget(sha256)


def let_go(store: Store, time: TimeSource) -> int:
    """Take back the documents of drafts that were discarded long ago; of how many drafts."""
    before = time.now() - RESTORABLE
    old = select(stored_cases.c.id).where(stored_cases.c.state == DISCARDED, stored_cases.c.updated_at <= before)
    held = select(uploads.c.id).where(uploads.c.case_id == stored_cases.c.id, uploads.c.removed_at.is_(None))
    with store.reading() as tx:
        found = list(tx.execute(old.where(held.exists()).limit(_AT_ONCE)).scalars())
    return sum(_let_go(store, time, case_id) for case_id in found)


def _let_go(store: Store, time: TimeSource, case_id: str) -> bool:
    with store.transaction() as tx:
        case = get_case(tx, case_id, lock=True)
        at = time.arrival(case.updated_at)
        if case.state != DISCARDED or at - case.updated_at < RESTORABLE:
            return False
        held = update(uploads).where(uploads.c.case_id == case_id, uploads.c.removed_at.is_(None))
        for row in tx.execute(held.values(removed_at=at).returning(*uploads.c)).all():
            case = note(tx, case, "remove_document", told(Upload(**row._asdict())), actor=SYSTEM, now=at)
    return True


@dataclass(frozen=True, slots=True)
class Cases:
    """What the cases are in whose documents malware is found."""

    procedure: Procedure
    rules: RuleSet
    time: TimeSource


def scan_waiting(store: Store, files: Contents, scanner: str, cases: Cases) -> None:
    """Have the scanner look at what waits for it, and tell who sent what is infected. While it does not answer,
    everything waits."""
    with store.reading() as tx:
        waiting = select(uploads.c.sha256).where(uploads.c.scan == WAITING, uploads.c.removed_at.is_(None)).distinct()
        found = list(tx.execute(waiting.limit(_AT_ONCE)).scalars())
    for sha256 in found:
        try:
            with files.open(sha256) as content:
                malware = scan(content, scanner)
        except OSError as error:
            log.warning("scanner_unreachable", error=repr(error))
            return
        except ScannerError as error:
            # It may be this content alone: the others have their turn.
            log.warning("scanner_failed", error=str(error), sha256=sha256)
            continue
        with store.transaction() as tx:
            if malware:
                log.warning("malware_found", sha256=sha256, name=malware)
                infected(tx, sha256, cases)
            else:
                tx.execute(update(uploads).where(*_waits(sha256)).values(scan=CLEAN))


def _waits(sha256: str) -> tuple[ColumnElement[bool], ...]:
    return uploads.c.sha256 == sha256, uploads.c.scan == WAITING


def infected(tx: Connection, sha256: str, cases: Cases) -> None:
    """Keep that the content is infected, in the journal of each case too, and tell who sent it."""
    theirs = select(uploads.c.case_id).where(*_waits(sha256)).distinct().order_by(uploads.c.case_id)
    # Who changes documents has locked their case before.
    held = {case_id: get_case(tx, case_id, lock=True) for case_id in tx.execute(theirs).scalars().all()}
    found = update(uploads).where(*_waits(sha256), uploads.c.case_id.in_(held), uploads.c.removed_at.is_(None))
    for row in tx.execute(found.values(scan=INFECTED).returning(*uploads.c)).all():
        one, case = Upload(**row._asdict()), held[row.case_id]
        at = max(cases.time.arrival(case.updated_at), case.updated_at)
        if case.state in UNSUBMITTED:
            # Nobody but its applicant knows of it, who sees it there.
            held[case.id] = note(tx, case, FOUND_INFECTED, told(one), actor=SYSTEM, now=at)
            continue
        data = {**told(one), "sender": _SENDERS[sender_of(case, cases.rules, one.kind)]}
        cause = Cause(new_id(), "")
        held[case.id] = tell(tx, cases.procedure, case, FOUND_INFECTED, data, actor=SYSTEM, now=at, cause=cause)


def scan(content: BinaryIO, scanner: str) -> str | None:
    """What clamd calls the malware in the content; None for none. Raises ScannerError; OSError where none listens."""
    with _connected(scanner) as wire:
        answer = b""
        with suppress(BrokenPipeError, ConnectionResetError):  # it says why before it closes
            wire.sendall(b"zINSTREAM\0")
            while piece := content.read(_PIECE_BYTES):
                wire.sendall(struct.pack(">I", len(piece)) + piece)
            wire.sendall(bytes(4))
        try:
            while not answer.endswith(b"\0") and (more := wire.recv(4096)):
                answer += more
        except OSError as error:
            raise ScannerError(repr(error)) from None
    said = answer.rstrip(b"\0").decode(errors="replace")
    if said == "stream: OK":
        return None
    if said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerError(said or "no answer: is StreamMaxLength above the size of the files that are taken?")


def _connected(scanner: str) -> socket.socket:
    if not scanner.startswith("/"):
        host, _, port = scanner.rpartition(":")
        return socket.create_connection((host, int(port)), SCAN_SECONDS)
    made = socket.socket(socket.AF_UNIX)
    try:
        made.settimeout(SCAN_SECONDS)
        made.connect(scanner)
    except OSError:
        made.close()
        raise
    return made
