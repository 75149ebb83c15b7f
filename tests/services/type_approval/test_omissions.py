"""A report that concludes pass accounts for every item of the programme."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.evaluation import omissions
from services.type_approval.evaluation.progress import progress
from shared.casework.facts import FORM
from shared.metrology import family, family_of, known_families
from shared.problems import Problem
from tests.services.type_approval.test_programme import refusal
from tests.shared.casework.parts import Desk
from tests.support import WAYS, weighing_test
from tests.support.forms import content_of, left_out

if TYPE_CHECKING:
    from sqlalchemy import Connection

WAY = WAYS["type_approval"]
EXEMPT = ("r76.sensitivity", "r76.price")
"""What a scale that indicates by itself, and not for direct sale, is exempt from."""
LEFT_OUT = [one for one in content_of("draft_report")["left_out"] if one["item"] not in EXEMPT]
LABORATORYS = {"number": "DG-1", "edition": "2013", "title": "大纲", "items": [], "by": "甲", "on": "2013-09-17"}


def case_of(name: str, **characteristics: str) -> dict[str, Any]:
    """The data of a case of the example of a family, received and not tested."""
    example = family(name).example
    line = {"model": example.model, "characteristics": {**example.characteristics, **characteristics}}
    form = {"category": example.kind, "lines": [line]}
    return {FORM.name: form, "samples": [{"serial": "S-1", "model": example.model}], "tests": []}


@pytest.mark.parametrize("name", known_families())
def test_every_item_of_the_programme_is_to_be_accounted_for(name: str) -> None:
    case = case_of(name)
    found = omissions.unexamined(case, family_of(case[FORM.name]["category"]))
    wanted = [] if name == "general" else [one.id for one in family(name).items if one.id.startswith(f"{name}.")]
    assert [*found] == wanted


def test_what_the_programme_exempts_needs_no_other_reason() -> None:
    meters = family("r49")
    mechanical, electronic = case_of("r49", electronic="no"), case_of("r49", electronic="yes")
    exempt = {item for item, why in omissions.unexamined(mechanical, meters).items() if why}
    assert exempt == {"r49.climate", "r49.em"}
    assert not any(omissions.unexamined(electronic, meters).values())
    assert not exempt & {one.id for one in omissions.unexplained(mechanical, meters)}
    both = {**mechanical, "samples": [*mechanical["samples"], {**mechanical["samples"][0], "serial": "S-2"}]}
    both["samples"][1]["characteristics"] = {"electronic": "yes"}
    assert not any(omissions.unexamined(both, meters).values()), "one of the prototypes has electronic devices"


def test_another_programme_than_the_family_s_has_its_own_rules() -> None:
    case, scales = case_of("r76"), family("r76")
    assert omissions.unexamined({**case, "programme": LABORATORYS}, scales) == {}


def test_a_pass_names_the_items_that_it_leaves_out_and_the_office_confirms_them(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:7])
    with pytest.raises(Problem) as caught:
        desk.attempt("draft_report", left_out=LEFT_OUT[2:])
    faults = caught.value.violations
    assert {(fault.name, fault.code) for fault in faults} == {("left_out", "unexamined")}
    assert [fault.about for fault in faults] == [one["item"] for one in LEFT_OUT[:2]]
    assert "A.5.3.2 空载温度未做" in str(faults[0].reason)
    for item, code in (("A.4.4", "examined"), ("r76.magic", "unknown_item"), ("A.4.7", "twice")):
        wrong = refusal(desk, "draft_report", left_out=[*LEFT_OUT, *left_out([item])])
        assert wrong == {f"left_out.{len(LEFT_OUT)}.item": code}
    before = progress(desk.case)
    assert [one["item"] for one in before["lacking"]] == [one["item"] for one in LEFT_OUT]
    assert {one["id"] for one in before["items"] if one["unexamined"]} == {one["item"] for one in LEFT_OUT}
    desk.do("draft_report")
    first, *others = desk.case.data["report"]["left_out"]
    assert [one["item"] for one in others if one["exempt"]] == [*EXEMPT]
    why = {"zh": LEFT_OUT[0]["reason"], "en": LEFT_OUT[0]["reason"]}
    assert (first["item"], first["clause"], first["why"]) == ("r76.temp-no-load", "A.5.3.2", why)
    told = progress(desk.case)
    assert told["items"][1]["left_out"] == why
    assert not any(one["unexamined"] for one in told["items"])
    desk.do("check_report", "issue_report")
    with pytest.raises(Problem) as caught:
        desk.attempt("review", confirmed=[])
    (warning,) = caught.value.violations
    assert (caught.value.kind, warning.code) == ("confirmation_needed", "left_out")
    assert "A.5.3.2" in str(warning.reason)
    desk.do("review", "grant")


def test_a_report_that_fails_needs_no_reasons(tx: Connection) -> None:
    desk = Desk(tx)
    desk.do(*WAY[:6])
    desk.do("record_test", points=weighing_test("10.100 kg")["points"])
    desk.do("draft_report", conclusion="fail", left_out=[])
    assert [one["item"] for one in desk.case.data["report"]["left_out"]] == [*EXEMPT]
    desk.do("check_report", "issue_report")
    desk.do("review", recommendation="refuse", confirmed=[])
