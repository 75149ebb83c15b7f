"""Install a Chinese typeface for certificates and licences if the machine has none."""

from deploy.local import packages
from shared.documents.typefaces import SMALLEST, TypefaceMissingError, found


def ensure() -> None:
    """Raises BackingError with what to install if no typeface can be found or installed."""
    packages.provide({SMALLEST: _there})


def _there() -> bool:
    try:
        found()
    except TypefaceMissingError:
        return False
    return True
