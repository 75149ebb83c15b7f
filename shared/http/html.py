"""Self-contained HTML pages: no scripts, no fonts, no external resources."""

from __future__ import annotations

import re
from base64 import b64encode
from functools import cache
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from mako.lookup import TemplateLookup
from markdown_it import MarkdownIt

from shared.http.routes import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from shared.text import Text

_TEMPLATES = Path(__file__).with_name("templates")
_STYLE = (_TEMPLATES / "style.css").read_text(encoding="utf-8")
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    # The browser may apply the page's own style and load nothing else.
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}';"
        " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
}
_lookup = TemplateLookup([_TEMPLATES], default_filters=["h"], strict_undefined=True)


class Link(NamedTuple):
    """A link to a page."""

    path: str
    title: Text


def written(
    template: str, title: str, links: Sequence[Link], headers: Mapping[str, str], *, lang: str = "zh", **told: object
) -> Reply:
    """Render the template to a page; `links` are the related pages."""
    shown = {"title": title, "links": links, "lang": lang, "style": _STYLE, "prose": prose, "inline": inline}
    text = _lookup.get_template(template).render(**shown, **told)
    return Reply(text.encode(), headers={**_HEADERS, **headers})


def prose(text: str) -> str:
    """CommonMark to HTML; blocks without Chinese characters are marked as English."""
    tokens = _markdown().parse(text)
    for opening, inner in pairwise(tokens):
        if inner.type == "inline" and not re.search("[一-鿿]", inner.content):
            opening.attrSet("lang", "en")
    return str(_markdown().renderer.render(tokens, _markdown().options, {}))


def inline(text: str) -> str:
    """A line of CommonMark to HTML."""
    return str(_markdown().renderInline(text))


@cache
def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")
