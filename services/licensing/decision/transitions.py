"""The transitions of the decision, in the order in which people are offered them: the usual course first."""

from __future__ import annotations

from services.licensing.assessment.rules import reported_on
from services.licensing.decision import acts, rules
from services.licensing.intake.acts import MAY_TAKE_UP, is_amendment, is_renewal, take_up
from services.licensing.intake.rules import not_needed
from services.licensing.licence.schemas import ByLaw
from services.licensing.states import PENDING, UNDECIDED
from shared.casework import Transition
from shared.permits import decision, ending, hearing
from shared.text import Text

RENEWALS = (
    Transition(
        action="grant",
        source="reviewed",
        target="renewed",
        by="staff:decider",
        name=Text("准予延续", "Renew"),
        when=is_renewal,
        guard=acts.MAY_GRANT_RENEWAL,
        effect=acts.grant_renewal,
        emits="renewal.granted",
        distinct_from=decision.EXAMINATION,
        notice="renewal",
        stands=Text(
            "延续后的许可证，在其原案卷中依法撤销、撤回或者注销",
            "The renewed licence is revoked, withdrawn or cancelled, as the law provides, in its own case",
        ),
    ),
    *(
        Transition(
            action="grant_by_silence",
            source=state,
            target="renewed",
            by="system",
            name=Text("视为准予延续", "Deemed renewed"),
            body=ByLaw,
            guard=rules.may_be_granted_by_silence,
            effect=acts.grant_by_silence,
            emits="renewal.granted",
            notice="deemed_renewal",
        )
        for state in PENDING
    ),
    *decision.delivery("renewed", "closed", "licence.delivered", rules.was_renewed),
)

AMENDMENTS = (
    Transition(
        action="grant",
        source="reviewed",
        target="amended",
        by="staff:decider",
        name=Text("准予变更许可", "Amend the licence"),
        when=is_amendment,
        guard=acts.MAY_GRANT_AMENDMENT,
        effect=acts.grant_amendment,
        emits="amendment.granted",
        distinct_from=decision.EXAMINATION,
        notice="amendment",
        stands=Text(
            "变更后的许可证，在其原案卷中更正、撤销、撤回或者注销",
            "The licence as amended is corrected, revoked, withdrawn or cancelled in its own case",
        ),
    ),
    *decision.delivery("amended", "closed", "licence.delivered", rules.was_amended),
)


TRANSITIONS = (
    *RENEWALS,
    *AMENDMENTS,
    *decision.transitions(
        examined_from="assessed",
        may_grant=acts.MAY_GRANT,
        grant=acts.grant,
        granted="licence.granted",
        may_refuse=acts.MAY_REFUSE,
        may_take_up=MAY_TAKE_UP,
        effective="valid",
        delivered="licence.delivered",
    ),
    *hearing.transitions(("assessed", "reviewed"), since=reported_on),
    *decision.extension(UNDECIDED),
    *ending.transitions(("lodged", *PENDING), not_needed, may_take_up=MAY_TAKE_UP, take_up=take_up),
)
