"""The API of notifications: the functions behind its routes, each a few lines."""

from __future__ import annotations

from dataclasses import asdict
from datetime import MINYEAR, date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from services.notifications import directory, schemas
from services.notifications.feed import events_after
from services.notifications.queries import explained, get_explanation, visible_book
from services.notifications.schemas import shown
from services.notifications.statistics import statistics
from services.notifications.work import list_work
from shared.casework.queries import is_id
from shared.http import Call, Problem, Reply, Route
from shared.identity import Role
from shared.law import draw
from shared.runtime.time import legal_date
from shared.schemas import instance, load

if TYPE_CHECKING:
    from collections.abc import Mapping

    from services.notifications.book import TrackedCase
    from shared.law import Clock, Explanation

CASES = {Role.APPLICANT: "/v1/cases", Role.LAB: "/v1/lab/cases", Role.STAFF: "/internal/v1/cases"}


def asked(call: Call) -> Mapping[str, Any]:
    """The query as the route's schema reads it. Raises Problem with every fault."""
    assert call.route.asks is not None  # noqa: S101 - a slip of ours, not of the caller's
    try:
        return load(instance(call.route.asks), dict(call.query))
    except Problem as problem:
        faults = "; ".join(f"{fault.name}: {fault.reason}" for fault in problem.violations)
        raise Problem("malformed", faults or problem.detail, problem.violations) from None


def list_staff(call: Call) -> Reply:
    page = asked(call)
    with call.store.reading() as tx:
        people = directory.list_people(tx, after=page.get("cursor", ""), limit=page["limit"] + 1)
    body: dict[str, Any] = {"items": [shown(schemas.Person, person) for person in people[: page["limit"]]]}
    if len(people) > page["limit"]:
        body["next"] = f"{call.path}?limit={page['limit']}&cursor={body['items'][-1]['subject']}"
    return Reply(body)


def show_person(call: Call) -> Reply:
    with call.store.reading() as tx:
        person = directory.get_person(tx, call.params["subject"])
        absences = directory.absences_of(tx, person.subject)
    return Reply(shown(schemas.PersonWithAbsences, {**asdict(person), "absences": absences}))


def put_person(call: Call) -> Reply:
    told = call.body(instance(schemas.PersonRecord))
    with call.transaction() as tx:
        person = directory.put_person(tx, call.actor, call.params["subject"], told, call.now)
    return Reply(shown(schemas.Person, person))


def add_absence(call: Call) -> Reply:
    told = call.body(instance(schemas.AbsenceRecord))
    with call.transaction() as tx:
        absence = directory.add_absence(tx, call.actor, call.params["subject"], told, call.now)
    return Reply(shown(schemas.Absence, absence), 201, {"Location": f"{call.path}/{absence.id}"})


def delete_absence(call: Call) -> Reply:
    subject, absence = call.params["subject"], call.params["id"]
    if not is_id(absence):
        raise Problem("not_found", f"{subject} has no absence {absence}")
    with call.transaction() as tx:
        directory.delete_absence(tx, call.actor, subject, absence)
    return Reply(None, 204)


def show_contact(call: Call) -> Reply:
    with call.store.reading() as tx:
        contact = directory.find_contact(tx, call.actor.role, call.actor.organisation)
    if contact is None:
        raise Problem("not_found", f"your organisation has named no contact yet: PUT {call.path}")
    return Reply(shown(schemas.Contact, contact))


def put_contact(call: Call) -> Reply:
    told = call.body(instance(schemas.Contact))
    with call.transaction() as tx:
        return Reply(shown(schemas.Contact, directory.put_contact(tx, call.actor, told, call.now)))


def read_feed(call: Call) -> Reply:
    query = asked(call)
    with call.store.reading() as tx:
        items = events_after(tx, call.actor, after=query["after"], limit=query["limit"])
    last = items[-1]["sequence"] if items else query["after"]
    return Reply({"items": items, "next": f"{call.path}?after={last}&limit={query['limit']}"})


def _explanation(call: Call) -> tuple[TrackedCase, Clock, Explanation]:
    with call.store.reading() as tx:
        book, case = visible_book(tx, call.params["number"], call.actor)
    return case, *get_explanation(book, case, call.params["clock"], call.now)


