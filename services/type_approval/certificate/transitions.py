"""The transitions of the certificate."""

from __future__ import annotations

from services.type_approval.certificate import acts, asked, naming, schemas, site_check, standing
from services.type_approval.certificate.facts import CERTIFICATE
from services.type_approval.queries import REGISTER
from services.type_approval.states import ENDED, LIVE
from shared.permits import historic
from shared.permits.changing import Changing
from shared.permits.life import ENDS, Life
from shared.text import Text

LIFE = Life(CERTIFICATE, LIVE, REGISTER.order_anew, asked=asked.OF_CERTIFICATE)
CHANGING = Changing(
    CERTIFICATE,
    LIVE,
    tuple(ENDED.values()),
    REGISTER.content,
    REGISTER.amend,
    checked=site_check.may_enter,
    asked=asked.OF_CHANGE,
)


TRANSITIONS = (
    *LIFE.ending(
        *(
            "abolish_type",
            "type_abolished",
            "TYPE_ABOLISHED",
            Text("登记型式废除", "Register that the type is abolished"),
        ),
        body=schemas.TypeAbolition,
        guard=acts.MAY_ABOLISH,
        notice="type_abolished",
    ),
    *LIFE.acts((("abolish_type", "type_abolished"),)),
    *CHANGING.transitions(),
    *site_check.transitions(LIVE, acts.OF_CHECKS),
    *standing.transitions(LIVE, ENDED.values(), "effective", acts.OF_CHANGES),
    *naming.transitions(LIVE, ENDED.values()),
    *historic.transitions(CERTIFICATE, ("effective", *ENDED.values())),
)


STATES = {
    "effective": Text("有效", "in force"),
    "type_abolished": ENDS["TYPE_ABOLISHED"],
    "revoked": ENDS["REVOKED"],
    "certificate_withdrawn": ENDS["WITHDRAWN"],
    "cancelled": ENDS["CANCELLED"],
    **historic.STATES,
}
