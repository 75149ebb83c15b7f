"""The journal in the API shows whether it was tampered with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

if TYPE_CHECKING:
    from tests.support import Office


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET actor = 'nobody' WHERE case_id = :id AND seq = 2",
        "UPDATE journal SET data = '{}' WHERE case_id = :id AND seq = 1",
        "DELETE FROM journal WHERE case_id = :id AND seq = 2",
        "DELETE FROM journal WHERE case_id = :id AND seq = 3",
    ],
)
def test_a_journal_that_was_changed_past_the_database_s_guard_is_not_intact(office: Office, change: str) -> None:
    case = office.case("type_approval")
    case.do("submit")
    case.do("accept")
    path = case.path("applicant") + "/journal"
    assert case.caller("applicant").get(path).json["intact"] is True
    with office.engines["type_approval"].begin() as tx:
        tx.execute(text("ALTER TABLE journal DISABLE TRIGGER journal_is_append_only"))
        tx.execute(text(change), {"id": case.id})
        tx.execute(text("ALTER TABLE journal ENABLE TRIGGER journal_is_append_only"))
    assert case.caller("applicant").get(path).json["intact"] is False
