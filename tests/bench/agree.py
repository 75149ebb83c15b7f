"""`python -m tests.bench.agree`: whether 10,000 certificates are the same in every form in which they are told.

By number, in the register, as of a day, as JSON Lines and CSV, and in the signed list of what has ended.
"""

from __future__ import annotations

import csv
import sys
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from deploy.local import backing
from services.type_approval.certificate.historic import CERTIFICATES
from services.type_approval.models import certificates
from services.type_approval.papers import PERMITS
from services.type_approval.queries import REGISTER, find_certificates
from shared.casework import Cause
from shared.documents import open_data, status
from shared.documents.key_files import read_keys
from shared.documents.keys import Purpose
from shared.historic.kinds import Told
from shared.historic.loads import MOST_LINES, take
from shared.law import load
from tests.services.test_historic import HEADINGS, line
from tests.shared.documents.parts import seal_in
from tests.support import database, officer
from tests.support.forms import credit_code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

COUNT = 10_000
NOW = datetime(2013, 9, 17, 1, tzinfo=UTC)
ON = date(2010, 6, 1)
PAGE = 1000
_ENDS = (",", "2009-03-01,REVOKED", "2011-03-01,CANCELLED", ",")
_ISSUES = """
INSERT INTO issues (number, issue, case_id, code, content, decided_at, correlation_id, causation_id)
SELECT certificates.number, 1, case_id, '00000000', content::jsonb || jsonb_build_object('ended', cases.data -> 'end'),
 created_at, '', ''
FROM certificates JOIN cases ON cases.id = case_id
"""
"""Documents as the press would be given them: without, no list of what has ended tells of a permit."""


def main() -> None:
    """Ends with status 1 and says which differ."""
    with backing.ensure("quanheng_agree", fresh=True) as found, TemporaryDirectory() as folder:
        seal = seal_in(Path(folder))
        with database(found.database_url, "quanheng_agree_certificates", "type_approval") as engine:
            for begin in range(0, COUNT, MOST_LINES):
                with engine.begin() as tx:
                    _enter(tx, range(begin, min(begin + MOST_LINES, COUNT)))
            with engine.begin() as tx:
                tx.execute(text(_ISSUES))
                status.renew(tx, seal.key(NOW, Purpose.CHECKPOINTS), NOW)
                listed, _ = status.read(status.newest(tx), read_keys(seal.published.read_bytes()))
                forms = {name: dict(form) for name, form in _forms(tx, listed).items()}
    first, *others = forms
    differing = [
        f"{number}: {first} {forms[first].get(number)}, {other} {forms[other].get(number)}"
        for other in others
        for number in forms[first].keys() | forms[other].keys()
        if forms[first].get(number) != forms[other].get(number)
    ]
    counts = ", ".join(f"{name} {len(form)}" for name, form in forms.items())
    print(counts, *differing[:20], sep="\n")  # noqa: T201
    if differing or len(forms[first]) != COUNT:
        sys.exit(1)


def _enter(tx: Connection, serials: range) -> None:
    years = {at: 2000 + at // 2000 for at in serials}
    rows = [
        line(f"{year}F{101 + at % 2000}-22", credit_code(), f"{year}-05-08", ended=_ENDS[at % 4])
        for at, year in years.items()
    ]
    told = Told(officer("chu"), NOW, load(), "台账", Cause("", ""))
    loaded = take(tx, CERTIFICATES, "\n".join((HEADINGS, *rows)).encode(), told, preview=False)
    if loaded.batch is None:
        raise RuntimeError([one.faults for one in loaded.lines if one.faults][:3])


def _forms(tx: Connection, listed: status.StatusList) -> Mapping[str, Iterator[tuple[str, Any]]]:
    """What each form tells of every certificate, by number: status, holder, day of grant, end, and whether it was in
    force on a day."""
    known = [row.number for row in tx.execute(certificates.select())]
    by_number: dict[str, Any] = {}
    for begin in range(0, len(known), 100):
        by_number |= find_certificates(tx, known[begin : begin + 100], NOW.date())
    lines = list(_all(tx))
    as_of = {row["number"]: row["status"] for row in _pages(tx, {"on": ON})}
    listing = open_data.register(PERMITS, certificates, REGISTER.status)
    read = list(csv.DictReader(StringIO(open_data.csv_of(listing.columns, lines).removeprefix("\ufeff"))))
    until = {number: one["covers"][0].get("until") for number, one in by_number.items()}

    def told(number: str, *said: Any, was: str) -> tuple[str, Any]:
        return number, (*(str(one or "") for one in said), was)

    def now(number: str) -> tuple[str, str]:
        end = listed.ended.get(number, {})
        return end.get("on", ""), end.get("ground", "")

    def then(number: str) -> str:
        return "in_force" if until[number] is None or until[number] >= ON else "ended"

    held = {row["number"]: row for row in _pages(tx, {})}
    return {
        "by number": (
            told(n, one["status"], one["holder"]["code"], one["granted_on"], *_end(one.get("ended")), was=then(n))
            for n, one in by_number.items()
        ),
        "register": (
            told(n, one["status"], one["holder"]["code"], one["granted_on"], *now(n), was=_was(as_of[n]))
            for n, one in held.items()
        ),
        **{
            name: (
                told(
                    one["number"],
                    *(one.get(part) for part in ("status", "holder_code", "granted_on", "ended_on", "ground")),
                    was=then(one["number"]),
                )
                for one in form
            )
            for name, form in (("JSON Lines", lines), ("CSV", read))
        },
    }


def _end(ended: Mapping[str, Any] | None) -> tuple[str, str]:
    return (ended["on"], ended["ground"]) if ended else ("", "")


def _was(told: str) -> str:
    return told if told == "in_force" else "ended"


def _all(tx: Connection) -> Iterator[dict[str, Any]]:
    listing, cursor = open_data.register(PERMITS, certificates, REGISTER.status), None
    while True:
        asked: dict[str, Any] = {"limit": PAGE} | ({"cursor": cursor} if cursor else {})
        rows, end = listing.page(tx, asked, NOW + timedelta(hours=1))
        yield from rows
        if not rows or end is None:
            return
        cursor = ("changed", datetime.fromisoformat(end[0]), end[1])


def _pages(tx: Connection, asked: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    cursor = None
    while True:
        rows, cursor = REGISTER.list(tx, {**asked, **({"cursor": cursor} if cursor else {})}, PAGE)
        yield from rows
        if cursor is None:
            return


if __name__ == "__main__":
    main()
