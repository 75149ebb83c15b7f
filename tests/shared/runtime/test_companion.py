"""A process that answers requests and does something else too is two, which live and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from shared.observability import metrics
from shared.runtime.roles import ProcessRole
from tests.shared.http.parts import ROOT, process
from tests.support import Caller, wait_for
from tests.systems import EVENT_ROLES

if TYPE_CHECKING:
    from deploy.local.system import System
    from tests.forkserver import Forked

pytestmark = pytest.mark.long

BOTH = ("api", "relay")


def companion_of(running: subprocess.Popen[bytes] | Forked) -> int:
    """The process id of the only child."""
    (child,) = Path(f"/proc/{running.pid}/task/{running.pid}/children").read_text(encoding="ascii").split()
    return int(child)


def test_its_probes_tell_of_both(system: System) -> None:
    with process(system, "notifications", roles=(ProcessRole.API, *EVENT_ROLES)) as found:
        caller = Caller(found.url)
        well = {"status": "ready", **dict.fromkeys(("database", "consume", "relay", "tick"), "ok")}
        wait_for(lambda: caller.get("/readyz").json == well, what="all roles to be well")
        page = caller.get("/metrics").body.decode()
    told = [family.name for family in text_string_to_metric_families(page)]
    known = [
        family.name for registry in (metrics.HTTP, metrics.EVENTS, metrics.BACKLOG) for family in registry.collect()
    ]
    assert sorted(told) == sorted(known)


def test_when_the_first_is_killed_the_second_ends(system: System) -> None:
    with process(system, "type_approval", roles=BOTH) as found:
        companion = Path(f"/proc/{companion_of(found.running)}/stat")
        found.running.kill()
        wait_for(lambda: not companion.exists() or ") Z " in companion.read_text(), what="the companion to end")


def test_when_the_second_is_killed_the_first_ends_and_says_so(system: System) -> None:
    with process(system, "type_approval", roles=BOTH) as found:
        os.kill(companion_of(found.running), signal.SIGKILL)
        assert found.running.wait(20) == 128 + signal.SIGKILL


@pytest.mark.parametrize("role", ["relay", "api"])
def test_a_process_whose_parent_was_gone_before_it_began_does_not_stay(system: System, role: str) -> None:
    ended = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-m", "services", "licensing", f"--role={role}", "--parent=1"],
        cwd=ROOT,
        env=system.environment("licensing"),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (ended.returncode, ended.stderr) == (1, "the process that started this one is gone\n")
