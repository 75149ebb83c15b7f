"""What is answered about a log."""

from __future__ import annotations

from marshmallow import fields, validate

from shared.labels import labelled
from shared.schemas import Answer, Digits, Strict
from shared.text import Text

_SIZE = validate.Range(1, 2**62)
_HASH = {"example": "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="}
_CHECKPOINT = "quanheng.example/certificates\n20\nCsUY…=\n\n— quanheng.example/certificates Az3g…=\n"


class Proof(Answer):
    """存证证明 (RFC 6962 §2.1.1)。 That a document is in the log which the checkpoint signs."""

    name = fields.String(required=True, metadata=labelled("证号与期次", "number/issue", example="2013F101-22/1"))
    sha256 = fields.String(
        required=True, metadata=labelled("PDF摘要", "SHA-256 of the PDF", example="9f86d081884c7d65…")
    )
    place = fields.Integer(
        required=True, metadata=labelled("位置", "its place in the log", hint=Text("从0起", "from 0"), example=11)
    )
    path = fields.List(
        fields.String(metadata=_HASH),
        required=True,
        metadata=labelled("哈希路径", "hashes from the leaf to the root", hint=Text("base64编码", "in base64")),
    )
    checkpoint = fields.String(
        required=True,
        metadata=labelled("检查点", "the checkpoint", hint=Text("经签名", "a signed note"), example=_CHECKPOINT),
    )


class GrowthQuery(Strict):
    """Between which checkpoints, by their sizes: the numbers in their second lines."""

    since = Digits(
        required=True,
        validate=_SIZE,
        metadata=labelled("较早检查点的条数", "size of the checkpoint that was kept", example=12),
    )
    until = Digits(
        validate=_SIZE,
        metadata=labelled(
            "较晚检查点的条数", "size of a later one", hint=Text("不填即为最新", "the newest if not said"), example=None
        ),
    )


class Growth(Answer):
    """一致性证明 (RFC 6962 §2.1.2)。 That the log of the checkpoint began with what an earlier one signed."""

    since = fields.Integer(
        required=True, metadata=labelled("较早检查点的条数", "size of the earlier checkpoint", example=12)
    )
    path = fields.List(
        fields.String(metadata=_HASH),
        required=True,
        metadata=labelled(
            "哈希路径", "hashes of what both have and of what was added", hint=Text("base64编码", "in base64")
        ),
    )
    checkpoint = fields.String(
        required=True,
        metadata=labelled(
            "较晚的检查点", "the later checkpoint", hint=Text("经签名", "a signed note"), example=_CHECKPOINT
        ),
    )
