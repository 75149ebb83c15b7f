"""React to events; notifications knows cases only from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.notifications.clocks.book import Book
from services.notifications.messages.collected import Messages

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection

    from shared.messaging.envelope import Event


def react(tx: Connection, events: Sequence[Event], *, mail: bool) -> None:
    book = Book(Messages(mail=mail))
    book.load(tx, {event.case_id for event in events})
    for event in events:
        book.hear(event)
    book.store(tx)
