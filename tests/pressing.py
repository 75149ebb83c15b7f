"""A press for tests: on the databases of a running office, in the test's own process."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from deploy.local import typefaces
from deploy.local.signing import development_signing
from deploy.local.system import RUN
from services.registry import REGISTRY
from shared.anchors.log import anchor
from shared.documents import status
from shared.documents.keys import Purpose
from shared.documents.press import Press
from shared.messaging.doorbell import RemoteDoorbell
from shared.runtime.database import Store
from shared.runtime.time import GivenTime
from tests.services.licensing.parts import known_as

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.documents.key_files import Seal
    from tests.support import Office, PlayedCase


class Filed(Protocol):
    """A case."""

    @property
    def service(self) -> str: ...

    @property
    def id(self) -> str: ...


def press_of(engine: Engine, service: str, seal: Seal, address: str) -> Press:
    """A press of the service's permits; there are typefaces then."""
    typefaces.ensure()
    return Press(Store(engine, RemoteDoorbell(engine)), REGISTRY[service].permits(), seal, address, GivenTime())


def make_all(press: Press) -> int:
    """Make what waits; how many were tried."""
    tried = 0
    while press.make_next():
        tried += 1
    return tried


def leave_alone_others(office: Office, *cases: Filed) -> None:
    """Put off the documents that wait of all other cases: other tests leave hundreds."""
    query = "UPDATE issues SET retry_at = 'infinity' WHERE made_at IS NULL AND case_id <> ALL(CAST(:cases AS uuid[]))"
    for service in {case.service for case in cases}:
        office.rows(service, query, cases=[case.id for case in cases if case.service == service])


def make_documents(office: Office, *cases: Filed) -> None:
    """Make the documents that wait of these cases, with the keys that the office's API publishes."""
    leave_alone_others(office, *cases)
    for service in {case.service for case in cases}:
        address = office.caller(service, None).url
        make_all(press_of(office.engines[service], service, development_signing(RUN), address))


def log_documents(office: Office, service: str) -> None:
    """Have the service's journal and documents be in its log, and the log and the list of what has ended signed."""
    now = datetime.now(UTC)
    with office.engines[service].begin() as tx:
        key = development_signing(RUN).key(now, Purpose.CHECKPOINTS)
        anchor(tx, f"quanheng.example/{service}", key, now)
        status.renew(tx, key, now)


def permits_with_papers(office: Office) -> dict[str, PlayedCase]:
    """A case with a certificate and one with the licence on it, delivered, and their documents made."""
    approval = office.case("type_approval")
    approval.until("deliver")
    known_as(office, approval, "in_force")
    licence = office.case("licensing", approval.code)
    licence.until("deliver")
    make_documents(office, approval, licence)
    return {"type_approval": approval, "licensing": licence}