def explain_clock(call: Call) -> Reply:
    return Reply(shown(schemas.ClockExplanation, explained(*_explanation(call))))


def draw_clock(call: Call) -> Reply:
    case, clock, told = _explanation(call)
    picture = draw(told, f"{case.number} · {clock.rule.zh}", clock.rule.en)
    return Reply(picture, headers={"Content-Type": "image/svg+xml; charset=utf-8", "Content-Security-Policy": _INERT})


_INERT = "default-src 'none'; style-src 'unsafe-inline'"
"""A picture that a browser opens by itself loads nothing and runs nothing."""


def read_work(call: Call) -> Reply:
    query = asked(call)
    with call.store.reading() as tx:
        items, cursor = list_work(tx, call.actor, query, legal_date(call.now))
    body: dict[str, Any] = {"items": items}
    if cursor is not None:
        body["next"] = f"{call.path}?{urlencode({**call.query, 'cursor': cursor}, quote_via=quote)}"
    return Reply(body)


def read_statistics(call: Call) -> Reply:
    query = asked(call)
    last = query.get("last", legal_date(call.now))
    first = query.get("first", date(max(MINYEAR, last.year - 1), last.month, 1))
    if first > last:
        raise Problem("malformed", f"from={first} is after to={last}: give the earlier day first")
    with call.store.reading() as tx:
        return Reply(statistics(tx, first, last, query.get("procedure")))


STAFF = "/internal/v1/staff"

WORK_ROUTES = [
    Route(
        *("GET", "/internal/v1/work", read_work, Role.STAFF, "List the work to be done 待办"),
        asks=schemas.WorkQuery,
        gives=schemas.WorkPage,
    ),
    Route(
        *("GET", "/internal/v1/statistics", read_statistics, Role.STAFF, "Read how long cases take 用时统计"),
        asks=schemas.StatisticsQuery,
        gives=schemas.Statistics,
    ),
]

DIRECTORY_ROUTES = [
    Route(
        *("GET", STAFF, list_staff, Role.STAFF, "List the staff 人员名录"),
        asks=schemas.Page,
        gives=schemas.PersonList,
    ),
    Route(
        *("GET", f"{STAFF}/<subject>", show_person, Role.STAFF, "Read a person's record and absences 查看人员"),
        gives=schemas.PersonWithAbsences,
    ),
    Route(
        *("PUT", f"{STAFF}/<subject>", put_person, Role.STAFF, "Write a person's record 登记人员"),
        takes=schemas.PersonRecord,
        gives=schemas.Person,
    ),
    Route(
        *("POST", f"{STAFF}/<subject>/absences", add_absence, Role.STAFF, "Note an absence 登记不在岗"),
        takes=schemas.AbsenceRecord,
        gives=schemas.Absence,
        status=201,
    ),
    Route(
        *("DELETE", f"{STAFF}/<subject>/absences/<id>", delete_absence, Role.STAFF, "Take an absence back 取消不在岗"),
        status=204,
    ),
    *(
        route
        for role, path in ((Role.APPLICANT, "/v1/contact"), (Role.LAB, "/v1/lab/contact"))
        for route in (
            Route(
                *("GET", path, show_contact, role, "Read where your organisation gets its mail 联系方式"),
                gives=schemas.Contact,
                problems=("not_found",),
            ),
            Route(
                *("PUT", path, put_contact, role, "Say where your organisation gets its mail 设置联系方式"),
                takes=schemas.Contact,
                gives=schemas.Contact,
            ),
        )
    ),
]

CLOCK_ROUTES = [
    route
    for role, path in CASES.items()
    for route in (
        Route(
            *("GET", f"{path}/<number>/clocks/<clock>/explanation", explain_clock, role, "Explain a clock 期限说明"),
            gives=schemas.ClockExplanation,
        ),
        Route(
            *("GET", f"{path}/<number>/clocks/<clock>/explanation.svg", draw_clock, role, "Draw a clock 期限图"),
            media="image/svg+xml",
        ),
    )
]

FEED_ROUTES = [
    Route(
        *("GET", path, read_feed, role, "Read what happened since 事件流"),
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
