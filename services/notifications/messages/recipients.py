"""Find the recipients of a message: resolve the side or post that a template or rung names to people and organisations.

In the office these are people: the assignee of the case, or everybody who holds a post. Absent people are covered, and
nobody gets the same message twice.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from services.messages.telling import code_of, is_expert, is_laboratory
from services.messages.templates import phrases
from services.notifications.messages.inbox import post_inbox
from shared.http.topics import WHO
from shared.identity.uscc import party

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date

    from services.notifications.cases import TrackedCase
    from services.notifications.office.directory import Contact, Directory, Person

DEFAULT_POST = "section_head"
"""The post that gets the messages of an unassigned case, because it assigns cases."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A recipient: a person, an organisation, or a post that nobody holds.

    `inbox` is the owner: `staff:` and a subject, `post:` and a post of an office, `applicant:` or `lab:` and an
    organisation, `expert:` and a code in the register. `recipient` is the name that the template or rung uses. `why`
    explains, by language, why this reader gets the message, if that is not obvious. `digest`: non-urgent messages may
    wait for the daily digest.
    """

    inbox: str
    recipient: str
    address: str | None = None
    language: str = "both"
    digest: bool = False
    why: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Recipients:
    """Finds readers. `contacts` holds those of the organisations concerned, by (side, party)."""

    contacts: Mapping[tuple[str, str], Contact]
    directory: Directory
    _office: dict[tuple[str, str, str | None, date], list[Reader]] = field(default_factory=dict)

    def of_case(self, case: TrackedCase, recipients: Iterable[str], on: date) -> Collection[Reader]:
        """Everybody these recipients stand for on that day, once each; someone addressed directly and as cover appears
        as addressed directly."""
        readers = [reader for recipient in recipients for reader in self._readers(case, recipient, on)]
        found: dict[str, Reader] = {}
        for reader in sorted(readers, key=lambda reader: bool(reader.why)):
            found.setdefault(reader.inbox, reader)
        return found.values()

    def organisation(self, side: str, organisation: str, recipient: str, address: str | None = None) -> Reader:
        """`side` is the role of its people; `address` is used until the organisation sets a contact."""
        contact = self.contacts.get((side, party(organisation)))
        inbox = f"{side}:{organisation}"
        return (
            Reader(inbox, recipient, contact.email, contact.language) if contact else Reader(inbox, recipient, address)
        )

    def person(self, subject: str, recipient: str, on: date) -> Reader:
        """The person, or the cover. An assignee who is not in the directory has only an inbox."""
        person, away = self.directory.people.get(subject), self.directory.absence(subject, on)
        if away is None:
            return _reader(subject, person, recipient, {})
        days = {"first": away.first, "last": away.last}
        cover = self.directory.cover(subject, on)
        if cover is None:
            return _reader(subject, person, recipient, phrases()["uncovered"].say(**days))
        name = person.name if person else subject
        return _reader(cover.subject, cover, recipient, phrases()["cover"].say(name=name, **days))

    def _readers(self, case: TrackedCase, recipient: str, on: date) -> Iterable[Reader]:
        if recipient == "applicant":
            return [self.organisation("applicant", case.applicant, recipient, case.email)]
        labs = {"laboratory": case.lab, "checker": case.checker}
        if recipient in labs or is_laboratory(recipient):
            lab = labs[recipient] if recipient in labs else code_of(recipient)
            return [self.organisation("lab", lab, "laboratory")] if lab else []
        if recipient == "experts":
            return [self.organisation("expert", code, "expert") for code in case.team]
        if is_expert(recipient):
            return [self.organisation("expert", code_of(recipient), "expert")]
        key = (recipient, case.office, case.assignee, on)
        if key not in self._office:
            self._office[key] = list(self._of_office(*key))
        return self._office[key]

    def _of_office(self, recipient: str, office: str, assignee: str | None, on: date) -> Iterator[Reader]:
        in_hand = recipient in {"authority", "assignee"}
        if in_hand and assignee is not None:
            yield self.person(assignee, recipient, on)
            return
        post = DEFAULT_POST if in_hand else recipient
        holders = self.directory.holders(post, office)
        for person in holders:
            yield self.person(person.subject, recipient, on)
        if not holders:
            zh, en = WHO[f"staff:{post}"]
            yield Reader(post_inbox(post, office), recipient, why=phrases()["vacant"].say(post_zh=zh, post=en))


def _reader(subject: str, person: Person | None, recipient: str, why: Mapping[str, str]) -> Reader:
    if person is None:
        return Reader(f"staff:{subject}", recipient, why=why)
    digest = person.delivery == "digest"
    return Reader(f"staff:{subject}", recipient, person.email, person.language, digest, why)
