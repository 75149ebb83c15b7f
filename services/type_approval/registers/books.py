"""The three registers of type approval: laboratories, their people and their measurement standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from services.type_approval.registers import rules
from services.type_approval.registers.cells import interests_of, scope_of
from services.type_approval.registers.forms import Device, Laboratory, Person, Standard
from shared.identity.uscc import party
from shared.labels import labelled
from shared.problems import Violation
from shared.registers import Fields, Names, Register, store
from shared.text import Text

if TYPE_CHECKING:
    from sqlalchemy import Connection


def _of_known_laboratory(tx: Connection, lab: str) -> list[Violation]:
    if store.find(tx, LABORATORIES, lab, lab) is not None:
        return []
    reason = Text(
        f"行政机关尚未登记{lab}：先登记技术机构，再登记人员和标准器",
        f"the office has not registered {lab}: people and standards come after the laboratory",
    )
    return [Violation("", "unknown_laboratory", reason)]


_LAB = fields.String(required=True, metadata=labelled("技术机构", "code of the laboratory", example="JL-LAB-01"))

LABORATORIES = Register(
    id="laboratories",
    names=Names("技术机构", "laboratory", "laboratories"),
    form=Laboratory,
    validity=Fields("valid_from", "valid_until"),
    found_by=("code", "name", "authorisation", "credit_code"),
    wrong=rules.wrong_laboratory,
    kept=rules.by_ids,
    key=party,
    owner=("lab", _LAB),
    example="/v1/lab/laboratory",
    cells={"scope": scope_of, "interests": interests_of},
    owns_itself=True,
)
"""Of which each owns its own entry."""
PEOPLE = Register(
    id="people",
    names=Names("技术人员", "person", "people"),
    form=Person,
    validity=Fields("valid_from", "valid_until"),
    found_by=("code", "name", "registration"),
    wrong=rules.wrong_person,
    contradictions=rules.same_login,
    admits=_of_known_laboratory,
    owner=("lab", _LAB),
    example="/v1/lab/people/P-01",
)
STANDARDS = Register(
    id="standards",
    names=Names("计量标准器", "measurement standard", "measurement standards"),
    form=Standard,
    validity=Fields("calibrated_on", "due_on"),
    found_by=("code", "name", "kind", "certificate", "standard_certificate", "calibrated_by"),
    wrong=rules.wrong_standard,
    contradictions=rules.broken_chain,
    admits=_of_known_laboratory,
    owner=("lab", _LAB),
    example="/v1/lab/standards/M1-20kg-set-07",
)
DEVICES = Register(
    id="devices",
    names=Names("试验设备密钥", "device key", "device keys"),
    form=Device,
    validity=Fields("valid_from", "valid_until"),
    found_by=("code", "name"),
    wrong=lambda _content, _rules: [],
    admits=_of_known_laboratory,
    owner=("lab", _LAB),
    example="/v1/lab/devices/DAQ-03",
    listed=False,
)
OF_LABORATORIES = {"people": PEOPLE, "standards": STANDARDS, "devices": DEVICES}
"""What each laboratory keeps, by name."""
