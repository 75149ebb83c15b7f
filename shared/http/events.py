"""What events are called by those who look at one: an operator at a parked one, whoever reads the journal of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from shared.http.routes import Call, Reply, Route
from shared.identity import Role
from shared.labels import labelled
from shared.schemas import Answer, Bilingual
from shared.text import Text
from shared.uploads.filing import ACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from shared.casework import Procedure

_NOTED = {
    "create": Text("新建草稿", "Write a new draft"),
    "notice.issued": Text("文书制成", "Notice made"),
    "register_service": Text("登记文书送达", "Register the service of a notice"),
    "clock.reminded": Text("期限提醒", "Reminder of a time limit"),
    "clock.breached": Text("期限届满未办结", "Time limit overrun"),
    "clock.expired": Text("期限届满，依法发生效力", "Time limit expired, with effect by law"),
    "clock.moved": Text("期限调整", "Time limit moved"),
    "calendar.published": Text("公布工作日历", "Calendar published"),
    "law.changed": Text("法规变动", "Change of the law"),
    **ACTS,
}
"""What is noted or told though no row of a procedure does it."""
_OF_PERMITS = {
    "issued": Text("电子证照制成", "Electronic document made"),
    "entered": Text("录入以往许可", "Permit of earlier books entered"),
    "entered_as_ended": Text("录入以往许可（已失效）", "Permit of earlier books entered as ended"),
}
"""The same of a permit, whatever it is called: `certificate.issued`."""


def noted(kind: str) -> Text | None:
    """What is noted or told as `kind` without a row of a procedure."""
    return _NOTED.get(kind) or _OF_PERMITS.get(kind.partition(".")[2])


def event_names(procedure: Procedure) -> dict[str, Text]:
    """What the events are called that the procedure tells: as the actions that they tell of."""
    rows: dict[str, list[Text]] = {}
    for row in procedure.transitions:
        if row.emits:
            rows.setdefault(row.emits, []).append(row.name)
    told = {kind: name for kind in procedure.notices if (name := noted(kind))}
    return told | {kind: _joined(names) for kind, names in rows.items()}


def _joined(names: Iterable[Text]) -> Text:
    """Each name once."""
    zh, en = (" / ".join(dict.fromkeys(each)) for each in zip(*names, strict=True))
    return Text(zh, en)


class EventType(Bilingual):
    """事件类型。 A type of event, and what it is called."""

    type = fields.String(required=True, metadata=labelled("事件类型", "type of event", example="application.accepted"))


class EventTypes(Answer):
    """本服务发出的事件类型。 The types of events that this service tells."""

    items = fields.List(fields.Nested(EventType), required=True)


def event_types(names: Mapping[str, Text]) -> Route:
    """Where a service says what its events are called."""
    told = {"items": [{"type": kind, **names[kind]._asdict()} for kind in sorted(names)]}

    def show(_: Call) -> Reply:
        return Reply(told)

    name = Text("事件类型", "List the types of events")
    return Route("GET", "/internal/v1/event-types", show, Role.STAFF, name, gives=EventTypes)
