"""The form of an application to make measuring instruments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validates_schema

from services.fields import Amount, ApplicantForm
from services.instruments import CATEGORY, SpecificationLine, refuse_wrong_lines
from shared.labels import labelled
from shared.registers import in_order
from shared.schemas import Day, Strict, choice, coded, count, several, text
from shared.text import Text
from shared.validators import Said, refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


AMENDMENTS = ("additions", "changed_conditions")
"""Kinds of applications that change a licence in its term."""


class Line(SpecificationLine):
    """拟制造的计量器具。 One instrument the maker wants to make; `type_approval` may name its certificate or running
    application."""

    category = text(maximum=60, metadata=CATEGORY)
    standard = text(
        maximum=100, metadata=labelled("产品标准", "product standard it is made to", example="GB/T 7722-2005")
    )
    type_approval = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "型式批准证书或申请编号",
            "number of its type approval certificate or running application",
            hint=Text("有多个时填写", "if there are several"),
            example=None,
        ),
    )


class ProductionEquipment(Strict):
    """生产设备。 Equipment for making."""

    name = text(maximum=100, metadata=labelled("设备名称", "what it is", example="贴片机"))
    count = count(metadata=labelled("数量", "how many", example=2))


class InspectionEquipment(Strict):
    """检验设备。 Equipment for inspection."""

    name = text(maximum=100, metadata=labelled("设备名称", "what it is", example="F2级砝码组"))
    range = Amount(
        above_zero=True,
        required=True,
        metadata=labelled("量程", "range", hint=Text("填上限", "up to"), example="20 kg"),
    )
    calibrated_on = Day(
        required=False, metadata=labelled("校准日期", "day of its last calibration", example="2013-09-01")
    )
    calibrated_until = Day(
        required=True, metadata=labelled("有效期至", "last day of its calibration", example="2014-08-31")
    )

    @validates_schema(skip_on_field_errors=True)
    def ends_after_it_begins(self, data: Mapping[str, object], **_kwargs: object) -> None:
        in_order(data.get("calibrated_on"), data.get("calibrated_until"), "calibrated_until")


class HeldStandard(Strict):
    """计量标准。 A measurement standard of the maker's own, with the certificate of its assessment."""

    name = text(maximum=100, metadata=labelled("计量标准名称", "what it is", example="F2级砝码标准装置"))
    certificate = text(
        maximum=60,
        metadata=labelled("计量标准考核证书编号", "its certificate", example="〔2011〕吉量标证字第0123号"),
    )
    valid_until = Day(required=True, metadata=labelled("有效期至", "last day of it", example="2014-12-31"))


class SelfAssessed(Strict):
    """逐条自查。 What the maker found on a clause of the assessment of makers."""

    clause = text(maximum=20, metadata=labelled("条款", "clause", written=Text("填代码", "by its code"), example="4.3"))
    result = choice(
        *("conform", "not_conform", "not_applicable"),
        metadata=labelled(
            "自查结果",
            "result",
            choices={
                "conform": Text("符合", "conforms"),
                "not_conform": Text("不符合", "does not conform"),
                "not_applicable": Text("不适用", "not applicable"),
            },
            example="conform",
        ),
    )
    note = text(required=False, maximum=1000, metadata=labelled("说明", "what there is", example="专职计量人员6名"))


class Staff(Strict):
    """人员情况。 The maker's people."""

    total = count(metadata=labelled("职工总数", "everybody employed", example=86))
    technical = count(metadata=labelled("技术人员", "technical staff", example=12))
    inspection = count(metadata=labelled("检验人员", "inspectors", example=6))

    @validates_schema(skip_on_field_errors=True)
    def are_of_the_total(self, data: Mapping[str, int], **_kwargs: object) -> None:
        total = data.get("total")
        if wrong := [name for name in ("technical", "inspection") if total is not None and data.get(name, 0) > total]:
            reason = Said("contradictory", Text(f"多于职工总数{total}", f"more than the {total} employed"))
            raise ValidationError({name: [reason] for name in wrong})


