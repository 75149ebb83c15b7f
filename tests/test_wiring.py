"""Declarations in different places agree: events, queues, templates, routes, migrations, imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from datetime import date
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson
import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from kombu import Connection as BrokerConnection
from sqlalchemy import CheckConstraint, insert, inspect, select, text

from services import SERVICES
from services.catalogue import EVENTS, TOPOLOGY
from services.contracts import meanings
from services.documents import OFFERS
from services.faults import FAULTS as OF_SERVICES
from services.mandates import RECORDED, recorded
from services.mandates import metadata as mandate_tables
from services.messages.templates import templates
from services.notifications.clocks.book import Book
from services.notifications.clocks.rules import ENDS
from services.notifications.messages.collected import Messages
from services.notifications.reactions import react
from services.notifications.webhooks.models import metadata as webhook_tables
from services.registry import REGISTRY
from shared.anchors.models import metadata as log_tables
from shared.calendars import publish
from shared.calendars.models import metadata as calendar_tables
from shared.casework.models import metadata as casework_tables
from shared.documents.making import Made
from shared.documents.models import metadata as document_tables
from shared.documents.press import record
from shared.historic.models import metadata as historic_tables
from shared.http.faults import FAULTS
from shared.http.models import metadata as http_tables
from shared.identity import STAFF_POSTS, Role
from shared.law import Notice, load
from shared.messaging.envelope import decode, new_id
from shared.messaging.models import metadata as messaging_tables
from shared.messaging.topology import dead_letter_queue
from shared.registers import Version
from shared.registers.models import metadata as register_tables
from shared.runtime.config import amqp_url, database_url
from shared.runtime.law_in_use import metadata as law_tables
from shared.runtime.migrations import config
from shared.runtime.time import GivenTime
from shared.text import Text
from shared.uploads.filing import WAITING
from shared.uploads.models import metadata as upload_tables
from shared.uploads.sweeping import Cases, infected
from tests.shared.casework.parts import NOW, PROCEDURES, Desk, desks, entered, moves
from tests.shared.casework.rights import OTHER_THAN, WHO
from tests.support import WAYS, Caller, applicant, credit_code, database, laboratory, officer, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine, MetaData

    from deploy.local.backing import Backing
    from deploy.local.system import System
    from shared.messaging.envelope import Event

ROOT = Path(__file__).parents[1]
RULES = load("jilin-2013")
CALENDARS = {"/v1/calendars", "/internal/v1/calendars"}
PUBLIC_PATHS = {
    *CALENDARS,
    *("/v1/categories", "/v1/categories/<code>"),
    *("/v1/certificates", "/v1/licences", "/v1/marks"),
    *(
        f"/v1/{permits}/log/{told}"
        for permits in ("certificates", "licences", "marks")
        for told in ("checkpoint", "consistency")
    ),
    *(
        f"/v1/{permits}/{listed}.{form}"
        for permits in ("certificates", "licences", "marks")
        for listed in ("data", "applications")
        for form in ("csv", "jsonl")
    ),
    *(
        f"/v1/{permits}/<number>{form}"
        for permits in ("certificates", "licences", "marks")
        for form in ("", "/document.pdf", "/document.jws", "/metadata.json", "/proof")
    ),
    *("/v1/checks", "/p/<number>/<code>", "/n/<number>/<code>", "/.well-known/quanheng/keys.json"),
    *(f"/v1/{permits}/status-list" for permits in ("certificates", "licences", "marks")),
    *(
        "/v1/days",
        "/v1/days.svg",
        "/v1/permits",
        *(f"/v1/{permits}/figures{form}" for permits in ("certificates", "licences", "marks") for form in ("", ".csv")),
    ),
}
HOLIDAY = Notice(0, 2013, "area", {date(2013, month, 23): Text("假", "off") for month in (9, 10, 12)}, {}, ("source",))
Story = list["Event"]
MOST_LINES = 400
"""Of a module; what is longer is about several things."""


def all_stories(servers: Backing) -> list[Story]:
    """The events of cases up to each move of each procedure, each after what can come before it."""
    found: list[Story] = []
    for service in PROCEDURES:
        with database(servers.database_url, f"{servers.namespace}_wiring", service) as engine, engine.connect() as tx:
            seen: set[Any] = set()
            found += {way: story for desk in desks(tx, service) for way, story in told(desk, seen)}.values()
            found += issued(tx, service)
            found.append(found_infected(tx, service))
            found += [[decode(orjson.dumps(body)) for body in desk.outbox()] for desk in entered(tx, service)]
    return found


def issued(tx: Connection, service: str) -> Iterator[Story]:
    """The events of a case whose permit was granted, after each document that was made."""
    desk = Desk(tx, service)
    if service == "licensing":
        desk.approve()
    desk.do(*WAYS[service][:-1])
    made = Made(b"{}", "signed", b"%PDF", "kid", "made with")
    ordered = select(document_tables.tables["issues"]).where(text("case_id = :id"))
    for row in tx.execute(ordered, {"id": desk.case.id}).all():
        assert record(tx, REGISTRY[service].permits(), row, made, NOW)
        yield [decode(orjson.dumps(body)) for body in desk.outbox()]


def found_infected(tx: Connection, service: str) -> Story:
    """The events of a case in whose document malware was found."""
    desk = Desk(tx, service)
    if service == "licensing":
        desk.approve()
    desk.do("submit")
    row = {"id": new_id(), "case_id": desk.case.id, "kind": "photos", "name": "a.jpg", "media": "image/jpeg", "size": 1}
    sent = insert(upload_tables.tables["uploads"])
    tx.execute(sent.values(**row, sha256="ab", added_at=NOW, added_by="孙申请", scan=WAITING))
    infected(tx, "ab", Cases(PROCEDURES[service], RULES, GivenTime()))
    return [decode(orjson.dumps(body)) for body in desk.outbox()]


def told(desk: Desk, seen: set[Any]) -> Iterator[tuple[tuple[Any, ...], Story]]:
    """What is told of the case after each move that it can make now, by the last two events, whom the last one names,
    the move and its end."""
    for row, _ in moves(desk, seen):
        if row.emits:
            story = [decode(orjson.dumps(body)) for body in desk.outbox()]
            last = story[-1]
            yield (*(event.type for event in story[-2:]), *named(last), row.action, last.data["state"]), story


def test_every_event_of_a_procedure_is_in_the_catalogue_and_no_other() -> None:
    for service, procedure in PROCEDURES.items():
        told = {row.emits for row in procedure.transitions if row.emits} | set(procedure.notices)
        assert told == set(EVENTS[service]) - {RECORDED}
        assert procedure.source == service
    assert set(EVENTS) == set(TOPOLOGY.consumers) == set(SERVICES)


def test_what_events_mean_is_said_of_events_and_states_that_there_are() -> None:
    there = {kind for events in EVENTS.values() for kind in events}
    assert {*meanings.ENDED_UNDECIDED, *meanings.DECIDED, *meanings.PERMIT_ENDED, *ENDS} <= there
    assert {*meanings.ENTERED} == {kind for kind in there if kind.endswith((".entered", ".entered_as_ended"))}
    for service, states in meanings.TIME_TOLD_IN.items():
        assert {*states} <= PROCEDURES[service].states.keys(), service


def test_every_service_says_what_each_of_its_events_is_called(system: System) -> None:
    for service, events in EVENTS.items():
        caller = Caller(system.url(service), system.token(officer("operator", "operator")))
        told = caller.get("/internal/v1/event-types").json["items"]
        assert {one["type"] for one in told} == set(events), service
        assert all(one["zh"] and one["en"] for one in told)


@pytest.mark.long
def test_every_event_that_is_told_fits_its_schema_and_every_template_renders_with_it(servers: Backing) -> None:
    stories = all_stories(servers)
    fit_their_schemas(stories)
    with database(servers.database_url, f"{servers.namespace}_wiring", "notifications") as notifications:
        render(stories, notifications)


def fit_their_schemas(stories: list[Story]) -> None:
    seen: set[tuple[str, str]] = set()
    for story in stories:
        event = story[-1]
        assert EVENTS[event.source][event.type]().validate(dict(event.data)) == {}, event.type
        seen.add((event.source, event.type))
    # Mandates are of no case.
    content = {"code": credit_code(), "name": "某代理公司", "scope": "act"}
    days = {"valid_from": "2013-09-01", "valid_until": "2013-10-31"}
    known: dict[str, Any] = {
        "number": 2,
        "since": date(2013, 9, 1),
        "ended": False,
        "supersedes": 1,
        "content": content | days,
    }
    version = Version(**known, action="correct", reason="误填", at=NOW, actor_name="甲", role="applicant")
    mandate = recorded(new_id(), credit_code(), version, "jia")
    assert EVENTS[mandate.source][mandate.type]().validate(dict(mandate.data)) == {}
    seen.add((mandate.source, mandate.type))
    assert seen == {(service, kind) for service in PROCEDURES for kind in EVENTS[service]}


def named(event: Event) -> tuple[bool, ...]:
    """Whether the event names somebody, or something, of whom a text of its own is for."""
    return tuple(name in event.data for name in ("experts", "asked"))


def render(stories: list[Story], notifications: Engine) -> None:
    """All templates, with what is really told."""
    used: set[str] = set()
    # What is told depends on the last event, whom it names and where the case then stands, hardly on the way there.
    every = {(of[-1].source, of[-1].type, of[-1].data.get("state"), *named(of[-1])): of for of in stories}
    for story in every.values():
        with notifications.connect() as tx:
            react(tx, story, mail=False)
            book = Book(Messages(mail=False))
            book.load(tx, [story[0].case_id])
            if book.clocks:
                book.fire_due(story[0].case_id, NOW.replace(year=NOW.year + 7))
                book.store(tx)
                publish(tx, HOLIDAY, "notifications", "wang", NOW)
                book = Book(Messages(mail=False))
                book.load(tx, [story[0].case_id])
                book.reproject(story[0].case_id, NOW, new_id())
                book.store(tx)
            for template, subject, body in tx.execute(text("SELECT template, subject, body FROM messages")):
                assert not {"{", "}"} & {*subject, *body}, template
                assert "None" not in subject + body, template
                used.add(template)
            for kind, data in tx.execute(text("SELECT body::jsonb ->> 'type', body::jsonb -> 'data' FROM outbox")):
                assert EVENTS["notifications"][kind]().validate(data) == {}
            tx.rollback()
    # These are of no case: tests/services/notifications/, test_digest.py and test_webhooks.py; what the office above
    # brings about is in tests/services/licensing/test_offices.py.
    assert used == set(templates()) - {"digest", "webhook.disabled", "licence.ended.above", "licence.restored.above"}


def test_every_event_that_moves_a_clock_is_told_by_a_procedure_it_is_for() -> None:
    source_of = {procedure.id: service for service, procedure in PROCEDURES.items()}
    for rule in RULES.limits:
        kinds = {kind for permit in rule.procedures for kind in EVENTS[source_of[permit]]}
        assert {*rule.starts, *rule.stops, *rule.pauses, *rule.resumes, *rule.extends} <= kinds, rule.id
        for permit in rule.procedures:
            told = set(EVENTS[source_of[permit]])
            assert set(rule.starts) & told, f"{rule.id} never starts for {permit}"
            assert rule.weight == "window" or set(rule.stops) & told, f"{rule.id} never stops for {permit}"


def test_every_queue_is_read_and_every_reader_has_its_queues(system: System, servers: Backing) -> None:
    assert system.processes
    with BrokerConnection(amqp_url(servers.amqp_url, servers.namespace), connect_timeout=20) as broker:
        channel = broker.default_channel
        for source in TOPOLOGY.consumers:
            for queue in TOPOLOGY.queues_from(source):
                wait_for(lambda: channel.queue_declare(queue.name, passive=True).consumer_count == 1, what=queue.name)  # noqa: B023
        for consumer in SERVICES:
            channel.queue_declare(dead_letter_queue(consumer).name, passive=True)


@pytest.fixture(scope="module")
def routes() -> dict[str, list[tuple[str, str, str]]]:
    """By service, method, path and access of every route."""
    return {offer.service: [(route.method, route.path, route.access) for route in offer.routes] for offer in OFFERS}


def test_every_route_says_who_may_call_it_and_stands_on_their_face(
    routes: dict[str, list[tuple[str, str, str]]],
) -> None:
    for found in routes.values():
        assert len({(method, path) for method, path, _ in found}) == len(found)
        for _, path, access in found:
            face = next(
                (face for face in ("/internal/v1/", "/v1/lab/", "/v1/expert/", "/v1/") if path.startswith(face)), ""
            )
            if path in CALENDARS:  # opened by a key of its own; each port opens its own side's
                assert access == "public"
                continue
            if not face:  # printed on paper, or given by a standard
                assert (path.startswith(("/p/", "/n/", "/.well-known/")), access) == (True, "public"), path
                continue
            side, _, post = access.partition(":")
            assert post in {"", *STAFF_POSTS}, path
            own = {"/internal/v1/": {"staff"}, "/v1/lab/": {"lab"}, "/v1/expert/": {"expert"}}
            assert side in own.get(face, {"applicant", "public"}), path


def test_what_needs_no_token_is_known_and_little(routes: dict[str, list[tuple[str, str, str]]]) -> None:
    assert {path for found in routes.values() for _, path, access in found if access == "public"} == PUBLIC_PATHS


@pytest.mark.parametrize("service", PROCEDURES)
def test_every_action_is_done_by_whom_the_table_of_rights_names(service: str) -> None:
    who: dict[str, set[str]] = {}
    others: dict[str, set[str]] = {}
    for row in PROCEDURES[service].transitions:
        who.setdefault(row.action, set()).add(row.by)
        others.setdefault(row.action, set()).update(row.distinct_from)
    assert who == {action: set(doers) for action, doers in WHO[service].items()}, "see tests/shared/casework/rights.py"
    assert {action: found for action, found in others.items() if found} == {
        action: found for action, found in OTHER_THAN.items() if action in who
    }


def test_every_route_lets_in_whom_it_says_and_nobody_else(
    routes: dict[str, list[tuple[str, str, str]]], system: System
) -> None:
    people = {Role.APPLICANT: applicant(credit_code()), Role.LAB: laboratory("LAB-99"), Role.STAFF: officer("all")}
    for service, found in routes.items():
        for method, pattern, access in found:
            path = _filled(pattern)
            status = Caller(system.url(service)).send(method, path, b"{}" if method != "GET" else None).status
            assert (status == 401) == (access != "public"), (method, path)
            for role, actor in people.items():
                allowed = access == "public" or actor.may(access)
                # Who is let in would really do it; to look is enough.
                if method == "GET" or not allowed:
                    caller = Caller(system.url(service), system.token(actor))
                    status = caller.send(method, path, b"{}" if method != "GET" else None).status
                    assert (status == 403) == (not allowed), (method, path, role, status)


def _filled(pattern: str) -> str:
    """The path with a name that nothing has in place of each parameter."""
    return re.sub("<[^>]*>", lambda name: "999999999" if name[0].startswith("<int:") else "none", pattern)


def tables_of(service: str) -> list[MetaData]:
    own = import_module(f"services.{service}.models").metadata
    shared = [calendar_tables, http_tables, law_tables, messaging_tables]
    if service != "type_approval":  # which keeps the register of them
        shared.append(mandate_tables)
    if service == "notifications":
        return [own, webhook_tables, *shared]
    registers = [] if service == "c_mark" else [register_tables, historic_tables]
    return [own, casework_tables, document_tables, log_tables, upload_tables, *registers, *shared]


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_make_the_tables_that_the_code_knows(servers: Backing, service: str) -> None:
    with database(servers.database_url, f"{servers.namespace}_wiring", service) as engine, engine.connect() as tx:
        assert compare_metadata(MigrationContext.configure(tx), tables_of(service)) == []  # type: ignore[arg-type]
        stored = inspect(tx)
        for table in (table for tables in tables_of(service) for table in tables.tables.values()):
            known = {str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)}
            assert {str(check["name"]) for check in stored.get_check_constraints(table.name)} == known
        # As PostgreSQL 17 does whatever maintains an index.
        tx.execute(text("SET LOCAL search_path TO pg_catalog, pg_temp"))
        for (index,) in tx.execute(text("SELECT indexrelid::regclass FROM pg_index WHERE indexprs IS NOT NULL")):
            tx.execute(text(f"REINDEX INDEX {index}"))


@pytest.mark.parametrize("service", SERVICES)
def test_migrations_go_up_down_and_up_again(servers: Backing, service: str) -> None:
    name = f"{servers.namespace}_wiring"
    with database(servers.database_url, name) as engine:
        migrations = config(REGISTRY[service].migrations, database_url(servers.database_url, name))
        command.upgrade(migrations, "head")
        made = structure(engine)
        command.upgrade(migrations, "head")
        assert structure(engine) == made
        command.downgrade(migrations, "base")
        assert {table for table, *_ in structure(engine)} == {"alembic_version"}
        command.upgrade(migrations, "head")
        assert structure(engine) == made


def structure(engine: Engine) -> set[tuple[Any, ...]]:
    with engine.connect() as tx:
        query = "SELECT table_name, column_name, data_type, is_nullable, column_default FROM information_schema.columns"
        return {tuple(row) for row in tx.execute(text(f"{query} WHERE table_schema = 'public'"))}


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, at whatever depth, those for type checkers included."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
            yield node.module


def sources(*patterns: str) -> list[Path]:
    return [path for pattern in patterns for path in sorted(ROOT.glob(pattern)) if ".venv" not in path.parts]


def test_no_import_leads_back_to_where_it_began_and_no_module_is_long() -> None:
    """Between files, not packages: a package may gather what its files have."""
    files = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path
        for path in sources("services/**/*.py", "shared/**/*.py", "deploy/**/*.py")
        if path.stem != "__init__"
    }
    assert [
        name for name, path in files.items() if len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES
    ] == []
    edges = {name: {*imports(path)} & files.keys() for name, path in files.items()}
    TopologicalSorter(edges).prepare()
    # The import contracts do not look at what only type checkers import.
    assert [
        name for name in edges if name.startswith("shared.") and any(one.startswith("services.") for one in edges[name])
    ] == []


def test_what_only_files_need_is_loaded_with_the_first_file() -> None:
    program = (
        "import sys, services.type_approval.api; print(sorted({'openpyxl', 'lxml', 'pyhanko'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603
    assert done.stdout == "[]\n"


def test_every_code_of_a_fault_has_a_meaning_and_every_meaning_is_needed() -> None:
    for folder, known in (("shared", FAULTS), ("services", OF_SERVICES)):
        found = [path.read_text(encoding="utf-8") for path in sources(f"{folder}/**/*.py") if path.stem != "faults"]
        raised = {
            call.args[1].value
            for text in found
            for call in ast.walk(ast.parse(text))
            if isinstance(call, ast.Call)
            and isinstance(call.func, ast.Name)
            and call.func.id == "Violation"
            and isinstance(call.args[1], ast.Constant)
        }
        assert raised <= {*FAULTS, *known}
        # The schemas say theirs before a colon.
        assert {code for code in known if not any(re.search(rf'"{code}[":]', text) for text in found)} == set()
    assert not FAULTS.keys() & OF_SERVICES.keys()


def test_a_request_changes_things_in_the_transaction_of_its_call() -> None:
    """There its idempotency key is honoured, and its dry run undone."""
    own = re.compile(r"call\.store\.transaction")
    found = [path for path in sources("services/**/*.py", "shared/**/*.py") if own.search(path.read_text())]
    assert found == []
