"""Every kind of instrument of the catalogue can be applied for, tested and granted."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.intake.form import Form
from services.type_approval.intake.kinds import kind_form
from shared.law import load as load_rules
from shared.metrology import Verdict, family, family_of
from shared.metrology.records import read_report
from shared.metrology.verdicts import recompute
from shared.schemas import load
from tests.services.test_every_family import record_of
from tests.support import NOW, Office, credit_code, type_approval_form

if TYPE_CHECKING:
    from shared.law.rows import CatalogueItem
    from shared.metrology.parts import Kind

TODAY = date.fromisoformat(NOW[:10])
KINDS = load_rules().catalogue_on(TODAY)
EACH = pytest.mark.parametrize("item", [pytest.param(one, id=one.code) for one in KINDS])
CODE = credit_code()


def instrument(item: CatalogueItem) -> dict[str, str]:
    """An instrument of the kind: the family's example; of a general kind, in its own unit."""
    held = family_of(item.code)
    if held.id != "general":
        return dict(held.example.characteristics)
    unit = _of(item).unit
    return {"quantity": item.name.zh, "range_low": f"0 {unit}", "range_high": f"100 {unit}", "accuracy": "1级"}


def _of(item: CatalogueItem) -> Kind:
    return next(one for one in family_of(item.code).kinds if one.id == item.code)


def form(item: CatalogueItem) -> dict[str, Any]:
    line = {"name": item.name.zh, "model": "A-1", "characteristics": instrument(item)}
    return type_approval_form(CODE, category=item.code, lines=[line])


def test_there_are_all_kinds_and_what_was_recalled_is_unverified(office: Office) -> None:
    listed = office.caller("type_approval", None).get("/v1/categories").json["items"]
    assert len(listed) == len({one["code"] for one in listed}) == 64
    assert {one["code"] for one in listed if one["verified"]} == {one.code for one in KINDS if one.confidence == "RH"}
    assert not all(one["verified"] for one in listed)


@EACH
def test_a_kind_is_applied_for_with_its_own_characteristics(item: CatalogueItem) -> None:
    assert load(Form(), form(item))["category"] == item.code
    asked = kind_form(load_rules(), item.code, TODAY)
    assert {one["name"] for one in asked["characteristics"]} >= {*instrument(item)}
    assert asked["tests"]


@EACH
def test_a_kind_is_tested(item: CatalogueItem) -> None:
    held = family_of(item.code)
    test = record_of(held.example)
    if held.id == "general":
        unit = _of(item).unit
        test["points"] = [
            {"reference": f"50 {unit}", "indication": f"{shown} {unit}", "upper": f"1 {unit}", "clause": "5.1"}
            for shown in (49, 50, 51)
        ]
    record = {**test, "prototype": "S-1", "on": TODAY.isoformat()}
    name = test["item"].partition(".")[0]
    report = {"programme": name, "instrument": instrument(item), "prototypes": [{"serial": "S-1"}], "records": [record]}
    (outcome,) = recompute(read_report(report)).outcomes
    assert outcome.verdict is Verdict.PASS, outcome.reason
    assert len(outcome.points) == len(test["points"])


@EACH
def test_a_kind_is_submitted(office: Office, item: CatalogueItem) -> None:
    case = office.case("type_approval", CODE, category=item.code, lines=form(item)["lines"])
    received = case.do("submit")
    assert (received["state"], received["form"]["category"]) == ("received", item.code)


def test_a_general_kind_has_a_family_and_each_family_a_kind() -> None:
    assert {family_of(one.code).id for one in KINDS} == {"r76", "r60", "r49", "r117", "r46", "r21", "general"}
    assert {one.id for one in family("general").kinds} == {
        one.code for one in KINDS if family_of(one.code).id == "general"
    }
