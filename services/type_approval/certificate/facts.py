"""What a case gathers once a certificate is granted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields

from services.type_approval.evaluation.attached import attachments
from shared.casework.facts import CHECKER, Fact, Kept, kept, maybe, one, some
from shared.casework.readers import APPLICANT, SHOWN
from shared.labels import labelled
from shared.permits import changing
from shared.permits.asked import CAUSES, PERMIT_ENDED
from shared.permits.facts import CANCELLED_ON, END, ENTERED
from shared.schemas import Day, Flag, Strict, choice, several, text
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

MEASURES = ("stop_making", "stop_selling", "seal")


ANOTHER_LAB = labelled(
    "技术机构",
    "laboratory",
    hint=Text("另行指定的", "if it is not the one that evaluated"),
    written=Text("其代码", "its code"),
    example=None,
)
ANOTHER_NAME = labelled("技术机构名称", "its name", example=None)


class DeclaredChange(Strict):
    """微小改动申报。 A small change of the instrument that its holder declares."""

    change = text(maximum=2000, metadata=labelled("改动内容", "what is changed", example="显示屏更换为同规格产品"))
    models = several(
        text(maximum=100),
        maximum=100,
        unique_by=(),
        metadata=labelled("涉及型号", "models concerned", example=["ACS-15"]),
    )
    on = Day(required=True, metadata=labelled("实施日期", "day from which it is made so"))


class Opinion(Strict):
    """对计量性能影响的意见。 Whether a declared change affects the metrological performance."""

    affects = Flag(
        required=True,
        metadata=labelled("影响计量性能", "whether it affects the metrological performance", example=False),
    )
    opinion = text(
        maximum=2000,
        metadata=labelled("意见", "opinion", hint=Text("附理由", "with its grounds"), example="不影响计量性能"),
    )


class Declared(Kept, schema=DeclaredChange):
    """微小改动申报, as it is kept."""

    change: str
    models: tuple[str, ...]
    on: date
    declared_on: date = kept(fields.Date(), labelled("申报日期", "day of the declaration"))


class _Assessed(Declared.schema, Opinion):  # type: ignore[misc, valid-type]
    pass


class Assessed(Declared, schema=_Assessed):
    """已评定的微小改动。 A declared change with the opinion on it; one that affects the performance is not made without
    an approval of its own."""

    affects: bool
    opinion: str
    assessed_by: str = kept(fields.String(), labelled("评定人", "who gave the opinion", example="陈检测"))
    assessed_on: date = kept(fields.Date(), labelled("评定日期", "day of the opinion"))
    lab: str | None = maybe(fields.String(), ANOTHER_LAB)
    lab_name: str | None = maybe(fields.String(), ANOTHER_NAME)
    by_office: bool | None = maybe(
        fields.Boolean(), labelled("由行政机关评定", "whether the office gave it", example=None)
    )


class ConformityRequest(Strict):
    """要求符合性检查。 What the laboratory is to check of the reported places of manufacture."""

    matter = text(
        maximum=2000,
        metadata=labelled("检查内容", "what is to be checked", example="新址制造的ACS-15与批准的型式是否相符"),
    )


class ConformityReport(Strict):
    """符合性检查报告。 Whether what is made there conforms to the approved type."""

    conforms = Flag(
        required=True,
        metadata=labelled("与批准的型式相符", "whether it conforms to the approved type", example=True),
    )
    number = text(maximum=100, metadata=labelled("报告编号", "number of the report", example="FH-2014-007"))
    on = Day(required=True, metadata=labelled("报告日期", "day of the report"))
    findings = text(
        maximum=4000,
        metadata=labelled("检查情况", "what was examined and found", example="抽样2台，与批准的型式一致"),
    )
    report_files = attachments("报告及资料", "the report and its records")


class KeptConformityReport(Kept, schema=ConformityReport):
    """符合性检查报告, as it is kept."""

    conforms: bool
    number: str
    on: date
    findings: str
    report_files: tuple[Mapping[str, Any], ...] | None = None
    by: str = kept(fields.String(), labelled("报告人", "who reported it", example="陈检测"))
    reported_on: date = kept(fields.Date(), labelled("提交日期", "day on which it was handed in"))
    lab: str | None = maybe(fields.String(), ANOTHER_LAB)
    lab_name: str | None = maybe(fields.String(), ANOTHER_NAME)


class SetAside(Kept):
    """不采信检查结论。 The office enters the change in spite of the check, and says why."""

    on: date = kept(fields.Date(), labelled("日期", "day"))
    reason: str = kept(fields.String(), labelled("理由", "why", example="差异仅在铭牌，不涉及型式"))


DECLINED = "declined"
_CAUSES = {**CAUSES, DECLINED: Text("技术机构谢绝", "the laboratory declined")}


class Dropped(Kept):
    """不再检查。 That the check is not to be made any more, though nobody reported on it."""

    on: date = kept(fields.Date(), labelled("日期", "day"))
    cause: str = kept(fields.String(), labelled("原因", "why", choices=_CAUSES, example=PERMIT_ENDED))
    reason: str | None = maybe(fields.String(), labelled("理由", "the reason given", example="暂不迁址"))
    reason_zh: str | None = maybe(
        fields.String(), labelled("理由（中文）", "the reason that the law gives, in Chinese", example=None)
    )
    reason_en: str | None = maybe(
        fields.String(), labelled("理由（英文）", "the reason that the law gives, in English", example=None)
    )


class _Requested(ConformityRequest):
    places = several(
        text(maximum=200),
        maximum=20,
        unique_by=(),
        metadata=labelled("生产地址", "places of manufacture that it is of", example=["吉林省长春市示例路9号"]),
    )


class ConformityCheck(Kept, schema=_Requested):
    """符合性检查, as it is kept; it is under way until it is reported on or dropped."""

    matter: str
    places: tuple[str, ...]
    requested_on: date = kept(fields.Date(), labelled("要求日期", "day on which it was asked for"))
    report: KeptConformityReport | None = maybe(
        one(KeptConformityReport), labelled("检查报告", "the laboratory's report", example=None)
    )
    set_aside: SetAside | None = maybe(one(SetAside), labelled("不采信", "that the office set it aside", example=None))
    dropped: Dropped | None = maybe(
        one(Dropped), labelled("不再检查", "that it is not to be made any more", example=None)
    )


class Order(Strict):
    """责令. An order attached to the certificate."""

    measures = several(
        choice(*MEASURES),
        maximum=len(MEASURES),
        unique_by=(),
        metadata=labelled(
            "措施",
            "measures",
            choices={
                "stop_making": Text("停止制造", "stop making"),
                "stop_selling": Text("停止销售", "stop selling"),
                "seal": Text("封存", "seal what there is"),
            },
            example=["stop_making"],
        ),
    )
    act = text(maximum=100, metadata=labelled("文书编号", "number of the order", example="吉质监责改〔2014〕3号"))


class KeptOrder(Kept, schema=Order):
    """责令, as it is kept."""

    measures: tuple[str, ...]
    act: str
    number: int = kept(fields.Integer(), labelled("序号", "its number on this certificate", example=1))
    on: date = kept(fields.Date(), labelled("作出日期", "day of the order"))
    reason: str = kept(fields.String(), labelled("理由", "why", example="抽查不合格"))
    lifted_on: date | None = maybe(
        fields.Date(),
        labelled(
            "解除日期", "day on which it was lifted", hint=Text("没有即为有效", "in force without one"), example=None
        ),
    )
    lifted_reason: str | None = maybe(fields.String(), labelled("解除理由", "why it was lifted", example=None))


CERTIFICATE = Fact(
    "certificate", fields.String(), SHOWN, labelled("证书编号", "number of the certificate", example="2013F101-22")
)
DECLARED_CHANGE = Fact(
    "declared_change",
    one(Declared),
    SHOWN,
    labelled("微小改动申报", "small change declared, without an opinion", example=None),
)
ASSESSED_CHANGES = Fact(
    "assessed_changes", some(Assessed), SHOWN, labelled("已评定的微小改动", "small changes assessed", example=None)
)
CONFORMITY_CHECKS = Fact(
    "conformity_checks",
    some(ConformityCheck),
    SHOWN,
    labelled("符合性检查", "conformity checks of new places", hint=Text("按先后", "first to last"), example=None),
)
ORDERS = Fact(
    "orders",
    some(KeptOrder),
    APPLICANT,
    labelled("责令", "orders on the certificate", hint=Text("按先后", "first to last"), example=None),
)
FACTS: tuple[Fact[Any], ...] = (
    *changing.FACTS,
    CERTIFICATE,
    END,
    ENTERED,
    DECLARED_CHANGE,
    ASSESSED_CHANGES,
    CHECKER,
    CONFORMITY_CHECKS,
    ORDERS,
    CANCELLED_ON,
)
"""What a case gathers once a certificate is granted."""
