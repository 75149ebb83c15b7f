"""The register of experts: the office keeps it, from files too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploy.local.registers import example
from tests.registered import expert_entry
from tests.shared.http.parts import refused
from tests.support import credit_code, officer

if TYPE_CHECKING:
    from tests.support import Office

PATH = "/internal/v1/experts"


def expert(code: str, **more: Any) -> dict[str, Any]:
    """One for taximeters, whom no other test draws."""
    return expert_entry(code, **{"kinds": ["taximeter"], "may_lead": False, "capacity": 5, **more})


def test_an_office_keeps_its_experts_from_files_too(office: Office) -> None:
    head = office.caller("licensing", officer("chu", "section_head"))
    code = f"X{credit_code()[-8:]}"
    advised = {"code": credit_code(), "kind": "advised"}
    wrong = expert(code, valid_until="1999-01-01", interests=[advised])
    assert head.post(PATH, wrong).faults == {"interests.0.last_on": "missing"}
    assert head.post(PATH, {**wrong, "interests": [{**advised, "last_on": "2012-01-01"}]}).faults == {
        "valid_until": "before_start"
    }
    assert head.post(PATH, expert(f"{code}/1", kinds=["abacus"])).faults == {"code": "form"}
    assert head.post(PATH, expert(code, kinds=["abacus"])).faults == {"kinds.0": "not_in_catalogue"}
    assert head.post(PATH, expert(code, interests=[{**advised, "last_on": "2012-01-01"}])).status == 201
    assert head.post(PATH, expert(f"{code}-2", certificate=f"考评{code}")).faults == {"certificate": "twice"}
    # What a file cannot say stays; yes, no and numbers are words in it.
    told = f"人员编号,可任组长,同时承担的考核数量\n{code},是,7\n".encode()
    taken = head.send("POST", f"{PATH}/import", told, Content_Type="text/csv").json
    assert (taken["change"], taken["wrong"]) == (1, 0)
    content = head.get(f"{PATH}/{code}").json["content"]
    assert (content["may_lead"], content["capacity"]) == (True, 7)
    assert content["interests"][0]["code"] == advised["code"]
    previewed = head.send("POST", f"{PATH}/import?preview=true", told[:-1] + b"x\n", Content_Type="text/csv")
    assert [one["name"] for one in previewed.json["lines"][0]["faults"]] == ["capacity"]
    previewed = head.send("POST", f"{PATH}/import?preview=true", example("experts"), Content_Type="text/csv")
    assert previewed.json["wrong"] == 0
    examiner = office.caller("licensing", officer("li", "examiner"))
    assert examiner.get(f"{PATH}?q={code}").json["items"][0]["content"]["code"] == code
    refused(examiner.post(PATH, expert(f"{code}-3")), 403, "forbidden")
