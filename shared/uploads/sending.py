"""What each side sends to a case, and when: documents are listed, taken in, replaced and taken back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.casework import visible_case
from shared.http.conditions import is_known
from shared.http.routes import Call, Reply, Stored
from shared.identity import Role
from shared.observability import get_logger
from shared.problems import Problem, Violation
from shared.runtime.time import legal_date
from shared.schemas import invalid
from shared.text import Text
from shared.uploads import filing
from shared.uploads.content import ENDINGS, examine, faults_of_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from shared.casework import Case
    from shared.http.cases import CaseApi
    from shared.http.incoming import Incoming
    from shared.identity import Actor
    from shared.law import DocumentKind, RuleSet
    from shared.uploads.filing import Documents, Upload
    from shared.uploads.store import Contents


log = get_logger(__name__)

_SENT_BY = {
    Role.APPLICANT: Text("这是申请人提交的材料", "the applicant sent this document"),
    Role.LAB: Text("这是技术机构提交的材料", "the laboratory sent this document"),
    Role.STAFF: Text("这是办理机关提交的材料", "the office sent this document"),
}


def nothing(_case: Case) -> Collection[str]:
    return ()


def everything(_case: Case, _actor: Actor, _kind: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Side:
    """One side of the cases of a procedure. `application` says of a form which kind of application it is, as the law's
    data call it."""

    cases: CaseApi
    application: Callable[[Mapping[str, Any]], str]
    sender: Role = Role.APPLICANT
    states: Collection[str] = filing.OPEN
    """In which it sends documents."""
    corrected: Callable[[Case], Collection[str]] = nothing
    """The kinds that it sends in other states too, again or because the procedure asks for them."""
    actions: Collection[str] = ()
    """If there are any: it sends documents while it may do one of these, in whatever state, by whoever may do it."""
    reads: Callable[[Case, Actor, str], bool] = everything
    """Whether a kind that its side reads concerns this person now."""

    def _held(self, tx: Connection, case: Case, call: Call) -> Documents:
        held = filing.documents_of(tx, case, call.actor, call.rules)
        versions = tuple(one for one in held.versions if self.reads(case, call.actor, one.kind))
        return replace(held, versions=versions)

    def _sends(self, case: Case, actor: Actor) -> bool:
        """Whether it sends all of its kinds now."""
        if self.actions:
            return any(row.action in self.actions for row in self.cases.procedure.next_actions(case, actor))
        return case.state in self.states

    def _states(self, case: Case, actor: Actor, kind: str, old: Upload | None = None) -> Collection[str]:
        """In which states documents of that kind are sent to the case as it is, in the place of `old` if that is one.
        What is infected is of no use to anybody: it is replaced in any state. Raises Problem for who sends none."""
        infected = filing.is_infected(old)
        if self.actions and not self._sends(case, actor):
            rows = [row for row in self.cases.procedure.transitions if row.action in self.actions]
            if not (infected and any(self.cases.procedure.bars(row, case, actor) is None for row in rows)):
                # Says who does it, and what may be done instead.
                self.cases.procedure.choose(next(iter(self.actions)), case, actor)
        again = self.actions or infected or kind in self.corrected(case)
        return {*self.states, case.state} if again else self.states

    def _kinds(self, case: Case, rules: RuleSet, today: date) -> Sequence[DocumentKind]:
        return filing.kinds_of(case, rules, today, self.application(case.form), self.sender, self.corrected(case))

    def list(self, path: str, call: Call) -> Reply:
        """What the applicant sends, and what this side sends itself."""
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
            held = self._held(tx, case, call)
        day = filing.day_of(case, legal_date(call.now))
        asked, there = self.corrected(case), held.there
        known = filing.kinds_of(case, call.rules, day, self.application(case.form), asked={*asked, *there})
        sends, only = self._sends(case, call.actor), sorted(asked)
        if self.sender is not Role.APPLICANT:
            own = [row for row in self._kinds(case, call.rules, day) if sends or row.id in there]
            known, only = [*known, *own], [row.id for row in own if sends]
        kinds = [
            {
                "kind": row.id,
                **row.name._asdict(),
                "sender": row.sender,
                "required": row.required,
                "missing": row.required and row.id not in there,
                "basis": row.basis.en,
                "basis_zh": row.basis.zh,
                "verified": row.verified,
            }
            for row in known
            if filing.reads_kind(call.actor, row) and self.reads(case, call.actor, row.id)
        ]
        return Reply(
            {
                "kinds": kinds,
                "items": [view(held, one, f"{path}/{case.ref}/documents") for one in held.versions],
                "open": sends or bool(only),
                **({"open_kinds": only} if only else {}),
                "most_bytes": call.settings.upload_bytes,
                "endings": ENDINGS,
            }
        )

    def may_add(self, call: Call) -> str:
        """The kind that is to be added. Raises Problem."""
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
        kind: str = call.asked["kind"]
        filing.may_change(case, self.sender, self._states(case, call.actor, kind))
        known = [
            row for row in self._kinds(case, call.rules, legal_date(call.now)) if self.reads(case, call.actor, row.id)
        ]
        found = faults_of_name(call.asked["name"])
        if kind not in {row.id for row in known}:
            kinds = ", ".join(f"{row.id} {row.name.zh}" for row in known)
            told = Text(
                f"“{kind}”不是本案的材料种类：{kinds}", f"{kind!r} is not a kind of document of this case: {kinds}"
            )
            found.append(Violation("kind", "unknown_kind", told))
        if found:
            raise invalid(found)
        return kind

    def may_replace(self, call: Call) -> str:
        """The kind of what is to be replaced. Raises Problem."""
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
            old = self._held(tx, case, call).get(call.params["document"])
        if (by := filing.sender_of(case, call.rules, old.kind)) is not self.sender:
            raise Problem("forbidden", _SENT_BY[by])
        filing.may_change(case, self.sender, self._states(case, call.actor, old.kind, old))
        if found := faults_of_name(call.asked["name"]):
            raise invalid(found)
        return old.kind

    def add(self, path: str, call: Call) -> Reply:
        return self._take(call, path, self.may_add(call), None)

    def replace(self, path: str, call: Call) -> Reply:
        return self._take(call, path, self.may_replace(call), call.params["document"])

    def _take(self, call: Call, path: str, kind: str, replacing: str | None) -> Reply:
        """Take the file that arrived into the case."""
        incoming, name = call.incoming, call.asked["name"]
        if incoming is None:
            raise TypeError(f"{call.path} was sent no file")
        incoming.compare(call.headers.get("Content-Digest", ""))
        stated = call.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        with incoming.path.open("rb") as content:
            media, faults = examine(content, name, stated)
        if faults:
            raise invalid(faults)
        new = {
            "kind": kind,
            "name": name,
            "media": media,
            "size": incoming.size,
            "sha256": incoming.sha256,
            "scan": filing.WAITING if call.settings.scanner else None,
        }
        with call.transaction() as tx:
            case = visible_case(tx, call.params["ref"], call.actor, lock=True)
            held = filing.documents_of(tx, case, call.actor, call.rules)
            states = self._states(case, call.actor, kind, held.get(replacing) if replacing else None)
            made, is_new = filing.add(tx, held, new, actor=call.actor, now=call.now, replacing=replacing, states=states)
            if is_new and not call.dry_run:
                # Kept before it is committed that it is there.
                filing.in_hand(tx, incoming.sha256, wait=True)
                _kept(call, incoming)
            base = path.replace("<ref>", case.ref)
            body = view(held, made, base)
        return Reply(body, 201, {"Location": body["href"], "ETag": f'"{made.sha256}"'})

    def read(self, call: Call) -> Reply:
        """The content as it was sent, to be kept as a file and opened by no browser."""
        filing.refuse_trial(call.dry_run)
        with call.transaction() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
            one = self._held(tx, case, call).get(call.params["document"])
            _may_open(one, filing.sender_of(case, call.rules, one.kind), call)
            etag = f'"{one.sha256}"'
            headers = {
                "Content-Type": one.media,
                "Content-Disposition": f"attachment; filename*=UTF-8''{quote(one.name, safe='')}",
                "Content-Security-Policy": "sandbox; default-src 'none'",
                "Cache-Control": "private, no-cache",
                "ETag": etag,
            }
            if is_known(etag, call.headers.get("If-None-Match")):
                return Reply(b"", headers=headers)
            try:
                content = files_of(call).open(one.sha256)
            except FileNotFoundError:
                raise
            except OSError as error:
                log.warning("content_not_read", error=str(error))
                raise out_of_reach() from error
            filing.record_read(tx, one, actor=call.actor, now=call.now, correlation_id=call.correlation_id)
        return Reply(Stored(content, one.size), headers=headers)

    def remove(self, call: Call) -> Reply:
        with call.transaction() as tx:
            case = visible_case(tx, call.params["ref"], call.actor, lock=True)
            held = filing.documents_of(tx, case, call.actor, call.rules)
            one = held.get(call.params["document"])
            states = self._states(case, call.actor, one.kind)
            filing.remove(tx, held, one.id, actor=call.actor, now=call.now, states=states)
        return Reply(None, 204)


def _kept(call: Call, incoming: Incoming) -> None:
    """Put the file that arrived where contents are kept. Raises Problem while that does not answer."""
    files = files_of(call)
    try:
        files.put(incoming.path, incoming.sha256)
    except OSError as error:
        log.warning("content_not_kept", error=str(error))
        raise out_of_reach() from error


def out_of_reach() -> Problem:
    told = Text("材料存储暂时无法使用，请稍后重试", "the store of documents does not answer just now: try again later")
    return Problem("unavailable", told)


def files_of(call: Call) -> Contents:
    if call.context.files is None:
        raise Problem(
            "unavailable",
            Text(
                "此处不保存材料：未设置QUANHENG_DOCUMENTS_FOLDER",
                "no documents are kept here: QUANHENG_DOCUMENTS_FOLDER is not set",
            ),
        )
    return call.context.files


def view(held: Documents, one: Upload, base: str) -> dict[str, Any]:
    """The version as an answer has it. Missing values are absent."""
    row = next(
        (row for row in held.rules.documents if row.id == one.kind and held.case.procedure in row.procedures), None
    )
    named = row.name._asdict() if row else {"zh": one.kind, "en": one.kind}
    body = {
        "id": one.id,
        "kind": one.kind,
        "kind_name": named,
        "name": one.name,
        "media": one.media,
        "size": one.size,
        "sha256": one.sha256,
        "added_at": one.added_at,
        "added_by": one.added_by,
        "filed_at": one.filed_at,
        "replaces": one.replaces,
        "replaced_by": next((each.id for each in held.versions if each.replaces == one.id), None),
        "scan": one.scan,
        "href": f"{base}/{one.id}",
    }
    return {name: value for name, value in body.items() if value is not None}


def _may_open(one: Upload, sender: Role, call: Call) -> None:
    """Raises Problem. A file that waits for the scanner is open to its sender only, an infected one to nobody."""
    if one.scan == filing.INFECTED:
        raise Problem(
            "wrong_state", Text("查出病毒，不提供下载", "the virus scanner found malware in it: it is given to nobody")
        )
    if one.scan == filing.WAITING and filing.side_of(call.actor) is not sender:
        raise Problem(
            "wrong_state",
            Text("尚未查毒，请稍后再试", "the virus scanner has not looked at it yet: ask again in a moment"),
        )
