"""Clients that send HTTP requests: as fast as they are answered, or at a fixed rate. Small, so as to cost little."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class RefusedError(Exception):
    """A request was not answered with 200, nor that nothing has changed."""


def request(port: int, path: str, token: str, body: bytes, version: int) -> bytes:
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
        f'If-Match: "{version}"\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n'
    )
    return head.encode() + body


def question(port: int, path: str, token: str = "", etag: str = "") -> bytes:
    """By somebody with a token, or by anybody; with `etag` only what has changed since is wanted."""
    told = {"Authorization": f"Bearer {token}" if token else "", "If-None-Match": etag}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items() if value)
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{head}\r\n".encode()


def closed_loop(port: int, requests: Iterator[bytes], *, clients: int, seconds: float) -> int:
    """Each client sends its next request when the last was answered; how many were."""
    return asyncio.run(_closed_loop(port, requests, clients, seconds))


def open_loop(
    ports: Sequence[int], requests: Iterator[bytes], *, per_second: float, seconds: float, clients: int = 8
) -> list[float]:
    """Requests leave at fixed moments, whether or not earlier ones were answered; how many ms each took. The clients
    are shared among the ports.

    Waiting for a free connection is part of it; that the client itself woke late is not.
    """
    return asyncio.run(_open_loop(ports, requests, per_second, seconds, clients))


async def _closed_loop(port: int, requests: Iterator[bytes], clients: int, seconds: float) -> int:
    end = time.monotonic() + seconds

    async def client() -> int:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        answered = 0
        while time.monotonic() < end:
            await _exchange(reader, writer, next(requests))
            answered += 1
        writer.close()
        return answered

    return sum(await asyncio.gather(*(client() for _ in range(clients))))


async def _open_loop(
    ports: Sequence[int], requests: Iterator[bytes], per_second: float, seconds: float, clients: int
) -> list[float]:
    free: asyncio.Queue[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = asyncio.Queue()
    for number in range(clients):
        free.put_nowait(await asyncio.open_connection("127.0.0.1", ports[number % len(ports)]))
    began = time.monotonic()

    async def send() -> float:
        leaves = time.monotonic()
        session = await free.get()
        await _exchange(*session, next(requests))
        free.put_nowait(session)
        return 1000 * (time.monotonic() - leaves)

    sent = []
    for number in range(int(per_second * seconds)):
        # Made when they leave: all made at first would hold up the first of them, which would leave together then.
        await asyncio.sleep(max(0.0, began + number / per_second - time.monotonic()))
        sent.append(asyncio.create_task(send()))
    took = await asyncio.gather(*sent)
    while not free.empty():
        free.get_nowait()[1].close()
    return took


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, wanted: bytes) -> None:
    writer.write(wanted)
    head = await reader.readuntil(b"\r\n\r\n")
    if head.startswith(b"HTTP/1.1 304"):
        return
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    body = await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 200"):
        raise RefusedError(f"{head.decode()}{body.decode()}")
