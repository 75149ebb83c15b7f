"""The explanation and the drawing of a clock, through the API."""

from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest

from services.notifications.clocks.schemas import ClockExplanation
from tests.services.notifications.test_api import FACES, clocks, look
from tests.support import Office, PlayedCase, applicant, credit_code

NOW = "2013-09-18T12:00:00+08:00"


@pytest.fixture
def case(office: Office) -> PlayedCase:
    played = office.case("type_approval")
    played.do("submit")
    return played


def path(office: Office, case: PlayedCase, face: str = "applicant", ending: str = "") -> str:
    clock = clocks(office, case)["intake"]["id"]
    return f"{FACES[face]}/{case.read()['number']}/clocks/{clock}/explanation{ending}"


def test_the_days_of_a_clock_add_up_to_its_last_day(office: Office, case: PlayedCase) -> None:
    told = office.caller("notifications", case.people["applicant"], NOW).get(path(office, case)).json
    assert ClockExplanation().validate(told) == {}
    assert (told["last_day"], told["budget"], told["counted"], told["state"]) == ("2013-09-25", 5, 5, "running")
    assert sum(run["counted"] for run in told["segments"]) == 5
    assert told["segments"][1] | {"why": None} == {
        "from": "2013-09-19",
        "to": "2013-09-21",
        "kind": "holiday",
        "days": 3,
        "working_days": 0,
        "counted": 0,
        "why": None,
        "basis": {"zh": "行政许可法第八十二条", "en": "Administrative Licensing Law Art. 82"},
        "provisional": False,
    }
    assert told["arithmetic"]["en"][-1] == "5 working days counted; the last day is 25 September 2013"


def test_it_is_drawn_too_and_the_picture_runs_nothing(office: Office, case: PlayedCase) -> None:
    answer = office.caller("notifications", case.people["intake"], NOW).get(path(office, case, "staff", ".svg"))
    assert answer.headers["Content-Type"] == "image/svg+xml; charset=utf-8"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert ET.fromstring(answer.body).tag.endswith("svg")  # noqa: S314 - our own text


def test_it_is_for_the_case_s_own_people(office: Office, case: PlayedCase) -> None:
    where = path(office, case)
    assert office.caller("notifications", applicant(credit_code()), NOW).get(where).status == 404
    missing = where.replace(where.split("/")[-2], "no-such-clock")
    answer = office.caller("notifications", case.people["applicant"], NOW).get(missing)
    assert (answer.status, answer.json["type"].rpartition("/")[2]) == (404, "not_found")
    assert look(office, case, "clocks").status == 200
