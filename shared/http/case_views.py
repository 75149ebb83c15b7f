"""A case as its readers see it: what each side may read of it, and the examples of that in the documents."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from marshmallow import Schema, fields, validate

from shared.casework.facts import FORM_LABEL
from shared.casework.readers import EVERYBODY, OFFICE, never
from shared.casework.sent import sent_with
from shared.documents.facts import NOTICES
from shared.http.views import Case
from shared.identity import Role, doer
from shared.labels import labelled
from shared.schemas import choice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from shared.casework import Case as StoredCase
    from shared.casework import Procedure, Transition
    from shared.documents.facts import FiledNotice
    from shared.identity import Actor
    from shared.text import Text


def notices(case: StoredCase, actor: Actor, path: str) -> list[dict[str, Any]]:
    """The notices that `actor` reads, oldest first, with where they are fetched; the case is at `path`."""
    serves = actor.may("staff:intake") and actor.acts_for(case.office)

    def found(filed: FiledNotice) -> dict[str, str]:
        at = f"{path}/notices/{quote(filed.number)}"
        own = {"service": f"{at}/service"} if serves and filed.is_served_by_itself else {}
        return {**{form: f"{at}/document.{form}" for form in ("pdf", "jws")}, **own}

    return [
        {
            **replace(filed, about=None, laboratory=None).stored(),
            **found(filed),
        }
        for filed in case.get(NOTICES, ())
        if actor.role is not Role.EXPERT and (actor.role is not Role.LAB or filed.laboratory)
        if not case.is_named(actor)
    ]


def readable(gathered: type[Schema], case: StoredCase, actor: Actor) -> dict[str, Any]:
    """What `actor` reads now of what the case has gathered."""
    found = {}
    for name, since, parts in _parts(gathered, actor.role, named=case.is_named(actor)):
        value = case.data.get(name)
        if value is not None and since(case):
            found[name] = value if parts is None else {key: value[key] for key in parts if key in value}
    return found


_Part = tuple[str, "Callable[[StoredCase], bool]", tuple[str, ...] | None]


@cache
def _parts(gathered: type[Schema], role: Role, *, named: bool = False) -> tuple[_Part, ...]:
    """What the side ever reads, or a laboratory that was `named`: by name, since when, and which parts of it if not the
    whole."""
    return tuple(
        (name, since, _parts_of(field, role))
        for name, field in gathered._declared_fields.items()  # noqa: SLF001 - no other way
        if (since := (readers := field.metadata.get("readers", OFFICE)).since(role)) is not never
        if not named or readers.named
    )


def _parts_of(field: fields.Field[Any], role: Role) -> tuple[str, ...] | None:
    inner = field.schema.fields if isinstance(field, fields.Nested) else {}
    kept = tuple(
        name for name, part in inner.items() if part.metadata.get("readers", EVERYBODY).since(role) is not never
    )
    return kept if len(kept) < len(inner) else None


@cache
def case_of(
    gathered: type[Schema],
    role: Role,
    procedure: str,
    states: tuple[tuple[str, Text], ...],
    first: Transition,
    path: str,
) -> type[Schema]:
    """A Case of the procedure, with the states it can be in and what that side ever reads of what it gathers.

    Its example is a case, among those at `path`, in which that side may make its `first` move.
    """
    read = {name for name, *_ in _parts(gathered, role)}
    known = {
        "__module__": gathered.__module__,
        "__doc__": gathered.__doc__,
        "procedure": fields.String(
            required=True,
            validate=validate.Equal(procedure),
            metadata=labelled("许可种类", "which permit is applied for", example=procedure),
        ),
        "state": choice(*dict(states), metadata=labelled("状态", "state", choices=dict(states), example=first.source)),
        "shown": _shown(gathered, role, dict(states)[first.source], first, path),
        "Meta": type("Meta", (Case.Meta,), {"exclude": tuple(gathered._declared_fields.keys() - read)}),  # noqa: SLF001
    }
    return type("Case", (gathered, Case), known)


_OFFERED = 2
"""How many of the next actions an example shows."""
_ID, _NUMBER, _VERSION = "0197f3a0-0000-7000-8000-000000000001", "TA-2013-00001", 3
"""Of the case that examples are about; the version is the one that commands name."""


def _shown(gathered: type[Schema], role: Role, state: Text, first: Transition, path: str) -> dict[str, Any]:
    """What of the example does not follow from the fields; what the case has not yet by then is None."""
    later = gathered._declared_fields.keys() - {"form", "received_on"}  # noqa: SLF001 - no other way
    missing = {
        Role.APPLICANT: ("number", "rules", "lab", "received_on"),
        Role.STAFF: ("lab",),
        Role.EXPERT: ("lab",),
    }.get(role, ())
    ref = _ID if role is Role.APPLICANT else _NUMBER
    return {
        **dict.fromkeys((*later, *missing)),
        "state_name": state._asdict(),
        "events": 0 if role is Role.APPLICANT else 1,
        "next_actions": [next_action(first, f"{path}/{ref}")],
    }


def left(procedure: Procedure, row: Transition, path: str) -> dict[str, Any]:
    """What the example of a case, among those at `path`, is after the action of `row`, for whoever did it: of the next
    actions, the first."""
    submitted = row.target != procedure.initial
    ref = _NUMBER if submitted else _ID
    rows = {
        later.action: later
        for later in procedure.transitions
        if later.source == row.target and later.by == row.by
        if later.applies is None and row.action not in later.distinct_from
    }
    return {
        **({"number": _NUMBER} if submitted else {}),
        "state": row.target,
        "state_name": procedure.states[row.target]._asdict(),
        "version": _VERSION + 1,
        "next_actions": [next_action(later, f"{path}/{ref}") for later in list(rows.values())[:_OFFERED]],
    }


def next_action(row: Transition, case: str) -> dict[str, Any]:
    """What the caller may do to the case at the path `case`, as a NextAction."""
    return {
        "action": row.action,
        "label": {"zh": row.name.zh, "en": row.name.en},
        "needs_reason": row.needs_reason,
        "corrects": bool(row.undoes) and row.needs_reason,
        "href": f"{case}/actions/{row.action}",
    }


def reserved_actions(
    procedure: Procedure, case: StoredCase, actor: Actor, offered: Collection[str]
) -> list[dict[str, Any]]:
    """What `actor`, to whom the actions `offered` are, must leave to another person of their side, each as a
    ReservedAction."""
    return [
        {
            "action": row.action,
            "label": row.name._asdict(),
            "by": doer(row.by)._asdict(),
            "done": [{"action": action, **procedure.called(action)._asdict()} for action in done],
        }
        for row, done in procedure.reserved(case, actor, offered)
    ]


def content_of(row: Transition, form: type[Schema]) -> type[Schema]:
    """The whole body of an action, as documents call it. Where it has a `form`, that is the permit's own."""
    content = sent_with(row.body, needs_reason=row.needs_reason)
    return _content(row.action, content, form if "form" in content._declared_fields else None)  # noqa: SLF001


@cache
def _content(action: str, content: type[Schema], form: type[Schema] | None) -> type[Schema]:
    own: dict[str, Any] = {"__module__": content.__module__, "__doc__": content.__doc__}
    if form is not None:
        own |= {"form": fields.Nested(form, required=True, metadata=FORM_LABEL), "__module__": form.__module__}
    return type(f"{''.join(word.capitalize() for word in action.split('_'))}Content", (content,), own)
