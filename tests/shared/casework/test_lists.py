"""Lists of cases: the cost of a page does not grow with the number of cases, and every case appears once, in order."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from shared.casework.queries import list_cases, listing, place
from shared.http.lists import SORTS
from tests.plans import rows_read
from tests.support import applicant, database, laboratory, officer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection, Row

    from deploy.local.backing import Backing

MANY = 20_000
PAGE = 50
CASES = """
INSERT INTO cases (id, number, procedure, state, version, entries, events, applicant, lab, done_by, data, head,
    created_at, updated_at, assignee)
SELECT CAST('00000000-0000-7000-8000-' || lpad(n::text, 12, '0') AS uuid),
    CASE WHEN n % 20 > 0 THEN 'TA-2013-' || lpad((n * 7919 % :many)::text, 5, '0') END, 'type_approval',
    CASE WHEN n % 20 = 0 THEN 'draft' WHEN n % 49 = 1 THEN 'received' ELSE 'effective' END, 1, 1, 1,
    'maker ' || n % 100, CASE WHEN n % 3 = 0 THEN 'LAB-0' || n % 7 END, '{}', '{}', '', now(),
    TIMESTAMPTZ '2013-09-17 00:00Z' + make_interval(secs => n * 104729 % :many),
    CASE WHEN n % 41 > 0 THEN 's' || n % 50 END
FROM generate_series(1, :many) AS n
"""
FILTERS: dict[str, Mapping[str, Any]] = {
    "all": {},
    "mine": {"assignee": "me"},
    "nobody's": {"assignee": "none"},
    "of a maker": {"applicant": "maker 7"},
    "in a state": {"state": "effective"},
    "in a rare state": {"state": "received"},
    "by the beginning of a number": {"number": "TA-2013-1"},
    "changed": {"updated_since": datetime(2013, 9, 17, 5, tzinfo=UTC)},
}
PEOPLE = {"staff": officer("s7"), "applicant": applicant("maker 7"), "lab": laboratory("LAB-01")}


@pytest.fixture(scope="module")
def full(servers: Backing) -> Iterator[Connection]:
    """Very many cases of 100 makers, handled by 50 people; 1 in 20 is a draft, 1 in 49 in a rare state."""
    with database(servers.database_url, f"{servers.namespace}_lists", "type_approval") as engine, engine.begin() as tx:
        tx.execute(text(CASES), {"many": MANY})
        tx.execute(text("ANALYZE cases"))
        yield tx
        tx.rollback()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS.keys())
def test_a_page_is_read_along_an_index_however_many_cases_there_are(
    full: Connection, filters: Mapping[str, Any], sort: str
) -> None:
    asked = {**filters, "sort": sort}
    for number in range(3):
        query = listing(PEOPLE["staff"], asked).limit(PAGE + 1)
        assert rows_read(full, query) < 3000, number
        _, asked["cursor"] = list_cases(full, PEOPLE["staff"], asked, limit=PAGE)


def test_a_named_laboratory_finds_its_cases_among_those_of_others_along_an_index(full: Connection) -> None:
    named = "UPDATE cases SET data = jsonb_set(data, '{checker}', jsonb_build_object('lab', CAST(:lab AS text)))"
    asker = laboratory("LAB-09")
    with full.begin_nested() as undone:
        full.execute(text(named), {"lab": "LAB-08"})
        few = "WHERE id IN (SELECT id FROM cases WHERE state = 'effective' LIMIT 3)"
        full.execute(text(f"{named} {few}"), {"lab": "LAB-09"})
        full.execute(text("ANALYZE cases"))
        assert len(list_cases(full, asker, {}, limit=PAGE)[0]) == 3
        assert rows_read(full, listing(asker, {}).limit(PAGE + 1)) < 100
        undone.rollback()


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("who", PEOPLE)
def test_pages_show_every_case_once_and_in_order(full: Connection, who: str, sort: str) -> None:
    asked: dict[str, Any] = {"sort": sort, "state": "received"}
    seen: list[Row[Any]] = []
    while asked.get("cursor", sort):
        found, asked["cursor"] = list_cases(full, PEOPLE[who], asked, limit=7)
        seen += found
    order = [place(case, sort) for case in seen]
    assert order == sorted(order, reverse=sort.startswith("-"))
    everything, _ = list_cases(full, PEOPLE[who], {"sort": sort}, limit=MANY)
    mine = [case for case in everything if case.state == "received"]
    assert seen == mine
    assert seen
