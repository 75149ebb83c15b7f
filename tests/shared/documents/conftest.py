from __future__ import annotations

import pytest

from deploy.local import typefaces
from shared.documents.pages import Printer, printer


@pytest.fixture(scope="session")
def press() -> Printer:
    """Draws pages; installs a typeface where there is none."""
    typefaces.ensure()
    return printer()
