"""The office's internal opinions stay internal until the decision."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import wait_for

if TYPE_CHECKING:
    from tests.support import Office

OPINION = "拟同意，理由见内部签报"


@pytest.mark.parametrize(("service", "ready"), [("type_approval", "issue_report"), ("licensing", "report_assessment")])
def test_what_the_examiner_thinks_nobody_outside_reads_before_the_decision(
    office: Office, service: str, ready: str
) -> None:
    case = office.case(service)
    number = case.until(ready)["number"]
    case.do("review", opinion=OPINION)
    wait_for(office.settled, what="all events to arrive")
    notices, here = office.caller("notifications", case.people["applicant"]), case.caller("applicant")
    own = case.path("applicant")
    for caller, path in (
        *((here, path) for path in (own, f"{own}/journal", "/v1/applications", "/v1/applications?state=reviewed")),
        *((notices, path) for path in ("/v1/events", f"/v1/cases/{number}/messages", f"/v1/cases/{number}/clocks")),
    ):
        answer = caller.get(path)
        assert answer.status == 200
        assert OPINION not in answer.body.decode(), path
    dry_run = case.attempt("withdraw", query="?dry_run=true")
    assert OPINION not in dry_run.body.decode()
    journal = here.get(f"{own}/journal").json
    assert [entry.keys() & {"reason", "data", "hash"} for entry in journal["items"]][-1] == set()
    assert case.read("examiner")["review"]["opinion"] == OPINION
    case.do("refuse")
    assert case.read()["review"]["opinion"] == OPINION
