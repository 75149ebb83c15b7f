"""The transitions of type approvals under a licence."""

from __future__ import annotations

from services.licensing.approvals import acts, rules
from services.licensing.states import LIVE
from shared.casework import Transition
from shared.text import Text

TRANSITIONS = tuple(
    row
    for state in LIVE
    for row in (
        Transition(
            action="follow_approvals",
            source=state,
            target=state,
            by="system",
            name=Text("型式批准失效", "A type approval under it has ended"),
            guard=acts.MAY_FOLLOW,
            when=acts.SOME_ARE_LOST,
            effect=acts.follow,
            emits="licence.approval_lost",
        ),
        Transition(
            action="follow_approvals",
            source=state,
            target=state,
            by="system",
            name=Text("型式批准恢复", "Its type approvals stand again"),
            guard=acts.MAY_FOLLOW,
            effect=acts.follow,
            emits="licence.approval_regained",
        ),
        Transition(
            action="settle_approval",
            source=state,
            target=state,
            by="staff:examiner",
            name=Text("核查型式批准失效的影响", "Settle the loss of a type approval"),
            applies=rules.has_lost_approvals,
            effect=acts.settle,
            emits="licence.approval_settled",
            needs_reason=True,
            stands=Text(
                "核查结论不改变许可：需要时依法撤销、撤回或者注销许可",
                "It changes nothing in the licence, which is revoked, withdrawn or cancelled where the law asks for it",
            ),
        ),
    )
)
"""What follows when a type approval under lines of a licence ends."""
