"""The register of licences counted for a year."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from services.licensing.licence.figures import figures
from services.licensing.licence.historic import LICENCES
from services.licensing.queries import REGISTER, find_licences
from shared.casework import Cause, get_case
from shared.historic.kinds import Told
from shared.historic.loads import take
from shared.identity import SYSTEM
from tests.services.licensing.test_offices import GAUGE
from tests.shared.casework.parts import ENTERED, NOW, RULES, Desk, register_of
from tests.support import WAYS, credit_code, database, people

if TYPE_CHECKING:
    from deploy.local.backing import Backing
    from tests.support import Office

LATER = datetime(2014, 6, 3, 2, tzinfo=UTC)
TODAY = date(2018, 1, 2)


def test_holders_licences_and_decisions_of_a_year_by_state_office_and_kind(servers: Backing) -> None:
    with database(servers.database_url, f"{servers.namespace}_figures", "licensing") as engine, engine.begin() as tx:
        first, revoked = Desk(tx, "licensing"), Desk(tx, "licensing")
        of_city = Desk(tx, "licensing", now=LATER, lines=[GAUGE])
        of_city.people = {**people(of_city.code, "changchun"), "system": SYSTEM}
        refused = Desk(tx, "licensing")
        for desk in (first, revoked, of_city, refused):
            desk.approve()
        for desk in (first, revoked, of_city):
            desk.do(*WAYS["licensing"])
        refused.do(*WAYS["licensing"][:-2], "refuse")
        revoked.do("revoke", now=LATER)
        expired = first.do("expire", now=datetime(2016, 9, 18, tzinfo=UTC), on="2016-09-17")
        assert expired.state == "expired"

        def counted(year: int, part: str) -> dict[str, int]:
            return {one["id"]: one["count"] for one in figures(tx, RULES, year, TODAY)[part]}

        def holders(year: int) -> tuple[int, ...]:
            found = figures(tx, RULES, year, TODAY)["holders"]
            return found["added"], found["lost"], found["total"]

        assert [holders(year) for year in (2012, 2013, 2014, 2015, 2016)] == [
            *((0, 0, 0), (2, 0, 2), (1, 1, 2), (0, 0, 2), (0, 1, 1)),
        ]
        assert counted(2013, "states") == {"valid": 2}
        assert counted(2014, "states") == {"valid": 2, "revoked": 1}
        assert counted(2016, "states") == {"valid": 1, "revoked": 1, "expired": 1}

        def register(day: str, **asked: str) -> list[str]:
            listed, _ = REGISTER.list(tx, {"on": date.fromisoformat(day), **asked}, 9)
            return sorted(permit["status"] for permit in listed)

        # Before any term, within both, after the first one, and after all.
        assert register("2013-09-16") == []
        assert register("2014-06-02") == ["valid", "valid"]
        assert register("2014-06-03") == register("2016-05-01") == ["revoked", "valid", "valid"]
        assert register("2016-09-17", status="valid") == ["valid", "valid"]
        assert register("2016-09-18") == ["expired", "revoked", "valid"]
        # Nobody has told the service that the last term is over.
        assert register("2017-06-04") == ["expired", "expired", "revoked"]
        assert register("2017-06-04", status="valid") == []
        now, _ = REGISTER.list(tx, {"status": "valid"}, 9)
        assert len(now) == 1
        assert counted(2014, "offices") == {"provincial": 1, "changchun": 1}
        assert counted(2014, "kinds") == {"non_automatic_scale": 1, "pressure_gauge": 1}
        assert figures(tx, RULES, 2013, TODAY)["decisions"] == {"count": 3, "on_time": 3, "share_on_time": "1.000"}
        assert figures(tx, RULES, 2015, TODAY)["decisions"] == {"count": 0, "on_time": 0}


def test_an_entry_taken_back_counts_no_more_and_the_licence_entered_anew_has_its_new_term_alone(
    servers: Backing,
) -> None:
    with database(servers.database_url, f"{servers.namespace}_entries", "licensing") as engine, engine.begin() as tx:
        code = credit_code()
        register = register_of("licensing", code, "")
        # Granted two years later than was entered at first.
        corrected = register.replace(b"2009-05-08,2015-05-07", b"2011-05-08,2017-05-07")

        def entered(content: bytes) -> Desk:
            desk = Desk(tx, "licensing", code)
            told = Told(desk.people["head"], NOW, RULES, "旧台账", Cause("correlation", "cause"))
            batch = take(tx, LICENCES, content, told, preview=False).batch
            desk.case = get_case(tx, desk.rows(ENTERED, batch=batch)[0][0])
            return desk

        def found(year: int) -> tuple[int, int, list[str]]:
            told = figures(tx, RULES, year, TODAY)
            listed, _ = REGISTER.list(tx, {"on": date(year, 12, 31)}, 9)
            counted = sum(one["count"] for one in told["states"])
            return told["holders"]["total"], counted, [permit["status"] for permit in listed]

        first = entered(register)
        assert [found(year) for year in (2010, 2014, 2016)] == [
            *((1, 1, ["valid"]), (1, 1, ["valid"]), (0, 1, ["expired"])),
        ]
        first.do("take_entry_back")
        assert [found(year) for year in (2010, 2014)] == [(0, 0, [])] * 2
        licence = entered(corrected).case.data["licence"]
        assert [found(year) for year in (2010, 2014, 2016)] == [
            *((0, 0, []), (1, 1, ["valid"]), (1, 1, ["valid"])),
        ]
        shown = find_licences(tx, [licence], NOW.date())[licence]
        assert [term["from"] for term in shown["terms"]] == [date(2011, 5, 8)]


def test_the_figures_are_for_everybody_and_for_spreadsheets(office: Office) -> None:
    caller = office.caller("licensing", None)
    told = caller.get("/v1/licences/figures?year=2013").json
    lines = list(csv.DictReader(io.StringIO(caller.get("/v1/licences/figures.csv?year=2013").body.decode("utf-8-sig"))))
    assert {(line["figure"], line["id"]): line["value"] for line in lines}["holders", "total"] == str(
        told["holders"]["total"]
    )
