"""Message templates: read and checked at start-up, so that a missing translation stops the start, not a message."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, ValidationError, fields, validate

from services.contracts.notifications import ClockFired
from shared.law import Rung, known, load
from shared.permits.events import PermitEnded, PermitRestored
from shared.schemas import EventData, Flag, Strict, text
from shared.text import Text, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FILE = "templates.toml"
SEPARATORS = {"zh": "；", "en": "; "}
NOTHING: Mapping[str, str] = MappingProxyType({})
RECIPIENTS = (
    *("applicant", "laboratory", "authority", "section_head", "supervision"),
    *("sender", "experts", "checker", "former"),
)
"""`sender` is who the event says sent something: the applicant, the laboratory or the authority; `experts` are those
whom the event names; `checker` is the laboratory that does what is asked once a permit is granted, `former` the one
that was named for it until the event."""
DEEMED = ".deemed"
"""Suffix of the template for an event that the law, not the office, brought about."""
ABOVE = ".above"
"""Suffix of the template for the end of a permit, or its restoration, that the office above brought about."""
TEAM = ".team"
"""Suffix of the template for the experts whom the event concerns, besides that for the others."""
ASKED = ".asked"
"""Suffix of the template for whoever was asked for work that the event takes back or asks for anew."""
OF_CASE = ("number", "applicant")
OF_EVENT = ("due", "due_zh", "remedies", "remedies_zh")
OF_RUNG = ("basis_zh", "begins_on")
"""Fields that a text may use in addition to those of the event itself."""
OWN = {
    "clock.moved": frozenset({*OF_CASE, "zh", "en", "moves", "moves_zh", "sources"}),
    "digest": frozenset({"day", "count", "cases", "cases_zh"}),
    "webhook.disabled": frozenset({"webhook", "host", "on", "zh", "en"}),
}
"""Templates that belong neither to one event nor to a rung, and the fields they may use."""
PHRASES = {
    "cover": frozenset({"name", "first", "last"}),
    "uncovered": frozenset({"first", "last"}),
    "vacant": frozenset({"post", "post_zh"}),
    "left": frozenset({"days", "due_on"}),
    "today": frozenset({"due_on"}),
    "late": frozenset({"days", "due_on"}),
    "unlimited": frozenset[str](),
}
"""Phrases from which messages are composed, and the fields they may use."""


class TemplateError(ValueError):
    """A row of the templates is faulty and must be corrected before the program can start."""


class _PhraseRow(Strict):
    id = text(maximum=60)
    zh = text(maximum=400)
    en = text(maximum=400)


class _WordRow(Strict):
    field = text(maximum=60)
    code = text(maximum=60)
    zh = text(maximum=60)
    en = text(maximum=60)


class _TemplateRow(Strict):
    id = text(maximum=60)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    to = fields.List(fields.String(validate=validate.OneOf(RECIPIENTS)), required=True)
    urgent = Flag(load_default=False)
    subject_zh = text(maximum=200)
    subject_en = text(maximum=200)
    body_zh = text(maximum=4000)
    body_en = text(maximum=4000)


@dataclass(frozen=True, slots=True)
class Phrase:
    """A row of `templates.toml`."""

    id: str
    text: Text

    def say(self, **told: Any) -> dict[str, str]:
        """The phrase in each language."""
        return {
            language: said.format_map({name: shown(value).told(language) for name, value in told.items()})
            for language, said in self.text._asdict().items()
        }


def spoken(language: str) -> Sequence[str]:
    """The languages of whoever reads `zh`, `en` or `both`, Chinese first."""
    return ("zh", "en") if language == "both" else (language,)


@dataclass(frozen=True)
class Template:
    """A row of `templates.toml`. `urgent`: never delayed until the daily digest."""

    id: str
    version: int
    to: tuple[str, ...]
    urgent: bool
    subject: Text
    body: Text

    def subjects(self, context: Mapping[str, Any]) -> dict[str, str]:
        """The subject in each language. Raises KeyError if a field of the text is not in `context`."""
        return {
            language: said.format_map(self._shown(context, language))
            for language, said in self.subject._asdict().items()
        }

    def written(self, context: Mapping[str, Any], language: str, why: Mapping[str, str] = NOTHING) -> str:
        """The text in `zh`, `en`, or `both`, Chinese first; `why` says, by language, why the reader gets it.

        Raises KeyError if a field of the text is not in `context`.
        """
        said = [
            self.body.told(one).format_map(self._shown(context, one)) + (f"\n{why[one]}" if why else "")
            for one in spoken(language)
        ]
        return "\n\n".join(said) + "\n"

    def _shown(self, context: Mapping[str, Any], language: str) -> dict[str, str]:
        # What an event says in each language has a field of its own for it.
        return {name: _shown(name, context.get(f"{name}_{language}", context[name]), language) for name in self.names}

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields used by its texts."""
        parts = (("subject", self.subject), ("body", self.body))
        texts = [(f"{part}_{language}", said) for part, pair in parts for language, said in pair._asdict().items()]
        return frozenset(name for field, said in texts for name in _names(self.id, field, said))


