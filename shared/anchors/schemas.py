"""What is answered about a log."""

from __future__ import annotations

from marshmallow import fields

from shared.schemas import Answer


class Proof(Answer):
    """存证证明 (RFC 6962 §2.1.1)。 That a document is in the log which the checkpoint signs."""

    name = fields.String(required=True, metadata={"description": "证号与期次 number/issue", "example": "2013F101-22/1"})
    sha256 = fields.String(
        required=True, metadata={"description": "PDF摘要 SHA-256 of the PDF", "example": "9f86d081884c7d65…"}
    )
    place = fields.Integer(required=True, metadata={"description": "位置 its place in the log, from 0", "example": 11})
    path = fields.List(
        fields.String(metadata={"example": "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="}),
        required=True,
        metadata={"description": "哈希路径 hashes from the leaf to the root, in base64"},
    )
    checkpoint = fields.String(
        required=True,
        metadata={
            "description": "检查点 the checkpoint, a signed note",
            "example": "quanheng.example/certificates\n20\nCsUY…=\n\n— quanheng.example/certificates Az3g…=\n",
        },
    )
