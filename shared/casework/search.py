"""Finding cases and permits by what their summaries say: the best match first, then the newest.

The index has the tokens of a summary together with the part of the table in which it is, so it can be asked for matches
among the newest alone (docs/adr/0009). How many there are says how far back a page of them goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy import BigInteger, Boolean, text
from sqlalchemy.dialects.postgresql import UUID

from shared.casework.models import BIG, INDEXED, SMALL
from shared.casework.summaries import grams, keys, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select, Table, TextualSelect

MATCH = "match"
"""The order of what is found: first that of which one text, or the number, is what was typed; then what contains each
word of it."""
NEWEST_FIRST = "-created"
FIRST = 2 << SMALL
"""Among so many of the newest is looked at first."""
NEXT = 2 << BIG
"""And then, if nothing is found among them."""
FAR = 64 << BIG
"""If it takes more than so many to fill a page, the whole table is asked: what is so rare has few matches."""


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
        return bool(self.parts)

    @property
    def whole(self) -> list[str]:
        """One of these tokens has whatever has one of the keys."""
        return [f"={key}" for key in self.keys]

    @property
    def parts(self) -> list[str]:
        """All of these tokens has whatever contains the words."""
        return sorted({gram for word in self.words for gram in grams(word)})


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
    narrow: bool = False,
) -> tuple[Sequence[Row[Any]], list[Any] | None]:
    """A page of the rows of `found` that match `q` of what is asked, and the place of its end if there is more.

    `found` is an unordered list with its rights and filters; its column `id` is `key`. `narrow` says that it may have
    few of all that there are, as the cases of one applicant.
    """
    _, whole, before = asked.get("cursor", (MATCH, True, None))
    page = _Page(tx, found, key, summaries, narrow, Wanted(asked["q"]), limit + 1)
    rows = page.from_whole(before) if whole else page.widened(WITHIN, FIRST, before)[0]
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], [MATCH, last.whole, last.place]


WHOLE, WITHIN = frozenset({"whole"}), frozenset({"within"})
_ARMS = {
    "whole": "SELECT id, place, true AS whole FROM {table} WHERE {indexed} && CAST(:wholes AS text[])"
    " AND place < :before_whole",
    # Tokens are necessary, not sufficient.
    "within": "SELECT id, place, false AS whole FROM {table} WHERE {indexed} @> CAST(:parts AS text[])"
    " AND place < :before_within AND said LIKE ALL (CAST(:words AS text[])) AND NOT tokens && CAST(:wholes AS text[])",
}
_IN_PART = " AND {indexed} && CAST(:in_{arm} AS text[])"


@dataclass(frozen=True, slots=True)
class _Page:
    """What to look for: `limit` rows of `found`."""

    tx: Connection
    found: Select[Any]
    key: ColumnElement[str]
    summaries: Table
    narrow: bool
    wanted: Wanted
    limit: int

    def from_whole(self, before: int | None) -> Sequence[Row[Any]]:
        """What is what was typed, of that only what stands before the place `before`, and then what contains it."""
        rows, complete = self.widened(WHOLE | WITHIN, FIRST, before)
        wholes = [row for row in rows if row.whole]
        if complete or len(wholes) == len(rows):
            return rows
        # The page is filled, but what is what was typed may be older.
        further = self._further(FIRST, len(wholes)) if wholes else None
        older, _ = self.widened(WHOLE, further, before)
        return [*older, *rows[len(wholes) :]][: self.limit]

    def widened(self, arms: frozenset[str], span: int | None, before: int | None) -> tuple[Sequence[Row[Any]], bool]:
        """The newest matches, looked for further and further back until they fill the page; and whether everywhere."""
        top = self._top()
        before = top if before is None else min(before, top)
        while True:
            if span is not None and span >= min(top, FAR):
                span = None
            rows = self._matches(arms, before, top, span)
            if span is None or len(rows) >= self.limit:
                return rows, span is None
            span = self._further(span, len(rows))

    def _further(self, span: int, hits: int) -> int | None:
        """How far back to look next: twice as far as it takes if hits go on as they began; None for everywhere."""
        if hits:
            return 2 * span * self.limit // hits
        return NEXT if span < NEXT else None

    def _top(self) -> int:
        """The place after the newest."""
        newest = self.tx.exec_driver_sql(f"SELECT coalesce(max(place), 0) + 1 FROM {self.summaries.name}")
        return int(newest.scalar_one())

    def _matches(self, arms: frozenset[str], before: int, top: int, span: int | None) -> Sequence[Row[Any]]:
        """The matches among `span` summaries before the place `before`, or `top` for what follows other matches."""
        hits = _hits(self.summaries.name, arms, everywhere=span is None).cte("hit")
        # Of a list that may be narrow, PostgreSQL may look at each row instead.
        hit = hits if self.narrow else hits.prefix_with("MATERIALIZED")
        query = self.found.join(hit, hit.c.id == self.key).add_columns(hit.c.whole, hit.c.place)
        asked: dict[str, Any] = {"wholes": self.wanted.whole}
        if "within" in arms:
            asked |= {"parts": self.wanted.parts, "words": [f"%{word}%" for word in self.wanted.words]}
        for arm in arms:
            asked[f"before_{arm}"] = end = top if arm == "within" and "whole" in arms else before
            if span is not None:
                asked[f"in_{arm}"] = _parts(end, span)
        in_order = query.order_by(hit.c.whole.desc(), hit.c.place.desc())
        return self.tx.execute(in_order.limit(self.limit), asked).all()


def _parts(before: int, span: int) -> list[str]:
    """The tokens of the parts of the table that have the places from `before` back to so many before it."""
    sign, bits = ("##", BIG) if span >= NEXT else ("#", SMALL)
    return [f"{sign}{part}" for part in range(max(0, before - span) >> bits, ((before - 1) >> bits) + 1)]


@cache
def _hits(table: str, arms: frozenset[str], *, everywhere: bool) -> TextualSelect:
    """The query for matches in a table of summaries, everywhere or in the parts of it in `in_whole` and `in_within`."""
    parts = [_ARMS[arm] + ("" if everywhere else _IN_PART.replace("{arm}", arm)) for arm in sorted(arms)]
    query = text(" UNION ALL ".join(parts).format(table=table, indexed=INDEXED))
    return query.columns(id=UUID(as_uuid=False), place=BigInteger, whole=Boolean)
