"""From a decision to its document: ordered with it, made once, told of once, and kept."""

from __future__ import annotations

import random
import signal
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from shared.casework import get_case, journal_of
from shared.casework.journal import first_broken
from shared.documents import status, typefaces
from shared.documents.key_files import read_keys, write_keys, write_private_key
from shared.documents.keys import Purpose, new_private_key, publish
from shared.documents.models import issues
from shared.documents.pages import printer
from shared.documents.verification import Outcome, verify
from shared.observability import metrics
from shared.problems import Problem
from shared.runtime.time import legal_date
from tests.pressing import make_all, press_of
from tests.shared.casework.parts import NOW, Desk
from tests.shared.documents.dying import killed
from tests.shared.documents.parts import AUTHORITY, SINCE, seal_in
from tests.support import WAYS, database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing
    from shared.casework import Case
    from shared.documents.press import Press

GRANT = WAYS["type_approval"][:-1]
EXAMPLES = 4
NOTICES = 4
"""Those of a case that leads to a grant: receipt, acceptance, time needed, and the decision."""


@pytest.fixture
def engine(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_press", "type_approval") as made:
        yield made


@pytest.fixture
def licences(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_press_licences", "licensing") as made:
        yield made


def granted(engine: Engine) -> Desk:
    """A certificate whose document is ordered and not made, and four notices."""
    with engine.begin() as tx:
        desk = Desk(tx)
        desk.do(*GRANT)
    return desk


def rows(engine: Engine, change: str | None = None, **parameters: Any) -> list[Any]:
    """All issues of permits, oldest first, after a change."""
    with engine.begin() as tx:
        if change:
            tx.execute(text(change), parameters)
        return list(tx.execute(select(issues).where(issues.c.notice.is_(None)).order_by(issues.c.id)))


def certificates(engine: Engine, folder: Path) -> Press:
    return press_of(engine, "type_approval", seal_in(folder), "https://quanheng.example")


def hurry(engine: Engine) -> None:
    """Have everything be due again."""
    rows(engine, "UPDATE issues SET retry_at = NULL WHERE made_at IS NULL")


def named(engine: Engine, holder: str) -> None:
    """Have what waits be somebody else's."""
    renamed = "jsonb_set(content::jsonb, '{holder,name}', to_jsonb(CAST(:holder AS text)))::json"
    rows(engine, f"UPDATE issues SET content = {renamed} WHERE made_at IS NULL", holder=holder)


def test_a_granted_certificate_becomes_a_document_that_is_told_of(engine: Engine, tmp_path: Path) -> None:
    desk, press = granted(engine), certificates(engine, tmp_path)
    assert make_all(press) == 1 + NOTICES
    (issue,) = rows(engine)
    report = {"sha256": desk.case.data["report"]["sha256"]}
    content = orjson.loads(issue.json)
    assert content["number"] == issue.number == desk.case.data["certificate"]
    assert (content["report"]["sha256"], content["issued_on"]) == (report["sha256"], legal_date(NOW).isoformat())
    assert content["check"] == f"https://quanheng.example/p/{issue.number}/{issue.code}"
    checks = verify(issue.pdf, read_keys((tmp_path / "keys.json").read_bytes()))
    assert {check.outcome for check in checks} == {Outcome.PASSED, Outcome.NOT_DONE}
    with engine.connect() as tx:
        after, told = (
            get_case(tx, desk.case.id),
            [event for event in outbox(tx) if event["type"] == press.permits.event],
        )
        assert first_broken(journal_of(tx, after)) is None
    # Nobody who looks at the case has to look again.
    assert (after.version, after.events) == (desk.case.version, desk.case.events + 1 + NOTICES)
    (event,) = told
    assert event["correlationid"] == "correlation"
    assert event["data"]["sha256"] == issue.sha256
    assert make_all(press) == 0


def outbox(tx: Any) -> list[dict[str, Any]]:
    return [row[0] for row in tx.execute(text("SELECT body::jsonb FROM outbox ORDER BY id"))]


def test_each_change_of_a_licence_is_an_issue_of_its_document(licences: Engine, tmp_path: Path) -> None:
    with licences.begin() as tx:
        first = Desk(tx, "licensing")
        first.approve()
        first.do(*WAYS["licensing"])
        number = first.case.data["licence"]
        renewal = Desk(tx, "licensing", first.code, kind="renewal", renews=number)
        renewal.do(*WAYS["licensing"][:-1])
        first.do("revoke")
        first.do("cancel_ended")
    seal = seal_in(tmp_path)
    make_all(press_of(licences, "licensing", seal, "https://quanheng.example"))
    keys = read_keys((tmp_path / "keys.json").read_bytes())
    with licences.begin() as tx:
        at = datetime(2014, 6, 17, 1, 0, tzinfo=UTC)
        key = seal.key(at, Purpose.CHECKPOINTS)
        renewed = [status.renew(tx, key, at + timedelta(hours=hours)) for hours in (0, 23, 24)]
        listed, _ = status.read(status.newest(tx), keys)
    assert renewed == [True, False, True]
    assert listed.ended[number]["ground"] == "REVOKED"
    found = rows(licences)
    for issue in found:
        assert verify(issue.pdf, keys)[-1].name == "status"
    contents = [orjson.loads(issue.json) for issue in found]
    assert [(content["issue"], content["occasion"]["kind"]) for content in contents] == [
        (1, "granted"),
        (2, "renewed"),
        (3, "ended"),
        (4, "cancelled"),
    ]
    assert [content["number"] for content in contents] == [number] * EXAMPLES
    assert contents[0]["valid_until"] < contents[1]["valid_from"] < contents[1]["valid_until"]
    assert contents[2]["ended"]["ground"] == "REVOKED"
    assert contents[3]["cancelled_on"] == legal_date(NOW).isoformat()
    assert len({issue.code for issue in found}) == EXAMPLES


def test_an_undone_decision_orders_nothing(engine: Engine, tmp_path: Path) -> None:
    with engine.connect() as tx:
        Desk(tx).do(*GRANT)
        tx.rollback()
    assert make_all(certificates(engine, tmp_path)) == 0


def test_what_cannot_be_made_waits_with_its_reason_and_stops_no_other(engine: Engine, tmp_path: Path) -> None:
    press = certificates(engine, tmp_path)
    desk = granted(engine)
    with engine.connect() as tx:
        assert delivered(desk, tx).state == "effective", "what is being made is not waited for"
    named(engine, "\U000f0000")  # a character that no typeface has
    granted(engine)
    assert make_all(press) >= 2 * (1 + NOTICES), "more where a slow machine tries again meanwhile"
    failed, made = rows(engine)
    assert (failed.made_at, made.error) == (None, None)
    assert failed.attempts
    assert "UnprintableError" in failed.error
    assert failed.retry_at is not None
    assert figures(press) == (1, 1)
    with engine.connect() as tx, pytest.raises(Problem) as refused:
        delivered(desk, tx)
    (fault,) = refused.value.violations
    assert fault.code == "not_issued"
    assert f"the document of {failed.number} could not be made" in str(fault.reason)
    named(engine, "试验衡器有限公司")
    hurry(engine)
    assert make_all(press) == 1
    assert all(issue.made_at and issue.error is None for issue in rows(engine))
    assert figures(press) == (0, 0)
    with engine.connect() as tx:
        assert delivered(desk, tx).state == "effective"


def delivered(desk: Desk, tx: Connection) -> Case:
    """The case after its delivery, which is undone with the transaction."""
    desk.tx = tx
    return desk.attempt("deliver")


def test_where_the_typeface_is_missing_the_document_is_made_once_it_is_there(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    press = certificates(engine, tmp_path)
    here, there = typefaces.ROOT, tmp_path / "fonts"
    monkeypatch.setattr(typefaces, "ROOT", there)
    printer.cache_clear()
    granted(engine)
    make_all(press)
    (waiting,) = rows(engine)
    assert "no Chinese typeface is installed" in waiting.error
    assert figures(press) == (1 + NOTICES, 1 + NOTICES)
    there.symlink_to(here)
    hurry(engine)
    make_all(press)
    (made,) = rows(engine)
    assert (made.made_at is not None, made.error, figures(press)) == (True, None, (0, 0))
    printer.cache_clear()


def figures(press: Press) -> tuple[float | None, ...]:
    """How many documents wait, and how many of them could not be made, as an alarm sees it."""
    press.measure()
    names = ("quanheng_documents_waiting", "quanheng_documents_failing")
    return tuple(metrics.DOCUMENTS.get_sample_value(name) for name in names)


def test_a_key_that_may_not_sign_is_an_alarm_until_another_may(engine: Engine, tmp_path: Path) -> None:
    press = certificates(engine, tmp_path)
    issue = granted(engine)
    keys = read_keys(press.seal.published.read_bytes())
    old, _ = keys.keys
    press.seal.published.write_bytes(write_keys(keys.revoked(old.kid, SINCE, "介质遗失")))
    assert make_all(press) >= 1 + NOTICES, "more where a slow machine tries again meanwhile"
    (waiting,) = rows(engine)
    assert "介质遗失" in waiting.error
    private = new_private_key()
    following = publish(private, AUTHORITY, SINCE)
    press.seal.published.write_bytes(write_keys(keys.revoked(old.kid, SINCE, "介质遗失").added(following)))
    with press.seal.private.open("ab") as file:
        file.write(write_private_key(private))
    hurry(engine)
    assert make_all(press) == 1 + NOTICES
    (made,) = rows(engine)
    assert (made.kid, made.number) == (following.kid, issue.case.data["certificate"])


@pytest.mark.long
def test_a_press_that_dies_holds_nothing_and_a_slow_one_records_nothing_twice(engine: Engine, tmp_path: Path) -> None:
    press = certificates(engine, tmp_path)
    granted(engine)
    slow = [press.claim() for _ in range(1 + NOTICES)]
    assert press.claim() is None
    hurry(engine)
    assert make_all(press) == 1 + NOTICES
    before = rows(engine)
    for claimed in slow:
        assert claimed is not None
        press.make(claimed)
    assert rows(engine) == before
    with engine.connect() as tx:
        told = Counter(event["type"] for event in outbox(tx))
    assert (told["certificate.issued"], told["notice.issued"]) == (1, NOTICES)


@pytest.mark.long
def test_a_press_that_is_killed_at_any_step_loses_and_doubles_nothing(engine: Engine, tmp_path: Path) -> None:
    desks = [granted(engine) for _ in range(EXAMPLES)]
    seal = seal_in(tmp_path)
    # All that it asks and commits for one document, and the beginning of the next.
    steps = [*range(8), *random.Random(16).choices(range(6), k=4)]  # noqa: S311 - no secret
    for step in steps:
        assert killed(engine, "type_approval", seal, step) == -signal.SIGKILL, step
        hurry(engine)
    make_all(press_of(engine, "type_approval", seal, "https://quanheng.example"))
    found = rows(engine)
    assert [(issue.issue, issue.error) for issue in found if issue.made_at] == [(1, None)] * EXAMPLES
    assert [issue.number for issue in found] == [desk.case.data["certificate"] for desk in desks]
    with engine.connect() as tx:
        told = Counter(event["type"] for event in outbox(tx))
        assert (told["certificate.issued"], told["notice.issued"]) == (EXAMPLES, EXAMPLES * NOTICES)
        assert not tx.execute(text("SELECT 1 FROM issues WHERE made_at IS NULL")).first()
        for desk in desks:
            assert first_broken(journal_of(tx, get_case(tx, desk.case.id))) is None


@pytest.mark.long
def test_many_presses_make_each_document_once(engine: Engine, tmp_path: Path) -> None:
    for _ in range(EXAMPLES):
        granted(engine)
    press = certificates(engine, tmp_path)
    with ThreadPoolExecutor(EXAMPLES) as pool:
        assert sum(pool.map(make_all, [press] * EXAMPLES)) == EXAMPLES * (1 + NOTICES)
    with engine.connect() as tx:
        told = [event["subject"] for event in outbox(tx) if event["type"] == "certificate.issued"]
    assert len(told) == len(set(told)) == EXAMPLES


@pytest.mark.parametrize("change", ["UPDATE issues SET code = '0'", "DELETE FROM issues", "TRUNCATE issues"])
def test_an_issued_document_is_kept_as_it_is(engine: Engine, tmp_path: Path, change: str) -> None:
    granted(engine)
    make_all(certificates(engine, tmp_path))
    with pytest.raises(DBAPIError, match="kept as it is"):
        rows(engine, change)
