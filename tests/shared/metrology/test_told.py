"""What is wrong with a value or a name is told in both languages, wherever it is found."""

from __future__ import annotations

import ast
import re
from copy import copy
from pathlib import Path

from shared import metrology
from shared.metrology import FamilyError, QuantityError
from shared.metrology.dcc import CertificateError
from shared.metrology.judgements import lacking
from shared.text import Text

SOURCES = Path(str(metrology.__file__)).parent
TOLD = {CertificateError.__name__, FamilyError.__name__, QuantityError.__name__, Text.__name__, lacking.__name__}
CHINESE = re.compile(r"[一-鿿]|\bzh\b|_CHINESE")


def test_every_reason_is_said_in_chinese_and_in_english() -> None:
    halves = []
    for path in SOURCES.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in TOLD and len(node.args) > 1:
                zh, en = map(ast.unparse, node.args[:2])
                halves += [] if CHINESE.search(zh) and ".zh" not in en else [f"{path.name}:{node.lineno}"]
    assert halves == []


def test_a_copy_of_a_reason_tells_the_same() -> None:
    told = copy(FamilyError("缺准确度等级", "class is missing"))
    assert (told.told.zh, str(told)) == ("缺准确度等级", "class is missing")
