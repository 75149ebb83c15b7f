"""The C mark from its two beginnings to its ends: assessed and granted for a term; declared, and checked later."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from deploy.local import typefaces
from services.c_mark.queries import REGISTER, find_marks
from services.c_mark.reactions import react
from shared.documents.making import make
from shared.documents.models import issues
from shared.documents.pages import printer
from shared.documents.verification import Outcome, verify
from shared.documents.yearly import figures
from shared.law import Told, hear
from shared.messaging.envelope import Event, new_id
from shared.problems import Problem
from shared.runtime.time import GivenTime, legal_date
from tests.shared.casework.parts import DECLARED_AT, NOW, RULES, VARIANTS, Desk
from tests.shared.documents.parts import SIGNED, key_of_office
from tests.support import WAYS, database, officer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine

    from deploy.local.backing import Backing
    from shared.law import Clock

ENDS = "2016-09-17"
"""The last day of a certificate granted at NOW."""
EVE, SWITCH = datetime(2018, 12, 28, 1, tzinfo=UTC), datetime(2019, 1, 1, 1, tzinfo=UTC)
TO_CORRECT = VARIANTS["check"][1]
CHECKED_LATER = datetime(2019, 9, 2, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def engine(servers: Backing) -> Iterator[Engine]:
    with database(servers.database_url, f"{servers.namespace}_marks", "c_mark") as found:
        yield found


@pytest.fixture
def tx(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as found:
        yield found
        found.rollback()


def shown(desk: Desk) -> dict[str, Any]:
    """The mark as anybody reads it."""
    return find_marks(desk.tx, [desk.case.data["mark"]], NOW.date())[desk.case.data["mark"]]


def told(desk: Desk, what: str, at: datetime, **data: Any) -> None:
    """Let the case hear of what notifications found out on that day."""
    event = Event(
        id=new_id(),
        source="notifications",
        type=what,
        version=1,
        subject=desk.case.number or "",
        time=at,
        actor="system",
        case_id=desk.case.id,
        case_seq=1,
        correlation_id="correlation",
        causation_id="",
        data={"on": legal_date(at).isoformat(), "zh": "届满", "en": "over", "basis": "C标志管理办法", **data},
    )
    react(desk.tx, [event], rules=RULES, time=GivenTime())


def term_over(desk: Desk, due_on: str = ENDS, at: datetime = datetime(2016, 9, 18, 1, tzinfo=UTC)) -> None:
    told(desk, "clock.expired", at, limit="mark_term", effect="expire", started_on="2013-09-17", due_on=due_on)


def test_a_certificate_holds_for_three_years_and_then_expires(tx: Connection) -> None:
    desk = Desk(tx, "c_mark")
    desk.do(*WAYS["c_mark"])
    assert shown(desk)["rule"] == "assessed_certificate"
    assert (shown(desk)["status"], shown(desk)["valid_until"]) == ("valid", ENDS)
    events = [Told(one["type"], legal_date(NOW), one["data"]) for one in desk.outbox()]
    clocks: tuple[Clock, ...] = ()
    for event in events:
        clocks = hear(RULES, "c_mark", clocks, event)
    (term,) = (clock for clock in clocks if clock.rule.id == "mark_term")
    assert str(term.projection.due_on) == ENDS
    for wrong in ({"due_on": "2016-09-16"}, {"at": datetime(2016, 9, 17, 1, tzinfo=UTC)}):
        term_over(desk, **wrong)
        assert shown(desk)["status"] == "valid"
    term_over(desk)
    found = shown(desk)
    assert (found["status"], found["ended"]["ground"], str(found["since"])) == ("expired", "EXPIRED", "2016-09-18")
    assert [(str(span["from"]), str(span["until"])) for span in found["covers"]] == [("2013-09-17", ENDS)]
    assert listed(tx)["status"] == "expired"
    assert listed(tx, on=date(2016, 5, 1))["status"] == "valid"
    assert listed(tx, on=date(2016, 9, 18))["status"] == "expired"
    assert REGISTER.list(tx, {"on": date(2013, 9, 16)}, 10)[0] == []
    years = [figures(tx, REGISTER, year, date(2017, 1, 1)) for year in (2012, 2013, 2016)]
    assert [(one["granted"], one["cumulative"], one["in_force"]) for one in years] == [(0, 0, 0), (1, 1, 1), (0, 1, 0)]
    assert [one["count"] for one in years[-1]["ended"] if one["ground"] == "EXPIRED"] == [1]


def listed(tx: Connection, **asked: date) -> dict[str, Any]:
    """The one mark in the register."""
    (mark,), _ = REGISTER.list(tx, asked, 10)
    return mark


def test_an_error_in_a_certificate_is_corrected_and_its_revocation_revoked(tx: Connection) -> None:
    desk = Desk(tx, "c_mark")
    desk.do(*WAYS["c_mark"])
    desk.do("correct_document", address="吉林省长春市试验路2号")
    assert shown(desk)["holder"]["address"] == "吉林省长春市试验路2号"
    desk.do("revoke")
    assert (shown(desk)["status"], shown(desk)["covers"]) == ("revoked", [])
    desk.do("restore", reason="复议撤销")
    assert shown(desk)["status"] == "valid"
    kinds = [issue["kind"] for issue in shown(desk)["issues"]]
    assert kinds == ["granted", "corrected", "ended", "restored"]


def test_a_failed_assessment_is_refused_and_one_before_its_time_is_no_assessment(tx: Connection) -> None:
    desk = Desk(tx, "c_mark")
    desk.do("submit", "accept")
    for day in ("2013-09-16", "2013-09-18"):
        with pytest.raises(Problem, match="fault"):
            desk.attempt("assess", assessed_on=day)
    desk.do("assess", conclusion="fail")
    desk.do("review")
    with pytest.raises(Problem) as caught:
        desk.attempt("grant")
    assert [violation.code for violation in caught.value.violations] == ["assessment_fails"]
    assert desk.do("refuse").state == "refused"


def test_what_is_under_way_when_the_law_changes_ends_and_is_declared_instead(tx: Connection) -> None:
    granted = Desk(tx, "c_mark", now=EVE)
    granted.do("submit", "accept")
    granted.do("assess", assessed_on="2018-12-28")
    granted.do("review", "grant", "deliver")
    waiting = Desk(tx, "c_mark", now=EVE)
    waiting.do("submit", "accept")
    waiting.do("assess", assessed_on="2018-12-28")
    waiting.do("review")
    with pytest.raises(Problem) as caught:
        waiting.attempt("grant", now=SWITCH)
    assert "not_needed" in {violation.code for violation in caught.value.violations}
    for desk in (granted, waiting):
        told(desk, "law.changed", SWITCH, kind="declared", effective_on="2019-01-01")
    (state, end), *_ = waiting.rows("SELECT state, data -> 'end' FROM cases WHERE id = :id")
    assert (state, end["ground"]) == ("terminated", "LAW_CHANGED")
    # A certificate runs to the end of its term.
    assert (shown(granted)["status"], shown(granted)["valid_until"]) == ("valid", "2021-12-28")
    declared = Desk(tx, "c_mark", waiting.code, now=SWITCH)
    assert declared.do("submit").state == "declared"
    assert shown(declared)["rule"] == "self_declaration"
    assert "valid_until" not in shown(declared)
    assert "decision" not in {clock.rule.id for clock in hear(RULES, "c_mark", (), _last(declared))}


def _last(desk: Desk) -> Told:
    event = desk.outbox()[-1]
    return Told(event["type"], legal_date(desk.now), event["data"])


def test_a_declaration_is_public_at_once_and_says_what_its_maker_says(tx: Connection) -> None:
    desk = Desk(tx, "c_mark", now=DECLARED_AT)
    number = desk.do("submit").data["mark"]
    assert (number, shown(desk)["status"], str(shown(desk)["since"])) == ("吉C20190001", "valid", "2019-06-03")
    more = {"name": "小米", "least": "500 g", "most": "1 kg", "packed_at": "吉林省长春市试验路1号"}
    desk.form["lines"].append(more)
    desk.do("amend")
    assert [line["name"] for line in shown(desk)["lines"]] == ["大米", "小米"]
    desk.form["lines"][1]["packed_at"] = "别处"
    with pytest.raises(Problem) as caught:
        desk.attempt("amend")
    assert [(one.name, one.code) for one in caught.value.violations] == [("lines.1.packed_at", "unknown_site")]
    assert desk.do("withdraw_declaration").state == "declaration_withdrawn"
    assert shown(desk)["ended"]["ground"] == "DECLARATION_WITHDRAWN"


def test_a_declaration_is_checked_later_struck_off_and_restored(tx: Connection) -> None:
    desk = Desk(tx, "c_mark", now=DECLARED_AT)
    desk.do("submit")
    desk.do("check")
    assert desk.case.state == "declared"
    desk.now = CHECKED_LATER
    desk.do("check", **TO_CORRECT)
    assert shown(desk)["correction_order"]["findings"] == "净含量不足"
    desk.do("report_correction")
    assert shown(desk)["correction_order"]["done"] == "已更换衡器并重新包装"
    desk.people["checker and decider"] = officer(desk.people["examiner"].subject, "decider")
    with pytest.raises(Problem) as caught:
        desk.attempt("strike_off", who="checker and decider")
    assert caught.value.kind == "four_eyes"
    desk.do("strike_off", who="second_decider")
    found = shown(desk)
    assert (found["status"], found["ended"]["ground"], found["ended"]["reason"]) == (
        *("struck_off", "STRUCK_OFF"),
        "声明不实",
    )
    desk.do("restore", who="second_decider", reason="复议撤销")
    assert (desk.case.state, shown(desk)["status"]) == ("to_correct", "to_correct")
    # The check was of another maker's goods.
    desk.do("withdraw_check")
    assert (desk.case.state, "correction_order" in shown(desk)) == ("declared", False)


def test_an_order_to_correct_stands_again_when_the_check_that_closed_it_is_withdrawn(tx: Connection) -> None:
    desk = Desk(tx, "c_mark", now=DECLARED_AT)
    desk.do("submit")
    desk.do("check", **TO_CORRECT)
    desk.do("check")
    assert (desk.case.state, "correction_order" in shown(desk)) == ("declared", False)
    desk.do("withdraw_check")
    assert (desk.case.state, shown(desk)["correction_order"]["findings"]) == ("to_correct", "净含量不足")


@pytest.mark.parametrize(
    ("change", "name", "code"),
    [
        ({"most": "2 kg"}, "most", "contradictory"),
        ({"most": "25 L"}, "most", "unit"),
        ({"least": "5 V"}, "least", "unit"),
        ({"least": "0 kg"}, "least", "impossible"),
        ({"packed_at": "别处"}, "packed_at", "unknown_site"),
    ],
)
def test_goods_that_cannot_be_are_told(tx: Connection, change: dict[str, str], name: str, code: str) -> None:
    desk = Desk(tx, "c_mark")
    desk.form["lines"][0] |= change
    desk.do("edit")
    with pytest.raises(Problem) as caught:
        desk.attempt("submit")
    assert (f"lines.0.{name}", code) in {(one.name, one.code) for one in caught.value.violations}


def test_both_kinds_of_documents_are_made_and_can_be_checked(tx: Connection) -> None:
    granted, declared = Desk(tx, "c_mark"), Desk(tx, "c_mark", now=DECLARED_AT)
    granted.do(*WAYS["c_mark"][:-1])
    declared.do("submit")
    typefaces.ensure()
    keys, key = key_of_office()
    for desk in (granted, declared):
        query = select(issues.c.content).where(issues.c.case_id == desk.case.id, issues.c.notice.is_(None))
        content = tx.execute(query).scalar_one()
        made = make(content, 1, "https://quanheng.example/p/1/7K3M9Q2X", key, printer(), SIGNED)
        assert [check for check in verify(made.pdf, keys) if check.outcome is Outcome.FAILED] == []
