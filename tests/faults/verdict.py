"""Wait until the system is quiet, then check the tables for lost, duplicated or misordered events."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import astuple, dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from kombu import Connection
from kombu.exceptions import KombuError
from sqlalchemy.exc import SQLAlchemyError

from services.catalogue import TOPOLOGY
from services.instruments import scope
from shared.messaging import topology as topologies
from shared.messaging.envelope import PARTITIONS
from tests.faults import oracle, witness

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.faults.world import World

TABLES = {"type_approval": "cases", "licensing": "cases", "notifications": "tracked_cases"}
READERS = {source: (*readers, witness.NAME) for source, readers in TOPOLOGY.consumers.items()}


@dataclass
class Faults:
    """`texts` says of each what and where."""

    lost: int = 0
    doubled: int = 0
    out_of_order: int = 0
    texts: list[str] = field(default_factory=list)

    def add(self, kind: str, count: int, what: str) -> None:
        setattr(self, kind, getattr(self, kind) + count)
        self.texts.append(f"{kind} {count}: {what}")

    def compare(self, wanted: int, found: int, what: str) -> None:
        if found < wanted:
            self.add("lost", wanted - found, what)
        elif found > wanted:
            self.add("doubled", found - wanted, what)


@dataclass(frozen=True)
class Totals:
    """Sums over all tables, of which a scenario's share is the difference."""

    cases: int = 0
    events: int = 0
    duplicates: int = 0
    held: int = 0
    parked: int = 0
    seen: int = 0

    def since(self, before: Totals) -> Totals:
        return Totals(*(now - then for now, then in zip(astuple(self), astuple(before), strict=True)))


def totals(world: World) -> Totals:
    """`held` counts rows ever put aside, by PostgreSQL's statistics, which a crash of PostgreSQL begins again."""
    events = sum(_told(world).values())
    ((cases,),) = world.rows("type_approval", "SELECT count(*) FROM cases WHERE events >= 10")
    duplicates = held = parked = 0
    for name in world.engines:
        ((absorbed, aside, given_up),) = world.rows(
            name,
            "SELECT (SELECT coalesce(sum(duplicates), 0) FROM inbox),"
            " (SELECT n_tup_ins FROM pg_stat_user_tables WHERE relname = 'held'),"
            " (SELECT count(*) FROM held WHERE parked_at IS NOT NULL)",
        )
        duplicates, held, parked = duplicates + int(absorbed), held + int(aside), parked + int(given_up)
    ((seen,),) = world.rows(witness.NAME, "SELECT coalesce(max(n), 0) FROM witness")
    return Totals(cases, events, duplicates, held, parked, int(seen))


def longest_stall(world: World, since: int) -> float:
    """The longest time in which the witness took nothing in, in seconds, since its entry `since`."""
    ((seconds,),) = world.rows(
        witness.NAME,
        "SELECT coalesce(extract(epoch FROM max(gap)), 0) FROM"
        " (SELECT at - lag(at) OVER (ORDER BY n) AS gap FROM witness WHERE n > :since) AS gaps",
        since=since,
    )
    return float(seconds)


