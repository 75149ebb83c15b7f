"""The API of the feed."""

from __future__ import annotations

from services.notifications.feed import schemas
from services.notifications.feed.log import events_after
from shared.http import Call, Reply, Route
from shared.identity import Role
from shared.text import Text


def read_feed(call: Call) -> Reply:
    query = call.asked
    with call.store.reading() as tx:
        items = events_after(tx, call.actor, after=query["after"], limit=query["limit"])
    last = items[-1]["sequence"] if items else query["after"]
    return Reply({"items": items, "next": f"{call.path}?after={last}&limit={query['limit']}"})


FEED_ROUTES = [
    Route(
        *("GET", path, read_feed, role, Text("事件流", "Read the feed of events")),
        asks=schemas.FeedQuery,
        gives=schemas.FeedPage,
        problems=("cursor_expired",),
    )
    for role, path in (
        (Role.APPLICANT, "/v1/events"),
        (Role.LAB, "/v1/lab/events"),
        (Role.STAFF, "/internal/v1/events"),
    )
]
