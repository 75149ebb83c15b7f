"""The account that processes run as can neither change nor delete what is kept, nor what keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from services import SERVICES
from services.registry import REGISTRY
from shared.runtime import migrations
from shared.runtime.config import ConfigurationError, database_url
from tests.support import database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from deploy.local.backing import Backing

_OF_PERMITS = {
    *("journal", "log_leaves", "log_nodes", "checkpoints", "calendars"),
    *("register_versions", "upload_reads", "permit_loads"),
}
KEPT = {
    "type_approval": _OF_PERMITS,
    "licensing": _OF_PERMITS,
    "c_mark": {"journal", "log_leaves", "log_nodes", "checkpoints", "calendars", "upload_reads"},
    "notifications": {"calendars"},
}
"""By service, the tables whose rows are added and nothing else."""
LASTING = {
    "type_approval": {"cases", "issues", "uploads", "certificates", "register_entries"},
    "licensing": {"cases", "issues", "uploads", "licences", "licence_terms", "register_entries"},
    "c_mark": {"cases", "issues", "uploads", "marks"},
    "notifications": set(),
}
"""Those whose rows are changed, but never deleted."""
CHANGES = {
    "issues": (("content = '{}'", "number = 'A'", "code = 'A'"), "retry_at = NULL"),
    "uploads": (("sha256 = 'f'", "kind = 'drawings'"), "scan = 'clean'"),
}
"""What of a table cannot be changed, and what can."""
# One that binds each statement, whether it has rows or not.
BOUND = text(
    "SELECT DISTINCT event_object_table FROM information_schema.triggers"
    " WHERE action_timing = 'BEFORE' AND event_manipulation = 'UPDATE' AND action_orientation = 'STATEMENT'"
)

FIRST = text(
    "SELECT column_name FROM information_schema.columns WHERE table_name = :name AND table_schema = 'public'"
    " ORDER BY ordinal_position LIMIT 1"
)


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def owner(servers: Backing, service: str) -> Iterator[Engine]:
    if servers.runner_url == servers.database_url:
        pytest.skip("the server gives one account only")
    with database(servers.database_url, f"{servers.namespace}_grants", service) as made:
        yield made


@pytest.fixture(scope="module")
def runner(servers: Backing, owner: Engine) -> Engine:  # noqa: ARG001 - the database is there
    return create_engine(database_url(servers.runner_url, f"{servers.namespace}_grants"), poolclass=NullPool)


def refusal(engine: Engine, statement: str) -> str:
    """Why the database refuses it; empty where it does not."""
    with engine.connect() as tx:
        try:
            tx.execute(text(statement))
        except DBAPIError as error:
            return str(error.orig).partition("\n")[0]
    return ""


def test_nothing_that_is_kept_can_be_changed_or_deleted_nor_its_guards_be_removed(
    owner: Engine, runner: Engine, service: str
) -> None:
    with owner.connect() as tx:
        guarded = set(tx.execute(BOUND).scalars())
        column = {table: tx.execute(FIRST, {"name": table}).scalar() for table in KEPT[service] | LASTING[service]}
    # The trigger stays for servers that give one account only; it knows of no table that grants do not.
    assert guarded <= KEPT[service]
    for table in KEPT[service]:
        assert refusal(runner, f"SELECT FROM {table}") == ""
        for statement in (
            f"UPDATE {table} SET {column[table]} = {column[table]}",
            f"SELECT FROM {table} FOR UPDATE",
            f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        ):
            assert "must be owner" in (why := refusal(runner, statement)) or "permission denied" in why, statement
    for table in KEPT[service] | LASTING[service]:
        for statement in (f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE", f"DROP TABLE {table} CASCADE"):
            assert "must be owner" in (why := refusal(runner, statement)) or "permission denied" in why, statement
    assert "permission denied" in refusal(runner, "SET session_replication_role = replica")
    assert "permission denied" in refusal(runner, "CREATE TABLE beside ()")


def test_of_documents_only_what_the_press_and_the_scanner_add_can_be_changed(runner: Engine, service: str) -> None:
    for table in LASTING[service] & set(CHANGES):
        refused, allowed = CHANGES[table]
        assert all("permission denied" in refusal(runner, f"UPDATE {table} SET {change}") for change in refused)
        assert refusal(runner, f"UPDATE {table} SET {allowed}") == ""


def test_grants_that_bind_nobody_are_refused(owner: Engine, runner: Engine, service: str) -> None:
    theirs, own = (engine.url.render_as_string(hide_password=False) for engine in (runner, owner))
    unknown = runner.url.set(username="nobody_here").render_as_string(hide_password=False)
    with pytest.raises(ConfigurationError, match="QUANHENG_DATABASE_URL: there is no role nobody_here: CREATE ROLE"):
        migrations.apply(REGISTRY[service].migrations, unknown, own)
    with pytest.raises(ConfigurationError, match="owns tables, or may act as their owner"):
        migrations.apply(REGISTRY[service].migrations, own, own)
    migrations.apply(REGISTRY[service].migrations, theirs, own)
