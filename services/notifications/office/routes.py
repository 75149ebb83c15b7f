"""The API of people, work and figures."""

from __future__ import annotations

from dataclasses import asdict
from datetime import MINYEAR, date
from typing import Any
from urllib.parse import quote

from services.notifications.fields import shown
from services.notifications.office import directory, schemas
from services.notifications.office.statistics import statistics
from services.notifications.office.work import backlog, list_work
from shared.casework.queries import is_id
from shared.http import Call, Problem, Reply, Route
from shared.http.paging import page
from shared.identity import Role
from shared.runtime.time import legal_date
from shared.schemas import instance, listed, load
from shared.text import Text


def list_staff(call: Call) -> Reply:
    asked, today = call.asked, legal_date(call.now)
    limit, (*_, after) = asked["limit"], asked.get("cursor", [""])
    with call.store.reading() as tx:
        people = directory.list_people(tx, after=after, limit=limit + 1)
        covers = directory.read_directory(tx, today)
    items = [_colleague(schemas.Colleague, person, covers.cover(person.subject, today)) for person in people[:limit]]
    return page(call, items, [schemas.BY_SUBJECT, people[limit - 1].subject] if len(people) > limit else None)


def show_person(call: Call) -> Reply:
    with call.store.reading() as tx:
        person = directory.get_person(tx, call.params["subject"])
        absences = directory.absences_of(tx, person.subject)
        cover = directory.cover_of(tx, person.subject, legal_date(call.now))
    return Reply(_colleague(schemas.PersonWithAbsences, person, cover, absences=absences))


def _colleague(
    schema: type[schemas.Colleague], person: directory.Person, cover: directory.Person | None, **more: object
) -> dict[str, Any]:
    covered = {"covered_by": cover.subject} if cover else {}
    return shown(schema, {**asdict(person), **covered, **more})


def put_person(call: Call) -> Reply:
    told, named = call.body(instance(schemas.PersonRecord)), load(instance(schemas.Named), call.params)
    with call.transaction() as tx:
        person = directory.put_person(tx, call.actor, named["subject"], told, call.now)
    return Reply(shown(schemas.Person, person))


def add_absence(call: Call) -> Reply:
    told = call.body(instance(schemas.AbsenceRecord))
    with call.transaction() as tx:
        absence = directory.add_absence(tx, call.actor, call.params["subject"], told, call.now)
    return Reply(shown(schemas.Absence, absence), 201, {"Location": f"{quote(call.path)}/{absence.id}"})


def delete_absence(call: Call) -> Reply:
    subject, absence = call.params["subject"], call.params["id"]
    if not is_id(absence):
        raise Problem("not_found", Text(f"{subject}没有不在岗记录{absence}", f"{subject} has no absence {absence}"))
    with call.transaction() as tx:
        directory.delete_absence(tx, call.actor, subject, absence)
    return Reply(None, 204)


def show_contact(call: Call) -> Reply:
    with call.store.reading() as tx:
        contact = directory.find_contact(tx, call.actor.role, call.actor.organisation)
    if contact is None:
        raise Problem(
            "not_found",
            Text(
                f"贵单位尚未设置联系方式：请PUT {call.path}",
                f"your organisation has not set a contact yet: PUT {call.path}",
            ),
        )
    return Reply(shown(schemas.Contact, contact))


def put_contact(call: Call) -> Reply:
    told = call.body(instance(schemas.Contact))
    with call.transaction() as tx:
        return Reply(shown(schemas.Contact, directory.put_contact(tx, call.actor, told, call.now)))


def read_work(call: Call) -> Reply:
    with call.store.reading() as tx:
        items, ends = list_work(tx, call.actor, call.asked, legal_date(call.now))
    return page(call, items, ends)


def read_statistics(call: Call) -> Reply:
    query = call.asked
    last = query.get("last", legal_date(call.now))
    first = query.get("first", date(max(MINYEAR, last.year - 1), last.month, 1))
    if first > last:
        raise Problem(
            "malformed",
            Text(
                f"from={first}晚于to={last}：请以较早的日期为`from`",
                f"from={first} is after to={last}: give the earlier day as `from`",
            ),
        )
    office = None if call.actor.sees_every_office else call.actor.office
    with call.store.reading() as tx:
        told = statistics(tx, first, last, query.get("procedure"), office)
        if query.get("backlog"):
            told["backlog"] = backlog(tx, legal_date(call.now), query.get("procedure"), office)
        return Reply(told)


STAFF = "/internal/v1/staff"

_WRITERS = (
    "本人可修改自己的记录，处室负责人和局负责人可修改所有人的记录。"
    f" People may write their own; {' and '.join(f'`staff:{post}`' for post in directory.MANAGERS)} may write anyone's."
)

WORK_ROUTES = [
    *(
        Route(*("GET", path, read_work, role, Text("待办", "List open work")), asks=asks, gives=schemas.WorkPage)
        for role, path, asks in (
            (Role.APPLICANT, "/v1/work", schemas.OwnWorkQuery),
            (Role.LAB, "/v1/lab/work", schemas.OwnWorkQuery),
            (Role.EXPERT, "/v1/expert/work", schemas.OwnWorkQuery),
            (Role.STAFF, "/internal/v1/work", schemas.WorkQuery),
        )
    ),
    Route(
        *("GET", "/internal/v1/statistics", read_statistics, Role.STAFF, Text("用时统计", "Read how long cases take")),
        asks=schemas.StatisticsQuery,
        gives=schemas.Statistics,
    ),
]

DIRECTORY_ROUTES = [
    Route(
        *("GET", STAFF, list_staff, Role.STAFF, Text("人员名录", "List the staff")),
        asks=schemas.StaffQuery,
        gives=listed(schemas.Colleague),
    ),
    Route(
        *(
            "GET",
            f"{STAFF}/<subject>",
            show_person,
            Role.STAFF,
            Text("查看人员", "Read a person's record and absences"),
        ),
        gives=schemas.PersonWithAbsences,
    ),
    Route(
        *("PUT", f"{STAFF}/<subject>", put_person, Role.STAFF, Text("登记人员", "Write a person's record")),
        about=_WRITERS,
        takes=schemas.PersonRecord,
        gives=schemas.Person,
    ),
    Route(
        *("POST", f"{STAFF}/<subject>/absences", add_absence, Role.STAFF, Text("登记不在岗", "Record an absence")),
        about=_WRITERS,
        takes=schemas.AbsenceRecord,
        gives=schemas.Absence,
        status=201,
    ),
    Route(
        *(
            "DELETE",
            f"{STAFF}/<subject>/absences/<id>",
            delete_absence,
            Role.STAFF,
            Text("取消不在岗", "Delete an absence"),
        ),
        about=_WRITERS,
        status=204,
    ),
    *(
        route
        for role, path in (
            (Role.APPLICANT, "/v1/contact"),
            (Role.LAB, "/v1/lab/contact"),
            (Role.EXPERT, "/v1/expert/contact"),
        )
        for route in (
            Route(
                *("GET", path, show_contact, role, Text("联系方式", "Read your organisation's contact")),
                gives=schemas.Contact,
                problems=("not_found",),
            ),
            Route(
                *("PUT", path, put_contact, role, Text("设置联系方式", "Set your organisation's contact")),
                in_person=True,
                takes=schemas.Contact,
                gives=schemas.Contact,
            ),
        )
    ),
]
