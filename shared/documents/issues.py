"""Issues: each version of a certificate or licence, and each notice, ordered by the step that it tells of and made soon
after (see `press`)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import func, insert, select

from shared.casework.models import cases
from shared.documents.facts import NOTICES
from shared.documents.metadata import metadata
from shared.documents.models import issues
from shared.problems import Problem, Violation
from shared.sql import Statement
from shared.text import Text, as_numbered, comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import ColumnElement, Connection

    from shared.casework import ConnectedStep, Procedure

PERMIT_SCHEMA, NOTICE_SCHEMA = "quanheng-permit/2", "quanheng-notice/1"
"""The kinds of documents, as their data name them."""
FIRST_PERMIT_SCHEMA = "quanheng-permit/1"
"""Of what was ordered before documents of permits had metadata; its content does not name it."""
PERMIT_SCHEMAS = frozenset({FIRST_PERMIT_SCHEMA, PERMIT_SCHEMA})
KINDS = {
    "granted": Text("准予许可", "granted"),
    "declared": Text("声明公示", "declared"),
    "renewed": Text("准予延续", "renewed"),
    "ended": Text("终止", "ended"),
    "cancelled": Text("注销登记", "cancelled in the register"),
    "restored": Text("恢复有效", "restored"),
    "changed": Text("变更", "changed"),
    "corrected": Text("更正", "corrected"),
}
"""What an issue tells of the permit."""
_FIRST = {"kind": "granted", **KINDS["granted"]._asdict()}
"""What the first issue of a permit is for that was granted before there were issues."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that is taken for a digit."""
_MISREAD = str.maketrans("OIL", "011", "- ")
_CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Permits:
    """The permits that a service grants. `name` is what events and paths call one: `certificate`, `licence`; `called`
    what people do."""

    name: str
    procedure: Procedure
    called: Text

    @property
    def event(self) -> str:
        """Told once a document is made; one of the procedure's notices."""
        return f"{self.name}.issued"

    @property
    def path(self) -> str:
        return f"/v1/{self.name}s"

    def missing(self, number: str) -> Problem:
        """That there is none with this number."""
        zh, en = self.called
        return Problem("not_found", Text(f"没有编号为{number}的{zh}", f"no {en} has the number {number}"))


def order(step: ConnectedStep, kind: str, content: Mapping[str, Any]) -> None:
    """Have the next issue of the permit in `content` made, once the step commits.

    A permit that was entered from a historic register has no document: this office issued none. `kind` is one of KINDS.
    The step holds the case that the permit lives in, so issues are counted without gaps.
    """
    if "register" in content:
        return
    number = content["number"]
    newest = step.tx.execute(select(func.max(issues.c.issue)).where(issues.c.number == number)).scalar()
    occasion, issue = {"kind": kind, **KINDS[kind]._asdict()}, (newest or 0) + 1
    issued = {**content, "schema": PERMIT_SCHEMA, "occasion": occasion, "issued_on": step.today.isoformat()}
    _order(
        step, {**issued, "metadata": metadata(issued, issue, step.procedure.id, step.rules, step.today)}, issue=issue
    )


def order_notice(step: ConnectedStep, content: Mapping[str, Any], kind: str) -> None:
    """Have a notice made, once the step commits: it has one issue."""
    _order(step, content, issue=1, notice=kind)


def _order(step: ConnectedStep, content: Mapping[str, Any], **more: Any) -> None:
    step.tx.execute(
        insert(issues).values(
            number=content["number"],
            case_id=step.case.id,
            code=new_code(),
            content=content,
            decided_at=step.now,
            correlation_id=step.cause.correlation_id,
            causation_id=step.cause.causation_id,
            **more,
        )
    )


def ordered(tx: Connection, correlation_id: str) -> list[tuple[dict[str, Any], int]]:
    """What was ordered in this connection, of which nothing is made yet: the contents, and which issue each is."""
    rows = select(issues.c.content, issues.c.issue).where(issues.c.correlation_id == correlation_id)
    return [(row.content, row.issue) for row in tx.execute(rows.order_by(issues.c.id))]


