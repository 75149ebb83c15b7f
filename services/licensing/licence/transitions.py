"""The transitions of the licence."""

from __future__ import annotations

from typing import Any

from services.licensing.licence import acts, contracting, schemas
from services.licensing.licence.facts import LICENCE
from services.licensing.queries import REGISTER
from services.licensing.states import ENDED, LIVE
from shared.casework import Transition
from shared.permits import historic
from shared.permits.changing import Changing
from shared.permits.life import ENDS, Life
from shared.text import Text

_ENDED = tuple(ENDED.values())
CHANGING = Changing(LICENCE, LIVE, _ENDED, REGISTER.content, acts.amend, acts.MAY_REPORT)
LIFE = Life(LICENCE, LIVE, acts.order_anew, acts.restored)


_BY_LAW: dict[str, Any] = {"by": "system", "needs_reason": False, "body": schemas.ByLaw}


TRANSITIONS = (
    *(
        Transition(
            action="renew",
            source=state,
            target="valid" if state == "expired" else state,
            by="system",
            name=Text("延续", "Renewed"),
            body=schemas.Renewed,
            effect=acts.renew,
            emits="licence.renewed",
        )
        for state in (*LIVE, "expired")
    ),
    *(
        Transition(
            action="change_by_decision",
            source=state,
            target=state,
            by="system",
            name=Text("变更许可", "Amended"),
            body=schemas.Amend,
            effect=acts.change_by_decision,
            emits="licence.amended",
        )
        for state in LIVE
    ),
    *CHANGING.transitions(),
    *contracting.TRANSITIONS,
    *LIFE.ending("expire", "expired", "EXPIRED", Text("有效期届满", "Expired"), **_BY_LAW),
    *LIFE.ending(
        "abolish", "abolished_by_law", "ABOLISHED_BY_LAW", Text("许可依法取消", "Abolished by law"), **_BY_LAW
    ),
    *LIFE.ending(
        *("penalise", "taken_away", "PENALTY", Text("吊销许可证", "Take the licence away as a penalty")),
        body=schemas.Penalty,
        notice="penalty",
    ),
    *LIFE.acts((("penalise", "taken_away"),), lapsed=("expired",), may_close=acts.MAY_CLOSE),
    *historic.transitions(LICENCE, ("valid", *_ENDED)),
)


STATES = {
    "valid": Text("有效", "in force"),
    "renewed": Text("准予延续", "renewal granted"),
    "amended": Text("准予变更许可", "amendment granted"),
    "expired": ENDS["EXPIRED"],
    "abolished_by_law": ENDS["ABOLISHED_BY_LAW"],
    "cancelled": ENDS["CANCELLED"],
    "revoked": ENDS["REVOKED"],
    "licence_withdrawn": ENDS["WITHDRAWN"],
    "taken_away": ENDS["PENALTY"],
    **historic.STATES,
}
