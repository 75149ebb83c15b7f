"""Two hundred licences are renewed on their last day, others are not; in the night after it the regime may end too."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Connection, text

from services.licensing.reactions import react
from shared.casework import get_case
from shared.messaging.envelope import Event, new_id
from shared.problems import Problem
from shared.runtime.time import GivenTime
from tests.shared.casework.parts import RULES, Desk
from tests.support import credit_code
from tests.support.office import WAYS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

pytestmark = pytest.mark.long

TO_DECIDE = (*WAYS["licensing"][: WAYS["licensing"].index("review")], "review")
GRANTED, IN_TIME, LATE, NONE = "decided on the last day", "in time, undecided", "late, undecided", "none"
"""What became of the renewal of each licence until its last day was over."""
COUNTS = {GRANTED: 200, IN_TIME: 20, LATE: 10, NONE: 10}
ABOLISHED_ON = "2017-12-28"


def at(day: str, hour: int = 10) -> datetime:
    """That hour in China."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+08:00").astimezone(UTC)


class Book:
    """Licences and their renewals as the service stores them: of each kind one that was played, and copies of it.

    What comes before the last day is the same for all; from then on each is decided, and hears of the night, by itself.
    """

    def __init__(self, tx: Connection, ends: str) -> None:
        self.tx = tx
        granted = f"{int(ends[:4]) - 3}{ends[4:]}"
        self.year = ends[:4]
        self.first = {kind: self._played(kind, granted) for kind in COUNTS}
        self.made = 0
        self.copies: dict[str, list[str]] = {
            table: [] for table in ("cases", "type_approvals", "licences", "licence_terms")
        }

    def _played(self, kind: str, granted: str) -> tuple[Desk, Desk | None]:
        licence = Desk(self.tx, "licensing", now=at(granted))
        licence.approve()
        licence.do(*WAYS["licensing"])
        if kind == NONE:
            return licence, None
        applied = at(f"{self.year}-11-01" if kind == LATE else f"{self.year}-09-26")
        about = {"kind": "renewal", "renews": licence.case.data["licence"]}
        renewal = Desk(self.tx, "licensing", licence.code, now=applied, **about)
        renewal.do("submit", confirmed=["late_renewal"])
        renewal.do(*TO_DECIDE[1:])
        return licence, renewal

    def copy(self, kind: str) -> tuple[str, str | None]:
        """The ids of another licence of that kind and of its renewal, once it is `stored`."""
        self.made += 1
        licence, renewal = self.first[kind]
        approval = "SELECT case_id::text FROM type_approvals WHERE holder = :holder"
        swaps = {
            licence.case.id: new_id(),
            licence.code: credit_code(),
            licence.case.data["licence"]: f"吉制0000{5000 + self.made}号",
            str(licence.case.number): f"ML-2001-{self.made:05}",
            self.tx.execute(text(approval), {"holder": licence.code}).scalar_one(): new_id(),
        }
        if renewal:
            swaps |= {renewal.case.id: new_id(), str(renewal.case.number): f"ML-2002-{self.made:05}"}
        for table, row in self._rows(kind):
            copy = row
            for old, new in swaps.items():
                copy = copy.replace(old, new)
            self.copies[table].append(copy)
        return swaps[licence.case.id], swaps[renewal.case.id] if renewal else None

    def stored(self) -> None:
        for table, rows in self.copies.items():
            fill = f"INSERT INTO {table} SELECT * FROM jsonb_populate_recordset(NULL::{table}, CAST(:rows AS jsonb))"
            self.tx.execute(text(fill), {"rows": f"[{','.join(rows)}]"})
        # As a database does that has many more: it would read small tables whole, again and again.
        self.tx.execute(text("SET LOCAL enable_seqscan = off"))

    def _rows(self, kind: str) -> list[tuple[str, str]]:
        """What is stored of the licence that was played, by table."""
        licence, renewal = self.first[kind]
        ids = [desk.case.id for desk in (licence, renewal) if desk]
        found = []
        for table, column, whose in (
            *(("cases", "id", one) for one in ids),
            ("type_approvals", "holder", licence.code),
            *((table, "case_id", licence.case.id) for table in ("licences", "licence_terms")),
        ):
            query = f"SELECT to_jsonb(kept)::text FROM {table} AS kept WHERE {column}::text = :whose"
            found.append((table, self.tx.execute(text(query), {"whose": whose}).scalar_one()))
        return found


