"""No list names the same thing twice, in whatever spelling; the second one is told."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import Schema, fields

from services.licensing.assessment.schemas import Confirmation
from services.licensing.intake.form import Form as LicenceForm
from services.type_approval.evaluation import records
from services.type_approval.evaluation.schemas import Arrangement, ImprovedSamples, SamplesReceipt
from services.type_approval.intake.form import Form
from shared.permits.decision import Refusal
from shared.permits.facts import SupplementNotice
from shared.problems import Problem
from shared.schemas import Unique, drafted, load, several, text
from tests.services.test_bounds import leaves, read_schemas
from tests.support import Office, credit_code, licence_form, type_approval_form, weighing_test
from tests.support.forms import content_of, findings, line_with

BY_RULES = {
    "lines": "compared by the family of the instrument",
    "items": "test items are called by id or clause",
    "gap": "test items are called by id or clause",
    "left_out": "test items are called by id or clause",
    "findings": "assessors are called by code or certificate",
    "points": "the same load is measured again and again",
    "scope": "one kind may be authorised in several ranges",
    "inspection_equipment": "two of one make have nothing that tells them apart",
    "confirmed": "who confirms twice confirms",
    "numbers": "a number that is asked twice is answered twice",
}
"""Lists whose schema does not compare: why."""
LINE = type_approval_form("91220101MA0Y000086")["lines"][0]
SAMPLE = {"serial": "S-1", "model": "ACS-15", "seals": "完好"}
SITE = {"address": "吉林省长春市试验路1号", "postcode": "130000"}


def test_every_list_that_is_read_is_compared_or_has_a_reason_not_to_be() -> None:
    lists = {
        path: field
        for schema in read_schemas()
        for path, field in leaves(schema, schema.__name__)
        if isinstance(field, fields.List)
    }
    free = {
        path.rpartition(".")[2]
        for path, field in lists.items()
        if not any(isinstance(check, Unique) for check in field.validators)
    }
    assert len(lists) > 20
    assert free == BY_RULES.keys()


RECEIPT = content_of("receive_samples")


@pytest.mark.parametrize(
    ("schema", "content", "name", "once", "again", "fault"),
    [
        (Form, type_approval_form(credit_code()), "production_sites", [SITE], "吉林省 长春市试验路１号", "address"),
        (LicenceForm, licence_form(credit_code()), "production_sites", [SITE], "吉林省长春市试验路1号", "address"),
        (
            LicenceForm,
            licence_form(credit_code()),
            "production_equipment",
            [{"name": "贴片机", "count": 1}],
            "",
            "name",
        ),
        (SamplesReceipt, RECEIPT, "samples", [SAMPLE], "ｓ‑1", "serial"),
        (ImprovedSamples, {}, "samples", [SAMPLE], "s-1", "serial"),
        (SamplesReceipt, RECEIPT, "documents", ["使用说明书"], "使用 说明书", ""),
        (Confirmation, {"no_interest": True}, "assessors", ["E-1"], "ｅ-1", ""),
        (Arrangement, {"plan": "次日", "samples": 1}, "lines", [1, 2], "", ""),
        (records.TestRecord, weighing_test(), "equipment", weighing_test()["equipment"], "m1–SET", "asset"),
        (SupplementNotice, {}, "items", ["企业标准"], "企业标准 ", ""),
        (Refusal, {}, "norms", ["GB/T 7722-2005"], "gb/t 7722–2005", ""),
    ],
)
def test_what_is_there_twice_is_told_at_the_second(
    schema: type[Schema], content: dict[str, Any], name: str, once: list[Any], again: str, fault: str
) -> None:
    first = once[0]
    second = {**first, fault: again or first[fault]} if fault else again or first
    assert load(schema(), {**content, name: once})[name]
    for one in (schema, drafted(schema)):
        with pytest.raises(Problem) as refused:
            load(one(), {**content, name: [*once, second]})
        (violation,) = refused.value.violations
        place = ".".join(filter(None, [name, str(len(once)), fault]))
        assert (violation.name, violation.code) == (place, "twice")


def test_what_a_draft_does_not_say_yet_is_not_the_same() -> None:
    assert load(drafted(Form)(), {"production_sites": [{"postcode": "130000"}, {"postcode": "130000"}]})
    assert load(drafted(Form)(), {"lines": [{"model": "ACS-15"}, {"model": "ACS-15"}], "series_basis": "同一结构"})


def test_a_list_tells_what_is_wrong_with_it_and_with_its_items() -> None:
    class Names(drafted(Arrangement)):  # type: ignore[misc]
        names = several(text(), maximum=2, unique_by=())

    with pytest.raises(Problem) as refused:
        load(Names(), {"names": ["a", "b", "A"]})
    assert {(one.name, one.code) for one in refused.value.violations} == {("names", "invalid"), ("names.2", "twice")}


@pytest.mark.parametrize(
    ("second", "same"),
    [
        (LINE, True),
        ({**LINE, "model": "ａｃｓ–15", "remark": "另一行"}, True),
        (line_with(LINE, max="15000 g"), True),
        (line_with(LINE, e="0.005 kg"), True),
        (line_with(LINE, max="30 kg", e="10 g"), False),
        ({**LINE, "model": "ACS-30"}, False),
        ({**LINE, "principle": "电磁力平衡"}, False),
    ],
)
def test_a_line_is_there_once_in_whatever_unit(second: dict[str, Any], same: bool) -> None:
    code = credit_code()
    approval = type_approval_form(code, lines=[LINE, second], series_basis="同一结构")
    own = {"category": "non_automatic_scale", "standard": "GB/T 7722-2005"}
    licence = licence_form(code, lines=[{**LINE, **own}, {**second, **own}])
    for schema, form in ((Form, approval), (LicenceForm, licence)):
        if same:
            with pytest.raises(Problem) as refused:
                load(schema(), form)
            assert [(one.name, one.code) for one in refused.value.violations] == [("lines.1.model", "twice")]
        else:
            assert load(schema(), form)


def test_test_items_are_told_once_by_whatever_name(office: Office) -> None:
    case = office.case("type_approval")
    case.until("serve_time_notice")
    answer = case.attempt("arrange", items=["A.4.4", "A.4.10", "r76.weighing"])
    assert answer.faults == {"items.2": "twice"}
    case.do("arrange", items=["A.4.4", "A.4.10"])
    case.do("receive_samples")
    case.do("record_test")
    for items, faults in (
        ([{"item": "附件"}], {"items.0.item": "unknown_item"}),
        ([{"item": "A.4.4"}, {"item": "R76-A.4.4"}], {"items.1.item": "twice"}),
        ([{"item": "A.4.4"}, {"item": "R76-A.4.4", "serial": "S-1"}], {}),
        ([{"item": "A.4.4", "serial": "s‑1"}, {"item": "A.4.10", "serial": "S-1"}], {}),
        ([{"item": "A.4.4", "serial": "S-2"}], {"items.0.serial": "unknown_prototype"}),
        ([{"item": "r76.weighing"}, {"item": "A.4.7"}], {"items.1.item": "not_in_programme"}),
    ):
        told = [{"finding": "示值超差", **one} for one in items]
        assert case.attempt("find_nonconformity", items=told, query="?dry_run=true").faults == faults
    told = [{"item": "A.4.7", "finding": "偏载超差"}]
    assert case.do("find_nonconformity", items=told, confirmed=["not_in_programme"])["state"] == "improving"


def test_an_assessor_finds_one_thing_on_a_clause(office: Office) -> None:
    case = office.case("licensing")
    case.until("serve_time_notice")
    leader, other = (one["certificate"] for one in case.read()["assessment_plan"]["team"])
    found = findings()
    finding = found[1]
    again = [*found, {**finding, "clause": "４.2", "assessor": leader}]
    assert case.attempt("report_assessment", findings=again).faults == {f"findings.{len(found)}.clause": "twice"}
    # A name identifies nobody: another may have it.
    team = case.read()["assessment_plan"]["team"]
    named = [*found, {**finding, "assessor": team[1]["name"]}]
    assert case.attempt("report_assessment", findings=named).faults == {
        f"findings.{len(found)}.assessor": "not_in_team"
    }
    done = case.do("report_assessment", findings=[*found, {**finding, "assessor": other}])
    assert done["state"] == "assessed"
    assert done["assessment"]["findings"][-1]["assessor"] == team[1]["name"]
