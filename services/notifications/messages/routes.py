"""The API of messages."""

from __future__ import annotations

from services.notifications.messages import schemas
from services.notifications.messages.inbox import get_message, mark_read, read_inbox
from shared.http import Call, Reply, Route
from shared.http.paging import BY_ID, page
from shared.identity import Role
from shared.text import Text


def list_inbox(call: Call) -> Reply:
    limit = call.asked["limit"]
    with call.store.reading() as tx:
        found, unread = read_inbox(tx, call.actor, call.asked)
    return page(call, found[:limit], [BY_ID, found[limit - 1]["id"]] if len(found) > limit else None, unread=unread)


def show_message(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(get_message(tx, call.actor, call.params["id"]))


def read_message(call: Call) -> Reply:
    with call.transaction() as tx:
        return Reply(mark_read(tx, call.actor, call.params["id"], call.now))


INBOX_ROUTES = [
    route
    for role, path in (
        (Role.APPLICANT, "/v1/messages"),
        (Role.LAB, "/v1/lab/messages"),
        (Role.EXPERT, "/v1/expert/messages"),
        (Role.STAFF, "/internal/v1/messages"),
    )
    for route in (
        Route(
            *("GET", path, list_inbox, role, Text("收件箱", "Read your messages")),
            asks=schemas.InboxQuery,
            gives=schemas.Inbox,
        ),
        Route(
            *("GET", f"{path}/<id>", show_message, role, Text("查看通知", "Read a message")),
            gives=schemas.InboxMessage,
        ),
        Route(
            *("POST", f"{path}/<id>/actions/mark_read", read_message, role, Text("标为已读", "Mark a message as read")),
            gives=schemas.InboxMessage,
        ),
    )
]
