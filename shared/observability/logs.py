"""Structured logs: event names in the past tense with fields, as JSON on stderr, for our code and for libraries."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import orjson
import structlog
from structlog.contextvars import bound_contextvars, get_contextvars

if TYPE_CHECKING:
    from contextlib import AbstractContextManager
get_logger = structlog.get_logger


class _Lines(structlog.BytesLogger):
    """Writes to stderr, and knows its name."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stderr.buffer)
        self.name = name


def configure(**fields: str) -> None:
    """Write structlog and standard library logs to stderr as JSON lines; `fields` are added to every line."""

    def add_fields(_logger: Any, _method: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {**fields, **event}

    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        add_fields,
    ]
    # Our own lines do not pass through the standard library, which would take twice as long.
    structlog.configure(
        processors=[*shared, _render],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_Lines,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _rendered_text],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    # The service logs the same facts itself, more concisely.
    for noisy in ("nameko", "amqp", "kombu", "alembic", "httpx2", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.getLogger("uvicorn").setLevel(logging.ERROR)


def bind(**fields: str | int | None) -> AbstractContextManager[None]:
    """Add `fields` to every log line written inside the `with` block, in this greenthread only."""
    return bound_contextvars(**{key: value for key, value in fields.items() if value is not None})


def correlation_id() -> str | None:
    """The correlation id bound in the current context, if any."""
    value = get_contextvars().get("correlation_id")
    return value if isinstance(value, str) else None


def _render(_logger: Any, _method: str, event: structlog.typing.EventDict) -> bytes:
    return orjson.dumps(event, default=str)


def _rendered_text(logger: Any, method: str, event: structlog.typing.EventDict) -> str:
    return _render(logger, method, event).decode()
