"""The register of the permits of one kind: a row each with what its document says, beside what lists show of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    case,
    func,
    null,
    or_,
    select,
    true,
    tuple_,
    update,
)

from shared.casework import Case, ConnectedStep, summaries
from shared.casework.models import cases
from shared.casework.search import ENDING_FIRST, newest_first
from shared.documents.issues import HISTORY, order, told
from shared.identity.uscc import party
from shared.law import add_days, load
from shared.permits.facts import CANCELLED_ON, END
from shared.permits.historic import TAKEN_BACK
from shared.permits.life import end_of, last_day
from shared.sql import Statement, in_place, insert_all
from shared.text import Text, as_numbered, comparable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from shared.casework.facts import Fact

NO_END = date(9999, 12, 31)
"""In the order of ends, what has none comes after all others."""


@cache
def _offices() -> dict[tuple[str, str], Text]:
    """What the offices of the law's data are and were called, by their ids and by what documents then print."""
    return {(row.id, comparable(row.name.zh)): row.name for row in load().authorities}


def _issuer(row: Any) -> dict[str, Any]:
    """The office that issued a permit, by its id: what a document of before, which has none, prints is taken for a name
    of the office of its case, if that is or was called so, and else told as it is printed."""
    printed, case_office = row.content["authority"], None if "register" in row.content else row.office
    office = row.content.get("office", case_office)
    name = _offices().get((office, comparable(printed)))
    return {"office": office if name else None, "authority_name": (name or Text.plain(printed))._asdict()}


