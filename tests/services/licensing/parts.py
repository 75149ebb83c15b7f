"""Licences for tests, and the events that notifications publishes about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.testing import wait_for
from tests.services.notices import tell

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from shared.testing import Office, PlayedCase

ABOLITION = "2017-12-28T00:00:00+08:00"


def known_as(office: Office, approval: PlayedCase, status: str) -> None:
    query = "SELECT status FROM type_approvals WHERE case_id = :id"
    wait_for(
        lambda: office.rows("licensing", query, id=approval.id) == [(status,)], what=f"licensing to know: {status}"
    )


def law_changed(servers: Backing, held: PlayedCase) -> None:
    change = {"change": "CMC-NONE", "kind": "abolished", "effective_on": ABOLITION[:10]}
    words = {"zh": "制造计量器具许可已取消", "en": "manufacturing licence abolished", "basis": "Metrology Law"}
    tell(servers, held, "law.changed", ABOLITION, **change, **words)
