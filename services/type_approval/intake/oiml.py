"""OIML certificates as the basis of an approval: what the office looks at, and what is left to be tested here.

An authority that declared to accept certificates of scheme A justifies every refusal of one, except where the
manufacturer's own laboratory tested (OIML-CS). What OIML's tests do not prove for the national requirements stays to be
tested: the gap.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from services.type_approval.evaluation import conformity
from services.type_approval.evaluation.records import Software
from shared.casework.confirming import confirmed_or_asked
from shared.casework.facts import Fact, Kept, kept, maybe, one, some
from shared.casework.procedure import Effect
from shared.casework.readers import EVERYBODY
from shared.labels import labelled
from shared.law import LawError
from shared.metrology import family_of
from shared.metrology.oiml import CertificateNumber, OimlNumberError, read
from shared.problems import Violation
from shared.schemas import Bilingual, Flag, Strict, choice, count, dated, is_legible, several, text
from shared.text import Text, comparable, in_each, joined, same
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from shared.casework import Case, Step

_YEAR = re.compile(r"[0-9]{4}")


def is_number(value: str) -> None:
    try:
        read(value)
    except OimlNumberError as error:
        raise refusal("form", *error.told) from None


def oiml_number(**more: Any) -> fields.String:
    """The number of an OIML certificate, in any spelling, kept as typed."""
    return fields.String(validate=[is_legible, validate.Length(max=60), is_number], **more)


class OimlReport(Strict):
    """OIML型式评价报告。 A type evaluation report that the certificate rests on."""

    number = text(maximum=60, metadata=labelled("报告编号", "number of the report", example="NMi-2300123-01"))
    laboratory = text(maximum=200, metadata=labelled("试验室", "laboratory that tested", example="NMi Certin B.V."))
    pages = count(maximum=9999, metadata=labelled("应有页数", "pages that it has by its own count", example=84))
    received = count(0, 9999, metadata=labelled("实收页数", "pages that came in", example=84))
    manufacturer_laboratory = Flag(
        required=True,
        metadata=labelled("由制造商试验室试验", "whether the manufacturer's own laboratory tested", example=False),
    )


class Remaining(Strict):
    """剩余试验。 A test that is left: what the national requirements want beyond OIML's."""

    item = text(
        maximum=60,
        metadata=labelled("项目", "test item", written=Text("或其条款", "or its clause"), example="R76-A.4.4"),
    )
    requirement = text(
        maximum=500,
        metadata=labelled("国家要求", "national requirement that is not proved", example="中文标识与法定计量单位"),
    )


class OimlExamination(Strict):
    """OIML证书审查。 What the office found of the certificate that the application names."""

    decision = choice(
        *("accept", "refuse"),
        metadata=labelled(
            "结论",
            "decision",
            choices={"accept": Text("予以采信", "it is accepted"), "refuse": Text("不予采信", "it is refused")},
            example="accept",
        ),
    )
    status = choice(
        *("valid", "withdrawn", "not_listed"),
        metadata=labelled(
            "登记状态",
            "status",
            choices={
                "valid": Text("有效", "valid in the register of OIML"),
                "withdrawn": Text("已撤销", "withdrawn"),
                "not_listed": Text("未登载", "not in it"),
            },
            example="valid",
        ),
    )
    manufacturer = text(
        maximum=200, metadata=labelled("证书制造商", "manufacturer it names", example="试验衡器有限公司")
    )
    models = several(
        text(maximum=100),
        maximum=100,
        unique_by=(),
        metadata=labelled("证书型号", "models it names", example=["ACS-15"]),
    )
    software = fields.Nested(Software, metadata=labelled("证书软件", "software it names", example=None))
    in_scope = Flag(
        required=True,
        metadata=labelled(
            "在发证机构范围内", "whether the Recommendation is in the scope of its issuing authority", example=True
        ),
    )
    declaration = text(
        required=False,
        maximum=200,
        metadata=labelled(
            "采信声明",
            "the national authority's declaration to accept such certificates",
            hint=Text("有则填写", "if there is one"),
            example="采信A类证书声明",
        ),
    )
    reports = several(
        fields.Nested(OimlReport),
        maximum=20,
        unique_by=("number",),
        metadata=labelled("报告", "the reports it rests on"),
    )
    gap = several(
        fields.Nested(Remaining),
        minimum=0,
        maximum=200,
        required=False,
        metadata=labelled(
            "剩余试验", "tests that are left", hint=Text("予以采信时填写", "needed where it is accepted")
        ),
    )


class OimlCheck(Bilingual):
    """审查项。 A check of the certificate, and how it came out."""

    check = fields.String(
        required=True, metadata=labelled("序号", "which one", hint=Text("a至f", "a to f"), example="a")
    )
    met = fields.Boolean(required=True, metadata=labelled("符合", "whether it holds"))


