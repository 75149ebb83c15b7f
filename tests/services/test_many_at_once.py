"""What takes many at once takes no more statements for more of them."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from services.licensing.licence.historic import LICENCES
from services.licensing.queries import find_licences
from services.type_approval.certificate.historic import CERTIFICATES
from services.type_approval.queries import find_certificates
from shared.casework import Cause
from shared.historic.kinds import Told
from shared.historic.loads import take, take_back
from shared.law import load
from tests.services.test_historic import HEADINGS, NOW, line
from tests.support import NAMESPACE, database, officer
from tests.support.databases import before_statements
from tests.support.forms import credit_code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection

    from deploy.local import backing
    from shared.historic.kinds import Historic

FEW, SEVERAL = 2, 60
_OF_LICENCES = HEADINGS.replace("失效日期,失效原因", "有效期至")


def _certificate(serial: int) -> str:
    return line(f"2006F{serial}-22", credit_code())


def _licence(serial: int) -> str:
    return line(f"吉制{serial:08}号", credit_code(), "2010-10-01", ended="").rstrip(",") + ",2013-09-30"


@contextmanager
def _counted(tx: Connection) -> Iterator[list[str]]:
    said: list[str] = []
    session: Any = tx.connection.dbapi_connection
    before_statements(session, said.append)
    yield said
    session.cursor_factory = None


@pytest.mark.parametrize(
    ("service", "kind", "headings", "row", "find"),
    [
        ("type_approval", CERTIFICATES, HEADINGS, _certificate, find_certificates),
        ("licensing", LICENCES, _OF_LICENCES, _licence, find_licences),
    ],
)
def test_statements_do_not_grow_with_what_is_entered_checked_and_taken_back(
    servers: backing.Backing,
    service: str,
    kind: Historic,
    headings: str,
    row: Callable[[int], str],
    find: Callable[..., dict[str, Any]],
) -> None:
    told = Told(officer("chu"), datetime.fromisoformat(NOW), load(), "台账", Cause("0197a1b2", ""))
    found: list[tuple[int, int, int]] = []
    with database(servers.database_url, f"{NAMESPACE}_many", service) as engine:
        for first, count in ((201, FEW), (301, SEVERAL), (401, FEW)):
            file = "\n".join((headings, *map(row, range(first, first + count)))).encode()
            with engine.begin() as tx, _counted(tx) as entering:
                loaded = take(tx, kind, file, told, preview=False)
                assert loaded.batch, [one.faults for one in loaded.lines if one.faults]
            with engine.connect() as tx, _counted(tx) as checking:
                permits = find(tx, [*(one.code for one in loaded.lines), "2013F999-22"], told.now.date())
            assert [permits[one.code]["number"] for one in loaded.lines] == [one.code for one in loaded.lines]
            assert len(permits) == count
            with engine.begin() as tx, _counted(tx) as taking_back:
                assert take_back(tx, kind, loaded.batch, "误", told) == count
            with engine.connect() as tx:
                assert not find(tx, permits, told.now.date())
            found.append((len(entering), len(checking), len(taking_back)))
    # The first of all also says how some of the statements are prepared.
    assert found[1] == found[2] < found[0]
