"""Finding cases and permits by what their summaries say: the best match first, then the newest.

What many have is found among the newest, what few have by the index (docs/adr/0009). So first the newest are looked
through, and only if these do not fill the page, and tell that few match, the index is asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import and_, func, not_, or_, select, true

from shared.casework.summaries import grams, keys, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection, Row, Select, Table

MATCH = "match"
"""The order of what is found: first that of which one text, or the number, is what was typed; then what contains each
word of it."""
NEWEST_FIRST = "-created"
NEWEST, FAR = 500, 20_000
"""So many of the newest are looked through at first, and at most; of a narrow list a part of them."""
NARROW = 4
"""So much more a row of a narrow list costs than one of all rows in their order."""


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

    def is_all(self, said: ColumnElement[str]) -> ColumnElement[bool]:
        """Whether one of the texts, or the number, is what was typed."""
        return or_(*(func.strpos(said, f"\n{key}\n") > 0 for key in self.keys))

    def is_within(self, said: ColumnElement[str]) -> ColumnElement[bool]:
        return and_(*(func.strpos(said, word) > 0 for word in self.words))

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

    `found` is an unordered list with its rights and filters, joined to their summaries; its column `id` is `key`.
    `narrow` says that it may have few of all that there are, as the cases of one applicant.
    """
    wanted, (_, whole, after) = Wanted(asked["q"]), asked.get("cursor", (MATCH, True, None))
    page = _Page(found, key, summaries, narrow, wanted, whole, after, limit + 1)
    seen = page.newest(tx, NEWEST)
    if not seen.fills(page.limit) and seen.hits:
        # Twice as far as it takes if hits go on as they began.
        needed = 2 * NEWEST * page.limit // seen.hits
        if needed <= FAR:
            seen = page.newest(tx, needed)
    rows = [row for row in seen.rows if row.whole]
    others = [row for row in seen.rows if not row.whole]
    if not seen.complete and len(rows) + len(others) < page.limit:
        rows, others = page.indexed(tx), []
    elif not seen.complete and whole and len(rows) < page.limit:
        # Others are among the newest; those that match as a whole may be older.
        rows = page.indexed(tx, whole=True)
    rows = [*rows, *others]
    if len(rows) <= limit:
        return rows, None
    last = rows[limit - 1]
    return rows[:limit], [MATCH, last.whole, last.id]


class _Seen(NamedTuple):
    """What was found among the newest: some rows, of how many hits, and whether the newest were all there are."""

    rows: Sequence[Row[Any]]
    hits: int
    complete: bool

    def fills(self, limit: int) -> bool:
        return self.complete or len(self.rows) >= limit


@dataclass(frozen=True, slots=True)
class _Page:
    """What to look for: `limit` rows after the one with the id `after`, which is one of the whole matches or not."""

    found: Select[Any]
    key: ColumnElement[str]
    summaries: Table
    narrow: bool
    wanted: Wanted
    whole: bool
    after: str | None
    limit: int

    def newest(self, tx: Connection, depth: int) -> _Seen:
        """What matches of so many of the newest: of the list if it is narrow, else of all, which cost less to look
        through."""
        if self.narrow:
            depth //= NARROW
            source = self.found.with_only_columns(self.key.label("id"), self.summaries.c.said)
            own = self.key
        else:
            source = select(self.summaries.c.id, self.summaries.c.said)
            own = self.summaries.c.id
        if not self.whole:
            source = source.where(own < self.after)
        newest = source.order_by(own.desc()).limit(depth).cte("newest")
        whole, within = self.wanted.is_all(newest.c.said), self.wanted.is_within(newest.c.said)
        matches = or_(whole, within)
        if self.after is not None:
            matches = and_(matches, or_(not_(whole), newest.c.id < self.after) if self.whole else not_(whole))
        matched = select(newest.c.id, whole.label("whole")).where(matches).cte("matched")
        counted = select(
            select(func.count()).select_from(newest).scalar_subquery().label("seen"),
            select(func.count()).select_from(matched).scalar_subquery().label("hits"),
        ).subquery()
        # A bound, since the planner thinks that many match and would read the whole list to look them up. A few more
        # than fill the page, since some may not be for whoever asks.
        bound = 2 * self.limit
        best = select(matched).order_by(matched.c.whole.desc(), matched.c.id.desc()).limit(bound).subquery()
        rows = (
            self.found.join(best, best.c.id == self.key)
            .add_columns(best.c.whole)
            .order_by(best.c.whole.desc(), best.c.id.desc())
            .limit(self.limit)
            .subquery()
        )
        beside = select(counted, rows).join_from(counted, rows, true(), isouter=True)
        told = tx.execute(beside.order_by(rows.c.whole.desc(), rows.c.id.desc())).all()
        complete = told[0].seen < depth and told[0].hits <= bound
        return _Seen([row for row in told if row.id], told[0].hits, complete)

    def indexed(self, tx: Connection, *, whole: bool = False) -> list[Row[Any]]:
        """What matches of the whole list, or only what matches as a whole."""
        column = self.summaries.c
        is_whole = self.wanted.is_all(column.said)
        matches = and_(column.tokens.overlap(self.wanted.whole), is_whole)
        if not whole:
            parts = column.tokens.contains(self.wanted.parts)
            matches = or_(matches, and_(parts, self.wanted.is_within(column.said)))
        if self.after is not None:
            before = column.id < self.after
            matches = and_(matches, or_(not_(is_whole), before) if self.whole else and_(not_(is_whole), before))
        # In the order in which rows are wanted, so that no more of them are read than fill the page.
        place = is_whole.desc(), column.id.desc()
        matched = select(column.id, is_whole.label("whole")).where(matches).order_by(*place).subquery()
        query = self.found.join(matched, matched.c.id == self.key).add_columns(matched.c.whole)
        return list(tx.execute(query.order_by(matched.c.whole.desc(), matched.c.id.desc()).limit(self.limit)))
