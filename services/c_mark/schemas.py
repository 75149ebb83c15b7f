"""What is read about the C mark, and what a case gathers and the register shows."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.c_mark.form import Form, Goods
from services.permits import Permit, PermitSummary
from shared.casework.readers import APPLICANT
from shared.http import views
from shared.http.lists import path_of
from shared.permits.changing import Changes
from shared.permits.life import CaseEnd
from shared.schemas import Answer, Bilingual, Day, Strict, choice, dated, drafted, several, text


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


class Ordered(Answer):
    """责令改正。 What is to be corrected."""

    on = fields.Date(required=True, metadata={"description": "责令日期 day of the order"})
    findings = fields.String(required=True, metadata={"description": "问题 what was found"})
    reported_on = fields.Date(metadata={"description": "报告日期 day on which the maker reported"})
    done = fields.String(metadata={"description": "改正情况 what the maker did"})


class Checked(dated(Check)):  # type: ignore[misc]
    """声明核查, as it is kept."""

    before = fields.Nested(Ordered, metadata={"description": "此前的责令 what was to be corrected before it"})


_MARK = {"description": "标志编号 number of the mark", "example": "吉C20130001"}
_UNTIL = fields.Date(metadata={"description": "有效期至 last day of the term, if it has one"})
_STATUS = choice(
    *("valid", "to_correct", "expired", "revoked", "mark_withdrawn", "struck_off", "declaration_withdrawn"),
    "cancelled",
    metadata={
        "description": (
            "现状: valid 有效 in force, to_correct 责令改正中 in force, to be corrected, expired 届满 expired, revoked"
            " 撤销 revoked, mark_withdrawn 撤回 withdrawn, struck_off 声明被取消 struck off, declaration_withdrawn"
            " 声明已撤回 withdrawn by its maker, cancelled 注销 cancelled"
        ),
        "example": "valid",
    },
)


class Mark(Permit):
    """C标志。 A C mark, granted or declared, as anybody may read it, with what it is now."""

    class Meta(Permit.Meta):
        exclude = ("legend",)

    number = fields.String(required=True, metadata=_MARK)
    rule = choice(
        *("assessed_certificate", "self_declaration"),
        metadata={
            "description": (
                "取得方式: assessed_certificate 考核发证 on an assessment, self_declaration 自我声明 by declaration"
            ),
            "example": "assessed_certificate",
        },
    )
    lines = fields.List(fields.Nested(Goods), required=True, metadata={"description": "商品 goods, a line each"})
    valid_until = _UNTIL
    valid = fields.Nested(Bilingual, metadata={"description": "有效期 how long it is valid, in words", "example": None})
    status = _STATUS
    correction_order = fields.Nested(
        Ordered, metadata={"description": "责令改正 what is to be corrected", "example": None}
    )


class MarkSummary(PermitSummary):
    """C标志摘要。 What the register shows of a mark; the whole of it is at `href`."""

    number = fields.String(required=True, metadata=_MARK)
    valid_until = _UNTIL
    status = _STATUS
    href = path_of("/v1/marks/%E5%90%89C20130001")


class Gathered(Changes, views.Gathered):
    """C标志申请或者声明: an application for the C mark or a declaration, and what became of it."""

    form = fields.Nested(drafted(Form), required=True, metadata={"readers": APPLICANT})
    assessment = fields.Nested(dated(Assessment), metadata={"readers": APPLICANT})
    mark = fields.String(metadata={"readers": APPLICANT, **_MARK})
    check = fields.Nested(
        Checked, metadata={"readers": APPLICANT, "description": "声明核查 last check of what was declared"}
    )
    correction_order = fields.Nested(Ordered, metadata={"readers": APPLICANT})
    end = fields.Nested(CaseEnd, metadata={"readers": APPLICANT, "example": None})
    cancelled_on = fields.Date(metadata={"readers": APPLICANT, "description": "注销日期 day of 注销", "example": None})