class OimlExamined(Kept, schema=dated(OimlExamination)):
    """OIML证书审查结果, as it is kept."""

    decision: str
    status: str
    manufacturer: str
    models: tuple[str, ...]
    software: Mapping[str, Any] | None = None
    in_scope: bool
    declaration: str | None = None
    reports: tuple[Mapping[str, Any], ...]
    gap: tuple[Mapping[str, Any], ...] | None = None
    on: date
    number: str = kept(
        fields.String(), labelled("登记编号", "its number as the register has it", example="R076/2006-A-NL1-2013.01")
    )
    checks: tuple[Mapping[str, Any], ...] = kept(
        some(OimlCheck), labelled("审查项", "the checks", hint=Text("a至f", "a to f"))
    )
    reason: str | None = maybe(fields.String(), labelled("理由", "why it was refused", example=None))
    reason_zh: str | None = maybe(
        fields.String(),
        labelled("理由（中文）", "what does not hold, in Chinese", example=None),
    )
    reason_en: str | None = maybe(
        fields.String(),
        labelled("理由（英文）", "what does not hold, in English", example=None),
    )


OIML = Fact(
    "oiml", one(OimlExamined), EVERYBODY, labelled("OIML证书审查", "examination of the OIML certificate", example=None)
)


def names_one(case: Case) -> bool:
    """Whether the application names a certificate that was not examined yet."""
    return "oiml_certificate" in case.form and not is_examined(case)


def not_examined(step: Step) -> list[Violation]:
    """A certificate that the applicant relies on and that nobody has examined, which says what is left to be tested."""
    if not names_one(step.case):
        return []
    number = step.case.form["oiml_certificate"]
    reason = Text(
        f"申请列明了OIML证书{number}：请先审查（examine_oiml），决定采信或者说明理由不予采信",
        f"the application names the OIML certificate {number}: examine it first (examine_oiml)",
    )
    return [Violation("oiml_certificate", "not_examined", reason)]


def is_examined(case: Case) -> bool:
    return OIML in case


def is_accepted(data: Mapping[str, Any]) -> bool:
    """Whether an OIML certificate was accepted, so that only the gap is tested."""
    examined = OIML.of(data)
    return examined is not None and examined.decision == "accept"


def gap(data: Mapping[str, Any]) -> list[str]:
    """The items that are left to be tested on the OIML route."""
    examined = OIML.of(data)
    return [one["item"] for one in (examined and examined.gap) or ()]


def accepts(step: Step) -> bool:
    return bool(step.body["decision"] == "accept")


def refuses(step: Step) -> bool:
    return not accepts(step)


def checks(step: Step) -> list[dict[str, Any]]:
    """Checks (a) to (f), each with whether it holds. Beyond (a), (b), (d) and (e) a certificate cannot be accepted;
    (c) and (f) say whether a refusal is to be justified."""
    body, form = step.body, step.case.form
    number = _number(form)
    listed = body["status"] == "valid"
    edition, wanted = _edition(step, number)
    models = [line["model"] for line in form["lines"]]
    lacking = [model for model in models if not any(same(model, one) for one in body["models"])]
    other = bool(lacking or conformity.other_software(form, body) or ("software" in form) != ("software" in body))
    short = [one["number"] for one in body["reports"] if one["received"] != one["pages"]]
    own = [one["number"] for one in body["reports"] if one["manufacturer_laboratory"]]
    duty = bool(number and number.scheme == "A" and body["in_scope"] and "declaration" in body)
    return [
        _check(
            "a", number is not None and listed, "编号规范且登记有效", "it is valid in the register under its number"
        ),
        _check(
            "b", edition, f"建议及版本与国家大纲一致（{wanted}）", f"it was issued to the programme in force, {wanted}"
        ),
        _check(
            "c",
            duty,
            "A类方案、在发证范围内、有采信声明",
            "it is of scheme A, in the issuer's scope, and covered by a declaration",
        ),
        _check(
            *("d", not other, f"型号与软件一致{_named('：', lacking)}"),
            f"it is of the same models and software{_named(': not ', lacking)}",
        ),
        _check("e", not short, f"报告完整{_named('：', short)}", f"its reports are complete{_named(': not ', short)}"),
        _check(
            *("f", not own, f"无制造商试验室结果{_named('：', own)}"),
            f"no result is of the manufacturer's laboratory{_named(': in ', own)}",
        ),
    ]


_MUST_HOLD = ("a", "b", "d", "e")


_VOLUNTARY = {"c": "declaration", "f": "reports"}
"""The checks without which nobody is bound to accept it, and what each is about."""


