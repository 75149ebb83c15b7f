"""Documents of a case: which it needs, which it has, and what may be done to them.

Who sends a document has it to themselves until they file it: the applicant with the submission, a supplement or a
correction, the office with the report that rests on it, a laboratory at once. From then on it is part of the case and
stays: what is sent later is another version beside it. Each change is an entry of the case's journal with the SHA-256
of the content, so that the journal binds the case to what was sent.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, text, update

from shared.casework.engine import law_of, note
from shared.identity import Role
from shared.messaging.envelope import new_id
from shared.permits.facts import LODGED_ON, RECEIVED_ON, SUPPLEMENTED_ON
from shared.problems import Problem, Violation
from shared.runtime.time import legal_date
from shared.schemas import invalid
from shared.text import Text
from shared.uploads.models import upload_reads, uploads

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy import Connection

    from shared.casework import Case, ConnectedStep, Step
    from shared.identity import Actor
    from shared.law import DocumentKind, RuleSet

MAX_OF_CASE = 100
"""Versions of all documents of a case."""
MAX_BYTES_OF_CASE = 500 << 20
"""Of all of them together."""
OPEN = frozenset({"draft", "supplement"})
"""States in which the applicant may send documents: what the office examines stays as it is."""
WAITING, CLEAN, INFECTED = "waiting", "clean", "infected"
"""What is known of a content where there is a scanner."""
FOUND_INFECTED = "document.infected"
"""Told of a document of a case once the scanner has found malware in it."""
ACTS = {
    FOUND_INFECTED: Text("材料查出病毒", "Malware found in a document"),
    "add_document": Text("上传材料", "Upload a document"),
    "replace_document": Text("更换材料", "Replace a document"),
    "remove_document": Text("撤下材料", "Remove a document"),
}
"""What journals call the changes."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One version of a document. The fields are the columns of `models.uploads`."""

    id: str
    case_id: str
    kind: str
    name: str
    media: str
    size: int
    sha256: str
    added_at: datetime
    added_by: str
    replaces: str | None
    filed_at: datetime | None
    removed_at: datetime | None
    scan: str | None


@dataclass(frozen=True, slots=True)
class Documents:
    """The documents of a case that one person may see, and the law that says who that is."""

    case: Case
    rules: RuleSet
    versions: tuple[Upload, ...]
    """In the order they were added."""
    there: frozenset[str]
    """The kinds of which there is a document, also where this person may not read it."""

    @property
    def current(self) -> list[Upload]:
        """The newest version of each."""
        replaced = {one.replaces for one in self.versions}
        return [one for one in self.versions if one.id not in replaced]

    def get(self, upload_id: str) -> Upload:
        """Raises Problem; who may not see it is told the same as if there were none."""
        for one in self.versions:
            if one.id == upload_id:
                return one
        raise Problem(
            "not_found",
            Text(
                f"本案没有材料{upload_id}，或者您无权查看",
                f"there is no document {upload_id} in the case, or it is not yours to see",
            ),
        )


def documents_of(tx: Connection, case: Case, actor: Actor, rules: RuleSet) -> Documents:
    """What `actor`, who may see the case, sees of its documents."""
    law = law_of(case, rules)
    query = select(uploads).where(uploads.c.case_id == case.id, uploads.c.removed_at.is_(None))
    found = [Upload(**row._asdict()) for row in tx.execute(query.order_by(uploads.c.added_at, uploads.c.id))]
    found = [one for one in found if one.filed_at or _sender(law, one.kind) is side_of(actor)]
    there = frozenset(one.kind for one in found)
    if actor.role is not Role.APPLICANT:
        found = [one for one in found if _reads(actor, law, case, one)]
    return Documents(case, law, tuple(found), there)


def documents(step: ConnectedStep) -> Documents:
    """What whoever does the step sees of the documents of its case."""
    return documents_of(step.tx, step.case, step.actor, step.rules)


def _reads(actor: Actor, law: RuleSet, case: Case, one: Upload) -> bool:
    day = legal_date(one.added_at)
    readers = next(
        (row.readers for row in law.documents if row.id == one.kind and case.procedure in row.procedures
         and row.in_force(day)),
        ("staff",),
    )  # fmt: skip
    return any(actor.may(reader) for reader in readers)


