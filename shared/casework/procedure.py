"""A procedure as data: its states, and the table of transitions between them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeAlias, TypeVar

from shared.identity import Role, Scope, doer
from shared.identity.uscc import party
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.schemas import Empty
from shared.text import Text, in_each

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import date, datetime

    from marshmallow import Schema
    from sqlalchemy import Connection

    from shared.casework.cases import Case
    from shared.identity import Actor
    from shared.law import PermitId, RuleSet
    from shared.problems import Violation


@dataclass(frozen=True, slots=True)
class Cause:
    """Where a step comes from: the request or event that caused it, and all that hangs together with it."""

    correlation_id: str
    causation_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Somebody does something to a case: what rules are given. It has no connection: a rule that needs the database
    says what is read for it (see `Informed`)."""

    procedure: Procedure
    case: Case
    body: Mapping[str, Any]
    """What was sent, checked and converted by the transition's schema."""
    raw: Mapping[str, Any]
    """What was sent, as JSON data, for keeping."""
    reason: str | None
    said: Mapping[str, Text]
    """What of it nobody typed, such as the reason of what the law does, in each language, by name."""
    confirmed: frozenset[str]
    """Warnings that the caller has read and confirms: each as Violation.confirmation, or all of a code."""
    actor: Actor
    now: datetime
    rules: RuleSet
    cause: Cause
    notice: str = ""
    """The number of the notice that tells of the step, if there is one."""

    @property
    def today(self) -> date:
        """The legal date of the step."""
        return legal_date(self.now)

    @property
    def why(self) -> str:
        """The reason of a step that needs one."""
        if self.reason is None:
            raise ValueError("the step has no reason")
        return self.reason

    @property
    def reasons(self) -> dict[str, Any]:
        """The reason if there is one, for a fact or an event: also in each language, if it has one for each."""
        return self.in_each({"reason": self.reason} if self.reason else {})

    def in_each(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """What is told, with what of it is said in each language also by itself."""
        said = [(name, text) for name, text in self.said.items() if told.get(name) == str(text)]
        return {**told, **{name: one for text in said for name, one in in_each(*text).items()}}

    @property
    def office(self) -> str:
        """The office that takes the step: mostly, but not always, the one that decides the case."""
        return self.actor.office if self.actor.role is Role.STAFF else self.case.office


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectedStep(Step):
    """The same with the transaction it is done in: what effects are given, and what reads for rules."""

    tx: Connection


Facts = TypeVar("Facts")
Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Informed(Generic[Facts, Answer_co]):
    """A rule on what the database says: `read` reads that, and may lock it; `judge` is given it and reads nothing."""

    read: Callable[[ConnectedStep], Facts]
    judge: Callable[[Step, Facts], Answer_co]


Rule: TypeAlias = "Callable[[Step], Answer] | Informed[Any, Answer]"
Guard: TypeAlias = "Rule[Sequence[Violation]]"
"""What stands in the way of a step."""


def answered(rule: Rule[Answer], step: ConnectedStep) -> Answer:
    """What the rule says of the step."""
    judged = _disconnected(step)
    return rule.judge(judged, rule.read(step)) if isinstance(rule, Informed) else rule(judged)


def _disconnected(step: ConnectedStep) -> Step:
    return Step(**{name: getattr(step, name) for name in Step.__slots__})


def all_of(*guards: Guard) -> Guard:
    """What all of the guards find."""
    return _joined(guards, lambda found: [fault for each in found for fault in each])


def first_of(*guards: Guard) -> Guard:
    """What the first of the guards finds that finds anything."""
    return _joined(guards, lambda found: next(filter(None, found), []))


def _joined(
    guards: Sequence[Guard], join: Callable[[Iterator[Sequence[Violation]]], Sequence[Violation]]
) -> Informed[list[Any], Sequence[Violation]]:
    each = [one if isinstance(one, Informed) else _uninformed(one) for one in guards]
    return Informed(
        lambda step: [one.read(step) for one in each],
        lambda step, known: join(one.judge(step, facts) for one, facts in zip(each, known, strict=True)),
    )


def _uninformed(guard: Callable[[Step], Sequence[Violation]]) -> Informed[None, Sequence[Violation]]:
    return Informed(lambda _step: None, lambda step, _facts: guard(step))


class FollowUp(NamedTuple):
    """What the law does because of a step, to that case or another of the procedure: a system action on the case
    `ref`."""

    ref: str
    action: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Effect:
    """What a step does besides moving the case."""

    data: Mapping[str, Any] = field(default_factory=dict)
    """Entries put into the case's data, as JSON data; what is None is taken out."""
    event: Mapping[str, Any] = field(default_factory=dict)
    """What the event tells, besides the date and the state."""
    number: str | None = None
    """The number the case gets."""
    lab: str | None = None
    """The laboratory that may see the case from now on; an empty text: none."""
    office: str | None = None
    """The office that decides the case from now on; the step itself is still that of the one before."""
    rules: str | None = None
    """The rule set pinned to the case."""
    noted: Mapping[str, Any] = field(default_factory=dict)
    """What the journal keeps of it besides what was sent, as JSON data."""
    then: Sequence[FollowUp] = ()
    """Done next, in the same transaction."""


def nothing(_step: Step) -> Effect:
    return Effect()


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """One row of a procedure: who may do what in which state, what is checked, and what comes of it."""

    action: str
    source: str
    target: str
    by: str
    """A role, or `staff:` and a post (see Actor.may)."""
    name: Text
    body: type[Schema] = Empty
    applies: Callable[[Case], bool] | None = None
    """Whether there is this row at all for a case that has come so far; None: for every case in the state."""
    when: Rule[bool] | None = None
    """Chooses among rows of the same action and source; the first that applies is taken."""
    guard: Guard | None = None
    """Everything that stands in the way."""
    effect: Callable[[ConnectedStep], Effect] = nothing
    emits: str | None = None
    distinct_from: tuple[str, ...] = ()
    """Actions whose last doer may not do this one (four-eyes)."""
    in_hand: bool = False
    """Only for who has the case in hand."""
    leads: bool = False
    """Of experts, only for who leads the team."""
    needs_reason: bool = False
    notice: str | None = None
    """The kind of notice that tells the applicant of it in writing."""
    office: Callable[[ConnectedStep], str] | None = None
    """The office that decides the case from this step on, if the step says which."""
    offices: Callable[[Case], Collection[str]] | None = None
    """The offices whose staff may do it; None: only that which decides the case."""
    labs: Callable[[Case], Collection[str]] | None = None
    """The laboratories whose people may do it; None: only that which evaluates."""
    undoes: tuple[str, ...] = ()
    """The actions that it takes back, or puts another in the place of: the way back from a slip."""
    stands: Text | None = None
    """Why nothing takes it back, if nothing does."""


class Reserved(NamedTuple):
    """A step that others must do than those who did `done`."""

    row: Transition
    done: Sequence[str]


@dataclass(frozen=True, slots=True)
class Procedure:
    """`source` is the service that owns it, as it is called in events; `id` is the permit's name in the law's data."""

    id: PermitId
    source: str
    name: Text
    states: Mapping[str, Text]
    transitions: tuple[Transition, ...]
    initial: str = "draft"
    notices: tuple[str, ...] = ()
    """Events told of a case that stays where it is (see `engine.note`)."""
    versions: Mapping[str, int] = field(default_factory=dict)
    """Of the events it tells, by type, where it is not the first."""
    _from: Mapping[str, Sequence[Transition]] = field(init=False, repr=False, compare=False)
    _sides: Mapping[str, Collection[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        leaving: dict[str, list[Transition]] = {}
        sides: dict[str, set[str]] = {}
        for row in self.transitions:
            unknown = {row.source, row.target} - set(self.states)
            if unknown:
                raise ValueError(f"{self.id}: {row.action} names unknown states {sorted(unknown)}")
            leaving.setdefault(row.source, []).append(row)
            sides.setdefault(row.action, set()).add(row.by.partition(":")[0])
        # Every request looks these up.
        object.__setattr__(self, "_from", leaving)
        object.__setattr__(self, "_sides", sides)

    def rows(self, case: Case) -> list[Transition]:
        """All actions possible in the state of the case, for any role."""
        return [row for row in self._from.get(case.state, ()) if row.applies is None or row.applies(case)]

    def next_actions(self, case: Case, actor: Actor) -> list[Transition]:
        """What `actor` may do with the case now, each action once."""
        if not case.visible_to(actor):
            return []
        found: dict[str, Transition] = {}
        elsewhere = self._done_for_another_side(case, actor)
        for row in self.rows(case):
            # Most rows are another post's: looking at that first makes every answer cheaper.
            if row.action not in found and actor.may(row.by) and self._bar(row, case, actor, elsewhere) is None:
                found[row.action] = row
        return list(found.values())

    def choose(self, action: str, case: Case, actor: Actor) -> list[Transition]:
        """The rows that `actor` may be taking; raises Problem when there is none."""
        if action not in self._sides:
            raise Problem(
                "not_found", Text(f"本程序没有操作{action}", f"there is no action {action!r} in this procedure")
            )
        rows = [row for row in self.rows(case) if row.action == action]
        if not rows:
            next_ = self.next_actions(case, actor)
            zh, en = "、".join(row.name.zh for row in next_), "; ".join(row.name.en for row in next_)
            state, called = self.states[case.state], self.called(action)
            raise Problem(
                "wrong_state",
                Text(
                    f"案件现为“{state.zh}”，不能办理“{called.zh}”；您现在可以办理：{zh or '无'}",
                    f"“{called.en}” is not possible while the case is “{state.en}”; you may do: {en or 'nothing'}",
                ),
                extra={"state": case.state},
            )
        bars = [(row, self.bars(row, case, actor)) for row in rows]
        allowed = [row for row, bar in bars if bar is None]
        if not allowed:
            # Of several, what concerns this person says more than that another post does it.
            raise min((bar for _, bar in bars if bar), key=lambda bar: bar.kind == "forbidden")
        return allowed

    def bars(self, row: Transition, case: Case, actor: Actor) -> Problem | None:
        """What keeps `actor` from doing the row's action, whatever its guards say; None if nothing does.

        Who may do what on a case is decided here and nowhere else.
        """
        if not case.visible_to(actor):
            told = Text(
                f"没有案件{case.ref}，或者您无权查看", f"there is no case {case.ref}, or it is not yours to see"
            )
            return Problem("not_found", told)
        return self._bar(row, case, actor, self._done_for_another_side(case, actor))

    def _bar(self, row: Transition, case: Case, actor: Actor, elsewhere: str | None) -> Problem | None:
        """The same for who sees the case and did `elsewhere` on it for another side."""
        if reason := _not_theirs(row, case, actor):
            return Problem("forbidden", reason)
        if elsewhere:
            done = self.called(elsewhere)
            told = Text(
                f"您曾代表另一方在本案办理“{done.zh}”，应当回避",
                f"you did “{done.en}” on this case for another side: stand aside",
            )
            return Problem("conflict_of_interest", told)
        if earlier := _forbidden_by_four_eyes(row, case, actor):
            done, other = self.called(earlier), doer(row.by)
            told = Text(
                f"您已在本案办理“{done.zh}”，“{row.name.zh}”须由另一名{other.zh}办理",
                f"you did “{done.en}” on this case: “{row.name.en}” is for another {other.en}",
            )
            return Problem("four_eyes", told)
        return None

    def reserved(self, case: Case, actor: Actor, offered: Collection[str]) -> list[Reserved]:
        """What comes next on the side of `actor` and is not among the actions `offered` to them, for four eyes:
        somebody has done the step before it, and another must do this one."""
        found: dict[str, Reserved] = {}
        for row in self.rows(case):
            done = [action for action in row.distinct_from if action in case.done_by]
            if done and row.action not in offered and row.by.partition(":")[0] == actor.role:
                found.setdefault(row.action, Reserved(row, done))
        return list(found.values())

    def called(self, action: str) -> Text:
        """What the action is called, of each kind of application; its code if it has no row, as `create` has none."""
        names = dict.fromkeys(row.name for row in self.transitions if row.action == action) or [Text(action, action)]
        return Text("／".join(one.zh for one in names), " / ".join(one.en for one in names))

    def _done_for_another_side(self, case: Case, actor: Actor) -> str | None:
        """What this person did on the case in another role than now: nobody decides on what they applied for."""
        for action, subject in case.done_by.items():
            # `create` has no row: a draft is an applicant's.
            if subject == actor.subject and actor.role not in self._sides.get(action, {Role.APPLICANT}):
                return action
        return None


def _not_theirs(row: Transition, case: Case, actor: Actor) -> Text | None:
    """Why the action is not for such an actor: the post, the token, or who has the case in hand."""
    if not actor.may(row.by):
        who = doer(row.by)
        return Text(f"“{row.name.zh}”由{who.zh}办理", f"“{row.name.en}” is for the {who.en}")
    if elsewhere := _done_elsewhere(row, case, actor):
        return elsewhere
    if Scope.WRITE not in actor.scopes:
        scope = f"{actor.role}:write"
        return Text(f"办理“{row.name.zh}”需要权限{scope}", f"“{row.name.en}” needs a token with the scope {scope}")
    if row.leads and actor.party not in case.team[:1]:
        return Text(f"“{row.name.zh}”由考核组组长办理", f"“{row.name.en}” is for the leader of the team")
    if row.in_hand and case.assignee and case.assignee.subject != actor.subject:
        name = case.assignee.name
        return Text(
            f"本案由{name}承办：“{row.name.zh}”由承办人或者负责人办理",
            f"{name} handles the case: “{row.name.en}” is for them or a head",
        )
    return None


def _done_elsewhere(row: Transition, case: Case, actor: Actor) -> Text | None:
    """Why another office, or another laboratory, does it."""
    if not any(actor.acts_for(office) for office in (row.offices(case) if row.offices else (case.office,))):
        return Text("本案由其他机关办理", "another office decides the case")
    if actor.role is Role.LAB and actor.party not in map(party, row.labs(case) if row.labs else (case.lab or "",)):
        return Text(f"“{row.name.zh}”由其他技术机构办理", f"“{row.name.en}” is for another laboratory")
    return None


def _forbidden_by_four_eyes(row: Transition, case: Case, actor: Actor) -> str | None:
    """The earlier action that keeps `actor` from this one, if any."""
    return next((action for action in row.distinct_from if case.done_by.get(action) == actor.subject), None)