@dataclass(frozen=True, slots=True)
class PermitRegister:
    """`table` has `number`, `case_id`, `holder`, `granted_on` and `content` of each permit, and `valid_until` where it
    has a term; `listed` are their summaries.

    In the states `live` of the case that it lives in a permit is `in_force`, as this register calls it; in others it is
    what the state is called. `ends` are the states in which ends leave it, by their grounds.
    """

    table: Table
    listed: Table
    live: Collection[str]
    in_force: str
    ends: Mapping[str, str]
    terms: Table | None = None
    """The terms of each `licence`, from the day it `begins` to that on which it `ends`, where it can have several."""

    def enter(self, step: ConnectedStep, content: Mapping[str, Any], **term: date | None) -> None:
        """Enter the permit that the step grants to the applicant of its case, with its term if it has one."""
        self.record(step.tx, [(step.case, content, step.today, term)])

    def record(
        self, tx: Connection, granted: Sequence[tuple[Case, Mapping[str, Any], date, Mapping[str, date | None]]]
    ) -> None:
        """Enter the permits that live in these cases with what they say, the days of their grants, and their terms if
        they have any; in place of one whose entry was taken back, if that had its number."""
        if not granted:
            return
        rows = [
            {
                "number": content["number"],
                "case_id": case.id,
                "holder": case.applicant,
                "granted_on": granted_on,
                "content": content,
                **term,
            }
            for case, content, granted_on, term in granted
        ]
        gone = f"cases.id = {self.table.name}.case_id AND cases.state = '{TAKEN_BACK}'"
        again = f"ON CONFLICT (number) {in_place(*rows[0])} WHERE EXISTS (SELECT FROM cases WHERE {gone})"
        insert_all(tx, self.table, rows, again)
        summaries.keep_all(tx, self.listed, [(case.id, summaries.of_permit(content)) for case, content, *_ in granted])

    def content(self, step: ConnectedStep) -> Mapping[str, Any]:
        """What the document of the permit that lives in the step's case says now."""
        query = select(self.table.c.content).where(self.table.c.case_id == step.case.id)
        content: Mapping[str, Any] = step.tx.execute(query).scalar_one()
        return content

    def order_anew(self, step: ConnectedStep, kind: str, **more: Any) -> None:
        """Reissue the document with what the permit says now; `kind` says why (see `issues.KINDS`)."""
        order(step, kind, {**self.content(step), **more})

    def amend(self, step: ConnectedStep, kind: str, content: Mapping[str, Any]) -> None:
        """The permit says `content` from now on; `kind` says why. One that has ended says that too."""
        self.store(step, content)
        order(step, kind, {**content, **end_of(step.case)})

    def store(self, step: ConnectedStep, content: Mapping[str, Any]) -> None:
        """The permit says `content` from now on."""
        step.tx.execute(update(self.table).where(self.table.c.case_id == step.case.id).values(content=content))
        summaries.keep(step.tx, self.listed, step.case.id, summaries.of_permit(content))

    def asking(self, *facts: Fact[Any], **beside: str) -> Statement:
        """What `read` asks: of the data of the case these facts, and beside them what these expressions say of
        `permit`, the row of the register."""
        names = [END.name, CANCELLED_ON.name, *(fact.name for fact in facts)]
        asked = ", ".join(f"'{name}', cases.data -> '{name}'" for name in names)
        until = "permit.valid_until" if "valid_until" in self.table.c else "CAST(NULL AS date)"
        more = "".join(f", {expression} AS {name}" for name, expression in beside.items())
        return Statement(
            f"{self.table.name}_read",
            f"SELECT permit.number, permit.content, permit.granted_on, {until} AS valid_until, cases.state,"
            f" cases.office, json_build_object({asked}) AS data, {HISTORY} AS issues{more}"
            f" FROM {self.table.name} AS permit JOIN cases ON cases.id = permit.case_id"
            " WHERE permit.number = ANY (CAST(:numbers AS text[]))"
            f" AND cases.state <> '{TAKEN_BACK}'",
        )

    def read(
        self, tx: Connection, asking: Statement, numbers: Iterable[str], more: Callable[[Any], Mapping[str, Any]]
    ) -> dict[str, dict[str, Any]]:
        """The permits with these numbers, in any spelling, by number, as anybody may read them: in force without a gap
        from the day they were granted, if `more` says nothing else of the row that was read. One statement however many
        they are."""
        rows = asking(tx, numbers=[*{as_numbered(number) for number in numbers}])
        return {row.number: self._public(row, more(row)) for row in rows}

    def _public(self, row: Any, more: Mapping[str, Any]) -> dict[str, Any]:
        end = END.of(row.data)
        last = last_day(end) if end else None
        until = last or row.valid_until
        covers = {"from": row.granted_on, **({"until": until} if until else {})}
        found = {
            **row.content,
            **_issuer(row),
            "status": self.status(row.state),
            "since": add_days(last, 1) if last else row.granted_on,
            "covers": [covers] if last is None or row.granted_on <= last else [],
            "ended": end and end.stored(),
            "cancelled_on": CANCELLED_ON.of(row.data),
            **more,
            "issues": told(row.issues),
        }
        return {key: value for key, value in found.items() if value is not None}

    def status(self, state: str) -> str:
        """What a permit is, by the state of its case."""
        return self.in_force if state in self.live else state

    def status_on(self, day: date) -> ColumnElement[str]:
        """What a permit was on a day, as the register knows it today: an end that was restored counts as none."""
        end, on = cases.c.data[END.name], day.isoformat()
        # A term ends when its last day is over; whatever else ends a permit takes effect on its day.
        ended = func.coalesce(
            or_(end["on"].astext < on, and_(end["on"].astext == on, end["ground"].astext != "EXPIRED")), False
        )
        closed = or_(cases.c.data[CANCELLED_ON.name].astext <= on, end["ground"].astext == "CANCELLED")
        return case(
            (and_(~ended, self._had_a_term(day)), self.in_force),
            (~ended, "expired"),
            (closed, "cancelled"),
            *((end["ground"].astext == ground, state) for ground, state in self.ends.items()),
            else_="cancelled",
        )

    def _had_a_term(self, day: date) -> ColumnElement[bool]:
        if self.terms is not None:
            term = self.terms.c
            return (
                select(term.licence).where(term.licence == self.table.c.number, term.begins <= day, term.ends >= day)
            ).exists()
        if "valid_until" in self.table.c:
            return func.coalesce(self.table.c.valid_until >= day, True)
        return true()

    def list(
        self, tx: Connection, asked: Mapping[str, Any], limit: int
    ) -> tuple[list[dict[str, Any]], list[Any] | None]:
        """A page of the register as it is, or was `on` a day that is asked, newest application first, or of one holder
        what ends first, or of the search results; and the cursor of its end if there is more."""
        if asked.get("sort") == ENDING_FIRST:
            rows = tx.execute(self.ending_first(asked).limit(limit + 1)).all()
            more, rows = len(rows) > limit, rows[:limit]
            cursor = [ENDING_FIRST, rows[-1].valid_until or NO_END, rows[-1].id] if more else None
        else:
            rows, cursor = newest_first(tx, self._listed(asked), self.table.c.case_id, self.listed, asked, limit)
        return [
            {
                "number": row.number,
                "case": row.case_number,
                "status": row.status,
                **({"valid_until": row.valid_until} if row.valid_until else {}),
                **({"ended": row.ended} if row.ended and row.status != self.in_force else {}),
                **row.shown,
            }
            for row in rows
        ], cursor

    def ending_first(self, asked: Mapping[str, Any]) -> Select[Any]:
        """What is asked of the permits of one holder, from where the cursor says, in the order of their ends."""
        found, key, until = self._listed(asked), self.table.c.case_id, self.table.c.get("valid_until")
        if until is None:
            order: list[ColumnElement[Any]] = [key]
        else:
            order = [func.coalesce(until, NO_END) if until.nullable else until, key]
        if "cursor" in asked:
            found = found.where(tuple_(*order) > tuple_(*asked["cursor"][-len(order) :]))
        return found.order_by(*order)

    def _listed(self, asked: Mapping[str, Any]) -> Select[Any]:
        """What lists show of the permits that are asked for."""
        key, shown = self.table.c.case_id, self.listed.c
        if "on" in asked:
            status, granted = self.status_on(asked["on"]), self.table.c.granted_on <= asked["on"]
        else:
            status, granted = case((cases.c.state.in_(self.live), self.in_force), else_=cases.c.state), true()
        end = cases.c.data[END.name].label("ended")
        found = self._kept(key.label("id"), shown.shown, status.label("status"), end).join(self.listed, shown.id == key)
        found = found.where(granted)
        if "status" in asked:
            now = cases.c.state.in_(self.live if asked["status"] == self.in_force else [asked["status"]])
            found = found.where(status == asked["status"] if "on" in asked else now)
        if "holder" in asked:
            found = found.where(func.party(self.table.c.holder) == party(asked["holder"]))
        return found

    def _kept(self, *more: Any) -> Select[Any]:
        term = self.table.c.get("valid_until", null()).label("valid_until")
        kept = select(self.table.c.number, cases.c.number.label("case_number"), term, cases.c.state, *more)
        kept = kept.join_from(self.table, cases, cases.c.id == self.table.c.case_id)
        return kept.where(cases.c.state != TAKEN_BACK)