def reads_kind(actor: Actor, kind: DocumentKind) -> bool:
    """Whether documents of that kind are this person's business: the applicant's all are."""
    return actor.role is Role.APPLICANT or any(actor.may(reader) for reader in kind.readers)


def kinds_of(
    case: Case,
    rules: RuleSet,
    today: date,
    application: str,
    sender: Role = Role.APPLICANT,
    asked: Collection[str] = (),
) -> Sequence[DocumentKind]:
    """The kinds of documents that belong to the case as things stand, and that this side sends: of those that do not
    come with the application, the ones that are `asked` for."""
    known = law_of(case, rules).documents_on(case.procedure, today, application)  # type: ignore[arg-type]
    return [row for row in known if row.sender == sender and (not row.later or row.id in asked)]


def sender_of(case: Case, rules: RuleSet, kind: str) -> Role:
    """Who sends documents of that kind."""
    return _sender(law_of(case, rules), kind)


def side_of(actor: Actor) -> Role:
    """The side for which this person sends documents: experts assess for the office."""
    return Role.STAFF if actor.role is Role.EXPERT else actor.role


def _sender(law: RuleSet, kind: str) -> Role:
    return Role(next((row.sender for row in law.documents if row.id == kind), Role.APPLICANT))


def day_of(case: Case, today: date) -> date:
    """The day whose law says what belongs to the case: while documents are sent, today; then, when they were."""
    sent = next((case[fact] for fact in (SUPPLEMENTED_ON, RECEIVED_ON, LODGED_ON) if fact in case), None)
    return today if case.state in OPEN or sent is None else sent


def with_documents(step: Step, held: Documents, read: Callable[[], dict[str, Any]], application: str) -> dict[str, Any]:
    """The form that `read` reads. Raises Problem with all of its faults and the documents that are lacking among those
    `held`, at once."""
    missing = lacking(step, held, application)
    try:
        form = read()
    except Problem as problem:
        raise invalid([*problem.violations, *missing]) if problem.violations else problem from None
    if missing:
        raise invalid(missing)
    return form


def lacking(step: Step, held: Documents, application: str) -> list[Violation]:
    """What stands in the way of a submission: required documents that are not there, and infected ones."""
    required = [row for row in kinds_of(step.case, step.rules, step.today, application) if row.required]
    found = [
        Violation(f"documents.{row.id}", "missing", Text(f"须上传{row.name.zh}", f"upload the {row.name.en}"))
        for row in required
        if row.id not in held.there
    ]
    return found + [
        Violation(f"documents.{one.kind}", INFECTED, Text(f"请撤下“{one.name}”", f"remove or replace {one.name}"))
        for one in held.current
        if one.scan == INFECTED
    ]


def file(step: ConnectedStep) -> None:
    """The documents that the side of the step has sent become part of the case, as they are now."""
    if unfiled := [one.id for one in documents(step).current if one.filed_at is None]:
        step.tx.execute(update(uploads).where(uploads.c.id.in_(unfiled)).values(filed_at=step.now))


def may_change(case: Case, sender: Role = Role.APPLICANT, states: Collection[str] = OPEN) -> None:
    """Raises Problem unless the case is in one of the `states` in which that side sends documents."""
    if case.state not in states:
        raise Problem(
            "wrong_state",
            Text(
                "收到样机之后方可上传样机照片", f"photographs are of prototypes that were received; it is {case.state}"
            )
            if sender is Role.LAB
            else Text(
                "材料随草稿或者补正提交，现在不能更改：已提交的保留",
                f"documents are sent with a draft or a supplement; the case is {case.state}: what was submitted stays",
            ),
            extra={"state": case.state},
        )


