"""The application form for type approval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from services.fields import ApplicantForm, telephone
from services.instruments import CATEGORY, SpecificationLine, refuse_wrong_lines
from services.type_approval.evaluation.records import Software
from services.type_approval.intake.oiml import oiml_number
from shared.labels import labelled
from shared.schemas import choice, count, several, text
from shared.text import Text
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Form(ApplicantForm):
    """计量器具型式批准申请书。 Application form for type approval."""

    fax = telephone(required=False, metadata=labelled("传真", "fax", example="0431-80000001"))
    responsible_person = text(
        maximum=60,
        metadata=labelled("负责人", "responsible person", hint=Text("申请书由其签署", "who signs"), example="孙负责"),
    )
    contact_person = text(maximum=60, metadata=labelled("联系人", "contact", example="钱联系"))
    category = text(maximum=60, metadata=CATEGORY)
    new_to = choice(
        "country",
        "maker",
        metadata=labelled(
            "新产品范围",
            "to whom it is new",
            choices={
                "country": Text("全国新产品", "new to the country"),
                "maker": Text("本单位新产品", "new to this maker only"),
            },
            example="maker",
        ),
    )
    """全国新 (定型鉴定) or new to this maker only (样机试验): Implementing Rules Art. 15."""
    lines = several(
        fields.Nested(SpecificationLine),
        maximum=100,
        metadata=labelled("规格", "what is to be approved", written=Text("申请批准的规格，每种一行", "a line each")),
    )
    series_basis = text(
        required=False,
        maximum=500,
        metadata=labelled(
            "系列划分依据",
            "by what principle the lines are one series",
            hint=Text("多个规格时必填", "needed for several lines"),
            example="同一称重传感器与仪表，最大秤量不同",
        ),
    )
    description = text(
        maximum=4000,
        metadata=labelled(
            "产品说明",
            "what the instrument is",
            hint=Text("是什么、如何工作、用于何处", "how it works and what for"),
            example="应变式称重传感器，带计价显示的电子秤，用于商品零售。",
        ),
    )
    units_made = count(metadata=labelled("试制数量", "units made on trial so far", example=3))
    software = fields.Nested(
        Software,
        metadata=labelled("软件", "legally relevant software", hint=Text("有法定相关软件时填写", "if it has any")),
    )
    oiml_certificate = oiml_number(
        metadata=labelled(
            "OIML证书",
            "number of its OIML certificate",
            hint=Text("有则填写编号", "if it has one"),
            example="R76/2006-A-NL1-13.01",
        ),
    )
    replaces_certificate = text(
        required=False,
        maximum=60,
        metadata=labelled("换发的原证书", "the certificate this one is to replace", example=None),
    )

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def instruments_can_be(
        self, data: Mapping[str, Any], original: Mapping[str, Any], *, partial: Any, **_kwargs: object
    ) -> None:
        refuse_wrong_lines(data, original, partial=partial)

    @validates_schema(skip_on_field_errors=True)
    def series_has_a_basis(self, data: dict[str, object], **_kwargs: object) -> None:
        lines = data.get("lines")
        if isinstance(lines, list) and len(lines) > 1 and not data.get("series_basis"):
            raise refusal(
                "missing",
                "多个规格为系列产品：请写明划为同一系列的依据",
                "several lines are a series: say by what principle they belong together",
                "series_basis",
            )
