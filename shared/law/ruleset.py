"""The law as dated data: which rule applies to a permit on a day."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from shared.law.numbers import NumberFormat
from shared.law.offices import Authority, Competence, competent, is_no_city
from shared.law.reading import RuleError, read_rows
from shared.law.rows import (
    Bar,
    CatalogueItem,
    ConclusionRule,
    ConformityMark,
    DocumentKind,
    Duty,
    Exclusion,
    LawChange,
    LawError,
    LimitRule,
    MetadataElement,
    Norm,
    NoticeForm,
    PermitId,
    Regime,
    Remedy,
    Requirement,
    Row,
    Rung,
    Silence,
    Undoing,
    ValidityRule,
)
from shared.province import PROVINCE
from shared.text import comparable, same

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import date
    from importlib.resources.abc import Traversable

R = TypeVar("R", bound=Row)

FILES: Mapping[str, tuple[str, type[Row]]] = {
    "regimes": ("regimes.toml", Regime),
    "authorities": ("authorities.toml", Authority),
    "competences": ("competences.toml", Competence),
    "limits": ("limits.toml", LimitRule),
    "ladders": ("ladders.toml", Rung),
    "silences": ("silence.toml", Silence),
    "undoings": ("undoing.toml", Undoing),
    "transitions": ("transitions.toml", LawChange),
    "formats": ("formats.toml", NumberFormat),
    "catalogue": ("catalogue.toml", CatalogueItem),
    "validities": ("validity.toml", ValidityRule),
    "duties": ("duties.toml", Duty),
    "norms": ("norms.toml", Norm),
    "remedies": ("remedies.toml", Remedy),
    "marks": ("marks.toml", ConformityMark),
    "bars": ("bars.toml", Bar),
    "exclusions": ("exclusions.toml", Exclusion),
    "requirements": ("requirements.toml", Requirement),
    "conclusions": ("conclusions.toml", ConclusionRule),
    "notices": ("notices.toml", NoticeForm),
    "documents": ("documents.toml", DocumentKind),
    "metadata": ("metadata.toml", MetadataElement),
}
"""For each field of a rule set, its file and the type of its rows."""


@dataclass(frozen=True)
class RuleSet:
    """All rows of one rule set. Lookups raise LawError if no row is in force on the day."""

    name: str
    regimes: tuple[Regime, ...]
    authorities: tuple[Authority, ...]
    competences: tuple[Competence, ...]
    limits: tuple[LimitRule, ...]
    ladders: tuple[Rung, ...]
    silences: tuple[Silence, ...]
    undoings: tuple[Undoing, ...]
    transitions: tuple[LawChange, ...]
    formats: tuple[NumberFormat, ...]
    catalogue: tuple[CatalogueItem, ...]
    validities: tuple[ValidityRule, ...]
    duties: tuple[Duty, ...]
    norms: tuple[Norm, ...]
    remedies: tuple[Remedy, ...]
    marks: tuple[ConformityMark, ...]
    bars: tuple[Bar, ...]
    exclusions: tuple[Exclusion, ...]
    requirements: tuple[Requirement, ...]
    conclusions: tuple[ConclusionRule, ...]
    notices: tuple[NoticeForm, ...]
    documents: tuple[DocumentKind, ...]
    metadata: tuple[MetadataElement, ...]

    def rows(self) -> tuple[Row, ...]:
        """Every row of every file."""
        return tuple(row for field in FILES for row in getattr(self, field))

    def regime(self, permit: PermitId, on: date) -> Regime:
        return _one(
            (row for row in self.regimes if row.permit == permit), on, f"许可事项{permit}的规定", f"regime for {permit}"
        )

    def limit(self, limit_id: str, on: date) -> LimitRule:
        return _one(self._limits.get(limit_id, ()), on, f"期限{limit_id}", f"limit {limit_id!r}")

    def limits_on(self, on: date, procedure: PermitId, accepted_on: date | None = None) -> tuple[LimitRule, ...]:
        """The clocks of a procedure that may start on a day; `accepted_on` is the day of acceptance of the case, if
        any.

        Empty once the permit is abolished: there is nothing left to decide.
        """
        if self.regime(procedure, on).abolished:
            return ()
        rows = (row for row in self.limits if procedure in row.procedures)
        return tuple(row for row in rows if row.in_force(row.law_on(on, accepted_on)))

    def ladder(self, limit_id: str, on: date) -> tuple[Rung, ...]:
        """The rungs in force on a day: the limit's own ladder, or the default ladder if it has none."""
        own = tuple(row for row in self._ladders.get(limit_id, ()) if row.in_force(on))
        return own or tuple(row for row in self._ladders.get("", ()) if row.in_force(on))

    def silence(self, limit_id: str, on: date) -> Silence | None:
        """The legal effect of the limit's end without an act; None if there is none."""
        return next((row for row in self.silences if row.limit == limit_id and row.in_force(on)), None)

    def undoing(self, event: str, on: date) -> Undoing | None:
        """What the event takes back, if it does."""
        return next((row for row in self._undoings.get(event, ()) if row.in_force(on)), None)

    def law_changes(self, permit: PermitId) -> tuple[LawChange, ...]:
        """The changes of the law that affect open cases of a permit, in order of date."""
        return tuple(sorted((row for row in self.transitions if row.permit == permit), key=lambda row: row.on))

    def number_format(self, kind: str, on: date) -> NumberFormat:
        return _one(
            (row for row in self.formats if row.kind == kind), on, f"编号格式{kind}", f"number format for {kind!r}"
        )

    def catalogue_on(self, on: date) -> tuple[CatalogueItem, ...]:
        """The kinds of instrument that need approval on a day."""
        return tuple(row for row in self.catalogue if row.in_force(on) and row.needs_approval)

    def item(self, code: str, on: date) -> CatalogueItem:
        """A kind of instrument that needs approval. Raises LawError also for one listed for verification only."""
        rows = (row for row in self.catalogue if same(row.code, code) and row.needs_approval)
        return _one(rows, on, f"目录类别{code}", f"catalogue item {code!r}")

    def authority(self, on: date, office: str = PROVINCE) -> Authority:
        """The office as it is called on a day."""
        return _one(
            (row for row in self.authorities if row.id == office), on, f"行政机关{office}", f"authority {office!r}"
        )

    def offices(self, on: date) -> dict[str, Authority]:
        """The offices by id, each as it is called on a day, or was called first if that is later."""
        return {row.id: self.office(row.id, on) for row in self.authorities}

    def office(self, id_: str, on: date) -> Authority:
        """One of them."""
        rows = [row for row in self.authorities if row.id == id_]
        return next((row for row in rows if row.in_force(on)), None) or min(rows, key=lambda row: row.valid_from)

    def office_called(self, name: str) -> str | None:
        """The id of the office that is or was called so, for what is typed where an id would not be known."""
        return next((row.id for row in self.authorities if same(row.name.zh, name)), None)

    def is_no_city(self, region: str) -> bool:
        """Whether the province has no city or prefecture in which a region with that code could lie."""
        return is_no_city(region, self.authorities)

    def codes_of(self, office: str) -> set[str]:
        """The region codes that the office has and had."""
        return {row.code for row in self.authorities if row.id == office}

    def first_code(self, office: str) -> str:
        """The region code that the office had first; numbers that begin with its name go on under it."""
        return min((row for row in self.authorities if row.id == office), key=lambda row: row.valid_from).code

    def competent(self, permit: PermitId, region: str, kinds: Collection[str], on: date) -> str:
        """The id of the office that decides on a permit for a place in a region (GB/T 2260 code)."""
        rows = [row for row in self.competences if row.permit == permit]
        return competent(region, kinds, on, self.authorities, rows)

    def validity(self, permit: PermitId, on: date) -> ValidityRule:
        return _one(
            (row for row in self.validities if row.permit == permit),
            on,
            f"许可事项{permit}的有效期",
            f"validity of {permit}",
        )

    def duty(self, duty_id: str, permit: str, on: date) -> Duty | None:
        """What a holder is to do, if anything on that day."""
        return next(
            (row for row in self.duties if row.id == duty_id and row.permit == permit and row.in_force(on)), None
        )

    def norm(self, norm_id: str, on: date) -> Norm:
        """A technical norm in the edition in force on a day."""
        return _one((row for row in self.norms if row.id == norm_id), on, f"技术规范{norm_id}", f"norm {norm_id!r}")

    def remedies_on(self, on: date, against: str) -> tuple[Remedy, ...]:
        """What an applicant may do against a "decision" or against "silence", whichever `against` names."""
        return tuple(row for row in self.remedies if row.against == against and row.in_force(on))

    def ways_against(self, on: date) -> list[tuple[str, str]]:
        """What may be done against a decision of that day, and within which time, in Chinese and in English."""
        ways = [(row, self.limit(row.window, on).budget) for row in self.remedies_on(on, "decision") if row.window]
        return [
            (f"自知道之日起{within.zh}内{row.told.zh}", f"within {within.en} of knowing of it {row.told.en}")
            for row, within in ways
        ]

    def bar(self, ground: str, on: date) -> Bar:
        """How long an applicant who deceived the authority may not apply again."""
        return _one((row for row in self.bars if row.id == ground), on, f"限制申请的情形{ground}", f"bar for {ground}")

    def exclusion(self, ground: str, on: date) -> Exclusion:
        """A ground on which an expert is not drawn into an assessment team."""
        return _one(
            (row for row in self.exclusions if row.id == ground),
            on,
            f"不参加抽取的情形{ground}",
            f"exclusion for {ground}",
        )

    def requirements_on(self, on: date, kinds: Iterable[str]) -> tuple[Requirement, ...]:
        """The clauses of an assessment on that day of a maker of such instruments."""
        made = {comparable(kind) for kind in kinds}
        return tuple(
            row
            for row in self.requirements
            if row.in_force(on) and (not row.kinds or made & {comparable(kind) for kind in row.kinds})
        )

    def conclusions_on(self, on: date) -> tuple[ConclusionRule, ...]:
        """What an assessment comes to on that day; the first row that fits decides."""
        return tuple(row for row in self.conclusions if row.in_force(on))

    def notice(self, kind: str, on: date) -> NoticeForm:
        """What a notice of that kind says on a day."""
        return _one(self._notices.get(kind, ()), on, f"文书{kind}", f"notice {kind!r}")

    def documents_on(self, permit: PermitId, on: date, application: str) -> tuple[DocumentKind, ...]:
        """The kinds of documents that belong to such an application on a day."""
        return tuple(
            row
            for row in self.documents
            if permit in row.procedures and application in (row.applications or (application,)) and row.in_force(on)
        )

    def gaps(self) -> Iterator[str]:
        """Days between rows of one key for which there is no rule, as warnings: a gap is not an error."""
        for field, (file, _) in FILES.items():
            for key, found in _by_key(getattr(self, field)).items():
                for earlier, later in pairwise(found):
                    if earlier.valid_to and earlier.valid_to < later.valid_from:
                        name = " of ".join(part for part in key if part)
                        yield f"{file}: row {name}: no rule from {earlier.valid_to} until {later.valid_from}"

    @cached_property
    def _limits(self) -> Mapping[str, list[LimitRule]]:
        return {limit_id: rows for (limit_id,), rows in _by_key(self.limits).items()}

    @cached_property
    def _notices(self) -> Mapping[str, list[NoticeForm]]:
        return {kind: rows for (kind,), rows in _by_key(self.notices).items()}

    @cached_property
    def _undoings(self) -> Mapping[str, list[Undoing]]:
        return {event: rows for (event,), rows in _by_key(self.undoings).items()}

    @cached_property
    def _ladders(self) -> Mapping[str, list[Rung]]:
        found: dict[str, list[Rung]] = defaultdict(list)
        for row in self.ladders:
            for limit_id in row.limits or ("",):
                found[limit_id].append(row)
        return found


