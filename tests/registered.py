"""What the registers of tests have from the start: laboratories with their people and standards, and experts."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from deploy.local import registers
from services.licensing.experts.book import EXPERTS as EXPERT_BOOK
from services.licensing.experts.book import OWNER
from services.type_approval.registers import books
from shared.law import load
from shared.registers import changes, importing
from shared.registers.store import Said
from tests.support import officer
from tests.support.databases import SEEDS
from tests.support.office import LAB

if TYPE_CHECKING:
    from sqlalchemy import Connection

ALWAYS, NEVER = "2000-01-01", "2199-12-31"
PEOPLE = ("tester-1", "tester-2", "checker-1", "signatory-1", "a", "b", "c", "d")
STANDARDS = {
    "E2-20kg-set-01": NEVER,
    "M1-20kg-set-07": NEVER,
    "M1-set": "2014-12-31",
    "M1": "2013-09-17",
    "M1-old": "2013-09-16",
}
"""Each with the last day of its calibration."""
EXPERTS = ("E-1", "E-2", "E-3", "E-4", "E-5")
_LAW = load()
_SAID = Said(officer("chu", "section_head"), datetime(2000, 1, 1, tzinfo=UTC))
_SINCE = date.fromisoformat(ALWAYS)
_KINDS = sorted({row.code for row in _LAW.catalogue})


def laboratory_entry(code: str, name: str) -> dict[str, Any]:
    """A laboratory that may evaluate everything."""
    authorised = {"authorisation": f"授权 {code}", "valid_from": ALWAYS, "valid_until": NEVER}
    return {
        "code": code,
        "name": name,
        **authorised,
        "capacity": 100_000,
        "scope": [{"category": kind} for kind in _KINDS],
    }


def person_entry(lab: str, subject: str) -> dict[str, Any]:
    """A metrologist registered for everything, and technical head."""
    registered = {"registration": f"注册 {subject}", "level": "1", "valid_from": ALWAYS, "valid_until": NEVER}
    named = {"code": subject, "name": subject, "subject": f"{lab}/{subject}", "technical_head": True}
    return {**named, **registered, "kinds": _KINDS}


def standard_entry(code: str, due_on: str, **more: str) -> dict[str, str]:
    return {
        "code": code,
        "name": "砝码组",
        "kind": "质量标准装置",
        "least": "1 mg",
        "most": "20 kg",
        "uncertainty": "0.1 g",
        "certificate": f"力字 {code}",
        "calibrated_by": "国家计量院",
        "calibrated_on": ALWAYS,
        "due_on": due_on,
        **more,
    }


def expert_entry(code: str, **more: Any) -> dict[str, Any]:
    """An expert who may assess everything, and as often as asked."""
    about = {"name": f"考评员{code}", "level": "provincial", "may_lead": True, "employer": f"检定所{code}"}
    certified = {"certificate": f"考评{code}", "valid_from": ALWAYS, "valid_until": NEVER}
    return {"code": code, **about, **certified, "kinds": _KINDS, "capacity": 1_000_000, **more}


def fill_experts(tx: Connection) -> None:
    for code in EXPERTS:
        changes.add(tx, EXPERT_BOOK, OWNER, expert_entry(code), _SINCE, _SAID, _LAW)


def fill(tx: Connection) -> None:
    said, since = _SAID, _SINCE
    for lab, name in ((LAB, "试验计量院"), ("LAB-02", "另一计量院")):
        changes.add(tx, books.LABORATORIES, lab, laboratory_entry(lab, name), since, said, _LAW)
        for subject in PEOPLE:
            changes.add(tx, books.PEOPLE, lab, person_entry(lab, subject), since, said, _LAW)
        for code, due_on in STANDARDS.items():
            higher = {"higher": "E2-20kg-set-01"} if code == "M1-20kg-set-07" else {}
            changes.add(tx, books.STANDARDS, lab, standard_entry(code, due_on, **higher), since, said, _LAW)
    changes.add(tx, books.LABORATORIES, registers.LAB, registers.LABORATORY, since, said, _LAW)
    for name in registers.LISTS:
        importing.refuse_wrong(
            importing.take(tx, books.OF_LABORATORIES[name], registers.LAB, registers.example(name), since, said, _LAW)
        )


SEEDS.update(type_approval=fill, licensing=fill_experts)
