"""Read and check the law's TOML files. A faulty row stops the program with an error naming file, row and field."""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from marshmallow import Schema, ValidationError, fields, post_load, validate, validates_schema

from shared.law import rows
from shared.law.counting import Limit, LimitError
from shared.law.numbers import NumberFormat
from shared.schemas import has_legible_lines, is_legible, says_something
from shared.tables import explain

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

_PROCEDURES = ("type_approval", "manufacture")
R = TypeVar("R", bound=rows.Row)


class RuleError(ValueError):
    """A row of the law's data is faulty and must be corrected before the program can start."""


class _Day(fields.Field[date]):
    """A date written without quotes: TOML has its own date type, so a quoted date is a mistake."""

    def _deserialize(self, value: object, *_: object, **__: object) -> date:
        if isinstance(value, datetime) or not isinstance(value, date):
            raise ValidationError("write a date without quotes, as 2013-08-30")
        return value


_AT = (
    'give a percentage from 1 to 100, "due", "after_due", { before = { amount = 2, unit = "working_days" } } or'
    " { after = … }; before may be a list of spans"
)


class _At(fields.Field[rows.RungAt]):
    def _deserialize(self, value: object, *_: object, **__: object) -> rows.RungAt:
        match value:
            case "due" | "after_due":
                return value
            case int() if not isinstance(value, bool) and 1 <= value <= 100:  # noqa: PLR2004 - per cent
                return value
            case {"before": [_, *_] as spans, **others} if not others:
                return rows.Before(tuple(_limit(span) for span in spans))
            case {"before": span, **others} if not others:
                return rows.Before((_limit(span),))
            case {"after": span, **others} if not others:
                return rows.After(_limit(span))
        raise ValidationError(_AT)


def _limit(value: object) -> Limit:
    if not isinstance(value, dict) or set(value) != {"amount", "unit"} or type(value["amount"]) is not int:
        raise ValidationError('write { amount = 5, unit = "working_days" }')
    try:
        return Limit(value["amount"], value["unit"])
    except LimitError as error:
        raise ValidationError(str(error)) from None


class _Limit(fields.Field[Limit]):
    """{amount = 5, unit = "working_days"}"""

    def _deserialize(self, value: object, *_: object, **__: object) -> Limit:
        return _limit(value)


def _text(*choices: str, **options: Any) -> fields.String:
    checks = [validate.OneOf(choices, error="use one of {choices}")] if choices else [says_something, is_legible]
    return fields.String(validate=checks, **{"required": True, **options})


class _Texts(fields.List[Any]):
    def __init__(self, *choices: str, required: bool = True) -> None:
        super().__init__(_text(*choices), required=required)

    def _deserialize(self, value: object, *args: Any, **kwargs: Any) -> Any:
        return tuple(super()._deserialize(value, *args, **kwargs))


class _RowSchema(Schema):
    row: type[rows.Row]

    id = _text()
    valid_from = _Day(required=True, data_key="from")
    valid_to = _Day(data_key="to")
    basis = _text()
    basis_zh = _text()
    confidence = _text("S", "C", "RH", "RL")

    @post_load
    def build(self, data: dict[str, Any], **_: object) -> rows.Row:
        if (end := data.get("valid_to")) and end <= data["valid_from"]:
            raise ValidationError(
                "must be later than `from`: the day `to` is the first on which the row no longer holds", "to"
            )
        return self.row(**data)


class _LimitSchema(_RowSchema):
    row = rows.LimitRule
    procedures = _Texts(*_PROCEDURES)
    zh = _text()
    en = _text()
    limit = _Limit()
    until = _text(required=False)
    holder = _text("authority", "laboratory", "applicant")
    weight = _text("statutory", "promised", "internal", "window")
    starts = _Texts()
    pauses = _Texts(required=False)
    resumes = _Texts(required=False)
    extends = _Texts(required=False)
    stops = _Texts(required=False)
    extension = _Limit()

    @validates_schema
    def ends_somehow(self, data: dict[str, Any], **_: object) -> None:
        if ("limit" in data) == ("until" in data):
            raise ValidationError(
                "give either how long it runs, `limit`, or the field of its last day, `until`", "limit"
            )


class _RungSchema(_RowSchema):
    row = rows.Rung
    limits = _Texts(required=False)
    kind = _text("reminder", "due", "breach", "escalation")
    at = _At(required=True)
    recipients = _Texts(
        *("holder", "assignee", "section_head", "bureau_head", "supervision", "applicant", "laboratory")
    )
    template = _text()


class _SilenceSchema(_RowSchema):
    row = rows.Silence
    limit = _text()
    effect = _text("deem_accepted", "deem_renewed", "fail_evaluation", "fail_rectification")
    breach = fields.Boolean(required=True, truthy={True}, falsy={False})
    zh = _text()
    en = _text()


class _UndoingSchema(_RowSchema):
    row = rows.Undoing
    undoes = _Texts()
    void = fields.Boolean(required=True, truthy={True}, falsy={False})
    zh = _text()
    en = _text()


class _LawChangeSchema(_RowSchema):
    row = rows.LawChange
    permit = _text(*_PROCEDURES)
    kind = _text("abolished", "catalogue")
    zh = _text()
    en = _text()


