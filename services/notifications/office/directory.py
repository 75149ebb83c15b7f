"""The recipients of messages: staff with posts and absences, and the contacts of organisations.

The directory decides who is written to, never who may do what: tokens decide that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert

from services.notifications.models import absences, contacts, staff
from shared.identity import POSTS
from shared.identity.uscc import party
from shared.law import PROVINCE
from shared.messaging.envelope import new_id
from shared.problems import Problem, Violation
from shared.schemas import invalid
from shared.sql import Statement
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

    from shared.identity import Actor

MANAGERS = ("section_head", "bureau_head")
"""Posts that may edit anyone's record and absences; others may edit only their own."""


@dataclass(frozen=True, slots=True)
class Person:
    """A staff member. `language` is `zh`, `en` or `both`; `delivery` of non-urgent messages is `digest` or
    `at_once`."""

    subject: str
    name: str
    email: str
    posts: tuple[str, ...]
    language: str
    delivery: str
    office: str = PROVINCE


@dataclass(frozen=True, slots=True)
class Absence:
    """From `first` to `last`, both included, `cover` gets the messages for `subject`."""

    id: str
    subject: str
    first: date
    last: date
    cover: str


@dataclass(frozen=True, slots=True)
class Contact:
    """The mail address of an organisation, and its language."""

    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Directory:
    """All staff, and the absences that had not ended on the day for which it was read."""

    people: Mapping[str, Person]
    absences: tuple[Absence, ...]

    def holders(self, post: str, office: str) -> list[Person]:
        return [person for person in self.people.values() if post in person.posts and person.office == office]

    def absence(self, subject: str, on: date) -> Absence | None:
        return next((one for one in self.absences if one.subject == subject and one.first <= on <= one.last), None)

    def cover(self, subject: str, on: date) -> Person | None:
        """Who stands in for an absent person: the cover, or the cover's cover if that one is absent too.

        None if the person is present, or if everybody in the chain is absent.
        """
        seen = {subject}
        away = self.absence(subject, on)
        if away is None:
            return None
        while away is not None:
            subject = away.cover
            if subject in seen:
                return None
            seen.add(subject)
            away = self.absence(subject, on)
        return self.people[subject]

    def covered_by(self, subject: str, on: date) -> list[str]:
        """The absent people for whom `subject` stands in on that day."""
        absent = {one.subject for one in self.absences if one.first <= on <= one.last}
        covers = {one: self.cover(one, on) for one in sorted(absent)}
        return [one for one, cover in covers.items() if cover and cover.subject == subject]


EMPTY = Directory({}, ())


def read_directory(tx: Connection, day: date) -> Directory:
    """The directory for `day` and later days."""
    people = {row.subject: _person(row) for row in _STAFF(tx)}
    return Directory(people, tuple(Absence(**row._asdict()) for row in _ABSENCES(tx, day=day)))


def person(tx: Connection, subject: str) -> Person | None:
    row = tx.execute(_PEOPLE.where(staff.c.subject == subject)).first()
    return _person(row) if row else None


def cover_of(tx: Connection, subject: str, on: date) -> Person | None:
    """Who stands in for `subject` on that day; see Directory.cover."""
    return read_directory(tx, on).cover(subject, on)


def list_people(tx: Connection, *, after: str, limit: int) -> list[Person]:
    query = _PEOPLE.where(staff.c.subject > after).order_by(staff.c.subject).limit(limit)
    return [_person(row) for row in tx.execute(query)]


def get_person(tx: Connection, subject: str) -> Person:
    """Raises Problem."""
    found = person(tx, subject)
    if found is None:
        raise Problem("not_found", Text(f"名录中没有{subject}", f"the directory has no person {subject}"))
    return found


def absences_of(tx: Connection, subject: str) -> list[Absence]:
    query = select(*_ABSENCE).where(absences.c.subject == subject).order_by(absences.c.first)
    return [Absence(**row._asdict()) for row in tx.execute(query)]


def put_person(tx: Connection, actor: Actor, subject: str, told: Mapping[str, Any], now: datetime) -> Person:
    """Write the record of `subject`. Raises Problem if `actor` may not."""
    known = person(tx, subject)
    told = {"office": known.office if known else actor.office, **told}
    _may_write(actor, subject, told["office"])
    if known:
        _may_write(actor, subject, known.office)
    if not _manages(actor) and (others := set(told["posts"]) - actor.posts):
        more = ", ".join(sorted(others))
        reason = Text(f"您的令牌没有{more}", f"your token does not give you {more}")
        raise invalid([Violation("posts", "not_yours", reason)])
    values = {**told, "updated_at": now}
    tx.execute(
        upsert(staff).values(subject=subject, **values).on_conflict_do_update(index_elements=["subject"], set_=values)
    )
    return get_person(tx, subject)


