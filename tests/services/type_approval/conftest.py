"""A database of type approval for cases that are driven through the engine alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing


@pytest.fixture(scope="package")
def engine(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_approvals", "type_approval") as engine:
        yield engine


@pytest.fixture
def tx(engine: Engine) -> Iterator[Connection]:
    """Undone at the end."""
    with engine.connect() as tx:
        yield tx
        tx.rollback()
