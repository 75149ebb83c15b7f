"""What can be wrong with a request, in words for the person who made it. HTTP renders these (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong: `name` is the path of the field (`lines.0.model`) or of what else is at fault."""

    name: str
    code: str
    reason: str


class Problem(Exception):  # noqa: N818 - the field's own term
    """A request that cannot be carried out. Nothing was changed.

    `kind` is the stable code that programs read; `detail` says to a person what is wrong and how to mend it;
    `violations` lists every single fault at once.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        violations: Sequence[Violation] = (),
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{kind}: {detail}")
        self.kind = kind
        self.detail = detail
        self.violations = tuple(violations)
        self.extra = dict(extra or {})
