"""A log over real journals and documents: whatever is changed afterwards, and by whomever, is named."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from services.console import main
from shared.anchors.checking import Counted, check
from shared.anchors.checkpoint import Checkpoint, read
from shared.anchors.log import anchor, complete, growth, is_due, newest, proof, subtrees
from shared.anchors.merkle import leaf_hash, node_hash, root
from shared.anchors.models import log_leaves, log_nodes
from shared.anchors.proof import continued, proven
from shared.casework import get_case, journal_of
from shared.casework.journal import GENESIS
from shared.documents.key_files import read_keys
from shared.documents.keys import Purpose, new_private_key, publish
from shared.messaging.envelope import new_id
from shared.problems import Problem, ToldError
from tests.pressing import press_of
from tests.shared.casework.parts import NOW, Desk
from tests.shared.documents.parts import AUTHORITY, seal_in
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing
    from shared.documents.key_files import Seal
    from shared.documents.keys import IssuerKeys

ORIGIN = "quanheng.example/certificates"


@pytest.fixture(scope="module")
def seal(tmp_path_factory: pytest.TempPathFactory) -> Seal:
    return seal_in(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def keys(seal: Seal) -> IssuerKeys:
    return read_keys(seal.published.read_bytes())


@pytest.fixture(scope="module")
def engine(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_log", "type_approval") as made:
        yield made


@pytest.fixture
def tx(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def desk(tx: Connection, seal: Seal) -> Desk:
    """A case with five entries, which are logged, and another case with three."""
    desk = Desk(tx)
    desk.do("submit", "accept", "commission", "arrange")
    Desk(tx).do("submit", "accept")
    assert logged(tx, seal).size == 8
    return desk


def logged(tx: Connection, seal: Seal) -> Checkpoint:
    made = anchor(tx, ORIGIN, seal.key(NOW, Purpose.CHECKPOINTS), NOW)
    assert made
    return made


def faults(tx: Connection, keys: IssuerKeys | None = None, *elsewhere: str) -> list[str]:
    return [str(fault) for fault in check(tx, keys, elsewhere)]


def owner(tx: Connection, *changes: str, **parameters: Any) -> None:
    """Who owns the database can switch the triggers off."""
    tx.execute(text("SET LOCAL session_replication_role = replica"))
    for change in changes:
        tx.execute(text(change), parameters)


def rechained(tx: Connection, desk: Desk, change: str) -> None:
    """Change the case, and compute its whole chain again."""
    owner(tx, change, id=desk.case.id)
    previous = GENESIS
    for entry in journal_of(tx, desk.case):
        previous = entry.chained_to(previous)
        again = "UPDATE journal SET hash = :hash WHERE case_id = :id AND seq = :seq"
        owner(tx, again, hash=previous, id=desk.case.id, seq=entry.seq)
    owner(tx, "UPDATE cases SET head = :head WHERE id = :id", head=previous, id=desk.case.id)


def test_an_untouched_log_has_no_fault(tx: Connection, desk: Desk, seal: Seal, keys: IssuerKeys) -> None:
    before = newest(tx)
    desk.do("receive_samples")
    counted = Counted()
    assert list(check(tx, keys, [before], counted)) == []
    assert (counted.entries, counted.leaves, counted.checkpoints, counted.unlogged) == (9, 8, 2, 1)
    assert logged(tx, seal).size == 9
    assert faults(tx, keys, before) == []
    assert anchor(tx, ORIGIN, seal.key(NOW, Purpose.CHECKPOINTS), NOW) is None


def test_a_log_proves_to_who_kept_a_checkpoint_that_it_only_grew(
    tx: Connection, desk: Desk, seal: Seal, keys: IssuerKeys
) -> None:
    kept = newest(tx)
    desk.do("receive_samples")
    middle = logged(tx, seal)
    desk.do("record_test")
    assert logged(tx, seal).size == 10
    assert continued(orjson.dumps(growth(tx, 8)), kept, keys).size == 10
    assert continued(orjson.dumps(growth(tx, 8, 9)), kept, keys) == middle
    assert growth(tx, 10)["path"] == []
    with pytest.raises(ValueError, match="begins with 9 leaves, and the checkpoint has 8"):
        continued(orjson.dumps(growth(tx, 9)), kept, keys)
    with pytest.raises(ValueError, match="this is not a proof: KeyError"):
        continued(b"{}", kept, keys)
    for since, until, told in ((11, None, "has 10 leaves"), (9, 8, "has 8 leaves"), (6, 7, "no checkpoint of 7")):
        with pytest.raises(Problem, match=told):
            growth(tx, since, until)


def test_the_command_says_whether_the_log_only_grew(tx: Connection, desk: Desk, seal: Seal, tmp_path: Path) -> None:
    kept, grown = tmp_path / "kept.txt", tmp_path / "grown.json"
    kept.write_text(newest(tx))
    desk.do("receive_samples")
    logged(tx, seal)
    command = ["log", str(kept), "--proof", str(grown), "--keys", str(seal.published)]
    for answered, status, told in (
        (growth(tx, 8), 0, f"✓ {ORIGIN}: 9 leaves"),
        ({**growth(tx, 8), "path": []}, 1, "✗ the path does not lead"),
    ):
        grown.write_bytes(orjson.dumps(answered))
        result = CliRunner().invoke(main, command)
        assert (result.exit_code, result.stdout[: len(told)]) == (status, told)


def test_a_log_that_was_made_anew_does_not_prove_that_it_only_grew(
    tx: Connection, desk: Desk, seal: Seal, keys: IssuerKeys
) -> None:
    kept = newest(tx)
    owner(tx, "DELETE FROM log_leaves", "DELETE FROM checkpoints")
    rechained(tx, desk, "UPDATE journal SET reason = '' WHERE case_id = :id AND seq = 2")
    logged(tx, seal)
    with pytest.raises(ValueError, match="the log was changed in between"):
        continued(orjson.dumps(growth(tx, 8)), kept, keys)
    desk.case = get_case(tx, desk.case.id)
    desk.do("receive_samples")
    logged(tx, seal)
    with pytest.raises(ValueError, match="the log was changed in between"):
        continued(orjson.dumps(growth(tx, 8)), kept, keys)


CHANGES: dict[str, tuple[Callable[[Connection, Desk], object], str]] = {
    "an entry is changed": (
        lambda tx, desk: owner(tx, "UPDATE journal SET reason = '' WHERE case_id = :id AND seq = 2", id=desk.case.id),
        "entry 2: changed, or it does not follow from the entry before it",
    ),
    "the last entry is gone": (
        lambda tx, desk: owner(tx, "DELETE FROM journal WHERE case_id = :id AND seq = 5", id=desk.case.id),
        "entry 5: missing: the log has it",
    ),
    "the last entry is gone, and the case says so": (
        lambda tx, desk: owner(
            tx,
            "DELETE FROM journal WHERE case_id = :id AND seq = 5",
            "UPDATE cases SET entries = 4, head = (SELECT hash FROM journal WHERE case_id = :id AND seq = 4)"
            " WHERE id = :id",
            id=desk.case.id,
        ),
        "entry 5: missing: the log has it",
    ),
    "a case is gone": (
        lambda tx, desk: owner(
            tx, "DELETE FROM journal WHERE case_id = :id", "DELETE FROM cases WHERE id = :id", id=desk.case.id
        ),
        "the case is gone, and the log has 5 entries of it",
    ),
    "the journal of a case is gone": (
        lambda tx, desk: owner(tx, "DELETE FROM journal WHERE case_id = :id", id=desk.case.id),
        "entry 1: missing: the log has it",
    ),
    "two entries are swapped": (
        lambda tx, desk: owner(
            tx,
            "UPDATE journal SET seq = -seq WHERE case_id = :id AND seq IN (2, 3)",
            "UPDATE journal SET seq = 5 + seq WHERE case_id = :id AND seq < 0",
            id=desk.case.id,
        ),
        "entry 2: changed, or it does not follow from the entry before it",
    ),
    "an old entry is inserted, and those after it moved on": (
        lambda tx, desk: owner(
            tx,
            "UPDATE journal SET seq = -seq WHERE case_id = :id AND seq > 2",
            "UPDATE journal SET seq = 1 - seq WHERE case_id = :id AND seq < 0",
            "INSERT INTO journal SELECT case_id, 3, at, actor, actor_name, role, action, from_state, to_state, reason,"
            " data, hash, told FROM journal WHERE case_id = :id AND seq = 2",
            "UPDATE cases SET entries = entries + 1 WHERE id = :id",
            id=desk.case.id,
        ),
        "entry 3: changed, or it does not follow from the entry before it",
    ),
    "there is a gap in the numbers": (
        lambda tx, desk: owner(
            tx,
            "UPDATE journal SET seq = seq + 1 WHERE case_id = :id AND seq = :last",
            id=desk.case.id,
            last=desk.do("receive_samples").entries,
        ),
        "entry 6: missing: the numbers of the entries have a gap",
    ),
    "a whole chain is computed again": (
        lambda tx, desk: rechained(tx, desk, "UPDATE journal SET reason = '' WHERE case_id = :id AND seq = 2"),
        "entry 2: its hash is not the one that was logged: the chain was computed again",
    ),
    "the log is cut off": (
        lambda tx, _: owner(tx, "DELETE FROM log_leaves WHERE place = 7"),
        "the log has 7 leaves and had 8: its end was cut off",
    ),
    "a leaf is gone": (
        lambda tx, _: owner(tx, "DELETE FROM log_leaves WHERE place = 3"),
        "log, leaf 3: missing",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_whatever_the_owner_of_the_database_changes_is_named(tx: Connection, desk: Desk, change: str) -> None:
    made, expected = CHANGES[change]
    made(tx, desk)
    found = faults(tx)
    assert any(expected in fault for fault in found), found


def test_an_entry_that_is_dated_back_is_named(tx: Connection, desk: Desk, seal: Seal, keys: IssuerKeys) -> None:
    desk.do("receive_samples", now=NOW - timedelta(minutes=59))
    assert faults(tx, keys) == []
    desk.do("record_test", now=NOW - timedelta(minutes=61))
    (told,) = faults(tx, keys)
    assert ", entry 7: dated back: it says" in told
    logged(tx, seal)
    assert faults(tx, keys) == [told]
    assert list(check(tx, keys, given_time=True)) == []


def test_who_read_a_document_stays_in_the_log(tx: Connection, desk: Desk, seal: Seal, keys: IssuerKeys) -> None:
    sent = {"id": new_id(), "case_id": desk.case.id, "at": NOW}
    tx.execute(
        text(
            "INSERT INTO uploads (id, case_id, kind, name, media, size, sha256, added_at, added_by)"
            " VALUES (:id, :case_id, 'user_manual', '说明书.pdf', 'application/pdf', 1, '00', :at, '孙')"
        ),
        sent,
    )
    read = (
        "INSERT INTO upload_reads (upload_id, at, subject, name, role, correlation_id)"
        " VALUES (:id, :at, 'li', '李', 'staff', 'c') RETURNING id"
    )
    first, second = (f"read/{tx.execute(text(read), sent).scalar_one()}" for _ in range(2))
    counted = Counted()
    assert list(check(tx, keys, counted=counted)) == []
    assert (counted.reads, counted.unlogged) == (2, 2)
    logged(tx, seal)
    assert faults(tx, keys) == []
    tx.execute(text("SET LOCAL TIME ZONE 'Asia/Shanghai'"))
    assert faults(tx, keys) == []
    with pytest.raises(DBAPIError, match="stays on record"), tx.begin_nested():
        tx.execute(text("DELETE FROM upload_reads"))
    owner(tx, "UPDATE upload_reads SET name = '王' WHERE 'read/' || id = :name", name=first)
    owner(tx, "DELETE FROM upload_reads WHERE 'read/' || id = :name", name=second)
    assert sorted(faults(tx, keys)) == [
        f"{first}: changed: it does not say what was logged",
        f"{second}: missing: the log has it",
    ]


def test_a_checkpoint_that_was_kept_shows_a_log_that_was_made_anew(
    tx: Connection, desk: Desk, seal: Seal, keys: IssuerKeys
) -> None:
    kept = newest(tx)
    owner(tx, "DELETE FROM log_leaves", "DELETE FROM checkpoints")
    rechained(tx, desk, "UPDATE journal SET reason = '' WHERE case_id = :id AND seq = 2")
    logged(tx, seal)
    assert faults(tx, keys) == []
    assert faults(tx, keys, kept) == ["checkpoint given as 1: the root is another: the log was changed since"]


CHANGED_DATA = {
    "code = '00000000'": "its code is not the one that it says itself",
    "json = json || ' '": "its JSON is not a document of ours",
    "json = '{}'": "its JSON is not a document of ours",
    "json = convert_to(replace(convert_from(json, 'UTF8'), '省', '市'), 'UTF8')": "its JWS is of other data",
    "content = jsonb_set(content::jsonb, '{authority}', '\"别处\"')::json": "it does not say what was ordered",
    "jws = translate(jws, '.', '')": "its JWS: this is not a signed document",
    "jws = left(jws, -4) || 'AAAA'": "no published key of the office signed its JWS",
    "kid = 'another'": "its JWS names another key than is kept with it",
}
"""Changes of a document's data by the owner of the database, and what is said of each."""