def add_absence(tx: Connection, actor: Actor, subject: str, told: Mapping[str, Any], now: datetime) -> Absence:
    """Record an absence of `subject`. Raises Problem with all faults at once."""
    tx.execute(select(staff.c.subject).where(staff.c.subject == subject).with_for_update())
    office = get_person(tx, subject).office
    _may_write(actor, subject, office)
    first, last, cover = told["first"], told["last"], told["cover"]
    faults = []
    if last < first:
        faults.append(Violation("to", "before_from", Text(f"{last}早于{first}", f"{last} is before {first}")))
    if cover == subject:
        reason = Text("本人不能代自己办理", "nobody can stand in for themselves")
        faults.append(Violation("cover", "absent", reason))
    elif (other := person(tx, cover)) is None:
        reason = Text(f"人员名录中没有{cover}", f"the directory has no person {cover}")
        faults.append(Violation("cover", "unknown", reason))
    elif other.office != office:
        reason = Text(f"{cover}属于其他机关", f"{cover} belongs to another office")
        faults.append(Violation("cover", "another_office", reason))
    for held in absences_of(tx, subject):
        if held.first <= last and first <= held.last:
            reason = Text(
                f"已有{held.first}至{held.last}的外出，请先删除",
                f"there is already an absence from {held.first} to {held.last}; delete it first",
            )
            faults.append(Violation("from", "overlaps", reason))
    if faults:
        raise invalid(faults)
    absence = Absence(new_id(), subject, first, last, cover)
    columns = {name: getattr(absence, name) for name in Absence.__slots__}
    tx.execute(insert(absences).values(**columns, noted_by=actor.subject, noted_at=now))
    return absence


def delete_absence(tx: Connection, actor: Actor, subject: str, absence_id: str) -> None:
    """Raises Problem."""
    _may_write(actor, subject, get_person(tx, subject).office)
    gone = delete(absences).where(absences.c.subject == subject, absences.c.id == absence_id).returning(absences.c.id)
    if tx.execute(gone).first() is None:
        raise Problem(
            "not_found", Text(f"{subject}没有不在岗记录{absence_id}", f"{subject} has no absence {absence_id}")
        )


def find_contact(tx: Connection, side: str, organisation: str) -> Contact | None:
    """`side` is the role of the organisation's people: `applicant` or `lab`."""
    return contacts_of(tx, [organisation]).get((side, party(organisation)))


def contacts_of(tx: Connection, organisations: Collection[str]) -> dict[tuple[str, str], Contact]:
    """The contacts of those organisations that have given one, by (side, party). The newest per party counts."""
    rows = _CONTACTS(tx, parties=sorted(map(party, organisations)))
    return {(row.side, row.party): Contact(row.email, row.language) for row in rows}


def put_contact(tx: Connection, actor: Actor, told: Mapping[str, Any], now: datetime) -> Contact:
    """Set the contact of the actor's organisation."""
    side, values = str(actor.role), {**told, "updated_at": now}
    mine = update(contacts).where(contacts.c.side == side, func.party(contacts.c.organisation) == actor.party)
    if not tx.execute(mine.values(values)).rowcount:
        row = upsert(contacts).values(side=side, organisation=actor.organisation, **values)
        tx.execute(row.on_conflict_do_update(index_elements=["side", "organisation"], set_=values))
    return Contact(told["email"], told["language"])


def _manages(actor: Actor) -> bool:
    return any(actor.may(f"staff:{post}") for post in MANAGERS)


def _may_write(actor: Actor, subject: str, office: str) -> None:
    """People of one office do not write the records of another's; the province's heads write all."""
    if actor.subject != subject and not _manages(actor):
        zh, en = zip(*(POSTS[post] for post in MANAGERS), strict=True)
        raise Problem(
            "forbidden",
            Text(
                f"您是{actor.name}：只有{'、'.join(zh)}可以修改他人的记录",
                f"you are {actor.name}: only the {' or the '.join(en)} may edit others",
            ),
        )
    if not (actor.office == office or (actor.sees_every_office and _manages(actor))):
        raise Problem("forbidden", Text("该人员属于其他机关", "this person belongs to another office"))


def _person(row: Any) -> Person:
    return Person(row.subject, row.name, row.email, tuple(row.posts), row.language, row.delivery, row.office)


_PEOPLE = select(
    staff.c.subject, staff.c.name, staff.c.email, staff.c.posts, staff.c.language, staff.c.delivery, staff.c.office
)
_ABSENCE = tuple(absences.c[name] for name in Absence.__slots__)
_STAFF = Statement(
    "staff_all", "SELECT subject, name, email, posts, language, delivery, office FROM staff ORDER BY subject"
)
_ABSENCES = Statement(
    "absences_from", "SELECT id::text, subject, first, last, cover FROM absences WHERE last >= CAST(:day AS date)"
)
_CONTACTS = Statement(
    "contacts_of",
    "SELECT side, party(organisation) AS party, email, language FROM contacts"
    " WHERE party(organisation) = ANY(CAST(:parties AS text[])) ORDER BY updated_at",
)
