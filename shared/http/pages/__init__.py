"""Pages for developers: the OpenAPI documents, a reference page for each, and the getting-started guide."""

from __future__ import annotations

from functools import cache, partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import orjson

from shared.http.faces import face_of
from shared.http.html import Link, prose, written
from shared.http.openapi import document
from shared.http.pages.reference import read
from shared.http.routes import Door, Page, Reply
from shared.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from shared.http.faces import Face, Offer

START = "/docs"
_CACHING = {"Cache-Control": "public, max-age=300"}


def pages(offer: Offer, doors: Collection[Door]) -> list[Page]:
    """The getting-started guide and, per face of `offer` served at `doors`, an OpenAPI document and a reference page.

    Each is rendered on first request and cached. `/` redirects to the first of them.
    """
    answering = {face_of(route) for route in offer.routes if route.door in doors}
    faces = [face for face in offer.faces[::-1] if face in answering]
    starting = offer.start and Door.PUBLIC in doors
    links = [Link(START, Text("开始使用", "Getting started"))] if starting else []
    links += [Link(f"{face.prefix}/docs", face.title) for face in faces]
    links.append(Link("/problems", Text("错误类型", "problems")))
    found = [Page(START, _kept(partial(_start, offer, links)))] if starting else []
    for face in faces:
        described = cache(partial(document, face, [offer]))
        found.append(Page(f"{face.prefix}/openapi.json", _kept(partial(_json, described))))
        found.append(Page(f"{face.prefix}/docs", _kept(partial(_reference, offer, face, links, described))))
    found.append(Page("/", _kept(partial(Reply, None, HTTPStatus.FOUND, {"Location": links[0].path}))))
    return found


def _kept(write: Callable[[], Reply]) -> Callable[..., Reply]:
    once = cache(write)
    return lambda _request: once()


def _json(described: Callable[[], dict[str, Any]]) -> Reply:
    return Reply(orjson.dumps(described()), headers={"Content-Type": "application/json", **_CACHING})


def _reference(offer: Offer, face: Face, links: Sequence[Link], described: Callable[[], dict[str, Any]]) -> Reply:
    title, source = f"{offer.title} · {face.title}", f"{face.prefix}/openapi.json"
    reference = read(described())
    return written(
        "reference.mako", title, links, _CACHING, path=f"{face.prefix}/docs", source=source, reference=reference
    )


def _start(offer: Offer, links: Sequence[Link]) -> Reply:
    return written("start.mako", "权衡 Quanheng", links, _CACHING, path=START, text=prose(offer.start))
