"""Everything that is wrong with the portal's settings is told at once."""

from __future__ import annotations

import pytest

from services.portal.settings import read
from shared.runtime.config import ConfigurationError


def test_all_that_is_wrong_is_told_at_once() -> None:
    given = {"QUANHENG_PORTAL_FACE": "both", "QUANHENG_PORTAL_CLIENT_KEY": "{}", "QUANHENG_PORTAL_URL": "portal"}
    with pytest.raises(ConfigurationError) as told:
        read(given)
    named = [line.partition(" ")[0].partition("=")[0] for line in str(told.value).splitlines()]
    assert sorted(named) == [
        "QUANHENG_C_MARK_URL",
        "QUANHENG_DATABASE_URL",
        "QUANHENG_ISSUER",
        "QUANHENG_LICENSING_URL",
        "QUANHENG_NOTIFICATIONS_URL",
        "QUANHENG_PORTAL_CLIENT_KEY",
        "QUANHENG_PORTAL_FACE",
        "QUANHENG_PORTAL_SESSION_KEY",
        "QUANHENG_PORTAL_URL",
        "QUANHENG_TYPE_APPROVAL_URL",
    ]
