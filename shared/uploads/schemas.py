"""What is asked and answered of documents."""

from __future__ import annotations

from marshmallow import fields

from shared.schemas import Answer, Bilingual, Strict, choice, coded, text
from shared.text import Text
from shared.uploads.content import ENDINGS, MAX_NAME

_NAME = text(
    maximum=MAX_NAME,
    metadata={
        "description": f"文件名，以{'、'.join(ENDINGS)}结尾 name of the file; its ending says what it is",
        "example": "营业执照.pdf",
    },
)


def _kind(said: str, example: str) -> fields.String:
    wanted = Text("材料清单中的一种", "a kind from the list of documents")
    return coded("[a-z][a-z_]{0,39}", wanted, maximum=40, metadata={"description": said, "example": example})


class UploadQuery(Strict):
    """What is sent."""

    kind = _kind("材料种类 kind of document, from `kinds` of the list", "business_licence")
    name = _NAME


class LabUploadQuery(Strict):
    """What a laboratory sends."""

    kind = _kind("材料种类 kind of document that laboratories send", "custody_photo")
    name = _NAME


class OfficeUploadQuery(Strict):
    """What the office sends."""

    kind = _kind("材料种类 kind of document that the office sends", "assessment_evidence")
    name = _NAME


class ReplacingQuery(Strict):
    """What is put in the place of another version."""

    name = _NAME


class Wanted(Bilingual):
    """材料种类。 A kind of document that belongs to the application."""

    kind = fields.String(required=True, metadata={"description": "代码 code", "example": "user_manual"})
    sender = choice(
        *("applicant", "lab", "staff"),
        metadata={
            "description": "提交方: applicant 申请人, lab 技术机构, staff 办理机关 who sends it",
            "example": "applicant",
        },
    )
    required = fields.Boolean(
        required=True, metadata={"description": "是否必须 whether there is no submission without it"}
    )
    missing = fields.Boolean(
        required=True, metadata={"description": "是否缺少 whether it is required and not there yet", "example": False}
    )
    basis = fields.String(required=True, metadata={"description": "依据（英文） legal basis, in English"})
    basis_zh = fields.String(required=True, metadata={"description": "依据（中文） the same in Chinese"})
    verified = fields.Boolean(
        required=True, metadata={"description": "依据是否核实 false: recalled and not verified 未核实"}
    )


class Document(Answer):
    """申请材料。 One version of a document; its content is at `href`."""

    id = fields.UUID(required=True, metadata={"description": "标识 id of this version"})
    kind = fields.String(required=True, metadata={"description": "种类 kind of document", "example": "user_manual"})
    kind_name = fields.Nested(Bilingual, required=True, metadata={"description": "种类名称 its name"})
    name = fields.String(
        required=True, metadata={"description": "文件名 name of the file", "example": "使用说明书.pdf"}
    )
    media = fields.String(required=True, metadata={"description": "文件类型 media type", "example": "application/pdf"})
    size = fields.Integer(required=True, metadata={"description": "字节数 bytes", "example": 182044})
    sha256 = fields.String(
        required=True,
        metadata={
            "description": "SHA-256摘要（十六进制） of the content, hexadecimal; its ETag",
            "example": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        },
    )
    added_at = fields.AwareDateTime(required=True, metadata={"description": "上传时刻 when it was sent, UTC"})
    added_by = fields.String(required=True, metadata={"description": "上传人 who sent it", "example": "孙申请"})
    filed_at = fields.AwareDateTime(
        metadata={"description": "归入案卷的时刻 since when it is part of the case; absent before"}
    )
    replaces = fields.UUID(metadata={"description": "所更换的版本 version in whose place it was put", "example": None})
    replaced_by = fields.UUID(
        metadata={"description": "更换它的版本 version that took its place; absent: it is the newest", "example": None}
    )
    scan = choice(
        "waiting",
        "clean",
        "infected",
        required=False,
        metadata={
            "description": (
                "查毒: waiting 等待 not scanned yet, clean 无毒 nothing found, infected 有毒 malware; absent 未查毒:"
                " there is no scanner"
            )
        },
    )
    href = fields.String(
        required=True,
        metadata={
            "description": "下载路径 path of the content",
            "example": "/v1/applications/TA-2013-00001/documents/0197f3a0-0000-7000-8000-000000000001",
        },
    )


class CaseDocuments(Answer):
    """案件的申请材料。 The documents of a case that you may read, all versions in the order they were sent."""

    kinds = fields.List(
        fields.Nested(Wanted),
        required=True,
        metadata={"description": "应有的材料 kinds that belong to the application"},
    )
    items = fields.List(
        fields.Nested(Document), required=True, metadata={"description": "已有的材料 documents that are there"}
    )
    open = fields.Boolean(required=True, metadata={"description": "可否上传 whether you may send documents now"})
    open_kinds = fields.List(
        fields.String(metadata={"example": "user_manual"}),
        metadata={
            "description": "仅可上传的种类 the only kinds that may be sent now; all if not said",
            "example": None,
        },
    )
    most_bytes = fields.Integer(
        required=True, metadata={"description": "文件大小上限 how large a file may be", "example": 52_428_800}
    )
    endings = fields.List(
        fields.String(metadata={"example": "pdf"}),
        required=True,
        metadata={"description": "可接受的文件 endings of the files that are taken"},
    )
