"""The API routes of notifications and their handlers."""

from __future__ import annotations

from dataclasses import asdict
from datetime import MINYEAR, date
from typing import TYPE_CHECKING

from services.notifications import directory, schemas
from services.notifications.commands import sweep
from services.notifications.digest import compose
from services.notifications.feed import append, events_after
from services.notifications.inbox import get_message, mark_read, read_inbox
from services.notifications.queries import clocks_of, explained, get_explanation, messages_of, visible_book
from services.notifications.reprojection import reproject
from services.notifications.schemas import shown
from services.notifications.statistics import observed, statistics
from services.notifications.undelivered import FIRST, list_undelivered, retry_all, retry_one
from services.notifications.work import list_work
from shared.casework.queries import is_id
from shared.http import Call, Problem, Reply, Route
from shared.http.paging import BY_ID, page
from shared.identity import Role
from shared.law import draw
from shared.law import load as load_rules
from shared.runtime.time import legal_date
from shared.schemas import instance, listed, load

if TYPE_CHECKING:
    from services.notifications.book import TrackedCase
    from shared.law import Clock, Explanation

CASES = {Role.APPLICANT: "/v1/cases", Role.LAB: "/v1/lab/cases", Role.STAFF: "/internal/v1/cases"}


def list_staff(call: Call) -> Reply:
    asked = call.asked
    limit, (*_, after) = asked["limit"], asked.get("cursor", [""])
    with call.store.reading() as tx:
        people = directory.list_people(tx, after=after, limit=limit + 1)
    items = [shown(schemas.Person, person) for person in people[:limit]]
    return page(call, items, [schemas.BY_SUBJECT, people[limit - 1].subject] if len(people) > limit else None)


def show_person(call: Call) -> Reply:
    with call.store.reading() as tx:
        person = directory.get_person(tx, call.params["subject"])
        absences = directory.absences_of(tx, person.subject)
        cover = directory.cover_of(tx, person.subject, legal_date(call.now))
    covered = {"covered_by": cover.subject} if cover else {}
    return Reply(shown(schemas.PersonWithAbsences, {**asdict(person), "absences": absences, **covered}))


def put_person(call: Call) -> Reply:
    told, named = call.body(instance(schemas.PersonRecord)), load(instance(schemas.Named), call.params)
    with call.transaction() as tx:
        person = directory.put_person(tx, call.actor, named["subject"], told, call.now)
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
        raise Problem("not_found", f"your organisation has not set a contact yet: PUT {call.path}")
    return Reply(shown(schemas.Contact, contact))


def put_contact(call: Call) -> Reply:
    told = call.body(instance(schemas.Contact))
    with call.transaction() as tx:
        return Reply(shown(schemas.Contact, directory.put_contact(tx, call.actor, told, call.now)))


def read_feed(call: Call) -> Reply:
    query = call.asked
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
"""The picture may be opened directly in a browser, so it must load and run nothing."""


def read_work(call: Call) -> Reply:
    with call.store.reading() as tx:
        items, ends = list_work(tx, call.actor, call.asked, legal_date(call.now))
    return page(call, items, ends)


def read_statistics(call: Call) -> Reply:
    query = call.asked
    last = query.get("last", legal_date(call.now))
    first = query.get("first", date(max(MINYEAR, last.year - 1), last.month, 1))
    if first > last:
        raise Problem("malformed", f"from={first} is after to={last}: give the earlier day as `from`")
    with call.store.reading() as tx:
        return Reply(statistics(tx, first, last, query.get("procedure")))


STAFF = "/internal/v1/staff"
_WRITERS = (
    "本人可修改自己的记录，处室负责人和局负责人可修改所有人的记录。"
    f" People may write their own; {' and '.join(f'`staff:{post}`' for post in directory.MANAGERS)} may write anyone's."
)

WORK_ROUTES = [
    *(
        Route(*("GET", path, read_work, role, "List open work 待办"), asks=asks, gives=schemas.WorkPage)
        for role, path, asks in (
            (Role.APPLICANT, "/v1/work", schemas.OwnWorkQuery),
            (Role.LAB, "/v1/lab/work", schemas.OwnWorkQuery),
            (Role.STAFF, "/internal/v1/work", schemas.WorkQuery),
        )
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
        asks=schemas.StaffQuery,
        gives=listed(schemas.Person),
    ),
    Route(
        *("GET", f"{STAFF}/<subject>", show_person, Role.STAFF, "Read a person's record and absences 查看人员"),
        gives=schemas.PersonWithAbsences,
    ),
    Route(
        *("PUT", f"{STAFF}/<subject>", put_person, Role.STAFF, "Write a person's record 登记人员"),
        about=_WRITERS,
        takes=schemas.PersonRecord,
        gives=schemas.Person,
    ),
    Route(
        *("POST", f"{STAFF}/<subject>/absences", add_absence, Role.STAFF, "Record an absence 登记不在岗"),
        about=_WRITERS,
        takes=schemas.AbsenceRecord,
        gives=schemas.Absence,
        status=201,
    ),
    Route(
        *("DELETE", f"{STAFF}/<subject>/absences/<id>", delete_absence, Role.STAFF, "Delete an absence 取消不在岗"),
        about=_WRITERS,
        status=204,
    ),
    *(
        route
        for role, path in ((Role.APPLICANT, "/v1/contact"), (Role.LAB, "/v1/lab/contact"))
        for route in (
            Route(
                *("GET", path, show_contact, role, "Read your organisation's contact 联系方式"),
                gives=schemas.Contact,
                problems=("not_found",),
            ),
            Route(
                *("PUT", path, put_contact, role, "Set your organisation's contact 设置联系方式"),
                takes=schemas.Contact,
                gives=schemas.Contact,
            ),
        )
    ),
]


