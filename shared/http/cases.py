"""The API of a procedure's cases, generated from its table of transitions, with the same conventions on every face.

An action added to the table gets its route, its access rights and its entry in `next_actions` automatically.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shared.casework import apply, create, get_case, journal_of, list_cases, visible_case
from shared.casework.journal import first_broken
from shared.casework.preview import clocks_of, preview
from shared.casework.procedure import Cause
from shared.casework.readers import reads_content
from shared.documents.issues import ordered
from shared.http import case_views, lists, views
from shared.http.conditions import etag, versions_matched
from shared.http.events import noted
from shared.http.paging import page
from shared.http.routes import Call, Reply, Route
from shared.identity import Role
from shared.law import load as load_rules
from shared.messaging import outbox
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.schemas import drafted, instance, invalid, listed, load
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from marshmallow import Schema
    from sqlalchemy import Connection, Row

    from shared.casework import Case, Procedure, Transition
    from shared.casework.journal import JournalEntry
    from shared.identity import Actor
    from shared.law import Clock, RuleSet
    from shared.messaging.envelope import Event
    from shared.problems import Violation

_PREFIXES = {Role.APPLICANT: "/v1", Role.LAB: "/v1/lab", Role.EXPERT: "/v1/expert", Role.STAFF: "/internal/v1"}
FACES = {role: f"{prefix}/applications" for role, prefix in _PREFIXES.items()}


class Trial(NamedTuple):
    """An action that was done to be looked at: the case before it and after it, and the id of all that it caused."""

    tx: Connection
    before: Case
    case: Case
    correlation_id: str


@dataclass(frozen=True, slots=True)
class CaseApi:
    """`form` is the applicant's form; `gathered` is what a case accumulates, and who may read it (see
    views.Gathered); `wrong` says what no submission of that day could correct in a draft without changing it; `planned`
    says which messages would tell of an event: of its case and clocks after it, and the laboratory before it."""

    procedure: Procedure
    form: type[Schema]
    gathered: type[Schema]
    wrong: Callable[[Mapping[str, Any], Actor, RuleSet, date], Sequence[Violation]] | None = None
    planned: Callable[[Case, Event, Sequence[Clock], str | None, Actor], list[dict[str, Any]]] | None = None

    def routes(self) -> list[Route]:
        """The routes for drafts of applicants and, for each face, for the list, a case, its journal and its actions."""
        return [*self._drafts(), *(route for role, path in self.faces.items() for route in self._face(role, path))]

    def _drafts(self) -> list[Route]:
        path, role = FACES[Role.APPLICANT], Role.APPLICANT
        draft = partial(Route, takes=drafted(self.form), gives=self.answer(role))
        replaced = partial(draft, problems=("wrong_state",), versioned=True)
        return [
            draft("POST", path, self.create, role, Text("新建草稿", "Create a draft"), status=201),
            replaced("PUT", f"{path}/<ref>", self.edit, role, Text("修改草稿", "Replace the form of a draft")),
        ]

    def _face(self, role: Role, path: str) -> list[Route]:
        case = self.answer(role)
        states = self.procedure.states
        summary = lists.summary_of(self.gathered.__module__, tuple(states.items()), path)
        listing = partial(Route, asks=lists.case_query_of(role, tuple(states)), gives=listed(summary))
        told = partial(Route, gives=views.Journal)
        versioned = partial(Route, gives=case, versioned=True)
        acts = partial(versioned, operations=self._operations(role, case))
        return [
            listing("GET", path, self.list, role, Text("申请列表", "List the cases you may see")),
            versioned("GET", f"{path}/<ref>", self.read, role, Text("查看申请", "Read a case")),
            told("GET", f"{path}/<ref>/journal", self.journal, role, Text("办理记录", "Read a case's journal")),
            acts(
                "POST", f"{path}/<ref>/actions/<action>", self.act, role, Text("办理", "Carry out an action on a case")
            ),
        ]

    @property
    def faces(self) -> dict[Role, str]:
        """The paths of the cases, for each role that takes part in the procedure."""
        sides = {row.by.partition(":")[0] for row in self.procedure.transitions}
        return {role: path for role, path in FACES.items() if role in sides}

    def answer(self, role: Role) -> type[Schema]:
        """The schema of a case as that role reads it."""
        first = next(row for row in self.procedure.transitions if row.by.partition(":")[0] == role)
        states = tuple(self.procedure.states.items())
        return case_views.case_of(self.gathered, role, self.procedure.id, states, first, FACES[role])

    def _operations(self, role: Role, case: type[Schema]) -> tuple[Route, ...]:
        """One route per action that this role may carry out, from the table."""
        rows = [row for row in self.procedure.transitions if row.by.partition(":")[0] == role]
        return tuple(
            Route(
                "POST",
                f"{FACES[role]}/<ref>/actions/{action}",
                self.act,
                mine[0].by,
                _summary(mine),
                takes=case_views.content_of(mine[0], self.form),
                gives=case,
                problems=_problems(mine),
                versioned=True,
                leaves=case_views.left(self.procedure, mine[0], FACES[role]),
                about=self._about(mine),
                by=tuple(dict.fromkeys(row.by for row in mine)),
            )
            for action in dict.fromkeys(row.action for row in rows)
            if (mine := [row for row in rows if row.action == action])
        )

    def _about(self, rows: Sequence[Transition]) -> str:
        """The description of an action: conditions, transitions, and events."""
        states, lines = self.procedure.states, []
        if rows[0].distinct_from:
            lines.append(f"须由他人办理 Not by a person who did: `{'`, `'.join(rows[0].distinct_from)}`.")
        if rows[0].in_hand:
            lines.append("仅限承办人和上述负责人 Only the assignee of the case, and the heads named.\n")
        led: dict[tuple[str, str], list[str]] = {}
        for row in rows:
            source, target = states[row.source], states[row.target]
            to = "状态不变 unchanged" if source is target else f"{target.zh} {target.en}"
            told = f"; 事件 event `{row.emits}`" if row.emits else ""
            led.setdefault((to, told), []).append(f"{source.zh} {source.en}")
        lines += [f"* {', '.join(dict.fromkeys(sources))} → {to}{told}" for (to, told), sources in led.items()]
        return "\n".join(lines)

    def create(self, call: Call) -> Reply:
        form = call.json
        self._examine(self._read(form), call)
        return self.draft(call, lambda _tx: form)

    def _read(self, form: Any) -> Mapping[str, Any]:
        """The form of a draft, which may be incomplete. Raises Problem for what cannot be read."""
        read: Mapping[str, Any] = load(instance(self.form), form, partial=True)
        return read

    def _examine(self, draft: Mapping[str, Any], call: Call) -> None:
        """Raises Problem for a draft that is refused for more than what it lacks."""
        if self.wrong and (faults := self.wrong(draft, call.actor, call.rules, legal_date(call.now))):
            raise invalid(list(faults))

    def draft(self, call: Call, form: Callable[[Connection], Mapping[str, Any]]) -> Reply:
        """Create a draft with the form returned by `form`."""
        with call.transaction() as tx:
            case = create(tx, self.procedure, call.actor, call.now, form(tx))
        return self.answered(case, call, status=201)

    def edit(self, call: Call) -> Reply:
        return self._apply(call, "edit", {"form": call.json})

    def act(self, call: Call) -> Reply:
        content = call.json
        if not isinstance(content, dict):
            raise Problem("invalid", Text("请发送JSON对象", "send a JSON object"))
        return self._apply(call, call.params["action"], content)

    def list(self, call: Call) -> Reply:
        asked = call.asked
        limit = asked.pop("limit")
        with call.store.reading() as tx:
            cases, end = list_cases(tx, call.actor, asked, limit=limit)
        return page(call, [self.summary(case, call.actor) for case in cases], end)

    def read(self, call: Call) -> Reply:
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
        return self.answered(case, call)

    def journal(self, call: Call) -> Reply:
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
            entries = journal_of(tx, case)
            named = case.is_named(call.actor)
        # A truncated chain is consistent in itself, so compare its end with the hash stored in the case.
        intact = first_broken(entries) is None and entries[-1].hash == case.head
        return Reply({"items": self.entries(entries, call.actor, named=named), "intact": intact})

    def entries(
        self, entries: Sequence[JournalEntry], actor: Actor, *, named: bool = False
    ) -> Sequence[Mapping[str, Any]]:
        """The journal as `actor` may read it."""
        return [
            {
                "seq": entry.seq,
                "at": entry.at,
                "actor": entry.actor_name,
                "role": entry.role,
                "action": entry.action,
                "from": entry.from_state,
                "to": entry.to_state,
                **self._named(entry),
                **(_content(entry) if reads_content(actor, entry, named=named) else {}),
                **({"hash": entry.hash.hex()} if actor.role is Role.STAFF else {}),
            }
            for entry in entries
        ]

    def summary(self, case: Row[Any], actor: Actor) -> dict[str, Any]:
        """What lists show of the case."""
        number = {"number": case.number} if case.number else {}
        return {
            "id": case.id,
            **number,
            "state": case.state,
            "state_name": self.procedure.states[case.state]._asdict(),
            **(case.shown or {"instruments": []}),
            "updated_at": case.updated_at,
            "href": f"{FACES[actor.role]}/{case.number or case.id}",
        }

    def view(self, case: Case, actor: Actor) -> dict[str, Any]:
        """The case as `actor` may read it. Missing values are absent, never null."""
        state = self.procedure.states[case.state]
        path = f"{FACES[actor.role]}/{case.ref}"
        next_ = self.procedure.next_actions(case, actor)
        offered = [row.action for row in next_]
        body = {
            "id": case.id,
            "number": case.number,
            "procedure": case.procedure,
            "state": case.state,
            "state_name": {"zh": state.zh, "en": state.en},
            "version": case.version,
            "events": case.events,
            "applicant": case.applicant,
            "lab": None if case.is_named(actor) else case.lab,
            "rules": case.rules,
            "office": _office(case),
            "created_at": case.created_at,
            "updated_at": case.updated_at,
            **case_views.readable(self.gathered, case, actor),
            "notices": case_views.notices(case, actor, path) or None,
            "reserved_actions": case_views.reserved_actions(self.procedure, case, actor, offered) or None,
            "next_actions": [case_views.next_action(row, path) for row in next_],
        }
        return {key: value for key, value in body.items() if value is not None}

    def _named(self, entry: JournalEntry) -> dict[str, dict[str, str]]:
        """What was done, from where to where, as people call it."""
        rows = [row for row in self.procedure.transitions if row.action == entry.action]
        exact = (row for row in rows if (row.source, row.target) == (entry.from_state, entry.to_state))
        row = next(exact, next(iter(rows), None))
        names = {
            "action_name": row.name if row else noted(entry.action),
            "from_name": self.procedure.states.get(entry.from_state),
            "to_name": self.procedure.states.get(entry.to_state),
        }
        return {key: {"zh": name.zh, "en": name.en} for key, name in names.items() if name}

    def _apply(self, call: Call, action: str, content: dict[str, Any]) -> Reply:
        versions = self.versions(call)
        if call.dry_run:
            with self.trial(call, action, content, versions) as trial:
                return self.answered(trial.case, call, trial=self._tried(trial, call.actor))
        with call.transaction() as tx:
            cause = Cause(call.correlation_id, "")
            return self.answered(self._applied(tx, call, action, content, cause, versions), call)

    def _applied(
        self,
        tx: Connection,
        call: Call,
        action: str,
        content: dict[str, Any],
        cause: Cause,
        versions: frozenset[int] | None,
    ) -> Case:
        draft = self._read(content.get("form")) if action == "edit" else None
        case = apply(
            tx,
            self.procedure,
            call.params["ref"],
            action,
            content,
            actor=call.actor,
            now=call.now,
            rules=call.rules,
            cause=cause,
            versions=versions,
        )
        if draft is not None:
            # Who may not edit it is told that, and nothing of what is in it.
            self._examine(draft, call)
        return case

    @contextmanager
    def trial(
        self, call: Call, action: str, content: dict[str, Any], versions: frozenset[int] | None = None
    ) -> Iterator[Trial]:
        """The action done, to be looked at; it is undone at the end. Raises Problem."""
        # What it tells and orders is found by an id that nothing else has.
        cause = Cause(new_id(), "")
        with call.transaction() as tx:
            undone = tx.begin_nested()
            before = visible_case(tx, call.params["ref"], call.actor)
            yield Trial(tx, before, self._applied(tx, call, action, content, cause, versions), cause.correlation_id)
            undone.rollback()

    def _tried(self, trial: Trial, actor: Actor) -> dict[str, Any]:
        """What a dry run tells besides the case: the clocks that would change, the messages that would be sent, and the
        documents that would be made."""
        tx, case = trial.tx, trial.case
        messages: list[dict[str, Any]] = []
        for event in outbox.caused_by(tx, trial.correlation_id) if self.planned else ():
            about = case if event.case_id == case.id else get_case(tx, event.case_id)
            lab = trial.before.lab if about is case else None
            messages += self.planned(about, event, clocks_of(tx, about), lab, actor)  # type: ignore[misc]
        found = {
            "clocks": preview(tx, case),
            "messages": messages if self.planned else None,
            "documents": [content["title"] for content, _ in ordered(tx, trial.correlation_id)],
        }
        return {name: value for name, value in found.items() if value is not None}

    def versions(self, call: Call) -> frozenset[int] | None:
        """The versions that the caller names in If-Match; None for any. Raises Problem if there is no If-Match."""
        if "If-Match" in call.headers:
            return versions_matched(call.headers)
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
        path = f"{FACES[call.actor.role]}/{case.ref}"
        raise Problem(
            "precondition_required",
            Text(
                f"请以GET {path}返回的ETag作If-Match；现为If-Match: {etag(case.version)}",
                f"send If-Match with the ETag that GET {path} returned; it is now If-Match: {etag(case.version)}",
            ),
            extra={"version": case.version},
        )

    def answered(self, case: Case, call: Call, status: int = 200, trial: Mapping[str, Any] | None = None) -> Reply:
        """The answer with the case as the caller may read it, and what a dry run tells besides."""
        headers = {"ETag": etag(case.version)}
        if status == 201:  # noqa: PLR2004 - Created
            headers["Location"] = f"{FACES[call.actor.role]}/{case.ref}"
        return Reply({**self.view(case, call.actor), **(trial or {})}, status, headers)


def _content(entry: JournalEntry) -> dict[str, Any]:
    return {**_reasons(entry), "data": orjson.Fragment(entry.data)}


def _reasons(entry: JournalEntry) -> dict[str, str]:
    """Why, if it was said; what the law did also in each language."""
    if not entry.reason:
        return {}
    kept = orjson.loads(entry.data) if entry.role == Role.SYSTEM else {}
    each = {name: kept[name] for name in ("reason_zh", "reason_en") if name in kept}
    return {"reason": entry.reason, **each}


def _office(case: Case) -> dict[str, str] | None:
    """The office that decides it; who decides a draft is not known yet."""
    if case.number is None or case.rules is None:
        return None
    named = load_rules(case.rules).office(case.office, legal_date(case.updated_at))
    return {"id": case.office, **named.name._asdict()}


def _summary(rows: Sequence[Transition]) -> Text:
    """The names of the rows, each once."""
    zh, en = (" / ".join(dict.fromkeys(names)) for names in zip(*(row.name for row in rows), strict=True))
    return Text(zh, en)


def _problems(rows: Sequence[Transition]) -> tuple[str, ...]:
    four_eyes = ("four_eyes",) if any(row.distinct_from for row in rows) else ()
    return ("wrong_state", "confirmation_needed", *four_eyes)
