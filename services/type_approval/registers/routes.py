"""The API of the registers: the office keeps the laboratories, a laboratory its own people and standards."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from services.type_approval.registers import commands, importing, rules, schemas, store
from services.type_approval.registers.figures import Figures, FiguresQuery, figures
from shared.http.conditions import etag, versions_matched
from shared.http.paging import page
from shared.http.routes import XLSX, Call, Media, Reply, Route
from shared.identity import Role
from shared.problems import Problem
from shared.runtime.time import legal_date
from shared.schemas import instance, listed

if TYPE_CHECKING:
    from collections.abc import Callable

    from marshmallow import Schema

    from services.type_approval.registers.rules import Version
    from services.type_approval.registers.store import Held

OFFICE, LAB = "/internal/v1/laboratories", "/v1/lab"
KEEPER = "staff:section_head"
"""Who keeps the register of laboratories."""
LISTS = Media("text/csv", XLSX.most_bytes, (XLSX.type,))
NAMES = {
    "laboratories": ("技术机构", "laboratory", "laboratories"),
    "people": ("技术人员", "person", "people"),
    "standards": ("计量标准器", "measurement standard", "measurement standards"),
}
_ACTS: dict[str, tuple[str, str, Callable[[str], type[Schema]]]] = {
    "change": ("变更", "Change", schemas.changed),
    "correct": ("更正", "Correct a version of", schemas.corrected),
    "end": ("终止", "End", lambda _register: schemas.Ending),
    "restore": ("恢复", "Restore", lambda _register: schemas.Restoring),
}


def lab_of(call: Call) -> str:
    """The laboratory whose entries are meant: the caller's own, or for the office the one in the path."""
    return call.actor.organisation if call.actor.role is Role.LAB else call.params["lab"]


def _code(register: str, call: Call) -> str:
    return lab_of(call) if register == "laboratories" else call.params["code"]


def _day(call: Call) -> date:
    day: date = call.asked.get("on", legal_date(call.now))
    return day


def show_list(register: str, call: Call) -> Reply:
    asked, day = call.asked, _day(call)
    with call.store.reading() as tx:
        if register == "laboratories":
            lab = None
        else:
            lab = lab_of(call)
            if call.actor.role is Role.STAFF:
                store.get(tx, "laboratories", lab, lab)
        found, end = store.page_of(tx, register, lab, asked, day)
    items = [{**_listed(register, of, version, day, call), "version": many} for of, version, many in found]
    return page(call, items, end)


def show(register: str, call: Call) -> Reply:
    with call.store.reading() as tx:
        held = store.get(tx, register, lab_of(call), _code(register, call))
    return _answer(held, call, _day(call))


def add(register: str, call: Call) -> Reply:
    raw = call.json
    body = call.body(instance(schemas.added(register)))
    content = {name: value for name, value in raw.items() if name != "since"}
    lab = content["code"] if register == "laboratories" else lab_of(call)
    with call.transaction() as tx:
        said = store.Said(call.actor, call.now)
        held = commands.add(tx, register, lab, content, body.get("since"), said, call.rules)
        commands.agree(tx, held)
    return _answer(held, call, max(legal_date(call.now), held.versions[-1].since), 201)


def act(register: str, action: str, call: Call) -> Reply:
    raw, body = call.json, call.body(instance(_ACTS[action][2](register)))
    wanted = _versions(register, call)
    with call.transaction() as tx:
        held = store.get(tx, register, lab_of(call), _code(register, call), lock=True)
        if wanted is not None and held.version not in wanted:
            sent = ", ".join(map(str, sorted(wanted)))
            detail = f"the entry is at version {held.version}, you sent {sent}: read it again, then decide again"
            raise Problem("stale", detail, extra={"version": held.version})
        said = store.Said(call.actor, call.now, body.get("reason"))
        held = commands.act(tx, held, action, body, raw, said, call.rules)
        commands.agree(tx, held)
    return _answer(held, call, legal_date(call.now))


def take_file(register: str, call: Call) -> Reply:
    """Take a list in a file, or say line by line what would become of it."""
    preview, since = call.asked["preview"], call.asked.get("since")
    said = store.Said(call.actor, call.now)
    with call.transaction() as tx:
        trial = tx.begin_nested()
        lines = importing.take(tx, register, lab_of(call), call.file, since, said, call.rules)
        if preview:
            trial.rollback()
        else:
            importing.refuse_wrong(lines)
            trial.commit()
    return Reply(importing.report(lines))


def show_figures(call: Call) -> Reply:
    """As of the last day of the year asked for, or of today if that is earlier."""
    today = legal_date(call.now)
    on = min(today, date(call.asked.get("year", today.year), 12, 31))
    with call.store.reading() as tx:
        laboratories, people, standards = (store.all_on(tx, name, on) for name in NAMES)
    return Reply(figures(laboratories, people, standards, on))


