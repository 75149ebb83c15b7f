"""An emergency holiday, published from the command line, reaches every open case of both services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner

from services.console import main
from shared.law import DayKind, national
from tests.shared.calendars.parts import DAYS_2027, file
from tests.support import Office, PlayedCase, officer, wait_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from deploy.local.backing import Backing
    from tests.support import Sweep

YEAR = 2016
MORNING = "2016-03-14T09:00:00+08:00"
NEXT_DAY = "2016-03-15T09:00:00+08:00"
CASES = 6
EMERGENCY = [("抗灾特别假", "2016-03-09", True), ("抗灾特别假", "2016-03-17", True)]
"""A Wednesday that is over, on which no limit shall have run, and a Thursday to come."""


@pytest.fixture
def run(servers: Backing, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[int, str, str]]:
    monkeypatch.setenv("QUANHENG_DATABASE_URL", servers.database_url)
    monkeypatch.setenv("QUANHENG_NAMESPACE", servers.namespace)

    def quanheng(*args: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, args)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        return result.exit_code, result.stdout, result.stderr

    return quanheng


@pytest.fixture
def notice(tmp_path: Path) -> str:
    """The year as its notice had it, and the emergency."""
    known = [(day.name.zh, day.date.isoformat(), day.kind is DayKind.HOLIDAY) for day in national().unusual(YEAR)]
    path = tmp_path / f"{YEAR}.json"
    path.write_bytes(file([*known, *EMERGENCY], year=YEAR))
    return str(path)


@pytest.fixture
def heard(office: Office, sweep: Sweep) -> Sweep:
    """Lets time pass until all have heard of it."""

    def swept(now: str) -> dict[str, int]:
        found = sweep(now)
        wait_for(office.settled, what="all events to arrive")
        return found

    return swept


def received(office: Office, service: str) -> PlayedCase:
    case = office.case(service)
    case.do("submit", now=MORNING)
    return case


def clocks(office: Office, case: PlayedCase) -> dict[str, Any]:
    path = f"/internal/v1/cases/{case.read()['number']}/clocks"
    items = office.caller("notifications", officer("s"), NEXT_DAY).get(path).json["items"]
    return {item["limit"]: item for item in items}


def noted(case: PlayedCase, action: str) -> list[dict[str, Any]]:
    items = case.caller("applicant").get(f"{case.path('applicant')}/journal").json["items"]
    return [item["data"] for item in items if item["action"] == action]


def test_an_emergency_holiday_moves_every_last_day_once_and_takes_no_breach_back(
    office: Office, heard: Sweep, run: Callable[..., tuple[int, str, str]], notice: str
) -> None:
    cases = [received(office, service) for service in ("type_approval", "licensing") for _ in range(CASES // 2)]
    late = office.case("type_approval")
    late.do("submit", now="2016-03-04T09:00:00+08:00")
    late.do("accept", now="2016-03-04T10:00:00+08:00")
    wait_for(office.settled, what="all events to arrive")
    heard(MORNING)
    assert clocks(office, late)["commissioning"]["due_on"] == "2016-03-11"
    (breach,) = noted(late, "clock.breached")

    with office.unchanged():
        code, foreseen, _ = run("calendar", "import", notice, "--preview")
    assert code == 0
    assert "later 延后" in foreseen
    moving, breached = (
        int(foreseen.partition(f"{label}: ")[2].split()[0]) for label in ("变动的期限", "不变的逾期记录")
    )

    code, published, _ = run("calendar", "import", notice, "--by", "wang")
    assert (code, "published as version 1" in published) == (0, True)
    code, again, _ = run("calendar", "import", notice, "--by", "wang")
    assert (code, "nothing changed" in again) == (0, True)
    assert heard(NEXT_DAY)["moved"] == moving >= CASES + 1
    assert heard(NEXT_DAY)["moved"] == 0

    for case in cases:
        assert clocks(office, case)["intake"]["due_on"] == "2016-03-22"
        (note,) = noted(case, "clock.moved")
        assert (note["was"], note["due_on"], note["breach_recorded"]) == ("2016-03-21", "2016-03-22", False)
        assert note["sources"] == ["https://www.gov.cn/zhengce/content/2027.htm"]
        assert case.read()["events"] == 1, "a note is not a step of the case"
    recorded = (
        "SELECT count(*) FROM journal WHERE action = 'clock.moved' AND data::jsonb @> '{\"breach_recorded\": true}'"
    )
    assert sum(office.rows(service, recorded)[0][0] for service in ("type_approval", "licensing")) == breached > 0
    notes = {note["limit"]: note for note in noted(late, "clock.moved")}
    assert (notes["commissioning"]["was"], notes["commissioning"]["due_on"]) == ("2016-03-11", "2016-03-14")
    assert notes["commissioning"]["breach_recorded"]
    assert noted(late, "clock.breached")[0] == breach
    assert clocks(office, late)["commissioning"]["fired"][-1]["kind"] == "breach"

    message = "SELECT subject, body FROM messages WHERE case_id = :id AND template = 'clock.moved'"
    told = office.rows("notifications", f"{message} AND recipient = 'applicant'", id=cases[0].id)
    assert len(told) == 1
    assert "2016年3月21日 → 2016年3月22日。" in told[0][1]
    (of_late,) = office.rows("notifications", f"{message} AND recipient = 'applicant'", id=late.id)
    assert "2016年3月11日 → 2016年3月14日（已记录的逾期不变）" in of_late[1]
    assert "11 March 2016 → 14 March 2016 (the recorded breach stays)" in of_late[1]
    feed = "SELECT count(*) FROM feed WHERE number = :number AND type = 'clock.moved'"
    assert office.rows("notifications", feed, number=cases[0].read()["number"]) == [(1,)]

    # The procedures count by it too: what a dry run shows is what notifications has.
    kept = "SELECT version, id::text FROM calendars"
    wait_for(
        lambda: len({tuple(office.rows(service, kept)) for service in office.engines}) == 1,
        what="the notice to be kept",
    )
    shown = cases[0].attempt("accept", query="?dry_run=true", now=NEXT_DAY).json["clocks"]
    assert [clock["was"]["due_on"] for clock in shown["stopped"]] == ["2016-03-22"]

    assert "抗灾特别假" in run("calendar", "show", str(YEAR))[1]
    assert "2016" in run("calendar", "list")[1]


def test_a_bad_file_is_refused_with_every_fault(run: Callable[..., tuple[int, str, str]], tmp_path: Path) -> None:
    path = tmp_path / "2027.json"
    path.write_bytes(file([*DAYS_2027, ("元旦", "2028-01-01", True), ("元旦", "2027-01-01", False)]))
    code, out, err = run("calendar", "import", str(path), "--by", "wang")
    assert (code, out) == (2, "")
    assert "days.29.date: wrong_year" in err
    assert "days.30.date: contradictory" in err


def test_who_publishes_is_asked(run: Callable[..., tuple[int, str, str]], notice: str) -> None:
    code, _, err = run("calendar", "import", notice)
    assert code == 2
    assert "--by" in err