@cache
def templates() -> Mapping[str, Template]:
    """All templates by id. Raises TemplateError."""
    return parse_templates(_content())


@cache
def phrases() -> Mapping[str, Phrase]:
    """All phrases by id. Raises TemplateError."""
    return parse_phrases(_content())


def parse_templates(content: str) -> Mapping[str, Template]:
    """The templates of a file by id. Raises TemplateError naming row and field."""
    rows = _rows(content, "template", _TemplateRow())
    return {
        row["id"]: Template(
            id=row["id"],
            version=row["version"],
            to=tuple(row["to"]),
            urgent=row["urgent"],
            subject=Text(row["subject_zh"], row["subject_en"]),
            body=Text(row["body_zh"], row["body_en"]),
        )
        for row in rows
    }


def parse_phrases(content: str) -> Mapping[str, Phrase]:
    """The phrases of a file by id: exactly those of PHRASES. Raises TemplateError naming row and field."""
    found = {row["id"]: Phrase(row["id"], Text(row["zh"], row["en"])) for row in _rows(content, "phrase", _PhraseRow())}
    for name in PHRASES.keys() ^ found.keys():
        raise _wrong(name, "id", "this phrase is missing" if name in PHRASES else "no message uses this phrase")
    for phrase in found.values():
        _check_texts(phrase.id, "", phrase.text, PHRASES[phrase.id])
    return found


@cache
def words() -> Mapping[tuple[str, str], Mapping[str, str]]:
    """The words for codes, by (field, code) and language. Raises TemplateError."""
    rows = (_WordRow().load(row) for row in tomllib.loads(_content())["word"])
    return {(row["field"], row["code"]): {"zh": row["zh"], "en": row["en"]} for row in rows}


def _content() -> str:
    return files("services.messages").joinpath(FILE).read_text(encoding="utf-8")


def _rows(content: str, kind: str, schema: Schema) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for number, row in enumerate(tomllib.loads(content)[kind], start=1):
        name = str(row.get("id", f"number {number}"))
        try:
            loaded = dict(schema.load(row))
        except ValidationError as error:
            field, reason = next(iter(error.normalized_messages().items()))  # type: ignore[no-untyped-call]
            raise _wrong(name, field, str(reason)) from None
        if name in found:
            raise _wrong(name, "id", "this name occurs twice")
        found[name] = loaded
    return list(found.values())


