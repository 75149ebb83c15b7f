"""What documents say as electronic licences."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from shared.documents.issues import FIRST_PERMIT_SCHEMA, PERMIT_SCHEMA
from shared.documents.making import make
from shared.documents.metadata import check_character, identifier, metadata
from shared.documents.verification import Outcome, verify
from shared.law import load
from tests.shared.documents.parts import CHECK, CONTENT, SIGNED, key_of_office

if TYPE_CHECKING:
    from shared.documents.pages import Printer

RULES = load()
DAY = SIGNED.date()
MINISTRY, OFFICE = "11100000000013338W009", "11220000412759064K"


@pytest.mark.parametrize(
    "published",
    [
        "11100000000013338W011.11430000006122244L.20230000403.001.U",
        "11100000000013338W009.11330105002500287C.2025052201.002.0",
    ],
)
def test_the_check_character_is_that_of_identifiers_that_were_published(published: str) -> None:
    parts, _, check = published.rpartition(".")
    assert check_character(parts.replace(".", "")) == check


def test_an_identifier_is_made_once_both_codes_are_known_and_nothing_is_told_empty() -> None:
    codes = {"licence_code": {"type_approval": MINISTRY}, "issuer_code": {CONTENT["office"]: OFFICE}}
    for known in ([], ["licence_code"], ["issuer_code"], [*codes]):
        rows = tuple(replace(row, codes=codes[row.id]) if row.id in known else row for row in RULES.metadata)
        said = metadata(CONTENT, 2, "type_approval", replace(RULES, metadata=rows), DAY)
        assert said.get("identifier") == (identifier(MINISTRY, OFFICE, "2013F101-22", 2) if len(known) == 2 else None)
        assert all(said.values())
    assert said["identifier"].startswith(f"1.2.156.3005.2.{MINISTRY}.{OFFICE}.2013F10122.002.")
    assert (said["issued_on"], said["valid_from"], "valid_until" in said) == ("2014-01-08", "2014-01-08", False)


def test_documents_with_metadata_and_those_of_before_are_both_genuine(press: Printer) -> None:
    keys, key = key_of_office()
    ordered = {**CONTENT, "schema": PERMIT_SCHEMA, "metadata": metadata(CONTENT, 1, "type_approval", RULES, DAY)}
    for schema, content in ((PERMIT_SCHEMA, ordered), (FIRST_PERMIT_SCHEMA, CONTENT)):
        made = make(content, 1, CHECK, key, press, SIGNED)
        found = verify(made.pdf, keys)
        assert (Outcome.FAILED not in {one.outcome for one in found}, schema in made.json.decode()) == (True, True)
