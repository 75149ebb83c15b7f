"""Files that a laboratory names in what it records: documents of the case, by number and content."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from shared.labels import labelled
from shared.schemas import Strict, coded, several
from shared.text import Text

CUSTODY, RAW, CONFORMITY = "custody_photo", "raw_data", "conformity_record"
"""The kinds of documents that show prototypes, that instruments or software wrote in a test, and that a conformity
check rests on."""


class Attached(Strict):
    """附件。 A document of the case that the laboratory sent before, and what is in it."""

    document = fields.UUID(
        required=True,
        metadata=labelled("材料", "the document that was uploaded", example="0197a1b2-0000-7000-8000-000000000001"),
    )
    sha256 = coded(
        "[0-9a-f]{64}",
        Text("64位十六进制摘要", "64 hexadecimal digits"),
        maximum=64,
        metadata=labelled(
            "摘要",
            "SHA-256 of its content",
            hint=Text("内容的SHA256值，十六进制", "hexadecimal"),
            example="9f86d081" * 8,
        ),
    )


def attachments(zh: str, en: str) -> fields.List[Any]:
    """Documents of the case, none twice."""
    return several(
        fields.Nested(Attached),
        minimum=0,
        maximum=50,
        unique_by=("document",),
        required=False,
        metadata=labelled(zh, en, hint=Text("从已上传的文件中选择", "of the files that were uploaded"), example=None),
    )
