"""Review of the technical documents by the laboratory 技术资料审查: a verdict on each (JJF 1015, 5.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services.type_approval.evaluation.facts import DOCUMENT_REVIEWS, KeptVerdict
from services.type_approval.evaluation.schemas import (
    NOT_CONFORM,
    SAID_OF_DOCUMENTS,
    DocumentReview,
)
from services.type_approval.intake.rules import application
from shared.casework.procedure import Effect, Informed, Transition
from shared.casework.undoing import way_back
from shared.identity import Role
from shared.problems import Violation
from shared.text import Text, in_each
from shared.uploads import filing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from shared.casework import Case, ConnectedStep, Step
    from shared.law import DocumentKind, RuleSet

_STATES = ("samples_received", "evaluating")
"""Once samples and documents have come, until the report is drawn up."""


def _given(case: Case) -> dict[str, KeptVerdict]:
    """The last verdict on each document."""
    return {one.document: one for one in case.get(DOCUMENT_REVIEWS, ())}


def _reviewed(held: filing.Documents) -> dict[str, KeptVerdict]:
    """The verdicts that are on the documents as they are now, not on versions that others have taken the place of."""
    versions = _versions(held)
    return {kind: one for kind, one in _given(held.case).items() if _is_of(one, versions.get(kind, []))}


def _is_of(verdict: KeptVerdict, versions: list[str]) -> bool:
    return verdict.versions is None or [*verdict.versions] == versions


def _versions(held: filing.Documents) -> dict[str, list[str]]:
    """The SHA-256 of the newest versions of the documents that are part of the application, by kind."""
    found: dict[str, list[str]] = {}
    for one in held.current:
        found.setdefault(one.kind, []).append(one.sha256)
    return {kind: sorted(each) for kind, each in found.items()}


def _kinds(case: Case, rules: RuleSet, today: date) -> dict[str, DocumentKind]:
    """The documents that belong to the application, on paper or not, and that laboratories read."""
    kinds = filing.kinds_of(case, rules, filing.day_of(case, today), application(case.form))
    return {row.id: row for row in kinds if Role.LAB in row.readers}


def may_review(step: Step, held: filing.Documents) -> Sequence[Violation]:
    """They are documents of the application that have no verdict yet."""
    kinds, done, found = _kinds(step.case, step.rules, step.today), _reviewed(held), []
    for place, one in enumerate(step.body["documents"]):
        path, codes = f"documents.{place}.document", ", ".join(kinds)
        if one["document"] not in kinds:
            reason = Text(f"本案的技术资料为{codes}", f"the technical documents of the case are {codes}")
            found.append(Violation(path, "unknown_document", reason))
        elif one["document"] in done:
            reason = Text(
                "已有审查结论：请变更并说明理由（change_document_review）",
                "it has a verdict: change that (change_document_review), and say why",
            )
            found.append(Violation(path, "reviewed_already", reason))
    return found


def may_change(step: Step) -> Sequence[Violation]:
    """They are documents that have a verdict."""
    done = _given(step.case)
    codes = ", ".join(done)
    reason = Text(f"尚无审查结论；已审查的为{codes}", f"it has no verdict yet; those reviewed are {codes}")
    return [
        Violation(f"documents.{place}.document", "not_reviewed", reason)
        for place, one in enumerate(step.body["documents"])
        if one["document"] not in done
    ]


def finds_fault(step: Step) -> bool:
    return any(one["verdict"] == NOT_CONFORM for one in step.body["documents"])


def review(step: ConnectedStep) -> Effect:
    kinds, done = _kinds(step.case, step.rules, step.today), _given(step.case)
    versions = _versions(filing.documents(step))
    given: dict[str, KeptVerdict] = {}
    for one in step.raw["documents"]:
        document = one["document"]
        row = kinds.get(document)
        name = row.name._asdict() if row else done[document].name
        given[document] = KeptVerdict(
            **KeptVerdict.given(one),
            name=name,
            versions=tuple(versions.get(document, ())),
            by=step.actor.name,
            on=step.today,
        )
    reviews = DOCUMENT_REVIEWS.set(tuple({**done, **given}.values()))
    return Effect(data=reviews, event=in_each("items", _told(given.values())))


def change(step: ConnectedStep) -> Effect:
    changed = review(step)
    return Effect(data=changed.data, event={**changed.event, "reason": step.reason})


def _told(given: Iterable[KeptVerdict]) -> list[Text]:
    found = []
    for one in given:
        said, zh, en = SAID_OF_DOCUMENTS[one.verdict], one.name["zh"], one.name["en"]
        remark = Text(f"（{one.remark}）", f" ({one.remark})") if one.remark else Text("", "")
        found.append(Text(f"{zh}：{said.zh}{remark.zh}", f"{en}: {said.en}{remark.en}"))
    return found


def corrected(case: Case) -> frozenset[str]:
    """The documents that the applicant may send again: those found faulty, while the evaluation lasts."""
    if case.state not in _STATES:
        return frozenset()
    return frozenset(one.document for one in case.get(DOCUMENT_REVIEWS, ()) if one.verdict == NOT_CONFORM)


def may_correct(_step: Step, held: filing.Documents) -> Sequence[Violation]:
    """There is a new version of a document that was found faulty."""
    if any(one.filed_at is None for one in held.current):
        return []
    reason = Text("没有新版本：请先上传更正的资料", "there is no new version: upload the corrected documents first")
    return [Violation("documents", "unchanged", reason)]


def correct(step: ConnectedStep) -> Effect:
    """The new versions are part of the application from now on; those before stay readable."""
    sent = [one for one in filing.documents(step).current if one.filed_at is None]
    names = {row.id: row.name for row in step.rules.documents}
    told = [Text(f"{names[one.kind].zh}：{one.name}", f"{names[one.kind].en}: {one.name}") for one in sent]
    filing.file(step)
    noted = [{"kind": one.kind, "name": one.name, "sha256": one.sha256} for one in sent]
    return Effect(noted={"documents": noted}, event=in_each("items", told))


def faulty(case: Case) -> list[Text]:
    """The documents that do not conform."""
    return [
        Text(f"{one.name['zh']}（{one.remark}）", f"{one.name['en']} ({one.remark})")
        for one in case.get(DOCUMENT_REVIEWS, ())
        if one.verdict == NOT_CONFORM
    ]


def unreviewed(held: filing.Documents, rules: RuleSet, today: date) -> list[DocumentKind]:
    """The documents without a verdict of those that an application consists of: what it must have, or has online though
    paper would do. What the applicant adds of their own accord may go without."""
    done, kinds = _reviewed(held), _kinds(held.case, rules, today)
    parts = {row.id for row in rules.documents if row.required}
    return [
        row
        for row in kinds.values()
        if row.id in parts and (row.required or row.id in held.there) and row.id not in done
    ]


def lacking(held: filing.Documents, rules: RuleSet, today: date) -> list[DocumentKind]:
    """What is still to be reviewed, while that may be done."""
    return unreviewed(held, rules, today) if held.case.state in _STATES else []


def to_be_reviewed(step: Step, held: filing.Documents) -> list[Violation]:
    return [
        Violation(
            f"documents.{row.id}",
            "not_reviewed",
            Text(
                f"{row.name.zh}的现行版本尚无审查结论：请先审查",
                f"the {row.name.en} as it is now has no verdict yet: review it first",
            ),
        )
        for row in unreviewed(held, step.rules, step.today)
    ]


def transitions() -> list[Transition]:
    return [
        *(
            Transition(
                action="review_documents",
                source=state,
                target=state,
                by="lab",
                name=Text("审查技术资料", "Review the technical documents"),
                body=DocumentReview,
                when=when,
                guard=Informed(filing.documents, may_review),
                effect=review,
                emits=emits,
            )
            for state in _STATES
            for when, emits in ((finds_fault, "documents.faulted"), (None, "documents.reviewed"))
        ),
        *(
            Transition(
                action="correct_documents",
                source=state,
                target=state,
                by="applicant",
                name=Text("提交更正的技术资料", "Submit corrected technical documents"),
                applies=lambda case: bool(corrected(case)),
                guard=Informed(filing.documents, may_correct),
                effect=correct,
                emits="documents.corrected",
                stands=Text(
                    "提交的各版本留存，可再次更正", "What was submitted stays; another version can take its place"
                ),
            )
            for state in _STATES
        ),
        *way_back(
            "change_document_review",
            [(state, state) for state in _STATES],
            Text("变更技术资料审查结论", "Change the verdict on technical documents"),
            emits="documents.review_changed",
            by="lab",
            body=DocumentReview,
            applies=lambda case: bool(case.get(DOCUMENT_REVIEWS)),
            guard=may_change,
            effect=change,
            undoes=("review_documents", "change_document_review"),
        ),
    ]
