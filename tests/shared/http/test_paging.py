"""A cursor is accepted only unchanged."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import date
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError, fields

from shared.http.paging import FOLLOW, Cursor
from shared.schemas import Strict, text

CURSOR: Any = Cursor({"day": [fields.Date(), text()], "name": [text()]})


def written(place: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


def test_a_cursor_is_a_place_in_one_of_the_orders() -> None:
    assert CURSOR.deserialize(written(["day", "2013-09-17", "一"])) == ["day", date(2013, 9, 17), "一"]
    assert CURSOR.deserialize(written(["name", "x"])) == ["name", "x"]


@pytest.mark.parametrize(
    "place",
    [
        *([], ["name"], ["name", ""], ["name", 1], ["name", None], ["name", "a", "b"], ["name", "\0"], ["size", 1]),
        *(["day", "x", "a"], ["day", 5, "a"], [["name"], "a"], {"name": "a"}, "name", None, 7),
    ],
)
def test_any_other_place_is_refused(place: Any) -> None:
    with pytest.raises(ValidationError, match="use `next` unchanged"):
        CURSOR.deserialize(written(place))


@given(st.text())
def test_any_text_is_a_place_or_refused(given_text: str) -> None:
    class Query(Strict):
        cursor = CURSOR

    refusals: list[dict[str, Any]] = [{}, {"cursor": [("invalid", FOLLOW)]}]
    assert Query().validate({"cursor": given_text}) in refusals
