"""Distinguish transient failures, where a retry may succeed, from faults of the event."""

from __future__ import annotations

import traceback

from sqlalchemy.exc import DBAPIError

from shared.messaging.watermark import WatermarkMovedError
from shared.sql import LOCKED, sqlstate

_TRANSIENT_SQLSTATES = frozenset({"40001", "40P01", LOCKED, "57014", "57P01", "57P02", "57P03", "53300"})
"""Serialisation failure, deadlock, lock or statement timeout, shutdown, crash, start-up, too many connections."""


def is_transient(error: BaseException) -> bool:
    """Whether a retry may succeed because the event is not at fault. A database error without a code is a lost
    connection."""
    if isinstance(error, WatermarkMovedError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    code = sqlstate(error)
    return error.connection_invalidated or code is None or code in _TRANSIENT_SQLSTATES


def describe(error: BaseException) -> str:
    """The error and the innermost place it came from, for the person who looks for the cause."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rpartition('/')[2]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}: {error}{place}"[:4000]