def _versions(register: str, call: Call) -> frozenset[int] | None:
    """The versions that the caller names in If-Match; None for any. Raises Problem if there is no If-Match."""
    if "If-Match" in call.headers:
        return versions_matched(call.headers)
    with call.store.reading() as tx:
        held = store.get(tx, register, lab_of(call), _code(register, call))
    tag = etag(held.version)
    detail = f"send If-Match with the ETag that reading the entry returned; it is now If-Match: {tag}"
    raise Problem("precondition_required", detail, extra={"version": held.version})


def _listed(register: str, lab: str, version: Version, day: date, call: Call) -> dict[str, Any]:
    code = version.content["code"]
    return {
        "content": version.content,
        "lab": lab,
        "status": rules.status(register, version, day),
        "version": version.number,
        "since": version.since,
        "href": _href(register, lab, code, call),
    }


def _href(register: str, lab: str, code: str, call: Call) -> str:
    if register == "laboratories":
        return f"{LAB}/laboratory" if call.actor.role is Role.LAB else f"{OFFICE}/{quote(code, safe='')}"
    base = LAB if call.actor.role is Role.LAB else f"{OFFICE}/{quote(lab, safe='')}"
    return f"{base}/{register}/{quote(code, safe='')}"


def _answer(held: Held, call: Call, day: date, status: int = 200) -> Reply:
    """The entry as of a day; before it begins, as it begins."""
    version = held.on(day) or rules.counting(held.versions)[0]
    shown = {**_listed(held.register, held.lab, version, day, call), "version": held.version}
    standing = {one.number for one in rules.counting(held.versions)}
    shown["versions"] = [_version(one, counts=one.number in standing) for one in held.versions]
    shown["intact"] = held.intact
    headers = {"ETag": etag(held.version)}
    if status == 201:  # noqa: PLR2004 - Created
        headers["Location"] = shown["href"]
    return Reply(shown, status, headers)


def _version(one: Version, *, counts: bool) -> dict[str, Any]:
    told = {
        "version": one.number,
        "since": one.since,
        "content": one.content,
        "action": one.action,
        "ended": one.ended,
        "counts": counts,
        "supersedes": one.supersedes,
        "reason": one.reason,
        "by": one.actor_name,
        "at": one.at,
    }
    return {name: value for name, value in told.items() if value is not None}


def _reads(register: str, listing: str, entry: str, role: Role) -> list[Route]:
    zh, one, many = NAMES[register]
    found = [
        Route(
            *("GET", entry, partial(show, register), role, f"Read a {one} as of a day 查看{zh}"),
            asks=schemas.AsOf,
            gives=schemas.whole_entry(register),
            versioned=True,
        )
    ]
    if listing:
        asks, gives = schemas.RegisterQuery, listed(schemas.listed_entry(register))
        found.insert(
            0,
            Route(
                *("GET", listing, partial(show_list, register), role, f"List or find {many} {zh}名册"),
                asks=asks,
                gives=gives,
            ),
        )
    return found


def _writes(register: str, listing: str, entry: str, access: str) -> list[Route]:
    zh, one, many = NAMES[register]
    whole = schemas.whole_entry(register)
    lists = [
        Route(
            *("POST", f"{listing}/import", partial(take_file, register), access),
            f"Take a list of {many} from a file 导入{zh}名册",
            accepts=LISTS,
            asks=schemas.ImportQuery,
            gives=schemas.ImportReport,
            about=(
                "CSV或xlsx，首行为表头；先以`preview=true`逐行预览，再全部导入或全部不导入。"
                " CSV or .xlsx with a line of headings, in Chinese or by field name:"
                f" {', '.join(f'{label} `{name}`' for name, label in importing.columns(register).items())}."
                " Preview it line by line with `preview=true`; then it is taken whole or not at all."
            ),
        )
    ]
    return [
        *(lists if register in importing.REGISTERS else ()),
        Route(
            *("POST", listing, partial(add, register), access, f"Add a {one} 登记{zh}"),
            takes=schemas.added(register),
            gives=whole,
            status=201,
        ),
        *(
            Route(
                *("POST", f"{entry}/actions/{action}", partial(act, register, action), access),
                f"{en} a {one} {said}{zh}",
                takes=body(register),
                gives=whole,
                versioned=True,
            )
            for action, (said, en, body) in _ACTS.items()
        ),
    ]


ROUTES = [
    Route(
        *("GET", "/internal/v1/registers/figures", show_figures, Role.STAFF, "Count what the registers have 名册指标"),
        asks=FiguresQuery,
        gives=Figures,
    ),
    *_reads("laboratories", OFFICE, f"{OFFICE}/<lab>", Role.STAFF),
    *_writes("laboratories", OFFICE, f"{OFFICE}/<lab>", KEEPER),
    *_reads("laboratories", "", f"{LAB}/laboratory", Role.LAB),
    *(
        route
        for register in ("people", "standards")
        for own, theirs in ((f"{LAB}/{register}", f"{OFFICE}/<lab>/{register}"),)
        for route in (
            *_reads(register, theirs, f"{theirs}/<code>", Role.STAFF),
            *_reads(register, own, f"{own}/<code>", Role.LAB),
            *_writes(register, own, f"{own}/<code>", Role.LAB),
        )
    ),
]
