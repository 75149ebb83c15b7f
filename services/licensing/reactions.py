"""Reactions of licensing to events of other services: it stores type approvals, releases waiting applications, and ends
licences when their term ends or the law abolishes them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.postgresql import insert

from services import mandates
from services.contracts.meanings import ENDED_UNDECIDED
from services.licensing.approvals.acts import follow_ups
from services.licensing.approvals.rules import when_released
from services.licensing.licence.rules import apply_by, deemed_at_end
from services.licensing.models import type_approvals
from services.licensing.procedure import PROCEDURE
from services.licensing.queries import approvals_of, cases_in, hold_approvals, licence_of_case, renewal_of
from services.licensing.states import LIVE
from services.mandates import RECORDED
from shared.casework import Cause, apply, find_case, get_case
from shared.identity import SYSTEM
from shared.law import RuleSet, add_days
from shared.permits import reactions as casework
from shared.permits.reactions import basis_of
from shared.runtime.time import TimeSource, legal_date
from shared.text import Text, same, with_days

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.messaging.envelope import Event

TERM = "licence_term"
"""The limit that stands for a licence's term."""
ENDED = ("application.refused", *ENDED_UNDECIDED)
"""An application for type approval leads to no certificate."""
TAKEN_UP = ("application.reopened", "decision.recalled", "refusal.revoked")
"""What takes the end of a type approval back; licences returned to their applicants meanwhile are lodged again."""
ENTERED = ("certificate.entered", "certificate.entered_as_ended")
"""A certificate that was granted before there was this system."""
ORDERS = ("certificate.order_issued", "certificate.order_lifted")
_OF_END = ("on", "zh", "en")
"""What is kept of the end of a certificate."""
STANDING: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "certificate.ended": lambda told: {"status": "ended", "ended": {name: told[name] for name in _OF_END}},
    "certificate.restored": lambda _told: {"status": "in_force", "ended": None},
    "certificate.entry_taken_back": lambda _told: {"status": "ended", "certificate": None, "ended": None},
}
"""What becomes of a certificate under licences in force."""
_OF_ORDER = ("act", "zh", "en")
"""What is kept of an order on it."""
SILENCE = {"deem_accepted": "deem_accept", "fail_rectification": "fail_rectification"}
"""The action that applies each legal effect of silence."""


def react(tx: Connection, events: Sequence[Event], *, rules: RuleSet, time: TimeSource) -> None:
    for event in events:
        if event.type == RECORDED:
            mandates.keep(tx, event)
        elif event.source == "type_approval":
            _learn(tx, event, rules, time)
        elif event.type == "clock.expired" and event.data["limit"] == TERM:
            _term_over(tx, event, rules, time)
        elif event.type == "law.changed" and event.data["kind"] == "abolished":
            _abolished(tx, event, rules, time)
    told = [event for event in events if event.source == "notifications"]
    casework.react(tx, told, procedure=PROCEDURE, silence=SILENCE, rules=rules, time=time)


def _learn(tx: Connection, event: Event, rules: RuleSet, time: TimeSource) -> None:
    data = event.data
    if event.type == "application.received":
        running = insert(type_approvals).values(
            case_id=event.case_id,
            application=event.subject,
            holder=data["applicant"]["code"],
            status="running",
            lines=data["lines"],
        )
        tx.execute(running)
        hold_approvals(tx, data["applicant"]["code"])
    elif event.type in ("application.supplemented", "application.corrected"):
        _set(tx, event, lines=data["lines"])
    elif event.type in TAKEN_UP:
        _set(tx, event, status="running")
    elif event.type == "certificate.granted":
        holder = _set(tx, event, status="in_force", certificate=data["certificate"], lines=data["lines"])
        _release(tx, holder, event, rules, time)
    elif event.type in ENTERED:
        _enter(tx, event)
    elif event.type in ENDED:
        holder = _set(tx, event, status="ended")
        _release(tx, holder, event, rules, time)
    elif event.type in ORDERS:
        _order(tx, event)
    elif event.type in STANDING:
        _follow(tx, _set(tx, event, **STANDING[event.type](data)), event, rules, time)


def _enter(tx: Connection, event: Event) -> None:
    """A certificate from a historic register, perhaps one that had ended before."""
    data, ended = event.data, event.data.get("ended")
    known = insert(type_approvals).values(
        case_id=event.case_id,
        application=event.subject,
        holder=data["applicant"]["code"],
        status="ended" if ended else "in_force",
        certificate=data["certificate"],
        lines=data["lines"],
        ended=ended and {name: ended[name] for name in _OF_END},
    )
    tx.execute(known)
    hold_approvals(tx, data["applicant"]["code"])


