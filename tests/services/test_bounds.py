"""All input is bounded: every field of every route, in drafts and dry runs as in real requests."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from marshmallow import Schema, ValidationError, fields, validate

from services.fields import Amount, CreditCode
from services.licensing.api import ROUTES as LICENSING_ROUTES
from services.licensing.intake.form import Form as LicenceForm
from services.licensing.procedure import PROCEDURE as LICENSING
from services.notifications.api import ROUTES as NOTIFICATIONS_ROUTES
from services.type_approval.api import ROUTES as TYPE_APPROVAL_ROUTES
from services.type_approval.evaluation.records import Conditions
from services.type_approval.intake.form import Form as TypeApprovalForm
from services.type_approval.procedure import PROCEDURE as TYPE_APPROVAL
from shared.casework.sent import sent_with
from shared.http.paging import Cursor
from shared.identity import Actor, Role
from shared.schemas import Day, Flag, Instant, has_legible_lines, instance, is_legible
from tests.support import Answer, Caller, Office, applicant, credit_code, officer

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUTES = [*TYPE_APPROVAL_ROUTES, *LICENSING_ROUTES, *NOTIFICATIONS_ROUTES]
BOUNDED = (Amount, Cursor, CreditCode, Day, Flag, Instant, fields.UUID, fields.Constant)
"""Whose type says what there may be."""
UNSEEN = {
    "\u202e": "U+202E RIGHT-TO-LEFT OVERRIDE",
    "\u2067": "U+2067 RIGHT-TO-LEFT ISOLATE",
    "\u200b": "U+200B ZERO WIDTH SPACE",
    "\ufeff": "U+FEFF ZERO WIDTH NO-BREAK SPACE",
    "\u3164": "U+3164 HANGUL FILLER",
    "\x7f": "U+007F DELETE",
}


def read_schemas() -> set[type[Schema]]:
    """The schemas of all that is read: bodies and queries of every route, and what goes with every action."""
    found = {
        row_schema for route in ROUTES for one in route.operations or [route] for row_schema in (one.takes, one.asks)
    }
    rows = [*TYPE_APPROVAL.transitions, *LICENSING.transitions]
    found |= {sent_with(row.body, needs_reason=row.needs_reason) for row in rows}
    return {schema for schema in found if schema} | {TypeApprovalForm, LicenceForm}


def leaves(schema: type[Schema], path: str) -> Iterator[tuple[str, fields.Field[Any]]]:
    for name, field in instance(schema).fields.items():
        yield from _leaves(field, f"{path}.{name}")


def _leaves(field: fields.Field[Any], path: str) -> Iterator[tuple[str, fields.Field[Any]]]:
    if isinstance(field, fields.Nested):
        yield from leaves(type(field.schema), path)
        return
    yield path, field
    if isinstance(field, fields.List):
        yield from _leaves(field.inner, f"{path}.*")


def is_bounded(field: fields.Field[Any]) -> bool:
    checks = field.validators
    if isinstance(field, BOUNDED) or any(isinstance(check, validate.OneOf) for check in checks):
        return True
    if isinstance(field, fields.Integer):
        return any(isinstance(check, validate.Range) and None not in (check.min, check.max) for check in checks)
    sized = any(isinstance(check, validate.Length) and check.max is not None for check in checks)
    formed = any(check in {is_legible, has_legible_lines} or isinstance(check, validate.Regexp) for check in checks)
    return sized and (formed or isinstance(field, fields.List | fields.Email))


def test_every_field_that_is_read_is_bounded() -> None:
    found = dict(leaf for schema in read_schemas() for leaf in leaves(schema, schema.__name__))
    # The form is read by the schema of the permit.
    unbounded = [path for path, field in found.items() if not is_bounded(field) and not isinstance(field, fields.Dict)]
    assert len(found) > 200
    assert unbounded == []


def test_every_text_is_of_the_characters_that_are_read() -> None:
    checked = 0
    for schema in read_schemas():
        for path, field in leaves(schema, schema.__name__):
            if isinstance(field, fields.String) and not isinstance(field, Cursor | fields.UUID):
                for char in UNSEEN:
                    with pytest.raises(ValidationError):
                        field.deserialize(f"912201011234567884{char}"), path
                checked += 1
    assert checked > 100


@pytest.fixture
def maker(office: Office) -> Caller:
    return office.caller("type_approval", applicant(credit_code()))


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("temperature", ("20 Cel", "293.15 K", "-100 Cel"), ("201 Cel", "1 K", "-101 Cel", "-300 Cel", "20 kg", "20")),
        ("humidity", ("48 %", "0.5 1", "0 %"), ("500 %", "5 1", "-1 %", "48 Pa")),
        ("pressure", ("98.7 kPa", "1013 mbar"), ("-98.7 kPa", "0 kPa", "98.7 Pa", "98.7 MPa")),
    ],
)
def test_ambient_conditions_are_those_of_a_laboratory(name: str, right: tuple[str], wrong: tuple[str]) -> None:
    field = instance(Conditions).fields[name]
    for amount in right:
        assert field.deserialize(amount) == amount
    for amount in wrong:
        with pytest.raises(ValidationError):
            field.deserialize(amount)


def of_scale(characteristics: Any) -> dict[str, Any]:
    return {"category": "non_automatic_scale", "lines": [{"characteristics": characteristics}]}


WRONG: tuple[tuple[dict[str, Any], dict[str, str]], ...] = (
    ({"applicant_name": "长春\u202e衡器"}, {"applicant_name": "character"}),
    ({"applicant_name": "长春\n衡器"}, {"applicant_name": "character"}),
    ({"applicant_name": "\u3000\u00a0"}, {"applicant_name": "missing"}),
    ({"applicant_name": "\u0301"}, {"applicant_name": "missing"}),
    ({"applicant_name": "长" * 201}, {"applicant_name": "invalid"}),
    ({"description": "长" * 4001}, {"description": "invalid"}),
    ({"description": "一\n二\u2066"}, {"description": "character"}),
    ({"credit_code": "91220101\u200b1234567884"}, {"credit_code": "character"}),
    ({"credit_code": "9" * 300_000}, {"credit_code": "form"}),
    ({"phone": "０４３１－８０００"}, {"phone": "form"}),
    ({"phone": "call me"}, {"phone": "form"}),
    ({"registered_site": {"address": "路1号", "postcode": "１３００００"}}, {"registered_site.postcode": "form"}),
    ({"registered_site": {"address": "路1号", "postcode": "13000x"}}, {"registered_site.postcode": "form"}),
    ({"units_made": 10**30}, {"units_made": "invalid"}),
    ({"units_made": "3"}, {"units_made": "invalid"}),
    (of_scale({"max": "９ kg"}), {"lines.0.characteristics.max": "impossible"}),
    (of_scale({"max": f"{'1' * 25} kg"}), {"lines.0.characteristics.max": "impossible"}),
    (of_scale({"max": "15 斤"}), {"lines.0.characteristics.max": "impossible"}),
    (of_scale({"max": "-5 kg"}), {"lines.0.characteristics.max": "impossible"}),
    (of_scale({"e": "0 g"}), {"lines.0.characteristics.e": "impossible"}),
    (of_scale({"e": "5 kPa"}), {"lines.0.characteristics.e": "impossible"}),
    (of_scale({"partial": "3 kg"}), {"lines.0.characteristics.partial": "impossible"}),
    (of_scale({"temperature_low": "-274 Cel"}), {"lines.0.characteristics.temperature_low": "impossible"}),
    (of_scale({"max": "1" * 201}), {"lines.0.characteristics.max": "invalid"}),
    (of_scale({"q3": "2.5 m3/h"}), {"lines.0.characteristics.q3": "unknown_characteristic"}),
    (of_scale({"Max Q": "1"}), {"lines.0.characteristics": "form"}),
    (of_scale({f"n{n}": "1" for n in range(61)}), {"lines.0.characteristics": "form"}),
    (of_scale([]), {"lines.0.characteristics": "form"}),
    ({"email": "a@例\u200b子.中国"}, {"email": "character"}),
    ({"email": "张@example.cn"}, {"email": "unreachable"}),
    ({"email": "a@localhost"}, {"email": "unreachable"}),
    ({"email": "a@printer.local"}, {"email": "unreachable"}),
    ({"email": "a@[127.0.0.1]"}, {"email": "unreachable"}),
    ({"email": "a@123.456"}, {"email": "unreachable"}),
    ({"email": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 60}.cn"}, {"email": "invalid"}),
)


@pytest.mark.parametrize(("form", "faults"), WRONG)
def test_a_draft_and_a_trial_are_held_to_the_same_bounds(
    maker: Caller, form: dict[str, Any], faults: dict[str, str]
) -> None:
    for query in ("", "?dry_run=true"):
        answer = maker.post(f"/v1/applications{query}", form)
        assert (answer.status, answer.faults) == (422, faults)


def test_a_reason_is_bounded_and_legible(office: Office) -> None:
    case = office.case("type_approval")
    case.do("submit")
    for reason, code in (("r" * 300_000, "invalid"), ("不在目录内\u202e", "character"), ("\u3000\n", "missing")):
        for query in ("?dry_run=true", ""):
            answer = case.attempt("not_required", reason=reason, query=query)
            assert (answer.status, answer.faults) == (422, {"reason": code}), answer.body
    assert case.attempt("not_required", confirmed=["x"] * 301).faults == {"confirmed": "invalid"}
    assert case.do("not_required", reason="不在目录内，\n见目录第十八项")["state"] == "not_required"


def names(answer: Answer, char: str) -> None:
    assert answer.status == 400, answer.body
    assert UNSEEN[char] in answer.json["detail"]


@pytest.mark.parametrize("char", UNSEEN)
def test_addresses_and_tokens_are_legible(office: Office, maker: Caller, char: str) -> None:
    names(maker.get(f"/v1/certificates/2013F101-22{quote(char)}"), char)
    names(maker.get(f"/v1/applications?number=TA{quote(char)}"), char)
    names(maker.get(f"/v1/applications?num{quote(char)}ber=TA"), char)
    staff = office.caller("notifications", officer("head-1"))
    names(staff.get(f"/internal/v1/staff/li{quote(char)}"), char)
    for claim in ("subject", "name", "organisation"):
        sun = Actor("sun", "孙", Role.APPLICANT, "91220101MA0Y000086")
        change: dict[str, Any] = {claim: f"{getattr(sun, claim)}{char}"}
        actor = replace(sun, **change)
        answer = office.caller("type_approval", actor).get("/v1/applications")
        assert answer.status == 401
        assert UNSEEN[char] in answer.json["detail"]


def test_a_key_of_a_request_is_plain_also_in_a_trial(maker: Caller) -> None:
    for query in ("", "?dry_run=true"):
        for key in ("caf\xe9", "k" * 256):
            answer = maker.post(f"/v1/applications{query}", {"phone": "1"}, Idempotency_Key=key)
            assert answer.status == 400
            assert "Idempotency-Key" in answer.json["detail"]


@pytest.mark.parametrize(
    "query",
    ["limit=１０", "limit=1_0", "limit=+5", "limit= 5", "limit=101", f"limit={'9' * 5000}", "updated_since=2013"],
)
def test_questions_are_held_to_the_same_bounds(maker: Caller, query: str) -> None:
    assert maker.get(f"/v1/applications?{query}").status == 400


@pytest.mark.parametrize("day", ["20131104", "2013-W45-1", "２０１３-11-04", "0013-11-04", "9999-11-04", "2013-11-04 "])
def test_a_day_is_written_in_one_way_and_can_be(office: Office, day: str) -> None:
    case = office.case("licensing")
    case.until("accept")
    assert case.attempt("plan_assessment", planned_from=day).faults == {"planned_from": "invalid"}
