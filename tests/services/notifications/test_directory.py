"""The directory: staff, covers, and the contacts of organisations."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.office.directory import Absence, Directory, Person, cover_of, person
from tests.support import Office, applicant, credit_code, expert, laboratory, officer

if TYPE_CHECKING:
    from tests.support import Caller

STAFF = "/internal/v1/staff"
DAY = date(2013, 10, 8)


def somebody() -> str:
    """A subject that no other test knows."""
    return f"p{uuid4().hex[:10]}"


def record(*posts: str) -> dict[str, object]:
    return {
        "name": "李承办",
        "email": "li@office.example",
        "posts": list(posts),
        "office": "provincial",
        "language": "both",
        "delivery": "digest",
    }


@pytest.fixture
def head(office: Office) -> Caller:
    return office.caller("notifications", officer("head", "section_head"))


def away(head: Caller, subject: str, cover: str, first: str = "2013-10-08", last: str = "2013-10-18") -> str:
    answer = head.post(f"{STAFF}/{subject}/absences", {"from": first, "to": last, "cover": cover})
    assert answer.status == 201, answer.body
    return str(answer.json["id"])


def test_a_head_writes_the_record_of_anybody(office: Office, head: Caller) -> None:
    li = somebody()
    assert head.get(f"{STAFF}/{li}").status == 404
    assert head.put(f"{STAFF}/{li}", record("examiner")).json == {"subject": li, **record("examiner")}
    assert head.put(f"{STAFF}/{li}", record("decider", "intake")).status == 200
    assert head.get(f"{STAFF}/{li}").json == {"subject": li, **record("decider", "intake"), "absences": []}
    with office.engines["notifications"].connect() as tx:
        assert person(tx, li) == Person(li, "李承办", "li@office.example", ("decider", "intake"), "both", "digest")
        assert person(tx, somebody()) is None


def test_others_write_their_own_record_with_posts_they_have(office: Office) -> None:
    li = somebody()
    caller = office.caller("notifications", officer(li, "examiner"))
    assert caller.put(f"{STAFF}/{li}", record("examiner")).status == 200
    refused = caller.put(f"{STAFF}/{li}", record("examiner", "decider"))
    assert (refused.status, refused.faults) == (422, {"posts": "not_yours"})
    assert caller.put(f"{STAFF}/{somebody()}", record("examiner")).status == 403


def test_the_people_of_an_office_are_entered_by_its_own_heads_and_those_of_the_province(
    office: Office, head: Caller
) -> None:
    li, wang = somebody(), somebody()
    city = office.caller("notifications", officer("head-2", "section_head", office="changchun"))
    of_city = {name: value for name, value in record("examiner").items() if name != "office"}
    assert city.put(f"{STAFF}/{li}", of_city).json["office"] == "changchun"
    assert city.put(f"{STAFF}/{li}", record("examiner")).status == 403
    assert head.put(f"{STAFF}/{wang}", record("examiner")).status == 200
    assert city.put(f"{STAFF}/{wang}", of_city).status == 403
    assert head.put(f"{STAFF}/{li}", of_city).json["office"] == "changchun", "it stays as it is"
    refused = city.post(f"{STAFF}/{li}/absences", {"from": "2013-10-08", "to": "2013-10-09", "cover": wang})
    assert refused.faults == {"cover": "another_office"}


def test_a_record_s_faults_are_told_all_at_once(head: Caller) -> None:
    answer = head.put(f"{STAFF}/x", {"name": " ", "email": "nowhere", "posts": ["king"], "language": "fr"})
    assert answer.status == 422
    assert set(answer.faults) == {"name", "email", "posts.0", "language"}


def test_the_staff_are_listed_by_pages(head: Caller) -> None:
    mine = sorted(somebody() for _ in range(3))
    for subject in mine:
        head.put(f"{STAFF}/{subject}", record("intake"))
    listed, path = [], f"{STAFF}?limit=2"
    while path:
        page = head.get(path).json
        assert len(page["items"]) <= 2
        listed += [one["subject"] for one in page["items"]]
        path = page.get("next", "")
    assert listed == sorted(listed)
    assert set(mine) <= set(listed)
    assert head.get(f"{STAFF}?limit=0").status == 400


def test_the_cover_of_an_absent_person_is_found(office: Office, head: Caller) -> None:
    li, wang, chen = (somebody() for _ in range(3))
    for subject in (li, wang, chen):
        head.put(f"{STAFF}/{subject}", record("examiner"))
    noted = away(head, li, wang)
    away(head, wang, chen, last="2013-10-10")

    def cover(on: str) -> str | None:
        with office.engines["notifications"].connect() as tx:
            found = cover_of(tx, li, date.fromisoformat(on))
        return found.subject if found else None

    assert [cover(f"2013-10-{day}") for day in ("07", "08", "10", "11", "18", "19")] == [
        *(None, chen, chen, wang, wang, None)
    ]
    caller = office.caller("notifications", officer("head", "section_head"), "2013-10-09T09:00:00+08:00")
    assert caller.get(f"{STAFF}/{li}").json["covered_by"] == chen
    assert "covered_by" not in caller.get(f"{STAFF}/{chen}").json
    assert head.send("DELETE", f"{STAFF}/{li}/absences/{noted}", None).status == 204
    assert cover("2013-10-11") is None
    assert head.send("DELETE", f"{STAFF}/{li}/absences/{noted}", None).status == 404


def test_an_absence_that_cannot_be_is_refused_with_every_fault(office: Office, head: Caller) -> None:
    li, wang = somebody(), somebody()
    for subject in (li, wang):
        head.put(f"{STAFF}/{subject}", record("examiner"))
    path = f"{STAFF}/{li}/absences"
    backwards = head.post(path, {"from": "2013-10-08", "to": "2013-10-07", "cover": somebody()})
    assert (backwards.status, backwards.faults) == (422, {"to": "before_from", "cover": "unknown"})
    assert head.post(path, {"from": "2013-10-08", "to": "2013-10-08", "cover": li}).faults == {"cover": "absent"}
    away(head, li, wang)
    overlapping = head.post(path, {"from": "2013-10-18", "to": "2013-10-20", "cover": wang})
    assert overlapping.faults == {"from": "overlaps"}
    day = {"from": "2013-11-08", "to": "2013-11-08"}
    assert head.post(f"{STAFF}/{somebody()}/absences", {**day, "cover": li}).status == 404
    own = office.caller("notifications", officer(li, "examiner"))
    assert own.post(path, {**day, "cover": wang}).status == 201
    assert own.post(f"{STAFF}/{wang}/absences", {**day, "cover": li}).status == 403


def test_an_organisation_says_where_its_mail_goes(office: Office) -> None:
    code = credit_code()
    for actor, other, path in (
        (applicant(code), applicant(credit_code()), "/v1/contact"),
        (laboratory(somebody()), laboratory(somebody()), "/v1/lab/contact"),
        (expert(somebody()), expert(somebody()), "/v1/expert/contact"),
    ):
        caller = office.caller("notifications", actor)
        assert caller.get(path).status == 404
        contact = {"email": "mail@maker.example", "language": "en"}
        assert caller.put(path, {"email": "first@maker.example", "language": "zh"}).status == 200
        assert caller.put(path, contact).json == contact
        assert caller.get(path).json == contact
        assert office.caller("notifications", other).get(path).status == 404


names = st.sampled_from("abcde")
absences = st.builds(
    lambda who, first, days, cover: Absence("", who, DAY + timedelta(first), DAY + timedelta(first + days), cover),
    *(names, st.integers(-3, 3), st.integers(0, 3), names),
).filter(lambda one: one.subject != one.cover)


@given(st.lists(absences, max_size=12), names)
def test_a_cover_is_there_and_stands_in_for_somebody_who_is_not(noted: list[Absence], subject: str) -> None:
    people = {name: Person(name, name, "", (), "both", "digest") for name in "abcde"}
    directory = Directory(people, tuple(noted))
    cover = directory.cover(subject, DAY)
    if directory.absence(subject, DAY) is None:
        assert cover is None
    elif cover is not None:
        assert cover.subject != subject
        assert directory.absence(cover.subject, DAY) is None
    for name in people:
        assert (subject in directory.covered_by(name, DAY)) == (cover is not None and cover.subject == name)
