"""Parts of forms and payloads that both permits have."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from shared.documents.schemas import Issue, Span
from shared.http.lists import Summary
from shared.identity import uscc
from shared.mail import MailAddress
from shared.metrology import Quantity, family
from shared.problems import Violation
from shared.schemas import Answer, Bilingual, Strict, coded, is_legible, text
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.casework import Case


class CreditCode(fields.String):
    """统一社会信用代码 (GB 32100) or 9-character organisation code in any spelling: its form is checked, its check
    digit not here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        is_legible(typed)
        if len(typed) > _MAX_CODE:
            raise ValidationError(f"form: this has {len(typed)} characters, a credit code 18")
        code = uscc.written(typed)
        for finding in uscc.check(code):
            if finding.severity is uscc.Severity.BLOCK:
                raise ValidationError(f"form: {finding.zh} {finding.en}")
        return code


_MAX_CODE = 40
"""With blanks between its groups."""
_DECIMAL_WANTED = "write a decimal number as a text of at most 12 digits before and after the point, such as 2.505"


def known_unit(unit: str) -> None:
    """A validator: the unit is a legal one."""
    try:
        Quantity(Fraction(0), unit)
    except ValueError as error:
        raise ValidationError(f"unit: {error}") from None


class Measure(Strict):
    """量值。 A measured value: a decimal as a string, so that no binary float touches it, and a UCUM unit."""

    value = coded(
        r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?",
        _DECIMAL_WANTED,
        maximum=26,
        metadata={"description": "十进制数 a decimal number, as text", "example": "15"},
    )
    unit = fields.String(
        required=True,
        validate=[validate.Length(max=20), known_unit],
        metadata={"description": "UCUM单位 UCUM unit: kg, g, Cel (°C), %", "example": "kg"},
    )

    @post_load
    def to_quantity(self, data: dict[str, Any], **_kwargs: object) -> Quantity | dict[str, Any]:
        if not {"value", "unit"} <= data.keys():
            return data  # half written, in a draft
        return Quantity(Fraction(data["value"]), data["unit"])


def of_dimension(
    *dimensions: str, above_zero: bool = False, least: int | None = None, most: int | None = None
) -> Callable[[Any], None]:
    """A validator of a nested Measure: it is of one of these dimensions, where any is named, above zero if so, and in
    its unit from `least` to `most`."""

    def check(value: Any) -> None:
        if not isinstance(value, Quantity):
            return  # half written, in a draft
        if dimensions and value.dimension not in dimensions:
            raise ValidationError(f"impossible: {value} measures {value.dimension}, not {' or '.join(dimensions)}")
        if above_zero and value.value <= 0:
            raise ValidationError(f"impossible: {value} is not above zero")
        if least is not None and value.value < least:
            raise ValidationError(f"impossible: {value} is below {least} {value.unit}")
        if most is not None and value.value > most:
            raise ValidationError(f"impossible: {value} is above {most} {value.unit}")

    return check


def telephone(**more: Any) -> fields.String:
    """A telephone or fax number, with signs between its groups and perhaps an extension."""
    return coded(
        _TELEPHONE, "form: write the digits as 0431-80000000, an extension after 转 or ext.", maximum=40, **more
    )


_TELEPHONE = r"[0-9 +()\-./,;#*]*[0-9][0-9 +()\-./,;#*]*((转|分机|ext\.?|x)[0-9 ]+)?"


class Site(Strict):
    """地址与邮政编码。 An address with its postcode."""

    address = text(maximum=200, metadata={"description": "地址 address", "example": "吉林省长春市示例大街1号"})
    postcode = coded(
        "[0-9]{6}",
        "form: six digits",
        maximum=6,
        metadata={"description": "邮政编码 postcode, six digits", "example": "130000"},
    )


