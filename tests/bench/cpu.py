"""CPU time of processes, from /proc: a process, all it started, and what of that has ended already."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_TICK = os.sysconf("SC_CLK_TCK")


def seconds(root: int) -> float:
    """User and system time that the process `root` and its descendants have used so far."""
    used: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        # A process may end while its line is read.
        with suppress(FileNotFoundError, ProcessLookupError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            pid, parent = int(folder.name), int(fields[1])
            # utime, stime, and those two of the children that were waited for.
            used[pid] = sum(map(int, fields[11:15]))
            children.setdefault(parent, []).append(pid)
    waiting, total = [root], 0
    while waiting:
        pid = waiting.pop()
        total += used.get(pid, 0)
        waiting += children.get(pid, [])
    return total / _TICK


def busy() -> float:
    """CPU seconds of the whole machine so far, whoever used them."""
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    # Without idle and waiting for disks; what the host took away counts.
    return (sum(fields) - fields[3] - fields[4]) / _TICK
