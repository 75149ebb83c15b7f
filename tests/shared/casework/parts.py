"""Cases moved through the engine itself, without HTTP."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import text

from services.licensing.procedure import PROCEDURE as LICENSING
from services.type_approval.procedure import PROCEDURE as TYPE_APPROVAL
from shared.casework import Case, Cause, apply, create
from shared.identity import SYSTEM
from shared.law import load
from shared.testing import DOERS, WAYS, content_of, credit_code, licence_form, people, type_approval_form

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy import Connection

    from shared.identity import Actor

NOW = datetime(2013, 9, 17, 1, 0, tzinfo=UTC)
RULES = load("jilin-2013")
PROCEDURES = {"type_approval": TYPE_APPROVAL, "licensing": LICENSING}
FORMS = {"type_approval": type_approval_form, "licensing": licence_form}


class Desk:
    """One case of a new maker inside one transaction, and the people who act on it."""

    def __init__(self, tx: Connection, service: str = "type_approval", code: str | None = None, **form: Any) -> None:
        self.tx, self.procedure = tx, PROCEDURES[service]
        self.code = code or credit_code()
        self.people: dict[str, Actor] = {**people(self.code), "system": SYSTEM}
        self.form = FORMS[service](self.code, **form)
        self.case: Case = create(tx, self.procedure, self.people["applicant"], NOW, self.form)

    def attempt(
        self,
        action: str,
        who: str | None = None,
        *,
        versions: Collection[int] | None = None,
        now: datetime = NOW,
        **changes: Any,
    ) -> Case:
        """Do the action with right content, changed by `changes`. Raises Problem."""
        return apply(
            self.tx,
            self.procedure,
            self.case.id,
            action,
            {**content_of(action, self.form), **changes},
            actor=self.people[who or DOERS[action]],
            now=now,
            rules=RULES,
            cause=Cause("correlation", "cause"),
            versions=versions,
        )

    def do(self, *actions: str, **changes: Any) -> Case:
        for action in actions:
            self.case = self.attempt(action, **changes)
        return self.case

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.tx.execute(text(query), {"id": self.case.id, **parameters})]

    def outbox(self) -> list[dict[str, Any]]:
        """The events of the case that wait to be published, in order."""
        return [
            row[0]
            for row in self.rows("SELECT body::jsonb FROM outbox WHERE body::jsonb ->> 'caseid' = :id ORDER BY id")
        ]

    def approve(self, status: str = "in_force") -> None:
        """Let licensing know of a type approval of the same maker that covers the form."""
        certificate = f"2013F{self.code[-6:]}-22" if status == "in_force" else None
        lines = self.form["lines"]
        statement = (
            "INSERT INTO type_approvals (case_id, application, holder, status, certificate, lines)"
            " VALUES (gen_random_uuid(), 'TA-' || :holder, :holder, :status, :certificate, CAST(:lines AS jsonb))"
        )
        self.tx.execute(
            text(statement),
            {"holder": self.code, "status": status, "certificate": certificate, "lines": orjson.dumps(lines).decode()},
        )


def renewing(tx: Connection) -> Desk:
    """The draft of a renewal; its licence has been delivered."""
    first = Desk(tx, "licensing")
    first.approve()
    first.do(*WAYS["licensing"])
    return Desk(tx, "licensing", first.code, kind="renewal", renews=first.case.data["licence"])
