"""Facts are read and written by their types alone."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from marshmallow import fields

from services.licensing.assessment.facts import ASSESSMENT_PLAN
from services.licensing.schemas import Gathered as OfLicence
from services.type_approval.schemas import Gathered as OfTypeApproval
from shared.casework.facts import Fact, Kept, kept
from shared.permits.facts import ACCEPTED
from shared.permits.hearing_facts import HEARING
from shared.permits.serving import Served
from shared.schemas import dated
from tests.shared.casework.parts import PROCEDURES

if TYPE_CHECKING:
    from collections.abc import Iterator

KNOWING = [f"services/{service}" for service in PROCEDURES] + [
    f"shared/{package}" for package in ("casework", "documents", "historic", "http", "permits", "uploads")
]
"""Where code knows cases."""
GATHERED = {"type_approval": OfTypeApproval, "licensing": OfLicence}
TOLD = {"event.data", "told.data"}
"""What events carry is JSON data by their contracts."""


def test_code_names_facts_and_not_what_stored_data_call_them() -> None:
    texts = {path: path.read_text(encoding="utf-8") for top in KNOWING for path in Path(top).rglob("*.py")}
    found = [f"{path}:{line}" for path, text in texts.items() if "data" in text for line in by_text(ast.parse(text))]
    assert found == []


def by_text(tree: ast.AST) -> Iterator[int]:
    """The lines in which the data of a case are read, or written by an effect, under a name in quotes."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript):
            data, name = node.value, node.slice
        elif isinstance(node, ast.Call) and node.args and ast.unparse(node.func).endswith(".data.get"):
            assert isinstance(node.func, ast.Attribute)
            data, name = node.func.value, node.args[0]
        elif isinstance(node, ast.Compare):
            data, name = node.comparators[0], node.left
        elif isinstance(node, ast.keyword) and node.arg == "data" and isinstance(node.value, ast.Dict):
            yield from (key.lineno for key in node.value.keys if isinstance(key, ast.Constant))
            continue
        else:
            continue
        of_case = isinstance(data, ast.Attribute) and data.attr == "data"
        if of_case and isinstance(name, ast.Constant) and ast.unparse(data) not in TOLD:
            yield node.lineno


def test_a_type_says_what_its_schema_says() -> None:
    with pytest.raises(TypeError, match="differ"):

        class _Lacking(Kept, schema=dated(Served)):
            receipt: str | None = None
            on: date

    with pytest.raises(TypeError, match="differ"):

        class _Sure(Kept, schema=dated(Served)):
            served_on: date
            receipt: str | None = None
            on: date

    class Whole(Kept, schema=dated(Served)):
        served_on: date | None = None
        receipt: str | None = None
        on: date
        place: str = kept(fields.String())

    assert Whole.read({"on": "2013-09-17", "place": "长春"}) == Whole(on=date(2013, 9, 17), place="长春")


def test_what_is_missing_is_not_stored_and_what_others_stored_is_kept() -> None:
    stored = {"on": "2013-09-17", "deemed": False, "by": "an earlier release"}
    accepted = ACCEPTED.read(stored)
    assert ACCEPTED.set(accepted) == {"accepted": stored}
    assert ACCEPTED.set(replace(accepted, deemed=True)) == {"accepted": {**stored, "deemed": True}}
    assert ACCEPTED.set(None) == {"accepted": None}
    assert ACCEPTED.of({}) is None
    assert HEARING.of({"accepted": stored}) is None


def test_a_team_of_an_earlier_release_had_declared_its_interest_in_the_plan() -> None:
    member = {"name": "卫考评", "certificate": "考评1", "employer": "某检定所", "no_interest": True}
    plan = {
        "team": [member],
        "leader": "卫考评",
        "planned_from": "2013-11-04",
        "planned_to": "2013-11-05",
        "on": "2013-10-08",
    }
    read = ASSESSMENT_PLAN.read(plan)
    assert read.team[0].beside == {"no_interest": True}
    assert ASSESSMENT_PLAN.set(read) == {"assessment_plan": plan}


@pytest.mark.parametrize("service", GATHERED)
def test_what_the_release_before_stored_is_read_and_written_as_it_is(service: str) -> None:
    written = json.loads(Path("tests/services/data/earlier.json").read_bytes())[service]["cases"]
    for data in (case["data"] for case in written):
        facts = [Fact(name, field) for name, field in GATHERED[service]._declared_fields.items() if name in data]
        assert [fact.set(fact.of(data)) for fact in facts] == [{fact.name: data[fact.name]} for fact in facts]
        assert {fact.name for fact in facts} == data.keys()
