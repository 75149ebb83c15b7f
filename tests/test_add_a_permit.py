"""The page on adding a permit says what is there: the files of the folder that it walks through, and what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shared.law.ruleset import FILES

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/how-to/add-a-permit.md").read_text(encoding="utf-8")
FOLDER = ROOT / "services/c_mark"
LAW = ROOT / "shared/law/data/jilin-2013"
SNIPPETS = re.findall(r"### `([^`]+)`.*?```python\n(.*?)```", PAGE, re.DOTALL)
OF_MARKS = re.compile(r"c_mark|\bmark[_.]|declaration_receipt")


def flush(text: str) -> str:
    """The lines without their indentation: what stands in a table is shown by itself."""
    return "\n".join(line.strip() for line in text.splitlines())


def test_the_page_walks_through_every_file_of_the_folder() -> None:
    told = set(re.findall(r"^### `([^`]+)`", PAGE, re.MULTILINE))
    there = {path.name + "/" * path.is_dir() for path in FOLDER.iterdir() if not path.name.startswith("__")}
    assert told == there


@pytest.mark.parametrize(("file", "snippet"), SNIPPETS, ids=[file for file, _ in SNIPPETS])
def test_what_the_page_shows_of_a_file_stands_in_it(file: str, snippet: str) -> None:
    assert flush(snippet).strip() in flush((FOLDER / file).read_text(encoding="utf-8"))


def test_every_file_that_the_page_names_is_there() -> None:
    named = {
        one for one in re.findall(r"`([a-z_0-9/.-]+/[a-z_0-9/.-]+)`", PAGE) if "." in Path(one).name or one[-1] == "/"
    }
    assert len(named) > 20
    assert [one for one in sorted(named) if not (ROOT / one).exists()] == []


def test_the_page_names_every_file_of_the_law_that_has_rows_of_the_mark() -> None:
    there = {file for file, _ in FILES.values() if OF_MARKS.search((LAW / file).read_text(encoding="utf-8"))}
    assert there == {file for file, _ in FILES.values() if f"| `{file}` |" in PAGE}


def test_the_page_names_every_other_file_that_must_know_of_it() -> None:
    """Of those that name the service; what knows its events alone is in the table too."""
    folders = ("services", "shared", "deploy")
    files = [
        path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in {".py", ".toml", ".yaml"}
    ]
    there = {
        str(path.relative_to(ROOT))
        for path in files
        if not {FOLDER, LAW} & {*path.parents} and re.search("c_mark|c-mark", path.read_text(encoding="utf-8"))
    }
    told = {one for one in there if f"`{one}`" in PAGE or (one.startswith("deploy/k8s/") and "`deploy/k8s/`" in PAGE)}
    assert there - told <= {"shared/law/rows.py", "tests/support/__init__.py"}
