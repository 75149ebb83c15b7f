"""What earlier releases wrote is read by this one, and goes on from where it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from alembic import command
from sqlalchemy import Connection, Engine, text

from services.catalogue import EVENTS, VERSIONS
from services.earlier import ARRANGED_VERSIONS, converted
from services.licensing.intake.form import Form as LicenceForm
from services.registry import REGISTRY
from services.type_approval.evaluation import completeness
from services.type_approval.evaluation.records import JudgedRecord
from services.type_approval.intake.form import Form
from services.type_approval.procedure import PROCEDURE
from shared.casework import Cause, apply
from shared.law import load as load_rules
from shared.messaging.envelope import Event, new_id
from shared.metrology import family
from shared.metrology.records import read_report
from shared.metrology.verdicts import recompute
from shared.problems import Problem
from shared.runtime.config import database_url
from shared.runtime.migrations import config
from shared.schemas import instance, load
from tests import registered
from tests.support import DOERS, content_of, database, people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing

WRITTEN = json.loads((Path(__file__).parent / "data/earlier.json").read_bytes())
"""Rows as the release before wrote them, by service and table."""
BEFORE = {"type_approval": "0006", "licensing": "0007"}
"""The revision of its tables."""
SCALE = {"class": "III", "max": "15 kg", "e": "5 g"}
NOW = datetime(2014, 3, 3, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def migrated(servers: Backing) -> Iterator[dict[str, Engine]]:
    names = {service: f"{servers.namespace}_earlier_{service}" for service in BEFORE}
    with (
        database(servers.database_url, names["type_approval"]) as type_approval,
        database(servers.database_url, names["licensing"]) as licensing,
    ):
        engines = {"type_approval": type_approval, "licensing": licensing}
        for service, engine in engines.items():
            scripts = config(REGISTRY[service].migrations, database_url(servers.database_url, names[service]))
            command.upgrade(scripts, BEFORE[service])
            with engine.begin() as tx:
                for table, rows in WRITTEN[service].items():
                    fill = (
                        f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, CAST(:rows AS json))"
                    )
                    tx.execute(text(fill), {"rows": json.dumps(rows)})
            command.upgrade(scripts, "head")
        yield engines


def measure(text: str) -> dict[str, str]:
    """As measured values were written."""
    value, unit = text.split()
    return {"value": value, "unit": unit}


def rows(engine: Engine, query: str) -> list[Any]:
    with engine.connect() as tx:
        return list(tx.execute(text(query)).scalars())


def test_forms_are_read_and_drafts_are_finished_as_they_stand(migrated: dict[str, Engine]) -> None:
    for service, form in (("type_approval", Form), ("licensing", LicenceForm)):
        for written in rows(migrated[service], "SELECT data -> 'form' FROM cases"):
            if written.get("category") != "water_meter":
                load(instance(form), written, partial=True)
    kept = rows(migrated["type_approval"], "SELECT data -> 'form' -> 'lines' FROM cases WHERE number IS NOT NULL")
    assert {**SCALE} in [line["characteristics"] for lines in kept for line in lines]
    (whole,) = rows(migrated["licensing"], "SELECT data -> 'form' FROM cases WHERE state = 'valid'")
    load(instance(LicenceForm), whole)


def test_what_was_said_of_another_kind_of_instrument_is_kept_and_named_when_it_is_mended(
    migrated: dict[str, Engine],
) -> None:
    query = "SELECT data -> 'form' FROM cases WHERE data -> 'form' ->> 'category' = 'water_meter'"
    (meter,) = rows(migrated["type_approval"], query)
    assert meter["lines"][0]["characteristics"] == {"accuracy": "2", "range_high": "4 m3/h"}
    with pytest.raises(Problem) as refused:
        load(instance(Form), meter)
    found = {one.name.rpartition(".")[2]: one.code for one in refused.value.violations}
    assert (found["accuracy"], found["q3"]) == ("unknown_characteristic", "missing")


def test_documents_and_what_is_known_of_type_approvals_state_characteristics(migrated: dict[str, Engine]) -> None:
    plain = {"name": "电子计价秤", "model": "ACS-15"}
    (certificate,) = rows(migrated["type_approval"], "SELECT content FROM certificates")
    assert certificate["lines"] == [{**plain, "characteristics": SCALE}]
    (licence,) = rows(migrated["licensing"], "SELECT content FROM licences")
    assert licence["lines"][0]["characteristics"] == SCALE
    assert list(licence) == list(WRITTEN["licensing"]["licences"][0]["content"]), "in the order they are read in"
    (lines,) = rows(migrated["licensing"], "SELECT lines FROM type_approvals")
    assert [line["characteristics"] for line in lines] == [SCALE]


def test_test_records_have_the_form_of_every_family_and_issued_reports_the_text_that_was_signed(
    migrated: dict[str, Engine],
) -> None:
    (case,) = rows(migrated["type_approval"], "SELECT data FROM cases WHERE state = 'effective'")
    first, second = case["tests"]
    assert (first["characteristics"], first["settings"]["reading"]) == ({"class": "III", "e": "5 g"}, "changeover")
    assert second["settings"] == {"reading": "direct", "shown_interval": "1 g", "zero_error": "0.5 g"}
    assert (second["uncertainty"], second["conditions"]) == ("0.5 g", {"temperature": "20 Cel", "humidity": "50 %"})
    for record in case["tests"]:
        instance(JudgedRecord).load(record)
    signed = case["report"]["signed"]
    assert sha256(signed.encode()).hexdigest() == case["report"]["sha256"]
    assert json.loads(signed)["tests"] == WRITTEN["type_approval"]["cases"][0]["data"]["tests"]
    (equipment,) = rows(migrated["licensing"], "SELECT data -> 'form' -> 'inspection_equipment' FROM cases LIMIT 1")
    assert equipment[0]["range"] == "20 kg"


def test_records_of_the_release_before_come_to_the_same_verdicts_when_judged_anew(migrated: dict[str, Engine]) -> None:
    (case,) = rows(migrated["type_approval"], "SELECT data FROM cases WHERE state = 'effective'")
    held = family("r76")
    (line,) = case["form"]["lines"]
    for record in case["tests"]:
        run = read_report(
            {
                "programme": "r76",
                "edition": record["edition"],
                "instrument": {**line["characteristics"], **record["characteristics"]},
                "prototypes": [{"serial": record["serial"]}],
                "records": [
                    {
                        "item": "r76.weighing",
                        "prototype": record["serial"],
                        "on": record["on"],
                        **{name: record[name] for name in ("points", "uncertainty", "verdict") if name in record},
                        "settings": {**record["settings"], "phase": "verification"},  # which asks for no ten loads
                    }
                ],
            }
        )
        assert recompute(run).contradictions == ()
    assert completeness.contradictions(case, case["tests"], held) == []


@pytest.mark.parametrize(
    ("state", "actions"),
    [
        ("evaluating", ("record_test", "draft_report", "check_report", "issue_report", "review", "grant")),
        ("report_review", ("review", "grant", "deliver")),
    ],
)
def test_cases_go_on(migrated: dict[str, Engine], state: str, actions: tuple[str, ...]) -> None:
    with migrated["type_approval"].connect() as tx:
        # The laboratory of that release registers what its case goes on with.
        registered.fill(tx)
        ((case_id, code),) = tx.execute(
            text("SELECT id::text, applicant FROM cases WHERE state = :state"), {"state": state}
        )
        for action in actions:
            _do(tx, case_id, code, action)
        tx.rollback()


def _do(tx: Connection, case_id: str, code: str, action: str) -> None:
    actor = people(code)[DOERS[action]]
    rules, cause = load_rules("jilin-2013"), Cause("correlation", "cause")
    apply(tx, PROCEDURE, case_id, action, content_of(action), actor=actor, now=NOW, rules=rules, cause=cause)


@pytest.mark.parametrize(
    ("line", "characteristics"),
    [
        ({"accuracy_class": "Ⅲ", "max": measure("15 kg"), "scale_interval": measure("5 g")}, {**SCALE, "class": "Ⅲ"}),
        ({"accuracy_class": "III"}, {"class": "III"}),
        ({"max": measure("15 kg")}, {"max": "15 kg"}),
        ({"max": {"value": "15"}}, {}),
        ({"accuracy_class": "2", "max": measure("4 m3/h")}, {"accuracy": "2", "range_high": "4 m3/h"}),
        ({}, {}),
        ({"characteristics": {"q3": "2.5 m3/h"}}, {"q3": "2.5 m3/h"}),
    ],
)
def test_a_line_keeps_all_that_was_said(line: dict[str, Any], characteristics: dict[str, str]) -> None:
    found = converted({"model": "A", "remark": "计价", **line})
    assert found == {"model": "A", "remark": "计价", "characteristics": characteristics}


def test_events_of_the_release_before_are_read() -> None:
    line = {
        "name": "秤",
        "model": "A",
        "accuracy_class": "III",
        "max": measure("15 kg"),
        "scale_interval": measure("5 g"),
    }
    for source, type_ in VERSIONS.newest:
        event = told_before(source, type_, {"lines": [line], "plan": "次日送样"})
        read = VERSIONS.read(event).data
        if type_ in ARRANGED_VERSIONS:
            assert read["samples"] is None, "nobody knows how many"
            continue
        assert read["lines"] == [{"name": "秤", "model": "A", "characteristics": SCALE}]
        EVENTS[source][type_](only=["lines"], partial=True).load({"lines": read["lines"]})


def told_before(source: str, type_: str, data: dict[str, Any]) -> Event:
    """An event of the version before the newest."""
    return Event(
        id=new_id(),
        source=source,
        type=type_,
        version=VERSIONS.newest[source, type_] - 1,
        subject="TA-2013-00001",
        time=NOW,
        actor="sun",
        case_id=new_id(),
        case_seq=1,
        correlation_id="c",
        causation_id="",
        data=data,
    )
