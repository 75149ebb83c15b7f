"""The probes of a process that answers no requests."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

from shared.http import health
from shared.runtime.probes import Probes
from tests.support import Caller


class Well:
    def report(self) -> health.Report:
        return health.report({}, [])

    def figures(self) -> bytes:
        return b""


def test_they_close_though_a_reported_connection_was_not_there() -> None:
    # Both are told of each connection, and only one of them gets it.
    with socket.create_server(("127.0.0.1", 0)) as listening, ThreadPoolExecutor() as pool:
        both = [Probes(listening.dup(), Well()) for _ in range(2)]
        caller = Caller(f"http://127.0.0.1:{listening.getsockname()[1]}")
        for _ in range(20):
            assert caller.get("/livez").json == {"status": "alive"}
        closings = [pool.submit(probes.close) for probes in both]
        try:
            assert [closing.result(20) for closing in closings] == [None, None]
        finally:
            # Whoever waits for a connection gets one, so that a failure ends too.
            socket.create_connection(listening.getsockname()).close()
