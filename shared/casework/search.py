"""Finding cases and permits by what their summaries say: the best match first, then the newest.

The index has the tokens of a summary together with the part of the table in which it is, so it can be asked for matches
among the newest alone (docs/adr/0009): a page of common matches is filled without a look at all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from sqlalchemy import any_, bindparam
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from shared.casework.models import BIG, INDEXED, SMALL
from shared.casework.summaries import grams, keys, plain
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select, Table

MATCH = "match"
"""The order of what is found: first that of which one text, or the number, is what was typed; then what contains each
word of it."""
NEWEST_FIRST = "-created"
ENDING_FIRST = "valid_until"
WINDOWS = (500, 12_000, 100_000)
"""Among so many of the newest is looked first, then among so many before them, then among so many more, then among all
the rest. Each is some ten times the one before: a page is filled from few more matches than it has."""


class Wanted:
    """What somebody typed to find something."""

    def __init__(self, typed: str) -> None:
        self._typed = typed

    @cached_property
    def keys(self) -> list[str]:
        return keys(self._typed)

    @cached_property
    def words(self) -> list[str]:
        return [word for word in map(plain, self._typed.split()) if word]

    @property
    def is_long_enough(self) -> bool:
        """Whether it can be looked up: one word has three letters and digits, or two characters side by side."""
        return bool(self.within["grams"])

    @property
    def whole(self) -> list[str]:
        """Tokens of exact matches, of which a match has at least one; the first is that of its number."""
        return [f"={key}" for key in self.keys]

    @cached_property
    def within(self) -> dict[str, list[str]]:
        """All of these tokens has whatever contains the words, and its texts are like these patterns."""
        return {
            "grams": sorted({gram for word in self.words for gram in grams(word)}),
            "words": [f"%{word}%" for word in self.words],
        }


def newest_first(
    tx: Connection, found: Select[Any], key: ColumnElement[str], summaries: Table, asked: Mapping[str, Any], limit: int
) -> tuple[Sequence[Row[Any]], list[Any] | None]:
    """A page of the rows of `found` as `search` gives it if `q` is asked, else of all of them, the newest first."""
    if "q" in asked:
        return search(tx, found, key, summaries, asked, limit)
    if "cursor" in asked:
        found = found.where(key < asked["cursor"][-1])
    rows = tx.execute(found.order_by(key.desc()).limit(limit + 1)).all()
    return rows[:limit], [NEWEST_FIRST, rows[limit - 1].id] if len(rows) > limit else None


def search(
    tx: Connection,
    found: Select[Any],
    key: ColumnElement[str],
    summaries: Table,
    asked: Mapping[str, Any],
    limit: int,
    *,
    owner: str | None = None,
) -> tuple[Sequence[Row[Any]], list[Any] | None]:
    """A page of the rows of `found` that match `q` of what is asked, and the place of its end if there may be more.

    `found` is an unordered list with its rights and filters; its column `id` is `key`. `owner` is the party whose rows
    alone it has, if only one's.
    What is what was typed fills pages of its own, before what contains it: that often costs much more to find.
    """
    _, whole, before = asked.get("cursor", (MATCH, True, _NEWEST))
    page = _Page(tx, found, key, summaries.name, Wanted(asked["q"]), owner, limit + 1)
    rows = page.matches(whole=whole, before=before)
    whole = bool(rows) and rows[0].whole
    if whole and len(rows) <= limit:
        # If a number was typed, nothing else is meant.
        return [one.row for one in rows], None if any(one.named for one in rows) else [MATCH, False, _NEWEST]
    end = [MATCH, whole, rows[limit - 1].place] if len(rows) > limit else None
    return [one.row for one in rows[:limit]], end


class _Match(NamedTuple):
    row: Row[Any]
    place: int
    whole: bool
    named: bool


@dataclass(frozen=True)
class _Page:
    """What to look for: `limit` rows of `found`."""

    tx: Connection
    found: Select[Any]
    key: ColumnElement[str]
    table: str
    wanted: Wanted
    owner: str | None
    limit: int

    def matches(self, *, whole: bool, before: int) -> list[_Match]:
        """The newest matches before that place: such as are what was typed if `whole` and there are any, else such as
        contain it. Looked for further back where the list's own filters leave too few."""
        matches: list[_Match] = []
        wanted = self.limit
        while len(matches) < self.limit:
            hits = self._hits(whole, before, wanted)
            matches += self._listed(hits)
            if len(hits) == wanted:
                whole, before, wanted = hits[0].whole, hits[-1].place, 2 * wanted
            elif matches or not (hits and hits[0].whole):
                break
            else:
                # The list has nothing that is what was typed.
                whole, before = False, _NEWEST
        return matches[: self.limit]

    def _hits(self, whole: bool, before: int, count: int) -> Sequence[Row[Any]]:
        """So many of the newest summaries that match before that place."""
        first, second, third = WINDOWS
        asked = {"whole": whole, "wholes": self.wanted.whole, "number": self.wanted.whole[:1], **self.wanted.within}
        asked |= {} if self.owner is None else {"own": [f"={plain(self.owner)}"]}
        ends = {"before": before, "first": first, "second": second, "third": third}
        found = _statement(self.table, owned=self.owner is not None)(self.tx, **asked, **ends, count=count)
        return cast("Sequence[Row[Any]]", found.all())

    def _listed(self, hits: Sequence[Row[Any]]) -> list[_Match]:
        """Those of the summaries that the list has, the newest first."""
        if not hits:
            return []
        query = self.found.where(self.key == any_(bindparam("hits", type_=ARRAY(UUID(as_uuid=False)))))
        rows = {row.id: row for row in self.tx.execute(query, {"hits": [hit.id for hit in hits]})}
        return [_Match(rows[hit.id], hit.place, hit.whole, hit.named) for hit in hits if hit.id in rows]


