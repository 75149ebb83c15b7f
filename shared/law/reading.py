"""Read and check the law's TOML files. A faulty row stops the program with an error naming file, row and field."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from shared.law import rows
from shared.law.columns import At, Day, MonthDay, Span, Texts, text
from shared.law.numbers import NumberFormat
from shared.law.offices import Authority, Competence
from shared.schemas import has_legible_lines, says_something
from shared.tables import Both, explain, paired

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

R = TypeVar("R", bound=rows.Row)


class RuleError(ValueError):
    """A row of the law's data is faulty and must be corrected before the program can start."""


class _RowSchema(Schema):
    row: type[rows.Row]

    id = text()
    valid_from = Day(required=True, data_key="from")
    valid_to = Day(data_key="to")
    basis = text()
    basis_zh = text()
    confidence = text("S", "C", "RH", "RL")

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> rows.Row:
        if (end := data.get("valid_to")) and end <= data["valid_from"]:
            raise ValidationError(
                "must be later than `from`: the day `to` is the first on which the row no longer holds", "to"
            )
        return self.row(**self.paired(paired(data, "basis", "basis_zh", "basis")))

    def paired(self, data: dict[str, Any]) -> dict[str, Any]:
        """The columns of a row, those in two languages as one text."""
        return data


class _NamedSchema(_RowSchema):
    zh = text()
    en = text()

    def paired(self, data: dict[str, Any]) -> dict[str, Any]:
        return paired(data, "name")


class _TellingSchema(_RowSchema):
    zh = text()
    en = text()

    def paired(self, data: dict[str, Any]) -> dict[str, Any]:
        return paired(data, "told")


class _LimitSchema(_NamedSchema):
    row = rows.LimitRule
    procedures = Texts(*rows.PERMIT_IDS)
    limit = Span()
    until = text(required=False)
    begins = text(required=False)
    each = text(required=False)
    holder = text("authority", "laboratory", "checker", "applicant", "experts")
    weight = text("statutory", "promised", "internal", "window")
    starts = Texts()
    pauses = Texts(required=False)
    resumes = Texts(required=False)
    extends = Texts(required=False)
    stops = Texts(required=False)
    reasons = fields.Dict(keys=fields.String(), values=Both())
    extension = Span()

    @validates_schema
    def says_why_it_pauses(self, data: dict[str, Any], **_: object) -> None:
        lacking = [event for event in data.get("pauses", ()) if event not in data.get("reasons", {})]
        if lacking:
            raise ValidationError(f"say why the time stops, for {', '.join(lacking)}", "reasons")

    @validates_schema
    def ends_somehow(self, data: dict[str, Any], **_: object) -> None:
        if ("limit" in data) == ("until" in data):
            raise ValidationError(
                "give either how long it runs, `limit`, or the field of its last day, `until`", "limit"
            )
        if "begins" in data and "until" not in data:
            raise ValidationError("only a term has a field of its first day", "begins")
        if "until" in data and any(data.get(name) for name in ("pauses", "resumes", "extends")):
            raise ValidationError("the last day of a term is given: nothing moves it", "until")


class _RungSchema(_RowSchema):
    row = rows.Rung
    limits = Texts(required=False)
    kind = text("reminder", "due", "breach", "escalation")
    at = At(required=True)
    recipients = Texts(*("holder", "assignee", "section_head", "bureau_head", "supervision", "applicant", "laboratory"))
    template = text()


class _SilenceSchema(_TellingSchema):
    row = rows.Silence
    limit = text()
    effect = text("deem_accepted", "deem_renewed", "expire", "fail_evaluation", "fail_rectification", "end_archive")
    breach = fields.Boolean(required=True, truthy={True}, falsy={False})


class _UndoingSchema(_TellingSchema):
    row = rows.Undoing
    undoes = Texts()
    void = fields.Boolean(required=True, truthy={True}, falsy={False})


class _LawChangeSchema(_TellingSchema):
    row = rows.LawChange
    permit = text(*rows.PERMIT_IDS)
    kind = text("abolished", "catalogue", "declared")


