"""What the API says of issued documents and published keys."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from marshmallow import fields, validate

from shared.documents.issues import KINDS
from shared.labels import labelled
from shared.schemas import Answer, Bilingual, Digits, Strict, several, text
from shared.text import Text

if TYPE_CHECKING:
    from marshmallow import Schema


class Span(Answer):
    """起止日期。 From and until, both days included."""

    since = fields.Date(required=True, data_key="from", metadata=labelled("起", "first day"))
    until = fields.Date(metadata=labelled("止", "last day", hint=Text("没有即为无限期", "absent: without end")))


class Issue(Answer):
    """签发记录。 One version of the document. `sha256` is that of its PDF, absent while that is being made."""

    issue = fields.Integer(
        required=True, metadata=labelled("第几次签发", "its place", hint=Text("从1起", "from 1"), example=1)
    )
    on = fields.Date(required=True, metadata=labelled("签发日期", "day of the decision"))
    kind = fields.String(
        required=True,
        metadata=labelled("事由", "why", choices=KINDS, example="granted"),
    )
    zh = fields.String(required=True, metadata=labelled("事由（中文）", "why, in Chinese", example="准予许可"))
    en = fields.String(required=True, metadata=labelled("事由（英文）", "why, in English", example="granted"))
    sha256 = fields.String(metadata=labelled("PDF摘要", "SHA-256 of the PDF", example="9f86d081884c7d65…"))


class Paper(Answer):
    """扫码核验的这一份。 The document whose code was given: genuine, and perhaps followed by a newer one."""

    issue = fields.Integer(required=True, metadata=labelled("第几次签发", "its issue", example=1))
    newest = fields.Boolean(required=True, metadata=labelled("是否最新", "whether no newer one exists"))


class ChecksQuery(Strict):
    """批量查询。 The numbers of permits, in any spelling."""

    numbers = several(
        text(maximum=60),
        maximum=100,
        metadata=labelled(
            "编号", "numbers", hint=Text("最多100个", "100 at most"), example=["2013F101-22", "2013F999-22"]
        ),
    )


@cache
def checks_of(permit: type[Schema]) -> type[Schema]:
    """What is answered to many numbers at once, of permits as this schema has them."""
    found = {
        "__doc__": "查询结果。 A permit that was found.",
        "asked": fields.String(
            required=True, metadata=labelled("所查编号", "the number that was asked", example="2013F101-22")
        ),
        "permit": fields.Nested(
            permit,
            required=True,
            metadata=labelled(
                "查询所得", "the permit", hint=Text("与单独查询该编号所得相同", "as it is answered to its number alone")
            ),
        ),
    }
    item = type(f"Found{permit.__name__}", (Answer,), {"__module__": permit.__module__, **found})
    whole = {
        "__doc__": "批量查询结果。 What was found, in the order that was asked, and what was not.",
        "items": fields.List(fields.Nested(item), required=True),
        "unknown": fields.List(
            fields.String(metadata={"example": "2013F999-22"}),
            required=True,
            metadata=labelled("没有的编号", "numbers that no permit of this kind has"),
        ),
    }
    return type(f"{permit.__name__}Checks", (Answer,), {"__module__": permit.__module__, **whole})


class MetadataElement(Answer):
    """元数据项。 An element of the metadata that is known. `exchange` is the name under which public programs
    exchange it."""

    name = fields.String(required=True, metadata=labelled("项", "element", example="issuer"))
    zh = fields.String(required=True, metadata=labelled("中文名称", "its name in Chinese", example="证照颁发机构"))
    exchange = fields.String(
        required=True, metadata=labelled("交换名称", "its exchange name", example="certificateIssuingAuthorityName")
    )
    confidence = fields.String(
        required=True,
        metadata=labelled(
            "名称来源", "where its names are from", hint=Text("RL为未核实", "RL: unverified"), example="RL"
        ),
    )
    value = fields.String(
        required=True,
        metadata=labelled("值", "value", example="吉林省质量技术监督局"),
    )


class Metadata(Answer):
    """电子证照元数据 (GB/T 36903). What a document says as an electronic licence."""

    number = fields.String(required=True, metadata=labelled("证号", "number", example="2013F101-22"))
    issue = fields.Integer(required=True, metadata=labelled("第几次签发", "its issue", example=1))
    elements = fields.List(
        fields.Nested(MetadataElement), required=True, metadata=labelled("元数据元素", "elements of the metadata")
    )


class CheckedNotice(Answer):
    """文书核验。 What a notice is, for whoever has it in hand; what it says stands in it alone."""

    number = fields.String(required=True, metadata=labelled("文号", "number", example="吉质监型受字2013第1号"))
    printed = fields.String(required=True, metadata=labelled("文号", "as printed", example="吉质监型受字〔2013〕第1号"))
    kind = fields.String(required=True, metadata=labelled("文种", "kind of notice", example="acceptance"))
    title = fields.Nested(Bilingual, required=True, metadata=labelled("标题", "its title"))
    authority = fields.String(required=True, metadata=labelled("机关", "the office", example="吉林省质量技术监督局"))
    issued_on = fields.Date(required=True, metadata=labelled("落款日期", "its date"))
    sha256 = fields.String(
        required=True, metadata=labelled("PDF摘要", "SHA-256 of the PDF", example="9f86d081884c7d65…")
    )
    stands = fields.Boolean(required=True, metadata=labelled("未被撤回或者更正", "whether it was not taken back"))
    taken_back_on = fields.Date(metadata=labelled("撤回日期", "day on which it was taken back", example=None))


class IssueQuery(Strict):
    """Which version."""

    issue = Digits(
        validate=validate.Range(1, 10_000),
        metadata=labelled(
            "第几次签发", "which issue", hint=Text("不填即为最新", "the newest if not said"), example=None
        ),
    )


class PublishedKey(Answer):
    """已公布的签名密钥 (RFC 7517)。 A key that the office signs or signed with, its certificate and its dates."""

    kid = fields.String(required=True, metadata=labelled("密钥标识", "RFC 7638", example="NzbLsXh…"))
    kty = fields.String(required=True, metadata=labelled("密钥类型", "kind of key", example="EC"))
    crv = fields.String(required=True, metadata=labelled("曲线", "curve", example="P-256"))
    x = fields.String(required=True, metadata=labelled("公钥x坐标", "public key, x", example="f83OJ3D2xF1Bg8v…"))
    y = fields.String(required=True, metadata=labelled("公钥y坐标", "public key, y", example="x_FEzRu9m36HLN_…"))
    x5c = fields.List(
        fields.String(metadata={"example": "MIIBkTCCATegAw…"}),
        required=True,
        metadata=labelled("证书", "X.509 certificate", hint=Text("DER，base64编码", "DER in base64")),
    )
    signs = fields.List(
        fields.String(metadata={"example": "documents"}),
        metadata=labelled(
            "用途",
            "use",
            hint=Text("没有即为证书与文书、检查点与状态表", "documents and checkpoints if absent"),
            choices={
                "documents": Text("证书与文书", "documents"),
                "checkpoints": Text("检查点与状态表", "checkpoints and lists of what ended"),
                "keys": Text("公布的密钥", "the published keys"),
            },
        ),
    )
    not_before = fields.AwareDateTime(
        required=True, metadata=labelled("启用时刻", "from when it signs", example="2013-01-01T00:00:00Z")
    )
    retired_at = fields.AwareDateTime(metadata=labelled("停用时刻", "from when the next signs", example=None))
    revoked_from = fields.AwareDateTime(
        metadata=labelled("吊销起算时刻", "from when it may be in wrong hands", example=None)
    )
    reason = fields.String(metadata=labelled("吊销理由", "why it was revoked", example=None))
    development = fields.Boolean(
        metadata=labelled(
            "仅供试用",
            "for trials only",
            hint=Text("其签名没有法律效力", "what it signs has no legal effect"),
            example=None,
        )
    )


class PublishedKeys(Answer):
    """已公布的全部签名密钥。 All keys there ever were, as `quanheng verify --keys` takes them."""

    keys = fields.List(
        fields.Nested(PublishedKey),
        required=True,
        metadata=labelled("已公布的签名密钥", "keys that the office signs or signed with"),
    )
    signature = fields.String(
        metadata=labelled(
            "根密钥的签名",
            "signature of the root key over them",
            hint=Text("JWS，不含数据，数据为keys的规范JSON", "JWS without its payload, the canonical JSON of keys"),
            example="eyJhbGciOiJFUzI1NiIs…..kZ8x…",
        )
    )
