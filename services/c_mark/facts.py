"""What a case of the C mark gathers, and what is sent for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.c_mark.form import Form
from shared.casework.facts import FORM, FORM_LABEL, Fact, Kept, kept, maybe, one
from shared.casework.readers import APPLICANT
from shared.labels import labelled
from shared.permits import changing
from shared.permits.facts import CANCELLED_ON, END
from shared.schemas import Day, Strict, choice, dated, drafted, several, text
from shared.text import Text

if TYPE_CHECKING:
    from datetime import date


def _officials(zh: str, en: str) -> fields.List[Any]:
    """Those of the office who did it: two at least (Administrative Licensing Law Art. 34)."""
    one = text(maximum=60, metadata={"example": "卫考评"})
    label = labelled(zh, en, hint=Text("不少于两人", "two at least"), example=["卫考评", "沈考评"])
    return several(one, minimum=2, maximum=10, unique_by=(), metadata=label)


_FINDINGS = text(metadata=labelled("情况", "what was found", example="净含量抽查合格"))


class Assessment(Strict):
    """计量保证能力考核。 The assessment at the maker's, with an inspection of net contents (JJF 1070)."""

    number = text(maximum=60, metadata=labelled("报告编号", "number of the report", example="C-1"))
    assessed_on = Day(required=True, metadata=labelled("考核日期", "day of the assessment", example="2013-09-20"))
    assessors = _officials("考核人员", "assessors")
    findings = _FINDINGS
    conclusion = choice(
        "pass",
        "fail",
        metadata=labelled(
            "结论", "conclusion", choices={"pass": Text("合格", "pass"), "fail": Text("不合格", "fail")}, example="pass"
        ),
    )


class Check(Strict):
    """声明核查。 A check of what was declared."""

    checked_on = Day(required=True, metadata=labelled("核查日期", "day of the check", example="2019-06-03"))
    inspectors = _officials("核查人员", "inspectors")
    findings = _FINDINGS
    result = choice(
        *("in_order", "to_correct"),
        metadata=labelled(
            "结果",
            "result",
            choices={"in_order": Text("符合", "in order"), "to_correct": Text("责令改正", "to be corrected")},
            example="in_order",
        ),
    )


class Correction(Strict):
    """改正报告。 What the maker did about it."""

    done = text(maximum=2000, metadata=labelled("改正情况", "what was done", example="已更换衡器并重新包装"))


class Assessed(Kept, schema=dated(Assessment)):
    number: str
    assessed_on: date
    assessors: tuple[str, ...]
    findings: str
    conclusion: str
    on: date


class Ordered(Kept):
    """责令改正。 What is to be corrected."""

    on: date = kept(fields.Date(), labelled("责令日期", "day of the order"))
    findings: str = kept(fields.String(), labelled("问题", "what was found"))
    reported_on: date | None = maybe(fields.Date(), labelled("报告日期", "day on which the maker reported"))
    done: str | None = maybe(fields.String(), labelled("改正情况", "what the maker did"))


class Checked(Kept, schema=dated(Check)):
    """声明核查, as it is kept."""

    checked_on: date
    inspectors: tuple[str, ...]
    findings: str
    result: str
    on: date
    before: Ordered | None = maybe(one(Ordered), labelled("此前的责令", "what was to be corrected before it"))


NUMBER = labelled("标志编号", "number of the mark", example="吉C20130001")
_FORM = FORM.read_by(APPLICANT, fields.Nested(drafted(Form), required=True), label=FORM_LABEL)
ASSESSMENT = Fact("assessment", one(Assessed), APPLICANT, labelled("计量保证能力考核", "the assessment"))
MARK = Fact("mark", fields.String(), APPLICANT, **NUMBER)
CHECK = Fact("check", one(Checked), APPLICANT, labelled("声明核查", "last check of what was declared"))
CORRECTION_ORDER = Fact("correction_order", one(Ordered), APPLICANT, labelled("责令改正", "what is to be corrected"))
FACTS: tuple[Fact[Any], ...] = (
    *changing.FACTS,
    _FORM,
    ASSESSMENT,
    MARK,
    CHECK,
    CORRECTION_ORDER,
    END.read_by(APPLICANT),
    CANCELLED_ON.read_by(APPLICANT, label=labelled("注销日期", "day of the cancellation")),
)