class Form(ApplicantForm):
    """制造计量器具许可申请书。 Application form for a licence to manufacture."""

    kind = choice(
        *("first", "renewal", *AMENDMENTS),
        metadata=labelled(
            "申请种类",
            "kind of application",
            hint=Text("决定前原许可照旧有效", "until a change is decided, the licence holds as it is"),
            choices={
                "first": Text("首次", "first licence"),
                "renewal": Text("复查换证", "renewal"),
                "additions": Text("新增项目", "new items into a licence"),
                "changed_conditions": Text(
                    "条件变化（含迁址）", "other conditions or another place of making what is licensed"
                ),
            },
            example="first",
        ),
    )
    renews = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "所换许可证编号",
            "number of the licence to renew",
            hint=Text("仅复查换证时填写", "with a renewal only"),
            example=None,
        ),
    )
    amends = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "所变更许可证编号",
            "number of the licence that gets new items or other conditions",
            hint=Text("仅新增项目或条件变化时填写", "with these kinds only"),
            example=None,
        ),
    )
    region = coded(
        "[0-9]{6}",
        Text("六位行政区划代码", "six digits of GB/T 2260"),
        maximum=6,
        required=False,
        metadata=labelled(
            "生产地行政区划代码",
            "region of the place of manufacture",
            hint=Text(
                "按其确定办理机关，不填则以统一社会信用代码第3至8位为准",
                "its code of GB/T 2260 says which office decides, else that in the credit code",
            ),
            example="220101",
        ),
    )
    legal_representative = text(maximum=60, metadata=labelled("法定代表人", "legal representative", example="孙负责"))
    quality_head = text(maximum=60, metadata=labelled("质量负责人", "head of quality", example="冯质量"))
    metrology_head = text(maximum=60, metadata=labelled("计量负责人", "head of metrology", example="褚计量"))
    staff = fields.Nested(Staff, required=True, metadata=labelled("人员情况", "the maker's people"))
    lines = several(
        fields.Nested(Line),
        maximum=100,
        metadata=labelled("拟制造的计量器具", "instruments to be made", written=Text("每种一行", "a line each")),
    )
    production_equipment = several(
        fields.Nested(ProductionEquipment),
        maximum=200,
        unique_by=("name",),
        metadata=labelled("生产设备", "equipment for making"),
    )
    inspection_equipment = several(
        fields.Nested(InspectionEquipment),
        maximum=200,
        metadata=labelled("检验设备", "equipment for inspection"),
    )
    standards = several(
        fields.Nested(HeldStandard),
        minimum=0,
        maximum=50,
        required=False,
        unique_by=("certificate",),
        metadata=labelled("自有计量标准", "measurement standards of its own", hint=Text("有则填写", "if it has any")),
    )
    procedures = several(
        text(maximum=200),
        minimum=0,
        maximum=200,
        required=False,
        unique_by=(),
        metadata=labelled(
            "技术文件和管理制度目录",
            "technical documents and procedures it works by",
            hint=Text("首次申请和复查换证时填写", "asked for with a first licence and a renewal"),
            example=["电子计价秤工艺规程", "计量器具管理制度"],
        ),
    )
    self_assessed = several(
        fields.Nested(SelfAssessed),
        minimum=0,
        maximum=50,
        required=False,
        unique_by=("clause",),
        metadata=labelled(
            "逐章自查结果",
            "what the self-assessment found",
            hint=Text(
                "按JJF 1246逐章填写，可加必备条件；首次申请和复查换证时填写",
                "chapter by chapter: 4.1 to 4.10 of JJF 1246, must-have conditions if wanted; asked for with a first"
                " licence and a renewal",
            ),
            example=[{"clause": f"4.{chapter}", "result": "conform"} for chapter in range(1, 11)],
        ),
    )
    self_assessment = text(
        maximum=4000,
        metadata=labelled(
            "自查情况", "report on the self-assessment", example="按JJF 1246-2010逐条自查，结论：具备生产条件。"
        ),
    )

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def instruments_can_be(
        self, data: Mapping[str, Any], original: Mapping[str, Any], *, partial: Any, **_kwargs: object
    ) -> None:
        refuse_wrong_lines(data, original, partial=partial)

    @validates_schema(skip_on_field_errors=False)
    def names_its_licence(self, data: Mapping[str, Any], *, partial: Any, **_kwargs: object) -> None:
        kind = data.get("kind")
        wanted = "renews" if kind == "renewal" else "amends" if kind in AMENDMENTS else None
        if wanted and wanted not in data and not partial:
            raise refusal("missing", "请写明所涉许可证", "name the licence that this is about", wanted)
        for name in ("renews", "amends"):
            if kind and name in data and name != wanted:
                told = f"this kind of application leaves {name} out"
                raise refusal("not_for_first", "该种申请不填写此项", told, name)


class AmendmentDraft(Strict):
    """起草许可变更申请。 Which amendment a draft is written for."""

    kind = choice(
        *AMENDMENTS,
        metadata=labelled(
            "种类",
            "kind",
            choices={
                "additions": Text("新增项目", "new items"),
                "changed_conditions": Text("条件变化", "changed conditions"),
            },
            example="additions",
        ),
    )