def add(
    tx: Connection,
    held: Documents,
    new: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
    replacing: str | None,
    states: Collection[str] = OPEN,
) -> tuple[Upload, bool]:
    """Add a document of a case that is locked, or a version in place of the one called `replacing`; and whether it is
    new. `new` is its kind, name, media, size, sha256 and scan. What is there already is not added again. What a
    laboratory adds, or what is put in the place of a part of the case that was infected, is filed at once.

    Raises Problem.
    """
    may_change(held.case, actor.role, states)
    old = None
    if replacing:
        old = held.get(replacing)
        if old not in held.current:
            raise Problem(
                "stale", Text("该版本已被更换：请更换最新的", "this version was replaced meanwhile: replace the newest")
            )
    for one in [old] if old else held.current:
        if (one.sha256, one.kind) == (new["sha256"], new["kind"]):
            return one, False
    if len(held.versions) >= MAX_OF_CASE or sum(one.size for one in held.versions) + new["size"] > MAX_BYTES_OF_CASE:
        most = f"{MAX_BYTES_OF_CASE >> 20} MiB"
        reason = Text(
            f"最多{MAX_OF_CASE}份、共{most}（含各版本）", f"a case holds {MAX_OF_CASE} versions of {most} together"
        )
        raise invalid([Violation("content", "too_many", reason)])
    made = Upload(
        **new,
        id=new_id(),
        case_id=held.case.id,
        added_at=now,
        added_by=actor.name,
        replaces=replacing,
        filed_at=now if actor.role is Role.LAB or (old and old.filed_at and is_infected(old)) else None,
        removed_at=None,
    )
    tx.execute(insert(uploads).values({name: getattr(made, name) for name in Upload.__slots__}))
    act = "replace_document" if replacing else "add_document"
    note(tx, held.case, act, told(made), actor=actor, now=now)
    return made, True


def remove(
    tx: Connection,
    held: Documents,
    upload_id: str,
    *,
    actor: Actor,
    now: datetime,
    states: Collection[str] = OPEN,
) -> None:
    """Take a document back, with every version of it that is not filed. Raises Problem."""
    may_change(held.case, actor.role, states)
    one: Upload | None = held.get(upload_id)
    if one not in held.current:
        raise Problem(
            "stale", Text("该版本已被更换：请撤下最新的", "this version was replaced meanwhile: remove the newest")
        )
    assert one is not None  # noqa: S101 - `get` found it
    if one.filed_at:
        raise Problem(
            "wrong_state",
            Text("已归入案卷，不能撤下：请更换", "it is part of the case and stays: replace it"),
            extra={"state": "filed"},
        )
    case, versions = held.case, {each.id: each for each in held.versions}
    while one and not one.filed_at:
        tx.execute(update(uploads).where(uploads.c.id == one.id).values(removed_at=now))
        case = note(tx, case, "remove_document", told(one), actor=actor, now=now)
        one = versions.get(one.replaces) if one.replaces else None


def in_hand(tx: Connection, sha256: str, *, wait: bool) -> bool:
    """Keep others from putting or deleting this content until the transaction ends; False where somebody else does, if
    this does not `wait` for them."""
    if wait:
        tx.execute(_HOLD, {"sha256": sha256})
        return True
    return bool(tx.execute(_TRY, {"sha256": sha256}).scalar_one())


_KEY = "hashtextextended('content ' || :sha256, 0)"
_HOLD = text(f"SELECT pg_advisory_xact_lock({_KEY})")
_TRY = text(f"SELECT pg_try_advisory_xact_lock({_KEY})")


def is_infected(one: Upload | None) -> bool:
    """Whether it is to be replaced, whatever state the case is in."""
    return one is not None and one.scan == INFECTED


def told(one: Upload) -> dict[str, Any]:
    """What the journal has of a version."""
    told = {"document": one.id, "kind": one.kind, "name": one.name, "size": one.size, "sha256": one.sha256}
    return {**told, "replaces": one.replaces} if one.replaces else told


def refuse_trial(dry_run: bool) -> None:
    """Raises Problem for a dry run: what is read is recorded."""
    if dry_run:
        raise Problem("malformed", "dry_run: reading is recorded and cannot be tried out; omit dry_run")


def record_read(tx: Connection, one: Upload, *, actor: Actor, now: datetime, correlation_id: str) -> None:
    """Keep who was given the content, and when."""
    who = {"subject": actor.subject, "name": actor.name, "role": str(actor.role)}
    tx.execute(insert(upload_reads).values(upload_id=one.id, at=now, correlation_id=correlation_id, **who))


def reads_of(tx: Connection, held: Documents) -> list[dict[str, Any]]:
    """Who was given which of these documents, and when."""
    query = select(upload_reads).where(upload_reads.c.upload_id.in_([one.id for one in held.versions]))
    return [
        {"document": row.upload_id, "at": row.at, "name": row.name, "role": row.role}
        for row in tx.execute(query.order_by(upload_reads.c.id))
    ]