class Quiet:
    """Tells, asked again and again, whether nothing is under way any more; parked events do not count."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._before: object = None

    def __call__(self) -> bool:
        self._world.revive()
        try:
            state = self._state()
        except (SQLAlchemyError, KombuError, OSError):
            state = None
        # Duplicates that are still being taken in show as a change.
        quiet = state is not None and state == self._before
        self._before = state
        return quiet

    def _state(self) -> object:
        for service in TABLES:
            if self._world.rows(service, "SELECT 1 FROM outbox LIMIT 1"):
                return None
        for name in self._world.engines:
            if self._world.rows(name, "SELECT 1 FROM held WHERE parked_at IS NULL LIMIT 1"):
                return None
        told = _told(self._world)
        for source, readers in READERS.items():
            for reader in readers:
                query = "SELECT coalesce(sum(last_seq), 0) FROM inbox WHERE source = :source"
                if self._world.rows(reader, query, source=source)[0][0] != told[source]:
                    return None
        return None if _ready_messages(self._world) else totals(self._world)


def _told(world: World) -> dict[str, int]:
    return {
        source: int(world.rows(source, f"SELECT coalesce(sum(events), 0) FROM {table}")[0][0])
        for source, table in TABLES.items()
    }


def _ready_messages(world: World) -> int:
    """Messages in the queues that nobody has in hand."""
    with Connection(world.broker_url, connect_timeout=20) as broker:
        return sum(
            broker.default_channel.queue_declare(
                topologies.queue_name(reader, source, partition), passive=True
            ).message_count
            for source, readers in READERS.items()
            for reader in readers
            for partition in range(PARTITIONS)
        )


def judge(world: World) -> Faults:
    """Every fact has had exactly one effect in each reader, in order."""
    faults = Faults()
    _judge_inboxes(world, faults)
    _judge_witness(world, faults)
    _judge_journals(world, faults)
    _judge_notifications(world, faults)
    _judge_licensing(world, faults)
    return faults


def _facts(world: World, source: str) -> dict[str, int]:
    rows = world.rows(source, f"SELECT id::text, events FROM {TABLES[source]} WHERE events > 0")
    return {case_id: events for case_id, events in rows}  # noqa: C416 - typed


def _judge_inboxes(world: World, faults: Faults) -> None:
    for source, readers in READERS.items():
        facts = _facts(world, source)
        for reader in readers:
            query = "SELECT case_id::text, last_seq FROM inbox WHERE source = :source"
            marks = {case_id: last_seq for case_id, last_seq in world.rows(reader, query, source=source)}  # noqa: C416
            for case_id in facts.keys() | marks.keys():
                what = f"{source} to {reader}, watermark of {case_id}"
                faults.compare(facts.get(case_id, 0), marks.get(case_id, 0), what)


def _judge_witness(world: World, faults: Faults) -> None:
    taken: dict[tuple[str, str], list[int]] = defaultdict(list)
    for source, case_id, seq in world.rows(
        witness.NAME, "SELECT source, case_id::text, case_seq FROM witness ORDER BY n"
    ):
        taken[source, case_id].append(seq)
    for source in READERS:
        for case_id, events in _facts(world, source).items():
            seqs = taken[source, case_id]
            what = f"{source} to the witness, {case_id}: {seqs}"
            if missing := set(range(1, events + 1)) - set(seqs):
                faults.add("lost", len(missing), what)
            if more := len(seqs) - len(set(seqs)):
                faults.add("doubled", more, what)
            if inversions := sum(later < earlier for earlier, later in pairwise(seqs)):
                faults.add("out_of_order", inversions, what)


def _judge_journals(world: World, faults: Faults) -> None:
    """Every step is in the journal, and every breach is noted once."""
    breaches = Counter(
        row[0]
        for row in world.rows(
            "notifications",
            "SELECT case_id::text FROM firings JOIN clocks ON clocks.id = clock_id WHERE kind = 'breach'",
        )
    )
    for service in oracle.PROCEDURES:
        for case_id, entries, lines, noted in world.rows(
            service,
            "SELECT id::text, entries, count(*), count(*) FILTER (WHERE action = :breach)"
            " FROM cases JOIN journal ON case_id = id GROUP BY id",
            breach=oracle.BREACH,
        ):
            faults.compare(entries, lines, f"journal of {service} {case_id}")
            faults.compare(breaches[case_id], noted, f"breaches noted in the journal of {service} {case_id}")


def _events(world: World) -> Iterator[tuple[str, str, list[Any]]]:
    """Service, id and events of each case that told any."""
    for service in oracle.PROCEDURES:
        lines: dict[str, list[Any]] = defaultdict(list)
        for case_id, *line in world.rows(
            service, "SELECT case_id::text, action, from_state, to_state, at FROM journal ORDER BY case_id, seq"
        ):
            lines[case_id].append(line)
        for case_id, events in _facts(world, service).items():
            found = oracle.told(service, lines[case_id])
            if len(found) != events:
                raise AssertionError(f"{service} {case_id}: {events} events, but the journal makes {found}")
            yield service, case_id, found


def _judge_notifications(world: World, faults: Faults) -> None:
    clocks: dict[str, list[tuple[str, oracle.Entries]]] = defaultdict(list)
    for case_id, limit, entries in world.rows(
        "notifications", "SELECT case_id::text, limit_id, entries FROM clocks ORDER BY id"
    ):
        clocks[case_id].append((limit, tuple((entry["kind"], entry["on"], entry["event"]) for entry in entries)))
    messages: dict[str, Counter[str]] = defaultdict(Counter)
    for case_id, template, count in world.rows(
        "notifications",
        "SELECT case_id::text, template, count(*) FROM messages WHERE recipient <> 'expert' GROUP BY 1, 2",
    ):
        messages[case_id][template] = count
    fired: dict[str, list[Any]] = defaultdict(list)
    for case_id, *firing in world.rows(
        "notifications",
        "SELECT case_id::text, limit_id, started_on, rung FROM firings JOIN clocks ON clocks.id = clock_id",
    ):
        fired[case_id].append(firing)
    told = _facts(world, "notifications")
    for service, case_id, events in _events(world):
        wanted = oracle.expected(service, events)
        for firing in fired[case_id]:
            template, count = oracle.rung_messages(*firing)
            wanted.messages[template] += count
        where = f"notifications, {service} {case_id}"
        faults.compare(len(fired[case_id]), told.get(case_id, 0), f"{where}: events of firings")
        _compare_clocks(faults, wanted.clocks, clocks[case_id], where)
        for template in wanted.messages.keys() | messages[case_id].keys():
            faults.compare(wanted.messages[template], messages[case_id][template], f"{where}: messages {template}")


def _compare_clocks(
    faults: Faults, wanted: list[tuple[str, oracle.Entries]], found: list[tuple[str, oracle.Entries]], where: str
) -> None:
    if Counter(wanted) == Counter(found):
        return
    entries = [Counter((limit, entry) for limit, entries in clocks for entry in entries) for clocks in (wanted, found)]
    missing, more = entries[0] - entries[1], entries[1] - entries[0]
    if missing:
        faults.add("lost", missing.total(), f"{where}: ledger entries {missing}")
    if more:
        faults.add("doubled", more.total(), f"{where}: ledger entries {more}")
    if not missing and not more:
        faults.add("out_of_order", 1, f"{where}: ledgers {found} instead of {wanted}")


def _judge_licensing(world: World, faults: Faults) -> None:
    known = {
        row[0]: row[1:]
        for row in world.rows("licensing", "SELECT case_id::text, status, certificate, lines FROM type_approvals")
    }
    for case_id, state, data in world.rows("type_approval", "SELECT id::text, state, data FROM cases WHERE events > 0"):
        wanted = (
            oracle.approval(state),
            data.get("certificate"),
            scope(data["form"]["lines"], data["form"]["category"]),
        )
        if known.get(case_id) != wanted:
            faults.add("lost", 1, f"licensing knows {known.get(case_id)} of {case_id}, not {wanted}")
    in_force = {certificate for status, certificate, _ in known.values() if status == "in_force"}
    for case_id, form in world.rows("licensing", "SELECT id::text, data -> 'form' FROM cases WHERE state = 'lodged'"):
        named = form["lines"][0]["type_approval"]
        ((certificate,),) = world.rows(
            "licensing", "SELECT certificate FROM type_approvals WHERE application = :named", named=named
        )
        if certificate in in_force:
            faults.add("lost", 1, f"licence application {case_id} still waits for {named}")
