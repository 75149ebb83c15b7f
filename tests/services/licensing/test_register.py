"""What a holder has, and on which days they are assessed, is found as fast however many licences there are."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from services.licensing.assessment.appointed import appointed, asked
from services.licensing.queries import REGISTER
from tests.plans import rows_read
from tests.support import applicant, database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from deploy.local.backing import Backing

MANY, EACH, PAGE = 20_000, 500, 25
ROWS = (
    """
INSERT INTO cases (id, number, procedure, state, version, entries, events, applicant, done_by, data, head, created_at,
    updated_at)
SELECT CAST('00000000-0000-7000-8000-' || lpad(n::text, 12, '0') AS uuid), 'ML-' || n, 'manufacture', 'valid', 1, 1, 1,
    'maker ' || n / :each, '{}', '{}', '', now(), now()
FROM generate_series(1, :many) AS n
""",
    """
INSERT INTO licences (number, case_id, holder, granted_on, valid_until, content)
SELECT number, id, applicant, DATE '2010-01-01', DATE '2013-01-01' + CAST(substr(number, 4) AS int) * 7919 % 3000, '{}'
FROM cases
""",
    "INSERT INTO licence_summaries (id, shown, said, tokens) SELECT id, '{}', '', '{}' FROM cases",
)


@pytest.fixture(scope="module")
def full(servers: Backing) -> Iterator[Connection]:
    """Very many licences, 500 of each holder."""
    with database(servers.database_url, f"{servers.namespace}_register", "licensing") as engine, engine.begin() as tx:
        for row in ROWS:
            tx.execute(text(row), {"many": MANY, "each": EACH} if ":many" in row else {})
        tx.execute(text("ANALYZE"))
        yield tx
        tx.rollback()


def test_what_a_holder_has_is_read_along_an_index_what_ends_first_at_the_beginning(full: Connection) -> None:
    wanted: dict[str, Any] = {"holder": "maker 7", "status": "valid", "sort": "valid_until"}
    ends: list[tuple[str, str]] = []
    while "cursor" not in wanted or wanted["cursor"]:
        assert rows_read(full, REGISTER.ending_first(wanted).limit(PAGE + 1)) < 10 * PAGE
        items, wanted["cursor"] = REGISTER.list(full, wanted, PAGE)
        ends += [(one["valid_until"], one["number"]) for one in items]
    assert len(ends) == len({number for _, number in ends}) == EACH
    assert [day for day, _ in ends] == sorted(day for day, _ in ends)


def test_the_days_of_a_makers_assessments_are_found_without_a_look_at_the_cases_of_others(full: Connection) -> None:
    plan = {"team": [], "leader": "", "on": "2013-09-17"}
    for number, day in ((4001, "2013-10-21"), (4002, "2013-10-08"), (4003, "2013-09-16")):
        planned = json.dumps({"assessment_plan": {**plan, "planned_from": day, "planned_to": day}})
        row = text("UPDATE cases SET state = 'assessment_planned', data = CAST(:data AS jsonb) WHERE number = :number")
        full.execute(row, {"data": planned, "number": f"ML-{number}"})
    today, query = date(2013, 9, 17), {"limit": PAGE}
    items, more = appointed(full, applicant("maker 8"), today, query)
    assert ([one["number"] for one in items], more) == (["ML-4002", "ML-4001"], None)
    assert rows_read(full, asked(applicant("maker 8"), today, query)) <= EACH
