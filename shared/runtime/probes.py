"""Probes of a process that answers no requests: `/livez`, `/readyz` and `/metrics`, and nothing else."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer
from socketserver import ThreadingMixIn
from threading import Thread
from typing import TYPE_CHECKING

import orjson

from shared.http.health import FIGURES_TYPE

if TYPE_CHECKING:
    import socket

    from shared.http.health import Health

_SECONDS = 5.0
_JSON = "application/json"


class Probes:
    """Answers on the port that `bound` listens on, until closed."""

    def __init__(self, bound: socket.socket, health: Health) -> None:
        class Handler(_Handler):
            asked = health

        self._server = _Server(bound.getsockname(), Handler, bind_and_activate=False)
        self._server.socket.close()
        # `select` may report a connection where there is none; `accept` would wait for the next, and `close` with it.
        bound.settimeout(0)
        self._server.socket = bound
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingMixIn, HTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """The peer closed the connection before the answer."""


class _Handler(BaseHTTPRequestHandler):
    asked: Health
    timeout = _SECONDS

    def do_GET(self) -> None:
        if self.path == "/livez":
            self._answer(200, _JSON, orjson.dumps({"status": "alive"}))
        elif self.path == "/readyz":
            report = self.asked.report()
            self._answer(report.status, _JSON, orjson.dumps(report.body))
        elif self.path == "/metrics":
            self._answer(200, FIGURES_TYPE, self.asked.figures())
        else:
            self.send_error(404)

    def _answer(self, status: int, kind: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Probes are not logged."""