def test_a_document_that_is_changed_or_gone_is_named(engine: Engine, seal: Seal, keys: IssuerKeys) -> None:
    with engine.connect() as tx:
        desk = Desk(tx)
        desk.do("submit")
        press = press_of(engine, "type_approval", seal, "https://quanheng.example")
        row = tx.execute(text("SELECT * FROM issues WHERE case_id = :id"), {"id": desk.case.id}).one()
        made = press._made(row, NOW)
        kept = {"json": made.json, "jws": made.jws, "pdf": made.pdf, "sha256": made.digest, "kid": made.kid}
        tx.execute(
            text(
                "UPDATE issues SET made_at = now(), made_with = '', json = :json, jws = :jws, pdf = :pdf,"
                " sha256 = :sha256, kid = :kid WHERE id = :id"
            ),
            {**kept, "id": row.id},
        )
        logged(tx, seal)
        assert faults(tx, keys) == []
        name = f"{row.number}/1"
        given = orjson.dumps(proof(tx, name))
        assert proven(given, name, made.digest, keys).size == 3
        with pytest.raises(ValueError, match="and this is another/1 with"):
            proven(given, "another/1", made.digest, keys)
        with pytest.raises(ValueError, match="the path does not lead to the root that is signed"):
            proven(given.replace(b'"path":["', b'"path":["AAAA'), name, made.digest, keys)
        with pytest.raises(Problem, match="is not in the log yet"):
            proof(tx, "another/1")
        for changed in every_tenth_changed(given.decode()):
            with pytest.raises(ToldError):
                proven(changed.encode(), name, made.digest, keys)
        for change, told in CHANGED_DATA.items():
            with tx.begin_nested() as trial:
                owner(tx, f"UPDATE issues SET {change} WHERE id = :id", id=row.id)
                found = faults(tx, keys)
                assert any(f"/1: changed: {told}" in fault for fault in found), (change, found)
                trial.rollback()
        assert faults(tx, keys) == []
        owner(tx, "UPDATE issues SET pdf = pdf || 'x' WHERE id = :id", id=row.id)
        assert [fault.partition(": ")[2] for fault in faults(tx)] == [
            "changed: its SHA-256 is not the one that is kept with it",
            "changed: its SHA-256 is not the one that was logged",
        ]
        owner(tx, "DELETE FROM issues WHERE id = :id", id=row.id)
        assert faults(tx) == [f"document {name}: missing: the log has it"]
        tx.rollback()


