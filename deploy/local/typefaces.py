"""A Chinese typeface for certificates and licences, where the machine has none."""

from deploy.local import packages
from shared.documents.typefaces import SMALLEST, TypefaceMissingError, found


def ensure() -> None:
    """Raises BackingError, saying what to install, where there is none and none can be had."""
    packages.provide({SMALLEST: _there})


def _there() -> bool:
    try:
        found()
    except TypefaceMissingError:
        return False
    return True