def _reads_serial(regex: str) -> None:
    try:
        groups = re.compile(regex).groupindex
    except re.error as error:
        raise ValidationError(f"not a regular expression: {error}") from None
    if "serial" not in groups:
        raise ValidationError("needs a group (?P<serial>…)")


class _FormatSchema(_RowSchema):
    row = NumberFormat
    kind = text()
    pattern = text()
    regex = fields.String(required=True, validate=_reads_serial)
    key = text()
    first = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    defaults = fields.Dict(keys=fields.String(), values=fields.String())
    printed = text(required=False)


class _CatalogueSchema(_NamedSchema):
    row = rows.CatalogueItem
    catalogue = text()
    mode = text("TA+CMC", "P", "P+V", "V")
    letter = fields.String(load_default=None, validate=validate.Regexp(r"[A-Z]\Z", error="use one capital letter"))
    programme = text(required=False)


class _RegimeSchema(_NamedSchema):
    row = rows.Regime
    permit = text(*rows.PERMIT_IDS)
    rule = text()


class _AuthoritySchema(_NamedSchema):
    row = Authority
    code = fields.String(
        required=True, validate=validate.Regexp(r"[0-9]{6}\Z", error="use the six digits of GB/T 2260")
    )
    agency = text()
    superior = text(required=False)


class _CompetenceSchema(_RowSchema):
    row = Competence
    permit = text(*rows.PERMIT_IDS)
    offices = Texts()
    kinds = Texts()


class _ValiditySchema(_RowSchema):
    row = rows.ValidityRule
    permit = text(*rows.PERMIT_IDS)
    limit = Span(load_default=None)
    renew_before = Span(load_default=None)


class _DutySchema(_RowSchema):
    row = rows.Duty
    permit = text(*rows.PERMIT_IDS)
    days = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class _NormSchema(_NamedSchema):
    row = rows.Norm
    edition = text()


class _MetadataSchema(_NamedSchema):
    row = rows.MetadataElement
    id = text(*rows.METADATA)
    exchange = text()
    codes = fields.Dict(keys=text(), values=text())

    @validates_schema
    def has_codes_of_capitals_and_digits(self, data: dict[str, Any], **_: object) -> None:
        if data["id"] in {"licence_code", "issuer_code"}:
            wrong = [code for code in data.get("codes", {}).values() if not re.fullmatch("[0-9A-Z]+", code)]
            if wrong:
                raise ValidationError(f"use capitals and digits, not {', '.join(wrong)}", "codes")


class _RemedySchema(_TellingSchema):
    row = rows.Remedy
    against = text("decision", "silence")
    window = text(required=False)


class _MarkSchema(_NamedSchema):
    row = rows.ConformityMark
    mode = text("type_approval", "licence", "assessed_certificate", "self_declaration")


class _FixedHolidaySchema(_NamedSchema):
    row = rows.FixedHoliday
    days = fields.List(MonthDay(), required=True, validate=validate.Length(min=1))


class _BarSchema(_TellingSchema):
    row = rows.Bar
    months = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))


class _ExclusionSchema(_TellingSchema):
    row = rows.Exclusion
    months = fields.Integer(strict=True, validate=validate.Range(min=1))


class _RequirementSchema(_NamedSchema):
    row = rows.Requirement
    norm = text()
    sample = fields.Boolean(truthy={True}, falsy={False})
    kinds = Texts(required=False)
    must_have = fields.Boolean(required=True, truthy={True}, falsy={False})


class _ConclusionSchema(_TellingSchema):
    row = rows.ConclusionRule
    results = Texts("conform", "minor", "major", "not_applicable")
    must_have = fields.Boolean(required=True, truthy={True}, falsy={False})
    conclusion = text("pass", "rectify", "fail")


