"""What the API says of issued documents and published keys."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marshmallow import fields, validate

from shared.documents.issues import KINDS
from shared.schemas import Answer, Bilingual, Digits, Strict, several, text

if TYPE_CHECKING:
    from marshmallow import Schema


class Span(Answer):
    """起止日期。 From and until, both days included."""

    since = fields.Date(required=True, data_key="from", metadata={"description": "起 first day"})
    until = fields.Date(metadata={"description": "止 last day; absent: without end"})


class Issue(Answer):
    """签发记录。 One version of the document. `sha256` is that of its PDF, absent while that is being made."""

    issue = fields.Integer(required=True, metadata={"description": "第几次签发 its place, from 1", "example": 1})
    on = fields.Date(required=True, metadata={"description": "签发日期 day of the decision"})
    kind = fields.String(
        required=True,
        metadata={
            "description": f"事由 why: {', '.join(f'{kind} {name.zh}' for kind, name in KINDS.items())}",
            "example": "granted",
        },
    )
    zh = fields.String(required=True, metadata={"description": "事由 why, in Chinese", "example": "准予许可"})
    en = fields.String(required=True, metadata={"description": "事由 why, in English", "example": "granted"})
    sha256 = fields.String(metadata={"description": "PDF摘要 SHA-256 of the PDF", "example": "9f86d081884c7d65…"})


class Paper(Answer):
    """扫码核验的这一份。 The document whose code was given: genuine, and perhaps followed by a newer one."""

    issue = fields.Integer(required=True, metadata={"description": "第几次签发 its issue", "example": 1})
    newest = fields.Boolean(required=True, metadata={"description": "是否最新 whether no newer one exists"})


class ChecksQuery(Strict):
    """批量查询。 The numbers of permits, in any spelling."""

    numbers = several(
        text(maximum=60),
        maximum=100,
        metadata={"description": "编号，最多100个 numbers, 100 at most", "example": ["2013F101-22", "2013F999-22"]},
    )


@cache
def checks_of(permit: type[Schema]) -> type[Schema]:
    """What is answered to many numbers at once, of permits as this schema has them."""
    found = {
        "__doc__": "查询结果。 A permit that was found.",
        "asked": fields.String(
            required=True, metadata={"description": "所查编号 the number that was asked", "example": "2013F101-22"}
        ),
        "permit": fields.Nested(
            permit,
            required=True,
            metadata={"description": "查询所得 the permit, as it is answered to its number alone"},
        ),
    }
    item = type(f"Found{permit.__name__}", (Answer,), {"__module__": permit.__module__, **found})
    whole = {
        "__doc__": "批量查询结果。 What was found, in the order that was asked, and what was not.",
        "items": fields.List(fields.Nested(item), required=True),
        "unknown": fields.List(
            fields.String(metadata={"example": "2013F999-22"}),
            required=True,
            metadata={"description": "没有的编号 numbers that no permit of this kind has"},
        ),
    }
    return type(f"{permit.__name__}Checks", (Answer,), {"__module__": permit.__module__, **whole})


class CheckedNotice(Answer):
    """文书核验。 What a notice is, for whoever has it in hand; what it says stands in it alone."""

    number = fields.String(required=True, metadata={"description": "文号 number", "example": "吉质监型受字2013第1号"})
    printed = fields.String(
        required=True, metadata={"description": "文号 as printed", "example": "吉质监型受字〔2013〕第1号"}
    )
    kind = fields.String(required=True, metadata={"description": "文种 kind of notice", "example": "acceptance"})
    title = fields.Nested(Bilingual, required=True, metadata={"description": "标题 its title"})
    authority = fields.String(
        required=True, metadata={"description": "机关 the office", "example": "吉林省质量技术监督局"}
    )
    issued_on = fields.Date(required=True, metadata={"description": "落款日期 its date"})
    sha256 = fields.String(
        required=True, metadata={"description": "PDF摘要 SHA-256 of the PDF", "example": "9f86d081884c7d65…"}
    )
    stands = fields.Boolean(required=True, metadata={"description": "未被撤回或者更正 whether it was not taken back"})
    taken_back_on = fields.Date(metadata={"description": "撤回日期 day on which it was taken back", "example": None})


class IssueQuery(Strict):
    """Which version."""

    issue = Digits(
        validate=validate.Range(1, 10_000),
        metadata={"description": "第几次签发，默认最新 which issue; the newest if not said", "example": None},
    )


class PublishedKey(Answer):
    """已公布的签名密钥 (RFC 7517)。 A key that the office signs or signed with, its certificate and its dates."""

    kid = fields.String(required=True, metadata={"description": "密钥标识 RFC 7638", "example": "NzbLsXh…"})
    kty = fields.String(required=True, metadata={"description": "密钥类型 kind of key", "example": "EC"})
    crv = fields.String(required=True, metadata={"description": "曲线 curve", "example": "P-256"})
    x = fields.String(required=True, metadata={"description": "公钥 public key, x", "example": "f83OJ3D2xF1Bg8v…"})
    y = fields.String(required=True, metadata={"description": "公钥 public key, y", "example": "x_FEzRu9m36HLN_…"})
    x5c = fields.List(
        fields.String(metadata={"example": "MIIBkTCCATegAw…"}),
        required=True,
        metadata={"description": "证书 X.509 certificate, DER in base64"},
    )
    signs = fields.List(
        fields.String(metadata={"example": "documents"}),
        metadata={
            "description": "用途: documents 证书与文书 documents, checkpoints 检查点与状态表 checkpoints and"
            " lists of what ended; both if absent"
        },
    )
    not_before = fields.AwareDateTime(
        required=True, metadata={"description": "启用时刻 from when it signs", "example": "2013-01-01T00:00:00Z"}
    )
    retired_at = fields.AwareDateTime(metadata={"description": "停用时刻 from when the next signs", "example": None})
    revoked_from = fields.AwareDateTime(
        metadata={"description": "吊销起算时刻 from when it may be in wrong hands", "example": None}
    )
    reason = fields.String(metadata={"description": "吊销理由 why it was revoked", "example": None})
    development = fields.Boolean(
        metadata={"description": "仅供开发 for trials only: what it signs has no legal effect", "example": None}
    )


class PublishedKeys(Answer):
    """已公布的全部签名密钥。 All keys there ever were, as `quanheng verify --keys` takes them."""

    keys = fields.List(fields.Nested(PublishedKey), required=True)
