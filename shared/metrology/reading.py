"""Families' TOML files, read and checked: a wrong row stops the program with its file, row and field."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, post_load, validate

from shared.metrology import parts as data
from shared.metrology import units
from shared.metrology.data_fields import (
    BoundsField,
    FractionField,
    QuantityField,
    TermField,
    Texts,
    WhereField,
    optional,
    quantity,
    text,
    told,
)
from shared.metrology.family import Computing, Family
from shared.metrology.judgements import JUDGEMENTS
from shared.metrology.limits import Uncertain
from shared.metrology.rules import Row
from shared.tables import Both, explain, paired

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from importlib.resources.abc import Traversable


class DataError(ValueError):
    """A row of a family's data that must be corrected before the family can be used."""


class _Sourced(Schema):
    """`names` are those that amounts may be told in: parameters, what is derived, and properties of the classes."""

    source = optional()
    confidence = text("S", "S2", "C", "RH", "RL")

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self.names = names


class _Titled(Schema):
    id = text()
    zh = text()
    en = text()


class _Named(_Titled, _Sourced): ...


class _FamilySchema(_Titled):
    derived = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)


class _ClassSchema(Schema):
    id = text()
    system = fields.String(load_default="")
    properties = fields.Dict(keys=fields.String(), values=QuantityField(), load_default=dict)


class _ParameterSchema(_Titled):
    symbol = text()
    hint = Both()
    role = text("characteristic", "setting", "point")
    dimension = optional()
    unit = optional()
    values = Texts()
    words = fields.Dict(keys=fields.String(), values=Both())
    default = optional()
    required = fields.Boolean(truthy={True}, falsy={False})
    unless = Texts()
    series = Texts()
    decades = fields.Boolean(truthy={True}, falsy={False})
    whole = fields.Boolean(truthy={True}, falsy={False})
    bounds = BoundsField()

    def __init__(self, names: frozenset[str]) -> None:
        super().__init__()
        self.names = names

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Parameter:
        if "dimension" in row:
            held = units.every() if row["dimension"] == data.ANY else told(lambda: units.known(row["dimension"]))
            if row.get("unit", held[0]) not in held:
                raise ValidationError(f"use one of {' '.join(held)}", "unit")
        elif row.keys() & {"unit", "series", "bounds"}:
            raise ValidationError("a parameter with a unit, series or bounds has a dimension", "dimension")
        if unknown := row.get("words", {}).keys() - {*row.get("values", ())}:
            raise ValidationError(f"{', '.join(sorted(unknown))}: not among the values", "words")
        row["series"] = tuple(quantity(text, row.get("unit")) for text in row.pop("series", ()))
        found = data.Parameter(**paired(row, "name"))
        if found.default:
            told(lambda: found.read(found.default))
        return found


class _ServiceSchema(_Sourced):
    programme = text()
    edition = optional()
    country = text()
    factor = FractionField(required=True)
    source = text()


class _ProgrammeSchema(_Named):
    edition = text()
    source = text()
    asks = Texts(required=True)
    unit = optional()
    decision = optional(*Uncertain)
    rounding = TermField()


class _RowSchema(_Sourced):
    id = text()
    programme = text()
    editions = Texts()
    where = WhereField(required=True)
    limit = TermField()
    lower = TermField()
    upper = TermField()
    of = TermField()
    times = optional()
    floor = TermField()
    floor_verified = fields.Boolean(truthy={True}, falsy={False})
    service = optional()

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> dict[str, Any]:
        both = row.pop("limit", None)
        if (both is None) == ("lower" not in row or "upper" not in row):
            raise ValidationError("give `limit` for both sides, or `lower` and `upper`", "limit")
        if both is not None:
            row |= {"lower": -both, "upper": both}
        return row


class _RequirementSchema(_Sourced):
    id = text()
    where = WhereField(required=True)
    must = WhereField(required=True)

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Requirement:
        return data.Requirement(id=row["id"], where=row["where"], must=row["must"])


class _ExemptionSchema(Schema):
    where = WhereField(required=True)
    zh = text()
    en = text()

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Exemption:
        return data.Exemption(**paired(row, "reason"))


