"""The form of an application for the C mark of prepackaged goods, and of a declaration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, validates_schema

from services.fields import Amount, ApplicantForm, Site
from shared.labels import labelled
from shared.metrology import Quantity
from shared.schemas import Strict, repeated, said_twice, several, text
from shared.text import Text, comparable, same
from shared.validators import Said

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping

_DIMENSIONS = ("mass", "volume", "length")
"""By which the content of a package is stated."""
_PLACE = Site().fields["address"].metadata["example"]


class Goods(Strict):
    """定量包装商品。 Goods packed in advance: the nominal content of the smallest and the largest package, and where
    they are packed."""

    name = text(maximum=100, metadata=labelled("商品名称", "name of the goods", example="大米"))
    least = Amount(
        above_zero=True,
        required=True,
        metadata=labelled("最小标注净含量", "smallest nominal content of a package", example="2.5 kg"),
    )
    most = Amount(
        above_zero=True,
        required=True,
        metadata=labelled("最大标注净含量", "largest nominal content of a package", example="25 kg"),
    )
    packed_at = text(
        maximum=200,
        metadata=labelled(
            "包装地点",
            "where it is packed",
            hint=Text("生产地址之一", "one of the places of manufacture"),
            example=_PLACE,
        ),
    )

    @validates_schema
    def is_a_range(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        stated = {name: Quantity.parse(data[name]) for name in ("least", "most") if name in data}
        for name, one in stated.items():
            if one.dimension not in _DIMENSIONS:
                told = Text(f"“{one}”：净含量以质量、体积或者长度标注", f"{one}: state a mass, a volume or a length")
                raise ValidationError([Said("unit", told)], name)
        if len(stated) > 1 and stated["least"].dimension != stated["most"].dimension:
            told = Text("最小与最大净含量的单位须为同一种量", "the smallest and the largest measure different things")
            raise ValidationError([Said("unit", told)], "most")
        if len(stated) > 1 and stated["most"] < stated["least"]:
            told = Text(f"小于最小净含量{data['least']}", f"this is less than the smallest, {data['least']}")
            raise ValidationError([Said("contradictory", told)], "most")


class Form(ApplicantForm):
    """定量包装商品计量保证能力申请书（声明书）。 An application for the C mark; the same is declared where the law of
    the day asks for a declaration."""

    renews = text(
        required=False,
        maximum=60,
        metadata=labelled(
            "所延续的证书编号",
            "number of the certificate to renew",
            hint=Text("仅延续时填写", "with a renewal only"),
            example=None,
        ),
    )
    legal_representative = text(maximum=60, metadata=labelled("法定代表人", "legal representative", example="孙负责"))
    metrology_head = text(maximum=60, metadata=labelled("计量负责人", "head of metrology", example="褚计量"))
    lines = several(
        fields.Nested(Goods),
        maximum=100,
        metadata=labelled("定量包装商品", "goods", written=Text("每种一行", "a line each")),
    )
    self_assessment = text(
        maximum=4000,
        metadata=labelled(
            "自我评价",
            "how the maker assesses its own metrological assurance",
            example="逐条自评，具备定量包装商品计量保证能力。",
        ),
    )

    @validates_schema(skip_on_field_errors=True)
    def says_each_once(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        twice = repeated(_identity(line) for line in data.get("lines") or ())
        if twice:
            found = {place: {"name": [Said("twice", said_twice(first))]} for place, first in twice.items()}
            raise ValidationError({"lines": found})

    @validates_schema(skip_on_field_errors=False)
    def is_packed_at_its_own_place(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if elsewhere := dict(_elsewhere(data)):
            raise ValidationError({"lines": elsewhere})


def _identity(line: Mapping[str, Any]) -> Hashable:
    """By which goods are the same as others, in whatever unit their contents are stated; None of a draft that does not
    say it yet."""
    if not all(name in line for name in ("name", "least", "most", "packed_at")):
        return None
    contents = (Quantity.parse(line[name]) for name in ("least", "most"))
    return (comparable(line["name"]), *contents, comparable(line["packed_at"]))


def _elsewhere(data: Mapping[str, Any]) -> Iterator[tuple[int, Any]]:
    """The lines packed at a place that the form does not name among the places of manufacture."""
    places = [site["address"] for site in data.get("production_sites") or () if "address" in site]
    for index, line in enumerate(data.get("lines") or ()):
        place = line.get("packed_at")
        if place and places and not any(same(place, one) for one in places):
            told = Text(f"生产地址中没有“{place}”", f"{place} is not among the places of manufacture")
            yield index, {"packed_at": [Said("unknown_site", told)]}
