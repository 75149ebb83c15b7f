"""A newcomer who copies the lines of a document gets what it says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local.system import ROOT, RUN, free_ports
from shared.testing import Office, wait_for
from tests.walkthroughs import Shell, blocks, is_as_printed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deploy.local.backing import Backing
    from deploy.local.system import System


@pytest.fixture(scope="module")
def office(system: System, servers: Backing) -> Iterator[Office]:
    with Office(system, servers.database_url, servers.namespace) as found:
        yield found


@pytest.mark.parametrize("document", ["services/getting-started.md", "docs/reference/webhooks.md"])
def test_what_is_printed_is_what_happens(document: str, office: Office, system: System, tmp_path: Path) -> None:
    (tmp_path / ".run").symlink_to(RUN)
    places = dict(zip(("8001", "8002", "8003", "8090"), (*system.ports.values(), *free_ports(1)), strict=True))
    with Shell(tmp_path, {}) as shell:
        for block in blocks(ROOT / document):
            commands = block.commands
            for usual, port in places.items():
                commands = commands.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
            answer = shell.run(commands)
            assert is_as_printed(answer, block.printed or ""), f"{document}:{block.line}\n{commands}\n{answer}"
            wait_for(office.settled, what="all events to arrive")


def test_an_answer_is_as_printed_if_its_parts_come_in_order() -> None:
    assert is_as_printed('{"a":1,"b":2}', '{…"b":2}')
    assert not is_as_printed('{"a":1,"b":2}', '{"b":2…"a":1')
    assert not is_as_printed('{"a":1}', '{"a":2…')


def test_a_command_that_fails_is_noticed(tmp_path: Path) -> None:
    with Shell(tmp_path, {}) as shell:
        assert shell.run("NAME=秤\necho $NAME\n") == "秤\n\n"
        with pytest.raises(AssertionError, match="no such thing"):
            shell.run("echo no such thing; false\n")