class _DocumentSchema(_NamedSchema):
    row = rows.DocumentKind
    procedures = Texts(*rows.PERMIT_IDS)
    applications = Texts("first", "renewal", "change", "additions", "changed_conditions", required=False)
    required = fields.Boolean(required=True, truthy={True}, falsy={False})
    readers = Texts()
    sender = fields.String(validate=validate.OneOf(("applicant", "lab", "staff")))
    later = fields.Boolean(truthy={True}, falsy={False})


class _NoticeSchema(_NamedSchema):
    row = rows.NoticeForm
    mark = text()
    text_zh = fields.String(required=True, validate=[says_something, has_legible_lines])
    text_en = fields.String(required=True, validate=[says_something, has_legible_lines])
    needs = Texts(required=False)
    about = text(required=False)
    remedies = fields.Boolean(truthy={True}, falsy={False})
    laboratory = fields.Boolean(truthy={True}, falsy={False})
    words = fields.Dict(keys=fields.String(), values=Both())

    def paired(self, data: dict[str, Any]) -> dict[str, Any]:
        return super().paired(paired(data, "text", "text_zh", "text_en"))

    @validates_schema
    def says_the_same_in_both(self, data: dict[str, Any], **_: object) -> None:
        zh, en = (data[name].split("\n\n") for name in ("text_zh", "text_en"))
        if len(zh) != len(en):
            raise ValidationError(f"has {len(en)} paragraphs, and text_zh has {len(zh)}", "text_en")
        named = set(_FACT.findall(data["text_zh"])) & set(_FACT.findall(data["text_en"]))
        lacking = [name for name in data.get("needs", ()) if name not in named]
        if lacking:
            raise ValidationError(f"both texts must say {', '.join(lacking)}", "needs")


_FACT = re.compile(r"\{([a-z_.]+)\}")

_SCHEMAS: dict[type[rows.Row], type[_RowSchema]] = {
    schema.row: schema
    for schema in (
        _LimitSchema,
        _RungSchema,
        _SilenceSchema,
        _UndoingSchema,
        _LawChangeSchema,
        _FormatSchema,
        _CatalogueSchema,
        _RegimeSchema,
        _AuthoritySchema,
        _CompetenceSchema,
        _ValiditySchema,
        _DutySchema,
        _NormSchema,
        _MetadataSchema,
        _RemedySchema,
        _MarkSchema,
        _BarSchema,
        _ExclusionSchema,
        _RequirementSchema,
        _ConclusionSchema,
        _DocumentSchema,
        _NoticeSchema,
        _FixedHolidaySchema,
    )
}


def read_rows(source: Traversable, kind: type[R]) -> tuple[R, ...]:
    """The `[[row]]` tables of one file, each merged over `[default]`. Raises RuleError naming file, row and field."""
    return parse_rows(source.read_text(encoding="utf-8"), source.name, kind)


def parse_rows(text: str, file: str, kind: type[R]) -> tuple[R, ...]:
    """Like `read_rows`, from text; `file` is the name used in errors."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RuleError(f"{file}: not TOML: {error}") from None
    tables, default = data.pop("row", []), data.pop("default", {})
    if data:
        raise RuleError(f"{file}: unknown table {', '.join(data)}; every table must be a [[row]], or the [default]")
    schema = _SCHEMAS[kind]()
    found: list[R] = []
    for number, table in enumerate(tables, start=1):
        try:
            loaded = schema.load({**default, **table})
        except ValidationError as error:
            raise RuleError(f"{file}: row {table.get('id', number)}: {explain(error)}") from None
        assert isinstance(loaded, kind)  # noqa: S101 - the schema of a kind builds that kind
        found.append(loaded)
    _refuse_overlap(file, found)
    return tuple(found)


def _refuse_overlap(file: str, found: list[R]) -> None:
    ordered = sorted(((key, row) for row in found for key in row.keys), key=lambda pair: (pair[0], pair[1].valid_from))
    for (key, earlier), (same, later) in pairwise(ordered):
        if key == same and earlier.in_force(later.valid_from):
            raise RuleError(
                f"{file}: row {later.id}: field from: {later.valid_from} lies inside an earlier row; end that first"
            )
