"""What a case of the C mark gathers, and what is sent for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.c_mark.form import Form
from shared.casework.facts import FORM, Fact, Kept, kept, maybe, one
from shared.casework.readers import APPLICANT
from shared.permits import changing
from shared.permits.facts import CANCELLED_ON, END
from shared.schemas import Day, Strict, choice, dated, drafted, several, text

if TYPE_CHECKING:
    from datetime import date


def _officials(said: str) -> fields.List[Any]:
    """Those of the office who did it: two at least (Administrative Licensing Law Art. 34)."""
    one = text(maximum=60, metadata={"example": "卫考评"})
    shown = {"description": f"{said}, two at least", "example": ["卫考评", "沈考评"]}
    return several(one, minimum=2, maximum=10, unique_by=(), metadata=shown)


_FINDINGS = text(metadata={"description": "情况 what was found", "example": "净含量抽查合格"})


class Assessment(Strict):
    """计量保证能力考核。 The assessment at the maker's, with an inspection of net contents (JJF 1070)."""

    number = text(maximum=60, metadata={"description": "报告编号 number of the report", "example": "C-1"})
    assessed_on = Day(
        required=True, metadata={"description": "考核日期 day of the assessment", "example": "2013-09-20"}
    )
    assessors = _officials("考核人员 assessors")
    findings = _FINDINGS
    conclusion = choice("pass", "fail", metadata={"description": "结论: pass 合格, fail 不合格", "example": "pass"})


class Check(Strict):
    """声明核查。 A check of what was declared."""

    checked_on = Day(required=True, metadata={"description": "核查日期 day of the check", "example": "2019-06-03"})
    inspectors = _officials("核查人员 inspectors")
    findings = _FINDINGS
    result = choice(
        *("in_order", "to_correct"),
        metadata={
            "description": "结果: in_order 符合 in order, to_correct 责令改正 to be corrected",
            "example": "in_order",
        },
    )


class Correction(Strict):
    """改正报告。 What the maker did about it."""

    done = text(maximum=2000, metadata={"description": "改正情况 what was done", "example": "已更换衡器并重新包装"})


class Assessed(Kept, schema=dated(Assessment)):
    number: str
    assessed_on: date
    assessors: tuple[str, ...]
    findings: str
    conclusion: str
    on: date


class Ordered(Kept):
    """责令改正。 What is to be corrected."""

    on: date = kept(fields.Date(), description="责令日期 day of the order")
    findings: str = kept(fields.String(), description="问题 what was found")
    reported_on: date | None = maybe(fields.Date(), description="报告日期 day on which the maker reported")
    done: str | None = maybe(fields.String(), description="改正情况 what the maker did")


class Checked(Kept, schema=dated(Check)):
    """声明核查, as it is kept."""

    checked_on: date
    inspectors: tuple[str, ...]
    findings: str
    result: str
    on: date
    before: Ordered | None = maybe(one(Ordered), description="此前的责令 what was to be corrected before it")


NUMBER = {"description": "标志编号 number of the mark", "example": "吉C20130001"}
_FORM = FORM.read_by(APPLICANT, fields.Nested(drafted(Form), required=True))
ASSESSMENT = Fact("assessment", one(Assessed), APPLICANT)
MARK = Fact("mark", fields.String(), APPLICANT, **NUMBER)
CHECK = Fact("check", one(Checked), APPLICANT, description="声明核查 last check of what was declared")
CORRECTION_ORDER = Fact("correction_order", one(Ordered), APPLICANT)
FACTS: tuple[Fact[Any], ...] = (
    *changing.FACTS,
    _FORM,
    ASSESSMENT,
    MARK,
    CHECK,
    CORRECTION_ORDER,
    END.read_by(APPLICANT),
    CANCELLED_ON.read_by(APPLICANT, description="注销日期 day of 注销"),
)