def told(what: str, case_id: str, on: str, **data: Any) -> Event:
    """What notifications tell in the first hour of the day."""
    said = {"on": on, "state": "", "basis": "依据", "zh": "期限届满", "en": "time is over", **data}
    return Event(new_id(), "notifications", what, 1, "", at(on, 0), "system", case_id, 1, "", "", said)


def of_the_night(ids: list[tuple[str, str | None]], ends: str, *, abolished: bool) -> list[Event]:
    following = (datetime.fromisoformat(ends) + timedelta(days=1)).date().isoformat()
    over = {"limit": "licence_term", "effect": "deem_renewed", "started_on": ends, "due_on": ends, "clock": ""}
    events = [told("clock.expired", licence, following, **over) for licence, _ in ids]
    if abolished:
        change = {"change": "CMC-NONE", "kind": "abolished", "effective_on": ABOLISHED_ON}
        events += [told("law.changed", one, following, **change) for pair in ids for one in pair if one]
    return events


@pytest.mark.parametrize(
    ("ends", "counts", "becomes"),
    [
        # Nothing goes on into a time without the licence: what was renewed ends with the regime, silence grants none.
        (
            "2017-12-27",
            COUNTS,
            {
                GRANTED: ("abolished_by_law", "renewed"),
                IN_TIME: ("expired", "terminated"),
                LATE: ("expired", "terminated"),
                NONE: ("expired", None),
            },
        ),
        (
            "2016-12-27",
            dict.fromkeys(COUNTS, 5),
            {
                GRANTED: ("valid", "renewed"),
                IN_TIME: ("valid", "renewed"),
                LATE: ("expired", "reviewed"),
                NONE: ("expired", None),
            },
        ),
    ],
    ids=["the regime ends", "the regime goes on"],
)
def test_of_licences_that_end_together_each_becomes_what_the_law_makes_of_it_once(
    engines: dict[str, Engine],
    ends: str,
    counts: dict[str, int],
    becomes: dict[str, tuple[str, str | None]],
) -> None:
    abolished = ends == "2017-12-27"
    with engines["licensing"].connect() as tx:
        book = Book(tx, ends)
        kinds = {book.copy(kind): kind for kind, many in counts.items() for _ in range(many)}
        book.stored()
        decider = book.first[GRANTED][1]
        assert decider is not None
        for (_, renewal), kind in kinds.items():
            if kind == GRANTED and renewal:
                decider.case = get_case(tx, renewal)
                decider.do("grant", now=at(ends, 16))
        night = of_the_night(list(kinds), ends, abolished=abolished)
        # In any order, and some of it twice.
        night = [*night, *night[::5]]
        random.Random(2017).shuffle(night)  # noqa: S311 - an order, no secret
        for batch in range(0, len(night), 50):
            react(tx, night[batch : batch + 50], rules=RULES, time=GivenTime())

        for (licence, renewal), kind in kinds.items():
            found = (get_case(tx, licence).state, get_case(tx, renewal).state if renewal else None)
            assert found == becomes[kind], kind
        outbox = tx.execute(text("SELECT body::jsonb ->> 'caseid' AS id, body::jsonb ->> 'type' AS type FROM outbox"))
        events = Counter((row.id, row.type) for row in outbox)
        once = ("licence.ended", "renewal.granted", "licence.renewed", "application.terminated")
        assert {many for (_, what), many in events.items() if what in once} == {1}
        renewed = {licence for (licence, _), kind in kinds.items() if "renewed" in becomes[kind]}
        ended = {licence for (licence, _), kind in kinds.items() if becomes[kind][0] != "valid"}
        for what, whose in (("licence.renewed", renewed), ("licence.ended", ended)):
            assert {licence for licence, _ in kinds if events[licence, what]} == whose
        terms = tx.execute(text("SELECT licence, count(*) FROM licence_terms GROUP BY licence")).all()
        assert {many for _, many in terms} == {1, 2}
        if abolished:
            undecided = next(renewal for (_, renewal), kind in kinds.items() if kind == IN_TIME)
            decider.case = get_case(tx, str(undecided))
            with pytest.raises(Problem, match="terminated"):
                decider.attempt("grant", now=at(ABOLISHED_ON))
        tx.rollback()


