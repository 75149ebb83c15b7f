"""Contract manufacture: the holder makes for somebody else what the licence has, and anybody sees for whom."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

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


def test_a_contract_is_seen_at_the_licence_until_it_ends(desk: Desk) -> None:
    number = desk.case.data["licence"]
    assert "contracts" not in find_licences(desk.tx, [number])[number]
    desk.do("report_contract", models=["ａｃｓ-15"], until="2014-09-16")
    shown = {"client": "试验商贸有限公司", "models": ["ａｃｓ-15"], "from": "2013-09-17", "until": "2014-09-16"}
    assert find_licences(desk.tx, [number])[number]["contracts"] == [shown]
    desk.do("report_contract", client_name="另一商贸有限公司", contract="委托4号")
    desk.do("end_contract", number=1)
    assert [one["client"] for one in find_licences(desk.tx, [number])[number]["contracts"]] == ["另一商贸有限公司"]
    with pytest.raises(Problem) as caught:
        desk.attempt("end_contract", number=1)
    assert [(one.name, one.code) for one in caught.value.violations] == [("number", "unknown_contract")]
    desk.do("revoke")
    with pytest.raises(Problem) as caught:
        desk.attempt("report_contract")
    assert caught.value.kind == "wrong_state"


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
