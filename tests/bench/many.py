"""Databases full of cases for the reads: of many makers, some of whom make most, for all kinds of instruments.

A quarter of the cases is decided and has its certificate; of each, notifications knows clocks, work, a message and an
event, of those that are decided how long they took.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING, Any

import orjson

from services.notifications import models
from services.type_approval.models import certificate_summaries, certificates
from shared.casework import summaries
from shared.casework.models import case_summaries, cases
from shared.law import load, national
from tests.bench import prepare
from tests.support.time_counts import rebuild

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from shared.law import CatalogueItem
    from tests.bench.servers import Servers

MAKERS, MODELS = 20_000, 10_000
STATES = ("received", "accepted", "evaluating", "effective")
PEOPLE = 50
STATISTICS = f"from={date(2026, 1, 1)}&to={date(2026, 10, 31)}"
_PLACES = [
    "长春",
    "吉林",
    "四平",
    "辽源",
    "通化",
    "白山",
    "松原",
    "白城",
    "延吉",
    "敦化",
    "图们",
    "珲春",
    "龙井",
    "和龙",
    "梅河口",
    "集安",
    "公主岭",
    "双辽",
    "磐石",
    "舒兰",
]
_NAMES = [
    "宏大",
    "新华",
    "东方",
    "金秤",
    "正衡",
    "恒信",
    "精工",
    "北辰",
    "天平",
    "永准",
    "明达",
    "光华",
    "瑞丰",
    "华仪",
    "三和",
    "四方",
    "联创",
    "中测",
    "长白",
    "松江",
]
_TRADES = ["衡器", "仪表", "电子", "计量", "测控", "自动化", "科技", "机械", "流量计", "燃气表"]
_PREFIXES = ("TCS", "ACS", "XK", "LXS", "DDS", "CJ", "SCS", "JLX", "EJ", "DT")


@dataclass(frozen=True, slots=True)
class Filed:
    """The application with this serial. The first of the makers have most of the cases, and so the first models."""

    serial: int

    @property
    def number(self) -> str:
        return f"TA-2013-{self.serial:05d}"

    @property
    def state(self) -> str:
        return STATES[self.serial % len(STATES)]

    @property
    def maker(self) -> int:
        return MAKERS * _by_chance(self.serial, 40503) ** 3 // _CHANCES**3

    @property
    def code(self) -> str:
        return code_of(self.maker)

    @property
    def name(self) -> str:
        return name_of(self.maker)

    @property
    def kind(self) -> CatalogueItem:
        return kinds()[_by_chance(self.serial, 30011) % len(kinds())]

    @property
    def model(self) -> str:
        return model_of(MODELS * _by_chance(self.serial, 50021) ** 2 // _CHANCES**2)

    @property
    def data(self) -> dict[str, Any]:
        return {**_data(self.name, self.kind.code, self.kind.name.zh, self.model), "received_on": "2013-09-17"}

    @property
    def certificate(self) -> str:
        return f"2013F{100 + self.serial}-22"


_CHANCES = 2**16


def _by_chance(serial: int, factor: int) -> int:
    """A number below _CHANCES, always the same; SQL has it, too."""
    return serial * factor % 999_983 % _CHANCES


def code_of(maker: int) -> str:
    return f"91220101{maker:09d}X"


def name_of(maker: int) -> str:
    place, rest = divmod(maker, len(_NAMES) * len(_TRADES))
    name, trade = divmod(rest, len(_TRADES))
    more = place // len(_PLACES)
    return f"{_PLACES[place % len(_PLACES)]}{_NAMES[name]}{_TRADES[trade]}{more or ''}有限公司"


def model_of(model: int) -> str:
    size = model // len(_PREFIXES)
    return f"{_PREFIXES[model % len(_PREFIXES)]}-{size}{'ABCDEF'[size % 6]}"


@cache
def kinds() -> tuple[CatalogueItem, ...]:
    return tuple({row.code: row for row in load().catalogue}.values())


def _data(name: str, category: str, instrument: str, model: str) -> dict[str, Any]:
    line = {**prepare.LINE, "name": instrument, "model": model}
    return {"form": {**prepare.FORM, "applicant_name": name, "category": category, "lines": [line]}}


def fill(servers: Servers, count: int) -> None:
    """Have so many cases in the databases of type approval and notifications, whose serials begin at 0."""
    filled = [table.name for table in (cases, case_summaries, certificates, certificate_summaries)]
    servers.execute(servers.producer, _PIECES, *_pieces())
    with servers.without_indexes(servers.producer, filled):
        servers.execute(servers.producer, *(statement.replace("{last}", str(count - 1)) for statement in _APPROVALS))
    servers.execute(servers.producer, "VACUUM ANALYZE", "CHECKPOINT")
    _check(servers, count)
    filled = [table.name for table in (models.tracked_cases, models.clocks, models.work, models.messages)]
    with servers.without_indexes(servers.consumer, [*filled, "feed", "step_times", "case_times"]):
        servers.execute(servers.consumer, _NOTIFICATIONS.format(last=count - 1, calendar=national().version))
    engine = servers.engine(servers.consumer)
    with engine.begin() as tx:
        # Longer than anybody waits for an answer.
        tx.exec_driver_sql("SET LOCAL statement_timeout = 0")
        rebuild(tx)
    engine.dispose()
    servers.execute(servers.consumer, "VACUUM ANALYZE", "CHECKPOINT")


def _check(servers: Servers, count: int) -> None:
    """That summaries are those which the system itself would have made."""
    wanted = range(0, count, max(1, count // 20))
    with closing(servers.database(servers.producer)) as session, session.cursor() as cursor:
        for case in map(Filed, wanted):
            cursor.execute(_STORED, (prepare.case_id(case.serial),))
            shown, said, tokens = cursor.fetchone() or (None, "", [])
            made = summaries.columns(summaries.of_case(case.number, case.code, case.data))
            if (shown, set(said.split("\n")), set(tokens)) != (
                orjson.loads(made["shown"]),
                set(made["said"].split("\n")),
                set(made["tokens"]),
            ):
                raise RuntimeError(f"the summary of {case} is not what the system makes of it: {shown} {said} {tokens}")


def _pieces() -> list[str]:
    """Statements that store what summaries are put together of: makers, models, kinds, and what is found by each."""
    return [
        _piece("makers", ((code_of(one), name_of(one)) for one in range(MAKERS)), lambda row: row),
        _piece("models", ((model_of(one), "") for one in range(MODELS)), lambda row: row[:1]),
        _piece("kinds", ((one.code, one.name.zh) for one in kinds()), lambda row: summaries.kind(row[0])),
    ]


def _piece(table: str, rows: Iterable[tuple[str, str]], said: Callable[[tuple[str, str]], Iterable[str]]) -> str:
    values = []
    for nr, row in enumerate(rows):
        found = summaries.columns(summaries.Summary({}, None, list(said(row))))
        tokens = ",".join(found["tokens"])
        values.append(f"({nr}, '{row[0]}', '{row[1]}', E'{found['said'][1:]}', '{{{tokens}}}')".replace("\n", "\\n"))
    return f"INSERT INTO {table} VALUES {','.join(values)}"


_PIECES = "".join(
    f"CREATE TABLE {name} (nr int PRIMARY KEY, code text, name text, said text, tokens text[]);"
    for name in ("makers", "models", "kinds")
)
_STORED = "SELECT shown, said, tokens FROM case_summaries WHERE id = %s::uuid"


def _chance(factor: int, of: int, power: int) -> str:
    """As `Filed` has it: one of so many by chance, the first more often the higher the power."""
    chance = f"(i::bigint * {factor} % 999983 % {_CHANCES})"
    return " * ".join([str(of), *[chance] * power]) + f" / {_CHANCES**power}"


_ID = prepare.CASE_ID
_EACH = "generate_series(0, {last}) AS i"
# The number in five digits or more.
_SERIAL = "lpad(i::text, greatest(5, length(i::text)), '0')"
_NUMBER = f"'TA-2013-' || {_SERIAL}"
_CERTIFICATE = "'2013F' || (100 + i) || '-22'"
_DATA = orjson.dumps({**_data("«name»", "«kind»", "«named»", "«model»"), "received_on": "2013-09-17"}).decode()
_FILLED_IN = (
    f"replace(replace(replace(replace('{_DATA}', '«name»', makers.name), '«kind»', kinds.code), '«named»',"
    " kinds.name), '«model»', models.code)::jsonb"
)
_CATEGORY = "json_build_object('code', kinds.code, 'zh', kinds.name)"
_INSTRUMENTS = "json_build_array(json_build_object('name', kinds.name, 'models', json_build_array(models.code)))"
_FILED = f"""
FROM (SELECT i, {_chance(40503, MAKERS, 3)} AS maker, i::bigint * 30011 % 999983 % {_CHANCES} % {len(kinds())} AS kind,
 {_chance(50021, MODELS, 2)} AS model FROM {_EACH}) AS filed
 JOIN makers ON makers.nr = maker JOIN kinds ON kinds.nr = kind JOIN models ON models.nr = model
