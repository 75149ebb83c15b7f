"""Licensing hears of type approvals while people act on licences: whatever comes first, and however often it is
delivered, the same history makes the same licence."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from threading import Barrier
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from services.instruments import scope
from services.licensing.reactions import react
from shared.casework import get_case
from shared.messaging.envelope import Event, new_id
from shared.messaging.inbox import take
from shared.problems import Problem
from shared.runtime.time import GivenTime
from shared.text import Text
from tests.drawing import few
from tests.shared.casework.parts import RULES, Desk
from tests.shared.casework.test_last_night import TO_DECIDE, at, told
from tests.support import WAYS, credit_code, database

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sqlalchemy import Engine

    from deploy.local.backing import Backing

pytestmark = pytest.mark.long

HEAR = partial(react, rules=RULES, time=GivenTime())
GRANTED_ON, RENEWED_ON = "2013-09-17", "2016-06-01"
CONFIRMED = ["no_type_approval", "before_planned", "under_order", "held_otherwise", "line_left_out"]
"""The form of the renewal may be older than what the licence has got meanwhile."""
SAID = {"zh": "停止制造", "en": "stop making", "ground": "REVOKED", "act": "吉质监责改〔2013〕3号"}


@pytest.fixture(scope="module")
def engine(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_races", "licensing") as found:
        yield found


def story(code: str, lines: Sequence[Any], number: str, on: str, *more: str) -> list[Event]:
    """What type approval tells of an application of the maker: that it was received, granted, and `more`."""
    case, what = new_id(), ("application.received", "certificate.granted", *more)
    data: dict[str, Any] = {"applicant": {"code": code}, "certificate": number, "lines": scope(lines), **SAID}
    events = [told(one, case, on, **data) for one in what]
    return [
        replace(event, source="type_approval", case_seq=place, subject=f"TA-{case[-12:]}")
        for place, event in enumerate(events, start=1)
    ]


class Maker:
    """A maker, and all that happens to its licence: streams of acts, each in its order."""

    def __init__(self, engine: Engine) -> None:
        self.engine, self.code = engine, credit_code()
        self.desks: dict[str, Desk] = {}
        with engine.begin() as tx:
            self.desks["first"] = Desk(tx, "licensing", self.code, now=at(GRANTED_ON))
        line = self.desks["first"].form["lines"][0]
        self.other = {**line, "model": "ACS-60"}
        ordered, ended = ("certificate.order_issued", "certificate.order_lifted"), ("certificate.ended",)
        back = (*ordered, *ended, "certificate.restored")
        self.told = [
            story(self.code, [line], "2013F101-22", GRANTED_ON, *back),
            story(self.code, [self.other], "2016F101-22", RENEWED_ON, *ordered),
        ]
        self.heard: list[Event] = []
        acts = [self.act("first", action) for action in WAYS["licensing"]]
        change = [self.act("first", one, now=at(RENEWED_ON)) for one in ("report_change", "enter_change")]
        self.streams: list[list[Callable[[], None]]] = [
            [*acts, *change],
            [partial(self.draft, "renewal"), *(self.act("renewal", one) for one in (*TO_DECIDE, "grant"))],
            [partial(self.draft, "additions"), *(self.act("additions", one) for one in (*TO_DECIDE, "grant"))],
        ]

    def act(self, name: str, action: str, **more: Any) -> Callable[[], None]:
        def done() -> None:
            with self.engine.begin() as tx:
                desk = self.desks[name]
                desk.tx = tx
                desk.do(action, confirmed=CONFIRMED, **more)

        return done

    def draft(self, kind: str) -> None:
        with self.engine.begin() as tx:
            licence = get_case(tx, self.desks["first"].case.id).data.get("licence")
            if licence is None:
                raise Problem("not_found", Text.plain("no licence yet"))
            about = {"kind": kind, "renews" if kind == "renewal" else "amends": licence}
            more = {"lines": [self.other]} if kind == "additions" else {}
            self.desks[kind] = Desk(tx, "licensing", self.code, now=at(RENEWED_ON), **about, **more)

    def hear(self, *events: Event) -> None:
        """As the broker delivers: what waits for an earlier one is tried again after it."""
        for body in ([event.encode() for event in events], []):
            take(self.engine, HEAR, body)
        self.heard += events

    def licence(self) -> dict[str, Any]:
        """What became of it."""
        with self.engine.connect() as tx:
            cases = {name: get_case(tx, desk.case.id) for name, desk in self.desks.items()}
            row = "SELECT content, valid_until FROM licences WHERE holder = :holder"
            content, until = tx.execute(text(row), {"holder": self.code}).one()
            held = "SELECT count(*) FROM held WHERE subject = ANY(:told)"
            assert tx.execute(text(held), {"told": [one[0].subject for one in self.told]}).scalar() == 0
            counted = (
                "SELECT body::jsonb ->> 'type', count(*) FROM outbox WHERE body::jsonb ->> 'caseid' = ANY(:ids)"
                " AND body::jsonb ->> 'type' ~ '(granted|renewed|amended|changed)$' GROUP BY 1"
            )
            events = tx.execute(text(counted), {"ids": [case.id for case in cases.values()]})
            return {
                **{name: content[name] for name in ("holder", "lines", "places_of_manufacture", "ranges")},
                "holder": content["holder"]["name"],
                "until": str(until),
                "lost": cases["first"].data.get("lost_approvals"),
                "states": {name: case.state for name, case in cases.items()},
                "events": dict(map(tuple, events)),
            }


def as_it_must_be(found: dict[str, Any]) -> None:
    assert found["holder"] == "试验衡器股份有限公司"
    certificates = [(line["model"], line["type_approval"]) for line in found["lines"]]
    assert certificates == [("ACS-15", "2013F101-22"), ("ACS-60", "2016F101-22")]
    assert [one["models"] for one in found["ranges"]] == [["ACS-15", "ACS-60"]]
    assert (found["until"], found["lost"]) == ("2019-09-17", None)
    assert found["states"] == {"first": "valid", "renewal": "renewed", "additions": "amended"}
    once = ("licence.granted", "renewal.granted", "amendment.granted", "licence.renewed", "licence.amended")
    assert found["events"] == dict.fromkeys((*once, "licence.changed"), 1)


@few(4)
@given(data=st.data())
def test_whatever_is_heard_and_done_first_the_same_history_makes_the_same_licence(
    engine: Engine, data: st.DataObject
) -> None:
    maker = Maker(engine)
    events = [list(one) for one in maker.told]
    while any(events) or any(maker.streams):
        order = data.draw(st.permutations(range(5)))
        for chosen in order:
            if chosen < 2 and events[chosen]:
                # One, or two of which the later comes first; and some of it again.
                these = [events[chosen].pop(0) for _ in range(min(len(events[chosen]), data.draw(st.integers(1, 2))))]
                again = data.draw(st.lists(st.sampled_from(maker.heard), max_size=2)) if maker.heard else []
                for event in (*reversed(these), *again):
                    maker.hear(event)
                break
            if chosen >= 2 and maker.streams[chosen - 2]:
                try:
                    maker.streams[chosen - 2][0]()
                except Problem:
                    continue  # it waits for what is still to be heard or done
                del maker.streams[chosen - 2][0]
                break
        else:
            raise AssertionError([(name, desk.case.state) for name, desk in maker.desks.items()])
    as_it_must_be(maker.licence())


def test_what_is_decided_and_heard_in_the_same_moment_makes_the_same_licence(engine: Engine) -> None:
    maker = Maker(engine)
    (received, granted, *later), of_other = maker.told
    maker.hear(received)
    first, renewal, addition = maker.streams
    together(first.pop(0), partial(maker.hear, granted))
    assert state(maker, "first") == "received", "nothing waits for what has come"
    for act in first[: len(WAYS["licensing"]) - 1]:
        act()
    maker.hear(*of_other)
    changes = first[len(WAYS["licensing"]) - 1 :]
    for act in (*renewal[:-1], *addition[:-1], changes[0]):
        act()
    together(renewal[-1], addition[-1], changes[-1], partial(maker.hear, *later, *later))
    as_it_must_be(maker.licence())


def state(maker: Maker, name: str) -> str:
    with maker.engine.connect() as tx:
        return get_case(tx, maker.desks[name].case.id).state


def together(*acts: Callable[[], None]) -> None:
    """All at once, as far as a machine can."""
    start = Barrier(len(acts))

    def run(act: Callable[[], None]) -> None:
        start.wait()
        act()

    with ThreadPoolExecutor(len(acts)) as pool:
        for done in [pool.submit(run, act) for act in acts]:
            done.result()
