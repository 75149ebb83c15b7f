"""Lists of cases and of permits: what they may be asked for, and the summaries that they show."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from marshmallow import fields, pre_load, validate, validates, validates_schema

from shared.casework.search import ENDING_FIRST, MATCH, NEWEST_FIRST, Wanted
from shared.http.paging import A_PLACE, AN_ID, Cursor, PageQuery, page
from shared.identity import Role
from shared.labels import labelled
from shared.schemas import Answer, Bilingual, Day, Digits, Instant, Strict, choice, sub, text
from shared.text import Text
from shared.validators import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from marshmallow import Schema

    from shared.http.routes import Call, Reply


class SearchQuery(PageQuery):
    """Which part of a list, or of what is found in it. Its cursor also has places `by_match`."""

    order_by = "sort"

    q = text(
        required=False,
        maximum=100,
        metadata=labelled(
            "查找",
            "what to find",
            hint=Text(
                "单位、型号、器具名称或类别的任一部分，或任何写法的编号；多个词以空格分开，最相符者在先",
                "any part of a holder, a model, a name or kind of instrument, or a number in any spelling;"
                " several words with blanks between them; the best match comes first",
            ),
            example="ACS-15",
        ),
    )

    @pre_load
    def best_match_first(self, data: Mapping[str, Any], **_kwargs: object) -> Mapping[str, Any]:
        return {"sort": MATCH, **data} if "q" in data else data

    @validates("q")
    def can_be_looked_up(self, value: str, **_kwargs: object) -> None:
        if not Wanted(value).is_long_enough:
            raise refusal(
                "short",
                "至少连续两个汉字，或三个字母、数字",
                "write two Chinese characters or three letters and digits, or more, side by side",
            )

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def best_match_is_of_a_search(self, data: Mapping[str, Any], asked: Mapping[str, Any], **_kwargs: object) -> None:
        if "sort" in data and ("q" in asked) != (data["sort"] == MATCH):
            told = f"{MATCH} is the order of what is found by q, and the only one"
            raise refusal("order", f"按q查找时只能按{MATCH}排序，且仅此时可用", told, "sort")


_OF_CASES = Text(
    "前加`-`为倒序；按`number`排序只列有编号的；`match`为最相符者在先，用于按`q`查找",
    "with `-` the last first; by `number` only what has one; `match` the best match first, for what is found by `q`",
)
_OF_PERMITS = Text(
    "`-created`为新的在先；`valid_until`为先到期者在先、无期限者在后，须给出`holder`；`match`为最相符者在先，用于按`q`查找",
    "`-created` the newest first; `valid_until` what ends first, then what has no end, of one `holder`; `match` the"
    " best match first, for what is found by `q`",
)


def sorts(*orders: str, hint: Text = _OF_CASES) -> fields.String:
    """By what a list is ordered that can also be searched, the first if nothing is said."""
    return choice(
        *orders,
        MATCH,
        required=False,
        load_default=orders[0],
        metadata=labelled(
            "排序",
            "order",
            hint=hint,
            example=MATCH,
        ),
    )


def by_match(orders: Mapping[str, Sequence[fields.Field[Any]]]) -> Cursor:
    """The cursor of a list that can also be searched."""
    return Cursor({**orders, MATCH: [fields.Boolean(), A_PLACE]})


_ORDERS: dict[str, list[fields.Field[Any]]] = {
    "created": [AN_ID],
    "number": [text()],
    "updated": [Instant(), AN_ID],
}
SORTS = tuple(f"{sign}{name}" for name in _ORDERS for sign in ("", "-"))


class CaseListQuery(SearchQuery):
    """Of the cases you may see, those for which all that is asked holds."""

    number = text(
        required=False,
        maximum=60,
        metadata=labelled("申请编号开头", "how the number of the application begins", example="TA-2013-"),
    )
    updated_since = Instant(
        metadata=labelled("自此时刻起有变动", "changed at this instant or later", example="2013-09-17T00:00:00+08:00")
    )
    sort = sorts(*SORTS)
    cursor = by_match({sort: _ORDERS[sort.removeprefix("-")] for sort in SORTS})


class StaffCaseListQuery(CaseListQuery):
    assignee = sub(
        required=False,
        metadata=labelled(
            "承办人",
            "who handles it",
            hint=Text("`me`、`none`或令牌中的`sub`", "`me`, `none`, or the `sub` of a token"),
            example="me",
        ),
    )
    applicant = text(
        required=False,
        maximum=60,
        metadata=labelled("申请单位统一社会信用代码", "the applicant's credit code", example="91220101MA0Y000086"),
    )


@cache
def case_query_of(role: Role, states: tuple[str, ...]) -> type[Schema]:
    """What a list of cases in these states may be asked for. Who applied and who handles a case is for the office to
    ask."""
    asked = StaffCaseListQuery if role is Role.STAFF else CaseListQuery
    state = choice(
        *states,
        required=False,
        metadata=labelled(
            "状态",
            "only cases in this state",
            hint=Text("各状态的含义见案件的`state`", "`state` of a case says what each is"),
        ),
    )
    return type(asked.__name__, (asked,), {"__module__": asked.__module__, "state": state})


class Instruments(Answer):
    """计量器具。 Instruments of one name, with the first of their models."""

    name = fields.String(metadata=labelled("名称", "name of the instrument", example="电子计价秤"))
    models = fields.List(
        fields.String(metadata={"example": "ACS-15"}),
        metadata=labelled("型号", "models", hint=Text("最多三个", "three at most")),
    )


def path_of(example: str) -> fields.String:
    return fields.String(required=True, metadata=labelled("详情路径", "path of the whole", example=example))


class Summary(Answer):
    """What lists show of a case or a permit; the whole of it is at `href`."""

    instruments = fields.List(
        fields.Nested(Instruments), required=True, metadata=labelled("计量器具", "three names at most")
    )
    more = fields.Integer(
        metadata=labelled(
            "未列出的型号数", "how many models are not listed here", hint=Text("没有则无此项", "if any"), example=None
        )
    )
    href = path_of("/v1/applications/TA-2013-00001")


class Handler(Answer):
    """承办人。 Who handles the case."""

    name = fields.String(required=True, metadata=labelled("姓名", "name", example="李承办"))


class CaseSummary(Summary):
    """案件摘要。 What lists show of a case; the whole of it is at `href`."""

    id = fields.UUID(required=True, metadata=labelled("案件标识", "id"))
    number = fields.String(
        metadata=labelled(
            "申请编号", "number", hint=Text("提交后才有", "once it is submitted"), example="TA-2013-00001"
        )
    )
    state_name = fields.Nested(Bilingual, required=True, metadata=labelled("状态名称", "name of the state"))
    applicant_name = fields.String(
        metadata=labelled(
            "申请单位",
            "name of the applicant",
            hint=Text("已知时才有", "if it is known"),
            example="长春示例衡器有限公司",
        )
    )
    assignee = fields.Nested(Handler, metadata=labelled("承办人", "who handles it", example=None))
    received_on = fields.Date(metadata=labelled("收件日期", "day on which it was received"))
    updated_at = fields.AwareDateTime(
        required=True, metadata=labelled("变动时刻", "instant of its last change", hint=Text("UTC", "UTC"))
    )


class YearQuery(Strict):
    """Of which year."""

    year = Digits(
        validate=validate.Range(min=1986, max=2199),
        metadata=labelled("年份", "year", hint=Text("不填即为本年", "this one if not said"), example=2013),
    )


class PermitListQuery(SearchQuery):
    """Which part of a register, or what to find in it."""

    holder = text(
        required=False,
        maximum=60,
        metadata=labelled("持证单位统一社会信用代码", "the holder's credit code", example="91220101MA0Y000086"),
    )
    sort = sorts(NEWEST_FIRST, ENDING_FIRST, hint=_OF_PERMITS)
    cursor = by_match({NEWEST_FIRST: [AN_ID], ENDING_FIRST: [fields.Date(), AN_ID]})

    @validates_schema(skip_on_field_errors=False)
    def ends_are_those_of_a_holder(self, data: Mapping[str, Any], **_kwargs: object) -> None:
        if data.get("sort") == ENDING_FIRST and "holder" not in data:
            told = f"by {ENDING_FIRST} are listed the permits of one holder: say whose"
            raise refusal("order", f"按{ENDING_FIRST}排序须给出持证单位", told, "sort")


def register_query(status: fields.String) -> type[Schema]:
    """Which part of a register whose permits have this `status`, as it was on a day, or what to find in it."""
    asked = deepcopy(status)
    asked.required, asked.metadata = False, {**status.metadata, "example": None}
    on = Day(
        metadata=labelled(
            "截至日期", "as of which day", hint=Text("不填即为现状", "as it is now if not said"), example="2016-05-01"
        )
    )
    known = {"__module__": __name__, "__doc__": register_query.__doc__, "on": on, "status": asked}
    return type("PermitListQuery", (PermitListQuery,), known)


@cache
def summary_of(module: str, states: tuple[tuple[str, Text], ...], path: str) -> type[Schema]:
    """What the list at `path` shows of a case of the procedure with these states, whose schemas are in `module`."""
    _, (state, name) = states[:2]
    known = {
        "__module__": module,
        "__doc__": CaseSummary.__doc__,
        "state": choice(*dict(states), metadata=labelled("状态", "state", choices=dict(states), example=state)),
        "shown": {"state_name": name._asdict(), "href": f"{path}/TA-2013-00001"},
    }
    return type("CaseSummary", (CaseSummary,), known)


def permits(call: Call, path: str, find: Callable[..., tuple[Sequence[Mapping[str, Any]], list[Any] | None]]) -> Reply:
    """A page of the register at `path`: what `find` finds for anybody."""
    asked = call.asked
    with call.store.reading() as tx:
        items, end = find(tx, asked, asked["limit"])
    return page(call, [{**item, "href": f"{path}/{quote(item['number'])}"} for item in items], end)
