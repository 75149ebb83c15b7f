"""Pages as a test looks at them: elements, the words in them, the forms."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENTS = Path(__file__).parents[3] / "docs/reference"
VOID = frozenset({"meta", "link", "input", "br", "hr", "img"})


@dataclass
class Element:
    """An element and what is in it."""

    tag: str
    attributes: dict[str, str]
    children: list[Element | str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    def get(self, name: str, default: str = "") -> str:
        return self.attributes.get(name, default)

    @property
    def text(self) -> str:
        """Its words, with single blanks between them."""
        return " ".join(" ".join(self._words()).split())

    def _words(self) -> Iterator[str]:
        for child in self.children:
            yield child if isinstance(child, str) else child.text

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Every element within that has this tag and these attributes; `class_` is one of its classes."""
        return [
            one
            for one in self._within()
            if (not tag or one.tag == tag) and all(one._has(*item) for item in attributes.items())
        ]

    def one(self, tag: str = "", **attributes: str) -> Element:
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of {tag} {attributes}"
        return found[0]

    def _within(self) -> Iterator[Element]:
        """Every element within, in the order of the page."""
        waiting = self._elements()
        while waiting:
            one = waiting.pop()
            yield one
            waiting += one._elements()

    def _elements(self) -> list[Element]:
        """Those directly within, the last first."""
        return [child for child in reversed(self.children) if isinstance(child, Element)]

    def _has(self, name: str, value: str) -> bool:
        if name == "class_":
            return value in self.get("class").split()
        return self.attributes.get(name.rstrip("_").replace("_", "-")) == value

    def typed(self) -> dict[str, list[str]]:
        """What a browser would send of this form, without a button."""
        found: dict[str, list[str]] = {}
        for one in self.all():
            name = one.get("name")
            if not name or "disabled" in one.attributes:
                continue
            if one.tag == "textarea":
                found.setdefault(name, []).append("".join(part for part in one.children if isinstance(part, str)))
            elif one.tag == "select":
                chosen = [option for option in one.all("option") if "selected" in option.attributes]
                found.setdefault(name, []).append((chosen or one.all("option"))[0].get("value"))
            elif one.tag == "input" and (
                one.get("type") not in {"radio", "checkbox", "submit"} or "checked" in one.attributes
            ):
                found.setdefault(name, []).append(one.get("value"))
        return found


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("document", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), f"{tag} has an attribute twice: {attrs}"
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> within <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(text: str) -> Element:
    """The page; it is an error if its elements are not properly within each other."""
    parser = _Parser()
    parser.feed(text)
    parser.close()
    assert len(parser.open) == 1, f"not closed: {[element.tag for element in parser.open[1:]]}"
    return parser.open[0]


def flaws(page: Element) -> list[str]:
    """What would keep somebody out: of the basics of WCAG 2.2 that can be seen in HTML alone."""
    found = []
    ids = [one["id"] for one in page.all() if "id" in one.attributes]
    found += [f"id {one} twice" for one in {one for one in ids if ids.count(one) > 1}]
    html = page.one("html")
    found += [] if html.get("lang") in {"zh-CN", "en"} else ["no language"]
    found += [] if page.one("title").text else ["no title"]
    found += [] if len(page.all("h1")) == 1 else [f"{len(page.all('h1'))} h1"]
    found += [] if len(page.all("main")) == 1 else ["no main"]
    levels = [int(one.tag[1]) for one in page.one("main").all() if one.tag in {"h1", "h2", "h3", "h4"}]
    titles = [one.text for one in page.one("main").all() if one.tag in {"h1", "h2", "h3", "h4"}]
    found += [f"{one} is a code, not words" for one in titles if re.fullmatch(r"[a-z_]+\.[a-z_]+", one)]
    found += [f"h{after} after h{before}" for before, after in pairwise(levels) if after > before + 1]
    labelled = {one["for"] for one in page.all("label") if "for" in one.attributes}
    within = {id(one) for label in page.all("label") for one in label.all()}
    for one in page.all():
        if one.tag in {"input", "select", "textarea"} and one.get("type") not in {"hidden", "submit"}:
            named = one.get("id") in labelled or "aria-label" in one.attributes or id(one) in within
            found += [] if named else [f"{one.get('name')} has no label"]
        if one.tag in {"a", "button"} and not (one.text or one.get("aria-label")):
            found.append(f"{one.tag} without words: {one.attributes}")
        if one.tag == "img" and "alt" not in one.attributes:
            found.append(f"picture without alt: {one.get('src')}")
        for name in ("aria-describedby", "aria-labelledby"):
            found += [f"{name} names no element: {part}" for part in one.get(name).split() if part not in ids]
        if "style" in one.attributes or any(name.startswith("on") for name in one.attributes):
            found.append(f"inline style or script: {one.attributes}")
        if one.tag == "a" and one.get("href").startswith("#"):
            found += [] if one["href"][1:] in ids else [f"{one['href']} leads nowhere"]
        if one.tag == "th":
            found += [] if one.get("scope") else [f"th without scope: {one.text}"]
    found += ["script in the page" for one in page.all("script") if not one.get("src")]
    found += [f"{one} is a code, not words" for one in codes(page.one("main"), html.get("lang"))]
    return found + [f"{one} is a code without its name" for one in unnamed(page.one("main"))]


