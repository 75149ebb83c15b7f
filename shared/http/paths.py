"""Paths in the documents of the API: their parameters, and the ids of what is done at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shared.http.faces import Parameter, face_of
from shared.messaging.parked import MAX_ID
from shared.schemas import MAX_LINE, instance

if TYPE_CHECKING:
    from collections.abc import Mapping

    from shared.http.routes import Route

CASE = "ref"
"""The parameter by which a path names a case."""
VARIABLE = re.compile("<(?:(int):)?([a-z_]+)>")


def template(path: str) -> str:
    """The path of a route as OpenAPI writes it."""
    return VARIABLE.sub(r"{\2}", path)


def path_parameter(path: str, match: re.Match[str], known: Mapping[str, Parameter]) -> dict[str, Any]:
    kind, name = match.groups()
    above = path[: match.start()].split("/")[-2]
    told = known.get(f"{above}/{name}") or known[name]
    number = {"type": "integer", "minimum": 0, "maximum": MAX_ID}
    schema = number if kind else {"type": "string", "minLength": 1, "maxLength": MAX_LINE}
    return {"name": name, "in": "path", "required": True, **told, "schema": schema}


def operation_id(route: Route) -> str:
    """A stable, readable id, resource first and verb last: `applications_submit`, `cases_clocks_list`."""
    parts = route.path.removeprefix(face_of(route).prefix).strip("/").split("/")
    words = [re.sub(r"\W", "_", part).strip("_") for part in parts if not part.startswith("<") and part != "actions"]
    if "actions" in parts:
        verb = "" if parts[parts.index("actions") - 1].startswith("<") else "all"
    elif route.method == "GET" and route.gives is not None and "items" in instance(route.gives).fields:
        verb = "list"
    else:
        verb = _VERBS[route.method]
    return "_".join(filter(None, [*words, verb]))


_VERBS = {"GET": "read", "POST": "create", "PUT": "replace", "PATCH": "change", "DELETE": "delete"}
