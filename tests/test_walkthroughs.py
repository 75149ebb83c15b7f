"""The commands in the documents work as printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local.process import free_ports
from deploy.local.system import ROOT
from shared.testing import wait_for
from tests.walkthroughs import Shell, blocks, is_as_printed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from deploy.local.system import System
    from shared.testing import Office


PORTS = ("8001", "8002", "8003", "8090")
"""Where the services are as documents say, and whoever else listens."""
SEVERE = 'set -eo pipefail\ncurl() { command curl --fail-with-body "$@"; }\n'
"""Ends the shell at the first command that fails, or whose answer is an error."""
ELSEWHERE = ("make ", "quanheng calendar import")
"""What starts what runs already, and what needs a notice of holidays that is not out yet."""
DOCUMENTS = (
    *("services/getting-started.md", "docs/how-to/apply-for-a-water-meter.md"),
    "docs/how-to/register-a-laboratory.md",
    *("docs/reference/api.md", "docs/reference/webhooks.md"),
)


@pytest.fixture
def shell(tmp_path: Path, office: Office) -> Iterator[Shell]:
    with Shell(tmp_path) as started:
        yield started
    office.end_webhooks()


def here(commands: str, ports: dict[str, str]) -> str:
    """The commands, for the services where they are."""
    for usual, port in ports.items():
        commands = commands.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
    return commands


@pytest.fixture
def ports(system: System) -> dict[str, str]:
    return dict(zip(PORTS, map(str, (*system.ports.values(), *free_ports(1))), strict=True))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_printed_is_what_happens(document: str, office: Office, shell: Shell, ports: dict[str, str]) -> None:
    for block in blocks(ROOT / document):
        answer = shell.run(here(block.commands, ports))
        assert is_as_printed(answer, block.printed or ""), f"{document}:{block.line}\n{block.commands}\n{answer}"
        wait_for(office.settled, what="all events to arrive")


@pytest.mark.parametrize("document", ["README.md", "docs/tutorial.md"])
def test_the_commands_work(document: str, office: Office, shell: Shell, ports: dict[str, str]) -> None:
    shell.run(SEVERE)
    for block in blocks(ROOT / document):
        if not block.commands.startswith(ELSEWHERE):
            shell.run(here(block.commands, ports))
            wait_for(office.settled, what="all events to arrive")


def test_an_answer_is_as_printed_if_its_parts_come_in_order() -> None:
    assert is_as_printed('{"a":1,"b":2}', '{…"b":2}')
    assert not is_as_printed('{"a":1,"b":2}', '{"b":2…"a":1')
    assert not is_as_printed('{"a":1}', '{"a":2…')


def test_a_command_that_fails_is_noticed(shell: Shell) -> None:
    assert shell.run("NAME=秤\necho $NAME\n") == "秤\n\n"
    with pytest.raises(AssertionError, match="no such thing"):
        shell.run("echo no such thing; false\n")
