"""The notifications service without its API: entry points only."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from services.catalogue import EVENTS, TOPOLOGY, VERSIONS
from services.messages.templates import check, phrases, templates
from services.notifications.commands import follow_calendars, pass_time
from services.notifications.delivery.mail import send_mail
from services.notifications.feed.log import append, clean
from services.notifications.reactions import react
from services.notifications.webhooks.delivery import clean_log, deliver_next, waiting
from services.notifications.webhooks.routes import outgoing
from shared.messaging.doorbell import Doorbell
from shared.messaging.entrypoints import consume, relay
from shared.messaging.inbox import take
from shared.runtime.crew import Crew
from shared.runtime.dependencies import Config, Database, Time
from shared.runtime.tick import tick

if TYPE_CHECKING:
    from collections.abc import Sequence


phrases()
check(templates(), [EVENTS[source] for source in TOPOLOGY.sources_of("notifications")])


class Service:
    """期限与通知."""

    name = "notifications"
    store = Database()
    time = Time()
    settings = Config()
    couriers = Crew(size=32)
    events_stored = Doorbell()
    """Rings when events may have been stored that have no place in the feed yet."""

    @consume(TOPOLOGY)
    def take(self, bodies: Sequence[bytes]) -> None:
        take(self.store.engine, partial(react, mail=bool(self.settings.smtp_url)), bodies, VERSIONS)
        if bodies:
            self.events_stored.ring()

    @relay(TOPOLOGY)
    def publish(self) -> None:
        """The relay needs no method, but nameko needs one to attach it to."""

    @tick(seconds=1)
    def pass_time(self) -> None:
        pass_time(self.store, self.settings, self.time.now())

    @tick(seconds=1)
    def send_mail(self) -> None:
        if self.settings.smtp_url:
            send_mail(self.store, self.settings.smtp_url, self.settings.mail_from, self.time.now())

    @tick(seconds=1)
    def follow_calendars(self) -> None:
        follow_calendars(self.store, self.settings, self.time.now())

    @tick(seconds=1, woken_by=events_stored)
    def append_to_feed(self) -> None:
        append(self.store)
        self.send_to_webhooks()

    def send_to_webhooks(self) -> None:
        """Have what is due sent by as many couriers as are free; none waits for another's subscriber."""
        due = waiting(self.store, self.time.now(), self.couriers.free)
        way = outgoing(self.settings.webhook_private)
        mail = bool(self.settings.smtp_url)
        self.couriers.work(due, lambda: deliver_next(self.store, way, self.time.now(), mail=mail))

    @tick(seconds=600)
    def clean(self) -> None:
        clean(self.store)
        clean_log(self.store, self.time.now())
