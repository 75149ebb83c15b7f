"""Debian's packages, for a machine that has neither broker nor database."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from deploy.local.errors import BackingError, say

_SCRIPT = Path(__file__).with_name("apt-install.sh")


def install(packages: Sequence[str], variables: Sequence[str]) -> None:
    """Raises BackingError, naming both ways out, where the packages cannot be had.

    `variables` are those that would make them needless.
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
        raise BackingError(
            f"Not installed here, and could not be: {', '.join(packages)}.\n{tail}\n"
            f"Either set {' and '.join(variables)} to the URL of a running server,\n"
            f"or install with: sudo apt-get install {' '.join(packages)}"
        )
