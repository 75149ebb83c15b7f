"""The `type` of every problem is a page with its meaning and remedy."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from services.catalogue import TOPOLOGY
from services.documents import OFFERS
from shared.http.faults import FAULTS
from shared.http.language import Language
from shared.http.problems import KINDS
from tests.shared.http.parts import refused
from tests.support import Caller, Office, applicant, credit_code

if TYPE_CHECKING:
    from deploy.local.system import System
    from shared.http.faces import Offer

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=TOPOLOGY.consumers)
def caller(request: pytest.FixtureRequest, system: System) -> Caller:
    return Caller(system.url(request.param))


def test_every_kind_that_the_code_names_is_in_the_table() -> None:
    named = {
        kind
        for folder in ("services", "shared")
        for path in (ROOT / folder).rglob("*.py")
        for kind in re.findall(r'\bProblem\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    }
    assert named
    assert named <= set(KINDS)


def test_every_kind_says_in_both_languages_what_it_means_and_what_to_do() -> None:
    for name, kind in KINDS.items():
        for chinese, english in (kind.title, kind.remedy):
            assert re.search("[一-鿿]", chinese), name
            assert re.fullmatch("[ -~]+", english), name


def test_every_text_is_chinese_and_english_and_no_text_is_both() -> None:
    for folder in ("services", "shared"):
        for path in (ROOT / folder).rglob("*.py"):
            for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name) or _handed_on(call):
                    continue
                where = f"{path.relative_to(ROOT)}:{call.lineno}"
                said = [_literal(one) for one in call.args]
                if call.func.id in {"Violation", "Problem"}:
                    assert not any(map(_CHINESE.search, said)), f"{where}: tell it in a Text"
                if call.func.id in {"Text", "refusal"} and len(call.args) > 1:
                    zh, en = said[-2:] if call.func.id == "Text" else said[1:3]
                    assert _CHINESE.search(zh) or not re.search("[a-z]{3}", en), f"{where}: {zh}"
                    assert not _CHINESE.search(en), f"{where}: {en}"


def _handed_on(call: ast.Call) -> bool:
    """Whether it is given a text that is whole already."""
    return any(isinstance(one, ast.Starred) for one in call.args)


def _literal(written: ast.expr) -> str:
    """What a text says by itself, without what is put into it."""
    if isinstance(written, ast.JoinedStr):
        return "".join(map(_literal, written.values))
    return written.value if isinstance(written, ast.Constant) and isinstance(written.value, str) else ""


_CHINESE = re.compile("[\u4e00-\u9fff]")
_ENGLISH = re.compile("[A-Za-z]{3,} [A-Za-z]{2,} ")


def test_a_fault_is_told_in_the_language_of_its_reader(office: Office) -> None:
    caller = office.caller("type_approval", applicant(credit_code()))
    wrong = {
        "modle": 1,
        "credit_code": "12",
        "email": "x",
        "phone": "?",
        "units_made": -1,
        "lines": [],
        "category": " ",
    }
    chinese, english = (
        [one["reason"] for one in caller.post("/v1/applications", wrong, Accept_Language=tag).json["invalid_params"]]
        for tag in ("zh", "en")
    )
    assert len(chinese) == len(english) > 5
    assert [one for one in chinese if not _CHINESE.search(one) or _ENGLISH.search(one)] == []
    assert [one for one in english if _CHINESE.search(one)] == []


def test_the_type_of_a_problem_is_a_page(caller: Caller) -> None:
    kind = refused(caller.get("/v1/nothing"), 404, "not_found")["type"]
    page = caller.get(kind, Accept_Language="zh")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    found = KINDS["not_found"]
    for text in (found.title.zh, found.remedy.zh, "404"):
        assert text in page.body.decode()


def test_programs_read_the_same_as_json(caller: Caller) -> None:
    listed = caller.get("/problems", Accept="application/json").json["items"]
    assert [item["code"] for item in listed] == list(KINDS)
    for item in listed:
        assert caller.get(item["type"], Accept="application/json").json == item


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.service)
def test_every_code_of_a_fault_is_explained_where_faults_are(offer: Offer, system: System) -> None:
    caller = Caller(system.url(offer.service))
    faults = caller.get("/problems/invalid", Accept="application/json").json["faults"]
    assert faults == {code: meaning._asdict() for code, meaning in {**FAULTS, **offer.faults}.items()}
    for language in Language:
        page = caller.get("/problems/invalid", Accept_Language=language).body.decode()
        assert all(code in page and faults[code][language] in page for code in faults)
    assert "unknown_field" not in caller.get("/problems/stale").body.decode()


def test_the_list_is_a_page_that_leads_to_every_kind(caller: Caller) -> None:
    page = caller.get("/problems").body.decode()
    assert set(re.findall('href="/problems/([a-z_]+)"', page)) == set(KINDS)


@pytest.mark.parametrize("path", ["/problems/nonsense", "/problems/<b>", "/problemsolving"])
def test_a_kind_that_does_not_exist_is_not_found(caller: Caller, path: str) -> None:
    refused(caller.get(path.replace("<", "%3C").replace(">", "%3E")), 404, "not_found")


def test_a_problem_is_told_in_the_language_of_its_reader(caller: Caller) -> None:
    found = KINDS["not_found"]
    for accepted, language in (("en-GB, zh;q=0.5", Language.EN), ("fr", Language.ZH)):
        answer = caller.get("/v1/nothing", Accept_Language=accepted)
        problem = refused(answer, 404, "not_found")
        assert (problem["title"], problem["remedy"]) == (found.title.told(language), found.remedy.told(language))
        assert (answer.headers["Content-Language"], answer.headers["Vary"]) == (language, "Accept-Language")


def test_each_fault_says_what_it_is_in_the_language_of_its_reader(office: Office) -> None:
    caller = office.caller("licensing", applicant(credit_code()))
    for language, title in (("en", FAULTS["unknown_field"].en), ("zh", FAULTS["unknown_field"].zh)):
        problem = refused(caller.post("/v1/applications", {"modle": "x"}, Accept_Language=language), 422, "invalid")
        (fault,) = problem["invalid_params"]
        assert (fault["name"], fault["code"], fault["title"]) == ("modle", "unknown_field", title)


def test_a_page_is_another_one_in_another_language(caller: Caller) -> None:
    chinese, english = (caller.get("/problems/stale", Accept_Language=language) for language in Language)
    assert (chinese.headers["Content-Language"], english.headers["Content-Language"]) == ("zh", "en")
    assert "Accept-Language" in english.headers["Vary"]
    assert KINDS["stale"].remedy.en in english.body.decode()
    assert KINDS["stale"].remedy.zh not in english.body.decode()
    tag = chinese.headers["ETag"]
    assert caller.get("/problems/stale", Accept_Language="zh", If_None_Match=tag).status == 304
    assert caller.get("/problems/stale", Accept_Language="en", If_None_Match=tag).status == 200
