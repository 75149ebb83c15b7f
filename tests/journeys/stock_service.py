"""A service written as in nameko's own documentation: it uses nothing of ours except the names."""

from __future__ import annotations

import json
from typing import Any

from nameko.events import event_handler


class Outsider:
    name = "outsider"

    @event_handler("type_approval", "certificate.granted.*")  # type: ignore[untyped-decorator]
    def granted(self, payload: dict[str, Any]) -> None:
        print(json.dumps({"heard": payload["data"]["certificate"]}), flush=True)  # noqa: T201 - the test reads it
