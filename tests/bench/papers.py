"""A batch of certificates made by the press, as after a renewal of many: drawn, signed twice, recorded and told of."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import orjson

from deploy.local import typefaces
from deploy.local.process import free_ports
from tests.bench import part
from tests.bench.part import Part
from tests.bench.reads import world
from tests.bench.systems import SOURCE, process
from tests.shared.documents.parts import CONTENT, seal_in
from tests.shared.runtime.test_press import PUBLIC, signing

if TYPE_CHECKING:
    from tests.bench.reads import World
    from tests.bench.systems import Contest

COUNT, FIRST = 500, 20
"""Certificates, and those of them during which the press loads what it works with."""
_TEXT = """\
One process with the role `press` makes {count} certificates that wait, one after the other. Each is canonical JSON,
signed, a page drawn by Typst with a typeface of 5 MB, signed again (PAdES), and recorded with its event in one
transaction. The first {first} do not count: they load the typeface.
"""
_ORDERED = f"""
INSERT INTO issues (number, issue, case_id, code, content, decided_at, correlation_id, causation_id)
SELECT number, 1, case_id, '7K3M9Q2X',
 jsonb_set('{orjson.dumps(CONTENT).decode()}', ARRAY['number'], to_jsonb(number))::json, now(), '', ''
 FROM certificates ORDER BY number LIMIT """


def measure(contest: Contest) -> Part:
    typefaces.ensure()
    with world(contest, 4 * COUNT, "papers", ()) as system, TemporaryDirectory() as folder:
        system.servers.execute(system.servers.named(SOURCE), f"{_ORDERED}{COUNT}")
        (port,) = free_ports(1)
        press = process(system.system, f"papers.{SOURCE}", SOURCE, port, "--role", "press")
        system.stack.start([replace(press, env={**press.env, **PUBLIC, **signing(seal_in(Path(folder)))})])
        begun = _made(system, FIRST)
        before = system.stack.cpu()
        rate = system.stack.rate(_made(system, COUNT) - begun, 1, before)
    told = _TEXT.format(count=COUNT, first=FIRST)
    return Part(
        "papers", {"papers.cpu_ms": rate.cpu_sum}, f"{told}\n{part.cpu('certificate', {'certificates': [rate]})}"
    )


def _made(system: World, wanted: int) -> int:
    """Waits for so many; how many there are."""
    count = 0

    def enough() -> bool:
        nonlocal count
        with closing(system.servers.database(system.servers.named(SOURCE))) as session:
            count = system.servers.scalar(session, "SELECT count(made_at) FROM issues")
        return count >= wanted

    system.stack.await_true(enough, f"{wanted} certificates", seconds=600, interval=0.1)
    return count
