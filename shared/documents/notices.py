"""Notices: the written acts of the office, each a numbered document filed in its case.

A row of a procedure names the notice that tells of it; what each kind says is dated data of the law. The step takes the
number and orders the document in its own transaction, and a press makes it like any other document (see `issues`).
Whatever takes back what a notice told is told in writing too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from shared.casework.facts import FORM
from shared.casework.numbering import allocate
from shared.documents.facts import NOTICES, FiledNotice, NoticeService, TakenBack
from shared.documents.issues import NOTICE_SCHEMA, order_notice
from shared.law import LawError
from shared.permits.facts import ACCEPTED, DECISION, DELIVERY
from shared.permits.serving import Served, served_on
from shared.text import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from shared.casework.procedure import ConnectedStep, Effect, Procedure, Step, Transition
    from shared.law.rows import NoticeForm

ISSUED = "notice.issued"
"""Told once a notice's document is made."""
WITHDRAWAL = "withdrawal"
"""The kind that tells what is taken back, where nothing else does."""
_FACT = re.compile(r"\{([a-z_.]+)\}")
_LIMITS = ("intake", "decision", "delivery", "hearing_request", "hearing")
_LANGUAGES = ("zh", "en")
_JOINT = {"zh": "、", "en": ", "}

Block = str | list[str]
"""A paragraph, or a list."""


def of_instrument(line: Mapping[str, Any]) -> str:
    """What a notice says of a line of an application for an instrument."""
    return f"{line['name']}　{line['model']}"


def written(procedure: Procedure, permit: str, line: Callable[[Mapping[str, Any]], str] = of_instrument) -> Procedure:
    """The procedure with the notices that its rows name, and those of what takes them back. `permit` is what its data
    call the permit, `line` what a notice says of a line of the form."""
    wording = _Wording(permit, line)
    rows = tuple(replace(row, effect=_writing(row, wording)) for row in procedure.transitions)
    return replace(procedure, transitions=rows, notices=(*procedure.notices, ISSUED))


class _Wording(NamedTuple):
    """How the notices of a procedure call its permit and the lines of its form."""

    permit: str
    line: Callable[[Mapping[str, Any]], str]


def _writing(row: Transition, wording: _Wording) -> Callable[[ConnectedStep], Effect]:
    def effect(step: ConnectedStep) -> Effect:
        if row.notice is None:
            return _withdrawn(step, row, row.effect(step), wording)
        form = step.rules.notice(row.notice, step.today)
        number = _numbered(step, form)
        return _Notice(step, row, form, number, wording).told_by(row.effect(replace(step, notice=number)))

    return effect


def _withdrawn(step: ConnectedStep, row: Transition, done: Effect, wording: _Wording) -> Effect:
    """A step that has no notice of its own may take others back."""
    if not _undone(step, done, None):
        return done
    form = step.rules.notice(WITHDRAWAL, step.today)
    return _Notice(step, row, form, _numbered(step, form), wording).told_by(done)


def _numbered(step: ConnectedStep, form: NoticeForm) -> str:
    style = step.rules.number_format(f"notice_{step.procedure.id}", step.today)
    agency = step.rules.authority(step.today, step.office).agency
    code = step.rules.first_code(step.office)
    return allocate(step.tx, style, agency=agency, office=code, mark=form.mark, year=step.today.year)


def _undone(step: Step, done: Effect, about: str | None) -> list[FiledNotice]:
    """The notices of which the step takes back, or tells again (`about`), what they told."""
    changed = {name for name, value in done.data.items() if value is None or name == about}
    return [filed for filed in step.case.get(NOTICES, ()) if filed.taken_back is None and filed.about in changed]


