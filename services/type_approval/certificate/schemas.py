"""What is read and kept of the certificate."""

from __future__ import annotations

from marshmallow import fields

from services.instruments import SHOWN, ScopeLine, characteristics
from services.permits import Permit, PermitSummary
from services.type_approval.certificate.facts import KeptOrder
from services.type_approval.evaluation.records import Software
from shared.http.lists import path_of
from shared.labels import labelled
from shared.schemas import Answer, Bilingual, Day, Strict, choice, text
from shared.text import Text


class Category(Bilingual):
    """目录类别。 A category of the catalogue."""

    code = fields.String(
        required=True, metadata=labelled("类别代码", "its code in the catalogue", example="non_automatic_scale")
    )


class TestedPrototype(Answer):
    """样机。 A prototype that was tested."""

    serial = fields.String(required=True, metadata=labelled("样机编号", "serial number", example="S-1"))
    model = fields.String(required=True, metadata=labelled("型号", "model", example=SHOWN.model))
    characteristics = characteristics(
        whole=False, label=labelled("特性", "characteristics that it was tested by", hint=Text("按名称", "by name"))
    )
    software = fields.Nested(Software, metadata=labelled("软件", "software it ran"))


class TestedItem(Bilingual):
    """试验项目。 An item that was tested, by clause and name: as the certificate prints it, and in English where it has
    the id."""

    id = fields.String(metadata=labelled("项目代码", "its id", example="r76.weighing"))


class CertifiedReport(Answer):
    """型式评价报告。 The evaluation report that the certificate rests on, and what was tested."""

    programme = fields.String(
        metadata=labelled("型式评价大纲", "evaluation programme", example="R 76-1:2006"),
    )
    items = fields.List(fields.Nested(TestedItem), metadata=labelled("试验项目", "items tested"))

    oiml = fields.String(
        metadata=labelled("OIML证书编号", "number of the OIML certificate that it rests on", example=None)
    )
    number = fields.String(required=True, metadata=labelled("报告编号", "number of the report", example="R-1"))
    lab = fields.String(
        required=True, metadata=labelled("技术机构", "name of the laboratory", example="吉林示例计量检测研究院")
    )
    sha256 = fields.String(
        required=True,
        metadata=labelled(
            "摘要",
            "SHA-256 of the report",
            hint=Text("十六进制", "hexadecimal"),
            example="9f86d081884c7d659a2feaa0c55ad015…",
        ),
    )


_NUMBER = fields.String(
    required=True, metadata=labelled("证书编号", "number of the certificate", example="2013F101-22")
)


STATUS = choice(
    *("in_force", "type_abolished", "revoked", "certificate_withdrawn", "cancelled"),
    metadata=labelled(
        "现状",
        "status",
        choices={
            "in_force": Text("有效", "in force"),
            "type_abolished": Text("型式废除", "the type was abolished"),
            "revoked": Text("撤销", "revoked"),
            "certificate_withdrawn": Text("撤回", "withdrawn"),
            "cancelled": Text("注销", "cancelled"),
        },
        example="in_force",
    ),
)


class Certificate(Permit):
    """计量器具型式批准证书, with its status now."""

    number = _NUMBER
    category = fields.Nested(Category, required=True, metadata=labelled("目录类别", "category"))
    lines = fields.List(
        fields.Nested(ScopeLine),
        required=True,
        metadata=labelled("批准的型式", "types approved", hint=Text("每种一行", "a line each")),
    )
    report = fields.Nested(CertifiedReport, metadata=labelled("型式评价报告", "evaluation report"))
    prototypes = fields.List(fields.Nested(TestedPrototype), metadata=labelled("试验样机", "prototypes tested"))
    software = fields.Nested(Software, metadata=labelled("软件", "legally relevant software"))
    replaces = fields.String(metadata=labelled("所换发的原证书", "the certificate whose place it takes", example=None))
    replaced_by = fields.List(
        fields.String(metadata={"example": "2014F107-22"}),
        metadata=labelled(
            "换发后的证书",
            "certificates that take its place",
            hint=Text("其状态不变", "its status stays"),
            example=None,
        ),
    )
    valid = fields.Nested(
        Bilingual,
        required=True,
        metadata=labelled("有效期", "validity", hint=Text("用文字说明", "in words")),
    )
    status = STATUS
    orders = fields.List(
        fields.Nested(KeptOrder.schema),
        metadata=labelled(
            "有效的责令", "orders in force on it", hint=Text("其状态不变", "its status stays"), example=None
        ),
    )


class CertificateSummary(PermitSummary):
    """型式批准证书摘要。 What the register shows of a certificate; the whole of it is at `href`."""

    number = _NUMBER
    status = STATUS
    href = path_of("/v1/certificates/2013F101-22")


class TypeAbolition(Strict):
    """型式废除: the national authority abolished the type, by an act of its own, from a day on."""

    act = text(
        maximum=200,
        metadata=labelled(
            "国家主管部门决定的名称和文号",
            "name and number of the national authority's act",
            example="国家市场监督管理总局公告2014年第12号",
        ),
    )
    on = Day(required=True, metadata=labelled("废除日期", "day from which the type is abolished"))
