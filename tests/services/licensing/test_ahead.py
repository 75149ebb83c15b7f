"""An application and the type approval it waits for arrive concurrently: neither misses the other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from services.instruments import scope
from shared.messaging.envelope import new_id
from tests.services.licensing.parts import learn
from tests.support import type_approval_form, wait_for

if TYPE_CHECKING:
    from tests.support import Office, PlayedCase

WAITING = (
    "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


def received(case: PlayedCase) -> dict[str, Any]:
    return {"applicant": {"code": case.code}, "lines": lines(case)}


def lines(case: PlayedCase) -> Any:
    return scope(type_approval_form(case.code)["lines"], "non_automatic_scale")


@pytest.mark.parametrize("granted", [False, True], ids=["applied for", "granted"])
def test_an_application_counts_on_what_is_being_learnt_just_now(office: Office, granted: bool) -> None:
    case, approval = office.case("licensing"), new_id()
    engine = office.engines["licensing"]
    if granted:
        with engine.begin() as tx:
            learn(tx, approval, "application.received", **received(case))
    with ThreadPoolExecutor() as pool:
        with engine.begin() as tx:
            if granted:
                learn(tx, approval, "certificate.granted", certificate="2013F999-22", lines=lines(case))
            else:
                learn(tx, approval, "application.received", **received(case))
            submitted = pool.submit(case.attempt, "submit")
            wait_for(lambda: office.rows("licensing", WAITING), what="the application to wait for what is learnt")
        answer = submitted.result()
    assert (answer.status, answer.json.get("state")) == (200, "received" if granted else "lodged")
