"""A press for tests: on the databases of a running office, in the test's own process."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from deploy.local import typefaces
from deploy.local.signing import development_signing
from deploy.local.system import RUN
from shared.documents.press import Press, Seal
from shared.messaging.doorbell import RemoteDoorbell
from shared.runtime.database import Store
from shared.runtime.time import GivenClock

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.documents.issues import Permits
    from shared.testing import Office


def press_of(engine: Engine, service: str, seal: Seal, address: str) -> Press:
    """A press of the service's permits; there are typefaces then."""
    typefaces.ensure()
    permits: Permits = import_module(f"services.{service}.papers").PERMITS
    return Press(Store(engine, RemoteDoorbell(engine)), permits, seal, address, GivenClock())


def make_all(press: Press) -> int:
    """Make what waits; how many were tried."""
    tried = 0
    while press.make_next():
        tried += 1
    return tried


def make_documents(office: Office) -> None:
    """Make all documents that wait in the office, with the keys that its API publishes."""
    private, published = development_signing(RUN)
    for service in ("type_approval", "licensing"):
        address = office.caller(service, None).url
        make_all(press_of(office.engines[service], service, Seal(private, published, development=True), address))
