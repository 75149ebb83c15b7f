"""What is to be told to whom, collected while events are heard and ladders fire, and stored in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from services.notifications.directory import contacts_of
from services.notifications.rules import remedies
from services.notifications.templates import DEEMED, templates
from shared.law import load
from shared.messaging.envelope import new_id
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

    from services.notifications.book import TrackedCase
    from services.notifications.directory import Contact
    from services.notifications.templates import Template
    from shared.law import Clock
    from shared.messaging.envelope import Event


@dataclass(slots=True)
class Messages:
    """`mail` says whether messages with an address are to be sent, or only kept."""

    mail: bool
    _notes: list[tuple[TrackedCase, Template, str, Mapping[str, Any], datetime]] = field(default_factory=list)

    def tell(self, case: TrackedCase, event: Event, on: date, clocks: Iterable[Clock]) -> None:
        """Write what people are told of the event; `clocks` are those of the case after it."""
        template = template_of(event)
        if template is None:
            return
        due = [
            f"{clock.rule.zh} {clock.rule.en} {clock.projection.due_on}" for clock in clocks if clock.projection.due_on
        ]
        told = {**event.data, "on": on.isoformat(), "due": due}
        if "remedies" in template.names:
            told |= remedies(load(case.rules), on)
        self.write(case, template.id, template.to, told, event.time)

    def write(
        self, case: TrackedCase, template_id: str, to: Iterable[str], context: Mapping[str, Any], at: datetime
    ) -> None:
        """Write the template's text about the case to each of the recipients."""
        told = {**context, "number": case.number, "applicant": case.applicant_name}
        self._notes += [(case, templates()[template_id], recipient, told, at) for recipient in to]

    def store(self, tx: Connection) -> None:
        if not self._notes:
            return
        contacts = contacts_of(tx, {name for case, *_ in self._notes for name in (case.applicant, case.lab) if name})
        rows = [self._row(*note, contacts=contacts) for note in self._notes]
        _STORE(tx, rows=orjson.dumps(rows).decode())

    def _row(
        self,
        case: TrackedCase,
        template: Template,
        recipient: str,
        context: Mapping[str, Any],
        at: datetime,
        *,
        contacts: Mapping[tuple[str, str], Contact],
    ) -> dict[str, Any]:
        """The message as it is kept, and sent where the recipient is known to have an address."""
        contact, address = None, None
        if recipient == "applicant":
            contact, address = contacts.get(("applicant", case.applicant)), case.email
        elif recipient == "laboratory":
            contact = contacts.get(("lab", case.lab or ""))
        if contact is not None:
            address = contact.email
        subject, body = template.render(context, contact.language if contact else "both")
        send = self.mail and address is not None
        return {
            "id": new_id(),
            "case_id": case.id,
            "recipient": recipient,
            "address": address,
            "template": template.id,
            "template_version": template.version,
            "subject": subject,
            "body": body,
            "at": at,
            "state": "queued" if send else "kept",
            "next_try_at": at if send else None,
        }


def template_of(event: Event) -> Template | None:
    """What people are told of the event with, if anything; where the law brought it about, with words of its own."""
    deemed = templates().get(event.type + DEEMED) if event.data.get("deemed") else None
    return deemed or templates().get(event.type)


_STORE = Statement(
    "messages_store",
    "INSERT INTO messages (id, case_id, recipient, address, template, template_version, subject, body, at, state,"
    " next_try_at) SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, case_id uuid,"
    " recipient text, address text, template text, template_version integer, subject text, body text, at timestamptz,"
    " state text, next_try_at timestamptz)",
)