def _by_key(table: Iterable[R]) -> dict[tuple[str, ...], list[R]]:
    """The rows by key, each list in order of `valid_from`."""
    found: dict[tuple[str, ...], list[R]] = defaultdict(list)
    for row in sorted(table, key=lambda row: row.valid_from):
        for key in row.keys:
            found[key].append(row)
    return found


def _one(candidates: Iterable[R], on: date, zh: str, en: str) -> R:
    """The row in force on a day of what is called so in Chinese and English. Raises LawError."""
    known = list(candidates)
    for row in known:
        if row.in_force(on):
            return row
    if not known:
        raise LawError(f"{on}没有{zh}：没有该名称的规定", f"no {en} on {on}; no rule of that name exists")
    zh_spans = "、".join(f"{row.valid_from}至{row.valid_to or '今'}" for row in known)
    en_spans = ", ".join(f"{row.valid_from} to {row.valid_to or 'now'}" for row in known)
    raise LawError(f"{on}没有{zh}；有规定的时段：{zh_spans}", f"no {en} on {on}; rules exist for {en_spans}")


def load(name: str = "jilin-2013") -> RuleSet:
    """Read and check a rule set of this package; cached. Raises RuleError naming file, row and field."""
    return _load(name)


def known() -> list[str]:
    """The names of the rule sets in this package."""
    return sorted(entry.name for entry in (files("shared.law") / "data").iterdir() if entry.is_dir())