"""


def _summaries(table: str, shown: str, spelling: str, plain: str) -> str:
    """Of what has a number with these two lines."""
    return f"""
INSERT INTO {table} (id, shown, said, tokens) SELECT {_ID}, {shown},
 E'\\n' || spelling || E'\\n' || plain || E'\\n' || makers.said || kinds.said || models.said,
 ARRAY['=' || spelling, '=' || plain] || ARRAY(SELECT substr(plain, at, 3)
 FROM generate_series(1, length(plain) - 2) AS at) || makers.tokens || kinds.tokens || models.tokens
 {_FILED} CROSS JOIN LATERAL (SELECT {spelling} AS spelling, {plain} AS plain) AS numbered
"""


_DECIDED = f" WHERE i % {len(STATES)} = {len(STATES) - 1}"
_HOLDER = "json_build_object('name', makers.name, 'code', makers.code)"
_APPROVALS = (
    f"""
INSERT INTO cases (id, number, procedure, state, version, entries, events, applicant, rules, done_by, data, head,
 created_at, updated_at, assignee) SELECT {_ID}, {_NUMBER}, 'type_approval', ('{{{",".join(STATES)}}}'::text[])
 [1 + i % {len(STATES)}], 4, 4, 3, makers.code, 'jilin-2013', '{{}}', {_FILLED_IN}, sha256(i::text::bytea), now(),
 timestamptz '2013-09-17Z' + interval '1 second' * i, 'examiner-' || i % {PEOPLE} {_FILED}
