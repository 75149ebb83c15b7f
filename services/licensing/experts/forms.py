"""What the register says of an expert."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validates_schema

from services.fields import CreditCode
from shared.labels import labelled
from shared.registers import in_order, one_part
from shared.schemas import Day, Flag, Strict, choice, count, several, text
from shared.text import Text
from shared.validators import refusal

LEVELS = ("national", "provincial")
INTERESTS = ("advised", "kin", "holding", "other")
"""Advice bars an expert for some years (`advice` in conditions.toml), the others for as long as they are on record."""


class Interest(Strict):
    """利害关系。 An organisation that the expert must not assess, and why."""

    code = CreditCode(required=True, metadata=labelled("统一社会信用代码", "credit code", example="91220101MA0Y0000AC"))
    kind = choice(
        *INTERESTS,
        metadata=labelled(
            "关系",
            "kind",
            choices={
                "advised": Text("提供过咨询", "advised it"),
                "kin": Text("近亲属任职", "a near relative works there"),
                "holding": Text("持有股份", "holds shares"),
                "other": Text("其他", "another interest"),
            },
            example="advised",
        ),
    )
    last_on = Day(
        required=False,
        metadata=labelled(
            "咨询终了日期",
            "last day of the advice",
            hint=Text("仅提供过咨询时填写", "with advice only"),
            example="2012-03-31",
        ),
    )
    remark = text(required=False, maximum=200, metadata=labelled("说明", "in words", example=None))

    @validates_schema(skip_on_field_errors=True)
    def advice_ended(self, data: dict[str, Any], **_kwargs: object) -> None:
        if data.get("kind") == "advised" and "last_on" not in data:
            raise refusal("missing", "请写明提供咨询至何日", "say until when the expert advised it", "last_on")


class Expert(Strict):
    """考评员。 An expert who may assess manufacturers on site."""

    code = text(maximum=60, metadata=labelled("人员编号", "code", example="E-07"))
    name = text(maximum=60, metadata=labelled("姓名", "name", example="卫考评"))
    level = choice(
        *LEVELS,
        metadata=labelled(
            "级别",
            "level",
            choices={"national": Text("国家级", "national"), "provincial": Text("省级", "provincial")},
            example="provincial",
        ),
    )
    may_lead = Flag(
        load_default=False,
        metadata=labelled("可任组长", "whether the expert may lead a team", example=True),
    )
    kinds = several(
        text(maximum=60),
        maximum=200,
        unique_by=(),
        metadata=labelled(
            "专业领域",
            "codes of the kinds of instruments that the expert may assess",
            example=["non_automatic_scale", "water_meter"],
        ),
    )
    certificate = text(
        maximum=100,
        metadata=labelled("考评员证号", "number of the assessor's certificate", example="考评2012007"),
    )
    valid_from = Day(
        required=True, metadata=labelled("证书起始日期", "first day of the certificate", example="2012-01-01")
    )
    valid_until = Day(
        required=True, metadata=labelled("证书截止日期", "last day of the certificate", example="2016-12-31")
    )
    term_from = Day(
        required=False, metadata=labelled("聘期起始日期", "first day of the appointment", example="2013-01-01")
    )
    term_until = Day(
        required=False, metadata=labelled("聘期截止日期", "last day of the appointment", example="2015-12-31")
    )
    trained_on = Day(
        required=False, metadata=labelled("最近培训日期", "day of the newest training", example="2013-03-15")
    )
    training = text(
        required=False, maximum=200, metadata=labelled("培训内容", "what it was about", example="JJF 1246宣贯")
    )
    employer = text(maximum=200, metadata=labelled("工作单位", "employer", example="某检定所"))
    employer_code = CreditCode(
        required=False,
        metadata=labelled("工作单位统一社会信用代码", "credit code of the employer", example=None),
    )
    capacity = count(
        metadata=labelled("同时承担的考核数量", "how many assessments the expert can have at a time", example=3)
    )
    interests = several(
        fields.Nested(Interest),
        maximum=100,
        required=False,
        unique_by=("code", "kind"),
        metadata=labelled("利害关系", "organisations that the expert must not assess"),
    )

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        if "code" in self.fields:
            self.fields["code"].validators.append(one_part)

    @validates_schema(skip_on_field_errors=True)
    def ends_after_it_begins(self, data: dict[str, object], **_kwargs: object) -> None:
        in_order(data.get("valid_from"), data.get("valid_until"), "valid_until")
        in_order(data.get("term_from"), data.get("term_until"), "term_until")