@cache
def _load(name: str) -> RuleSet:
    if name not in known():
        raise RuleError(f"no rule set {name!r}; use one of {', '.join(known())}")
    return read(files("shared.law") / "data" / name)


def read(folder: Traversable) -> RuleSet:
    """The rule set in a folder. Raises RuleError naming file, row and field."""
    held = {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
    wanted = {file for file, _ in FILES.values()}
    if held != wanted:
        lacking = ", ".join(sorted(wanted - held)) or "nothing"
        raise RuleError(
            f"{folder}: a rule set is the files {', '.join(sorted(wanted))}; lacking: {lacking};"
            f" not known: {', '.join(sorted(held - wanted)) or 'nothing'}"
        )
    tables: dict[str, Any] = {field: read_rows(folder / file, kind) for field, (file, kind) in FILES.items()}
    rules = RuleSet(name=folder.name, **tables)
    _refuse_unknown_limits(rules)
    _refuse_unknown_offices(rules)
    _refuse_unexplained_pauses(rules)
    return rules


def _refuse_unknown_limits(rules: RuleSet) -> None:
    limits = {row.id for row in rules.limits}
    named = [
        *(("ladders.toml", rung.id, "limits", limit) for rung in rules.ladders for limit in rung.limits),
        *(("silence.toml", row.id, "limit", row.limit) for row in rules.silences),
        *(("remedies.toml", row.id, "window", row.window) for row in rules.remedies if row.window),
    ]
    for file, row_id, field, limit in named:
        if limit not in limits:
            raise RuleError(f"{file}: row {row_id}: field {field}: there is no limit {limit!r} in limits.toml")


def _refuse_unknown_offices(rules: RuleSet) -> None:
    offices = {row.id for row in rules.authorities}
    named = [
        *(("authorities.toml", row.id, "superior", row.superior) for row in rules.authorities if row.superior),
        *(("competences.toml", row.id, "offices", office) for row in rules.competences for office in row.offices),
    ]
    for file, row_id, field, office in named:
        if office not in offices:
            raise RuleError(f"{file}: row {row_id}: field {field}: there is no office {office!r} in authorities.toml")


def _refuse_unexplained_pauses(rules: RuleSet) -> None:
    """What takes the end of a pause back pauses again (see `Clock.after`)."""
    for limit in rules.limits:
        again = {row.id for row in rules.undoings if not row.void and {*row.undoes} & {*limit.resumes}}
        if lacking := again - set(limit.reasons):
            told = f"say why the time stops again, for {', '.join(sorted(lacking))}"
            raise RuleError(f"limits.toml: row {limit.id}: field reasons: {told}")
