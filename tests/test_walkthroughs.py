"""The commands in the documents work as printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from deploy.local.folders import ROOT
from deploy.local.process import free_ports
from deploy.local.standing import USUAL_PORTS
from tests.support import credit_code, wait_for
from tests.walkthroughs import APPLICANT, Shell, blocks, is_as_printed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from deploy.local.system import System
    from tests.support import Office

pytestmark = pytest.mark.long


ELSE = 8090
"""Where documents have somebody else listen."""
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
def maker() -> str:
    """Who applies in a document: somebody else than in the others, where the same model is applied for."""
    return credit_code()


@pytest.fixture
def shell(tmp_path: Path, office: Office, maker: str) -> Iterator[Shell]:
    with Shell(tmp_path, maker) as started:
        yield started
    office.end_webhooks()


@pytest.fixture
def here(system: System, maker: str) -> Callable[[str], str]:
    """What a document says, for the services where they are, and for the maker."""
    ports = {USUAL_PORTS[service]: port for service, port in system.ports.items()} | {ELSE: free_ports(1)[0]}

    def found(said: str) -> str:
        for usual, port in ports.items():
            said = said.replace(f"127.0.0.1:{usual}", f"127.0.0.1:{port}")
        return said.replace(APPLICANT, maker)

    return found


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_is_printed_is_what_happens(
    document: str, office: Office, shell: Shell, here: Callable[[str], str]
) -> None:
    for block in blocks(ROOT / document):
        answer = shell.run(here(block.commands))
        assert is_as_printed(answer, here(block.printed or "")), f"{document}:{block.line}\n{block.commands}\n{answer}"
        wait_for(office.settled, what="all events to arrive")


@pytest.mark.parametrize("document", ["README.md", "docs/tutorial.md"])
def test_the_commands_work(document: str, office: Office, shell: Shell, here: Callable[[str], str]) -> None:
    shell.run(SEVERE)
    for block in blocks(ROOT / document):
        if not block.commands.startswith(ELSEWHERE):
            shell.run(here(block.commands))
            wait_for(office.settled, what="all events to arrive")


def test_an_answer_is_as_printed_if_its_parts_come_in_order() -> None:
    assert is_as_printed('{"a":1,"b":2}', '{…"b":2}')
    assert not is_as_printed('{"a":1,"b":2}', '{"b":2…"a":1')
    assert not is_as_printed('{"a":1}', '{"a":2…')


def test_a_command_that_fails_is_noticed(shell: Shell) -> None:
    assert shell.run("NAME=秤\necho $NAME\n") == "秤\n\n"
    with pytest.raises(AssertionError, match="no such thing"):
        shell.run("echo no such thing; false\n")
