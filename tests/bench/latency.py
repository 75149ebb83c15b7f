"""How long after the producer's commit the consumer commits, at a rate the system is at ease with.

Both moments are taken in PostgreSQL, by one clock, by triggers that run as the last act before their transaction
commits. Each writes a row, which makes both transactions a little dearer than they are without.
"""

from __future__ import annotations

import time
from contextlib import closing
from typing import TYPE_CHECKING

from deploy.local.process import free_ports
from tests.bench import load, part, prepare, step
from tests.bench.part import Part, percentile
from tests.bench.servers import RUN
from tests.bench.stack import Stack
from tests.bench.systems import READER, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from psycopg2.extensions import connection

    from tests.bench.servers import Servers
    from tests.bench.stack import Member
    from tests.bench.systems import Contest, Contestant

PER_SECOND = 50
SECONDS = 20.0
WARM_UP = 2.0
_NOTE = """
CREATE TABLE {table} (case_id uuid, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION note_{table}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS
 $$ BEGIN INSERT INTO {table} (case_id) VALUES ({case_id}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER note_{table} AFTER {event} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
 EXECUTE FUNCTION note_{table}()
"""
_FORGET = "DROP FUNCTION note_{table} CASCADE; DROP TABLE {table}"
_CASE_OF_BODY = "(({row}.body::jsonb)->>'caseid')::uuid"
_PRODUCED = _NOTE.format(table="produced", case_id=_CASE_OF_BODY.format(row="NEW"), event="INSERT ON outbox")
_PUBLISHED = _NOTE.format(table="published", case_id=_CASE_OF_BODY.format(row="OLD"), event="DELETE ON outbox")
_CONSUMED = {
    "quanheng": _NOTE.format(table="consumed", case_id="NEW.case_id", event="INSERT OR UPDATE ON inbox"),
    "faststream": _NOTE.format(table="consumed", case_id="NEW.id", event="UPDATE ON tracked_cases"),
}
_TEXT = f"""\
`arrange` is posted at {PER_SECOND} a second, whether or not earlier ones were answered, for {SECONDS:.0f} s after
{WARM_UP:.0f} s of warm-up. Measured is the time from the commit of the case with its event to the commit of what the
event does in notifications: outbox, wake-up, relay, broker, consumer and both databases' work between. Both moments
are taken by deferred triggers, the last thing a transaction does before it commits, by the one clock of the machine.
*Apart* is one process each for HTTP, relay and consumer; *together* is each service in all its roles, started with one
command: a process for HTTP and one for all else.
*faststream* is the peer of the step, one process each for HTTP, relay and consumer.
*Until published* ends with the commit in which the relay deletes the confirmed event, which the consumer's own work
does not wait for.
"""


def measure(contest: Contest) -> Part:
    ours = contest.contestants[0]
    cases = prepare.PACED
    half = len(cases) // 2
    port, reader_port = free_ports(2)
    together = [
        contest.process("together.type_approval", SOURCE, port),
        contest.process("together.notifications", READER, reader_port),
    ]
    runs = {
        "apart": _run(contest, ours, ours.members, ours.port, cases[:half]),
        "together": _run(contest, ours, together, port, cases[half:]),
    }
    for peer in contest.contestants[1:]:
        if peer.name in _CONSUMED:
            runs[peer.name] = _run(contest, peer, peer.members, peer.port, cases[:half])
    figures: dict[str, float] = {}
    for name, (_, consumed) in runs.items():
        prefix = "" if name == "apart" else f"{name}_"
        figures |= {f"latency.{prefix}p{one}_ms": percentile(consumed, one) for one in (50, 99)}
    for name in runs.keys() - {"apart", "together"}:
        theirs = runs[name][1]
        figures |= {
            f"latency.p{one}_ratio_{name}": figures[f"latency.p{one}_ms"] / percentile(theirs, one) for one in (50, 99)
        }
    columns = (10, 50, 90, 99)
    rows = [
        [label, *(f"{percentile(times, one):.1f}" for one in columns), f"{times[-1]:.1f}", str(len(times))]
        for name, (published, consumed) in runs.items()
        for label, times in ((name, consumed), (f"{name}, until published", published))
    ]
    head = ["ms from commit to commit", *(f"p{one}" for one in columns), "longest", "steps"]
    return Part("latency", figures, "\n".join([_TEXT, part.table(head, rows)]))


def _run(
    contest: Contest, measured: Contestant, members: Sequence[Member], port: int, cases: range
) -> tuple[list[float], list[float]]:
    """Milliseconds until each step was published and until it was consumed, the shortest first."""
    servers = contest.servers
    servers.purge(measured.queues)
    servers.tidy(measured.producer, measured.consumer)
    servers.execute(measured.producer, _PRODUCED, _PUBLISHED)
    servers.execute(measured.consumer, _CONSUMED[measured.name])
    sent = step.requests(port, contest.token, cases)
    with (
        closing(servers.database(measured.producer)) as producer,
        closing(servers.database(measured.consumer)) as consumer,
    ):
        with Stack(servers, RUN) as stack:
            stack.start(members)
            _post(port, sent, WARM_UP)
            time.sleep(1)
            servers.execute(measured.producer, "TRUNCATE produced")
            count = _post(port, sent, SECONDS)
            expected = count + PER_SECOND * WARM_UP
            for session, table in ((producer, "published"), (consumer, "consumed")):
                stack.await_true(
                    lambda session=session, table=table: _count(servers, session, table) >= expected,  # type: ignore[misc]
                    f"all {table}",
                    interval=0.2,
                )
        produced, published, consumed = (
            servers.moments(session, f"SELECT case_id, at FROM {table}")
            for session, table in ((producer, "produced"), (producer, "published"), (consumer, "consumed"))
        )
    servers.execute(measured.producer, _FORGET.format(table="produced"), _FORGET.format(table="published"))
    servers.execute(measured.consumer, _FORGET.format(table="consumed"))
    return _times(produced, published), _times(produced, consumed)


def _count(servers: Servers, session: connection, table: str) -> int:
    return servers.scalar(session, f"SELECT count(*) FROM {table}")


def _times(began: Mapping[str, datetime], ended: Mapping[str, datetime]) -> list[float]:
    return sorted(1000 * (ended[case] - at).total_seconds() for case, at in began.items())


def _post(port: int, sent: Iterator[bytes], seconds: float) -> int:
    return len(load.open_loop([port], sent, per_second=PER_SECOND, seconds=seconds))
