"""What anybody may read of a log: its newest checkpoint, and proofs that it only grew and that documents are in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

from shared.anchors.log import growth, newest, proof
from shared.anchors.schemas import Growth, GrowthQuery, Proof
from shared.documents.models import issues
from shared.documents.schemas import IssueQuery
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.problems import Problem
from shared.text import Text, as_numbered

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
            Text("日志检查点", "Fetch the newest checkpoint of the log"),
            media="text/plain",
            about="In the form of C2SP tlog-checkpoint, signed with the office's key for checkpoints. Kept ones show"
            " whether the log was changed since (`quanheng journal verify --checkpoint`).",
        ),
        Route(
            "GET",
            f"{permits.path}/log/consistency",
            _growth,
            PUBLIC,
            Text("日志一致性证明", "Fetch the proof that the log only grew"),
            asks=GrowthQuery,
            gives=Growth,
            problems=("not_found",),
            about="From the size of a checkpoint that you kept to that of a later one. `quanheng log` checks it.",
        ),
        Route(
            "GET",
            f"{permits.path}/<number>/proof",
            _proof,
            PUBLIC,
            Text("存证证明", "Fetch the proof that a document is in the log"),
            asks=IssueQuery,
            gives=Proof,
        ),
    ]


def _checkpoint(call: Call) -> Reply:
    with call.store.reading() as tx:
        note = newest(tx)
    return Reply(note, headers={"Content-Type": "text/plain; charset=utf-8", **_ASK_AGAIN})


def _growth(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(growth(tx, call.asked["since"], call.asked.get("until")), headers=_ASK_AGAIN)


def _proof(call: Call) -> Reply:
    number, issue = as_numbered(call.params["number"]), call.asked.get("issue")
    # Of notices nobody is told without their code, not even that there is one.
    wanted = [issues.c.number == number, issues.c.notice.is_(None), issues.c.made_at.is_not(None)]
    if issue is not None:
        wanted.append(issues.c.issue == issue)
    with call.store.reading() as tx:
        found = tx.execute(select(func.max(issues.c.issue)).where(*wanted)).scalar()
        if found is None:
            which = Text(f"第{issue}次签发", f", issue {issue}") if issue is not None else Text("", "")
            raise Problem(
                "not_found",
                Text(
                    f"没有编号为{number}{which.zh}的证书或许可证，或正在制作",
                    f"there is no document with the number {number}{which.en}, or it is being made",
                ),
            )
        return Reply(proof(tx, f"{number}/{found}"), headers=_ASK_AGAIN)
