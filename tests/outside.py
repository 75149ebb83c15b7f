"""Programs of others that check what ours make: installed with apt-get where that can be, else a test is skipped.

A server is not installed: it would start with the machine from then on.
"""

from __future__ import annotations

import os
import shutil
from functools import cache, partial

import pytest

from deploy.local import packages
from deploy.local.errors import BackingError

_SERVERS = {"clamd": "clamav-daemon"}
_PACKAGES = {
    "jose": "jose",
    "pdfdetach": "poppler-utils",
    "pdfsig": "poppler-utils",
    "pdftotext": "poppler-utils",
    "qpdf": "qpdf",
    "softhsm2-util": "softhsm2",
}


def program(name: str) -> str:
    """Where it is; skips the test where it is not and is not installed."""
    if not _found(name) and name in _PACKAGES:
        _install()
    package = {**_PACKAGES, **_SERVERS}[name]
    return _found(name) or pytest.skip(f"{name} is not installed here: apt-get install {package}")


def _found(name: str) -> str | None:
    # Servers are where only root looks.
    return shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")


@cache
def _install() -> None:
    """All that are missing, at the first that is: once, since it takes seconds even where it fails."""
    try:
        packages.provide({package: partial(_there, name) for name, package in _PACKAGES.items()})
    except BackingError as error:
        print(error)  # noqa: T201 - shown with the test that fails, if one does


def _there(name: str) -> bool:
    return _found(name) is not None
