"""Fifty grants at the same time, and what the register says of them on a day and in a year."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from services.type_approval.certificate.oiml_counts import oiml_counts
from services.type_approval.queries import REGISTER
from shared.casework import Cause, apply
from shared.documents.yearly import figures
from tests.shared.casework.parts import NOW, PROCEDURES, RULES, Desk, naming_oiml
from tests.support import WAYS, database, people

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing

pytestmark = pytest.mark.long

MANY = 50
TODAY = date(2013, 9, 17)


@pytest.fixture(scope="module")
def reviewed(servers: Backing) -> Iterator[tuple[Engine, list[str]]]:
    """Cases of as many makers, examined and to be decided."""
    with database(servers.database_url, f"{servers.namespace}_grants", "type_approval") as engine:
        with engine.begin() as tx:
            desks = [naming_oiml(tx), *(Desk(tx) for _ in range(MANY - 1))]
            desks[0].do("submit", "accept", "examine_oiml")
            for desk in desks[1:]:
                desk.do("submit", "accept")
            for desk in desks:
                desk.do(*WAYS["type_approval"][2:-2])
        yield engine, [desk.case.id for desk in desks]


def do(tx: Connection, case: str, action: str, **content: object) -> str:
    actors = people("")
    actor = actors["second_decider" if action == "revoke" else "decider"]
    after = apply(
        tx,
        PROCEDURES["type_approval"],
        case,
        action,
        content,
        actor=actor,
        now=NOW,
        rules=RULES,
        cause=Cause("correlation", "cause"),
    )
    return str(after.data["certificate"])


def test_fifty_at_once_get_fifty_numbers_without_a_gap_and_ended_ones_keep_theirs(
    reviewed: tuple[Engine, list[str]],
) -> None:
    engine, ids = reviewed

    def grant(place: int) -> str | None:
        """Every third is undone after it had a number, and granted again at once."""
        with engine.connect() as tx:
            if place % 3 == 0:
                do(tx, ids[place], "grant")
                tx.rollback()
            number = do(tx, ids[place], "grant")
            tx.commit()
            return number

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(grant, range(MANY)))
    assert sorted(str(number) for number in numbers) == [f"2013F{serial}-22" for serial in range(101, 101 + MANY)]
    with engine.begin() as tx:
        do(tx, ids[0], "revoke", fault="authority", reason="程序违法")
        do(tx, ids[1], "withdraw_certificate", compensation="按评估补偿", reason="客观情况变化")
        do(tx, ids[2], "revoke", fault="authority", reason="程序违法")
        do(tx, ids[2], "cancel_ended")
    with engine.connect() as tx:
        late = Desk(tx)
        late.do(*WAYS["type_approval"][:-1])
        assert late.case.data["certificate"] == f"2013F{101 + MANY}-22"
        kept = {row["number"] for row in listed(tx, TODAY)}
        assert {*numbers, late.case.data["certificate"]} == kept
        tx.rollback()
        assert {status: len(listed(tx, TODAY, status)) for status in ("in_force", "revoked", "cancelled")} == {
            "in_force": MANY - 3,
            "revoked": 1,
            "cancelled": 1,
        }
        [withdrawn] = listed(tx, TODAY, "certificate_withdrawn")
        assert (withdrawn["status"], withdrawn["ended"]["reason"]) == ("certificate_withdrawn", "客观情况变化")
        assert listed(tx, TODAY - timedelta(days=1)) == []
        counted = figures(tx, REGISTER, 2013, date(2015, 1, 1))
        assert (counted["granted"], counted["cumulative"], counted["in_force"]) == (MANY, MANY, MANY - 3)
        assert {one["ground"]: one["count"] for one in counted["ended"]} == {"REVOKED": 2, "WITHDRAWN": 1}
        later = figures(tx, REGISTER, 2014, date(2015, 1, 1))
        assert (later["granted"], later["cumulative"], later["ended"]) == (0, MANY, [])
        assert figures(tx, REGISTER, 2012, date(2015, 1, 1))["cumulative"] == 0
        [oiml] = oiml_counts(tx, None)
        assert (oiml["year"], oiml["count"]) == (2013, 1)
        assert oiml_counts(tx, 2012) == []


def listed(tx: Connection, on: date, status: str | None = None) -> list[dict[str, Any]]:
    asked = {"on": on, **({"status": status} if status else {})}
    return REGISTER.list(tx, asked, 1000)[0]
