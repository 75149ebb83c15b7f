"""Debian's packages, for a machine that lacks the broker, the database or a typeface."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.errors import BackingError, say

_SCRIPT = Path(__file__).with_name("apt-install.sh")


def install(packages: Sequence[str], variables: Sequence[str] = ()) -> None:
    """Raises BackingError, naming the ways out, where the packages cannot be had.

    `variables` are those that would make them needless, each with the URL of a server.
    """
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
        ways = [f"set {' and '.join(variables)} to the URL of a running server"] if variables else []
        ways.append(f"install with: sudo apt-get install {' '.join(packages)}")
        told = ",\nor ".join(ways)
        raise BackingError(f"Not installed here, and could not be: {', '.join(packages)}.\n{tail}\nPlease {told}")
