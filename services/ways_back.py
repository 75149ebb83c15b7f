"""The reference page of ways back, written from the procedures, the law's data and the templates of messages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from services import PERMITS
from services.messages.templates import ASKED, TEAM, templates
from services.registry import REGISTRY
from shared.law import load

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from shared.casework import Procedure, Transition

_INTRODUCTION = """\
# Ways back 更正与撤销

Written by `make docs` from the procedures, `undoing.toml` and `templates.toml`.

Whatever people do to a case by mistake, an action takes back or replaces, unless the law lets it stand. It needs a
`reason`, except where somebody corrects their own draft or says who handles a case. The mistake stays readable in the
journal. `next_actions` offers what is possible.

* *then*: the state of the case afterwards; empty if it stays where it is.
* *clocks*: what becomes of the clocks that the mistake had started, paused, extended or stopped; empty if they stay as
  they are.
* *told*: who gets a message.
"""
_TABLE = """
| done by mistake | way back | by | then | clocks | told |
|---|---|---|---|---|---|
"""
_STANDING = """
Nothing takes these back:

"""


def page() -> str:
    """The page in Markdown."""
    return _INTRODUCTION + "".join(_part(REGISTRY[name].permits().procedure) for name in PERMITS)


def _part(procedure: Procedure) -> str:
    ways: dict[tuple[str, str], list[Transition]] = {}
    for row in procedure.transitions:
        if row.undoes and not row.stands:
            ways.setdefault((row.action, row.name.en), []).append(row)
    title = f"\n## {procedure.name.en[0].upper()}{procedure.name.en[1:]} {procedure.name.zh}\n"
    actions = {row.action for row in procedure.transitions}
    lasting = dict.fromkeys(f"* {_named(row)}: {row.stands.en}\n" for row in procedure.transitions if row.stands)
    return "".join((title, _TABLE, *(_line(rows, actions) for rows in ways.values()), _STANDING, *lasting))


def _line(rows: list[Transition], actions: Collection[str]) -> str:
    """The row of the table for one way back, which may lead from several states; the procedure has these actions."""
    row = rows[0]
    targets = dict.fromkeys(row.target for row in rows if row.target != row.source)
    told = [templates().get(f"{row.emits}{suffix}") for suffix in ("", TEAM, ASKED)]
    undoing = next((undoing for undoing in load().undoings if undoing.id == row.emits), None)
    cells = (
        _listed(action for action in row.undoes if action in actions),
        _named(row),
        _listed(row.by.removeprefix("staff:") for row in rows),
        _listed(targets) if len(targets) <= 1 else "the state before",
        undoing.told.en if undoing else "",
        _listed(to for one in told if one for to in one.to),
    )
    return f"| {' | '.join(cells)} |\n"


def _named(row: Transition) -> str:
    return f"`{row.action}` {row.name.en} {row.name.zh}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in dict.fromkeys(names))
