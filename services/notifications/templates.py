"""Message templates: read once, checked whole, so that a text missing in a language stops the start, not a message."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from string import Formatter
from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validate

from services.notifications.schemas import ClockFired
from shared.law import known, load
from shared.schemas import Strict, says_something

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from shared.law import Rung
    from shared.schemas import EventData

FILE = "templates.toml"
RECIPIENTS = ("applicant", "laboratory", "authority", "section_head", "supervision")
DEEMED = ".deemed"
"""Ends the name of the template for an event that the law, not the office, brought about."""
MOVED = "clock.moved"
"""The template for all clocks of a case that a calendar moves."""
OF_CASE = ("number", "applicant")
OF_EVENT = ("due", "remedies", "remedies_zh")
OF_RUNG = ("basis_zh",)
OF_MOVES = ("zh", "en", "moves", "sources")
"""What a text may name besides what the event itself tells."""


class TemplateError(ValueError):
    """A row of the templates that must be mended before the program can run."""


def _text(maximum: int) -> fields.String:
    return fields.String(required=True, validate=[says_something, validate.Length(max=maximum)])


class _Row(Strict):
    id = _text(60)
    version = fields.Integer(required=True, strict=True, validate=validate.Range(min=1))
    to = fields.List(fields.String(validate=validate.OneOf(RECIPIENTS)), required=True)
    urgent = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    subject_zh = _text(200)
    subject_en = _text(200)
    body_zh = _text(4000)
    body_en = _text(4000)


@dataclass(frozen=True)
class Template:
    """The fields are those of a row of `templates.toml`. `urgent`: nobody of the office gets it only once a day."""

    id: str
    version: int
    to: tuple[str, ...]
    urgent: bool
    subject_zh: str
    subject_en: str
    body_zh: str
    body_en: str

    def render(self, context: Mapping[str, Any], language: str = "both") -> tuple[str, str]:
        """Subject and body in `zh`, `en`, or `both`, Chinese first.

        Raises KeyError when a field of the text is not in `context`.
        """
        shown = {key: _shown(value) for key, value in context.items()}
        subjects = {"zh": self.subject_zh, "en": self.subject_en}
        bodies = {"zh": self.body_zh, "en": self.body_en}
        wanted = ("zh", "en") if language == "both" else (language,)
        subject = " ".join(subjects[one].format_map(shown) for one in wanted)
        return subject, "\n\n".join(bodies[one].format_map(shown) for one in wanted) + "\n"

    @cached_property
    def names(self) -> frozenset[str]:
        """The fields of its texts."""
        return frozenset(
            name for part in ("subject", "body") for language in ("zh", "en") for name in self.names_in(part, language)
        )

    def names_in(self, part: str, language: str) -> Iterator[str]:
        """The fields of one text; raises TemplateError where a brace is not closed."""
        try:
            yield from (name for _, name, *_ in Formatter().parse(getattr(self, f"{part}_{language}")) if name)
        except ValueError as error:
            raise _wrong(self.id, f"{part}_{language}", str(error)) from None


@cache
def templates() -> Mapping[str, Template]:
    """All templates by id. Raises TemplateError."""
    return parse(files("services.notifications").joinpath(FILE).read_text(encoding="utf-8"))


def parse(content: str) -> Mapping[str, Template]:
    """The templates of a file by id. Raises TemplateError naming row and field."""
    rows = tomllib.loads(content)["template"]
    found: dict[str, Template] = {}
    for number, row in enumerate(rows, start=1):
        name = str(row.get("id", f"number {number}"))
        try:
            loaded = _Row().load(row)
        except ValidationError as error:
            field, reason = next(iter(error.normalized_messages().items()))  # type: ignore[no-untyped-call]
            raise _wrong(name, field, str(reason)) from None
        if name in found:
            raise _wrong(name, "id", "there are two of this name")
        found[name] = Template(**{**loaded, "to": tuple(loaded["to"])})
    return found


def check(found: Mapping[str, Template], events: Iterable[Mapping[str, type[EventData]]]) -> None:
    """Check the templates against all that is told: `events` are, by service, the schemas of events by their type.

    Raises TemplateError: both languages say the same, with fields that are always there, of an event or rung there is.
    """
    offered = {**_of_events(events), **_of_rungs(), MOVED: frozenset((*OF_CASE, *OF_MOVES))}
    for rung in _rungs():
        if rung.template not in found:
            raise _wrong(rung.id, "template", f"there is no template {rung.template!r} in {FILE}", "ladders.toml")
    for template in found.values():
        if template.id not in offered:
            raise _wrong(template.id, "id", "no event and no rung of a ladder has this name")
        for part in ("subject", "body"):
            chinese, english = (
                {_said(name, language) for name in template.names_in(part, language)} for language in ("zh", "en")
            )
            if chinese != english:
                raise _wrong(template.id, f"{part}_en", f"names {sorted(english)}, {part}_zh {sorted(chinese)}")
        if lacking := template.names - offered[template.id]:
            raise _wrong(template.id, "body_zh", f"names {sorted(lacking)}, which are not always told")


def _of_events(events: Iterable[Mapping[str, type[EventData]]]) -> dict[str, frozenset[str]]:
    """By template, what a text may name: what every service that tells the event always tells."""
    offered: dict[str, frozenset[str]] = {}
    for kinds in events:
        for kind, schema in kinds.items():
            known_here = _always(schema) | {*OF_CASE, *OF_EVENT}
            offered[kind] = offered.get(kind, known_here) & known_here
            if "deemed" in schema().fields:
                offered[kind + DEEMED] = offered[kind]
    return offered


def _of_rungs() -> dict[str, frozenset[str]]:
    names = _always(ClockFired) | {*OF_CASE, *OF_RUNG}
    return {rung.template: names for rung in _rungs()}


def _rungs() -> list[Rung]:
    return [rung for rules in known() for rung in load(rules).ladders]


def _always(schema: type[EventData]) -> frozenset[str]:
    return frozenset(name for name, field in schema().fields.items() if field.required)


def _said(name: str, language: str) -> str:
    """What the field tells, whatever the language: `zh` and `en`, `basis_zh` and `basis` are each the same."""
    return "" if name == language else name.removesuffix(f"_{language}")


def _wrong(row: str, field: str, reason: str, file: str = FILE) -> TemplateError:
    return TemplateError(f"{file}: row {row}: field {field}: {reason}")


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return "；".join(map(_shown, value)) or "—"
    return "—" if value is None else str(value)
