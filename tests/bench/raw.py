"""The limit: a process that does nothing but take messages with kombu and acknowledge them.

`python -m tests.bench.raw URL COUNT MULTIPLE QUEUE …` prints how many it took in a second.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from kombu import Connection, Consumer, Queue

PREFETCH = 500


def main(url: str, count: int, every: int, queues: list[str]) -> None:
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
    sys.stdout.write(f"{(count - 1) / (time.monotonic() - began)}\n")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:])