_AS_IT_IS = frozenset({"bdi", "code", "script", "style", "sub", "textarea"})
_QUOTED = frozenset({"code", "quote", "said"})
"""Elements, and classes of them, that show files, addresses, what is copied as it stands, and what people wrote."""
_CODE = re.compile(
    r"(?<![\w.@/“-])(?:[a-z]+[0-9]*(?:_[a-z0-9]+)+|[a-z]+[0-9]*\.[a-z]+-?[a-z]+|\d{4}-\d{2}(?:-\d{2}(?:T[\d:.+Z-]+)?)?"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![\w.@/-])",
    re.ASCII,  # Chinese stands beside them without a blank
)
"""Names that programs have for things, and ids, months, days and instants as data has them; what somebody typed stands
in quotation marks."""
_ENDINGS = (".pdf", ".png", ".jpg", ".csv", ".xml", ".xlsx", ".zip", ".ics", ".jws", ".jsonl")


def codes(part: Element, language: str) -> Iterator[str]:
    """What is shown in a page to people as programs write it: codes, and in a Chinese page also the values that fields
    may have, where they stand alone."""
    for child in part.children:
        if isinstance(child, Element):
            if child.tag not in _AS_IT_IS and not _QUOTED & {*child.get("class").split()}:
                yield from codes(child, language)
            continue
        yield from (found[0] for found in _CODE.finditer(child) if not found[0].endswith(_ENDINGS))
        if language == "zh-CN":
            yield from (word for word in re.split(r"[\s，。：；、·（）()]+", child) if word in values())


_IDENTIFIES = re.compile(r"E-\d+|(?:[A-Z]+-)?LAB-\d+")
"""Codes of experts and laboratories."""
_OF_ITSELF = re.compile(r"代码|编号|[Cc]ode|[Nn]umber")
"""What a code is called where the code itself is asked for."""
_CLAUSE, _CLAUSES = re.compile(r"\d+(?:\.\d+)*"), frozenset({"条款", "Clause"})


def unnamed(part: Element) -> Iterator[str]:
    """What is shown by its code alone though it has a name: an expert, a laboratory, a clause, a type of event."""
    label = ""
    for one in part.all():
        label = one.text if one.tag == "dt" else one.get("data-label", label)
        if one.tag in {"dd", "td", "li"} and _IDENTIFIES.fullmatch(one.text) and not _OF_ITSELF.search(label):
            yield one.text
        if one.tag == "tr":
            cells = {cell.get("data-label"): cell.text for cell in one.all("td")}
            alone = not any(re.search("项目|[Ii]tem", each) for each in cells)
            yield from (
                f"clause {cells[each]}" for each in _CLAUSES & cells.keys() if alone and _CLAUSE.fullmatch(cells[each])
            )
        told = [each for each in one.children if isinstance(each, Element) and "code" in each.get("class").split()]
        if told and _CODE.fullmatch(told[0].text) and not re.search(r"[^\W\d_]{2}", _without_codes(one.text)):
            yield told[0].text


def _without_codes(text: str) -> str:
    return re.sub(r"[A-Z]+-\d{4}-\d+", "", _CODE.sub("", text))


@cache
def values() -> frozenset[str]:
    """What fields may have for values, by the services' documents; not those that are no words."""
    found = {one for document in DOCUMENTS.glob("openapi-*.json") for one in _values(json.loads(document.read_text()))}
    return frozenset(one for one in found if re.fullmatch(r"[a-z]{2,}", one))


def _values(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        yield from map(str, part.get("enum", ()) if isinstance(part.get("enum"), list) else ())
        for one in part.values():
            yield from _values(one)
    elif isinstance(part, list):
        for one in part:
            yield from _values(one)
