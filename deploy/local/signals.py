"""Signal handling for runs that must stop servers."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


def end_in_order() -> None:
    """Handle SIGTERM and SIGHUP like Ctrl-C, so that everything opened is closed."""
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, signal.default_int_handler)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Ignore signals inside the block: a second Ctrl-C would leave servers half stopped."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {
        number: signal.signal(number, signal.SIG_IGN) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
