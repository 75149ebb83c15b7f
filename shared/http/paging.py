"""Cursor-based paging, correct while the list changes: each page begins where the previous one ended."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

import orjson
from marshmallow import ValidationError, fields, validate, validates_schema

from shared.casework.queries import is_id
from shared.http.routes import Call, Reply
from shared.labels import labelled
from shared.schemas import Digits, Strict
from shared.text import Text
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLLOW = Text("请原样使用`next`", "use `next` unchanged")
MAX_CURSOR = 2000
BY_ID = "id"
"""The order of lists sorted by id."""


def _has_its_form(value: str) -> None:
    if not is_id(value):
        raise refusal("invalid", *FOLLOW)


AN_ID = fields.String(validate=_has_its_form)
A_PLACE = fields.Integer(strict=True, validate=validate.Range(min=1, max=2**63 - 1))


class Cursor(fields.String):
    """An opaque cursor: the order of the list, and the sort key where the page ended, with fields from `places`."""

    def __init__(self, places: Mapping[str, Sequence[fields.Field[Any]]]) -> None:
        super().__init__(
            metadata=labelled("续页标记", "where the next page begins", hint=FOLLOW, example=None, maxLength=MAX_CURSOR)
        )
        self._places = places

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text) > MAX_CURSOR:
            raise refusal("invalid", *FOLLOW)
        try:
            written = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            order, *place = orjson.loads(written)
            found = [part.deserialize(each) for part, each in zip(self._places[order], place, strict=True)]
        except (ValueError, KeyError, TypeError, ValidationError):
            raise refusal("invalid", *FOLLOW) from None
        if b"\\u0000" in written:  # PostgreSQL cannot store it in a text
            raise refusal("invalid", *FOLLOW)
        return [order, *found]


class PageQuery(Strict):
    """Paging of a list. Subclasses add a `cursor`."""

    order_by: ClassVar[str] = ""
    """The name of the parameter that selects the order, if callers may choose."""

    limit = Digits(
        load_default=50,
        validate=validate.Range(min=1, max=100),
        metadata=labelled("每页条数", "maximum number of items", hint=Text("默认50", "by default 50"), example=20),
    )

    @validates_schema(skip_on_field_errors=False)
    def cursor_is_of_this_order(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if {"cursor", self.order_by} <= data.keys() and data["cursor"][0] != data[self.order_by]:
            raise refusal("invalid", *FOLLOW, "cursor")


def page(call: Call, items: Sequence[Any], place: Sequence[Any] | None, **beside: Any) -> Reply:
    """A page of items. `place` is the sort key of the last one, None for the last page; `beside` are further fields."""
    if place is None:
        return Reply({**beside, "items": items})
    return Reply({**beside, "items": items, "next": following(call, place)})


def following(call: Call, place: Sequence[Any]) -> str:
    """The address of the page that begins after that place."""
    cursor = urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")
    return f"{call.path}?{urlencode({**call.query, 'cursor': cursor}, quote_via=quote)}"