def played(tx: Connection, order: Sequence[str]) -> dict[str, Any]:
    """A licence for which a renewal, a move and another name were applied for, decided in that order: what it says."""
    licence = Desk(tx, "licensing", code="91220101MA0Y000086")
    licence.approve()
    licence.do(*WAYS["licensing"])
    number = licence.case.data["licence"]
    moved = [{"address": "吉林省长春市新试验路9号", "postcode": "130000"}]
    of_renewal, of_move = {"renews": number}, {"amends": number, "production_sites": moved}
    renewal = Desk(tx, "licensing", licence.code, now=at("2016-06-01"), kind="renewal", **of_renewal)
    move = Desk(tx, "licensing", licence.code, now=at("2016-06-01"), kind="changed_conditions", **of_move)
    for desk in (renewal, move):
        desk.do(*TO_DECIDE)
    licence.do("report_change", now=at("2016-06-01"))
    decided = {
        "renewal": lambda: renewal.do("grant"),
        "move": lambda: move.do("grant"),
        "name": lambda: licence.do("enter_change", now=at("2016-06-02")),
    }
    for what in order:
        decided[what]()
    content, until = licence.rows("SELECT content, valid_until FROM licences WHERE case_id = CAST(:id AS uuid)")[0]
    return {**content, "until": until}


def test_whatever_is_decided_first_the_same_history_makes_the_same_licence(engines: dict[str, Engine]) -> None:
    found = []
    # The renewal first, between the others, and last; tests/services/licensing/test_rules.py has any history at random.
    for order in (("renewal", "move", "name"), ("name", "renewal", "move"), ("move", "name", "renewal")):
        with engines["licensing"].connect() as tx:
            found.append(played(tx, order))
            tx.rollback()
    # A renewal is the last application that the document names.
    first, *others = [{name: value for name, value in one.items() if name != "application"} for one in found]
    assert first["places_of_manufacture"] == ["吉林省长春市新试验路9号"]
    assert (first["holder"]["name"], str(first["until"])) == ("试验衡器股份有限公司", "2019-09-17")
    assert all(other == first for other in others)


@pytest.mark.parametrize("heard_first", [True, False], ids=["revoked first", "decided first"])
def test_a_certificate_revoked_while_the_licence_is_decided_counts_in_either_order(
    engines: dict[str, Engine], heard_first: bool
) -> None:
    with engines["licensing"].connect() as tx:
        desk = Desk(tx, "licensing")
        desk.approve()
        desk.do(*TO_DECIDE)
        approval = desk.rows("SELECT case_id::text FROM type_approvals WHERE holder = :holder", holder=desk.code)[0][0]
        ended = told("certificate.ended", approval, "2013-10-08", ground="REVOKED")
        revoked = replace(ended, source="type_approval")
        if heard_first:
            react(tx, [revoked], rules=RULES, time=GivenTime())
            with pytest.raises(Problem) as refused:
                desk.attempt("grant")
            assert {one.code for one in refused.value.violations} == {"outside_scope"}
        else:
            desk.do("grant")
            react(tx, [revoked], rules=RULES, time=GivenTime())
            case = get_case(tx, desk.case.id)
            assert (case.state, case.data["lost_approvals"][0]["lines"]) == ("granted", [1])
            assert [event["type"] for event in desk.outbox()].count("licence.approval_lost") == 1
        tx.rollback()