@dataclass(frozen=True)
class _Notice:
    """A notice that a step gives."""

    step: ConnectedStep
    row: Transition
    form: NoticeForm
    number: str
    wording: _Wording

    def told_by(self, done: Effect) -> Effect:
        """The step's effect, and that the notice is filed and ordered."""
        step, form, today = self.step, self.form, self.step.today
        undone = _undone(step, done, form.about)
        delivered = self._delivered(done)
        printed = step.rules.number_format(f"notice_{step.procedure.id}", step.today).written(self.number)
        filed = FiledNotice(
            number=self.number,
            printed=printed,
            kind=form.id,
            zh=form.name.zh,
            en=form.name.en,
            on=today,
            about=form.about or None,
            laboratory=(form.laboratory and all(one.laboratory for one in undone)) or None,
            served=self._served(),
        )
        back = TakenBack(on=today, by=self.number)
        kept = [
            replace(
                old,
                taken_back=back if old in undone else old.taken_back,
                served=_delivery(done) if old in delivered else old.served,
            )
            for old in step.case.get(NOTICES, ())
        ]
        if DELIVERY.name in done.data and done.data[DELIVERY.name] is None and DECISION.name not in done.data:
            # As before the delivery was registered.
            kept = [replace(old, served=None) if old.about == DECISION.name else old for old in kept]
        facts = self._facts(done, undone, delivered)
        order_notice(step, self._content(facts, printed, undone), form.id)
        return replace(done, data={**done.data, **NOTICES.set((*kept, filed))})

    def _served(self) -> NoticeService | None:
        """When and how it was served, where the step registers that."""
        if not issubclass(self.row.body, Served):
            return None
        receipt, by = self.step.body.get("receipt") or None, self.step.body.get("served_to") or None
        return NoticeService(on=served_on(self.step), receipt=receipt, received_by=by)

    def _delivered(self, done: Effect) -> list[FiledNotice]:
        """The decisions that the step registers as delivered."""
        if not done.data.get(DELIVERY.name):
            return []
        filed = self.step.case.get(NOTICES, ())
        return [one for one in filed if one.taken_back is None and one.about == DECISION.name]

    def _facts(self, done: Effect, undone: Sequence[FiledNotice], delivered: Sequence[FiledNotice]) -> dict[str, Any]:
        """Everything that a notice may tell: what the case has gathered, and what is found out for it."""
        step, rules, today = self.step, self.step.rules, self.step.today
        data = {name: value for name, value in {**step.case.data, **done.data}.items() if value is not None}
        accepted, form = ACCEPTED.of(data), data[FORM.name]
        limits = {
            name: _budget(rules.limit(name, accepted.on if accepted and name == "decision" else today))
            for name in _LIMITS
        }
        document = data.get(self.wording.permit)
        said: dict[str, Any] = {
            "case": done.number or step.case.number,
            "permit": step.procedure.name,
            "applicant": form["applicant_name"],
            "act": self.row.name,
            "reason": step.reason,
            "document": document,
            "told": done.event,
            "valid_until": done.event.get("valid_until"),
            "lines": [self.wording.line(line) for line in form["lines"]],
            "limits": limits,
            "undone": [_named(one) for one in undone],
            "delivered": [
                *(_named(one) for one in delivered),
                *([(f"许可证件 {document}", f"certificate or licence {document}")] if document else []),
            ],
            "correction": step.reason if any(one.kind == self.form.id for one in undone) else None,
        }
        if (served := self._served()) and served.on < today:
            said["earlier"] = served.stored()
        return {**data, **{name: value for name, value in said.items() if value}}

    def _content(self, facts: Mapping[str, Any], printed: str, undone: Sequence[FiledNotice]) -> dict[str, Any]:
        step, form = self.step, self.form
        if lacking := [name for name in form.needs if _find(facts, name, "zh") is None]:
            raise LawError(
                f"{form.name.zh}须载明{'、'.join(lacking)}，案件中没有（{form.basis.zh}）",
                f"{form.name.en} must state {', '.join(lacking)}, which the case does not have ({form.basis.en})",
            )
        authority = step.rules.authority(step.today, step.office)
        applicant = facts[FORM.name]
        return {
            "schema": NOTICE_SCHEMA,
            "number": self.number,
            "printed": printed,
            "kind": form.id,
            "title": form.name._asdict(),
            "application": facts["case"],
            "addressee": {
                "name": applicant["applicant_name"],
                "code": step.case.applicant,
                "address": applicant["registered_site"]["address"],
            },
            "text": {language: [*_blocks(form, facts, language), *self._remedies(language)] for language in _LANGUAGES},
            "basis": form.basis._asdict(),
            "takes_back": [one.number for one in undone],
            "office": authority.id,
            "authority": authority.name.zh,
            "authority_en": authority.name.en,
            "issued_on": step.today.isoformat(),
        }

    def _remedies(self, language: str) -> list[Block]:
        """What may be done against it, within which time, and where (Administrative Licensing Law Art. 38)."""
        if not self.form.remedies:
            return []
        ways = self.step.rules.ways_against(self.step.today)
        said = {"zh": "对本决定不服的，可以选择下列途径寻求救济：", "en": "Against this decision you may:"}
        return [said[language], [way[_LANGUAGES.index(language)] for way in ways]]


def _delivery(done: Effect) -> NoticeService:
    delivered = DELIVERY.read(done.data[DELIVERY.name])
    return NoticeService(on=delivered.on, receipt=delivered.receipt, received_by=delivered.received_by)


def _named(filed: FiledNotice) -> tuple[str, str]:
    return f"{filed.zh}（{filed.printed}）", f"{filed.en}, {filed.printed}"


def _budget(limit: Any) -> tuple[str, str]:
    return limit.budget.zh, limit.budget.en


def _blocks(form: NoticeForm, facts: Mapping[str, Any], language: str) -> list[Block]:
    """The paragraphs that the facts fill; one that is a fact alone is a list."""
    text = form.text.zh if language == "zh" else form.text.en
    blocks: list[Block] = []
    for paragraph in text.strip().split("\n\n"):
        found = {name: _find(facts, name, language) for name in _FACT.findall(paragraph)}
        whole = _FACT.fullmatch(paragraph)
        if any(value is None or value == [] for value in found.values()):
            if whole:  # what introduces a list goes with it
                blocks.pop()
        elif whole:
            blocks.append([_told(one, form, language) for one in found[whole[1]]])
        else:
            blocks.append(_filled(paragraph, found, form, language))
    return blocks


def _filled(paragraph: str, facts: Mapping[str, Any], form: NoticeForm, language: str) -> str:
    return _FACT.sub(lambda name: _told(facts[name[1]], form, language), paragraph)


def _find(facts: Mapping[str, Any], path: str, language: str) -> Any:
    """The fact at the path; what has a field of its own for the language is taken from there. None if there is none."""
    *way, last = path.split(".")
    value: Any = facts
    for name in way:
        value = value.get(name) if isinstance(value, dict) else None
    if not isinstance(value, dict):
        return None
    return value.get(f"{last}_{language}", value.get(last))


def _told(value: Any, form: NoticeForm, language: str) -> str:
    match value:
        case str() if value in form.words:
            return form.words[value].told(language)
        case {"zh": zh, "en": en}:
            return str(zh if language == "zh" else en)
        case list():
            return _JOINT[language].join(_told(one, form, language) for one in value)
        case (str() as zh, str() as en):
            return zh if language == "zh" else en
    return shown(value).told(language)
