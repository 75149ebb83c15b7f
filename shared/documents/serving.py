"""The service of notices that no step registers, such as revocations, penalties and orders: when one was served, and
what proves it. It is written into the case's journal, and registered again or taken back with a reason.

Of a decision the step `deliver` registers it, of a notice that moves clocks the step that gives it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.casework import Case, note, visible_case
from shared.documents.facts import NOTICES, FiledNotice, NoticeService
from shared.http.cases import FACES
from shared.http.routes import Call, Reply, Route
from shared.identity import Role
from shared.labels import labelled
from shared.permits.serving import Served, misdating
from shared.problems import Problem, Violation
from shared.runtime.time import legal_date
from shared.schemas import Flag, instance, invalid, text
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from shared.http.cases import CaseApi

REGISTER = "register_service"
"""What journals call it."""


class NoticeServed(Served):
    """文书送达登记。 The service of a notice; with `withdrawn` that it was not served after all."""

    received_by = text(required=False, maximum=100, metadata=labelled("签收人", "who signed for it", example="钱联系"))
    withdrawn = Flag(load_default=False, metadata=labelled("撤回登记", "take the registration back", example=None))
    reason = text(
        required=False,
        metadata=labelled("更正或者撤回的理由", "why, where something is registered already", example=None),
    )


def serving_routes(cases: CaseApi) -> list[Route]:
    return [
        Route(
            "POST",
            f"{FACES[Role.STAFF]}/<ref>/notices/<number>/service",
            partial(_register, cases),
            "staff:intake",
            Text("登记文书送达", "Register the service of a notice"),
            takes=NoticeServed,
            gives=cases.answer(Role.STAFF),
            problems=("wrong_state",),
        )
    ]


def _register(cases: CaseApi, call: Call) -> Reply:
    told = call.body(instance(NoticeServed))
    wanted, today = as_numbered(call.params["number"]), legal_date(call.now)
    with call.transaction() as tx:
        case = visible_case(tx, call.params["ref"], call.actor, lock=True)
        if not call.actor.acts_for(case.office):
            raise Problem("forbidden", Text("本案由其他机关办理", "another office decides the case"))
        filed = next((one for one in case.get(NOTICES, ()) if one.number == wanted), None)
        if filed is None:
            raise Problem("not_found", Text(f"本案没有文书{wanted}", f"there is no notice {wanted} in the case"))
        _may_be_registered(filed)
        if found := faults(filed, told, today):
            raise invalid(found)
        served = None if told["withdrawn"] else _service(told, today, call.actor.name)
        kept = [replace(one, served=served) if one == filed else one for one in case.get(NOTICES, ())]
        said = {"notice": wanted, "served": served.stored() if served else None, "reason": told.get("reason")}
        entered: Case = replace(case, data={**case.data, **NOTICES.set(tuple(kept))})
        data = {name: value for name, value in said.items() if value}
        case = note(tx, entered, REGISTER, data, actor=call.actor, now=call.now)
    return cases.answered(case, call)


def _may_be_registered(filed: FiledNotice) -> None:
    """Raises Problem for a notice of which a step says when it was served."""
    if not filed.is_served_by_itself:
        told = Text(
            "该文书已撤回，或者其送达由相应的办理步骤登记",
            "the notice was taken back, or the step that it belongs to registers its service",
        )
        raise Problem("wrong_state", told, extra={"notice": filed.number})


def faults(filed: FiledNotice, told: Mapping[str, Any], today: date) -> list[Violation]:
    """What is wrong with what is to be registered."""
    found = [] if told["withdrawn"] else misdating(told, filed.on, today)
    if filed.served and not told.get("reason"):
        found.append(
            Violation("reason", "missing", Text("已有登记，更正须说明理由", "it is registered: say why it changes"))
        )
    if told["withdrawn"] and not filed.served:
        found.append(Violation("withdrawn", "not_served", Text("尚未登记送达", "nothing is registered yet")))
    return found


def _service(told: Mapping[str, Any], today: date, by: str) -> NoticeService:
    on = told.get("served_on", today)
    return NoticeService(on=on, receipt=told.get("receipt"), received_by=told.get("received_by"), registered_by=by)
