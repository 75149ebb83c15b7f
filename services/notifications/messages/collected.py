"""The messages to write, collected while events and rungs are handled, and stored in one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from services.messages.telling import code_of, facts_of, is_expert, is_laboratory, recipients_of, templates_of
from services.messages.templates import spoken, templates
from services.notifications.messages.recipients import Recipients
from services.notifications.office.directory import EMPTY, contacts_of, read_directory
from shared.law import load
from shared.messaging.envelope import new_id
from shared.runtime.time import legal_date
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

    from services.messages.templates import Template
    from services.notifications.cases import TrackedCase
    from services.notifications.messages.recipients import Reader
    from shared.law import Clock
    from shared.messaging.envelope import Event

OUTSIDE = frozenset({"applicant", "laboratory", "checker", "experts"})
"""Recipients outside the office, besides single experts and laboratories."""


@dataclass(frozen=True, slots=True)
class _Note:
    """A template and the recipients it names."""

    case: TrackedCase
    template: Template
    recipients: tuple[str, ...]
    context: Mapping[str, Any]
    at: datetime


@dataclass(slots=True)
class Messages:
    """`mail`: whether to send messages that have an address, or only to keep them in the inbox."""

    mail: bool
    _notes: list[_Note] = field(default_factory=list)

    def tell(self, case: TrackedCase, event: Event, on: date, clocks: Iterable[Clock]) -> None:
        """Write the messages about the event; `clocks` are those of the case after it."""
        for template in templates_of(event):
            facts = facts_of(template, event, on, load(case.rules), clocks)
            self.write(case, template.id, recipients_of(template, event), facts, event.time)

    def write(
        self, case: TrackedCase, template_id: str, to: Iterable[str], context: Mapping[str, Any], at: datetime
    ) -> None:
        """Write the template's text about the case to everybody these recipients stand for."""
        told = {**context, "number": case.number, "applicant": case.applicant_name}
        self._notes.append(_Note(case, templates()[template_id], tuple(to), told, at))

    def rows(self, tx: Connection) -> list[dict[str, Any]]:
        """The rows of all messages; reads who is to get them."""
        if not self._notes:
            return []
        recipients = self._look_up(tx)
        return [row for note in self._notes for row in self._rows(note, recipients)]

    def _look_up(self, tx: Connection) -> Recipients:
        organisations: set[str] = set()
        days: list[date] = []
        for note in self._notes:
            single = {one for one in note.recipients if is_expert(one) or is_laboratory(one)}
            organisations.update(map(code_of, single))
            if not OUTSIDE.isdisjoint(note.recipients):
                organisations.update((note.case.applicant, *note.case.labs, *note.case.team))
            if not (OUTSIDE | single).issuperset(note.recipients):
                days.append(legal_date(note.at))
        contacts = contacts_of(tx, organisations) if organisations else {}
        return Recipients(contacts, read_directory(tx, min(days)) if days else EMPTY)

    def _rows(self, note: _Note, recipients: Recipients) -> Iterable[dict[str, Any]]:
        for reader in recipients.of_case(note.case, note.recipients, legal_date(note.at)):
            yield message(note.case.id, note.template, reader, note.context, note.at, mail=self.mail)


def message(
    case_id: str | None, template: Template, reader: Reader, context: Mapping[str, Any], at: datetime, *, mail: bool
) -> dict[str, Any]:
    """The message row: always in the reader's inbox; also by mail if `mail` is set and an address is known."""
    subjects = template.subjects(context)
    state = "kept"
    if mail and reader.address is not None:
        state = "waiting" if reader.digest and not template.urgent else "queued"
    return {
        "id": new_id(),
        "case_id": case_id,
        "recipient": reader.recipient,
        "inbox": reader.inbox,
        "address": reader.address,
        "template": template.id,
        "template_version": template.version,
        "language": reader.language,
        "subject": " ".join(subjects[language] for language in spoken(reader.language)),
        "body": template.written(context, reader.language, reader.why),
        "subjects": subjects,
        "at": at,
        "state": state,
        "next_try_at": at if state == "queued" else None,
    }


def keep(tx: Connection, rows: list[dict[str, Any]]) -> None:
    """Store rows made by `message`."""
    if rows:
        _KEEP(tx, rows=orjson.dumps(rows).decode())


_KEEP = Statement(
    "messages_keep",
    "INSERT INTO messages (id, case_id, recipient, inbox, address, template, template_version, language, subject, body,"
    " subjects, at, state, next_try_at) SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid,"
    " case_id uuid, recipient text, inbox text, address text, template text, template_version integer, language text,"
    " subject text, body text, subjects jsonb, at timestamptz, state text, next_try_at timestamptz)",
)