def list_clocks(call: Call) -> Reply:
    with call.store.reading() as tx:
        book, case = visible_book(tx, call.params["number"], call.actor)
        body = {"number": case.number, "state": case.state, "heard": case.heard}
        told = observed(tx, case.procedure, legal_date(call.now))
        return Reply({**body, "items": clocks_of(tx, book, case, call.now), **({"observed": told} if told else {})})


def list_messages(call: Call) -> Reply:
    with call.store.reading() as tx:
        _, case = visible_book(tx, call.params["number"], call.actor)
        return Reply({"number": case.number, "items": messages_of(tx, case, call.actor)})


def list_inbox(call: Call) -> Reply:
    limit = call.asked["limit"]
    with call.store.reading() as tx:
        found, unread = read_inbox(tx, call.actor, call.asked)
    return page(call, found[:limit], [BY_ID, found[limit - 1]["id"]] if len(found) > limit else None, unread=unread)


def show_message(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(get_message(tx, call.actor, call.params["id"]))


def read_message(call: Call) -> Reply:
    with call.transaction() as tx:
        return Reply(mark_read(tx, call.actor, call.params["id"], call.now))


def show_undelivered(call: Call) -> Reply:
    limit, (*_, after) = call.asked["limit"], call.asked.get("cursor", [FIRST])
    with call.store.reading() as tx:
        found = list_undelivered(tx, after=after, limit=limit + 1)
    return page(call, found[:limit], [BY_ID, found[limit - 1]["id"]] if len(found) > limit else None)


def retry_undelivered(call: Call) -> Reply:
    with call.transaction() as tx:
        return Reply({"retried": retry_one(tx, call.actor.subject, call.params["id"], call.now)})


def retry_all_undelivered(call: Call) -> Reply:
    with call.transaction() as tx:
        return Reply({"retried": retry_all(tx, call.actor.subject, call.now)})


def sweep_now(call: Call) -> Reply:
    """Do on demand what the timers do automatically; where callers give the time, this is how time passes."""
    if call.dry_run:
        raise Problem("malformed", "dry_run: a sweep cannot be tried out; omit dry_run, or read the clocks instead")
    mail = bool(call.settings.smtp_url)
    moved = reproject(call.store, call.now, mail=mail)
    fired = sweep(call.store, load_rules(call.settings.rules), call.now, mail=mail)
    compose(call.store, call.now)
    append(call.store)
    return Reply({"fired": fired, "moved": moved})


CASE_ROUTES = [
    route
    for role, path in CASES.items()
    for case in (f"{path}/<number>",)
    for clock in (f"{case}/clocks/<clock>",)
    for route in (
        Route(
            *("GET", f"{case}/clocks", list_clocks, role, "Read a case's clocks 期限"),
            gives=schemas.Clocks,
        ),
        Route(
            *("GET", f"{clock}/explanation", explain_clock, role, "Explain a clock 期限说明"),
            gives=schemas.ClockExplanation,
        ),
        Route(
            *("GET", f"{clock}/explanation.svg", draw_clock, role, "Draw a clock 期限图"),
            media="image/svg+xml",
        ),
        Route(
            *("GET", f"{case}/messages", list_messages, role, "Read a case's messages 通知"),
            gives=schemas.Messages,
        ),
    )
]

INBOX_ROUTES = [
    route
    for role, path in (
        (Role.APPLICANT, "/v1/messages"),
        (Role.LAB, "/v1/lab/messages"),
        (Role.STAFF, "/internal/v1/messages"),
    )
    for route in (
        Route(
            *("GET", path, list_inbox, role, "Read your messages 收件箱"),
            asks=schemas.InboxQuery,
            gives=schemas.Inbox,
        ),
        Route(
            *("GET", f"{path}/<id>", show_message, role, "Read a message 查看通知"),
            gives=schemas.InboxMessage,
        ),
        Route(
            *("POST", f"{path}/<id>/actions/mark_read", read_message, role, "Mark a message as read 标为已读"),
            gives=schemas.InboxMessage,
        ),
    )
]

UNDELIVERED = "/internal/v1/undelivered"

UNDELIVERED_ROUTES = [
    Route(
        *("GET", UNDELIVERED, show_undelivered, "staff:operator", "List undelivered messages 未送达通知"),
        asks=schemas.UndeliveredQuery,
        gives=listed(schemas.Undelivered),
    ),
    Route(
        *(
            "POST",
            f"{UNDELIVERED}/actions/retry",
            retry_all_undelivered,
            "staff:operator",
            "Retry all undelivered messages 全部重发",
        ),
        gives=schemas.Retried,
    ),
    Route(
        *(
            "POST",
            f"{UNDELIVERED}/<id>/actions/retry",
            retry_undelivered,
            "staff:operator",
            "Retry an undelivered message 重发",
        ),
        gives=schemas.Retried,
    ),
]

TIME_ROUTES = [
    Route(
        "POST",
        "/internal/v1/sweeps",
        sweep_now,
        "staff:operator",
        "Fire what is due now 到期扫描",
        gives=schemas.Swept,
    ),
]

FEED_ROUTES = [
    Route(
        *("GET", path, read_feed, role, "Read the feed of events 事件流"),
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
