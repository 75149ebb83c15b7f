"""Every service serves its OpenAPI documents and self-contained pages about them."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from services.documents import OFFERS
from shared.http import faces, openapi
from shared.http.pages.reference import read
from shared.http.problems import KINDS
from tests.support import Caller

if TYPE_CHECKING:
    from deploy.local.system import System

VOID = {"meta", "br", "hr"}


@dataclass(frozen=True)
class Told:
    """A face of a service."""

    offer: faces.Offer
    face: faces.Face


@pytest.fixture(
    params=[Told(offer, face) for offer in OFFERS for face in offer.faces],
    ids=lambda told: f"{told.offer.service}-{told.face.name}",
)
def told(request: pytest.FixtureRequest) -> Told:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
def anybody(told: Told, system: System) -> Caller:
    return Caller(system.url(told.offer.service))


class Outline(HTMLParser):
    """What a page consists of; it is an error if a tag is not closed, or closed by another."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.links: set[str] = set()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.add(tag)
        self.attributes |= {*told}
        if tag not in VOID:
            self.open.append(tag)
        if given := told.get("id"):
            self.ids[given] += 1
        if href := told.get("href"):
            self.links.add(href)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, self.getpos()


def test_a_service_hands_out_what_it_offers_on_a_face(told: Told, anybody: Caller) -> None:
    answer = anybody.get(f"{told.face.prefix}/openapi.json")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.json == json.loads(json.dumps(openapi.document(told.face, [told.offer])))


@pytest.mark.parametrize("page", ["openapi.json", "docs"])
def test_who_has_it_already_need_not_load_it_again(told: Told, anybody: Caller, page: str) -> None:
    path = f"{told.face.prefix}/{page}"
    first = anybody.get(path)
    again = anybody.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body, again.headers["Cache-Control"]) == (304, b"", "public, max-age=300")
    assert anybody.send("HEAD", path, None).headers["ETag"] == first.headers["ETag"]


def test_the_page_shows_every_operation_with_its_fields_and_problems(told: Told, anybody: Caller) -> None:
    document = anybody.get(f"{told.face.prefix}/openapi.json").json
    text = anybody.get(f"{told.face.prefix}/docs").body.decode()
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    assert operations
    outline = Outline(text)
    assert {operation["operationId"] for operation in operations} <= {*outline.ids}
    assert {f"schema-{name}" for name in document["components"]["schemas"]} <= {*outline.ids}
    assert text.count("curl -s") >= len(operations)
    for heading in (tag["x-label"] for tag in document["tags"]):
        assert heading["zh"] in text
        assert heading["en"] in text


def test_a_command_on_a_case_says_that_it_needs_a_version(told: Told) -> None:
    reference = read(json.loads(json.dumps(openapi.document(told.face, [told.offer]))))
    operations = [operation for section in reference.sections for operation in section.operations]
    for operation in operations:
        needed = "precondition_required" in {refusal.code for refusal in operation.refusals}
        assert ("If-Match" in operation.must) is needed, operation.id
        assert "If-Match" not in operation.may


def test_what_any_operation_may_answer_is_told_once(told: Told) -> None:
    described = json.loads(json.dumps(openapi.document(told.face, [told.offer])))
    reference = read(described)
    everywhere = {refusal.code for refusal in reference.refusals}
    assert {"malformed", "internal", "unavailable"} <= everywhere
    for operation in (operation for section in reference.sections for operation in section.operations):
        own = {refusal.code for refusal in operation.refusals}
        responses = described["paths"][operation.path][operation.method.lower()]["responses"]
        named = {
            name.rpartition("/")[2] for status, told in responses.items() if status >= "400" for name in [told["$ref"]]
        }
        assert not own & everywhere
        assert own | everywhere == {kind for name in named for kind in name.split("_or_")}


def test_every_link_of_a_page_leads_somewhere(told: Told, anybody: Caller) -> None:
    outline = Outline(anybody.get(f"{told.face.prefix}/docs").body.decode())
    assert [name for name, count in outline.ids.items() if count > 1] == []
    for link in outline.links:
        if link.startswith("#"):
            assert link[1:] in outline.ids, link
        elif link.startswith("/problems/"):
            assert link.removeprefix("/problems/") in KINDS, link
        else:
            assert anybody.get(link).status == 200, link


@pytest.mark.parametrize("offer", OFFERS, ids=lambda offer: offer.service)
def test_a_newcomer_finds_the_pages_from_the_bare_address(offer: faces.Offer, system: System) -> None:
    page = Caller(system.url(offer.service)).get("/")
    assert page.body == Caller(system.url(offer.service)).get("/docs").body
    assert page.status == 200
    assert {f"{face.prefix}/docs" for face in offer.faces} <= Outline(page.body.decode()).links


@pytest.mark.parametrize("path", ["/docs", "/v1/docs", "/problems", "/problems/stale"])
def test_a_page_is_whole_in_itself_and_runs_nothing(system: System, path: str) -> None:
    page = Caller(system.url("licensing")).get(path)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    outline = Outline(page.body.decode())
    assert not outline.tags & {"script", "img", "link", "iframe", "form", "svg"}
    assert not {name for name in outline.attributes if name.startswith("on")} | outline.attributes & {"src", "style"}
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert not re.search(r"url\(|@import", page.body.decode())
