"""Document numbers: how to render and parse them, and in which series they count."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from shared.law.rows import LawError, Row
from shared.text import as_numbered

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ParsedNumber:
    """A parsed number. `fields` are its other parts, such as year, letter, province or office."""

    serial: int
    fields: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class NumberFormat(Row):
    """`pattern` and `key` are format strings over the fields. Serials start at `first` within one series key."""

    kind: str
    pattern: str
    regex: str
    key: str
    first: int
    defaults: Mapping[str, str] = field(default_factory=dict)
    printed: str | None = None
    """How it is printed, where brackets or spaces make it easier to read."""

    @cached_property
    def _compiled(self) -> re.Pattern[str]:
        return re.compile(self.regex)

    def series(self, **fields: str | int) -> str:
        """The key of the gapless series, for example "certificate/2013/F". Raises LawError if a field is missing."""
        return self._fill(self.key, fields)

    def render(self, serial: int, **fields: str | int) -> str:
        """The number as printed. Raises LawError if a field is missing or the result does not match the format.

        The result is already in the normal form of `as_numbered`, so it is found in any spelling.
        """
        text = self._fill(self.pattern, {**fields, "serial": serial})
        if serial < self.first or self._compiled.fullmatch(text) is None or as_numbered(text) != text:
            raise LawError(
                f"{self.id}：{text}不符合{self.regex}，序号自{self.first}起：请核对",
                f"{self.id}: {text!r} is not of the form {self.regex} with a serial from {self.first}; check the"
                " fields",
            )
        return text

    def parse(self, text: str) -> ParsedNumber:
        """Split a number, in any spelling, into serial and fields. Raises LawError if it has another form."""
        match = self._compiled.fullmatch(as_numbered(text))
        if match is None:
            raise LawError(
                f"{self.id}：“{text}”不符合格式{self.pattern}，请与证书核对",
                f"{self.id}: {text!r} does not read as {self.pattern}; compare it with the document",
            )
        fields = match.groupdict()
        return ParsedNumber(int(fields.pop("serial")), fields)

    def written(self, number: str) -> str:
        """The number as people write it; it is found in that form too. Raises LawError if it has another form."""
        if self.printed is None:
            return number
        parsed = self.parse(number)
        return self._fill(self.printed, {**parsed.fields, "serial": parsed.serial})

    def _fill(self, template: str, fields: Mapping[str, str | int]) -> str:
        try:
            return template.format(**{**self.defaults, **fields})
        except KeyError as missing:
            raise LawError(
                f"{self.id}：编号缺少{missing}一项", f"{self.id}: the number needs the field {missing}; pass it by name"
            ) from None
        except ValueError:
            raise LawError(
                f"{self.id}：{dict(fields)}不符合{template}，年份和序号须为整数",
                f"{self.id}: {dict(fields)} does not fit {template}; year and serial are whole numbers",
            ) from None
