"""What a process says of itself to who builds on it: its OpenAPI documents, a page for each, and how to start.

Pages are whole in themselves: no script, no font, nothing from elsewhere.
"""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache, partial
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson
from mako.lookup import TemplateLookup
from markdown_it import MarkdownIt

from shared.http.openapi import document, face_of
from shared.http.pages.reference import read
from shared.http.routes import Door, Page, Reply

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from markdown_it.token import Token

    from shared.http.openapi import Face, Offer

START = "/docs"
_HERE = Path(__file__).parent
_STYLE = (_HERE / "style.css").read_text(encoding="utf-8")
_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What a browser may load for a page: its own style and nothing else."""
_CACHING = {"Cache-Control": "public, max-age=300"}
_templates = TemplateLookup([_HERE], default_filters=["h"], strict_undefined=True)


class _Link(NamedTuple):
    """A page, as others lead to it."""

    path: str
    zh: str
    en: str


def pages(offer: Offer, doors: Collection[Door]) -> list[Page]:
    """How to start; for each face on which `offer` answers at `doors`, its OpenAPI document and the page about it.

    Each is written when it is first asked for, and kept.
    """
    answering = {face_of(route) for route in offer.routes if route.door in doors}
    faces = [face for face in offer.faces[::-1] if face in answering]
    starting = offer.start and Door.PUBLIC in doors
    links = [_Link(START, "开始使用", "Getting started")] if starting else []
    links += [_Link(f"{face.prefix}/docs", face.zh, face.en) for face in faces]
    found = [Page(START, _kept(partial(_start, offer, links)))] if starting else []
    for face in faces:
        described = cache(partial(document, face, [offer]))
        found.append(Page(f"{face.prefix}/openapi.json", _kept(partial(_json, described))))
        found.append(Page(f"{face.prefix}/docs", _kept(partial(_reference, offer, face, links, described))))
    return found


def _kept(write: Callable[[], Reply]) -> Callable[..., Reply]:
    written = cache(write)
    return lambda _request: written()


def _json(described: Callable[[], dict[str, Any]]) -> Reply:
    return Reply(orjson.dumps(described()), headers={"Content-Type": "application/json", **_CACHING})


def _reference(offer: Offer, face: Face, links: Sequence[_Link], described: Callable[[], dict[str, Any]]) -> Reply:
    title = f"{offer.zh} {offer.en} · {face.zh} {face.en}"
    return _page("reference.mako", f"{face.prefix}/docs", title, links, reference=read(described()))


def _start(offer: Offer, links: Sequence[_Link]) -> Reply:
    return _page("start.mako", START, "权衡 Quanheng", links, text=prose(offer.start))


def _page(template: str, path: str, title: str, links: Sequence[_Link], **told: object) -> Reply:
    shown = {"title": title, "path": path, "links": links, "style": _STYLE, "prose": prose, "inline": inline}
    text = _templates.get_template(template).render(**shown, **told)
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY, **_CACHING}
    return Reply(text.encode(), headers=headers)


def prose(text: str) -> str:
    """CommonMark as HTML; what has no Chinese in it is marked as English."""
    tokens = _markdown().parse(text)
    for opening, inner in pairwise(tokens):
        if inner.type == "inline":
            _mark_language(opening, inner.content)
    return str(_markdown().renderer.render(tokens, _markdown().options, {}))


def inline(text: str) -> str:
    """A line of CommonMark as HTML."""
    return str(_markdown().renderInline(text))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def _mark_language(token: Token, text: str) -> None:
    if not re.search("[一-鿿]", text):
        token.attrSet("lang", "en")
