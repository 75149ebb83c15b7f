"""Files of holiday notices: what they may contain, and every fault."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from shared.calendars import read
from shared.law import DayKind, national
from shared.problems import Problem
from shared.text import Text
from tests.shared.calendars.parts import DAYS_2027, PAPER, file


def faults(content: bytes, **said: Any) -> dict[str, str]:
    with pytest.raises(Problem) as refused:
        read(content, **said)
    return {fault.name: fault.code for fault in refused.value.violations} or {"": refused.value.kind}


def test_a_year_whose_notice_is_out() -> None:
    notice = read(file())
    assert (notice.year, notice.area, notice.sources) == (2027, "", (PAPER,))
    assert (len(notice.off), len(notice.work)) == (26, 3)
    assert notice.off[date(2027, 4, 4)] == Text("清明节", "Tomb-sweeping Day")
    published = national().under([notice])
    assert not published.provisional(date(2027, 1, 1), date(2027, 12, 31))
    assert published.is_working(date(2027, 10, 9))


def test_the_days_of_an_area() -> None:
    days = [("州庆", "2027-09-03", True)]
    notice = read(file(days, papers=None), sources=["延边州政府办公室公告"], area="延边朝鲜族自治州")
    assert (notice.area, notice.sources) == ("延边朝鲜族自治州", ("延边州政府办公室公告",))
    named = [{"name": "州庆", "name_en": "prefecture day", "date": "2027-09-03", "isOffDay": True}]
    assert read(file(area="延边", days=named)).off == {date(2027, 9, 3): Text("州庆", "prefecture day")}


def test_the_run_of_new_year_may_begin_in_december() -> None:
    assert date(2026, 12, 31) in read(file([*DAYS_2027, ("元旦", "2026-12-31", True)])).off


def test_what_goes_without_saying_may_be_said() -> None:
    """As in holiday-cn's 2020.json, where the prolonged Spring Festival names the Monday on which work begins."""
    said = [
        ("春节", "2027-02-15", False),
        ("国庆节", "2027-10-10", True),
        ("中秋节", "2027-10-07", True),
        *DAYS_2027[:2],
    ]
    notice = read(file([*DAYS_2027, *said]))
    assert len(notice.make_up) == 3
    assert notice.off[date(2027, 10, 7)] == Text("国庆节、中秋节", "National Day and Mid-autumn Festival")
    redundant, plain = national().under([notice]), national().under([read(file())])
    assert redundant.is_working(date(2027, 2, 15))
    assert redundant.day(date(2027, 2, 15)).kind is DayKind.WORKING
    assert redundant.first_change(plain) is None


@pytest.mark.parametrize(
    ("year", "lacking", "complete"),
    [
        (1999, "10-03", False),
        (2003, "05-03", False),
        (2008, "05-02", True),
        (2024, "05-02", True),
        (2025, "05-02", False),
        (2028, "05-02", False),
    ],
)
def test_a_year_is_complete_by_the_law_of_that_year(year: int, lacking: str, *, complete: bool) -> None:
    days = [(name, f"{year}{day[4:]}", bool(off)) for name, day, off in DAYS_2027 if off and day[5:] != lacking]
    content = file(days, year=year)
    if complete:
        assert read(content).year == year
    else:
        assert faults(content) == {"days": "incomplete"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff", {"": "malformed"}),
        (b"[]", {"": "invalid"}),
        (file(papers=None), {"": "invalid"}),
        (file(papers=[]), {"": "invalid"}),
        (file(papers=["no address"]), {"papers.0": "invalid"}),
        (file([]), {"days": "not_published"}),
        (file(days=None), {"days": "missing"}),
        (file(year="2027"), {"year": "invalid"}),
        (file(year=1998), {"year": "invalid"}),
        (file(DAYS_2027[3:]), {"days": "incomplete"}),
        (file([*DAYS_2027, ("元旦", "2026-11-30", True)]), {"days.29.date": "wrong_year"}),
        (file([*DAYS_2027, ("元旦", "2028-01-01", True)]), {"days.29.date": "wrong_year"}),
        (
            file([("元旦", "2027-01-01", False), *DAYS_2027]),
            {"days.0.date": "contradictory", "days.1.date": "contradictory"},
        ),
        (file([("劳动节", "2027-05-02", False), *DAYS_2027[:12], *DAYS_2027[20:]]), {"days.0.date": "off_by_law"}),
        (file([("州庆", "2027-10-01", False)], area="延边"), {"days.0.date": "off_by_law"}),
        (file(holidays=[]), {"holidays": "unknown_field"}),
    ],
)
def test_what_cannot_be_imported(content: bytes, expected: dict[str, str]) -> None:
    assert faults(content) == expected


def test_every_fault_is_told_at_once() -> None:
    days = [("", "2027-13-01", True), ("元旦", "2028-01-01", False), *DAYS_2027]
    assert faults(file(days, papers=["x"])) == {
        "papers.0": "invalid",
        "days.0.name": "missing",
        "days.0.date": "invalid",
        "days.1.date": "wrong_year",
    }
