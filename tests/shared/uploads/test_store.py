"""Contents are kept once, and swept only when nobody needs them; nothing is clean that was not scanned."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from shared.casework import get_case, journal_of
from shared.casework.journal import first_broken
from shared.messaging.doorbell import Doorbell
from shared.runtime.database import Store
from shared.runtime.time import GivenTime, WallTime
from shared.uploads.store import GRACE_SECONDS, Folder
from shared.uploads.sweeping import Cases, ScannerError, let_go, scan, scan_waiting, sweep
from tests.shared.casework.parts import PROCEDURES, RULES, Desk
from tests.shared.uploads.files import archive, packed
from tests.shared.uploads.scanners import EICAR, FOUND, MOST_MIB, clamd, scanner
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deploy.local.backing import Backing

CASES = Cases(PROCEDURES["type_approval"], RULES, GivenTime())
NEEDED, TAKEN_BACK, LOST, FRESH = b"needed", b"taken back", b"lost", b"fresh"
INSERT = """
    INSERT INTO uploads (id, case_id, kind, name, media, size, sha256, added_at, added_by, removed_at, scan)
    VALUES (gen_random_uuid(), :case, 'photos', 'a.jpg', 'image/jpeg', 1, :sha256, now(), 'sun',
        CASE WHEN :removed THEN now() END, :scan)
"""


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def keep(files: Folder, content: bytes, age: float = 0) -> None:
    path = files.incoming / "arrived"
    path.write_bytes(content)
    files.put(path, digest(content))
    kept = next(files.incoming.parent.glob(f"??/??/{digest(content)}"))
    os.utime(kept, (kept.stat().st_atime, kept.stat().st_mtime - age))


def there(files: Folder) -> set[bytes]:
    return {path.read_bytes() for path in files.incoming.parent.glob("??/??/*")}


@pytest.fixture
def store(servers: Backing) -> Iterator[Store]:
    with database(servers.database_url, f"{servers.namespace}_uploads", "type_approval") as engine:
        yield Store(engine, Doorbell())


def insert(store: Store, content: bytes, *, removed: bool = False, scan: str | None = None) -> None:
    with store.transaction() as tx:
        case = Desk(tx).case.id
        tx.execute(text(INSERT), {"case": case, "sha256": digest(content), "removed": removed, "scan": scan})


def test_only_what_nobody_needs_and_is_old_is_swept(store: Store, tmp_path: Path) -> None:
    files, old = Folder(tmp_path), GRACE_SECONDS + 60
    for content in (NEEDED, TAKEN_BACK, LOST):
        keep(files, content, age=old)
    keep(files, FRESH)
    insert(store, NEEDED)
    insert(store, TAKEN_BACK, removed=True)
    for name, age in (("unfinished", old), ("arriving", 0.0)):
        path = files.incoming / name
        path.write_bytes(b"half")
        os.utime(path, (path.stat().st_atime, path.stat().st_mtime - age))
    found = files.old()
    # Somebody sends it again while the sweep is looking.
    keep(files, LOST)
    assert not files.forget(digest(LOST))
    assert set(found) == {digest(NEEDED), digest(TAKEN_BACK)}
    assert sweep(store, files) == 1
    assert there(files) == {NEEDED, LOST, FRESH}
    assert [path.name for path in files.incoming.iterdir()] == ["arriving"]


def test_a_discarded_draft_keeps_its_documents_for_a_month(store: Store) -> None:
    with store.transaction() as tx:
        desk = Desk(tx)
        desk.upload("photos")
        desk.do("discard", now=datetime.now(UTC) - timedelta(days=31))
    kept = text("SELECT count(*) FROM uploads WHERE removed_at IS NULL")
    for time, gone in ((GivenTime(), 0), (WallTime(accepts_given=False), 1), (WallTime(accepts_given=False), 0)):
        assert let_go(store, time) == gone
    with store.reading() as tx:
        assert tx.execute(kept).scalar_one() == 0
        assert first_broken(journal_of(tx, get_case(tx, desk.case.id))) is None


def test_what_the_scanner_says_is_kept_and_what_it_does_not_say_is_waited_for(store: Store, tmp_path: Path) -> None:
    files = Folder(tmp_path / "store")
    keep(files, NEEDED)
    insert(store, NEEDED, scan="waiting")

    def state() -> str:
        with store.reading() as tx:
            return str(tx.execute(text("SELECT scan FROM uploads")).scalar_one())

    socket_path = tmp_path / "s"
    scan_waiting(store, files, str(socket_path), CASES)
    assert state() == "waiting"
    with scanner(socket_path, b"INSTREAM size limit exceeded. ERROR\0") as address:
        scan_waiting(store, files, address, CASES)
    assert state() == "waiting"
    with scanner(socket_path, FOUND) as address:
        scan_waiting(store, files, address, CASES)
    assert state() == "infected"


@pytest.mark.parametrize(("answer", "found"), [(b"stream: OK\0", None), (b"stream: A B FOUND\0", "A B")])
def test_a_scanner_is_asked_in_its_own_words(tmp_path: Path, answer: bytes, found: str | None) -> None:
    with scanner(tmp_path / "s", answer) as address:
        assert scan(BytesIO(b"x" * 200_000), address) == found
    with scanner(tmp_path / "s", b"") as address, pytest.raises(ScannerError, match="StreamMaxLength"):
        scan(BytesIO(b"x"), address)


def test_a_real_scanner_finds_malware_in_what_is_packed_too(tmp_path: Path) -> None:
    with clamd(tmp_path) as address:
        for content in (EICAR, archive(**{"xl/media/a.bin": EICAR.decode()}), packed(EICAR)):
            assert str(scan(BytesIO(content), address)).startswith("Test.Eicar")
        assert scan(BytesIO(packed(b"1 0 <<>>")), address) is None
        with pytest.raises(ScannerError, match="size limit exceeded"):
            scan(BytesIO(bytes((MOST_MIB << 20) + 1)), address)
    with pytest.raises(OSError, match="No such file"):
        scan(BytesIO(b"x"), address)
