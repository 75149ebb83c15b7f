"""A manufacturer with a licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.services.licensing.parts import known_as

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase


@pytest.fixture
def held(office: Office) -> PlayedCase:
    """A licence granted and delivered at NOW."""
    approval = office.case("type_approval")
    approval.until("grant")
    known_as(office, approval, "in_force")
    licence = office.case("licensing", approval.code)
    licence.until("deliver")
    return licence
