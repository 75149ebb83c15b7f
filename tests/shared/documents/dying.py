"""A press in a process of its own, which is killed while it works."""

from __future__ import annotations

import os
import signal
from itertools import count
from multiprocessing import get_context
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event

from tests.pressing import make_all, press_of
from tests.support.databases import before_statements

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from shared.documents.key_files import Seal

_PROCESSES = get_context("forkserver")
_PROCESSES.set_forkserver_preload(["__main__", __name__, "tests.shared.documents.warm"])


def killed(engine: Engine, service: str, seal: Seal, at: int) -> int | None:
    """Let a press work until it is about to ask the database for the `at`-th time, or to commit; and its exit status
    then."""
    url = engine.url.render_as_string(hide_password=False)
    process = _PROCESSES.Process(target=_work, args=(url, service, seal, at))
    process.start()
    process.join()
    return process.exitcode


def _work(url: str, service: str, seal: Seal, at: int) -> None:
    engine = create_engine(url)
    asked = count()

    def die(*_: object) -> None:
        if next(asked) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(engine, "checkout", lambda session, *_: before_statements(session, die))
    event.listen(engine, "commit", die)
    make_all(press_of(engine, service, seal, "https://quanheng.example"))
