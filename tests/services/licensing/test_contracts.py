"""Contract manufacture: the holder makes for somebody else what the licence has, and anybody sees for whom."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import pytest

from services.licensing.licence.contracting import listed
from services.licensing.queries import find_licences
from shared.problems import Problem
from tests.shared.casework.parts import Desk
from tests.support import WAYS, database

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Engine

    from deploy.local.backing import Backing


@pytest.fixture(scope="module")
def engine(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_contracts", "licensing") as found:
        yield found


@pytest.fixture
def desk(engine: Engine) -> Iterator[Desk]:
    """A licence in force; what is done is undone."""
    with engine.connect() as tx:
        found = Desk(tx, "licensing")
        found.approve()
        found.do(*WAYS["licensing"])
        yield found
        tx.rollback()


def _at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T09:00:00+08:00")


def _public(desk: Desk, day: str = "2013-09-17") -> list[str]:
    """For whom anybody reads on that day that it is made."""
    number = desk.case.data["licence"]
    shown = find_licences(desk.tx, [number], date.fromisoformat(day))[number]
    return [one["client"] for one in shown.get("contracts", ())]


def _held(desk: Desk, day: str = "2013-09-17") -> list[tuple[int, str]]:
    """The contracts as the holder and the office read them on that day."""
    return [(one["number"], one["standing"]) for one in listed(desk.case, date.fromisoformat(day))]


def test_a_contract_is_seen_at_the_licence_while_it_is_in_force(desk: Desk) -> None:
    number = desk.case.data["licence"]
    assert _public(desk) == []
    desk.do("report_contract", models=["ａｃｓ-15"], until="2014-09-16")
    shown = {"client": "试验商贸有限公司", "models": ["ａｃｓ-15"], "from": "2013-09-17", "until": "2014-09-16"}
    assert find_licences(desk.tx, [number], date(2014, 9, 16))[number]["contracts"] == [shown]
    # From the day after its last one, anybody sees it no more; the holder and the office do, as one that has run out.
    assert (_public(desk, "2014-09-17"), _held(desk, "2014-09-17")) == ([], [(1, "run_out")])
    desk.do("report_contract", client_name="另一商贸有限公司", contract="委托4号")
    desk.do("end_contract", number=1)
    assert (_public(desk), _held(desk)) == (["另一商贸有限公司"], [(1, "ended"), (2, "in_force")])
    with pytest.raises(Problem) as caught:
        desk.attempt("end_contract", number=1)
    assert [(one.name, one.code) for one in caught.value.violations] == [("number", "unknown_contract")]


def test_a_contract_is_not_in_force_under_a_licence_that_has_ended(desk: Desk) -> None:
    desk.do("report_contract")
    desk.do("report_contract", client_name="另一商贸有限公司", contract="委托4号")
    desk.do("revoke")
    assert (_public(desk), _held(desk)) == ([], [(1, "licence_ended"), (2, "licence_ended")])
    with pytest.raises(Problem) as caught:
        desk.attempt("report_contract")
    assert caught.value.kind == "wrong_state"
    desk.do("restore")
    desk.do("end_contract", number=1)
    assert (_public(desk), _held(desk)) == (["另一商贸有限公司"], [(1, "ended"), (2, "in_force")])


def test_a_contract_that_has_run_out_is_prolonged_under_its_number(desk: Desk) -> None:
    desk.do("report_contract", until="2014-09-16")
    with pytest.raises(Problem) as caught:
        desk.attempt("report_contract", now=_at("2014-09-16"))
    assert [(one.name, one.code) for one in caught.value.violations] == [("contract", "twice")]
    desk.do("report_contract", now=_at("2014-09-17"), on="2014-09-17")
    assert len(desk.case.data["contracts"]) == 2


def test_every_fault_of_a_contract_is_told(desk: Desk) -> None:
    wrong: dict[str, Any] = {
        "client_code": desk.code.lower(),
        "on": "2013-09-18",
        "until": "2013-09-17",
        "models": ["ACS-15", "ACS-30"],
    }
    with pytest.raises(Problem) as caught:
        desk.attempt("report_contract", **wrong)
    assert [(one.name, one.code) for one in caught.value.violations] == [
        ("client_code", "contradictory"),
        ("on", "future"),
        ("until", "before_from"),
        ("models.1", "not_licensed"),
    ]
