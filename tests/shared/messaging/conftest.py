"""A database with the messaging tables and a table of effects, emptied before each test."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from deploy.local.backing import Backing

_EFFECTS = """
CREATE TABLE effects (
    n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    source text NOT NULL,
    case_id uuid NOT NULL,
    case_seq integer NOT NULL
)
"""


@pytest.fixture(scope="session")
def _messaging(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_messaging", "notifications") as engine:
        with engine.begin() as tx:
            tx.execute(text(_EFFECTS))
        yield engine


@pytest.fixture
def engine(_messaging: Engine) -> Engine:
    with _messaging.begin() as tx:
        tx.execute(text("TRUNCATE inbox, held, outbox, effects"))
    return _messaging