def _order(tx: Connection, event: Event) -> None:
    """An order on the certificate was issued or lifted: of those in force, one has its document."""
    data, issued = event.data, event.type == ORDERS[0]
    known = tx.execute(select(type_approvals.c.orders).where(type_approvals.c.case_id == event.case_id)).scalar_one()
    others = [one for one in known if not same(one["act"], data["act"])]
    _set(tx, event, orders=[*others, *([{name: data[name] for name in _OF_ORDER}] if issued else [])])


def _set(tx: Connection, event: Event, **columns: Any) -> str:
    """Update the type approval of the event; returns its holder."""
    changed = update(type_approvals).where(type_approvals.c.case_id == event.case_id).values(**columns)
    holder = str(tx.execute(changed.returning(type_approvals.c.holder)).scalar_one())
    hold_approvals(tx, holder)
    return holder


def _follow(tx: Connection, holder: str, event: Event, rules: RuleSet, time: TimeSource) -> None:
    """Tell the holder's licences in force that stand on the certificate; the office decides what becomes of them."""
    for ref in cases_in(tx, holder, *LIVE):
        case = get_case(tx, ref, lock=True)
        if case.state in LIVE:
            for next_ in follow_ups(tx, case):
                _do(tx, event, rules, time, next_.ref, next_.action)


def _release(tx: Connection, holder: str, event: Event, rules: RuleSet, time: TimeSource) -> None:
    """Receive the holder's applications submitted in advance that no longer wait for anything.

    If the awaited type approval ended without a certificate, the application is returned to the applicant as a draft,
    to change what cannot be granted.
    """
    approvals = approvals_of(tx, holder)
    for ref in cases_in(tx, holder, "lodged"):
        case = get_case(tx, ref, lock=True)
        if action := when_released(case.form["lines"], approvals):
            _do(tx, event, rules, time, ref, action)


def _term_over(tx: Connection, event: Event, rules: RuleSet, time: TimeSource) -> None:
    """The last day of a licence's term has passed. Does nothing if a decision or another event came first.

    An undecided renewal that was applied for in time is granted by law (Administrative Licensing Law Art. 50), unless
    the licence is abolished on the day on which the new term would begin; otherwise the licence has expired.
    """
    ends = date.fromisoformat(event.data["due_on"])
    # Lock in the same order as a decision on the renewal, to avoid deadlocks.
    named = renewal_of(tx, event.case_id)
    renewal = get_case(tx, named, lock=True) if named else None
    find_case(tx, event.case_id, lock=True)
    licence = licence_of_case(tx, event.case_id)
    today = legal_date(time.arrival(event.time))
    if licence is None or licence.state not in LIVE or licence.valid_until != ends or today <= ends:
        return
    goes_on = not rules.regime("manufacture", add_days(ends, 1)).abolished
    on = ends.isoformat()
    if renewal and goes_on and deemed_at_end(renewal, apply_by(licence, rules, ends)):
        reason = with_days(
            Text(f"至{on}届满未作决定，视为准予延续（行政许可法第五十条）。", f"Undecided by {on}: deemed renewed.")
        )
        _do(tx, event, rules, time, renewal.id, "grant_by_silence", on=on, reason=reason)
    else:
        reason = with_days(Text(f"有效期至{on}届满，未予延续。", f"The term ended on {on} without renewal."))
        _do(tx, event, rules, time, licence.case_id, "expire", on=on, reason=reason)


def _abolished(tx: Connection, event: Event, rules: RuleSet, time: TimeSource) -> None:
    """The law abolished the licence: every licence whose term includes that day ends on this ground.

    A licence whose term ended before has expired, in whatever order the events arrive.
    """
    case = find_case(tx, event.case_id, lock=True)
    licence = licence_of_case(tx, case.id) if case and case.state in LIVE else None
    if licence is None:
        return
    day = date.fromisoformat(event.data["effective_on"])
    if licence.valid_until >= day and rules.regime("manufacture", day).abolished:
        basis = basis_of(event)
        reason = Text(f"{event.data['zh']}（{basis.zh}）", f"{event.data['en']} ({basis.en})")
        _do(tx, event, rules, time, licence.case_id, "abolish", on=day.isoformat(), reason=reason)


def _do(tx: Connection, event: Event, rules: RuleSet, time: TimeSource, ref: str, action: str, **content: Any) -> None:
    """Apply an action of the law to a case because of an event."""
    apply(
        tx,
        PROCEDURE,
        ref,
        action,
        content,
        actor=SYSTEM,
        now=time.arrival(event.time),
        rules=rules,
        cause=Cause(event.correlation_id, event.id),
    )
