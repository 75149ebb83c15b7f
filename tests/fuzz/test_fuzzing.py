"""A bounded run of `make fuzz` with a fixed seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fuzz.fuzzing import fuzz, targets
from tests.fuzz.world import World, world
from tests.support import FRESH

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = [pytest.mark.servers, pytest.mark.long]

SECONDS = 5
SEED = 20130917


@pytest.fixture(scope="module")
def here() -> Iterator[World]:
    """Of its own: what is asked here disturbs everything."""
    with world(FRESH) as found:
        yield found


def test_every_operation_of_every_service_is_asked() -> None:
    asked = targets()
    assert {target.face for target in asked} == {"public", "lab", "internal"}
    assert {target.service for target in asked} == {"type_approval", "licensing", "c_mark", "notifications"}


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_no_answer_is_a_server_error_or_undocumented(here: World) -> None:
    findings = fuzz(here, SEED, SECONDS)
    assert findings.clean, (str(findings), findings.told)
