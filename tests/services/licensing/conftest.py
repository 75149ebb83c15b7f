"""A manufacturer with a licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.licensing.parts import approve

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase


@pytest.fixture
def held(office: Office) -> PlayedCase:
    """A licence granted and delivered at NOW."""
    licence = office.case("licensing")
    approve(office, licence.code, licence.form["lines"][0])
    licence.until("deliver")
    return licence
