"""A certificate ends, and what rests on it: its public page and paper, who applies again, licences that stand on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.services.licensing.parts import known_as
from tests.shared.uploads.files import pdf
from tests.support import NOW, WAYS, wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

TODAY, LATER = NOW[:10], "2014-03-03T09:00:00+08:00"
ENDS = {
    "revoke": ("revoked", "REVOKED"),
    "withdraw_certificate": ("certificate_withdrawn", "WITHDRAWN"),
    "abolish_type": ("type_abolished", "TYPE_ABOLISHED"),
    "cancel": ("cancelled", "CANCELLED"),
}


def shown(case: PlayedCase) -> Any:
    """The certificate as anybody sees it, without the list of its documents, which only grows."""
    anybody = case.office.caller("type_approval", None)
    found = anybody.get(f"/v1/certificates/{case.read()['certificate']}").json
    return {name: value for name, value in found.items() if name != "issues"}


def test_a_certificate_ends_in_four_ways_and_each_is_taken_back(office: Office) -> None:
    case = office.case("type_approval")
    case.until("grant")
    case.do("deliver")
    case.do("report_change", places_of_manufacture=["吉林省长春市新试验路9号"])
    for asked in ("request_conformity_check", "declare_change"):
        case.do(asked)
    before = shown(case)
    assert (before["status"], before["covers"]) == ("in_force", [{"from": TODAY}])
    with office.unchanged():
        assert case.attempt("revoke", "decider").json["code"] == "four_eyes"
        assert case.attempt("abolish_type", on="2013-09-16").faults == {"on": "outside_period"}
        assert case.attempt("revoke", fault="authority", bar="DECEIT").faults == {"bar": "not_at_fault"}
    for action, (status, ground) in ENDS.items():
        said = {"on": LATER[:10]} if action == "abolish_type" else {}
        case.do(action, now=LATER, **said)
        found = shown(case)
        assert (found["status"], found["ended"]["ground"], found["since"]) == (status, ground, LATER[:10])
        assert found["covers"] == [{"from": TODAY, "until": "2014-03-02"}]
        (listed,) = (
            office.caller("type_approval", None)
            .get(f"/v1/certificates?q={found['number']}&on={LATER[:10]}")
            .json["items"]
        )
        assert listed["status"] == status
        (check,) = case.read("tester")["conformity_checks"]
        assert (check["dropped"]["cause"], check["dropped"]["on"]) == ("permit_ended", LATER[:10])
        assert case.do("restore", now=LATER)["state"] == "effective"
        assert "dropped" not in case.read("tester")["conformity_checks"][0]
        assert shown(case) == before
    # What the laboratory was asked for comes back with the certificate, and goes with it.
    assert laboratory_work(case) == ["conformity_check"]
    case.do("revoke", now=LATER, fault="holder", bar="DECEIT")
    assert laboratory_work(case) == []
    query = (
        "SELECT template, recipient, subject FROM messages WHERE case_id = :id AND template LIKE '%.asked' ORDER BY id"
    )
    told = office.rows("notifications", query, id=case.id)
    assert [(one, to) for one, to, _ in told[:2]] == [
        ("certificate.ended.asked", "laboratory"),
        ("certificate.restored.asked", "laboratory"),
    ]
    assert len(told) == 9
    assert "无需再进行符合性检查；对微小改动的评定" in told[0][2]
    again = office.case("type_approval", case.code)
    assert again.attempt("submit", now="2017-03-03T09:00:00+08:00").faults == {"credit_code": "barred"}
    case.do("cancel_ended", now=LATER)
    found = shown(case)
    assert (found["status"], found["ended"]["ground"], found["cancelled_on"]) == ("cancelled", "REVOKED", LATER[:10])
    assert case.attempt("restore", now=LATER).json["code"] == "wrong_state"
    assert case.do("withdraw_cancellation", now=LATER)["state"] == "revoked"


def test_a_laboratory_that_is_named_sees_what_it_needs_while_it_is_asked(office: Office) -> None:
    case = office.case("type_approval")
    manual = f"{case.path('applicant')}/documents?kind=user_manual&name=a.pdf"
    assert case.caller("applicant").send("POST", manual, pdf(b"manual"), Content_Type="application/pdf").status == 201
    for action in WAYS["type_approval"]:
        case.do(action)
        if action == "receive_samples":
            case.do("review_documents")
    number = case.do("report_change", places_of_manufacture=["吉林省长春市新试验路9号"])["number"]
    assert case.attempt("request_conformity_check", "named").status == 404
    case.do("name_laboratory")
    path, named = case.path("named"), case.caller("named")

    def documents() -> list[str]:
        return [one["kind"] for one in named.get(f"{path}/documents").json["items"]]

    def sent(kind: str, name: str) -> int:
        content = pdf(kind.encode())
        there = f"{path}/documents?kind={kind}&name={name}"
        return named.send("POST", there, content, Content_Type="application/pdf").status

    assert (documents(), sent("conformity_record", "a.pdf")) == ([], 422)
    case.do("request_conformity_check")
    assert (documents(), sent("conformity_record", "a.pdf"), sent("custody_photo", "a.pdf")) == (
        ["user_manual"],
        201,
        422,
    )
    assert (laboratory_work(case, "named"), laboratory_work(case)) == (["conformity_check"], [])
    shown = named.get(path).json
    assert {"form", "certificate", "conformity_checks", "checker"} <= shown.keys()
    assert not {"tests", "report", "samples", "commission", "notices"} & shown.keys()
    for part in ("/tests", "/series", "/spreadsheet?item=r76.weighing", "/dcc"):
        assert named.get(path + part).status == 404
    assert [one["number"] for one in named.items(f"/v1/lab/applications?number={number}")] == [number]
    case.do("report_conformity", "named")
    assert (documents(), laboratory_work(case, "named")) == (["conformity_record"], [])
    said = [
        one["action"] for one in named.get(f"{path}/journal").json["items"] if one["role"] == "lab" and "data" in one
    ]
    assert said == ["add_document", "report_conformity"]
    clocks = office.caller("notifications", case.people["named"]).get(f"/v1/lab/cases/{number}/clocks")
    assert "conformity_check" in [one["limit"] for one in clocks.json["items"]]
    hears = "SELECT type FROM feed WHERE number = :number AND named = 'LAB-02' ORDER BY id LIMIT 2"
    assert office.rows("notifications", hears, number=number) == [
        ("certificate.laboratory_named",),
        ("certificate.conformity_check_requested",),
    ]
    case.do("withdraw_named_laboratory")
    assert named.get(path).status == 404
    wait_for(office.settled, what="all events to arrive")
    query = "SELECT template, inbox FROM messages WHERE case_id = :id AND inbox LIKE 'lab:%' ORDER BY id"
    told = [one for one in office.rows("notifications", query, id=case.id) if "laboratory_" in one[0]]
    assert sorted(told) == sorted(
        (f"certificate.laboratory_{done}", f"lab:{lab}")
        for done in ("named", "withdrawn")
        for lab in ("LAB-01", "LAB-02")
    )


def test_what_stands_on_a_certificate_that_ends_becomes_work_and_nothing_lapses(office: Office) -> None:
    """Both orders: one licence was granted before it is known that the certificate has ended, one is to be decided."""
    approval = office.case("type_approval")
    approval.until("grant")
    known_as(office, approval, "in_force")
    held, asked = (office.case("licensing", approval.code) for _ in range(2))
    held.until("deliver")
    asked.until("review")
    number = approval.read()["certificate"]
    approval.do("revoke", now=LATER)
    wait_for(lambda: "lost_approvals" in held.read(), what="the licence to be told")
    (lost,) = held.read()["lost_approvals"]
    assert (lost["certificate"], lost["lines"], lost["on"], lost["en"]) == (number, [1], LATER[:10], "revoked")
    assert held.read()["state"] == "valid"
    refused = asked.attempt("grant", now=LATER)
    assert refused.faults == {"lines.0": "outside_scope"}
    assert f"{number} ended on 3 March 2014, revoked" in refused.json["invalid_params"][0]["reason"]
    assert work(held) == ["lost_approval"]
    assert told(held) == {"applicant", "authority"}
    approval.do("restore", now=LATER)
    wait_for(lambda: "lost_approvals" not in held.read(), what="the licence to be told that it stands")
    assert work(held) == []
    approval.do("cancel", now=LATER)
    wait_for(lambda: "lost_approvals" in held.read(), what="the licence to be told again")
    (settled,) = held.do("settle_approval", now=LATER)["lost_approvals"]
    assert settled["settled"] == {"on": LATER[:10], "reason": "该型号已停止制造"}
    assert work(held) == []
    assert held.attempt("settle_approval", now=LATER).json["code"] == "wrong_state"


def work(case: PlayedCase) -> list[str]:
    """What the office has to do about the case, once all is told."""
    wait_for(case.office.settled, what="all events to arrive")
    queue = case.office.caller("notifications", case.people["examiner"], LATER)
    items = queue.items("/internal/v1/work?holder=authority&procedure=manufacture&state=valid")
    return [item["limit"]["id"] for item in items if item["number"] == case.read()["number"]]


def laboratory_work(case: PlayedCase, who: str = "tester") -> list[str]:
    """What a laboratory has to do about the case, once all is told."""
    wait_for(case.office.settled, what="all events to arrive")
    items = case.office.caller("notifications", case.people[who], LATER).items("/v1/lab/work?limit=100")
    number = case.read()["number"]
    return [item["limit"]["id"] for item in items if item["number"] == number and item["holder"] == "checker"]


def told(case: PlayedCase) -> set[str]:
    query = "SELECT recipient FROM messages WHERE case_id = :id AND template = 'licence.approval_lost'"
    return {recipient for (recipient,) in case.office.rows("notifications", query, id=case.id)}
