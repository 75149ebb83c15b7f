"""What may be read of documents: what permits are now, their signed documents and those of notices, and the keys."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
from marshmallow import fields

from shared.casework import visible_case
from shared.documents import status
from shared.documents.issues import issue_of, notice_of, read_notice, read_permit
from shared.documents.metadata import metadata
from shared.documents.schemas import (
    CheckedNotice,
    ChecksQuery,
    IssueQuery,
    Metadata,
    Paper,
    PublishedKeys,
    checks_of,
)
from shared.http import case_views
from shared.http.routes import PUBLIC, Call, Reply, Route
from shared.identity import Role
from shared.labels import labelled
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.schemas import instance
from shared.text import Text, as_numbered

if TYPE_CHECKING:
    from marshmallow import Schema
    from sqlalchemy import Connection

    from shared.documents.issues import Permits
    from shared.http.cases import CaseApi

KEYS_PATH = "/.well-known/quanheng/keys.json"
Find = Callable[["Connection", Collection[str], date], Mapping[str, Mapping[str, Any]]]
"""Finds permits by their numbers in any spelling; by number, as anybody may read them on that day."""
_FORMS = {"pdf": "application/pdf", "jws": "application/jose"}
_ASK_AGAIN = {"Cache-Control": "no-cache"}
"""Kept by whoever asks, who asks again each time whether it still holds."""


def permit_routes(permits: Permits, summary: Text, find: Find, gives: type[Schema]) -> list[Route]:
    """The routes of one kind of permit; `gives` describes what `find` finds."""
    path = f"{permits.path}/<number>"
    paper = type(
        f"Checked{gives.__name__}",
        (gives,),
        {
            "__doc__": gives.__doc__,
            "paper": fields.Nested(Paper, metadata=labelled("扫码核验的这一份", "the document whose code was given")),
        },
    )
    return [
        Route("GET", path, partial(_permit, permits, find), PUBLIC, summary, gives=gives),
        Route(
            *(
                "POST",
                "/v1/checks",
                partial(_permits, find),
                PUBLIC,
                Text("批量查询", "Check up to 100 numbers at once"),
            ),
            takes=ChecksQuery,
            gives=checks_of(gives),
            about="所答与逐一查询相同。 Each permit is answered as it is to its number alone. Nothing is changed.",
        ),
        *(
            Route(
                "GET",
                f"{path}/document.{form}",
                partial(_document, form),
                PUBLIC,
                Text(f"下载签名文件（{form.upper()}）", f"Fetch the signed document as {form.upper()}"),
                asks=IssueQuery,
                media=media,
            )
            for form, media in _FORMS.items()
        ),
        Route(
            "GET",
            f"{path}/metadata.json",
            partial(_metadata, permits),
            PUBLIC,
            Text("电子证照元数据", "Read the metadata of the electronic licence"),
            asks=IssueQuery,
            gives=Metadata,
            about="GB/T 36903；未核实。 After GB/T 36903, unverified; what has no code yet is blank.",
        ),
        Route(
            "GET",
            "/p/<number>/<code>",
            partial(_check, permits, find),
            PUBLIC,
            Text("扫码核验", "Check a paper by what its QR code says"),
            gives=paper,
            about="An unknown number and a wrong code are answered alike.",
        ),
        Route(
            "GET",
            f"{permits.path}/status-list",
            _status_list,
            PUBLIC,
            Text("失效名单", "Fetch the signed list of what has ended"),
            media=_FORMS["jws"],
            about="For checks without a network: `quanheng verify FILE --status status.jws`.",
        ),
        Route("GET", KEYS_PATH, _keys, PUBLIC, Text("签名公钥", "Fetch the office's keys"), gives=PublishedKeys),
    ]


def notice_routes(cases: CaseApi) -> list[Route]:
    """The routes of the notices that are filed in cases."""
    return [
        *(
            Route(
                "GET",
                f"{path}/<ref>/notices/<number>/document.{form}",
                partial(_notice, form),
                role,
                Text(f"下载文书（{form.upper()}）", f"Fetch a notice of a case as {form.upper()}"),
                media=media,
            )
            for role, path in cases.faces.items()
            if role is not Role.EXPERT
            for form, media in _FORMS.items()
        ),
        Route(
            "GET",
            "/n/<number>/<code>",
            _check_notice,
            PUBLIC,
            Text("文书扫码核验", "Check a notice by what its QR code says"),
            gives=CheckedNotice,
            about="An unknown number and a wrong code are answered alike.",
        ),
    ]


def _notice(form: str, call: Call) -> Reply:
    with call.store.reading() as tx:
        case = visible_case(tx, call.params["ref"], call.actor)
        wanted = as_numbered(call.params["number"])
        if wanted not in {entry["number"] for entry in case_views.notices(case, call.actor, "")}:
            raise Problem(
                "not_found",
                Text(
                    f"案卷中没有文书{call.params['number']}，或不属于您",
                    f"there is no notice {call.params['number']} in the case, or it is not yours",
                ),
            )
        document = read_notice(tx, wanted, form)
    return Reply(document, headers={"Content-Type": _FORMS[form], "Cache-Control": "private, no-cache"})


def _check_notice(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(notice_of(tx, call.params["number"], call.params["code"]), headers=_ASK_AGAIN)


def _one(tx: Connection, permits: Permits, find: Find, number: str, call: Call) -> dict[str, Any]:
    found = find(tx, [number], legal_date(call.now))
    if not found:
        raise permits.missing(number)
    return dict(found[as_numbered(number)])


def _permit(permits: Permits, find: Find, call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(_one(tx, permits, find, call.params["number"], call), headers=_ASK_AGAIN)


def _permits(find: Find, call: Call) -> Reply:
    numbers: list[str] = call.body(instance(ChecksQuery))["numbers"]
    with call.store.reading() as tx:
        known = find(tx, numbers, legal_date(call.now))
    found = [(number, known.get(as_numbered(number))) for number in numbers]
    items = [{"asked": number, "permit": permit} for number, permit in found if permit]
    return Reply({"items": items, "unknown": [number for number, permit in found if not permit]})


def _check(permits: Permits, find: Find, call: Call) -> Reply:
    with call.store.reading() as tx:
        number, issue = issue_of(tx, call.params["number"], call.params["code"])
        found = _one(tx, permits, find, number, call)
    paper = {"issue": issue, "newest": issue == found["issues"][-1]["issue"]}
    return Reply({**found, "paper": paper}, headers=_ASK_AGAIN)


def _document(form: str, call: Call) -> Reply:
    issue = call.asked.get("issue")
    with call.store.reading() as tx:
        document = read_permit(tx, call.params["number"], issue, form)
    return Reply(document, headers={"Content-Type": _FORMS[form], **_ASK_AGAIN})


def _metadata(permits: Permits, call: Call) -> Reply:
    with call.store.reading() as tx:
        made = orjson.loads(read_permit(tx, call.params["number"], call.asked.get("issue"), "json"))
    on, issue = date.fromisoformat(made.get("issued_on", made["granted_on"])), made["issue"]
    values = made.get("metadata") or metadata(made, issue, permits.procedure.id, call.rules, on)
    elements = [
        {"name": row.id, "zh": row.name.zh, "exchange": row.exchange, "confidence": row.confidence, "value": value}
        for row in call.rules.metadata
        if row.in_force(on) and (value := values.get(row.id))
    ]
    return Reply({"number": made["number"], "issue": issue, "elements": elements}, headers=_ASK_AGAIN)


def _status_list(call: Call) -> Reply:
    with call.store.reading() as tx:
        return Reply(status.newest(tx), headers={"Content-Type": _FORMS["jws"], **_ASK_AGAIN})


def _keys(call: Call) -> Reply:
    path = call.settings.published_keys
    if path is None:
        raise Problem(
            "not_found",
            Text("本机关未公布密钥，不签署文件", "this office has published no keys: it signs no documents"),
        )
    published: Mapping[str, Any] = orjson.loads(path.read_bytes())
    return Reply(published, headers=_ASK_AGAIN)
