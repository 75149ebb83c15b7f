"""What is due, for calendar programs: they cannot sign in, so each person may have one secret key that opens it.

The key is kept as its SHA-256, told once, and lapses after a year; another one takes its place, and it is revoked. What
it opens names cases by their numbers alone, no people.
"""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from limits import parse

from services.notifications.office import calendar_schemas as schemas
from services.notifications.office.work import EXPERTS, ME, list_work
from shared.http import PUBLIC, Call, Problem, Reply, Route
from shared.http.limits import RateLimit
from shared.identity import Actor, Role
from shared.runtime.time import legal_date
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection

KEY_BYTES = 32
MOST = 200
"""Limits in a calendar: those that are due first."""
_OFTEN = RateLimit(parse("60/hour"))
"""How often one key opens its calendar in a process; programs ask a few times an hour."""
_TOLD = ("number", "service", "holder", "limit", "begins_on", "due_on", "provisional")

# Secrets lapse in real time, whatever time the callers give.
_MAKE = Statement(
    "calendar_key_make",
    "INSERT INTO calendar_keys (side, organisation, subject, digest) VALUES (:side, :organisation, :subject, :digest)"
    " ON CONFLICT (side, organisation, subject) DO UPDATE SET digest = excluded.digest, made_at = now()"
    " RETURNING made_at",
)
_OWN = Statement(
    "calendar_key_own",
    "SELECT made_at FROM calendar_keys WHERE side = :side AND organisation = :organisation AND subject = :subject"
    " AND made_at > now() - interval '1 year'",
)
_REVOKE = Statement(
    "calendar_key_revoke",
    "DELETE FROM calendar_keys WHERE side = :side AND organisation = :organisation AND subject = :subject"
    " RETURNING subject",
)
_OPEN = Statement(
    "calendar_key_open",
    "SELECT side, organisation, subject FROM calendar_keys"
    " WHERE digest = :digest AND made_at > now() - interval '1 year'",
)


def make_key(call: Call) -> Reply:
    key = token_urlsafe(KEY_BYTES)
    with call.transaction() as tx:
        made = _MAKE(tx, **_whose(call.actor), digest=_digest(key)).one()
    return Reply(schemas.NewCalendarKey().dump({"key": key, "made_at": made.made_at}))


def show_key(call: Call) -> Reply:
    with call.store.reading() as tx:
        found = _OWN(tx, **_whose(call.actor)).first()
    if found is None:
        raise Problem(
            "not_found",
            Text(f"您没有日历密钥：请POST {call.path}", f"you have no key for calendar programs: POST {call.path}"),
        )
    return Reply(schemas.CalendarKey().dump({"made_at": found.made_at}))


def revoke_key(call: Call) -> Reply:
    with call.transaction() as tx:
        _REVOKE(tx, **_whose(call.actor))
    return Reply(None, 204)


def read_calendar(call: Call) -> Reply:
    """What is due for whoever has the key: of staff what they handle or stand in for."""
    digest = _digest(call.asked["key"])
    _OFTEN.admit(digest.hex())
    with call.store.reading() as tx:
        owner = _owner(tx, digest, internal=call.route.path == INTERNAL)
        mine = {"assignee": ME} if owner.role is Role.STAFF else {}
        due: dict[str, Any] = {"clock": "running", "limit": MOST}
        items, _ = list_work(tx, owner, {**due, **mine}, legal_date(call.now))
        if owner.role is Role.APPLICANT:
            # The days on which they are assessed are limits of nobody, and never all that a case waits for.
            items += list_work(tx, owner, {**due, "holder": EXPERTS}, legal_date(call.now))[0]
    told = [{name: item[name] for name in _TOLD if name in item} for item in items]
    return Reply({"side": owner.role, "items": told})


def _owner(tx: Connection, digest: bytes, *, internal: bool) -> Actor:
    """Whose key it is. Raises Problem; a key of staff opens nothing at the public port."""
    found = _OPEN(tx, digest=digest).first()
    if found is None or (found.side == Role.STAFF) is not internal:
        raise Problem(
            "not_found",
            Text(
                "没有使用该密钥的日历：密钥已撤销、已失效，或者另生成了密钥",
                "no calendar has this key: it was revoked or has lapsed, or another one was made",
            ),
        )
    return Actor(found.subject, found.subject, Role(found.side), found.organisation)


def _whose(actor: Actor) -> dict[str, Any]:
    return {"side": str(actor.role), "organisation": actor.organisation or "", "subject": actor.subject}


def _digest(key: str) -> bytes:
    return sha256(key.encode()).digest()


INTERNAL = "/internal/v1/calendars"
_ABOUT = (
    "日历程序无法登录，凭密钥读取期限。密钥只显示一次，一年后失效，重新生成后原密钥失效。"
    " Calendar programs cannot sign in: they read what is due with this key, which is shown once and lapses after a"
    " year. A new one takes the place of the one before."
)
CALENDAR_ROUTES = [
    *(
        route
        for role, path in (
            (Role.APPLICANT, "/v1/calendar-key"),
            (Role.LAB, "/v1/lab/calendar-key"),
            (Role.EXPERT, "/v1/expert/calendar-key"),
            (Role.STAFF, "/internal/v1/calendar-key"),
        )
        for route in (
            Route(
                *("GET", path, show_key, role, Text("日历密钥", "See since when there is a key for your calendar")),
                gives=schemas.CalendarKey,
                problems=("not_found",),
                in_person=True,
            ),
            Route(
                *("POST", path, make_key, role, Text("生成日历密钥", "Make a new key for your calendar")),
                about=_ABOUT,
                gives=schemas.NewCalendarKey,
                in_person=True,
            ),
            Route(
                *("DELETE", path, revoke_key, role, Text("撤销日历密钥", "Revoke the key for your calendar")),
                status=204,
                in_person=True,
            ),
        )
    ),
    *(
        Route(
            *("GET", path, read_calendar, PUBLIC, Text("按密钥读取期限", "Read what is due with a key for calendars")),
            asks=schemas.CalendarQuery,
            gives=schemas.Calendar,
            problems=("not_found",),
        )
        for path in ("/v1/calendars", INTERNAL)
    ),
]
