"""One digest a day for each person who chose it: complete, without duplicates, in order of due dates."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text

from services.notifications.cases import TrackedCase
from services.notifications.delivery.mail import send_mail
from services.notifications.messages.collected import Messages, keep
from services.notifications.messages.digest import DIGEST_AT, compose
from shared.messaging.doorbell import Doorbell
from shared.messaging.envelope import new_id
from shared.runtime.database import Store
from shared.runtime.time import LEGAL_ZONE
from tests.services.mailserver import mail_server
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing

DAY = date(2013, 9, 24)
EIGHT = datetime.combine(DAY, DIGEST_AT, LEGAL_ZONE)
EARLIER = EIGHT - timedelta(hours=12)
CASE = TrackedCase(
    *(new_id(), "type_approval", "TA-2013-00001", "type_approval", "jilin-2013", "received", "maker", "某衡器厂"),
    *("maker@example.com", None, 1, 0, None, None),
)
RUNG = {"zh": "受理", "en": "Intake", "due_on": "2013-09-25", "basis": "Art. 32", "basis_zh": "第三十二条"}
PEOPLE = {"li": ("zh", "digest"), "wang": ("en", "digest"), "chen": ("both", "at_once")}


@pytest.fixture(scope="module")
def _store(servers: Backing) -> Iterator[Store]:
    with database(servers.database_url, f"{servers.namespace}_digest", "notifications") as engine:
        yield Store(engine, Doorbell())


@pytest.fixture
def store(_store: Store) -> Store:
    with _store.transaction() as tx:
        tx.execute(text("TRUNCATE messages, digests, staff, work, tracked_cases CASCADE"))
        for subject, (language, delivery) in PEOPLE.items():
            row = {"subject": subject, "language": language, "delivery": delivery, "now": EIGHT}
            tx.execute(
                text(
                    "INSERT INTO staff (subject, name, email, posts, language, delivery, updated_at) VALUES (:subject,"
                    " :subject, :subject || '@office.example', '{}', :language, :delivery, :now)"
                ),
                row,
            )
    return _store


def track(store: Store, number: str, due_on: date | None) -> TrackedCase:
    """A case with the clock that is due first of all of it."""
    case = replace(CASE, id=new_id(), number=number)
    row = {"id": case.id, "number": number, "due": due_on, "clock": "running" if due_on else "none"}
    with store.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO tracked_cases (id, source, number, procedure, rules, state, applicant, applicant_name,"
                " email, heard, events) VALUES (:id, '', :number, '', '', '', 'maker', '某衡器厂', '', 1, 0)"
            ),
            row,
        )
        tx.execute(
            text(
                "INSERT INTO work (case_id, holder, clock, lead, due_on, provisional, source, number, procedure, rules,"
                " state, applicant, applicant_name) VALUES (:id, 'authority', :clock, true, :due, false, '', :number,"
                " '', '', '', 'maker', '某衡器厂')"
            ),
            row,
        )
    return case


def write(store: Store, case: TrackedCase, to: str, template: str = "clock.reminder", at: datetime = EARLIER) -> None:
    messages = Messages(mail=True)
    messages.write(replace(case, assignee=to), template, ["assignee"], RUNG, at)
    with store.transaction() as tx:
        keep(tx, messages.rows(tx))


def kept(store: Store, query: str) -> list[tuple[Any, ...]]:
    with store.reading() as tx:
        return [tuple(row) for row in tx.execute(text(query))]


def digests(store: Store) -> list[tuple[Any, ...]]:
    return kept(store, "SELECT address, subject, state FROM messages WHERE template = 'digest' ORDER BY address, at")


def test_what_is_not_urgent_waits_for_the_day_s_digest_and_goes_out_in_it(store: Store) -> None:
    late, soon, idle = (
        track(store, "TA-2013-00002", date(2013, 9, 18)),
        track(store, "TA-2013-00001", date(2013, 9, 25)),
        track(store, "TA-2013-00003", None),
    )
    for case in (idle, soon, late):
        write(store, case, "li")
    assert [compose(store, EIGHT - timedelta(seconds=1)), compose(store, EIGHT), compose(store, EIGHT)] == [0, 1, 0]
    with mail_server() as server:
        send_mail(store, server.url, "office@example.com", EIGHT)
    (mail,) = server.mails
    assert (mail["To"], mail["Subject"]) == ("li@office.example", "2013年9月24日通知汇总：3项")
    assert mail.get_content().splitlines() == [
        *(
            "TA-2013-00002 某衡器厂 · 逾期3个工作日（2013年9月18日到期）",
            "  · TA-2013-00002 受理：2013年9月25日到期",
            "",
        ),
        *(
            "TA-2013-00001 某衡器厂 · 剩余1个工作日（2013年9月25日到期）",
            "  · TA-2013-00001 受理：2013年9月25日到期",
            "",
        ),
        *("TA-2013-00003 某衡器厂 · 目前无期限在计", "  · TA-2013-00003 受理：2013年9月25日到期"),
    ]
    told = kept(store, "SELECT DISTINCT state, digest::text FROM messages WHERE template = 'clock.reminder'")
    assert told == [("digested", str(mail["Message-ID"])[1:].partition("@")[0])]


def test_what_is_urgent_or_for_who_wants_it_so_goes_out_at_once(store: Store) -> None:
    case = track(store, "TA-2013-00001", date(2013, 9, 24))
    write(store, case, "li", "clock.due")
    write(store, case, "chen")
    assert compose(store, EIGHT) == 0
    assert kept(store, "SELECT inbox, state FROM messages ORDER BY inbox") == [
        *(("staff:chen", "queued"), ("staff:li", "queued"))
    ]


def test_what_comes_later_waits_for_the_next_day(store: Store) -> None:
    case = track(store, "TA-2013-00001", date(2013, 9, 25))
    write(store, case, "wang")
    assert compose(store, EIGHT) == 1
    for at in (EIGHT, EARLIER):
        write(store, case, "wang", at=at)
    assert compose(store, EIGHT + timedelta(hours=9)) == 0
    assert compose(store, EIGHT + timedelta(days=1)) == 1
    assert [subject for _, subject, _ in digests(store)] == [
        *("Your messages of 24 September 2013: 1", "Your messages of 25 September 2013: 2")
    ]


def test_after_days_of_downtime_there_is_one_digest_of_all_that_waited(store: Store) -> None:
    case = track(store, "TA-2013-00001", date(2013, 9, 25))
    for days in range(4):
        write(store, case, "li", at=EARLIER + timedelta(days=days))
    back = EIGHT + timedelta(days=3, hours=2)
    assert compose(store, back - timedelta(hours=3)) == 0, "nobody is written to at night"
    assert [compose(store, back), compose(store, back)] == [1, 0]
    assert [subject for _, subject, _ in digests(store)] == ["2013年9月27日通知汇总：4项"]


def test_who_has_gone_away_meanwhile_is_covered(store: Store) -> None:
    write(store, track(store, "TA-2013-00001", date(2013, 9, 25)), "li")
    with store.transaction() as tx:
        tx.execute(
            text(
                "INSERT INTO absences (id, subject, first, last, cover, noted_by, noted_at)"
                " VALUES (:id, 'li', :day, :day, 'wang', 'li', :now)"
            ),
            {"id": new_id(), "day": DAY, "now": EIGHT},
        )
    assert compose(store, EIGHT) == 1
    ((inbox, address, body),) = kept(store, "SELECT inbox, address, body FROM messages WHERE template = 'digest'")
    assert (inbox, address) == ("digest:wang", "wang@office.example")
    assert body.endswith(
        "You receive this because li is absent from 24 September 2013 to 24 September 2013 and you stand in.\n"
    )


def test_several_composers_write_to_nobody_twice(store: Store) -> None:
    case = track(store, "TA-2013-00001", date(2013, 9, 25))
    for subject in ("li", "wang"):
        write(store, case, subject)
    composers = [Thread(target=compose, args=(store, EIGHT)) for _ in range(6)]
    for composer in composers:
        composer.start()
    for composer in composers:
        composer.join()
    assert [address for address, *_ in digests(store)] == ["li@office.example", "wang@office.example"]
