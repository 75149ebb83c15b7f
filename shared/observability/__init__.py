"""Logs, metrics and the correlation id that ties them to a request or an event."""

from shared.observability.logs import bind, configure, correlation_id, get_logger

__all__ = ["bind", "configure", "correlation_id", "get_logger"]
