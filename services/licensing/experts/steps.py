"""What the steps of an assessment ask of the register of experts: whom to draw, and who stands in."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from services.licensing.experts import draw
from services.licensing.experts.book import EXPERTS, OWNER
from services.licensing.experts.grounds import Assessment, ground, grounds
from shared.identity.uscc import party
from shared.registers import store
from shared.sql import Statement
from shared.text import comparable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from shared.casework import ConnectedStep

ASSESSED = ("assessment_planned", "rectifying")
"""The states in which the experts of a case have work with it."""
_TOLD = ("code", "name", "certificate", "employer", "employer_code")


_RUNNING = Statement(
    "experts_running",
    "SELECT member ->> 'code' AS code, count(*) AS many FROM cases,"
    " jsonb_array_elements(data #> '{assessment_plan,team}') AS member"
    " WHERE state = ANY(:states) AND id <> CAST(CAST(:besides AS text) AS uuid) AND member ->> 'code' IS NOT NULL"
    " GROUP BY 1",
)
_LAST = Statement(
    "experts_last",
    "SELECT jsonb_path_query_array(data, '$.assessment_plan.team[*].code') AS team FROM cases"
    " WHERE party(applicant) = :whose AND id <> CAST(CAST(:besides AS text) AS uuid)"
    " AND data -> 'assessment' IS NOT NULL ORDER BY data #>> '{assessment,on}' DESC, id DESC LIMIT 1",
)
_HOLD = Statement("draw_hold", "SELECT pg_advisory_xact_lock(hashtextextended('draw of experts', 0))")


def hold(tx: Connection) -> None:
    """Keep others from drawing until the transaction ends."""
    _HOLD(tx)


def new_seed() -> str:
    """What nobody knows before the draw."""
    return secrets.token_hex(16)


def running(tx: Connection, besides: str) -> dict[str, int]:
    """How many assessments each expert has, by code as it is compared; that of the case `besides` does not count."""
    return {comparable(row.code): row.many for row in _RUNNING(tx, states=list(ASSESSED), besides=besides)}


def experts(step: ConnectedStep, on: date) -> dict[str, Mapping[str, Any]]:
    """What the register says of each expert on a day, by code; whoever is ended is not in it."""
    held = store.all_on(step.tx, EXPERTS, on, OWNER).values()
    return {one.content["code"]: one.content for one in held if not one.ended}


def candidates(step: ConnectedStep, first: date, last: date, aside: Sequence[str] = ()) -> list[draw.Candidate]:
    """Everybody in the register on the day of the step, or on the last of these days if that has passed, each with the
    grounds against drawing them for these days."""
    case, busy = step.case, running(step.tx, step.case.id)
    kinds = frozenset(comparable(line["category"]) for line in case.form["lines"] if "category" in line)
    named, left = case.form["applicant_name"], frozenset(map(comparable, aside))
    about = Assessment(case.applicant, named, kinds, first, last, left)
    return [
        draw.Candidate(
            one["code"],
            bool(one.get("may_lead")),
            grounds(one, about, busy.get(comparable(one["code"]), 0), step.rules, step.today),
        )
        for one in experts(step, min(step.today, last)).values()
    ]


def former(step: ConnectedStep) -> draw.Former | None:
    """The team that reported on the applicant last, in another case; None if there was none."""
    row = _LAST(step.tx, whose=party(step.case.applicant), besides=step.case.id).first()
    team = frozenset(map(comparable, row.team)) if row else frozenset()
    return draw.Former(team, ground("same_team", step.rules, step.today)) if team else None


def members(step: ConnectedStep, codes: Sequence[str]) -> list[dict[str, Any]]:
    """The team as it is kept with the plan: who they are on the day of the step."""
    known = experts(step, step.today)
    return [{name: known[code][name] for name in _TOLD if name in known[code]} for code in codes]
