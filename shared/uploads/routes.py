"""Documents over HTTP: the list of a case, contents out, and files in."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from shared.http.routes import FILE, Route
from shared.identity import Role
from shared.observability import get_logger
from shared.text import Text
from shared.uploads.archive import export
from shared.uploads.schemas import (
    CaseDocuments,
    Document,
    LabUploadQuery,
    OfficeUploadQuery,
    ReplacingQuery,
    UploadQuery,
)
from shared.uploads.sending import Side, everything, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from marshmallow import Schema

    from shared.casework import Case
    from shared.http.cases import CaseApi
    from shared.identity import Actor


log = get_logger(__name__)


def upload_routes(
    cases: CaseApi,
    application: Callable[[Mapping[str, Any]], str],
    with_lab: Collection[str] = (),
    corrected: Callable[[Case], Collection[str]] = nothing,
    by_lab: Callable[[Case], Collection[str]] = nothing,
    with_office: Collection[str] = (),
    reads: Callable[[Case, Actor, str], bool] = everything,
) -> list[Route]:
    """The routes of the documents of a procedure's cases; `application` says of a form which kind of application it is,
    as the law's data call it. In the states `with_lab` the laboratory sends documents too, and the office and its
    experts while they may do one of the actions `with_office`. `corrected` are the kinds that the applicant sends after
    the submission, again or because the procedure asks for them, if any, and `by_lab` those of the laboratory. `reads`
    says of a kind that the law lets a side read whether it concerns this person of it now."""
    sides = {
        Role.APPLICANT: Side(cases, application, corrected=corrected),
        Role.LAB: Side(cases, application, Role.LAB, with_lab, by_lab, reads=reads),
        **dict.fromkeys((Role.EXPERT, Role.STAFF), Side(cases, application, Role.STAFF, (), actions=with_office)),
    }
    routes = []
    for role, path in cases.faces.items():
        side, documents, one = sides[role], f"{path}/<ref>/documents", f"{path}/<ref>/documents/<document>"
        routes += [
            Route(
                "GET",
                documents,
                partial(side.list, path),
                role,
                Text("申请材料", "List the documents of a case"),
                gives=CaseDocuments,
            ),
            Route(
                "GET",
                one,
                sides[role].read,
                role,
                Text("下载申请材料", "Fetch a document of a case"),
                media="*/*",
                problems=("wrong_state",),
                about="下载记录在案。 Who fetches it is recorded.",
            ),
        ]
        if role not in {Role.LAB, Role.EXPERT}:
            routes.append(
                Route(
                    "GET",
                    f"{path}/<ref>/export.zip",
                    partial(export, cases),
                    role,
                    Text("下载全案", "Fetch a whole case as one file"),
                    media="application/zip",
                    about=(
                        "BagIt（RFC 8493）：材料各版本、办理记录、事件、文书和证书；用sha256sum -c核验。"
                        " All versions of documents, journal, events, notices and permits; `sha256sum -c` checks it."
                    ),
                )
            )
        if side.states or side.actions:
            routes += _sent(side, role, documents, one)
    return routes


_SAID: Mapping[Role, tuple[type[Schema], str, str]] = {
    Role.APPLICANT: (UploadQuery, "a document", "申请材料"),
    Role.LAB: (LabUploadQuery, "a photograph of prototypes", "样机照片"),
    **dict.fromkeys((Role.EXPERT, Role.STAFF), (OfficeUploadQuery, "evidence", "证据")),
}
"""By side: what it is asked for, and what it sends."""


def _sent(side: Side, role: Role, documents: str, one: str) -> list[Route]:
    """The routes by which one side sends documents; what a laboratory sends is part of the case at once."""
    asks, what, zh = _SAID[role]
    about = (
        _ABOUT if role in {Role.APPLICANT, Role.LAB} else ""
    )  # as for the others; the document of the office is long enough
    sent = partial(Route, accepts=FILE, gives=Document, status=201, problems=("wrong_state", "stale"), about=about)
    found = [
        sent(
            "POST",
            documents,
            partial(side.add, documents),
            role,
            Text(f"上传{zh}", f"Upload {what}"),
            asks=asks,
            admits=side.may_add,
        ),
        sent(
            "PUT",
            one,
            partial(side.replace, documents),
            role,
            Text(f"更换{zh}", f"Replace {what}"),
            asks=ReplacingQuery,
            admits=side.may_replace,
        ),
    ]
    if role is not Role.LAB:
        taken_back = Text(f"撤下{zh}", f"Remove {what} that is not filed yet")
        problems = ("wrong_state", "stale")
        found.append(Route("DELETE", one, side.remove, role, taken_back, status=204, problems=problems))
    return found


_ABOUT = (
    "请求正文即文件本身，不用multipart。 The body is the file itself, no multipart."
    " 带有Content-Digest（RFC 9530，sha-256）的，收到后核对。"
    " A Content-Digest with sha-256 is compared with what arrived."
    " 查出病毒的材料在任何状态下均可更换。 What the scanner found infected is replaced in any state of the case."
    " 内容相同的不重复保存。 What is there already is not added again: the answer is the one there is."
)
