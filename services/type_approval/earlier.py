"""Test records as the release wrote them that knew weighing only, made new. What once converted stored data is never
changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson

from services.earlier import told

if TYPE_CHECKING:
    from collections.abc import Mapping

_COVERED = ("samples", "tests", "voided_tests", "improvement")
"""What the digest of a report covered, beside the report."""
_OLD = ("accuracy_class", "scale_interval", "reading", "actual_interval", "zero_error", "expanded_uncertainty")


def with_new_records(data: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a case with its test records made new.

    A report that was issued keeps the text that was signed: its digest is of the records as they were.
    """
    tests = data.get("tests", [])
    if not any("scale_interval" in record for record in tests):
        return {**data}
    found = {**data, "tests": [converted_record(record) for record in tests]}
    report = data.get("report", {})
    if "sha256" in report:
        unsigned = {name: value for name, value in report.items() if name != "sha256"}
        covered = {"report": unsigned, **{name: data[name] for name in _COVERED if name in data}}
        signed = orjson.dumps(covered, option=orjson.OPT_SORT_KEYS).decode()
        found["report"] = {**report, "signed": signed}
    return found


def converted_record(record: Mapping[str, Any]) -> dict[str, Any]:
    """Class and e are what the laboratory stated of the prototype; the way of reading is a setting."""
    settings = {
        "reading": record.get("reading"),
        "shown_interval": told(record.get("actual_interval")),
        "zero_error": told(record.get("zero_error")),
    }
    uncertainty = told(record.get("expanded_uncertainty"))
    return {
        **{name: value for name, value in record.items() if name not in _OLD},
        "clause": record["item"],
        "name": {"zh": record["name"], "en": record["name"]},
        "edition": "R 76-1:2006",
        "limits": "computed",
        "characteristics": {"class": record["accuracy_class"], "e": told(record["scale_interval"])},
        "settings": {name: value for name, value in settings.items() if value},
        **({"uncertainty": uncertainty} if uncertainty else {}),
        "conditions": {name: told(value) for name, value in record["conditions"].items()},
    }
