"""Databases full of cases that wait for one and the same step, for the system and for each peer alike.

Prepared is what the system itself would have stored: a case commissioned to a laboratory, known to notifications,
with the clock that runs until the laboratory has made its arrangements.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from shared.law import national

if TYPE_CHECKING:
    from tests.bench.servers import Servers

CASES = 30_000
BACKLOG, STEPS, MEASURES, PACED = range(2_000), range(2_000, 18_000), range(18_000, 26_000), range(26_000, CASES)
"""Which cases are whose: the backlogs', the step's, the measures', those of the latency. Each is moved once."""
VERSION = 4
EVENTS = 3
"""How many events each prepared case has told."""
LAB = "lab-1"

CASE_ID = "(lpad(to_hex(i), 8, '0') || '-0000-7000-8000-000000000000')::uuid"
LINE = {
    "name": "电子台秤",
    "model": "TCS-150",
    "characteristics": {"class": "III", "max": "150 kg", "e": "50 g"},
}
FORM = {
    "applicant_name": "长春衡器有限公司",
    "credit_code": "91220101MA0Y1X2Y3X",
    "registered_site": {"address": "吉林省长春市高新区1号", "postcode": "130012"},
    "production_sites": [{"address": "吉林省长春市高新区1号", "postcode": "130012"}],
    "phone": "0431-1234567",
    "email": "office@example.com",
    "responsible_person": "王",
    "contact_person": "李",
    "category": "non_automatic_scale",
    "new_to": "maker",
    "lines": [LINE],
    "description": "Platform scale with one load cell. " * 8,
    "units_made": 3,
}
_DATA = {
    "form": FORM,
    "received_on": "2026-11-02",
    "commission": {"lab": LAB, "lab_name": "国家衡器型式评价实验室", "programme": "JJF 1834", "on": "2026-11-10"},
}
_DONE_BY = {"create": "maker-1", "submit": "maker-1", "accept": "intake-1", "commission": "examiner-1"}

_CASES = f"""
INSERT INTO cases (id, number, procedure, state, version, entries, events, applicant, lab, rules, done_by, data, head,
 created_at, updated_at) SELECT {CASE_ID}, 'BENCH-' || i, 'type_approval', 'commissioned', {VERSION}, 4, {EVENTS},
 '91220101MA0Y1X2Y3X', '{LAB}', 'jilin-2013', '{orjson.dumps(_DONE_BY).decode()}', '{orjson.dumps(_DATA).decode()}',
 sha256(i::text::bytea), now(), now() FROM generate_series(0, {CASES - 1}) AS i
"""
_TRACKED = f"""
INSERT INTO tracked_cases (id, source, number, procedure, rules, state, applicant, applicant_name, email, lab, heard,
 events)
 SELECT {CASE_ID}, 'type_approval', 'BENCH-' || i, 'type_approval', 'jilin-2013',
 'commissioned', '91220101MA0Y1X2Y3X', '长春衡器有限公司', 'office@example.com', '{LAB}', {EVENTS}, 0
 FROM generate_series(0, {CASES - 1}) AS i
"""
_INBOX = f"INSERT INTO inbox (source, case_id, last_seq) SELECT 'type_approval', id, {EVENTS} FROM tracked_cases"
_CLOCKS = """
INSERT INTO clocks (id, case_id, limit_id, started_on, law_on, entries, state, due_on, provisional, calendar, next_at)
 SELECT gen_random_uuid(), id, 'lab_contact', current_date, current_date,
 jsonb_build_array(jsonb_build_object('kind', 'started', 'on', current_date, 'event', 'evaluation.commissioned')),
 'running', current_date + 14, false, '{calendar}', now() + interval '10 days' FROM tracked_cases
"""


def case_id(number: int) -> str:
    return f"{number:08x}-0000-7000-8000-000000000000"


def fill(servers: Servers) -> None:
    """Put the prepared cases into the migrated databases of the system."""
    servers.execute(servers.producer, _CASES, "VACUUM ANALYZE")
    servers.execute(servers.consumer, _TRACKED, _INBOX, _CLOCKS.format(calendar=national().version), "VACUUM ANALYZE")


def copy(servers: Servers, peer: str) -> tuple[str, str]:
    """The same two databases for a peer, with the table it knows processed messages by; their names."""
    producer, consumer = (servers.named(f"{peer}_{what}") for what in ("cases", "messages"))
    for name, original in ((producer, servers.producer), (consumer, servers.consumer)):
        servers.execute(
            "postgres", f"DROP DATABASE IF EXISTS {name} WITH (FORCE)", f"CREATE DATABASE {name} TEMPLATE {original}"
        )
    servers.execute(consumer, "CREATE TABLE received (event_id uuid PRIMARY KEY)")
    return producer, consumer
