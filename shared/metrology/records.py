"""An evaluation as data: one form of test record for all families, read from JSON.

What a laboratory claims, errors, limits, rules and verdicts, stands beside what it recorded and can be compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, pre_load, validate

from shared.metrology.limits import FamilyError, Verdict
from shared.metrology.quantity import Quantity
from shared.tables import explain

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

CLAIMS = ("error", "mpe", "rule", "verdict")
"""What of a point is computed, and is compared where it is claimed."""
REASONS = ("initial", "repeat_incident", "retest_after_modification", "correction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """A measurement standard; `calibrated_until` is the last day of its calibration."""

    asset: str
    calibrated_until: date
    certificate: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """`recorded` are texts by parameter: "2.505 kg"; `claimed` what the laboratory computed of them."""

    recorded: Mapping[str, str]
    claimed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One run of an item on one prototype. Records are only added to: `supersedes` names the id of a corrected one.

    `conditions` are those at its start, by name: "temperature": "20.1 Cel".
    """

    id: str
    item: str
    prototype: str
    run: int
    reason: str
    on: date
    equipment: tuple[Equipment, ...]
    settings: Mapping[str, str]
    conditions: Mapping[str, str]
    conditions_at_end: Mapping[str, str]
    points: tuple[Point, ...]
    uncertainty: str
    verdict: Verdict | None
    explanation: str
    supersedes: str

    @property
    def expanded(self) -> Quantity | None:
        """The expanded uncertainty (k = 2), if one is stated. Raises QuantityError."""
        return Quantity.parse(self.uncertainty).difference if self.uncertainty else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Prototype:
    """`instrument` holds what differs from the type: a member of a series has its own capacity."""

    serial: str
    instrument: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """An item of the programme that was not examined, and why."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Programme with its edition, the type, its prototypes, the records in the order they were made, and the items that
    are left out.

    Without an edition, it is that of the rules that the points name. `country` is given for instruments in service.
    """

    programme: str
    edition: str
    country: str | None
    instrument: Mapping[str, str]
    prototypes: tuple[Prototype, ...]
    records: tuple[Record, ...]
    verdict: Verdict | None
    left_out: tuple[LeftOut, ...] = ()


class _Texts(fields.Dict):
    def __init__(self, **options: Any) -> None:
        super().__init__(keys=fields.String(), values=fields.String(), **options)


class _EquipmentSchema(Schema):
    asset = fields.String(required=True)
    calibrated_until = fields.Date(required=True)
    certificate = fields.String(load_default="")

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Equipment:
        return Equipment(**data)


class _PointSchema(Schema):
    """Every key of a point is the name of a parameter, or a claim."""

    values = _Texts(required=True)

    @pre_load
    def gather(self, data: Any, **_: object) -> Any:
        return {"values": data}

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Point:
        told = data["values"]
        claims = {name: told[name] for name in CLAIMS if name in told}
        return Point(recorded={k: v for k, v in told.items() if k not in claims}, claimed=claims)


class _RecordSchema(Schema):
    id = fields.String(load_default="")
    item = fields.String(required=True)
    prototype = fields.String(required=True)
    run = fields.Integer(strict=True, load_default=1, validate=validate.Range(min=1))
    reason = fields.String(load_default="initial", validate=validate.OneOf(REASONS))
    on = fields.Date(required=True)
    equipment = fields.List(fields.Nested(_EquipmentSchema), load_default=list)
    settings = _Texts(load_default=dict)
    conditions = _Texts(load_default=dict)
    conditions_at_end = _Texts(load_default=dict)
    points = fields.List(fields.Nested(_PointSchema), load_default=list)
    uncertainty = fields.String(load_default="")
    verdict = fields.Enum(Verdict, by_value=True, load_default=None)
    explanation = fields.String(load_default="")
    supersedes = fields.String(load_default="")

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Record:
        return Record(**{**data, "points": tuple(data["points"]), "equipment": tuple(data["equipment"])})


class _PrototypeSchema(Schema):
    serial = fields.String(required=True)
    instrument = _Texts(load_default=dict)

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Prototype:
        return Prototype(**data)


class _LeftOutSchema(Schema):
    item = fields.String(required=True)
    reason = fields.String(required=True, validate=validate.Length(min=1))

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> LeftOut:
        return LeftOut(**data)


class _ReportSchema(Schema):
    programme = fields.String(required=True)
    edition = fields.String(load_default="")
    country = fields.String(load_default=None)
    instrument = _Texts(load_default=dict)
    prototypes = fields.List(fields.Nested(_PrototypeSchema), required=True, validate=validate.Length(min=1))
    records = fields.List(fields.Nested(_RecordSchema), required=True)
    verdict = fields.Enum(Verdict, by_value=True, load_default=None)
    left_out = fields.List(fields.Nested(_LeftOutSchema), load_default=list)

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> Report:
        several = {name: tuple(data[name]) for name in ("prototypes", "records", "left_out")}
        return Report(**{**data, **several})


def read_record(data: Mapping[str, Any]) -> Record:
    """One record in JSON data; raises FamilyError naming every field that is wrong."""
    try:
        found: Record = _RecordSchema().load(data)
    except ValidationError as error:
        raise FamilyError(f"记录有误：{explain(error)}", f"record: {explain(error)}") from None
    return found


def read_report(data: Any) -> Report:
    """The report in JSON data; raises FamilyError naming every field that is wrong."""
    try:
        found: Report = _ReportSchema().load(data)
    except ValidationError as error:
        raise FamilyError(f"报告有误：{explain(error)}", f"report: {explain(error)}") from None
    return found
