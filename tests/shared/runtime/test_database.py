"""The engine of a process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DataError

from shared.runtime.config import database_url
from shared.runtime.database import make_engine

if TYPE_CHECKING:
    from deploy.local.backing import Backing


def test_an_error_does_not_tell_what_was_sent_with_the_statement(servers: Backing) -> None:
    engine = make_engine(database_url(servers.database_url, "postgres"))
    try:
        with engine.connect() as tx, pytest.raises(DataError) as told:
            tx.execute(
                text("SELECT 1 / CAST(:nothing AS integer), CAST(:secret AS text)"), {"nothing": 0, "secret": "whsec"}
            )
    finally:
        engine.dispose()
    assert "division by zero" in str(told.value)
    assert "whsec" not in str(told.value)
