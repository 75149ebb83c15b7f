"""A key of an office, and the content of a certificate, for tests."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from page import ValidationProfile, validate_pdf_bytes

from shared.documents.key_files import Seal, write_keys, write_private_key
from shared.documents.keys import DEVELOPMENT_SINCE, IssuerKeys, Purpose, SigningKey, new_private_key, publish

if TYPE_CHECKING:
    from pathlib import Path

AUTHORITY = "吉林省质量技术监督局"
SINCE = datetime(2013, 1, 1, tzinfo=UTC)
SIGNED = datetime(2014, 1, 8, 2, 0, tzinfo=UTC)
REPORT = b'{"number":"R-1"}'
CODE = "7K3M9Q2X"
CHECK = f"https://quanheng.example/p/2013F101-22/{CODE}"

CONTENT: dict[str, Any] = {
    "number": "2013F101-22",
    "title": {"zh": "计量器具型式批准证书", "en": "Type approval certificate of a measuring instrument"},
    "holder": {"name": "长春示例衡器有限公司", "code": "91220101MA0Y000086", "address": "吉林省长春市示例大街1号"},
    "places_of_manufacture": ["吉林省长春市示例大街1号"],
    "category": {"code": "non_automatic_scale", "zh": "非自动衡器", "en": "non-automatic weighing instrument"},
    "lines": [
        {
            "name": "电子计价秤",
            "model": "ACS-15",
            "characteristics": {"class": "III", "max": "15 kg", "e": "5 g"},
        }
    ],
    "legend": {
        "class": {"symbol": "class", "zh": "准确度等级", "en": "accuracy class"},
        "max": {"symbol": "Max", "zh": "最大秤量", "en": "maximum capacity"},
        "e": {"symbol": "e", "zh": "检定分度值", "en": "verification scale interval"},
    },
    "report": {"number": "R-1", "lab": "吉林示例计量检测研究院", "sha256": sha256(REPORT).hexdigest()},
    "office": "provincial",
    "authority": AUTHORITY,
    "granted_on": "2014-01-08",
    "valid": {"zh": "长期", "en": "without end"},
    "application": "TA-2013-00001",
}


_MISTAKEN = {"PDFA3A-STREAM-LENGTH-001"}
"""It takes the last byte of compressed data for a part of the line's end, where that is a carriage return."""


def key_of_office(*, development: bool = False) -> tuple[IssuerKeys, SigningKey]:
    """Published keys with one that signs, and that one."""
    private = new_private_key()
    keys = IssuerKeys().added(
        publish(private, AUTHORITY, DEVELOPMENT_SINCE if development else SINCE, development=development)
    )
    return keys, keys.signing(private, SIGNED, development=development)


def seal_in(folder: Path) -> Seal:
    """Keys of its own in `folder`, for documents and for checkpoints, and the file in which they are published."""
    files = {Purpose.DOCUMENTS: folder / "signing.pem", Purpose.CHECKPOINTS: folder / "checkpoint.pem"}
    keys = IssuerKeys()
    for purpose, file in files.items():
        private = new_private_key()
        keys = keys.added(publish(private, AUTHORITY, SINCE, purpose))
        file.write_bytes(write_private_key(private))
    seal = Seal(
        files[Purpose.DOCUMENTS], folder / "keys.json", development=False, checkpoints=files[Purpose.CHECKPOINTS]
    )
    seal.published.write_bytes(write_keys(keys))
    return seal


def unfit_for_archives(pdf: bytes) -> list[str]:
    """What an independent validator finds against PDF/A-3a and PDF/UA-1."""
    return [
        f"{profile.value}: {one.rule_id} {one.message}"
        for profile in (ValidationProfile.PDF_A_3A, ValidationProfile.PDF_UA_1)
        for one in validate_pdf_bytes(pdf, profile=profile).failures
        if one.rule_id not in _MISTAKEN
    ]
