"""复查换证 Renewal of a certificate of the C mark: an application that names it, for the term after its own.

The new certificate has a number of its own; the old one runs to its end. Neither article nor lead is verified.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from services.c_mark.models import marks
from services.c_mark.rules import GRANTED, PENDING
from shared.casework import Informed, get_case
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.identity.uscc import party
from shared.problems import Problem, Violation
from shared.runtime.time import legal_date
from shared.schemas import invalid
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from shared.casework import ConnectedStep, Step
    from shared.identity import Actor
    from shared.law import RuleSet


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate as it stands, with the form that it was granted on."""

    number: str
    case_id: str
    holder: str
    valid_until: date | None
    state: str
    content: Mapping[str, Any]
    form: Mapping[str, Any]

    def in_force(self, on: date) -> bool:
        """Whether it was on that day; one that has expired since was."""
        return self.state in (*GRANTED, "expired") and self.valid_until is not None and on <= self.valid_until


@dataclass(frozen=True, slots=True)
class Renewed:
    """The certificate of the applicant's own that is to be renewed, the applications that renew it, the id of each and
    its number, and the certificate that it renews itself, if any."""

    mark: Held
    renewals: Sequence[tuple[str, str]]
    before: Held | None


def known(tx: Connection, number: Any, applicant: str) -> Renewed | None:
    """What a renewal that names `number` is held against, and stays so until all is written; None if the applicant has
    no such mark."""
    mark = _find(tx, number) if isinstance(number, str) else None
    if mark is None or party(mark.holder) != party(applicant):
        return None
    # Of two at the same time, the second sees the first.
    get_case(tx, mark.case_id, lock=True)
    mark = _find(tx, number) or mark
    before = _find(tx, mark.content["renews"]) if "renews" in mark.content else None
    row, named = cases.c, cases.c.data[FORM.name]["renews"].astext
    mine = select(row.id, row.number, named.label("renews")).where(
        func.party(row.applicant) == party(applicant), named.is_not(None)
    )
    others = tx.execute(mine.where(row.state.in_((*PENDING, *GRANTED)), row.number.is_not(None)))
    renewals = [(one.id, one.number) for one in others if as_numbered(one.renews) == mark.number]
    return Renewed(mark, renewals, before)


def of_case(step: ConnectedStep) -> Renewed | None:
    """The certificate that the application renews, if it renews one."""
    return known(step.tx, step.case.form.get("renews"), step.case.applicant)


def _may_grant(_step: Step, renewed: Renewed | None) -> list[Violation]:
    if renewed is None or renewed.mark.state in (*GRANTED, "expired"):
        return []
    number = renewed.mark.number
    return [Violation("renews", "mark_ended", Text(f"{number}已失效：请作出不予许可决定", f"{number} is over: refuse"))]


MAY_GRANT = Informed(of_case, _may_grant)
"""Nothing is renewed that something else than its term has ended."""
MAY_TAKE_UP = Informed(of_case, lambda step, renewed: _running(renewed, step.case.id) if renewed else [])
"""A renewal that had ended does not go on beside a later one of the same certificate."""


def _running(renewed: Renewed, besides: str) -> list[Violation]:
    """Another application than `besides` renews it, or has."""
    running = next((number for case, number in renewed.renewals if case != besides), None)
    if running is None:
        return []
    number = renewed.mark.number
    told = Text(f"{running}已申请其复查换证", f"{running} renews {number} already")
    return [Violation("renews", "renewal_running", told)]


def wrong(renewed: Renewed | None, number: str, rules: RuleSet, on: date, *, besides: str = "") -> list[Violation]:
    """What is wrong unless `renewed` is a certificate that was in force on the day of receipt and no application
    `besides` this one renews."""
    if rules.regime("c_mark", on).declared:
        told = Text("现为自我声明，不再延续证书", "the mark is declared now: no certificate is renewed")
        return [Violation("renews", "not_needed", told)]
    if renewed is None:
        told = Text(f"{number}不是您的C标志", f"{number} is not one of your C marks")
        return [Violation("renews", "unknown_mark", told)]
    mark = renewed.mark
    if not mark.in_force(on):
        told = Text(f"{mark.number}已失效：请重新申请", f"{mark.number} is over: apply without naming it")
        return [Violation("renews", "mark_ended", told)]
    if (before := renewed.before) and before.in_force(on):
        told = Text(
            f"{mark.number}是{before.number}的延续，其有效期尚未开始：{before.valid_until}后再申请",
            f"{mark.number} renews {before.number}, and its own term has not begun: apply after {before.valid_until}",
        )
        return [Violation("renews", "renewed_already", told)]
    return _running(renewed, besides)


def follows_on(step: ConnectedStep) -> date:
    """The day after which the term begins that is granted: the last of the certificate that is renewed, while it is in
    force; else today."""
    renewed = of_case(step)
    if renewed is None or renewed.mark.valid_until is None or not renewed.mark.in_force(step.today):
        return step.today
    return renewed.mark.valid_until


def draft(tx: Connection, number: str, actor: Actor, rules: RuleSet, now: datetime) -> dict[str, Any]:
    """The form of a renewal, from what the certificate says now. Raises Problem."""
    renewed = known(tx, number, actor.party)
    if renewed is None:
        raise Problem("not_found", Text(f"您没有编号为{number}的C标志", f"no C mark of yours has the number {number}"))
    if faults := wrong(renewed, number, rules, legal_date(now)):
        raise invalid(faults)
    mark = renewed.mark
    content, form = mark.content, mark.form
    sites = {site["address"]: site for site in form["production_sites"]}
    return {
        **form,
        "renews": mark.number,
        "applicant_name": content["holder"]["name"],
        "registered_site": {**form["registered_site"], "address": content["holder"]["address"]},
        "production_sites": [sites.get(place, {"address": place}) for place in content["places_of_manufacture"]],
    }


def _find(tx: Connection, number: str) -> Held | None:
    query = (
        select(
            *(marks.c.number, marks.c.case_id, marks.c.holder, marks.c.valid_until, cases.c.state, marks.c.content),
            cases.c.data[FORM.name].label("form"),
        )
        .join_from(marks, cases, marks.c.case_id == cases.c.id)
        .where(marks.c.number == as_numbered(number))
    )
    row = tx.execute(query).first()
    return Held(**row._asdict()) if row else None