@cache
def _statement(table: str, *, owned: bool) -> Statement:
    """The newest matches in a table of summaries, in one question: the windows are read one after the other, and none
    once there are enough. What contains the words is looked for if nothing is what was typed."""
    own = f"{INDEXED} @> CAST(:own AS text[]) AND " if owned else ""
    whole = _windows(table, "tokens && CAST(:number AS text[])", f":whole AND {own}{_WHOLE}")
    within = _windows(table, "false", f"NOT EXISTS (SELECT 1 FROM whole) AND {own}{_WITHIN}")
    return Statement(
        f"{table}_search",
        f"WITH {_ENDS.format(table=table)},"
        f" whole AS MATERIALIZED (SELECT * FROM ({whole}) AS found LIMIT :count),"
        f" within AS MATERIALIZED (SELECT * FROM ({within}) AS found LIMIT :count)"
        " SELECT CAST(id AS text) AS id, place, named, true AS whole FROM whole UNION ALL"
        " SELECT CAST(id AS text), place, named, false FROM within ORDER BY place DESC",
    )


def _windows(table: str, named: str, condition: str) -> str:
    """The matches of one window after the other, in each the newest first."""
    return " UNION ALL ".join(
        # OFFSET 0 and the sum keep PostgreSQL from looking along the places instead of into the index of tokens.
        f"(SELECT * FROM (SELECT id, place, {named} AS named FROM {table} WHERE {condition} AND {window} OFFSET 0)"
        " AS matches ORDER BY place DESC LIMIT :count)"
        for window in (_window("#", SMALL, 0), _window("##", BIG, 1), _window("##", BIG, 2), _REST)
    )


def _window(sign: str, bits: int, nr: int) -> str:
    """The places between two ends, found by the parts of the table that have them."""
    begin, end = f"e{nr + 1}", f"e{nr}"
    parts = (
        f"SELECT array_agg('{sign}' || part) FROM ends, generate_series({begin} >> {bits}, ({end} - 1) >> {bits}) part"
    )
    within = f"place + 0 >= (SELECT {begin} FROM ends) AND place + 0 < (SELECT {end} FROM ends)"
    return f"{INDEXED} && ({parts}) AND {within}"


_REST = "(SELECT e3 FROM ends) > 0 AND place + 0 < (SELECT e3 FROM ends)"
_ENDS = (
    "last AS MATERIALIZED (SELECT least(CAST(:before AS bigint), coalesce(max(place), 0) + 1) AS e0 FROM {table}),"
    f" newest AS (SELECT e0, greatest((e0 - :first) >> {SMALL} << {SMALL}, 0) AS e1 FROM last),"
    f" newer AS (SELECT e0, e1, greatest((e1 - :second) >> {BIG} << {BIG}, 0) AS e2 FROM newest),"
    f" ends AS MATERIALIZED (SELECT e0, e1, e2, greatest((e2 - :third) >> {BIG} << {BIG}, 0) AS e3 FROM newer)"
)
"""Where the windows end: from the newest, or the place before which all are to be, back to where parts of the table
begin."""
_WHOLE = f"{INDEXED} && CAST(:wholes AS text[])"
# Tokens are necessary, not sufficient.
_WITHIN = (
    f"{INDEXED} @> CAST(:grams AS text[]) AND said LIKE ALL (CAST(:words AS text[]))"
    " AND NOT tokens && CAST(:wholes AS text[])"
)
_NEWEST = 2**63 - 1
"""The place before which all are."""