class SpecificationLine(Strict):
    """One line of an application: an instrument by name 名称, model 型号, maximum capacity and accuracy 准确度."""

    name = text(maximum=100, metadata={"description": "名称 name of the instrument", "example": "电子计价秤"})
    model = text(maximum=100, metadata={"description": "型号 model", "example": "ACS-15"})
    accuracy_class = text(maximum=20, metadata={"description": "准确度等级 accuracy class", "example": "III"})
    max = fields.Nested(
        Measure,
        required=True,
        metadata={"description": "最大秤量 maximum capacity"},
    )
    scale_interval = fields.Nested(
        Measure,
        metadata={"description": "分度值 scale interval e", "example": {"value": "5", "unit": "g"}},
    )
    indicators = text(
        required=False,
        maximum=1000,
        metadata={"description": "其他指标 other characteristics", "example": "最小秤量 100 g，去皮 -5 kg"},
    )
    remark = text(required=False, maximum=1000, metadata={"description": "备注 remark", "example": "计价显示"})

    @validates_schema(skip_on_field_errors=False)
    def can_be(self, data: Mapping[str, Any], *, partial: Any, **_kwargs: object) -> None:
        """Whatever is said of an instrument is possible. A draft is not finished, and is asked when it is submitted."""
        if not partial and (faults := impossible(data)):
            raise ValidationError({name: [f"impossible: {reason}" for reason in why] for name, why in faults.items()})


WEIGHING = "r76"
"""The family that a line without a kind is held to, if it looks like one of it."""
FIELD_OF = {"class": "accuracy_class", "e": "scale_interval", "n": "max"}
"""The field of a line or test record in which a characteristic of the family stands."""


def impossible(line: Mapping[str, Any], programme: str | None = None) -> dict[str, list[str]]:
    """What of a line no instrument can have, by field, with the reasons.

    `programme` names the tables of its kind of instrument, where the kind is known; else what is of a class of R 76 or
    has a Max or e in mass is taken for a weighing instrument.
    """
    maximum, e = (_quantity_or_none(line.get(name)) for name in ("max", "scale_interval"))
    accuracy_class = class_of(line["accuracy_class"]) if "accuracy_class" in line else None
    scales = family(WEIGHING)
    classed = accuracy_class in {one.id for one in scales.classes}
    weighs = classed or any(one and one.dimension == "mass" for one in (maximum, e))
    found: dict[str, list[str]] = {}
    if programme == WEIGHING or (programme is None and weighs):
        said = {"class": accuracy_class, "e": e, "max": maximum}
        for fault in scales.examine({name: value for name, value in said.items() if value is not None}):
            found.setdefault(FIELD_OF.get(fault.name, fault.name), []).append(f"{fault.zh} {fault.en}")
        return found
    for name, value in (("max", maximum), ("scale_interval", e)):
        if value is not None and value.value <= 0:
            found[name] = [f"{value} is not above zero"]
    if maximum is not None and e is not None and maximum.dimension != e.dimension:
        found.setdefault("scale_interval", []).append(f"{e} is not of the kind of Max = {maximum}")
    return found


def class_of(text: str) -> str:
    """An accuracy class as the tables call it: Ⅲ and iii are III."""
    return comparable(text).upper()


def _quantity_or_none(value: Any) -> Quantity | None:
    return value if isinstance(value, Quantity) else None


class ScopeLine(Strict):
    """许可的计量器具。 An instrument that an application or a permit covers."""

    name = fields.String(
        required=True, metadata={"description": "名称 name of the instrument", "example": "电子计价秤"}
    )
    model = fields.String(required=True, metadata={"description": "型号 model", "example": "ACS-15"})
    accuracy_class = fields.String(
        required=True, metadata={"description": "准确度等级 accuracy class", "example": "III"}
    )
    max = fields.Dict(
        required=True,
        metadata={
            "description": "最大秤量 maximum capacity: value and UCUM unit",
            "example": {"value": "15", "unit": "kg"},
        },
    )
    scale_interval = fields.Dict(
        metadata={"description": "分度值 scale interval e: value and UCUM unit", "example": {"value": "5", "unit": "g"}}
    )


