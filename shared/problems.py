"""Problems and violations: what is wrong with a request. `shared.http.problems` renders them (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class ToldError(ValueError):
    """A value that is wrong: `told` says how, in both languages. As text it is English."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.told = Text(zh, en)

    def __str__(self) -> str:
        return self.told.en


def said_by(error: ValueError) -> Text:
    """What an error says, in both languages where it does."""
    return error.told if isinstance(error, ToldError) else Text.plain(str(error))


@dataclass(frozen=True, slots=True)
class Violation:
    """One fault: `name` is the path of the field (`lines.0.model`), or names another part of the request.

    Of a list that lacks a row for something, `about` is the code of that: each row that is missing is a fault.
    A `reason` that is a `str` is English and technical: readers of Chinese are told the meaning of the code instead.
    """

    name: str
    code: str
    reason: Text | str
    about: str = ""

    @property
    def confirmation(self) -> str:
        """What confirms this one and no other, where it is a warning."""
        return f"{self.code}:{self.name}"


class Problem(Exception):  # noqa: N818 - the field's own term
    """The request cannot be carried out. Nothing was changed.

    `kind` is a stable code for programs; `detail` tells people what is wrong and how to fix it, in English alone where
    the form of a request is wrong, which only who writes programs meets; `violations` lists every fault at once.
    """

    def __init__(
        self,
        kind: str,
        detail: Text | str,
        violations: Sequence[Violation] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.violations = tuple(violations)
        self.extra = dict(extra or {})
