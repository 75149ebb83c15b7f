"""A rule that stored cases or clocks use cannot be removed: the service does not start."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from services.notifications.clocks.rows import UNDER_LAW as CLOCKS
from shared.casework.queries import UNDER_LAW as CASES
from shared.law import RuleSet, load
from shared.messaging.envelope import new_id
from shared.runtime.law_in_use import LawMissingError, check, note
from tests.shared.casework.parts import Desk
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing

CLOCK = text(
    "INSERT INTO clocks (id, case_id, limit_id, started_on, law_on, entries, state, due_on, provisional, calendar)"
    " SELECT gen_random_uuid(), id, limit_id, day, day, '[]', 'running', day, false, 'x'"
    " FROM tracked_cases, unnest(CAST(:limits AS text[]), CAST(:days AS date[])) AS new (limit_id, day)"
)


@pytest.fixture
def notifications(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_lawless_notifications", "notifications") as engine:
        yield engine


def begin_clocks(engine: Engine, *clocks: tuple[str, str]) -> None:
    with engine.begin() as tx:
        tx.execute(
            text(
                "INSERT INTO tracked_cases (id, source, number, procedure, rules, state, applicant, applicant_name,"
                " email, heard, events) VALUES (:id, 'type_approval', 'TA-1', 'type_approval', 'jilin-2013',"
                " 'received', 'c', 'n', 'e', 1, 0) ON CONFLICT (number) DO NOTHING"
            ),
            {"id": new_id()},
        )
        limits, days = zip(*clocks, strict=True)
        tx.execute(CLOCK, {"limits": list(limits), "days": list(days)})
        note(tx, "limit", [("jilin-2013", limit, date.fromisoformat(day)) for limit, day in clocks])


def without(limit: str) -> RuleSet:
    rules = load()
    return replace(rules, limits=tuple(row for row in rules.limits if row.id != limit))


def noted(tx: Connection) -> list[tuple[str, ...]]:
    return [(row.kind, row.key, str(row.on)) for row in tx.execute(text("SELECT * FROM law_in_use ORDER BY 3, 4"))]


def test_a_limit_that_clocks_lean_on_cannot_go(notifications: Engine) -> None:
    begin_clocks(notifications, ("intake", "2013-09-17"), ("evaluation", "2013-10-18"))
    begin_clocks(notifications, ("evaluation", "2013-10-18"), ("evaluation", "2014-01-02"))
    with notifications.connect() as tx:
        assert noted(tx) == [
            ("limit", "evaluation", "2013-10-18"),
            ("limit", "evaluation", "2014-01-02"),
            ("limit", "intake", "2013-09-17"),
        ]
    check(notifications, CLOCKS)
    check(notifications, CLOCKS, lambda _: without("delivery"))
    expected = (
        r"no limit 'evaluation' on 2013-10-18; .*begun under it: 3; put the row for 2013-10-18 to 2014-01-02 back"
    )
    with pytest.raises(LawMissingError, match=expected):
        check(notifications, CLOCKS, lambda _: without("evaluation"))


def test_a_regime_and_a_rule_set_that_cases_lean_on_cannot_go(servers: Backing) -> None:
    with database(servers.database_url, f"{servers.namespace}_lawless_type_approval", "type_approval") as engine:
        with engine.begin() as tx:
            for _ in range(2):
                Desk(tx).do("submit", "accept")
            Desk(tx)
            assert noted(tx) == [("regime", "type_approval", "2013-09-17")]
        check(engine, CASES)
        with pytest.raises(LawMissingError, match=r"no regime for type_approval .*received under it: 2;"):
            check(engine, CASES, lambda _: replace(load(), regimes=()))
        with engine.begin() as tx:
            tx.execute(text("UPDATE cases SET rules = 'atlantis' WHERE rules IS NOT NULL"))
            tx.execute(text("UPDATE law_in_use SET rules = 'atlantis'"))
        with pytest.raises(LawMissingError, match=r"no rule set 'atlantis'; .*received under it: 2;"):
            check(engine, CASES)


@pytest.mark.long
def test_the_service_does_not_start(servers: Backing, notifications: Engine) -> None:
    begin_clocks(notifications, ("sundial", "2013-09-17"))
    environment = {
        **os.environ,
        **servers.environment(),
        "QUANHENG_NAMESPACE": f"{servers.namespace}_lawless",
        "QUANHENG_ISSUER": "https://issuer.example",
        "QUANHENG_JWKS": json.dumps({"keys": []}),
    }
    done = subprocess.run(
        [sys.executable, "-m", "services", "notifications"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    assert "notifications: jilin-2013: no limit 'sundial' on 2013-09-17; no rule of that name exists" in done.stderr
    assert "clocks begun under it: 1;" in done.stderr


def test_a_case_is_decided_by_the_rules_it_was_received_under(
    servers: Backing, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (
        database(servers.database_url, f"{servers.namespace}_lawless_type_approval", "type_approval") as engine,
        engine.connect() as tx,
    ):
        desk = Desk(tx)
        desk.do("submit")
        # By now the deployment runs another set, which knows no type approval.
        monkeypatch.setattr("tests.shared.casework.parts.RULES", replace(load(), name="other", regimes=(), limits=()))
        assert desk.do("accept").rules == "jilin-2013"