class _ItemSchema(_Named):
    hint = Both()
    clause = text()
    kind = text("observation", "test")
    judgement = text()
    records = Texts()
    settings = Texts()
    limit = TermField()
    least = fields.Integer(strict=True, validate=validate.Range(min=1))
    exempt = fields.List(fields.Raw(), load_default=list)

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Item:
        exemptions = []
        for one in row.pop("exempt"):
            inner = _ExemptionSchema()
            inner.names = self.names  # type: ignore[attr-defined]
            exemptions.append(inner.load(one))
        for name in (*row.get("records", ()), *row.get("settings", ())):
            if name not in self.names:
                raise ValidationError(f"no parameter {name!r}", "records")
        row.pop("source", None)
        return data.Item(**paired(row, "name"), exemptions=tuple(exemptions))


class _EffectSchema(_Named):
    kind = text("influence", "disturbance")
    clause = text()
    levels = text()
    accept = text()

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Effect:
        row.pop("source", None)
        return data.Effect(**paired(row, "name"))


class _PrototypesSchema(_Sourced):
    source = text()
    number = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    where = WhereField(required=True)

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Prototypes:
        return data.Prototypes(**row)


class _AmbientSchema(_Sourced):
    source = text()
    names_ = fields.List(text("temperature", "humidity", "pressure"), data_key="names", required=True)
    where = WhereField(required=True)

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Ambient:
        return data.Ambient(names=tuple(row.pop("names_")), **row)


class _SeriesSchema(_Sourced):
    source = text()
    capacity = text()
    covers = FractionField(required=True)
    reach = FractionField(required=True)
    groups = Texts(required=True)
    clause = text()
    once = Texts(load_default=())
    partial_tests = fields.Dict(data_key="partial", keys=fields.String(), values=Texts(), load_default=dict)

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Series:
        return data.Series(**row)


class _KindSchema(Schema):
    id = text()
    confidence = text("S", "S2", "C", "RH", "RL")
    dimensions = Texts()
    unit = optional()

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Kind:
        found = data.Kind(**row)
        told(lambda: [units.known(dimension) for dimension in found.dimensions])
        return found


class _ExampleSchema(Schema):
    kind = text()
    name = text()
    model = text()
    characteristics = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    item = text()
    settings = fields.Dict(keys=fields.String(), values=fields.String())
    points = fields.List(fields.Dict(keys=fields.String(), values=fields.String()), required=True)

    @post_load
    def build(self, row: dict[str, Any], **_: object) -> data.Example:
        return data.Example(**{**row, "points": tuple(row["points"])})


_TABLES = (
    *("kind", "class", "parameter", "programme", "service", "row", "requirement", "item", "effect", "prototypes"),
    "ambient",
)
_SINGLE = ("family", "series", "example")


def read_family(folder: Traversable, computing: Computing) -> Family:
    """The family whose TOML files lie in a folder; raises DataError naming file, row and field."""
    found = _Reader(folder)
    head = found.one("family", _FamilySchema())
    classes = tuple(
        data.AccuracyClass(row["id"], row["system"], row["properties"]) for row in found.rows("class", _ClassSchema())
    )
    names = frozenset(
        [
            *(table["id"] for _, table in found.tables["parameter"] if isinstance(table.get("id"), str)),
            *head["derived"],
            *(name for one in classes for name in one.properties),
        ]
    )
    parameters = {one.id: one for one in found.rows("parameter", _ParameterSchema(names))}
    services = found.rows("service", _ServiceSchema(names))
    limits = found.rows("row", _RowSchema(names))
    programmes = tuple(_programme(row, limits, services) for row in found.rows("programme", _ProgrammeSchema(names)))
    for one in programmes:
        if strange := [name for name in one.asks if name not in parameters]:
            raise DataError(f"{folder.name}: programme {one.id}: field asks: no parameter {', '.join(strange)}")
    _refuse_orphans(folder, programmes, limits, services)
    series = found.tables["series"]
    read = Family(
        id=head["id"],
        name=paired(head, "name")["name"],
        parameters=parameters,
        classes=classes,
        requirements=tuple(found.rows("requirement", _RequirementSchema(names))),
        programmes=programmes,
        items=tuple(found.rows("item", _ItemSchema(names))),
        effects=tuple(found.rows("effect", _EffectSchema(names))),
        prototypes=tuple(found.rows("prototypes", _PrototypesSchema(names))),
        ambient=tuple(found.rows("ambient", _AmbientSchema(names))),
        kinds=tuple(found.rows("kind", _KindSchema())),
        series=found.one("series", _SeriesSchema(names)) if series else None,
        computing=computing,
        derived=head["derived"],
        example=found.one("example", _ExampleSchema()) if found.tables["example"] else data.Example(),
    )
    for item in read.items:
        if item.judgement not in {**JUDGEMENTS, **computing.judgements}:
            known = ", ".join({**JUDGEMENTS, **computing.judgements})
            raise DataError(f"{folder.name}: item {item.id}: field judgement: use one of {known}")
    return read


