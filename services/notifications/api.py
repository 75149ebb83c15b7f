"""The API of notifications: all routes, in the order in which they are documented."""

from __future__ import annotations

from services.catalogue import EVENTS
from services.faults import FAULTS
from services.guide import GETTING_STARTED
from services.headings import PARAMETERS, TOPICS
from services.mandates import RECORDED, acting_by_copy
from services.notifications.clocks.counting import DAY_ROUTES
from services.notifications.clocks.routes import CASE_ROUTES, TIME_ROUTES
from services.notifications.delivery.routes import UNDELIVERED_ROUTES
from services.notifications.feed.routes import FEED_ROUTES
from services.notifications.messages.routes import INBOX_ROUTES
from services.notifications.office.calendars import CALENDAR_ROUTES
from services.notifications.office.permits import PERMIT_ROUTES
from services.notifications.office.routes import DIRECTORY_ROUTES, WORK_ROUTES
from services.notifications.webhooks.routes import webhook_routes
from shared.calendars.store import PUBLISHED
from shared.http.events import event_types, noted
from shared.http.faces import Offer
from shared.http.parked import PARKED_ROUTES
from shared.text import Text

ROUTES = [
    *PARKED_ROUTES,
    event_types({kind: name for kind in EVENTS["notifications"] if (name := noted(kind))}),
    *DIRECTORY_ROUTES,
    *FEED_ROUTES,
    *CASE_ROUTES,
    *INBOX_ROUTES,
    *UNDELIVERED_ROUTES,
    *WORK_ROUTES,
    *CALENDAR_ROUTES,
    *PERMIT_ROUTES,
    *DAY_ROUTES,
    *TIME_ROUTES,
    *webhook_routes({kind for told in EVENTS.values() for kind in told} - {PUBLISHED, RECORDED}),
]
OFFER = Offer(
    *("notifications", Text("期限与通知", "clocks and messages"), ROUTES, GETTING_STARTED, FAULTS, TOPICS, PARAMETERS),
    acting_for=acting_by_copy,
)
