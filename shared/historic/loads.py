"""Historic registers are taken from files: previewed line by line, then entered whole or not at all, and taken back.

What is entered is a permit like any other: it is found, checked in public, changed and ended. No document is made of
it, since this office signs nothing that it did not issue here. Its number is taken as it is and joins the series of
numbers: the next permit gets a later one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import Text as Characters
from sqlalchemy import cast, func, insert, select, text
from sqlalchemy.exc import DBAPIError

from shared.casework.engine import Entering, apply_to_all, enter
from shared.casework.facts import FORM
from shared.casework.models import cases
from shared.casework.numbering import allocate_several
from shared.historic.lines import content_of, gaps, read_line
from shared.historic.models import permit_loads
from shared.messaging.envelope import new_id
from shared.permits.facts import END, ENTERED, CaseEnd, Entered
from shared.permits.historic import ENTER, TAKEN_BACK
from shared.permits.life import ENDS
from shared.problems import Problem
from shared.registers import lists
from shared.runtime.time import legal_date
from shared.sql import LOCKED, sqlstate
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from shared.historic.kinds import Historic, Told
    from shared.historic.lines import Read
    from shared.law import RuleSet
    from shared.registers.importing import Line

MOST_LINES = 5000
AGAIN_AFTER = 30
"""Seconds after which a file is sent again while another is being entered."""
_ALONE = text("SELECT pg_advisory_xact_lock(hashtext('historic permits'))")
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
    if not preview:
        _alone(tx)
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
    _join_series(tx, read)
    # From here on nobody is given a number of these series; who was while the file was read keeps it.
    if granted := sorted(_known(tx, kind).keys() & {one.permit for one in read}):
        zh, en = f"其间本系统颁发了{granted[0]}：请重新预览", f"{granted[0]} was granted meanwhile: preview it again"
        raise Problem("invalid", Text(zh, en))
    _enter(tx, kind, read, told, batch=found.batch, digest=digest)
    return found


def _alone(tx: Connection) -> None:
    """One file at a time: a second waits for its turn as long as anybody waits for a lock. Raises Problem."""
    try:
        tx.execute(_ALONE)
    except DBAPIError as error:
        if sqlstate(error) != LOCKED:
            raise
        told = Text(
            f"另一份历史台账正在录入，{MOST_LINES}行约需1分钟：请在{AGAIN_AFTER}秒后重发本文件；两份台账有相同证号的，届时逐行指出",
            f"another historic register is being entered, {MOST_LINES} lines take about a minute: send this file again"
            f" in {AGAIN_AFTER} seconds; if both have the same numbers, its lines will say so",
        )
        raise Problem("busy", told, extra={"retry_after": AGAIN_AFTER}) from None


def _join_series(tx: Connection, read: Sequence[Read]) -> None:
    """Have the next number of each series be a later one than those of the file."""
    following: dict[str, int] = {}
    for style, series, serial in (one.serial for one in read if one.serial):
        following[series] = max(following.get(series, style.first), serial + 1)
    # In one order, so that nobody who takes numbers of two of them waits for ever.
    for series, following_ in sorted(following.items()):
        tx.execute(_JOIN, {"series": series, "next": following_})


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


def _office(said: Mapping[str, Any], rules: RuleSet) -> dict[str, str]:
    """The office that the register calls so, by its id; nothing for another authority."""
    office = rules.office_called(said["authority"])
    return {"office": office} if office else {}


def _enter(tx: Connection, kind: Historic, read: Sequence[Read], told: Told, *, batch: str, digest: str) -> None:
    today = legal_date(told.now)
    style = told.rules.number_format(f"entry_{kind.procedure.id}", today)
    numbers = allocate_several(tx, len(read), style, year=today.year)
    contents = [
        {**content_of(kind, one.said, one.permit), **_office(one.said, told.rules), "register": told.source}
        for one in read
    ]
    entering = [
        _entering(
            kind,
            number,
            content,
            _end(one.said, today),
            Entered(source=told.source, line=one.number, file=digest, on=today, batch=batch, ended=False),
            told.rules,
        )
        for number, content, one in zip(numbers, contents, read, strict=True)
    ]
    how: dict[str, Any] = {"actor": told.actor, "now": told.now, "rules": told.rules, "cause": told.cause}
    entered = enter(tx, kind.procedure, entering, action=ENTER, **how)
    granted = [
        (
            case,
            content,
            one.said["granted_on"],
            {"valid_until": one.said["valid_until"]} if "valid_until" in one.said else {},
        )
        for case, content, one in zip(entered, contents, read, strict=True)
    ]
    kind.register.record(tx, granted)
    kind.keep(tx, [(case, one.said) for case, one in zip(entered, read, strict=True)])


def _entering(
    kind: Historic, number: str, content: Mapping[str, Any], end: CaseEnd | None, entered: Entered, rules: RuleSet
) -> Entering:
    """The case of a permit. What has ended starts no clock."""
    holder, permit = content["holder"], content["number"]
    entered = replace(entered, ended=end is not None)
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
    return Entering(
        number=number,
        state=kind.ended[end.ground] if end else kind.live,
        applicant=holder["code"],
        data=FORM.set(form) | kind.permit.set(permit) | ENTERED.set(entered) | (END.set(end) if end else {}),
        noted={**entered.stored(), kind.permit.name: content},
        event=f"{kind.permit.name}.{'entered_as_ended' if end else 'entered'}",
        told={
            kind.permit.name: permit,
            "procedure": kind.procedure.id,
            "rules": rules.name,
            "applicant": {"code": holder["code"], "name": holder["name"], "email": ""},
            "lines": content["lines"],
            **({"valid_until": content["valid_until"]} if "valid_until" in content else {}),
            **({"ended": {"on": end.on.isoformat(), "zh": end.zh, "en": end.en}} if end else {}),
        },
    )


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
    apply_to_all(
        *(tx, kind.procedure, [row.id for row in rows], "take_entry_back", {"reason": reason}),
        actor=told.actor,
        now=told.now,
        rules=told.rules,
        cause=told.cause,
    )
    return len(rows)
