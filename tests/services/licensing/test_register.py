"""The register of licences: a page of what a holder has costs the same however many licences there are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from services.licensing.queries import REGISTER
from tests.plans import rows_read
from tests.support import database

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
    asked: dict[str, Any] = {"holder": "maker 7", "status": "valid", "sort": "valid_until"}
    ends: list[tuple[str, str]] = []
    while "cursor" not in asked or asked["cursor"]:
        assert rows_read(full, REGISTER.ending_first(asked).limit(PAGE + 1)) < 10 * PAGE
        items, asked["cursor"] = REGISTER.list(full, asked, PAGE)
        ends += [(one["valid_until"], one["number"]) for one in items]
    assert len(ends) == len({number for _, number in ends}) == EACH
    assert [day for day, _ in ends] == sorted(day for day, _ in ends)
