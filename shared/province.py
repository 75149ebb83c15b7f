"""The id of the office every program knows, apart from the law, so that commands tell it without loading the law."""

from __future__ import annotations

PROVINCE = "provincial"
"""The office of the province. It decides on all that is no other office's."""
