"""Whether a request is signed as receivers check it, with the library that they would use."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from standardwebhooks import Webhook

if TYPE_CHECKING:
    from tests.support.receiving import Received


def valid(secret: str, received: Received) -> bool:
    told = received.headers
    at = datetime.fromtimestamp(int(told["webhook-timestamp"]), UTC)
    wanted = Webhook(secret).sign(told["webhook-id"], at, received.body.decode())
    return wanted in told["webhook-signature"].split(" ")
