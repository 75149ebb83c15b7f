"""What is wrong is told in both languages to whoever reads it: by errors that find their way into an answer, and by the
details of problems. What only programs get wrong is told in English."""

from __future__ import annotations

import ast
import re
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.documents import OFFERS
from shared.law import LawError, load
from shared.problems import ToldError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHINESE = re.compile(r"[一-鿿]|\bzh\b|_zh\b")
ROOT = Path(__file__).parents[1]
RULES, BEFORE, DAY = load(), date(1901, 1, 1), date(2013, 9, 17)
FOR_PROGRAMS = frozenset(
    {
        *("malformed", "unauthenticated", "unsupported_media_type", "headers_too_large", "uri_too_long", "timeout"),
        *("precondition_required", "stale", "time_refused"),
    }
)
"""Kinds of problems with the form of a request."""
SERVER = frozenset({"connection.py"})
"""What is refused before a request is read, has no language."""


def calls() -> Iterator[tuple[Path, ast.Call]]:
    for folder in ("shared", "services"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield path, node


def told_errors(kind: type[ToldError] = ToldError) -> set[str]:
    return {kind.__name__}.union(*map(told_errors, kind.__subclasses__()))


def test_errors_that_are_told_are_told_in_both_languages() -> None:
    assert OFFERS  # every module that a service answers with is loaded
    known = told_errors()
    assert {"LawError", "LimitError", "AddressError", "OimlNumberError", "FamilyError"} <= known
    halves = [
        f"{path.name}:{call.lineno}"
        for path, call in calls()
        if ast.unparse(call.func) in known and len(call.args) > 1 and not CHINESE.search(ast.unparse(call.args[-2]))
    ]
    assert halves == []


def test_problems_that_people_meet_are_told_in_both_languages() -> None:
    english = []
    for path, call in calls():
        if ast.unparse(call.func) == "Problem" and len(call.args) > 1 and path.name not in SERVER:
            kind, detail = call.args[:2]
            written = isinstance(detail, ast.Constant | ast.JoinedStr) or ast.unparse(detail).startswith("str(")
            if written and not (isinstance(kind, ast.Constant) and kind.value in FOR_PROGRAMS):
                english.append(f"{path.name}:{call.lineno}")
    assert english == []


@pytest.mark.parametrize(
    "ask",
    [
        lambda: RULES.regime("type_approval", BEFORE),
        lambda: RULES.limit("no_such_limit", DAY),
        lambda: RULES.number_format("licence", BEFORE),
        lambda: RULES.item("no_such_kind", DAY),
        lambda: RULES.authority(BEFORE),
        lambda: RULES.validity("manufacture", BEFORE),
        lambda: RULES.norm("no_such_norm", DAY),
        lambda: RULES.bar("no_such_ground", DAY),
        lambda: RULES.exclusion("no_such_ground", DAY),
        lambda: RULES.notice("no_such_notice", DAY),
        lambda: RULES.number_format("licence", DAY).parse("?"),
        lambda: RULES.number_format("licence", DAY).render(0),
    ],
)
def test_what_the_law_does_not_have_is_told_in_both_languages(ask: Callable[[], object]) -> None:
    with pytest.raises(LawError) as refused:
        ask()
    zh, en = refused.value.told
    assert CHINESE.search(zh)
    assert zh != en == str(refused.value)
