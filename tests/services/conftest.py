"""The running system with its callers and databases."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from shared.testing import Office

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing
    from deploy.local.system import System


@pytest.fixture(scope="session")
def office(system: System, servers: Backing) -> Iterator[Office]:
    with Office(system, servers.database_url, servers.namespace) as found:
        yield found
