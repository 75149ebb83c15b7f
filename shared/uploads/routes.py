"""Documents over HTTP: the list of a case, contents out, and files in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from shared.casework import visible_case
from shared.http.conditions import is_known
from shared.http.routes import FILE, Call, Reply, Route, Stored
from shared.identity import Role
from shared.observability import get_logger
from shared.problems import Problem, Violation
from shared.runtime.time import legal_date
from shared.schemas import invalid
from shared.text import Text
from shared.uploads import filing
from shared.uploads.archive import export
from shared.uploads.content import ENDINGS, examine, faults_of_name
from shared.uploads.schemas import CaseDocuments, Document, LabUploadQuery, ReplacingQuery, UploadQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from shared.casework import Case
    from shared.http.cases import CaseApi
    from shared.http.incoming import Incoming
    from shared.uploads.filing import Documents, Upload
    from shared.uploads.store import Contents


log = get_logger(__name__)


def _nothing(_case: Case) -> Collection[str]:
    return ()


def upload_routes(
    cases: CaseApi,
    application: Callable[[Mapping[str, Any]], str],
    with_lab: Collection[str] = (),
    corrected: Callable[[Case], Collection[str]] = _nothing,
) -> list[Route]:
    """The routes of the documents of a procedure's cases; `application` says of a form which kind of application it is,
    as the law's data call it; in the states `with_lab` the laboratory sends documents too; `corrected` are the kinds
    that the applicant sends after the submission, anew or because the procedure asks for them, if any."""
    side = _Side(cases, application, corrected=corrected)
    lab = _Side(cases, application, Role.LAB, with_lab)
    mine = f"{cases.faces[Role.APPLICANT]}/<ref>/documents"
    sent = partial(Route, accepts=FILE, gives=Document, problems=("wrong_state", "stale"), about=_ABOUT)
    return [
        *(
            route
            for role, path in cases.faces.items()
            for route in (
                Route(
                    "GET",
                    f"{path}/<ref>/documents",
                    partial(side.list, path),
                    role,
                    "List the documents of a case 申请材料",
                    gives=CaseDocuments,
                ),
                Route(
                    "GET",
                    f"{path}/<ref>/documents/<document>",
                    read,
                    role,
                    "Fetch a document of a case 下载申请材料",
                    media="*/*",
                    problems=("wrong_state",),
                    about="下载记录在案。 Who fetches it is recorded.",
                ),
            )
        ),
        *(
            Route(
                "GET",
                f"{path}/<ref>/export.zip",
                partial(export, cases),
                role,
                "Fetch a whole case as one file 下载全案",
                media="application/zip",
                about=(
                    "BagIt（RFC 8493）：材料各版本、办理记录、事件、文书和证书；用sha256sum -c核验。"
                    " All versions of documents, journal, events, notices and permits; `sha256sum -c` checks it."
                ),
            )
            for role, path in cases.faces.items()
            if role is not Role.LAB
        ),
        sent(
            "POST",
            mine,
            partial(side.add, mine),
            Role.APPLICANT,
            "Upload a document 上传申请材料",
            asks=UploadQuery,
            status=201,
            admits=side.may_add,
        ),
        sent(
            "PUT",
            f"{mine}/<document>",
            partial(side.replace, mine),
            Role.APPLICANT,
            "Replace a document 更换申请材料",
            asks=ReplacingQuery,
            status=201,
            admits=side.may_replace,
        ),
        *(
            route
            for theirs in ([f"{cases.faces[Role.LAB]}/<ref>/documents"] if with_lab else [])
            for route in (
                sent(
                    "POST",
                    theirs,
                    partial(lab.add, theirs),
                    Role.LAB,
                    "Upload a photograph of prototypes 上传样机照片",
                    asks=LabUploadQuery,
                    status=201,
                    admits=lab.may_add,
                ),
                sent(
                    "PUT",
                    f"{theirs}/<document>",
                    partial(lab.replace, theirs),
                    Role.LAB,
                    "Replace a photograph of prototypes 更换样机照片",
                    asks=ReplacingQuery,
                    status=201,
                    admits=lab.may_replace,
                ),
            )
        ),
        Route(
            "DELETE",
            f"{mine}/<document>",
            side.remove,
            Role.APPLICANT,
            "Remove a document that is not submitted yet 撤下申请材料",
            status=204,
            problems=("wrong_state", "stale"),
        ),
    ]


_ABOUT = (
    "请求正文即文件本身，不用multipart。 The body is the file itself, no multipart."
    " 带有Content-Digest（RFC 9530，sha-256）的，收到后核对。"
    " A Content-Digest with sha-256 is compared with what arrived."
    " 查出病毒的材料在任何状态下均可更换。 What the scanner found infected is replaced in any state of the case."
    " 内容相同的不重复保存。 What is there already is not added again: the answer is the one there is."
)


@dataclass(frozen=True, slots=True)
class _Side:
    cases: CaseApi
    application: Callable[[Mapping[str, Any]], str]
    sender: Role = Role.APPLICANT
    states: Collection[str] = filing.OPEN
    """In which it sends documents."""
    corrected: Callable[[Case], Collection[str]] = _nothing
    """The kinds that it sends in other states too."""

    def _states(self, case: Case, kind: str, old: Upload | None = None) -> Collection[str]:
        """In which states documents of that kind are sent to the case as it is, in the place of `old` if that is one.
        What is infected is of no use to anybody: it is replaced in any state."""
        anew = kind in self.corrected(case) or filing.is_infected(old)
        return {*self.states, case.state} if anew else self.states

    def list(self, path: str, call: Call) -> Reply:
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
            held = filing.documents_of(tx, case, call.actor, call.rules)
        day = filing.day_of(case, legal_date(call.now))
        asked = self.corrected(case)
        corrected = asked if call.actor.role is Role.APPLICANT else ()
        kinds = [
            {
                "kind": row.id,
                "zh": row.zh,
                "en": row.en,
                "required": row.required,
                "missing": row.required and row.id not in held.there,
                "basis": row.basis,
                "basis_zh": row.basis_zh,
                "verified": row.verified,
            }
            for row in filing.kinds_of(case, call.rules, day, self.application(case.form), asked={*asked, *held.there})
            if filing.reads_kind(call.actor, row)
        ]
        return Reply(
            {
                "kinds": kinds,
                "items": [_view(held, one, f"{path}/{case.ref}/documents") for one in held.versions],
                "open": case.state in filing.OPEN or bool(corrected),
                **({"open_kinds": sorted(corrected)} if corrected else {}),
                "most_bytes": call.settings.upload_bytes,
                "endings": ENDINGS,
            }
        )

    def may_add(self, call: Call) -> str:
        """The kind that is to be added. Raises Problem."""
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
        kind: str = call.asked["kind"]
        filing.may_change(case, self._states(case, kind))
        today = legal_date(call.now)
        asked = self.corrected(case)
        known = filing.kinds_of(case, call.rules, today, self.application(case.form), self.sender, asked)
        found = faults_of_name(call.asked["name"])
        if kind not in {row.id for row in known}:
            kinds = ", ".join(f"{row.id} {row.zh}" for row in known)
            found.append(
                Violation(
                    "kind",
                    "unknown_kind",
                    Text(
                        f"“{kind}”不是本案的材料种类：{kinds}", f"{kind!r} is no kind of document of this case: {kinds}"
                    ),
                )
            )
        if found:
            raise invalid(found)
        return kind

    def may_replace(self, call: Call) -> str:
        """The kind of what is to be replaced. Raises Problem."""
        with call.store.reading() as tx:
            case = visible_case(tx, call.params["ref"], call.actor)
            old = filing.documents_of(tx, case, call.actor, call.rules).get(call.params["document"])
        if filing.sender_of(case, call.rules, old.kind) is not self.sender:
            told = {
                Role.APPLICANT: Text("这是技术机构提交的材料", "the laboratory sent this document"),
                Role.LAB: Text("这是申请人提交的材料", "the applicant sent this document"),
            }
            raise Problem("forbidden", told[self.sender])
        filing.may_change(case, self._states(case, old.kind, old))
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
            states = self._states(case, kind, held.get(replacing) if replacing else None)
            made, is_new = filing.add(tx, held, new, actor=call.actor, now=call.now, replacing=replacing, states=states)
            if is_new and not call.dry_run:
                # Kept before it is committed that it is there.
                filing.in_hand(tx, incoming.sha256, wait=True)
                _kept(call, incoming)
            base = path.replace("<ref>", case.ref)
            body = _view(held, made, base)
        return Reply(body, 201, {"Location": body["href"], "ETag": f'"{made.sha256}"'})

    def remove(self, call: Call) -> Reply:
        with call.transaction() as tx:
            case = visible_case(tx, call.params["ref"], call.actor, lock=True)
            held = filing.documents_of(tx, case, call.actor, call.rules)
            one = held.get(call.params["document"])
            filing.remove(tx, held, one.id, actor=call.actor, now=call.now, states=self._states(case, one.kind))
        return Reply(None, 204)


def read(call: Call) -> Reply:
    """The content as it was sent, to be kept as a file and opened by no browser."""
    filing.refuse_trial(call.dry_run)
    with call.transaction() as tx:
        case = visible_case(tx, call.params["ref"], call.actor)
        one = filing.documents_of(tx, case, call.actor, call.rules).get(call.params["document"])
        _may_open(one, call)
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
            content = _files(call).open(one.sha256)
        except FileNotFoundError:
            raise
        except OSError as error:
            log.warning("content_not_read", error=str(error))
            raise _out_of_reach() from error
        filing.record_read(tx, one, actor=call.actor, now=call.now, correlation_id=call.correlation_id)
    return Reply(Stored(content, one.size), headers=headers)


def _may_open(one: Upload, call: Call) -> None:
    """Raises Problem. A file that waits for the scanner is open to its sender only, an infected one to nobody."""
    if one.scan == filing.INFECTED:
        raise Problem(
            "wrong_state", Text("查出病毒，不提供下载", "the virus scanner found malware in it: it is given to nobody")
        )
    if one.scan == filing.WAITING and call.actor.role is not Role.APPLICANT:
        raise Problem(
            "wrong_state",
            Text("尚未查毒，请稍后再试", "the virus scanner has not looked at it yet: ask again in a moment"),
        )


def _kept(call: Call, incoming: Incoming) -> None:
    """Put the file that arrived where contents are kept. Raises Problem while that does not answer."""
    files = _files(call)
    try:
        files.put(incoming.path, incoming.sha256)
    except OSError as error:
        log.warning("content_not_kept", error=str(error))
        raise _out_of_reach() from error


def _out_of_reach() -> Problem:
    told = Text("材料存储暂时无法使用，请稍后重试", "the store of documents does not answer just now: try again later")
    return Problem("unavailable", told)


def _files(call: Call) -> Contents:
    if call.context.files is None:
        raise Problem("unavailable", "no documents are kept here: QUANHENG_DOCUMENTS_FOLDER is not set")
    return call.context.files


def _view(held: Documents, one: Upload, base: str) -> dict[str, Any]:
    """The version as an answer has it. Missing values are absent."""
    row = next(
        (row for row in held.rules.documents if row.id == one.kind and held.case.procedure in row.procedures), None
    )
    named = {"zh": row.zh, "en": row.en} if row else {"zh": one.kind, "en": one.kind}
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
