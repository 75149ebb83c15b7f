"""The API of a register: reading it as of a day, adding and changing entries, taking lists from files."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from shared.http.conditions import etag, versions_matched
from shared.http.faults import FAULTS
from shared.http.paging import page
from shared.http.routes import XLSX, Media, Reply, Route
from shared.problems import Problem
from shared.registers import changes, importing, schemas, store, versions
from shared.registers.lists import told_headings
from shared.runtime.time import legal_date
from shared.schemas import instance, listed
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from marshmallow import Schema
    from sqlalchemy import Connection

    from shared.http.routes import Call
    from shared.identity import Actor, Role
    from shared.registers.register import Register
    from shared.registers.store import Held
    from shared.registers.versions import Version

LISTS = Media("text/csv", XLSX.most_bytes, (XLSX.type,))
_ACTS: dict[str, tuple[str, str, Callable[[Register], type[Schema]]]] = {
    "change": ("变更", "Change", schemas.changed),
    "correct": ("更正", "Correct a version of", schemas.corrected),
    "end": ("终止", "End", lambda _register: schemas.Ending),
    "restore": ("恢复", "Restore", lambda _register: schemas.Restoring),
}


def _by_path(call: Call) -> str:
    return call.params["code"]


def _any_reader(_tx: Connection, _call: Call) -> None:
    """Whoever the route admits may read it."""


def day_of(call: Call) -> date:
    """The day as of which is asked; today if not said."""
    day: date = call.asked.get("on", legal_date(call.now))
    return day


@dataclass(frozen=True, slots=True)
class RegisterApi:
    """A register over HTTP.

    `owner` says whose entry a new one is, from what is called and what is sent; `of` whose entries are meant by a path,
    and for lists None for all; `href` where an entry is, by its owner and code; `faults` are the meanings of the codes
    that only the service has; `readable` raises Problem where a list is not the caller's to read.
    """

    register: Register
    faults: Mapping[str, Text]
    of: Callable[[Call], str]
    href: Callable[[Call, str, str], str]
    all_of: Callable[[Call], str | None]
    owner: Callable[[Call, Mapping[str, Any]], str]
    code: Callable[[Call], str] = _by_path
    readable: Callable[[Connection, Call], None] = _any_reader

    def show_list(self, call: Call) -> Reply:
        day = day_of(call)
        with call.store.reading() as tx:
            self.readable(tx, call)
            found, end = store.page_of(tx, self.register, self.all_of(call), call.asked, day)
        items = [{**self._listed(owner, version, day, call), "version": many} for owner, version, many in found]
        return page(call, items, end)

    def show(self, call: Call) -> Reply:
        with call.store.reading() as tx:
            held = store.get(tx, self.register, self.of(call), self.code(call))
        return self._answer(held, call, day_of(call))

    def add(self, call: Call) -> Reply:
        keeps(call.actor)
        raw = call.json
        body = call.body(instance(schemas.added(self.register)))
        content = {name: value for name, value in raw.items() if name != "since"}
        with call.transaction() as tx:
            said = store.Said(call.actor, call.now)
            owner = self.owner(call, content)
            held = changes.add(tx, self.register, owner, content, body.get("since"), said, call.rules)
            changes.agree(tx, held)
        return self._answer(held, call, max(legal_date(call.now), held.versions[-1].since), 201)

    def act(self, action: str, call: Call) -> Reply:
        keeps(call.actor)
        raw, body = call.json, call.body(instance(_ACTS[action][2](self.register)))
        wanted = self._versions(call)
        with call.transaction() as tx:
            held = store.get(tx, self.register, self.of(call), self.code(call), lock=True)
            if wanted is not None and held.version not in wanted:
                sent = ", ".join(map(str, sorted(wanted)))
                detail = Text(
                    f"该条目现为第{held.version}版，您发送的是第{sent}版：请重新读取后再决定",
                    f"the entry is at version {held.version}, you sent {sent}: read it again, then decide again",
                )
                raise Problem("stale", detail, extra={"version": held.version})
            said = store.Said(call.actor, call.now, body.get("reason"))
            held = changes.act(tx, held, action, body, raw, said, call.rules)
            changes.agree(tx, held)
        return self._answer(held, call, legal_date(call.now))

    def take_file(self, call: Call) -> Reply:
        """Take a list in a file, or say line by line what would become of it."""
        keeps(call.actor)
        preview, since = call.asked["preview"], call.asked.get("since")
        said = store.Said(call.actor, call.now)
        with call.transaction() as tx:
            trial = tx.begin_nested()
            lines = importing.take(tx, self.register, self.of(call), call.file, since, said, call.rules)
            if preview:
                trial.rollback()
            else:
                importing.refuse_wrong(lines)
                trial.commit()
        return Reply(importing.report(lines, {**FAULTS, **self.faults}))

    def reads(self, listing: str, entry: str, access: Role | str) -> list[Route]:
        """The routes of whoever reads it; without `listing`, of one entry only."""
        zh, one, many = self.register.names
        found = [
            Route(
                *("GET", entry, self.show, access, Text(f"查看{zh}", f"Read a {one} as of a day")),
                asks=schemas.AsOf,
                gives=schemas.whole_entry(self.register),
                versioned=True,
            )
        ]
        if listing:
            asks, gives = schemas.RegisterQuery, listed(schemas.listed_entry(self.register))
            said = Text(f"{zh}名册", f"List or find {many}")
            found.insert(0, Route("GET", listing, self.show_list, access, said, asks=asks, gives=gives))
        return found

    def writes(self, listing: str, entry: str, access: Role | str) -> list[Route]:
        """The routes of whoever keeps it."""
        zh, one, many = self.register.names
        whole = schemas.whole_entry(self.register)
        lists = [
            Route(
                *("POST", f"{listing}/import", self.take_file, access),
                Text(f"导入{zh}名册", f"Take a list of {many} from a file"),
                accepts=LISTS,
                asks=schemas.ImportQuery,
                gives=schemas.ImportReport,
                about=(
                    "CSV或xlsx，首行为表头；先以`preview=true`逐行预览，再全部导入或全部不导入。"
                    " CSV or .xlsx with a line of headings, in Chinese or by field name:"
                    f" {told_headings(self.register.form, self.register.cells)}."
                    " Preview it line by line with `preview=true`; then it is taken whole or not at all."
                ),
            )
        ]
        return [
            *(lists if self.register.listed else ()),
            Route(
                *("POST", listing, self.add, access, Text(f"登记{zh}", f"Add a {one}")),
                takes=schemas.added(self.register),
                gives=whole,
                status=201,
            ),
            *(
                Route(
                    *("POST", f"{entry}/actions/{action}", partial(self.act, action), access),
                    Text(f"{said}{zh}", f"{en} a {one}"),
                    takes=body(self.register),
                    gives=whole,
                    versioned=True,
                )
                for action, (said, en, body) in _ACTS.items()
            ),
        ]

    def _versions(self, call: Call) -> frozenset[int] | None:
        """The versions that the caller names in If-Match; None for any. Raises Problem if there is no If-Match."""
        if "If-Match" in call.headers:
            return versions_matched(call.headers)
        with call.store.reading() as tx:
            held = store.get(tx, self.register, self.of(call), self.code(call))
        tag = etag(held.version)
        detail = f"send If-Match with the ETag that reading the entry returned; it is now If-Match: {tag}"
        raise Problem("precondition_required", detail, extra={"version": held.version})

    def _listed(self, owner: str, version: Version, day: date, call: Call) -> dict[str, Any]:
        return {
            "content": version.content,
            **({self.register.owner[0]: owner} if self.register.owner else {}),
            "status": self.register.status(version, day),
            "version": version.number,
            "since": version.since,
            "href": self.href(call, owner, version.content["code"]),
        }

    def _answer(self, held: Held, call: Call, day: date, status: int = 200) -> Reply:
        """The entry as of a day; before it begins, as it begins."""
        standing = versions.counting(held.versions)
        version = held.on(day) or standing[0]
        shown = {**self._listed(held.owner, version, day, call), "version": held.version}
        numbers = {one.number for one in standing}
        shown["versions"] = [_version(one, counts=one.number in numbers) for one in held.versions]
        shown["intact"] = held.intact
        headers = {"ETag": etag(held.version)}
        if status == 201:  # noqa: PLR2004 - Created
            headers["Location"] = shown["href"]
        return Reply(shown, status, headers)


def keeps(actor: Actor) -> None:
    """Raises Problem for staff of a city or county: the registers of the office are the province's."""
    if not actor.sees_every_office:
        raise Problem("forbidden", Text("名册由省级机关维护", "the office of the province keeps this register"))


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
        "role": one.role,
        "at": one.at,
    }
    return {name: value for name, value in told.items() if value is not None}
