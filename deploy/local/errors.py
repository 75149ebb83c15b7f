"""What the local set-up tells its user."""

import sys


class BackingError(Exception):
    """A sentence for the user: what failed, where, and how to mend it."""


class UnusableError(BackingError):
    """One server does not serve us; another one still may."""


def say(line: str) -> None:
    # Standard output is for what another program reads, such as export lines.
    print(line, file=sys.stderr, flush=True)
