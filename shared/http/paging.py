"""Pages of lists that stay right while the list changes: each begins where the one before ended."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, urlencode

import orjson
from marshmallow import ValidationError, fields, validate, validates_schema

from shared.casework.queries import is_id
from shared.http.routes import Call, Reply
from shared.schemas import Digits, Strict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLLOW = "follow `next` as it was given"
BY_ID = "id"
"""The order of lists that are in the order of their ids."""


def _has_its_form(value: str) -> None:
    if not is_id(value):
        raise ValidationError(FOLLOW)


AN_ID = fields.String(validate=_has_its_form)


class Cursor(fields.String):
    """The place where a page ended, opaque to callers: a list of the order and of what `places` says for it."""

    def __init__(self, places: Mapping[str, Sequence[fields.Field[Any]]]) -> None:
        super().__init__(metadata={"description": f"取自 next: {FOLLOW}", "example": None})
        self._places = places

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            written = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            order, *place = orjson.loads(written)
            found = [part.deserialize(each) for part, each in zip(self._places[order], place, strict=True)]
        except (ValueError, KeyError, TypeError, ValidationError):
            raise ValidationError(FOLLOW) from None
        if b"\\u0000" in written:  # no text in the database can hold it
            raise ValidationError(FOLLOW)
        return [order, *found]


class PageQuery(Strict):
    """Which part of a list. Lists have a `cursor`, too."""

    order_by: ClassVar[str] = ""
    """The parameter by which the list is ordered, if callers may choose."""

    limit = Digits(
        load_default=50,
        validate=validate.Range(min=1, max=100),
        metadata={"description": "每页条数 how many at most; 50 if not said", "example": 20},
    )

    @validates_schema(skip_on_field_errors=False)
    def cursor_is_of_this_order(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if {"cursor", self.order_by} <= data.keys() and data["cursor"][0] != data[self.order_by]:
            raise ValidationError(FOLLOW, "cursor")


def page(call: Call, items: Sequence[Any], place: Sequence[Any] | None, **beside: Any) -> Reply:
    """The answer with these items, which end at `place`, None where nothing comes after; and what stands beside."""
    if place is None:
        return Reply({**beside, "items": items})
    cursor = urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")
    following = urlencode({**call.query, "cursor": cursor}, quote_via=quote)
    return Reply({**beside, "items": items, "next": f"{call.path}?{following}"})
