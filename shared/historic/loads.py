"""Historic registers are taken from files: previewed line by line, then entered whole or not at all, and taken back.

What is entered is a permit like any other: it is found, checked in public, changed and ended. No document is made of
it, since this office signs nothing that it did not issue here. Its number is taken as it is and joins the series of
numbers: the next permit gets a later one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text as Characters
from sqlalchemy import cast, func, insert, select, text

from shared.casework.engine import apply, enter, tell
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.casework.numbering import allocate
from shared.historic.lines import content_of, gaps, read_line
from shared.historic.models import permit_loads
from shared.messaging.envelope import new_id
from shared.permits.facts import END, ENTERED, CaseEnd, Entered
from shared.permits.historic import ENTER, TAKEN_BACK
from shared.permits.life import ENDS
from shared.problems import Problem
from shared.registers import lists
from shared.runtime.time import legal_date
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from shared.historic.kinds import Historic, Told
    from shared.historic.lines import Read
    from shared.registers.importing import Line

MOST_LINES = 5000
_JOIN = text(
    "INSERT INTO number_series AS s (series, next) VALUES (:series, :next)"
    " ON CONFLICT (series) DO UPDATE SET next = greatest(s.next, excluded.next)"
)


@dataclass(slots=True)
class Loaded:
    """What became of a file, or would."""

    lines: list[Line] = field(default_factory=list)
    gaps: list[dict[str, Any]] = field(default_factory=list)
    """Runs of numbers that neither the file nor the register has: the first, the last and how many."""
    batch: str | None = None
    """The import, once it was made."""


def take(tx: Connection, kind: Historic, data: bytes, told: Told, *, preview: bool) -> Loaded:
    """Enter what a file has. Where a line is wrong, or in a preview, nothing is written. Raises Problem."""
    _, rows = lists.read(kind.form, kind.cells, data, MOST_LINES)
    # Nobody enters or grants a number meanwhile.
    tx.execute(text("SELECT pg_advisory_xact_lock(hashtext('historic permits'))"))
    known = _known(tx, kind)
    found, read, seen = Loaded(), [], dict[str, int]()
    for number, texts in rows:
        one, line = read_line(kind, number, texts, told, known, seen)
        found.lines.append(line)
        if one is not None:
            read.append(one)
    found.gaps = list(gaps(kind, told.rules, known, read))
    if preview or any(line.faults for line in found.lines):
        return found
    found.batch = new_id()
    digest = sha256(data).hexdigest()
    tx.execute(
        insert(permit_loads).values(
            id=found.batch,
            at=told.now,
            actor=told.actor.subject,
            actor_name=told.actor.name,
            source=told.source,
            sha256=digest,
            file=data,
            entered=len(read),
        )
    )
    for one in sorted((one for one in read if one.serial), key=lambda one: str(one.serial)):
        style, series, serial = one.serial  # type: ignore[misc]
        tx.execute(_JOIN, {"series": series, "next": max(serial + 1, style.first)})
    for one in read:
        _enter(tx, kind, one, told, batch=found.batch, digest=digest)
    return found


def _known(tx: Connection, kind: Historic) -> dict[str, Any]:
    """All permits that the register has, by number."""
    table = kind.register.table
    query = select(
        table.c.number, table.c.granted_on, table.c.content, cases.c.state, cases.c.data[ENTERED.name].label("entered")
    )
    rows = tx.execute(query.join_from(table, cases, cases.c.id == table.c.case_id).where(cases.c.state != TAKEN_BACK))
    return {row.number: row for row in rows}


def _end(said: Mapping[str, Any], today: date) -> CaseEnd | None:
    """How the permit ended before it was entered: as the register says, or with its term."""
    if "ground" in said:
        ground, on = said["ground"], said["ended_on"]
    elif "valid_until" in said and said["valid_until"] < today:
        ground, on = "EXPIRED", said["valid_until"]
    else:
        return None
    return CaseEnd(ground=ground, zh=ENDS[ground].zh, en=ENDS[ground].en, on=on)


def _enter(tx: Connection, kind: Historic, one: Read, told: Told, *, batch: str, digest: str) -> None:
    today, said = legal_date(told.now), one.said
    end = _end(said, today)
    content = {**content_of(kind, said, one.permit), "register": told.source}
    state = kind.ended[end.ground] if end else kind.live
    number = allocate(tx, told.rules.number_format(f"entry_{kind.procedure.id}", today), year=today.year)
    holder = content["holder"]
    entered = Entered(source=told.source, line=one.number, file=digest, on=today, batch=batch, ended=end is not None)
    form = {
        "applicant_name": holder["name"],
        "credit_code": holder["code"],
        "registered_site": {"address": holder["address"]},
        "production_sites": [{"address": place} for place in content["places_of_manufacture"]],
        **({"category": content["category"]["code"]} if "category" in content else {}),
        # In the form the kind of instrument is said once where the permit has one.
        "lines": [
            {name: value for name, value in line.items() if name != "category" or "category" not in content}
            for line in content["lines"]
        ],
    }
    case = enter(
        tx,
        kind.procedure,
        told.actor,
        told.now,
        action=ENTER,
        number=number,
        state=state,
        applicant=holder["code"],
        rules=told.rules.name,
        data=FORM.set(form) | kind.permit.set(one.permit) | ENTERED.set(entered) | (END.set(end) if end else {}),
        noted={**entered.stored(), kind.permit.name: content},
    )
    term = {"valid_until": said["valid_until"]} if "valid_until" in said else {}
    kind.register.record(tx, case, content, said["granted_on"], **term)
    kind.keep(tx, case, said)
    event = {
        kind.permit.name: one.permit,
        "procedure": kind.procedure.id,
        "rules": told.rules.name,
        "applicant": {"code": holder["code"], "name": holder["name"], "email": ""},
        "lines": content["lines"],
        **({"valid_until": content["valid_until"]} if "valid_until" in content else {}),
        **({"ended": {"on": end.on.isoformat(), "zh": end.zh, "en": end.en}} if end else {}),
    }
    # What has ended starts no clock.
    name = f"{kind.permit.name}.{'entered_as_ended' if end else 'entered'}"
    tell(tx, kind.procedure, case, name, event, actor=told.actor, now=told.now, cause=told.cause)


def all_of(tx: Connection) -> list[dict[str, Any]]:
    """All imports, newest first, with how many of their permits stand."""
    entered = cases.c.data[ENTERED.name]["batch"].astext
    standing = select(func.count()).where(entered == cast(permit_loads.c.id, Characters))
    query = select(permit_loads, standing.where(cases.c.state != TAKEN_BACK).scalar_subquery().label("standing"))
    return [
        {
            "batch": row.id,
            "at": row.at,
            "by": row.actor_name,
            "source": row.source,
            "sha256": row.sha256,
            "entered": row.entered,
            "standing": row.standing,
        }
        for row in tx.execute(query.order_by(permit_loads.c.at.desc(), permit_loads.c.id.desc()))
    ]


def take_back(tx: Connection, kind: Historic, batch: str, reason: str, told: Told) -> int:
    """Take back a whole import; how many permits there were. Raises Problem, and undoes nothing, where one was touched
    since."""
    mine = cases.c.data[ENTERED.name]["batch"].astext == batch
    query = select(cases.c.id, cases.c.number, cases.c.version).where(mine, cases.c.state != TAKEN_BACK)
    rows = tx.execute(query.order_by(cases.c.number)).all()
    if not rows:
        raise Problem(
            "not_found", Text("没有该批次，或者已全部撤销", "there is no such import, or nothing of it stands")
        )
    if touched := [row.number for row in rows if row.version > 1]:
        names = ", ".join(touched[:20])
        reason_why = Text(
            f"录入后已办理其他事项：{names}；请逐件撤销其余录入",
            f"something was done since to {names}: take the other entries back one by one",
        )
        raise Problem("wrong_state", reason_why, extra={"state": "touched"})
    for row in rows:
        content = {"reason": reason}
        apply(
            *(tx, kind.procedure, row.id, "take_entry_back", content),
            actor=told.actor,
            now=told.now,
            rules=told.rules,
            cause=told.cause,
        )
    return len(rows)
