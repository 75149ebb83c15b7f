"""Publish and store holiday notices, and make calendars from them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_URL, uuid5

import orjson
from sqlalchemy import insert, select, text

from shared.calendars.models import calendars
from shared.law import Calendars, Notice
from shared.messaging import outbox
from shared.messaging.envelope import Event, new_id
from shared.runtime.time import legal_date
from shared.sql import Statement
from shared.text import Text, same

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, Row

STREAM = str(uuid5(NAMESPACE_URL, "urn:quanheng:calendar"))
"""The case id of calendar events, so that they arrive in order like the events of a case."""
PUBLISHED = "calendar.published"

_LIBRARY = Calendars()
_made: dict[str, Calendars] = {}
"""Cache of the newest calendars, by the id of the newest notice: the id identifies all notices up to it."""

_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('calendars'))")
_NEWEST = Statement("calendars_newest", "SELECT id::text FROM calendars ORDER BY version DESC LIMIT 1")


def current(tx: Connection) -> Calendars:
    """The calendars with all stored notices. Costs one small query unless a notice is new."""
    newest = _NEWEST(tx).scalar()
    if newest is None:
        return _LIBRARY
    made = _made.get(newest)
    if made is None:
        made = Calendars([notice for notice, _, _ in published(tx)])
        _made.clear()
        _made[newest] = made
    return made


def published(tx: Connection) -> list[tuple[Notice, str, datetime]]:
    """All notices in order, each with who published it and when."""
    rows = tx.execute(select(calendars).order_by(calendars.c.version))
    return [(_notice(row), row.published_by, row.published_at) for row in rows]


def publish(tx: Connection, notice: Notice, source: str, by: str, now: datetime) -> Notice | None:
    """Store the notice as the newest version and publish it; None if the newest for its year and area is the same.

    An area keeps the spelling of its first notice, so that a correction takes the place of what it corrects.
    """
    tx.execute(_ALONE)
    rows = tx.execute(select(calendars).order_by(calendars.c.version.desc())).all()
    notice = replace(notice, area=next((row.area for row in rows if same(row.area, notice.area)), notice.area))
    newest = next((row for row in rows if (row.year, row.area) == (notice.year, notice.area)), None)
    if newest is not None and _content(_notice(newest)) == _content(notice):
        return None
    before, version = (rows[0].id, rows[0].version) if rows else ("", 0)
    content = _content(notice)
    row = {
        "version": version + 1,
        "id": str(uuid5(NAMESPACE_URL, before + orjson.dumps(content).decode())),
        **content,
        "published_by": by,
        "published_at": now.isoformat(),
    }
    tx.execute(insert(calendars).values(**row))
    outbox.add(tx, [_event(row, source, by, now)])
    return replace(notice, number=version + 1)


def keep(tx: Connection, told: Mapping[str, Any]) -> None:
    """Store the notice in an event `calendar.published`."""
    tx.execute(insert(calendars).values({name: told[name] for name in calendars.c.keys()}))  # noqa: SIM118 - no mapping


def _event(row: Mapping[str, Any], source: str, by: str, now: datetime) -> Event:
    return Event(
        id=new_id(),
        source=source,
        type=PUBLISHED,
        version=1,
        subject=f"calendar {row['version']}",
        time=now,
        actor=by,
        case_id=STREAM,
        case_seq=row["version"],
        correlation_id=new_id(),
        causation_id="",
        data={"on": legal_date(now).isoformat(), "state": "published", **row},
    )


def _content(notice: Notice) -> dict[str, Any]:
    return {
        "year": notice.year,
        "area": notice.area,
        "days": [
            {"date": day.isoformat(), "zh": name.zh, "en": name.en, "off": day in notice.off}
            for day, name in sorted({**notice.off, **notice.work}.items())
        ],
        "sources": list(notice.sources),
    }


def _notice(row: Row[Any]) -> Notice:
    off, work = (
        {date.fromisoformat(day["date"]): Text(day["zh"], day["en"]) for day in row.days if day["off"] is wanted}
        for wanted in (True, False)
    )
    return Notice(row.version, row.year, row.area, off, work, tuple(row.sources))
