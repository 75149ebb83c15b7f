"""The registers of the examples, filled as the office and a laboratory would: the laboratory, its people and standards,
and the experts who assess manufacturers."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from deploy.local.client import Client, Refused
from deploy.local.folders import ROOT
from shared.identity import Actor, Role

if TYPE_CHECKING:
    from datetime import date

    from deploy.local.system import System

EXAMPLES = ROOT / "docs/examples"
LABORATORY = json.loads((EXAMPLES / "laboratory.json").read_bytes())
LAB: str = LABORATORY["code"]
SINCE = "2013-06-01"
"""From when the examples hold."""
SECTION_HEAD = Actor("chu", "褚处长", Role.STAFF, posts=frozenset({"section_head"}))
TESTER = Actor("chen", "陈主检", Role.LAB, LAB)
LISTS = ("people", "standards")
_FIRST = ("检定或校准日期", "注册起始日期", "证书起始日期", "聘期起始日期")
_LAST = ("有效期至", "注册截止日期", "证书截止日期", "聘期截止日期")


def fill(system: System) -> None:
    """Register the laboratory and the experts, unless they are there, and have the laboratory take in the lists of its
    people and standards."""
    office, experts = _office(system, "type_approval"), _office(system, "licensing")
    try:
        office.post("/internal/v1/laboratories", {**LABORATORY, "since": SINCE})
    except Refused as refused:
        if refused.codes != {"in_register"}:
            raise
        return
    for name in LISTS:
        _lab(system).upload(f"/v1/lab/{name}/import?since={SINCE}", example(name), "text/csv")
    experts.upload(f"/internal/v1/experts/import?since={SINCE}", example("experts"), "text/csv")


def prolong(system: System, today: date) -> None:
    """Prolong what the examples say to this year and the next, for whoever tries the system out now."""
    office, first, last = _office(system, "type_approval"), f"{today.year}-01-01", f"{today.year + 1}-12-31"
    place = f"/internal/v1/laboratories/{LAB}"
    held = office.get(place)
    if held["content"]["valid_until"] < last:
        told = {name: value for name, value in LABORATORY.items() if name != "code"}
        office.act(place, "change", {**told, "valid_from": first, "valid_until": last, "since": first})
    for name in LISTS:
        _lab(system).upload(f"/v1/lab/{name}/import?since={first}", _prolonged(name, first, last), "text/csv")
    experts = _office(system, "licensing")
    experts.upload(f"/internal/v1/experts/import?since={first}", _prolonged("experts", first, last), "text/csv")


def _office(system: System, service: str) -> Client:
    return Client(system.url(service), system.token(SECTION_HEAD))


def _lab(system: System) -> Client:
    return Client(system.url("type_approval"), system.token(TESTER))


def _prolonged(name: str, first: str, last: str) -> bytes:
    lines = list(csv.reader(io.StringIO(example(name).decode())))
    dates = {heading: day for headings, day in ((_FIRST, first), (_LAST, last)) for heading in headings}
    newer = [[dates.get(heading, text) for heading, text in zip(lines[0], line, strict=True)] for line in lines[1:]]
    made = io.StringIO()
    csv.writer(made).writerows([lines[0], *newer])
    return made.getvalue().encode()


def example(name: str) -> bytes:
    """The list of that name."""
    return (EXAMPLES / f"{name}.csv").read_bytes()