def check(found: Mapping[str, Template], events: Iterable[Mapping[str, type[EventData]]]) -> None:
    """Check the templates against all events and rungs; `events` has the event schemas of each service, by type.

    Both languages must use the same fields, and only fields that are always present. Every template must belong to an
    existing event or rung. Raises TemplateError.
    """
    kinds = list(events)
    offered = {**_of_events(kinds), **_of_rungs(), **OWN}
    for kind, schema in (item for one in kinds for item in one.items()):
        if kind in found:
            _check_words(found[kind], schema)
            if "experts" in found[kind].to and "experts" not in schema().fields:
                raise _wrong(kind, "to", "the event names no experts")
    for rung in _rungs():
        if rung.template not in found:
            raise _wrong(rung.id, "template", f"there is no template {rung.template!r} in {FILE}", "ladders.toml")
    for template in found.values():
        if template.id not in offered:
            raise _wrong(template.id, "id", "no event and no rung has this name")
        names = offered[template.id]
        _check_texts(template.id, "subject_", template.subject, names)
        _check_texts(template.id, "body_", template.body, names)


def _check_texts(row: str, part: str, said: Text, offered: frozenset[str]) -> None:
    """Both texts must use the same fields, and only `offered` ones."""
    chinese, english = _names(row, f"{part}zh", said.zh), _names(row, f"{part}en", said.en)
    if {_said(name, "zh") for name in chinese} != {_said(name, "en") for name in english}:
        raise _wrong(row, f"{part}en", f"uses {sorted(english)}, but {part}zh uses {sorted(chinese)}")
    for field, names in ((f"{part}zh", chinese), (f"{part}en", english)):
        if lacking := names - offered:
            raise _wrong(row, field, f"uses {sorted(lacking)}, which are not always present")


def _check_words(template: Template, schema: type[EventData]) -> None:
    """Every code that a field of the text may have must have a word."""
    for name, told in schema().fields.items():
        codes = [code for rule in told.validators if isinstance(rule, validate.OneOf) for code in rule.choices]
        for code in codes if name in template.names else ():
            if (name, code) not in words():
                raise _wrong(template.id, name, f"may be {code!r}, for which there is no word")


def _names(row: str, field: str, text: str) -> frozenset[str]:
    """The fields used by a text. Raises TemplateError if a brace is not closed."""
    try:
        return frozenset(name for _, name, *_ in Formatter().parse(text) if name is not None)
    except ValueError as error:
        raise _wrong(row, field, str(error)) from None


def _of_events(events: Iterable[Mapping[str, type[EventData]]]) -> dict[str, frozenset[str]]:
    """By template, the fields a text may use: those always present in the event, from every service that publishes
    it."""
    offered: dict[str, frozenset[str]] = {}
    for kinds in events:
        for kind, schema in kinds.items():
            known_here = _always(schema) | {*OF_CASE, *OF_EVENT}
            offered[kind] = offered.get(kind, known_here) & known_here
            if "deemed" in schema().fields:
                offered[kind + DEEMED] = offered[kind]
            if "experts" in schema().fields:
                offered[kind + TEAM] = offered[kind]
            if "asked" in schema().fields:
                offered[kind + ASKED] = offered[kind] | {"asked"}
            if issubclass(schema, (PermitEnded, PermitRestored)):
                offered[kind + ABOVE] = offered[kind]
    return offered


def _of_rungs() -> dict[str, frozenset[str]]:
    names = _always(ClockFired) | {*OF_CASE, *OF_RUNG}
    return {rung.template: names for rung in _rungs()}


def _rungs() -> list[Rung]:
    return [rung for rules in known() for rung in load(rules).ladders]


def _always(schema: type[EventData]) -> frozenset[str]:
    return frozenset(name for name, field in schema().fields.items() if field.required)


def _said(name: str, language: str) -> str:
    """The field name without its language: `zh` and `en` are the same, and so are `basis_zh` and `basis`."""
    return "" if name == language else name.removesuffix(f"_{language}")


def _wrong(row: str, field: str, reason: str, file: str = FILE) -> TemplateError:
    return TemplateError(f"{file}: row {row}: field {field}: {reason}")


def _shown(name: str, value: Any, language: str) -> str:
    if isinstance(value, list):
        return SEPARATORS[language].join(_shown(name, one, language) for one in value) or "—"
    if value is None:
        return "—"
    said = words().get((name, str(value)))
    return said[language] if said else shown(value).told(language)