def new_code() -> str:
    """What tells a document of ours from one that was made up around a true number; no secret."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))


def address(base: str, number: str, code: str, *, notice: bool) -> str:
    """Where anybody asks for the status of a document; what its QR code says."""
    return f"{base}/{'n' if notice else 'p'}/{quote(number)}/{code}"


HISTORY = (
    "(SELECT json_agg(json_build_array(issue, coalesce(content ->> 'issued_on', content ->> 'granted_on'),"
    " content -> 'occasion', sha256) ORDER BY issue) FROM issues WHERE issues.number = permit.number)"
)
"""All issues of a `permit`, as `told` takes them."""


def told(history: Sequence[Sequence[Any]] | None) -> list[dict[str, Any]]:
    """All issues of a permit, oldest first, as anybody may read of them; `sha256` is empty until one is made."""
    return [
        {"issue": issue, "on": on, **(occasion or _FIRST), **({"sha256": sha256} if sha256 else {})}
        for issue, on, occasion, sha256 in history or ()
    ]


def unmade(step: ConnectedStep) -> Sequence[str]:
    """The numbers of the documents of the step's case whose newest issue could not be made. What is being made is there
    in a moment, and nobody waits for it."""
    row, later = issues.c, issues.alias()
    newer = select(later.c.issue).where(later.c.number == row.number, later.c.issue > row.issue).exists()
    failed = select(row.number).where(row.case_id == step.case.id, row.made_at.is_(None), row.error.is_not(None))
    return step.tx.execute(failed.where(~newer).order_by(row.number)).scalars().all()


def not_issued(numbers: Iterable[str]) -> list[Violation]:
    """That documents could not be made: they cannot be in anybody's hands."""
    return [
        Violation(
            "documents",
            "not_issued",
            Text(
                f"{number}的文件未能制成，运维人员已收到告警：制成后再登记送达",
                f"the document of {number} could not be made, which the operators are told: deliver it once it is made",
            ),
        )
        for number in numbers
    ]


def issue_of(tx: Connection, number: str, code: str) -> tuple[str, int]:
    """The permit's number and the issue that has this code, both in any spelling.

    Raises Problem: of an unknown number and of a wrong code the same.
    """
    row = _OF_PERMIT(tx, number=as_numbered(number), code=_written(code)).first()
    if row is None:
        raise _unknown()
    return row.number, row.issue


def notice_of(tx: Connection, number: str, code: str) -> dict[str, Any]:
    """What anybody with the paper may know of the notice with this number and this code, both in any spelling: what it
    is, and whether it stands. Raises Problem, of an unknown number and of a wrong code the same."""
    row = _OF_NOTICE(tx, number=as_numbered(number), code=_written(code)).first()
    if row is None:
        raise _unknown()
    filed = tx.execute(select(cases.c.data[NOTICES.name]).where(cases.c.id == row.case_id)).scalar_one()
    entry = next(entry for entry in NOTICES.read(filed) if entry.number == row.number)
    said = {name: row.content[name] for name in ("number", "printed", "kind", "title", "authority", "issued_on")}
    back = {"taken_back_on": entry.taken_back.on.isoformat()} if entry.taken_back else {}
    return {**said, "sha256": row.sha256, "stands": not back, **back}


_ISSUED = "FROM issues WHERE number = :number AND code = :code AND made_at IS NOT NULL AND"
_OF_PERMIT = Statement("issue_of", f"SELECT number, issue {_ISSUED} notice IS NULL")
_OF_NOTICE = Statement("notice_of", f"SELECT number, case_id::text, content, sha256 {_ISSUED} notice IS NOT NULL")


def _written(code: str) -> str:
    return comparable(code).upper().translate(_MISREAD)


def _unknown() -> Problem:
    return Problem(
        "not_found",
        Text(
            "本机关未签发过具有该编号和核验码的证书：请与纸面核对；纸面确有该编号和核验码的，请向本机关举报",
            "this office has issued no document with this number and this code: compare both with the paper, and "
            "report a paper on which they stand",
        ),
    )


def read_permit(tx: Connection, number: str, issue: int | None, form: str) -> bytes | str:
    """The permit's document in its `issue`, or its newest, as it was made: `form` is `pdf`, `jws` or `json`.

    Raises Problem.
    """
    return _read(tx, number, issue, form, issues.c.notice.is_(None))


def read_notice(tx: Connection, number: str, form: str) -> bytes | str:
    """The notice as it was made. Raises Problem."""
    return _read(tx, number, None, form, issues.c.notice.is_not(None))


def _read(tx: Connection, number: str, issue: int | None, form: str, kind: ColumnElement[bool]) -> bytes | str:
    wanted = [issues.c.number == as_numbered(number), kind]
    if issue is not None:
        wanted.append(issues.c.issue == issue)
    query = (
        select(issues.c[form].label("document"), issues.c.made_at)
        .where(*wanted)
        .order_by(issues.c.issue.desc())
        .limit(1)
    )
    row = tx.execute(query).first()
    if row is None:
        which = Text(f"第{issue}次签发", f", issue {issue}") if issue is not None else Text("", "")
        raise Problem(
            "not_found",
            Text(
                f"没有编号为{number}{which.zh}的证书或许可证",
                f"there is no document with the number {number}{which.en}",
            ),
        )
    if row.made_at is None:
        raise Problem(
            "not_found",
            Text(
                "证书正在制作，约需数秒：请再次查询", "the document is being made, which takes some seconds: ask again"
            ),
        )
    document: bytes | str = row.document
    return document
