"""Paths in the documents of the API: their parameters, and the ids of what is done at them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from shared.http.faces import face_of
from shared.messaging.parked import MAX_ID
from shared.schemas import MAX_LINE, instance

if TYPE_CHECKING:
    from shared.http.routes import Route

VARIABLE = re.compile("<(?:(int):)?([a-z_]+)>")


def template(path: str) -> str:
    """The path of a route as OpenAPI writes it."""
    return VARIABLE.sub(r"{\2}", path)


def path_parameter(path: str, match: re.Match[str]) -> dict[str, Any]:
    kind, name = match.groups()
    above = path[: match.start()].split("/")[-2]
    described, shown = PATH_PARAMETERS.get(f"{above}/{name}") or PATH_PARAMETERS[name]
    number = {"type": "integer", "minimum": 0, "maximum": MAX_ID}
    schema = number if kind else {"type": "string", "minLength": 1, "maxLength": MAX_LINE}
    return {"name": name, "in": "path", "required": True, "description": described, "schema": schema, "example": shown}


PATH_PARAMETERS: dict[str, tuple[str, Any]] = {
    "ref": ("申请编号，草稿用其标识。 The application number; for a draft, its id.", "TA-2013-00001"),
    "cases/number": ("申请编号。 The application number.", "TA-2013-00001"),
    "categories/code": ("目录类别代码。 The code of the kind of instrument.", "water_meter"),
    "clocks/clock": ("期限的标识。 The id of the clock, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "documents/document": (
        "材料的标识。 The id of the document, from the list.",
        "0197f3a0-0000-7000-8000-000000000001",
    ),
    "certificates/number": ("型式批准证书编号。 The certificate number.", "2013F101-22"),
    "licences/number": ("制造计量器具许可证编号。 The licence number.", "吉制00000001号"),
    "p/number": ("证书或许可证编号。 The number of the certificate or licence.", "2013F101-22"),
    "notices/number": ("文书文号。 The number of the notice.", "吉质监型受字2013第1号"),
    "n/number": ("文书文号。 The number of the notice.", "吉质监型受字2013第1号"),
    "laboratories/lab": ("技术机构代码。 The code of the laboratory.", "JL-LAB-01"),
    "people/code": ("人员编号。 The person's number in the laboratory.", "P-01"),
    "standards/code": ("标准器编号。 The code of the measurement standard.", "M1-20kg-set-07"),
    "code": ("二维码中的核验码。 The code printed beside the number.", "7K3M9Q2X"),
    "staff/subject": ("人员标识。 The `sub` of the person's token.", "li"),
    "absences/id": ("不在岗记录的标识。 The id of the absence.", "0197f3a0-0000-7000-8000-000000000001"),
    "messages/id": ("通知的标识。 The id of the message, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "webhooks/webhook": ("推送的标识。 The id of the webhook.", "0197f3a0-0000-7000-8000-000000000001"),
    "undelivered/id": ("通知的标识。 The id of the message, from the list.", "0197f3a0-0000-7000-8000-000000000001"),
    "parked/id": ("搁置事件的标识。 The id of the parked event, from the list.", 1),
}
"""Description and example of each path parameter, by the preceding path segment and its name, or by its name alone."""


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