def _programme(
    row: Mapping[str, Any], limits: Iterable[Mapping[str, Any]], services: Iterable[Mapping[str, Any]]
) -> data.Programme:
    def mine(other: Mapping[str, Any]) -> bool:
        editions = other.get("editions") or ([other["edition"]] if "edition" in other else [])
        return other["programme"] == row["id"] and (not editions or row["edition"] in editions)

    def own(row: Mapping[str, Any], *others: str) -> dict[str, Any]:
        return {name: value for name, value in row.items() if name not in {"programme", "edition", *others}}

    mentioned = ("editions", "source", "confidence")
    rows = [Row(**own(one, *mentioned), verified=data.verified(one["confidence"])) for one in limits if mine(one)]
    service = [data.Service(**own(one)) for one in services if mine(one)]
    names = frozenset(name for one in rows for name in one.names)
    asks = tuple(name.removesuffix("?") for name in row["asks"])
    optional = frozenset(name.removesuffix("?") for name in row["asks"] if name.endswith("?"))
    options = {
        **paired(row, "name"),
        "asks": asks,
        "optional": optional,
        "decision": Uncertain(row.get("decision", Uncertain.UPTO)),
    }
    return data.Programme(**options, rows=tuple(rows), services=tuple(service), names=names)


def _refuse_orphans(
    folder: Traversable,
    programmes: Iterable[data.Programme],
    limits: Iterable[Mapping[str, Any]],
    services: Iterable[Mapping[str, Any]],
) -> None:
    known = {one.id for one in programmes}
    for name in {one["programme"] for one in (*limits, *services)} - known:
        raise DataError(f"{folder.name}: there are rows of {name!r}, which is not a programme of it")
    for one in programmes:
        ids = [(row.id, row.service) for row in one.rows]
        if doubled := {row_id for row_id, _ in ids if ids.count((row_id, _)) > 1}:
            raise DataError(f"{folder.name}: rows of {one.id} {one.edition} share the id {', '.join(sorted(doubled))}")


class _Reader:
    """The tables of all TOML files of a folder, each with the file it is from."""

    def __init__(self, folder: Traversable) -> None:
        self.folder = folder
        self.tables: dict[str, list[tuple[str, dict[str, Any]]]] = defaultdict(list)
        own = [entry for entry in folder.iterdir() if entry.name.endswith(".toml")]
        for entry in (files("shared.metrology") / "common.toml", *sorted(own, key=lambda one: one.name)):
            try:
                content = tomllib.loads(entry.read_text(encoding="utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise DataError(f"{folder.name}/{entry.name}: not TOML: {error}") from None
            defaults = content.pop("default", {})
            for name, tables in content.items():
                if name not in (*_TABLES, *_SINGLE):
                    raise DataError(
                        f"{folder.name}/{entry.name}: unknown table {name}; use {', '.join((*_SINGLE, *_TABLES))}"
                    )
                rows = tables if isinstance(tables, list) else [tables]
                self.tables[name] += [(entry.name, {**defaults.get(name, {}), **row}) for row in rows]

    def rows(self, name: str, schema: Schema) -> list[Any]:
        found = []
        for number, (file, table) in enumerate(self.tables[name], start=1):
            try:
                found.append(schema.load(table))
            except ValidationError as error:
                where = f"{self.folder.name}/{file}: {name} {table.get('id', number)}"
                raise DataError(f"{where}: {explain(error)}") from None
        ids = [one.id for one in found if hasattr(one, "id") and name != "requirement"]
        if doubled := {one for one in ids if ids.count(one) > 1}:
            raise DataError(f"{self.folder.name}: {name} {', '.join(sorted(doubled))} is there twice")
        return found

    def one(self, name: str, schema: Schema) -> Any:
        found = self.rows(name, schema)
        if len(found) != 1:
            raise DataError(f"{self.folder.name}: give one table [{name}]; there are {len(found)}")
        return found[0]