def test_only_the_newest_checkpoint_must_be_of_a_key_that_is_good(
    tx: Connection, desk: Desk, seal: Seal, keys: IssuerKeys
) -> None:
    kid = seal.key(NOW, Purpose.CHECKPOINTS).published.kid
    lost = keys.revoked(kid, NOW, "介质遗失")
    (fault,) = faults(tx, lost)
    assert fault.startswith(f"checkpoint of 8 leaves: key {kid} was revoked from")
    private = new_private_key()
    lost = lost.added(publish(private, AUTHORITY, NOW, Purpose.CHECKPOINTS))
    desk.do("receive_samples")
    key = lost.signing(private, NOW, Purpose.CHECKPOINTS, development=False)
    assert anchor(tx, ORIGIN, key, NOW)
    assert faults(tx, lost) == []


def every_tenth_changed(text: str) -> Iterator[str]:
    for at in range(0, len(text), 10):
        yield text[:at] + chr(ord(text[at]) ^ 1) + text[at + 1 :]


def test_every_tenth_changed_character_of_a_checkpoint_is_found(tx: Connection, desk: Desk, keys: IssuerKeys) -> None:
    assert desk.case
    note = newest(tx)
    assert read(note, keys) == read(note, None)
    for changed in (*every_tenth_changed(note), *every_tenth_changed(note[:-1]), *every_tenth_changed(note[1:])):
        with pytest.raises(ToldError):
            read(changed, keys)


