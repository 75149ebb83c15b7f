"""React to events; notifications knows cases only from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services import mandates
from services.mandates import RECORDED
from services.notifications.clocks.book import Book
from services.notifications.messages.collected import Messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.messaging.envelope import Event


def react(tx: Connection, events: Sequence[Event], *, mail: bool) -> None:
    of_cases = [event for event in events if event.type != RECORDED]
    for event in events:
        if event.type == RECORDED:
            mandates.keep(tx, event)
    book = Book(Messages(mail=mail))
    book.load(tx, {event.case_id for event in of_cases})
    for event in of_cases:
        book.hear(event)
    book.store(tx)
