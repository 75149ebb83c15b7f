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
FIRST, NEXT = 2 << SMALL, 2 << BIG
"""Among so many of the newest is looked at first, and next if nothing is found among them."""
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
        return bool(self.within["grams"])

    @property
    def whole(self) -> list[str]:
        """One of these tokens has whatever is what was typed; the first if that is its number."""
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
    page = _Page(tx, found, key, summaries, Wanted(asked["q"]), owner, limit + 1)
    rows = page.matches(whole=True, before=before) if whole else []
    if len(rows) <= limit and any(row.named for row in rows):
        # A number was typed, and nothing else is meant.
        return rows, None
    if 0 < len(rows) <= limit:
        return rows, [MATCH, False, _NEWEST]
    if not rows:
        whole, before = False, _NEWEST if whole else before
        rows = page.matches(whole=False, before=before)
    return rows[:limit], [MATCH, whole, rows[limit - 1].place] if len(rows) > limit else None


@dataclass(frozen=True)
class _Page:
    """What to look for: `limit` rows of `found`."""

    tx: Connection
    found: Select[Any]
    key: ColumnElement[str]
    summaries: Table
    wanted: Wanted
    owner: str | None
    limit: int

    @cached_property
    def _end(self) -> int:
        """The place after the newest."""
        newest = self.tx.exec_driver_sql(f"SELECT coalesce(max(place), 0) + 1 FROM {self.summaries.name}")
        return int(newest.scalar_one())

    def matches(self, *, whole: bool, before: int) -> Sequence[Row[Any]]:
        """The newest before that place, looked for further and further back until they fill the page."""
        before = min(before, self._end)
        span = FIRST
        while span < min(before, FAR):
            rows = self._among(whole, before, span)
            if len(rows) >= self.limit:
                return rows
            if not rows and span >= NEXT:
                break
            # Twice as far as it takes if they go on as they began.
            span = 2 * span * self.limit // len(rows) if rows else NEXT
        return self._among(whole, before, None)

    def _among(self, whole: bool, before: int, span: int | None) -> Sequence[Row[Any]]:
        """The newest matches among so many summaries before that place, or among all before it."""
        own = [] if self.owner is None else [f"={plain(self.owner)}"]
        hits = _hits(self.summaries.name, whole=whole, everywhere=span is None, owned=bool(own)).cte("hit")
        # Else PostgreSQL may look at each row of the list, since it knows little of how many match.
        hit = hits.prefix_with("MATERIALIZED")
        query = self.found.join(hit, hit.c.id == self.key).add_columns(hit.c.place, hit.c.named)
        asked: dict[str, Any] = {"before": before, "wholes": self.wanted.whole}
        asked |= {"number": self.wanted.whole[:1]} if whole else self.wanted.within
        asked |= {"own": own} if own else {}
        asked |= {} if span is None else {"parts": _parts(before, span)}
        return self.tx.execute(query.order_by(hit.c.place.desc()).limit(self.limit), asked).all()


def _parts(before: int, span: int) -> list[str]:
    """The tokens of the parts of the table that have the places from `before` back to so many before it."""
    sign, bits = ("##", BIG) if span >= NEXT else ("#", SMALL)
    return [f"{sign}{part}" for part in range(max(0, before - span) >> bits, ((before - 1) >> bits) + 1)]


@cache
def _hits(table: str, *, whole: bool, everywhere: bool, owned: bool) -> TextualSelect:
    """The query for matches in a table of summaries, everywhere or in the parts of it in `parts`."""
    match = _WHOLE if whole else _WITHIN
    # The index is asked in this order, and jumps to the parts at once.
    conditions = (*([] if everywhere else [_IN_PARTS]), *([_OWN] if owned else []), match, "place < :before")
    named = "tokens && CAST(:number AS text[])" if whole else "false"
    query = f"SELECT id, place, {named} AS named FROM {table} WHERE {' AND '.join(conditions)}"
    return text(query).columns(id=UUID(as_uuid=False), place=BigInteger, named=Boolean)


_IN_PARTS = f"{INDEXED} && CAST(:parts AS text[])"
_OWN = f"{INDEXED} @> CAST(:own AS text[])"
_WHOLE = f"{INDEXED} && CAST(:wholes AS text[])"
# Tokens are necessary, not sufficient.
_WITHIN = (
    f"{INDEXED} @> CAST(:grams AS text[]) AND said LIKE ALL (CAST(:words AS text[]))"
    " AND NOT tokens && CAST(:wholes AS text[])"
)
_NEWEST = 2**63 - 1
"""The place before which all are."""
