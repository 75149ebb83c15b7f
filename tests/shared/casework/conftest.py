"""The tables of all procedures, each in its own database; each test is rolled back."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.shared.casework.parts import PROCEDURES
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing


@pytest.fixture(scope="session")
def engines(servers: Backing) -> Iterator[dict[str, Engine]]:
    with ExitStack() as stack:
        yield {
            service: stack.enter_context(
                database(servers.database_url, f"{servers.namespace}_casework_{service}", service)
            )
            for service in PROCEDURES
        }


@pytest.fixture
def tx(engines: dict[str, Engine]) -> Iterator[Connection]:
    """A transaction on the tables of type approval that is rolled back."""
    with engines["type_approval"].connect() as connection:
        yield connection
        connection.rollback()
