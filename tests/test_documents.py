"""What is generated and checked in says what the code says now."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from services.documents import documents

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(("path", "text"), documents().items(), ids=lambda value: getattr(value, "name", ""))
def test_a_generated_document_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text(encoding="utf-8") == text, "run `make docs` and commit what changed"
