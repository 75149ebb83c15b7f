"""What each role may read of a case in every state: at most what the hand-written table allows, all as documented."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import TYPE_CHECKING, Any, get_args, get_origin, get_type_hints

import orjson
import pytest

from services.c_mark import schemas as c_mark
from services.c_mark.form import Form as MarkForm
from services.documents import OFFERS
from services.licensing.intake.form import Form as LicenceForm
from services.licensing.schemas import Gathered as LicenceGathered
from services.type_approval.intake.form import Form
from services.type_approval.schemas import Gathered
from shared.casework import Case, journal_of
from shared.casework.facts import Fact, Kept
from shared.casework.preview import preview
from shared.casework.readers import reads_content
from shared.http import faces, openapi
from shared.http.cases import CaseApi
from tests.shared.casework.parts import PROCEDURES, Desk, desks, moves
from tests.shared.casework.rights import OF_NAMED, READS
from tests.support.schemas import Documented

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.identity import Actor

pytestmark = pytest.mark.long

APIS = {
    "type_approval": CaseApi(PROCEDURES["type_approval"], Form, Gathered),
    "licensing": CaseApi(PROCEDURES["licensing"], LicenceForm, LicenceGathered),
    "c_mark": CaseApi(PROCEDURES["c_mark"], MarkForm, c_mark.Gathered),
}
SIDES = {
    "applicant": faces.PUBLIC_FACE,
    "tester": faces.LAB_FACE,
    "named": faces.LAB_FACE,
    "expert": faces.EXPERT_FACE,
    "intake": faces.INTERNAL_FACE,
}
SERVICE = pytest.mark.parametrize("service", sorted(APIS))


@SERVICE
def test_each_side_reads_in_every_state_what_is_for_it_and_as_it_is_documented(
    engines: dict[str, Engine], service: str
) -> None:
    looked_at: set[tuple[str, ...]] = set()
    reached: set[tuple[str, str, str]] = set()
    seen: set[tuple[str, ...]] = set()
    with engines[service].connect() as tx:
        for desk in desks(tx, service):
            reads_of_the_journal_what_it_said_and_what_the_law_did(desk)
            for row, case in moves(desk, seen):
                reached.add((row.action, row.source, case.state))
                sight = (row.action, case.state, *sorted(case.data))
                if sight in looked_at:
                    continue
                looked_at.add(sight)
                assert case.data.keys() <= READS[service].keys(), "say in READS who reads it"
                same_once_read(service, case)
                clocks = preview(tx, case)
                for actor, face in ((desk.person(who, case), face) for who, face in SIDES.items()):
                    if case.visible_to(actor):
                        shown = APIS[service].view(case, actor)
                        assert shown.keys() & case.data.keys() == allowed(service, case, actor), (row.action, actor)
                        case_schema = {"$ref": f"#/components/schemas/{service}_Case"}
                        sent = as_sent({**shown, "clocks": clocks})
                        assert strictly(service, face).faults(case_schema, sent) == [], (row.action, actor)
        tx.rollback()
    assert {state for _, state, *_ in looked_at} == PROCEDURES[service].states.keys()
    table = {(row.action, row.source, row.target) for row in PROCEDURES[service].transitions}
    assert table - reached == set(), "parts.desks has no case from which this row can be taken"


def reads_of_the_journal_what_it_said_and_what_the_law_did(desk: Desk) -> None:
    for entry in journal_of(desk.tx, desk.case):
        people = {who: desk.person(who, desk.case) for who in SIDES}
        readers = {who for who, one in people.items() if reads_content(one, entry, named=desk.case.is_named(one))}
        own = {"applicant": "applicant", "lab": "tester", "expert": "expert"}.get(entry.role, "intake")
        # The one that evaluated reads what another checks of the type.
        said = {"named", own} if entry.actor == people["named"].subject else {own}
        assert readers == ({*SIDES} if entry.role == "system" else {"intake", *said}), entry.action


def same_once_read(service: str, case: Case) -> None:
    """What facts say is what is stored of them, in its types."""
    for name, described in APIS[service].gathered._declared_fields.items():
        fact = Fact(name, described)
        if (said := fact.of(case.data)) is not None:
            assert fact.set(said) == {name: case.data[name]}, name
            well_typed(said)


def well_typed(said: Any) -> None:
    """Each part is of the type that code takes it for."""
    if isinstance(said, tuple):
        for one in said:
            well_typed(one)
    if isinstance(said, Kept):
        for name, kind in types_of(type(said)).items():  # type: ignore[arg-type]
            value = getattr(said, name)
            kinds = get_args(kind) if isinstance(kind, UnionType) else (kind,)
            assert isinstance(value, tuple(get_origin(one) or one for one in kinds)), (type(said), name, value)
            well_typed(value)


@cache
def types_of(kind: type[Kept]) -> dict[str, Any]:
    """What the annotations of its parts say. Their modules import most names for type checks only."""
    known = {"date": date, "Mapping": Mapping, "Decimal": Decimal, "Any": Any}
    found = get_type_hints(kind, localns=known)
    return {part.name: found[part.name] for part in fields(kind)}


def allowed(service: str, case: Case, actor: Actor) -> set[str]:
    return {
        name
        for name, value in case.data.items()
        if not case.is_named(actor) or name in OF_NAMED
        if value is not None and (actor.role == "staff" or READS[service][name].get(str(actor.role), never)(case))
    }


def never(_case: Case) -> bool:
    return False


def as_sent(body: dict[str, Any]) -> Any:
    return json.loads(orjson.dumps(body))


@cache
def strictly(service: str, face: faces.Face) -> Documented:
    """The document's schemas, letting nothing through that they do not name."""
    document = openapi.document(face, [offer for offer in OFFERS if offer.service == service])
    return Documented(json.loads(json.dumps(document), object_hook=closed))


def closed(part: dict[str, Any]) -> dict[str, Any]:
    return {**part, "additionalProperties": False} if isinstance(part.get("properties"), dict) else part
