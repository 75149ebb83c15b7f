"""What is asked and answered of documents."""

from __future__ import annotations

from marshmallow import fields

from shared.labels import labelled
from shared.schemas import Answer, Bilingual, Strict, choice, coded, text
from shared.text import Text
from shared.uploads.content import ENDINGS, MAX_NAME

_NAME = text(
    maximum=MAX_NAME,
    metadata=labelled(
        "文件名",
        "name of the file",
        hint=Text(f"以{'、'.join(ENDINGS)}结尾", "its ending says what it is"),
        example="营业执照.pdf",
    ),
)


def _kind(en: str, example: str) -> fields.String:
    wanted = Text("材料清单中的一种", "a kind from the list of documents")
    return coded("[a-z][a-z_]{0,39}", wanted, maximum=40, metadata=labelled("材料种类", en, example=example))


class UploadQuery(Strict):
    """What is sent."""

    kind = _kind("kind of document, from `kinds` of the list", "business_licence")
    name = _NAME


class LabUploadQuery(Strict):
    """What a laboratory sends."""

    kind = _kind("kind of document that laboratories send", "custody_photo")
    name = _NAME


class OfficeUploadQuery(Strict):
    """What the office sends."""

    kind = _kind("kind of document that the office sends", "assessment_evidence")
    name = _NAME


class ReplacingQuery(Strict):
    """What is put in the place of another version."""

    name = _NAME


class Wanted(Bilingual):
    """材料种类。 A kind of document that belongs to the application."""

    kind = fields.String(required=True, metadata=labelled("代码", "code", example="user_manual"))
    sender = choice(
        *("applicant", "lab", "staff"),
        metadata=labelled(
            "提交方",
            "who sends it",
            choices={
                "applicant": Text("申请人", "applicant"),
                "lab": Text("技术机构", "laboratory"),
                "staff": Text("办理机关", "the office"),
            },
            example="applicant",
        ),
    )
    required = fields.Boolean(required=True, metadata=labelled("是否必须", "whether there is no submission without it"))
    missing = fields.Boolean(
        required=True, metadata=labelled("是否缺少", "whether it is required and not there yet", example=False)
    )
    basis = fields.String(required=True, metadata=labelled("依据（英文）", "legal basis, in English"))
    basis_zh = fields.String(required=True, metadata=labelled("依据（中文）", "the same in Chinese"))
    verified = fields.Boolean(
        required=True,
        metadata=labelled(
            "依据是否核实",
            "whether the basis was verified",
            hint=Text("false为未核实", "false: recalled and not verified"),
        ),
    )


class Document(Answer):
    """申请材料。 One version of a document; its content is at `href`."""

    id = fields.UUID(required=True, metadata=labelled("标识", "id of this version"))
    kind = fields.String(required=True, metadata=labelled("种类", "kind of document", example="user_manual"))
    kind_name = fields.Nested(Bilingual, required=True, metadata=labelled("种类名称", "its name"))
    name = fields.String(required=True, metadata=labelled("文件名", "name of the file", example="使用说明书.pdf"))
    media = fields.String(required=True, metadata=labelled("文件类型", "media type", example="application/pdf"))
    size = fields.Integer(required=True, metadata=labelled("字节数", "bytes", example=182044))
    sha256 = fields.String(
        required=True,
        metadata=labelled(
            "内容的SHA-256摘要",
            "SHA-256 of the content",
            hint=Text("十六进制，即其ETag", "hexadecimal; its ETag"),
            example="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        ),
    )
    added_at = fields.AwareDateTime(
        required=True, metadata=labelled("上传时刻", "when it was sent", hint=Text("UTC", "UTC"))
    )
    added_by = fields.String(required=True, metadata=labelled("上传人", "who sent it", example="孙申请"))
    filed_at = fields.AwareDateTime(
        metadata=labelled(
            "归入案卷的时刻", "since when it is part of the case", hint=Text("归入前没有", "absent before")
        )
    )
    replaces = fields.UUID(metadata=labelled("所更换的版本", "version in whose place it was put", example=None))
    replaced_by = fields.UUID(
        metadata=labelled(
            "更换它的版本",
            "version that took its place",
            hint=Text("没有即为最新", "absent: it is the newest"),
            example=None,
        )
    )
    scan = choice(
        "waiting",
        "clean",
        "infected",
        required=False,
        metadata=labelled(
            "查毒",
            "virus scan",
            hint=Text("没有即为未查毒", "absent where there is no scanner"),
            choices={
                "waiting": Text("等待", "not scanned yet"),
                "clean": Text("无毒", "nothing found"),
                "infected": Text("有毒", "malware"),
            },
        ),
    )
    href = fields.String(
        required=True,
        metadata=labelled(
            "下载路径",
            "path of the content",
            example="/v1/applications/TA-2013-00001/documents/0197f3a0-0000-7000-8000-000000000001",
        ),
    )


class CaseDocuments(Answer):
    """案件的申请材料。 The documents of a case that you may read, all versions in the order they were sent."""

    kinds = fields.List(
        fields.Nested(Wanted),
        required=True,
        metadata=labelled("应有的材料", "kinds that belong to the application"),
    )
    items = fields.List(
        fields.Nested(Document), required=True, metadata=labelled("已有的材料", "documents that are there")
    )
    open = fields.Boolean(required=True, metadata=labelled("可否上传", "whether you may send documents now"))
    open_kinds = fields.List(
        fields.String(metadata={"example": "user_manual"}),
        metadata=labelled(
            "仅可上传的种类",
            "the only kinds that may be sent now",
            hint=Text("不填即为全部", "all if not said"),
            example=None,
        ),
    )
    most_bytes = fields.Integer(
        required=True, metadata=labelled("文件大小上限", "how large a file may be", example=52_428_800)
    )
    endings = fields.List(
        fields.String(metadata={"example": "pdf"}),
        required=True,
        metadata=labelled("可接受的文件", "endings of the files that are taken"),
    )
