"""Errors and messages of the local set-up."""

import sys


class BackingError(Exception):
    """A text for the user: what failed, where, and how to fix it."""


class UnusableError(BackingError):
    """This server cannot be used; another one may work."""


def say(line: str) -> None:
    # Standard output is reserved for output that programs read, such as export lines.
    print(line, file=sys.stderr, flush=True)
