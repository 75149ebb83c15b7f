"""What is read and kept of the evaluation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validates_schema

from services.contracts import conclusions
from services.instruments import SHOWN, characteristics
from services.type_approval.evaluation.attached import attachments
from services.type_approval.evaluation.left_out import left_out
from services.type_approval.evaluation.records import Software
from shared.labels import labelled
from shared.schemas import Day, Strict, choice, coded, count, several, text
from shared.text import Text
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping


class Commission(Strict):
    """委托书: which laboratory evaluates, and to what programme 型式评价大纲."""

    lab = text(
        maximum=60, metadata=labelled("技术机构", "laboratory", written=Text("其代码", "its code"), example="LAB-01")
    )
    lab_name = text(
        required=False,
        maximum=200,
        metadata=labelled(
            "技术机构名称",
            "name of the laboratory",
            hint=Text("不填则用登记的名称", "that of the register if not said"),
            example=None,
        ),
    )
    programme = text(
        required=False,
        maximum=200,
        metadata=labelled(
            "型式评价大纲",
            "evaluation programme",
            hint=Text(
                "试验所依据的标准，由技术机构编写的不填", "the standard tested to; none where the laboratory writes it"
            ),
            example="R 76-1:2006",
        ),
    )


ROUTES = {
    "country": Text("定型鉴定", "evaluation of a type that is new to the country"),
    "maker": Text("样机试验", "test of samples of a type that is new to this maker alone"),
}
"""What the evaluation is, by to whom the type is new (Implementing Rules Art. 15)."""


class Arrangement(Strict):
    """与申请单位商定的安排。 What the laboratory agreed with the applicant."""

    plan = text(
        maximum=1000, metadata=labelled("计划", "plan", hint=Text("用文字说明", "in words"), example="10月18日送样")
    )
    samples = count(maximum=100, metadata=labelled("样机数量", "number of prototypes to be sent", example=1))
    items = several(
        text(maximum=60),
        maximum=200,
        required=False,
        metadata=labelled(
            "试验项目",
            "the items of the programme for this case",
            hint=Text("每台样机逐项试验", "every prototype is tested in each"),
            written=Text("大纲中的项目或其条款", "or their clauses"),
            example=["A.4.4", "A.4.10"],
        ),
    )
    lines = several(
        count(maximum=100),
        maximum=100,
        required=False,
        unique_by=(),
        metadata=labelled(
            "试验的规格",
            "numbers of the lines of which prototypes are tested",
            hint=Text(
                "送样规格的序号，从1起；不填则按系列推荐，另选的须写明理由",
                "counted from 1; those proposed for the series if not said, others with a reason",
            ),
            example=None,
        ),
    )


class Sample(Strict):
    """样机。 A prototype."""

    serial = text(maximum=60, metadata=labelled("样机编号", "serial number", example="S-1"))
    model = text(maximum=100, metadata=labelled("型号", "model", example=SHOWN.model))
    characteristics = characteristics(
        required=False,
        whole=False,
        label=labelled(
            "特性",
            "what the laboratory reads on it",
            hint=Text(
                "样机上的标识，须与申请书一致，并能区分同一型号的规格",
                "must agree with the application, tells lines of one model apart",
            ),
        ),
        example=None,
    )
    software = fields.Nested(Software, metadata=labelled("软件", "software it runs"))
    seals = text(maximum=200, metadata=labelled("封印", "state of the seals", example="完好"))
    place = text(required=False, maximum=200, metadata=labelled("存放地点", "where it is kept", example="样品室3号柜"))
    photos = attachments("照片", "photographs of it")


class SamplesReceipt(Strict):
    """收样。 Prototypes and documents that the laboratory received."""

    samples = several(
        fields.Nested(Sample), maximum=100, unique_by=("serial",), metadata=labelled("样机", "the prototypes")
    )
    documents = several(
        text(maximum=200),
        maximum=50,
        unique_by=(),
        metadata=labelled("技术资料", "technical documents that came with them", example=["使用说明书"]),
    )


class Finding(Strict):
    """不符合项。 A nonconformity."""

    item = text(
        maximum=60,
        metadata=labelled(
            "项目", "test item of the family", written=Text("或其条款", "or its clause"), example="R76-A.4.4"
        ),
    )
    serial = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "样机编号",
            "serial number of the prototype it was found on",
            hint=Text("不是全部样机时填写", "if not of all"),
            example=None,
        ),
    )
    finding = text(maximum=1000, metadata=labelled("不符合之处", "what does not conform", example="示值超差"))


class Nonconformity(Strict):
    """一次告知全部不符合项。 What does not conform and is to be improved, told once and whole (Order 74 Art. 13)."""

    items = several(fields.Nested(Finding), maximum=100, metadata=labelled("不符合项", "nonconformities"))


class ImprovedSamples(Strict):
    """改进后的样机。 The improved prototypes; one with a known serial number takes the place of the earlier."""

    received_on = Day(
        metadata=labelled(
            "送达日期", "day on which they came", hint=Text("不填即为今天", "today if not said"), example=None
        )
    )
    samples = several(
        fields.Nested(Sample), maximum=100, unique_by=("serial",), metadata=labelled("样机", "prototypes")
    )


class ReportDraft(Strict):
    """型式评价报告, as the test engineer 主检 draws it up."""

    number = text(maximum=60, metadata=labelled("报告编号", "number of the report", example="R-1"))
    conclusion = choice(
        *conclusions.EVALUATION,
        metadata=labelled(
            "结论",
            "whether the type passed",
            choices={"pass": Text("合格", "pass"), "fail": Text("不合格", "fail")},
            example="pass",
        ),
    )
    synopsis = text(metadata=labelled("综合说明", "the findings in short", example="符合 JJG 539"))
    left_out = left_out()


class ReportReturn(Strict):
    """退回报告。 Why the office does not take the report over: everything that is missing or wrong, told once."""

    items = several(
        text(maximum=500),
        maximum=50,
        unique_by=(),
        metadata=labelled("须补充或者更正的全部内容", "all that is missing or wrong", example=["缺少静电放电试验记录"]),
    )


class Check(Strict):
    """What the reviewer 核验 or the authorised signatory 批准人 says."""

    opinion = text(maximum=1000, metadata=labelled("意见", "opinion", example="同意"))


_SERIALS = several(
    text(maximum=60),
    maximum=100,
    unique_by=(),
    metadata=labelled("样机编号", "serial numbers of the prototypes", example=["S-1"]),
)


class Handover(Strict):
    """样机交接。 Prototypes change hands or place."""

    serials = _SERIALS
    place = text(maximum=200, metadata=labelled("存放地点", "where they are from now on", example="环境试验室"))
    to = text(maximum=100, metadata=labelled("接收人", "who takes them over", example="周核验"))
    seals = text(maximum=200, metadata=labelled("封印", "state of the seals", example="完好"))
    photos = attachments("照片", "photographs of the handover")


class Disposal(Strict):
    """样机处理。 Prototypes go back to the applicant, or stay with the laboratory, which explains why."""

    serials = _SERIALS
    outcome = choice(
        *("returned", "retained"),
        metadata=labelled(
            "处理方式",
            "outcome",
            choices={"returned": Text("退还", "they went back"), "retained": Text("留存", "the laboratory keeps them")},
            example="returned",
        ),
    )
    received_by = text(
        required=False,
        maximum=100,
        metadata=labelled(
            "签收人",
            "who received them back",
            hint=Text("退还时填写", "needed where they were returned"),
            example="钱联系",
        ),
    )
    explanation = text(
        required=False,
        maximum=1000,
        metadata=labelled(
            "留存说明", "why they are kept", hint=Text("留存时填写", "needed where they are retained"), example=None
        ),
    )

    @validates_schema(skip_on_field_errors=True)
    def is_accounted_for(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        needed = "received_by" if data["outcome"] == "returned" else "explanation"
        if needed not in data:
            raise refusal("missing", "这样处理的样机须填写", f"prototypes that are {data['outcome']} need it", needed)


class Release(Strict):
    """档案处置。 What became of the archive once its time was over."""

    disposed = text(maximum=500, metadata=labelled("处置方式", "what was done with it", example="移交市档案馆"))


class ProgrammeItem(Strict):
    """大纲项目。 An item of the programme: one of the family, or an own one, which has a clause and a name."""

    item = coded(
        "[A-Za-z0-9][A-Za-z0-9._-]*",
        Text("字母、数字、点、连字符和下划线", "letters, digits, dots, hyphens and underscores"),
        maximum=40,
        metadata=labelled(
            "项目",
            "item of the family",
            written=Text("或其条款；自定项目填自定代码", "or its clause; or a code for an item of your own"),
            example="7.2",
        ),
    )
    clause = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "条款",
            "clause of the programme",
            hint=Text("不填即为所属系列的规定", "that of the family if not said"),
            example="7.2",
        ),
    )
    name = text(
        required=False,
        maximum=100,
        metadata=labelled(
            "名称", "name", hint=Text("不填即为所属系列的规定", "that of the family if not said"), example="倾斜试验"
        ),
    )
    kind = choice(
        *("observation", "test"),
        required=False,
        metadata=labelled(
            "类型",
            "of an own item",
            hint=Text("不填即为试验项目", "else test"),
            choices={"observation": Text("观察项目", "looked at"), "test": Text("试验项目", "measured")},
            example="test",
        ),
    )
    requirement = text(
        maximum=1000,
        metadata=labelled("技术要求", "requirement that is to be met", example="倾斜2‰时示值变化不超过1e"),
    )
    prototypes = count(
        maximum=100,
        metadata=labelled("样机数量", "number of prototypes that are tested in it", example=1),
    )


class Programme(Strict):
    """自编型式评价大纲。 A programme that the laboratory writes."""

    number = text(maximum=60, metadata=labelled("大纲编号", "its number", example="JLMI/DG-012"))
    edition = text(maximum=40, metadata=labelled("版本", "its edition", example="2013"))
    title = text(maximum=200, metadata=labelled("名称", "its title", example="电子计价秤型式评价大纲"))
    items = several(
        fields.Nested(ProgrammeItem),
        maximum=200,
        metadata=labelled("项目", "observation and test items", hint=Text("按顺序", "in order")),
    )


CONFORM, NOT_CONFORM, NOT_APPLICABLE = "conform", "not_conform", "not_applicable"


SAID_OF_DOCUMENTS = {
    CONFORM: Text("符合", "conforms"),
    NOT_CONFORM: Text("不符合", "does not conform"),
    NOT_APPLICABLE: Text("不适用", "not applicable"),
}


class DocumentVerdict(Strict):
    """技术资料审查结论。 The verdict on one technical document."""

    document = text(
        maximum=60,
        metadata=labelled(
            "资料", "document", written=Text("以种类代码表示", "by the code of its kind"), example="user_manual"
        ),
    )
    verdict = choice(
        *SAID_OF_DOCUMENTS,
        metadata=labelled(
            "结论",
            "verdict",
            choices=SAID_OF_DOCUMENTS,
            example=CONFORM,
        ),
    )
    remark = text(
        required=False,
        maximum=1000,
        metadata=labelled(
            "说明",
            "remark",
            hint=Text(
                "不符合之处或不适用的理由；符合的可不填",
                "what is wrong or why it does not apply; needed unless it conforms",
            ),
            example=None,
        ),
    )

    @validates_schema(skip_on_field_errors=True)
    def says_why(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if data["verdict"] != CONFORM and "remark" not in data:
            raise refusal("missing", "除符合外须说明", "say why, unless the document conforms", "remark")


class DocumentReview(Strict):
    """技术资料审查。 Verdicts on technical documents, in one go or in several."""

    documents = several(
        fields.Nested(DocumentVerdict),
        maximum=50,
        unique_by=("document",),
        metadata=labelled("资料", "documents"),
    )
