"""An OIML certificate that is accepted leaves the gap to be tested; an acceptable one is not refused for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from shared.problems import Problem
from tests.shared.casework.parts import Desk, naming_oiml
from tests.support.forms import OIML

if TYPE_CHECKING:
    from sqlalchemy import Connection


@pytest.fixture
def desk(tx: Connection) -> Desk:
    desk = naming_oiml(tx)
    desk.do("submit", "accept")
    return desk


REPORT = {"number": "NMi-1", "laboratory": "NMi", "pages": 84, "received": 84, "manufacturer_laboratory": False}
WRONG: dict[str, dict[str, Any]] = {
    "a": {"status": "withdrawn"},
    "d": {"models": ["ACS-30"]},
    "e": {"reports": [{**REPORT, "received": 83}]},
}
VOLUNTARY: dict[str, dict[str, Any]] = {
    "c": {"in_scope": False},
    "f": {"reports": [{**REPORT, "manufacturer_laboratory": True}]},
}


@pytest.mark.parametrize("check", WRONG)
def test_what_proves_too_little_is_refused_without_more_and_never_accepted(desk: Desk, check: str) -> None:
    with pytest.raises(Problem) as caught:
        desk.attempt("examine_oiml", **WRONG[check])
    assert [one.code for one in caught.value.violations] == ["oiml_not_acceptable"]
    desk.do("examine_oiml", **WRONG[check], decision="refuse")
    assert [one["check"] for one in desk.case.data["oiml"]["checks"] if not one["met"]] == [check]
    kept, told = desk.case.data["oiml"], desk.outbox()[-1]["data"]
    for language in ("zh", "en"):
        (failed,) = (one[language] for one in kept["checks"] if not one["met"])
        assert kept[f"reason_{language}"] == told[f"reason_{language}"] == failed


@pytest.mark.parametrize("check", VOLUNTARY)
def test_where_nobody_declared_to_accept_it_that_is_confirmed(desk: Desk, check: str) -> None:
    with pytest.raises(Problem) as caught:
        desk.attempt("examine_oiml", **VOLUNTARY[check])
    assert [one.code for one in caught.value.violations] == ["oiml_voluntary"]
    desk.do("examine_oiml", **VOLUNTARY[check], confirmed=["oiml_voluntary"])


@pytest.mark.parametrize("number", ["R49/2013-A-NL1-16.01", "R76/1992-CN1-05.01"])
def test_of_another_recommendation_or_edition_it_proves_nothing(tx: Connection, number: str) -> None:
    desk = Desk(tx, oiml_certificate=number)
    desk.do("submit", "accept")
    desk.do("examine_oiml", decision="refuse")
    failed = [one["check"] for one in desk.case.data["oiml"]["checks"] if not one["met"]]
    assert "b" in failed


def test_an_acceptable_certificate_is_refused_with_a_justification_alone(desk: Desk) -> None:
    with pytest.raises(Problem) as caught:
        desk.attempt("examine_oiml", decision="refuse")
    assert [one.name for one in caught.value.violations] == ["reason"]
    desk.do("examine_oiml", decision="refuse", reason="国家要求差异过大")
    assert desk.outbox()[-1]["type"] == "oiml.refused"
    # Refused, it leaves nothing out: the laboratory plans as ever.
    desk.do("commission", "arrange")
    assert "items" not in desk.case.data["arrangement"]


def test_no_laboratory_is_commissioned_before_the_certificate_is_examined(desk: Desk) -> None:
    with pytest.raises(Problem) as caught:
        desk.attempt("commission")
    assert [(one.name, one.code) for one in caught.value.violations] == [("oiml_certificate", "not_examined")]
    desk.do("examine_oiml", decision="refuse", reason="国家要求差异过大")
    desk.do("withdraw_oiml_examination")
    with pytest.raises(Problem):
        desk.attempt("commission")
    desk.do("examine_oiml", "commission")


def test_the_gap_alone_is_commissioned_tested_and_reported(desk: Desk) -> None:
    desk.do("examine_oiml")
    assert desk.case.data["oiml"]["number"] == "R076/2006-A-NL1-2013.01"
    desk.do("commission")
    assert desk.outbox()[-1]["data"]["items"] == ["R76-A.4.4"]
    for items, code in ((["A.4.4", "A.4.7"], "proved_by_oiml"), (["A.4.7"], "missing")):
        with pytest.raises(Problem) as caught:
            desk.attempt("arrange", items=items)
        assert code in {one.code for one in caught.value.violations}
    desk.do("serve_time_notice", "arrange", "receive_samples", "record_test", "draft_report")
    assert desk.case.data["arrangement"]["items"] == ["R76-A.4.4"]
    assert desk.case.data["report"]["oiml"] == {"certificate": OIML, "reports": ["NMi-1"]}
    desk.do("check_report", "issue_report", "review", "grant")
    told = desk.rows("SELECT content -> 'report' ->> 'oiml' FROM certificates WHERE case_id = :id")
    assert told == [(OIML,)]


def test_one_prototype_proves_a_series_that_the_certificate_names(tx: Connection) -> None:
    """Lines that no rule for series lets one prototype cover."""
    first = {"name": "电子计价秤", "model": "ACS-15", "characteristics": {"class": "III", "max": "15 kg", "e": "5 g"}}
    other = {"name": "电子天平", "model": "TP-1", "characteristics": {"class": "II", "max": "1 kg", "e": "0.1 g"}}
    desk = Desk(tx, lines=[first, other], series_basis="同一传感器", oiml_certificate=OIML)
    desk.do("submit", "accept")
    desk.do("examine_oiml", models=["ACS-15", "TP-1"])
    desk.do("commission", "serve_time_notice", "arrange", "receive_samples", "record_test")
    assert len(desk.case.data["arrangement"]["lines"]) == 1
    desk.do("draft_report", "check_report", "issue_report", "review", "grant")
