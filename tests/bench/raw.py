"""The limits: processes that do nothing but talk to the broker.

`python -m tests.bench.raw consume URL COUNT MULTIPLE QUEUE …` takes messages and acknowledges each or so many at once,
`python -m tests.bench.raw publish URL COUNT EXCHANGE` publishes with pipelined confirms. Both print how many a second.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from kombu import Connection, Consumer, Queue

from tests.bench import fill
from tests.bench.servers import broker

PREFETCH = 500


def consume(url: str, count: int, every: int, queues: list[str]) -> float:
    """Acknowledge each message, or every so many at once."""
    taken = 0
    began = 0.0

    def on_message(message: Any) -> None:
        nonlocal taken, began
        began = began or time.monotonic()
        taken += 1
        if taken % every == 0 or taken == count:
            message.channel.basic_ack(message.delivery_tag, multiple=every > 1)

    with Connection(url) as connection:
        bound = [Queue(name, no_declare=True) for name in queues]
        with Consumer(connection, bound, on_message=on_message, prefetch_count=2 * PREFETCH if every > 1 else PREFETCH):
            while taken < count:
                connection.drain_events(timeout=30)
    return (count - 1) / (time.monotonic() - began)


def publish(url: str, count: int, exchange: str) -> float:
    """Persistent and mandatory, 500 at a time; the messages are made before the clock starts."""
    events = [(event.routing_key, event.encode(), event.id) for event in fill.events(count, 1)]
    with broker(url) as session:
        publisher = fill.Publisher(session)
        began = time.monotonic()
        for routing_key, body, event_id in events:
            publisher.publish(body, event_id, exchange, routing_key)
        publisher.confirmed()
        return count / (time.monotonic() - began)


def main(what: str, url: str, count: str, *others: str) -> None:
    if what == "consume":
        rate = consume(url, int(count), int(others[0]), list(others[1:]))
    else:
        rate = publish(url, int(count), others[0])
    sys.stdout.write(f"{rate}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
