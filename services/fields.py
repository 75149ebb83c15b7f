"""Parts of forms and payloads that all permits have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from shared.identity import Actor, uscc
from shared.labels import labelled
from shared.law import LawError, RuleSet
from shared.mail import MailAddress
from shared.metrology import Quantity, QuantityError
from shared.problems import Violation
from shared.schemas import MAX_LINE, Strict, coded, is_legible, several, text
from shared.text import Text
from shared.validators import Length, refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from shared.casework import Case


class CreditCode(fields.String):
    """统一社会信用代码 (GB 32100) or 9-character organisation code in any spelling: its form is checked, its check
    digit not here."""

    def __init__(self, **more: Any) -> None:
        super().__init__(validate=Length(max=_MAX_CODE), **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        is_legible(typed)
        if len(typed) > _MAX_CODE:
            raise refusal(
                "form",
                f"现为{len(typed)}位，统一社会信用代码为18位",
                f"this has {len(typed)} characters, a credit code 18",
            )
        code = uscc.written(typed)
        for finding in uscc.check(code):
            if finding.severity is uscc.Severity.BLOCK:
                raise refusal("form", *finding.reason)
        return code


_MAX_CODE = 40
"""With blanks between its groups."""


class Amount(fields.String):
    """量值。 A measured value as a text: an exact number and a UCUM unit, such as 20.1 Cel. It is from `least` to
    `most`, in any unit of their dimension, or of any dimension without them; above zero if so."""

    def __init__(self, least: str = "", most: str = "", *, above_zero: bool = False, **more: Any) -> None:
        super().__init__(validate=Length(max=MAX_LINE), **more)
        self.above_zero = above_zero
        self.bounds = (Quantity.parse(least), Quantity.parse(most)) if least else None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        typed = super()._deserialize(value, attr, data, **kwargs)
        is_legible(typed)
        try:
            found = Quantity.parse(typed, dimension=self.bounds[0].dimension if self.bounds else "")
        except QuantityError as error:
            raise refusal("unit", *error.told) from None
        if why := self._impossible(found):
            raise refusal("impossible", *why)
        return typed

    def _impossible(self, found: Quantity) -> Text | None:
        if self.above_zero and found.value <= 0:
            return Text(f"{found}不大于零", f"{found} is not above zero")
        if self.bounds is None:
            return None
        least, most = self.bounds
        if found.dimension != least.dimension:
            told = f"{found} measures {found.dimension}, not {least.dimension}"
            return Text(f"{found}的单位不是此处的单位，应如{most}", told)
        if least <= found <= most:
            return None
        return Text(f"{found}不在{least}至{most}之间", f"{found} is outside {least} … {most}")


def telephone(**more: Any) -> fields.String:
    """A telephone or fax number, with signs between its groups and perhaps an extension."""
    return coded(
        _TELEPHONE,
        Text("写作0431-80000000，分机号写在“转”之后", "write the digits as 0431-80000000, an extension after ext."),
        maximum=40,
        **more,
    )


_TELEPHONE = r"[0-9 +()\-./,;#*]*[0-9][0-9 +()\-./,;#*]*((转|分机|ext\.?|x)[0-9 ]+)?"


class Site(Strict):
    """地址与邮政编码。 An address with its postcode."""

    address = text(maximum=200, metadata=labelled("地址", "address", example="吉林省长春市示例大街1号"))
    postcode = coded(
        "[0-9]{6}",
        Text("六位数字", "six digits"),
        maximum=6,
        metadata=labelled("邮政编码", "postcode", hint=Text("六位数字", "six digits"), example="130000"),
    )


def check_digit_warnings(code: str, name: str) -> list[Violation]:
    """A wrong check digit is for a person to confirm: some codes issued early carry one and are valid all the same."""
    return [Violation(name, "credit_code_check_digit", one.reason) for one in uscc.check(code)]


def in_own_name(form: Mapping[str, Any], actor: Actor) -> list[Violation]:
    """A form that names another organisation than that for which `actor` acts."""
    if "credit_code" not in form or uscc.party(form["credit_code"]) == actor.party:
        return []
    told = Text(
        f"您代表{actor.organisation}：请以该单位名义申请", f"you act for {actor.organisation}: apply in its name"
    )
    return [Violation("credit_code", "not_yours", told)]


def not_in_catalogue(category: str, name: str, rules: RuleSet, today: date) -> list[Violation]:
    """A category that the catalogue of the day does not have, stated in the field `name`."""
    try:
        rules.item(category, today)
    except LawError as error:
        told = Text(f"{error.told.zh}：请从当日目录中选择", f"{error.told.en}: choose from the catalogue of the day")
        return [Violation(name, "not_in_catalogue", told)]
    return []


def unknown_kind(kind: str, name: str, rules: RuleSet) -> list[Violation]:
    """A kind of instrument that no catalogue has had, stated in the field `name`."""
    if any(kind == row.code for row in rules.catalogue):
        return []
    reason = Text(f"目录中没有器具种类“{kind}”", f"no catalogue has a kind of instrument “{kind}”")
    return [Violation(name, "not_in_catalogue", reason)]


def unknown_kinds(kinds: Iterable[str], name: str, rules: RuleSet) -> list[Violation]:
    """Those in the list `name` that no catalogue has had."""
    return [found for index, kind in enumerate(kinds) for found in unknown_kind(kind, f"{name}.{index}", rules)]


def party_of(case: Case, form: Mapping[str, Any]) -> dict[str, str]:
    """The applicant of `case` as events tell it, when its form is `form`."""
    return {"code": case.applicant, "name": form["applicant_name"], "email": form["email"]}


class ApplicantForm(Strict):
    """Who applies, in the application form of any permit."""

    applicant_name = text(
        maximum=200, metadata=labelled("申请单位", "name of the applicant", example="长春示例衡器有限公司")
    )
    credit_code = CreditCode(
        required=True,
        metadata=labelled(
            "统一社会信用代码",
            "unified social credit code",
            hint=Text("18位，或者9位组织机构代码", "18 characters, or an organisation code of 9"),
            example="91220101MA0Y000086",
        ),
    )
    registered_site = fields.Nested(Site, required=True, metadata=labelled("住所", "registered address"))
    production_sites = several(
        fields.Nested(Site),
        maximum=20,
        unique_by=("address",),
        metadata=labelled("生产地址", "places of manufacture"),
    )
    phone = telephone(metadata=labelled("电话", "telephone", example="0431-80000000"))
    email = MailAddress(
        metadata=labelled(
            "电子邮箱", "e-mail", hint=Text("通知发往此处", "to which messages go"), example="metrology@example.com"
        ),
    )