def test_the_command_names_what_was_changed_in_the_database(
    servers: Backing, seal: Seal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUANHENG_DATABASE_URL", servers.database_url)
    monkeypatch.setenv("QUANHENG_NAMESPACE", f"{servers.namespace}_cli")
    command = ["journal", "--service", "type_approval"]
    kept = tmp_path / "kept.txt"
    verify = [*command, "verify", "--keys", str(seal.published), "--checkpoint", str(kept)]
    with database(servers.database_url, f"{servers.namespace}_cli_type_approval", "type_approval") as engine:
        with engine.begin() as tx:
            desk = Desk(tx)
            desk.do("submit")
            logged(tx, seal)
            note = newest(tx)
        printed = CliRunner().invoke(main, [*command, "checkpoint"])
        assert (printed.exit_code, printed.stdout) == (0, note)
        kept.write_text(printed.stdout)
        found = CliRunner().invoke(main, verify)
        assert (found.exit_code, "2 leaves" in found.stdout, "✗" in found.stdout) == (0, True, False)
        with engine.begin() as tx:
            owner(tx, "UPDATE journal SET reason = '' WHERE case_id = :id AND seq = 2", id=desk.case.id)
        found = CliRunner().invoke(main, verify)
        told = f"✗ case {desk.case.number}, entry 2: changed, or it does not follow from the entry before it"
        assert (found.exit_code, found.stdout.splitlines()[0]) == (1, told)


def test_rows_of_the_log_are_only_added(tx: Connection, desk: Desk) -> None:
    assert desk.case
    for change in ("UPDATE log_leaves SET hash = ''", "DELETE FROM checkpoints", "TRUNCATE log_nodes"):
        with pytest.raises(DBAPIError, match="append-only"), tx.begin_nested():
            tx.execute(text(change))


def test_a_large_log_is_stored_by_256_and_gives_the_same_root(tx: Connection) -> None:
    names = [(place, f"a/{place}", bytes([place % 256] * 32)) for place in range(70_000)]
    leaves = [leaf_hash(f"{name} {digest.hex()}\n".encode()) for _, name, digest in names]
    for low, high in ((0, 100), (100, 65_536), (65_536, 70_000)):
        tx.execute(
            text(
                "INSERT INTO log_leaves SELECT i, 'a/' || i, decode(repeat(lpad(to_hex(i % 256), 2, '0'), 32), 'hex')"
                " FROM generate_series(CAST(:low AS int), :high - 1) AS i"
            ),
            {"low": low, "high": high},
        )
        complete(tx, low, high)

    def found(level: int, place: int) -> bytes:
        if level == 0:
            return leaves[place]
        return node_hash(found(level - 1, 2 * place), found(level - 1, 2 * place + 1))

    assert root(subtrees(tx), len(leaves)) == root(found, len(leaves))
    stored = tx.execute(select(log_nodes.c.level, func.count()).group_by(log_nodes.c.level)).all()
    assert dict(map(tuple, stored)) == {8: 273, 16: 1}
    assert tx.execute(select(func.count()).select_from(log_leaves)).scalar() == len(leaves)


def test_a_checkpoint_is_due_after_a_pause(tx: Connection, desk: Desk) -> None:
    assert desk.case
    pause = timedelta(minutes=10)
    assert not is_due(tx, NOW + pause - timedelta(seconds=1), pause)
    assert is_due(tx, NOW + pause, pause)


def test_only_a_published_key_makes_a_checkpoint(tx: Connection, desk: Desk, keys: IssuerKeys, tmp_path: Path) -> None:
    assert desk.case
    note = newest(tx)
    assert read(note, keys).origin == ORIGIN
    other = read_keys(seal_in(tmp_path).published.read_bytes())
    with pytest.raises(ValueError, match="no published key of the office signed this checkpoint"):
        read(note, other)
    with pytest.raises(ValueError, match="no published key of the office signed this checkpoint"):
        read(note.replace("\n8\n", "\n7\n"), keys)
    for broken in ("", "a\nb\nc\n\n", note.replace("\n8\n", "\n08\n")):
        with pytest.raises(ValueError, match="checkpoint"):
            read(broken, None)
