"""Cases as known from events: what each event makes of one, and how they are read and written."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from services.contracts.meanings import ENTERED
from services.notifications.clocks.rules import ENDS
from shared.law import PROVINCE, load
from shared.observability import get_logger
from shared.sql import Statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from shared.law import PermitId
    from shared.messaging.envelope import Event

log = get_logger(__name__)


TRANSFERRED = "application.transferred"
"""The case goes to another office, where nobody has it in hand yet."""
_IN_HAND = ("case.assigned", TRANSFERRED)


@dataclass(frozen=True, slots=True)
class TrackedCase:
    """A case as known from events. The fields are the columns of `models.tracked_cases`."""

    id: str
    source: str
    number: str
    procedure: PermitId
    rules: str
    state: str
    applicant: str
    applicant_name: str
    email: str
    lab: str | None
    heard: int
    events: int
    assignee: str | None
    law_as_of: date | None
    office: str = PROVINCE
    team: Sequence[str] = ()
    """The experts who assess on site, by their codes in the register, the leader first."""
    named: str | None = None
    """The laboratory that the office named for what is asked once a permit is granted."""
    entered: bool = False
    """Whether it began as a permit of before this system, not as an application."""

    @property
    def checker(self) -> str | None:
        """The laboratory that does what is asked then: the one that evaluated, unless another was named."""
        return self.named or self.lab

    @property
    def labs(self) -> Sequence[str]:
        """The laboratories that hear of the case."""
        return [lab for lab in (self.lab, self.named) if lab]


def heard(case: TrackedCase | None, event: Event) -> TrackedCase | None:
    """The case after the event. None for an event of an unknown case: a case is known from its submission."""
    data = event.data
    if "procedure" in data:
        known = TrackedCase(
            id=event.case_id,
            source=event.source,
            number=event.subject,
            procedure=data["procedure"],
            rules=data["rules"],
            state=data["state"],
            applicant=data["applicant"]["code"],
            applicant_name=data["applicant"]["name"],
            email=data["applicant"]["email"],
            lab=None,
            heard=event.case_seq,
            events=0,
            assignee=None,
            law_as_of=date.fromisoformat(data["on"]),
            office=data.get("office", PROVINCE),
            entered=event.type in ENTERED,
        )
        if case is None:
            return known
        return replace(
            known,
            lab=case.lab,
            events=case.events,
            assignee=case.assignee,
            law_as_of=case.law_as_of or known.law_as_of,
            team=case.team,
            named=case.named,
        )
    if case is None:
        log.warning(
            "event_of_unknown_case", type=event.type, subject=event.subject, correlation_id=event.correlation_id
        )
        return None
    applicant = data.get("applicant", {})
    return replace(
        case,
        state=data["state"],
        applicant_name=applicant.get("name", case.applicant_name),
        email=applicant.get("email", case.email),
        lab=data.get("lab", case.lab),
        heard=event.case_seq,
        assignee=data.get("assignee", {}).get("subject") if event.type in _IN_HAND else case.assignee,
        office=data["office"] if event.type == TRANSFERRED else case.office,
        law_as_of=_law_as_of(case, event),
        team=data.get("members", case.team),
        named=data.get("checker", case.named) or None,
    )


def _law_as_of(case: TrackedCase, event: Event) -> date | None:
    """Empty once the case is over; a change of the law reaches into it again if its end is taken back."""
    if event.type in ENDS:
        return None
    on = date.fromisoformat(event.data["on"])
    undoing = load(case.rules).undoing(event.type, on)
    return on if undoing and not {*undoing.undoes}.isdisjoint(ENDS) else case.law_as_of


def columns_of(case: TrackedCase) -> dict[str, Any]:
    """The case as a row of `models.tracked_cases`."""
    return {name: getattr(case, name) for name in TrackedCase.__slots__}


PAGE = 1000
"""Clocks or cases per transaction: enough to be efficient, few enough not to block others."""

# The page size is part of the SQL text: as a parameter, the planner would choose full table scans.
_CASE = (
    "SELECT id::text, source, number, procedure, rules, state, applicant, applicant_name, email, lab, heard, events,"
    " assignee, law_as_of, office, team, named, entered FROM tracked_cases"
)
_READ_CASES = f"{_CASE} WHERE id = ANY(CAST(CAST(:ids AS text[]) AS uuid[])) ORDER BY id"
CASES = Statement("tracked_cases", _READ_CASES)
CASES_LOCKED = Statement("tracked_cases_locked", f"{_READ_CASES} FOR UPDATE")
CASE_NUMBERED = Statement("tracked_case_numbered", f"{_CASE} WHERE number IN (:typed, :number)")
CASES_DUE = Statement(
    "tracked_cases_due",
    f"{_CASE} WHERE id IN (SELECT case_id FROM clocks WHERE next_at <= :now ORDER BY next_at LIMIT {PAGE})"
    " ORDER BY id FOR UPDATE SKIP LOCKED",
)
CASES_BEFORE = Statement(
    "tracked_cases_before",
    f"{_CASE} WHERE procedure = :procedure AND law_as_of < :on ORDER BY law_as_of LIMIT {PAGE} FOR UPDATE SKIP LOCKED",
)
OUTDATED = "state IN ('running', 'paused') AND calendar < :version"
CASES_OUTDATED = Statement(
    "tracked_cases_outdated",
    f"{_CASE} WHERE id IN (SELECT case_id FROM clocks WHERE {OUTDATED} ORDER BY calendar LIMIT {PAGE})"
    " ORDER BY id FOR UPDATE SKIP LOCKED",
)
STORE_CASES = Statement(
    "tracked_cases_store",
    "INSERT INTO tracked_cases SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS new (id uuid, source text,"
    " number text, procedure text, rules text, state text, applicant text, applicant_name text, email text, lab text,"
    " heard integer, events integer, assignee text, law_as_of date, office text, team text[], named text,"
    " entered boolean)"
    " ON CONFLICT (id) DO UPDATE SET"
    " procedure = excluded.procedure, rules = excluded.rules, email = excluded.email, lab = excluded.lab,"
    " office = excluded.office, state = excluded.state, heard = excluded.heard,"
    " applicant_name = excluded.applicant_name,"
    " events = excluded.events, assignee = excluded.assignee, law_as_of = excluded.law_as_of, team = excluded.team,"
    " named = excluded.named",
)
TELL_CASES = Statement(
    "tracked_cases_told",
    "UPDATE tracked_cases SET events = new.events, law_as_of = new.law FROM unnest("
    " CAST(CAST(:ids AS text[]) AS uuid[]), CAST(:events AS integer[]), CAST(CAST(:law AS text[]) AS date[]))"
    " AS new (id, events, law) WHERE tracked_cases.id = new.id",
)
