"""Install Debian packages on a machine that lacks the broker, the database, a typeface, curl or a browser."""

import fcntl
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from deploy.local.errors import BackingError, say

_SCRIPT = Path(__file__).with_name("apt-install.sh")


def provide(wanted: Mapping[str, Callable[[], bool]], instead: Mapping[str, str] = MappingProxyType({})) -> None:
    """Installs those packages of `wanted` that are not there; it says of each how to tell.

    `instead` says of packages what would make them needless. Raises BackingError, naming the ways out, where the
    packages cannot be had.
    """
    with _SCRIPT.open() as turn:
        # Only one run at a time calls apt-get; the next one finds what it installed.
        fcntl.flock(turn, fcntl.LOCK_EX)
        missing = [package for package, there in wanted.items() if not there()]
        if missing:
            _install(missing, [instead[package] for package in missing if package in instead])


def _install(packages: Sequence[str], instead: Sequence[str]) -> None:
    say(f"Installing {' and '.join(packages)} with apt-get")
    result = subprocess.run(
        ["sh", str(_SCRIPT), *packages],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode:
        tail = "\n".join(f"    {line}" for line in result.stdout.splitlines()[-5:])
        told = ",\nor ".join([*instead, f"install with: sudo apt-get install {' '.join(packages)}"])
        raise BackingError(f"Not installed here, and could not be: {', '.join(packages)}.\n{tail}\nPlease {told}")