""",
    _summaries(
        "case_summaries",
        f"json_build_object('applicant_name', makers.name, 'instruments', {_INSTRUMENTS}, 'received_on', '2013-09-17')",
        "E'\\tta 2013 ' || i",
        f"'ta2013' || {_SERIAL}",
    ),
    f"""
INSERT INTO certificates (number, case_id, holder, granted_on, content) SELECT {_CERTIFICATE}, {_ID},
 makers.code, date '2013-12-02', json_build_object('number', {_CERTIFICATE}, 'holder', {_HOLDER},
 'category', {_CATEGORY}, 'lines', {_FILLED_IN} -> 'form' -> 'lines', 'application', {_NUMBER},
 'authority', '吉林省质量技术监督局') {_FILED} {_DECIDED}
""",
    _summaries(
        "certificate_summaries",
        f"json_build_object('holder', {_HOLDER}, 'instruments', {_INSTRUMENTS}, 'granted_on', '2013-12-02')",
        "E'\\t2013 f ' || (100 + i) || ' 22'",
        "'2013f' || (100 + i) || '22'",
    )
    + _DECIDED,
)

_CODE = "'91220101' || lpad((i % 20000)::text, 9, '0') || 'X'"
_SIDE = "(ARRAY['authority', 'laboratory', 'applicant'])[1 + i % 3]"
_DAY = "(date '2026-01-05' + i % 300)"
_CLOCK_ID = "(lpad(to_hex(i), 8, '0') || '-0000-7000-8000-' || lpad(k::text, 12, '0'))::uuid"
_STARTED = f"jsonb_build_array(jsonb_build_object('kind', 'started', 'on', {_DAY}, 'event', 'evaluation.commissioned'))"
_NOTIFICATIONS = f"""
INSERT INTO tracked_cases (id, source, number, procedure, rules, state, applicant, applicant_name, email, heard, events,
 assignee, law_as_of) SELECT {_ID}, 'type_approval', {_NUMBER}, 'type_approval', 'jilin-2013', 'accepted', {_CODE},
 '长春衡器有限公司', 'office@example.com', 3, 3, 'examiner-' || i % {PEOPLE}, date '2013-09-17' FROM {_EACH};
INSERT INTO clocks (id, case_id, limit_id, started_on, law_on, entries, state, due_on, provisional, calendar, next_at,
 holder) SELECT {_CLOCK_ID}, {_ID}, 'lab_contact', {_DAY}, {_DAY}, {_STARTED}, 'running', {_DAY} + 14, false,
 '{{calendar}}', now() + interval '10 days', {_SIDE} FROM {_EACH}, generate_series(1, 3) AS k;
INSERT INTO work (case_id, holder, clock, lead, limit_id, law_on, due_on, provisional, source, number, procedure,
 rules, state, applicant, applicant_name, assignee) SELECT {_ID}, {_SIDE}, 'running', true, 'lab_contact', {_DAY},
 {_DAY} + 14,
 false, 'type_approval', {_NUMBER}, 'type_approval', 'jilin-2013', 'accepted', {_CODE}, '长春衡器有限公司',
 'examiner-' || i % {PEOPLE} FROM {_EACH};
INSERT INTO messages (id, case_id, recipient, inbox, address, template, template_version, language, subject, body, at,
 state) SELECT {_ID}, {_ID}, 'applicant', 'applicant:' || ({_CODE}), 'office@example.com', 'application.received', 1,
 'zh', '已收件', repeat('您的申请已收件。', 40), now(), 'sent' FROM {_EACH};
INSERT INTO feed (position, event_id, source, type, time, service, number, state, applicant) SELECT i + 1, {_ID},
 'type_approval', 'application.received', now(), 'type_approval', {_NUMBER}, 'received', {_CODE} FROM {_EACH};
UPDATE feed_mark SET position = {{last}} + 1;
INSERT INTO step_times (clock_id, procedure, limit_id, holder, ended_on, days, in_time) SELECT {_CLOCK_ID},
 'type_approval', 'lab_contact', {_SIDE}, {_DAY}, i % 30, i % 10 > 0 FROM {_EACH}, generate_series(1, 2) AS k
 WHERE i % 4 = 3;
INSERT INTO case_times (case_id, procedure, ended_on, ended_by, decided, elapsed, laboratory, applicant, authority,
 other) SELECT {_ID}, 'type_approval', {_DAY}, 'certificate.delivered', true, 40 + i % 60, 20, 10, 5, 5 + i % 60
 FROM {_EACH} WHERE i % 4 = 3
"""
