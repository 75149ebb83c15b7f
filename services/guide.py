"""The getting-started guide, on the page `/docs` of each service."""

from __future__ import annotations

from pathlib import Path

GETTING_STARTED = Path(__file__).with_name("getting-started.md").read_text(encoding="utf-8")