def _reads_serial(regex: str) -> None:
    try:
        groups = re.compile(regex).groupindex
    except re.error as error:
        raise ValidationError(f"not a regular expression: {error}") from None
    if "serial" not in groups:
        raise ValidationError("needs a group (?P<serial>…)")


class _FormatSchema(_RowSchema):
    row = NumberFormat
    kind = _text()
    pattern = _text()
    regex = fields.String(required=True, validate=_reads_serial)
    key = _text()
    first = fields.Integer(required=True, strict=True, validate=validate.Range(min=0))
    defaults = fields.Dict(keys=fields.String(), values=fields.String())
    printed = _text(required=False)


class _CatalogueSchema(_RowSchema):
    row = rows.CatalogueItem
    zh = _text()
    en = _text()
    catalogue = _text()
    mode = _text("TA+CMC", "P", "P+V", "V")
    letter = fields.String(load_default=None, validate=validate.Regexp(r"[A-Z]\Z", error="use one capital letter"))
    programme = _text(required=False)


class _RegimeSchema(_RowSchema):
    row = rows.Regime
    permit = _text(*_PROCEDURES)
    rule = _text()
    zh = _text()
    en = _text()


class _AuthoritySchema(_RowSchema):
    row = rows.Authority
    zh = _text()
    en = _text()
    code = fields.String(
        required=True, validate=validate.Regexp(r"[0-9]{6}\Z", error="use the six digits of GB/T 2260")
    )


class _ValiditySchema(_RowSchema):
    row = rows.ValidityRule
    permit = _text(*_PROCEDURES)
    limit = _Limit(load_default=None)
    renew_before = _Limit(load_default=None)


class _DutySchema(_RowSchema):
    row = rows.Duty
    permit = _text(*_PROCEDURES)
    days = fields.Integer(strict=True, validate=validate.Range(min=1))
    months = fields.Integer(strict=True, validate=validate.Range(min=1))

    @validates_schema
    def says_how_long(self, data: dict[str, Any], **_: object) -> None:
        if ("days" in data) == ("months" in data):
            raise ValidationError("say either days or months", "days")


class _NormSchema(_RowSchema):
    row = rows.Norm
    edition = _text()
    zh = _text()
    en = _text()


class _RemedySchema(_RowSchema):
    row = rows.Remedy
    against = _text("decision", "silence")
    window = _text(required=False)
    zh = _text()
    en = _text()


class _MarkSchema(_RowSchema):
    row = rows.ConformityMark
    mode = _text("type_approval", "licence", "assessed_certificate", "self_declaration")
    zh = _text()
    en = _text()


class _MonthDay(fields.Field[tuple[int, int]]):
    def _deserialize(self, value: object, *_: object, **__: object) -> tuple[int, int]:
        try:
            day = datetime.strptime(f"2000-{value}", "%Y-%m-%d")  # noqa: DTZ007 - a day of the calendar, no instant
        except ValueError:
            raise ValidationError('write a month and a day, as "05-01"') from None
        return day.month, day.day


class _FixedHolidaySchema(_RowSchema):
    row = rows.FixedHoliday
    days = fields.List(_MonthDay(), required=True, validate=validate.Length(min=1))
    zh = _text()
    en = _text()


class _BarSchema(_RowSchema):
    row = rows.Bar
    months = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    zh = _text()
    en = _text()


class _ExclusionSchema(_RowSchema):
    row = rows.Exclusion
    months = fields.Integer(strict=True, validate=validate.Range(min=1))
    zh = _text()
    en = _text()


class _RequirementSchema(_RowSchema):
    row = rows.Requirement
    norm = _text()
    sample = fields.Boolean(truthy={True}, falsy={False})
    kinds = _Texts(required=False)
    must_have = fields.Boolean(required=True, truthy={True}, falsy={False})
    zh = _text()
    en = _text()


class _ConclusionSchema(_RowSchema):
    row = rows.ConclusionRule
    results = _Texts("conform", "minor", "major", "not_applicable")
    must_have = fields.Boolean(required=True, truthy={True}, falsy={False})
    conclusion = _text("pass", "rectify", "fail")
    zh = _text()
    en = _text()


class _DocumentSchema(_RowSchema):
    row = rows.DocumentKind
    procedures = _Texts(*_PROCEDURES)
    applications = _Texts("first", "renewal", "change", required=False)
    required = fields.Boolean(required=True, truthy={True}, falsy={False})
    readers = _Texts()
    sender = fields.String(validate=validate.OneOf(("applicant", "lab")))
    zh = _text()
    en = _text()


class _NoticeSchema(_RowSchema):
    row = rows.NoticeForm
    mark = _text()
    zh = _text()
    en = _text()
    text_zh = fields.String(required=True, validate=[says_something, has_legible_lines])
    text_en = fields.String(required=True, validate=[says_something, has_legible_lines])
    needs = _Texts(required=False)
    about = _text(required=False)
    remedies = fields.Boolean(truthy={True}, falsy={False})
    laboratory = fields.Boolean(truthy={True}, falsy={False})
    words = fields.Dict(
        keys=fields.String(), values=fields.Tuple((_text(), _text()), error_messages={"invalid": '["中文", "English"]'})
    )

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
        _ValiditySchema,
        _DutySchema,
        _NormSchema,
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
