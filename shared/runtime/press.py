"""A process that makes the documents of a service's permits, one at a time. It answers probes and nothing else."""

from __future__ import annotations

import signal
import time
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sqlalchemy.exc import SQLAlchemyError

from shared.anchors.log import anchor as append
from shared.anchors.log import is_due as log_is_due
from shared.documents import status
from shared.documents.key_files import Seal
from shared.documents.keys import Purpose
from shared.documents.press import Press
from shared.documents.typefaces import TypefaceMissingError, found
from shared.http import health
from shared.messaging.doorbell import RemoteDoorbell
from shared.observability import get_logger, metrics
from shared.runtime.config import ConfigurationError
from shared.runtime.database import Store, make_engine
from shared.runtime.machine import bind
from shared.runtime.probes import Probes
from shared.runtime.roles import ProcessRole
from shared.runtime.time import time_source

if TYPE_CHECKING:
    import socket

    from shared.documents.issues import Permits
    from shared.runtime.config import Settings

log = get_logger(__name__)

POLL_SECONDS = 0.5
ANCHOR_PAUSE = timedelta(minutes=10)
"""From one checkpoint of the log to the next, if anything is new; to find out reads an index of the whole journal."""
_CONNECTIONS = 2
_KEYS = {
    "QUANHENG_SIGNING_KEY_FILE": Purpose.DOCUMENTS,
    "QUANHENG_CHECKPOINT_KEY_FILE": Purpose.CHECKPOINTS,
}
_ENDS = (signal.SIGTERM, signal.SIGINT)


def serve(settings: Settings, permits: Permits, probes: socket.socket | None = None) -> None:
    """Make what waits until SIGTERM or SIGINT, then finish the document in hand and return.

    Its probes answer on `probes`, where that is given, else on the port of the settings. Raises ConfigurationError.
    """
    # They are waited for, in this thread and in no other.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
    seal, address = told_in(settings)
    engine = make_engine(settings.database_url, pool=_CONNECTIONS)
    bell = RemoteDoorbell(engine)
    press = Press(Store(engine, bell), permits, seal, address, time_source(settings))
    answering = Probes(probes or bind(settings, settings.internal_http_port or settings.http_port), _State(press))
    bell.start()
    log.info("started", roles=[ProcessRole.PRESS])
    anchor_at = time.monotonic()
    while signal.sigtimedwait(_ENDS, POLL_SECONDS) is None:
        if _work(press):
            break
        if time.monotonic() >= anchor_at:
            anchor(press)
            list_ended(press)
            anchor_at = time.monotonic() + ANCHOR_PAUSE.total_seconds()
    answering.close()
    bell.stop()
    engine.dispose()
    log.info("stopped")


def _work(press: Press) -> bool:
    """Make all that is due; whether the process was told to stop meanwhile."""
    try:
        while press.make_next():
            if signal.sigtimedwait(_ENDS, 0) is not None:
                return True
    except SQLAlchemyError as error:
        log.warning("database_unavailable", error=repr(error))
    return False


def anchor(press: Press) -> None:
    """Log what is new and sign the state of the log, if that was not done lately."""
    at = press.time.now()
    host = urlsplit(press.address)
    try:
        with press.store.engine.begin() as tx:
            if not log_is_due(tx, at, ANCHOR_PAUSE):
                return
            made = append(
                tx, f"{host.netloc}{host.path}/{press.permits.name}s", press.seal.key(at, Purpose.CHECKPOINTS), at
            )
    except (SQLAlchemyError, ValueError, OSError) as error:
        log.warning("log_not_anchored", error=repr(error))
        return
    if made:
        log.info("log_anchored", size=made.size, root=made.root.hex())


def list_ended(press: Press) -> None:
    """Sign the list of what has ended, if it changed or was not signed lately."""
    at = press.time.now()
    try:
        with press.store.engine.begin() as tx:
            made = status.renew(tx, press.seal.key(at, Purpose.CHECKPOINTS), at)
    except (SQLAlchemyError, ValueError, OSError) as error:
        log.warning("status_not_listed", error=repr(error))
        return
    if made:
        log.info("status_listed")


def told_in(settings: Settings) -> tuple[Seal, str]:
    """What documents are signed with, and how their addresses begin; tried once. Raises ConfigurationError."""
    named = {
        "QUANHENG_SIGNING_KEY_FILE": settings.signing_key,
        "QUANHENG_PUBLISHED_KEYS_FILE": settings.published_keys,
        "QUANHENG_PUBLIC_URL": settings.public_url,
    }
    if missing := [name for name, value in named.items() if value is None]:
        raise ConfigurationError(f"{', '.join(missing)}: not set, and the role press needs it")
    assert settings.signing_key is not None  # noqa: S101 - what is missing was told of
    assert settings.published_keys is not None  # noqa: S101
    assert settings.public_url is not None  # noqa: S101
    seal = Seal(
        settings.signing_key,
        settings.published_keys,
        development=settings.development,
        checkpoints=settings.checkpoint_key,
    )
    for name, purpose in _KEYS.items():
        try:
            seal.key(time_source(settings).now(), purpose)
        except (ValueError, OSError) as error:
            raise ConfigurationError(f"{name}: {error}") from None
    try:
        found()
    except TypefaceMissingError as error:
        raise ConfigurationError(str(error)) from None
    return seal, settings.public_url


class _State:
    """What its probes tell."""

    def __init__(self, press: Press) -> None:
        self._press = press

    def report(self) -> health.Report:
        database = health.database(self._press.store.engine)
        return health.report({"database": database, str(ProcessRole.PRESS): health.OK}, ["database"])

    def figures(self) -> bytes:
        with suppress(SQLAlchemyError):  # without a database they keep their last values
            self._press.measure()
        return metrics.exposition(metrics.DOCUMENTS)