def check_digit_warnings(code: str, name: str) -> list[Violation]:
    """A wrong check digit is for a person to confirm: some codes issued early carry one and are valid all the same."""
    return [Violation(name, "credit_code_check_digit", f"{finding.zh} {finding.en}") for finding in uscc.check(code)]


def party_of(case: Case, form: Mapping[str, Any]) -> dict[str, str]:
    """The applicant of `case` as events tell it, when its form is `form`."""
    return {"code": case.applicant, "name": form["applicant_name"], "email": form["email"]}


def scope(lines: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What a permit covers: the lines of its application, as JSON data, without remarks."""
    wanted = ("name", "model", "accuracy_class", "max", "scale_interval")
    return [{key: line[key] for key in wanted if key in line} for line in lines]


class ApplicantForm(Strict):
    """Who applies, in the application form of either permit."""

    applicant_name = text(
        maximum=200, metadata={"description": "申请单位 name of the applicant", "example": "长春示例衡器有限公司"}
    )
    credit_code = CreditCode(
        required=True,
        metadata={
            "description": "统一社会信用代码 unified social credit code, 18 characters, or an organisation code of 9",
            "example": "91220101MA0Y000086",
        },
    )
    registered_site = fields.Nested(Site, required=True, metadata={"description": "住所 registered address"})
    production_sites = fields.List(
        fields.Nested(Site),
        required=True,
        validate=validate.Length(min=1, max=20),
        metadata={"description": "生产地址 places of manufacture"},
    )
    phone = telephone(metadata={"description": "电话 telephone", "example": "0431-80000000"})
    email = MailAddress(
        metadata={"description": "电子邮箱 e-mail, to which messages go", "example": "metrology@example.com"},
    )


class NamedHolder(Answer):
    """持证单位。 Whose permit it is."""

    name = fields.String(
        required=True, metadata={"description": "持证单位 name of the holder", "example": "长春示例衡器有限公司"}
    )
    code = fields.String(
        required=True,
        metadata={"description": "统一社会信用代码 unified social credit code", "example": "91220101MA0Y000086"},
    )


class Holder(NamedHolder):
    """持证单位。 Whose permit it is, and where."""

    address = fields.String(
        required=True, metadata={"description": "住所 registered address", "example": "吉林省长春市示例大街1号"}
    )


class PermitSummary(Summary):
    """What a certificate and a licence have in common in their registers."""

    holder = fields.Nested(NamedHolder, required=True)
    granted_on = fields.Date(required=True, metadata={"description": "发证日期 day on which it was granted"})


class Permit(Answer):
    """What a certificate and a licence have in common."""

    title = fields.Nested(Bilingual, required=True, metadata={"description": "证书名称 title of the document"})
    holder = fields.Nested(Holder, required=True)
    places_of_manufacture = fields.List(
        fields.String(metadata={"example": "吉林省长春市示例大街1号"}),
        required=True,
        metadata={"description": "生产地址 places of manufacture"},
    )
    authority = fields.String(
        required=True, metadata={"description": "发证机关 authority that granted it", "example": "吉林省质量技术监督局"}
    )
    granted_on = fields.Date(required=True, metadata={"description": "发证日期 day on which it was granted"})
    application = fields.String(
        required=True, metadata={"description": "申请编号 number of the application", "example": "TA-2013-00001"}
    )
    since = fields.Date(required=True, metadata={"description": "现状起始日期 since when its status is what it is"})
    covers = fields.List(
        fields.Nested(Span),
        required=True,
        metadata={"description": "涵盖的制造日期 instruments made in these times are covered"},
    )
    issues = fields.List(
        fields.Nested(Issue), required=True, metadata={"description": "签发记录 its documents, first to last"}
    )
