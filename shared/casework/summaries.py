"""What lists show of a case or a permit, and what it is found by: a row beside each, written in its transaction.

`shown` is what lists show of it. `said` has the texts it is found by, a line each, in the form in which they are
compared (`plain`); `tokens` are these lines and their grams, for the index in which `search` looks them up.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from shared.identity.uscc import party
from shared.law import load
from shared.sql import Statement, in_place, insert_all
from shared.text import as_numbered, comparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy import Connection, Table

SOURCES = frozenset({"form", "assignee", "received_on"})
"""What of a case's data its summary is made of."""
SHOWN = 3
"""How many names of instruments lists show, and models of each."""
_RUNS = re.compile(r"[0-9]+|[^\W\d_]+")
_IDLE = re.compile("[第字号]")
"""Signs in Chinese numbers that many leave out."""


class Summary(NamedTuple):
    """`shown` in lists; found by `number` in any spelling and by what the texts contain."""

    shown: Mapping[str, Any]
    number: str | None
    texts: Sequence[str]


def instruments(lines: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The models by the name of the instrument, as lines of a form, perhaps a draft, or of a permit have them."""
    found: dict[str, dict[str, None]] = {}
    for line in lines:
        found.setdefault(line.get("name", ""), {}).update(dict.fromkeys([line["model"]] if "model" in line else []))
    return {name: list(models) for name, models in found.items()}


def of_case(number: str | None, applicant: str, data: Mapping[str, Any]) -> Summary:
    """`data` is that of the case, or what of it is in SOURCES."""
    form, assignee = data.get("form", {}), data.get("assignee")
    named = instruments(form.get("lines", ()))
    shown = {
        "applicant_name": form.get("applicant_name"),
        **_shown(named),
        "assignee": assignee and {"name": assignee["name"]},
        "received_on": data.get("received_on"),
    }
    kinds = _called(form.get("category", ""), form.get("lines", ()))
    texts = (form.get("applicant_name"), applicant, *kinds, *_texts(named))
    return _summary(shown, number, texts)


def of_permit(content: Mapping[str, Any]) -> Summary:
    """`content` is the document of a certificate or a licence."""
    named = instruments(content["lines"])
    holder = {"name": content["holder"]["name"], "code": content["holder"]["code"]}
    shown = {"holder": holder, **_shown(named), "granted_on": content["granted_on"]}
    kinds = _called(content.get("category", {}).get("code", ""), content["lines"])
    return _summary(shown, content["number"], (*holder.values(), *kinds, *_texts(named)))


def _summary(shown: Mapping[str, Any], number: str | None, texts: Iterable[str | None]) -> Summary:
    known = {name: value for name, value in shown.items() if value or name == "instruments"}
    return Summary(known, number, [text for text in texts if text])


def _shown(named: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    first = [{"name": name, "models": models[:SHOWN]} for name, models in list(named.items())[:SHOWN]]
    more = sum(map(len, named.values())) - sum(len(one["models"]) for one in first)
    return {"instruments": [{key: value for key, value in one.items() if value} for one in first], "more": more}


def _texts(named: Mapping[str, Sequence[str]]) -> Iterable[str]:
    return (text for name, models in named.items() for text in (name, *models))


def _called(category: str, lines: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """What the catalogue calls the kinds of the instruments: all are of that `category`, or each line has its own."""
    codes = dict.fromkeys((category, *(line.get("category", "") for line in lines)))
    return (name for code in codes for name in kind(code))


def kind(code: str) -> Sequence[str]:
    """What the catalogue calls the kind of instrument with that code."""
    return _kinds().get(comparable(code), ())


@cache
def _kinds() -> dict[str, tuple[str, str]]:
    return {comparable(row.code): row.name for row in load().catalogue}


def keep(tx: Connection, table: Table, of: str, summary: Summary) -> None:
    """Write the summary of the case or permit with the id `of` in place of what it was."""
    _kept(table.name)(tx, id=of, **columns(summary))


def keep_all(tx: Connection, table: Table, summarised: Iterable[tuple[str, Summary]]) -> None:
    """The same for the cases or permits with these ids, in so many statements however many there are."""
    rows = [{"id": of, **columns(summary), "shown": summary.shown} for of, summary in summarised]
    insert_all(tx, table, rows, f"ON CONFLICT (id) {in_place('shown', 'said', 'tokens')}")


def columns(summary: Summary) -> dict[str, Any]:
    """What is stored of it, by column."""
    lines = lines_of(summary)
    return {
        "shown": orjson.dumps(summary.shown).decode(),
        "said": "\n".join(("", *lines, "")),
        "tokens": list(dict.fromkeys(token for line in lines for token in tokens(line))),
    }


@cache
def _kept(table: str) -> Statement:
    return Statement(
        f"{table}_keep",
        f"INSERT INTO {table} (id, shown, said, tokens) VALUES (CAST(CAST(:id AS text) AS uuid),"
        " CAST(CAST(:shown AS text) AS json), :said, :tokens) ON CONFLICT (id) DO UPDATE SET shown = excluded.shown,"
        " said = excluded.said, tokens = excluded.tokens",
    )


def lines_of(summary: Summary) -> list[str]:
    """The texts that it is found by, each once, as they are compared."""
    number = keys(summary.number) if summary.number else []
    texts = (line for text in summary.texts for line in (plain(text), plain(party(text))))
    return list(dict.fromkeys((*number, *filter(None, texts))))


def keys(text: str) -> list[str]:
    """The lines of which one is there where something has just this name, code or number."""
    found = (spelling(text), plain(text), plain(as_numbered(text)), plain(party(text)))
    return list(dict.fromkeys(line for line in found if line.strip()))


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """The text as it is compared, letters and digits only: `ＡＣＳ－15` is acs15."""
    return "".join(char for char in comparable(text) if char.isalnum())


def spelling(number: str) -> str:
    """What is equal for all ways to write a number: other signs or none between its parts, zeros before them left out,
    第, 字 and 号 left out. It begins with a tab, so that it is no other text."""
    parts = "-".join(number.split())
    runs = _RUNS.findall(_IDLE.sub("", as_numbered(parts)))
    return "\t" + " ".join(run.lstrip("0") or "0" if run.isdigit() else run.lower() for run in runs)


@lru_cache(maxsize=8192)
def tokens(line: str) -> frozenset[str]:
    """What the index has of the line: the whole, and the grams of what it contains."""
    return frozenset({f"={line}"} if line.startswith("\t") else {f"={line}", *grams(line)})


def grams(text: str) -> frozenset[str]:
    """Tokens that every line has which contains the text: pairs of characters that stand beside each other and triples
    of ASCII, where pairs tell little. There are none if it has fewer characters."""
    pairs = (text[at : at + 2] for at in range(len(text) - 1))
    triples = (text[at : at + 3] for at in range(len(text) - 2))
    return frozenset({*(pair for pair in pairs if not pair.isascii()), *filter(str.isascii, triples)})
