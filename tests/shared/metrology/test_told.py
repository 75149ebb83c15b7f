"""What is wrong with a value or a name is told in both languages, wherever it is found."""

from __future__ import annotations

import ast
import re
from copy import copy
from pathlib import Path

from shared import metrology
from shared.metrology import FamilyError, QuantityError

SOURCES = Path(str(metrology.__file__)).parent
ERRORS = {FamilyError.__name__, QuantityError.__name__}
CHINESE = re.compile("[一-鿿]")


def test_every_reason_is_said_in_chinese_and_in_english() -> None:
    halves = []
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ERRORS and len(node.args) > 1:
                zh, en = map(ast.unparse, node.args)
                said = CHINESE.search(zh) or ".zh" in zh
                halves += [] if said and ".zh" not in en else [f"{path.name}:{node.lineno}"]
    assert halves == []


def test_a_copy_of_a_reason_tells_the_same() -> None:
    told = copy(FamilyError("缺准确度等级", "class is missing"))
    assert (told.told.zh, str(told)) == ("缺准确度等级", "class is missing")
