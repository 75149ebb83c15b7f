"""`quanheng journal verify` over a journal of a million entries, each chained, logged and signed for."""

from __future__ import annotations

import csv
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from deploy.local import backing
from shared.anchors.checking import Counted, check
from shared.anchors.log import anchor, complete
from shared.casework.journal import GENESIS, JournalEntry
from shared.documents.keys import Purpose
from tests.bench import prepare
from tests.bench.part import Part
from tests.bench.servers import Servers
from tests.bench.systems import SOURCE
from tests.shared.documents.parts import seal_in
from tests.systems import prepare as prepare_databases

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Engine

    from tests.bench.systems import Contest

ENTRIES = 1_000_000
EACH = 10
"""Entries of a case."""
_MILLION = 1_000_000
_BEGAN = datetime(2013, 9, 17, 1, 0, tzinfo=UTC)
_DATA = '{"reason":"资料齐全","note":"' + "现场核查情况与申请材料一致，" * 8 + '"}'
_AT_ONCE = 2_000
_COLUMNS = {
    "cases": "id, number, procedure, state, version, entries, events, applicant, done_by, data, head, created_at,"
    " updated_at",
    "journal": "case_id, seq, at, actor, actor_name, role, action, from_state, to_state, data, hash",
    "log_leaves": "place, name, hash",
}
_TEXT = """\
A database with {cases:,} cases of {each} entries with {bytes} bytes of text, all in the log, under one checkpoint.
Verified are the hash of every entry against the one before it, the last hash of every case, each leaf of the log, its
tree and the root that the checkpoint signs, as `quanheng journal verify` does: one process beside PostgreSQL.
"""


def measure(contest: Contest) -> Part:
    with backing.ensure(contest.servers.named("journal"), fresh=True) as found:
        servers = Servers(found)
        prepare_databases(found)
        database = servers.named(SOURCE)
        _fill(servers, database)
        engine = servers.engine(database)
        _sign(engine)
        servers.execute(database, "VACUUM ANALYZE", "CHECKPOINT")
        counted = Counted()
        before, own, began = servers.cpu(), time.process_time(), time.monotonic()
        with engine.connect().execution_options(isolation_level="REPEATABLE READ") as tx:
            faults = [*check(tx, None, counted=counted)]
        took, cpu = time.monotonic() - began, time.process_time() - own
        database_cpu = sum(seconds - before[name] for name, seconds in servers.cpu().items())
        engine.dispose()
    if faults or counted.entries != ENTRIES:
        raise RuntimeError(f"the journal was made to be right: {faults[:3]}, {counted}")
    figures = {
        "journal.per_s": ENTRIES / took,
        "journal.s_per_million": took * _MILLION / ENTRIES,
        "journal.cpu_s_per_million": (cpu + database_cpu) * _MILLION / ENTRIES,
    }
    told = _TEXT.format(cases=ENTRIES // EACH, each=EACH, bytes=len(_DATA.encode()))
    return Part("journal", figures, told)


def _fill(servers: Servers, database: str) -> None:
    made = _cases()
    with servers.without_indexes(database, [*_COLUMNS]), closing(servers.database(database)) as session:
        while some := [*islice(made, _AT_ONCE)]:
            for (name, columns), parts in zip(_COLUMNS.items(), zip(*some, strict=True), strict=True):
                text = StringIO()
                csv.writer(text).writerows(row for rows in parts for row in rows)
                text.seek(0)
                with session.cursor() as cursor:
                    cursor.copy_expert(f"COPY {name} ({columns}) FROM STDIN (FORMAT csv)", text)
        session.commit()


def _cases() -> Iterator[tuple[Sequence[Sequence[object]], ...]]:
    """Of each case its row, those of its journal, and those of the log."""
    place = 0
    for serial in range(ENTRIES // EACH):
        case_id, previous, entries, leaves = prepare.case_id(serial), GENESIS, [], []
        for seq in range(1, EACH + 1):
            at = _BEGAN + timedelta(minutes=serial, seconds=seq)
            said = ("examiner-1", "李承办", "staff", "review", "accepted", "accepted", None, _DATA)
            entry = JournalEntry(case_id, seq, at, *said)
            previous = entry.chained_to(previous)
            kept = f"\\x{previous.hex()}"
            entries.append((case_id, seq, at.isoformat(), *said[:6], _DATA, kept))
            if place < ENTRIES - 1:
                leaves.append((place, f"{case_id}/{seq}", kept))
            place += 1
        last = f"\\x{previous.hex()}"
        case = (case_id, f"TA-B-{serial}", SOURCE, "accepted", 1, EACH, 0, "91220101MA0Y000086", "{}", "{}", last)
        yield [(*case, _BEGAN.isoformat(), _BEGAN.isoformat())], entries, leaves


def _sign(engine: Engine) -> None:
    """Complete the tree over the leaves, and sign it with the last entry, which is logged now."""
    with TemporaryDirectory() as folder, engine.begin() as tx:
        key = seal_in(Path(folder)).key(_BEGAN, Purpose.CHECKPOINTS)
        tx.exec_driver_sql("SET LOCAL statement_timeout = 0")
        complete(tx, 0, ENTRIES - 1)
        if anchor(tx, "bench/certificates", key, _BEGAN) is None:
            raise RuntimeError("there was nothing to sign")