def may_examine(step: Step) -> Sequence[Violation]:
    """It is accepted if it proves what is applied for, with the tests that are left; an acceptable certificate that the
    office declared to accept is refused with a justification."""
    body, held = step.body, family_of(step.case.form["category"])
    failed = [one for one in checks(step) if not one["met"]]
    if refuses(step):
        if step.reason or any(one["check"] in _MUST_HOLD for one in failed):
            return []
        reason = Text("可以采信的证书不予采信须说明理由", "it can be accepted: say why it is refused, in writing")
        return [Violation("reason", "missing", reason)]
    found = [
        Violation("decision", "oiml_not_acceptable", Text(f"不符合：{one['zh']}", f"it does not hold that {one['en']}"))
        for one in failed
        if one["check"] in _MUST_HOLD
    ]
    stated = [one["item"] for one in body.get("gap", ())]
    if not stated:
        found.append(
            Violation("gap", "missing", Text("列明剩余试验", "list the tests that the national requirements leave"))
        )
    found += conformity.unknown_items(stated, held, "gap.{}.item")
    found = found or conformity.items_twice(stated, held, "gap.{}.item")
    if not found:
        warnings = [
            Violation(
                _VOLUNTARY[one["check"]],
                "oiml_voluntary",
                Text(f"不符合：{one['zh']}", f"it does not hold that {one['en']}"),
            )
            for one in failed
        ]
        if not same(body["manufacturer"], step.case.form["applicant_name"]):
            reason = Text("证书制造商与申请单位名称不同", f"it names {body['manufacturer']}")
            warnings.append(Violation("manufacturer", "another_manufacturer", reason))
        confirmed_or_asked(step, warnings)
    return found


def examine(step: Step) -> Effect:
    """What was found is kept. Once it is accepted, a laboratory is commissioned with the items that are left."""
    number = _number(step.case.form)
    found = checks(step)
    named = str(number) if number else step.case.form["oiml_certificate"]
    given = OimlExamined.given(step.raw)
    kept = OimlExamined(**given, number=named, checks=tuple(found), on=step.today)
    if accepts(step):
        items = [one["item"] for one in step.body["gap"]]
        return Effect(data=OIML.set(kept), event={"oiml": named, "items": items})
    failed = joined(Text(one["zh"], one["en"]) for one in found if not one["met"])
    why = step.reasons or in_each("reason", failed)
    return Effect(data=OIML.set(replace(kept, **why)), event={"oiml": named, **why})


def other_items(step: Step) -> list[Violation]:
    """What is arranged on the OIML route is the gap, no more and no less."""
    if not is_accepted(step.case.data) or "items" not in step.body:
        return []
    held, left = family_of(step.case.form["category"]), gap(step.case.data)
    wanted = {conformity.item_id(item, held) for item in left}
    stated = {conformity.item_id(item, held) for item in step.body["items"]}
    found = [
        Violation(
            f"items.{index}", "proved_by_oiml", Text("OIML证书已证明", f"left to be tested are: {', '.join(left)}")
        )
        for index, item in enumerate(step.body["items"])
        if conformity.item_id(item, held) not in wanted
    ]
    if missing := [item for item in left if conformity.item_id(item, held) not in stated]:
        found.append(
            Violation("items", "missing", Text("剩余试验须全部进行", f"also to be tested: {', '.join(missing)}"))
        )
    return found


def basis(data: Mapping[str, Any]) -> dict[str, Any]:
    """What a report says of the OIML certificate that it rests on, if it rests on one."""
    examined = OIML.of(data)
    if examined is None or examined.decision != "accept":
        return {}
    reports = [one["number"] for one in examined.reports]
    return {"oiml": {"certificate": read(examined.number).printed, "reports": reports}}


def _number(form: Mapping[str, Any]) -> CertificateNumber | None:
    """The number that the form states; drafts of earlier releases may state something else."""
    try:
        return read(form["oiml_certificate"])
    except OimlNumberError:
        return None


def _edition(step: Step, number: CertificateNumber | None) -> tuple[bool, str]:
    """Whether the certificate was issued to the national programme of the day, and which that is."""
    try:
        applies = step.rules.item(step.case.form["category"], step.today).programme
    except LawError:
        applies = None
    if applies is None:
        return False, "—"
    editions = [one.edition for one in family_of(step.case.form["category"]).programmes if one.id == applies]
    years = {year for edition in editions for year in _YEAR.findall(edition)}
    met = bool(number and f"r{number.recommendation}" == comparable(applies) and str(number.edition) in years)
    return met, ", ".join(editions)


def _check(check: str, met: bool, zh: str, en: str) -> dict[str, Any]:
    return {"check": check, "met": met, "zh": zh, "en": en}


def _named(before: str, names: Sequence[str]) -> str:
    return f"{before}{', '.join(names)}" if names else ""
