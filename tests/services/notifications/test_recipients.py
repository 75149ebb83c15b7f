"""Recipients in the office: everybody responsible, or their cover, once each and with the reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.notifications.cases import TrackedCase
from services.notifications.messages.inbox import inboxes_of
from services.notifications.messages.recipients import Reader, Recipients
from services.notifications.office.directory import Absence, Contact, Directory, Person
from tests.support import officer

DAY = date(2013, 10, 8)
NAMES = "abcdef"
OFFICE = ("authority", "assignee", "section_head", "bureau_head", "supervision")
POSTS = OFFICE[2:]
CASE = TrackedCase(
    *("", "type_approval", "TA-2013-00001", "type_approval", "jilin-2013", "received", "maker", "某衡器厂"),
    *("maker@example.com", None, 1, 0, None, None),
)


def person(name: str, *posts: str, **more: Any) -> Person:
    return replace(Person(name, f"{name}先生", f"{name}@office.example", posts, "both", "digest"), **more)


def away(subject: str, cover: str, first: date = DAY, last: date = DAY) -> Absence:
    return Absence("", subject, first, last, cover)


def told(people: list[Person], absences: list[Absence], *to: str, assignee: str | None = None) -> list[Reader]:
    directory = Directory({one.subject: one for one in people}, tuple(absences))
    return list(Recipients({}, directory).of_case(replace(CASE, assignee=assignee), to, DAY))


people = st.lists(
    st.builds(
        lambda name, posts: person(name, *sorted(posts)), st.sampled_from(NAMES), st.sets(st.sampled_from(POSTS))
    ),
    unique_by=lambda one: one.subject,
)
absences = st.builds(
    lambda who, cover, first, days: away(who, cover, DAY + timedelta(first), DAY + timedelta(first + days)),
    *(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(-2, 1), st.integers(0, 2)),
).filter(lambda one: one.subject != one.cover)


@given(
    people,
    st.lists(absences, max_size=8),
    st.lists(st.sampled_from(OFFICE), min_size=1),
    st.sampled_from([None, *NAMES]),
)
def test_everybody_responsible_or_who_stands_in_is_told_exactly_once(
    staff: list[Person], noted: list[Absence], to: list[str], assignee: str | None
) -> None:
    known = {one.subject for one in staff}
    noted = [one for one in noted if {one.subject, one.cover} <= known]
    responsible: set[str] = set()
    for recipient in to:
        in_hand = recipient in {"authority", "assignee"}
        post = "section_head" if in_hand else recipient
        holders = {f"staff:{one.subject}" for one in staff if post in one.posts}
        responsible |= {f"staff:{assignee}"} if in_hand and assignee else holders or {f"post:{post}"}

    def stands_in(inbox: str) -> str:
        """Follow the covers by hand, from who is away to who is there."""
        subject, passed = inbox.partition(":")[2], []
        while subject not in passed:
            passed.append(subject)
            covers = [one.cover for one in noted if one.subject == subject and one.first <= DAY <= one.last]
            if not covers:
                return f"staff:{subject}"
            subject = covers[0]
        return inbox

    wanted = {inbox if inbox.startswith("post:") else stands_in(inbox) for inbox in responsible}
    readers = told(staff, noted, *to, assignee=assignee)
    assert sorted(reader.inbox for reader in readers) == sorted(wanted)
    for reader in readers:
        at_their_post = reader.inbox in responsible and reader.inbox.startswith("staff:")
        is_away = any(f"staff:{one.subject}" == reader.inbox and one.first <= DAY <= one.last for one in noted)
        assert bool(reader.why) == (not at_their_post or is_away)


def test_whoever_has_the_case_in_hand_is_the_authority_and_else_the_heads_of_section() -> None:
    staff = [person("li", "examiner"), person("zhou", "section_head"), person("wu", "section_head", "bureau_head")]
    assert [one.inbox for one in told(staff, [], "authority", "assignee", assignee="li")] == ["staff:li"]
    assert [one.inbox for one in told(staff, [], "assignee", "authority", "bureau_head")] == ["staff:zhou", "staff:wu"]


def test_each_office_is_told_of_its_own_cases_alone() -> None:
    staff = [person("li", "section_head"), person("wang", "section_head", office="changchun")]
    directory = Recipients({}, Directory({one.subject: one for one in staff}, ()))
    for office, to, inbox in (
        ("provincial", "section_head", "staff:li"),
        ("changchun", "section_head", "staff:wang"),
        ("changchun", "bureau_head", "post:bureau_head@changchun"),
        ("provincial", "bureau_head", "post:bureau_head"),
    ):
        (reader,) = directory.of_case(replace(CASE, office=office), [to], DAY)
        assert reader.inbox == inbox
        assert (inbox in inboxes_of(officer("x", "bureau_head", office=office))) == inbox.startswith("post:")


def test_the_cover_is_told_for_whom_and_until_when() -> None:
    staff = [person("li", "section_head", language="zh"), person("wang", language="en", delivery="at_once")]
    (reader,) = told(staff, [away("li", "wang", DAY, DAY + timedelta(10))], "section_head")
    assert (reader.inbox, reader.address, reader.language, reader.digest) == (
        *("staff:wang", "wang@office.example", "en", False),
    )
    assert reader.why == {
        "zh": "li先生自2013年10月8日至2013年10月18日不在岗，由您代理，故向您发送。",
        "en": "You receive this because li先生 is absent from 8 October 2013 to 18 October 2013 and you stand in.",
    }


def test_where_everybody_is_away_it_stays_with_whose_it_is_and_says_so() -> None:
    staff = [person("li", "section_head"), person("wang")]
    (reader,) = told(staff, [away("li", "wang"), away("wang", "li")], "section_head")
    assert (reader.inbox, reader.address) == ("staff:li", "li@office.example")
    assert "代理人亦均不在岗" in reader.why["zh"]


def test_a_post_that_nobody_holds_keeps_its_messages_and_says_so() -> None:
    (reader,) = told([], [], "supervision")
    assert (reader.inbox, reader.address) == ("post:supervision", None)
    assert ("“监督检查”" in reader.why["zh"], "Nobody in the directory is supervision" in reader.why["en"]) == (
        True,
        True,
    )


def test_who_has_a_case_in_hand_and_is_not_in_the_directory_has_an_inbox() -> None:
    assert told([], [], "authority", assignee="li") == [Reader("staff:li", "authority")]


def test_organisations_are_written_to_as_they_said() -> None:
    contacts = {("lab", "JL-LAB-01"): Contact("lab@example.com", "zh")}
    recipients = Recipients(contacts, Directory({}, ()))
    assert list(recipients.of_case(CASE, ["applicant", "laboratory"], DAY)) == [
        Reader("applicant:maker", "applicant", "maker@example.com")
    ]
    commissioned = replace(CASE, lab="JL-LAB-01")
    assert list(recipients.of_case(commissioned, ["laboratory"], DAY)) == [
        Reader("lab:JL-LAB-01", "laboratory", "lab@example.com", "zh")
    ]
