"""What anybody may read of a log: its newest checkpoint, and the proof that a permit's document is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from shared.anchors.log import newest, proof
from shared.anchors.schemas import Proof
from shared.documents.models import issues
from shared.documents.schemas import IssueQuery
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.text import as_numbered

if TYPE_CHECKING:
    from shared.documents.issues import Permits

_ASK_AGAIN = {"Cache-Control": "no-cache"}


def log_routes(permits: Permits) -> list[Route]:
    """The routes of the log in which the permits of this kind are."""
    return [
        Route(
            "GET",
            f"{permits.path}/log/checkpoint",
            _checkpoint,
            PUBLIC,
            "Fetch the newest checkpoint of the log 日志检查点",
            media="text/plain",
            about="In the form of C2SP tlog-checkpoint, signed with the key that signs documents. Keep some: they show"
            " whether the log was changed since (`quanheng journal verify --checkpoint`).",
        ),
        Route(
            "GET",
            f"{permits.path}/<number>/proof",
            _proof,
            PUBLIC,
            "Fetch the proof that a document is in the log 存证证明",
            asks=IssueQuery,
            gives=Proof,
        ),
    ]


def _checkpoint(call: Call) -> Reply:
    with call.store.reading() as tx:
        note = newest(tx)
    return Reply(note, headers={"Content-Type": "text/plain; charset=utf-8", **_ASK_AGAIN})


def _proof(call: Call) -> Reply:
    number, issue = as_numbered(call.params["number"]), call.asked.get("issue")
    with call.store.reading() as tx:
        if issue is None:
            made = select(func.max(issues.c.issue)).where(issues.c.number == number, issues.c.made_at.is_not(None))
            issue = tx.execute(made).scalar() or 1
        return Reply(proof(tx, f"{number}/{issue}"), headers=_ASK_AGAIN)
