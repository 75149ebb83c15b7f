"""The inbox: the messages to a staff member or an organisation, whether or not their mail was delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from shared.casework.queries import is_id
from shared.http.cases import FACES
from shared.identity import Role
from shared.law import PROVINCE
from shared.problems import Problem
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy import Connection, RowMapping

    from shared.identity import Actor

SUBJECTS = "coalesce(subjects, jsonb_build_object('zh', subject, 'en', subject))"
"""The subject in each language; of a message of earlier releases as it was sent."""
COUNTED = 1000
"""Unread messages are counted up to this number."""
NEWEST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def post_inbox(post: str, office: str) -> str:
    """The inbox of a post that nobody holds: the province's has the post's name alone."""
    return f"post:{post}" if office == PROVINCE else f"post:{post}@{office}"


def inboxes_of(actor: Actor) -> list[str]:
    """The actor's inboxes, in the form of the database function `inbox_of`: the organisation's, or the person's and
    those of the posts they hold."""
    if actor.role is Role.STAFF:
        return [f"staff:{actor.subject}", *(post_inbox(post, actor.office) for post in sorted(actor.posts))]
    return [f"{actor.role}:{actor.party}"]


def _readable(actor: Actor) -> list[str]:
    """Inboxes whose messages the actor may read by id. Digests are not listed, because their contents are."""
    return [*inboxes_of(actor), *([f"digest:{actor.subject}"] if actor.role is Role.STAFF else [])]


def read_inbox(tx: Connection, actor: Actor, asked: Mapping[str, Any]) -> tuple[list[dict[str, Any]], int]:
    """A page of the actor's messages without their texts, newest first, with one more row if there are more, and the
    number of unread ones.

    `asked` has `limit` and `unread`, and optionally `case` and `cursor`.
    """
    *_, before = asked.get("cursor", [NEWEST])
    filters = (" AND read_at IS NULL" if asked["unread"] else "") + (" AND number = :case" if "case" in asked else "")
    parameters = {
        **_mine(actor),
        "before": before,
        "limit": asked["limit"] + 1,
        "case": as_numbered(asked.get("case", "")),
    }
    page = tx.execute(text(_PAGE.format(filters=filters)), parameters).mappings()
    return [_view(row, actor.role) for row in page], int(tx.execute(_UNREAD, _mine(actor)).scalar_one())


def get_message(tx: Connection, actor: Actor, message_id: str) -> dict[str, Any]:
    """Raises Problem if there is no such message or it belongs to somebody else."""
    one = {**_mine(actor), "inboxes": _readable(actor), "id": message_id}
    row = tx.execute(_ONE, one).mappings().first() if is_id(message_id) else None
    if row is None:
        raise Problem("not_found", Text(f"您没有通知{message_id}", f"you have no message {message_id}"))
    return _view(row, actor.role)


def mark_read(tx: Connection, actor: Actor, message_id: str, now: datetime) -> dict[str, Any]:
    """Record when it was read; later calls change nothing. Raises Problem."""
    get_message(tx, actor, message_id)
    tx.execute(_READ, {"id": message_id, "now": now})
    return get_message(tx, actor, message_id)


def _mine(actor: Actor) -> dict[str, Any]:
    return {
        "inboxes": inboxes_of(actor),
        "aside": actor.party if actor.role is Role.STAFF else "",
        "office": None if actor.sees_every_office else actor.office,
    }


def _view(row: RowMapping, role: Role) -> dict[str, Any]:
    href = f"{FACES[role]}/{row['number']}" if row["number"] else None
    view = {**{str(key): value for key, value in row.items()}, "href": href}
    return {key: value for key, value in view.items() if value is not None}


_FROM = "FROM messages LEFT JOIN tracked_cases ON tracked_cases.id = case_id"
# Recusal: staff do not see messages about their own organisation, even if a colleague sent them.
# Nor do they see those about cases of another office, where they may have worked before.
_OWN = (
    "inbox_of(messages.inbox) = mine.inbox AND (:aside = '' OR applicant IS NULL OR party(applicant) <> :aside)"
    " AND (CAST(:office AS text) IS NULL OR office IS NULL OR office = CAST(:office AS text))"
)
_HEAD = (
    "SELECT messages.id::text, number, recipient, template, template_version, language, subject, at, read_at,"
    f" {SUBJECTS} AS subjects"
)
_LISTED = f"{_HEAD} {_FROM} WHERE {_OWN}"
_WHOLE = f"{_HEAD}, body {_FROM} WHERE {_OWN}"
# LATERAL reads each inbox along its index, however long it is.
_EACH = "unnest(CAST(:inboxes AS text[])) AS mine (inbox) CROSS JOIN LATERAL"
_PAGE = (
    f"SELECT found.* FROM {_EACH} ({_LISTED} AND messages.id < :before{{filters}} ORDER BY messages.id DESC"
    " LIMIT :limit) AS found ORDER BY found.id DESC LIMIT :limit"
)
_UNREAD = text(
    f"SELECT count(*) FROM (SELECT FROM {_EACH} (SELECT {_FROM} WHERE {_OWN} AND read_at IS NULL LIMIT {COUNTED})"
    f" AS unread LIMIT {COUNTED}) AS counted"
)
_ONE = text(f"SELECT found.* FROM {_EACH} ({_WHOLE} AND messages.id = :id) AS found")
_READ = text("UPDATE messages SET read_at = :now WHERE id = :id AND read_at IS NULL")
