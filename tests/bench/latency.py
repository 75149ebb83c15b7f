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
from tests.bench.part import Part
from tests.bench.servers import RUN
from tests.bench.stack import Stack
from tests.bench.systems import READER, SOURCE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.bench.stack import Member
    from tests.bench.systems import Contest

PER_SECOND = 50
SECONDS = 20.0
WARM_UP = 2.0
_NOTE = """
CREATE TABLE IF NOT EXISTS bench_commits (case_id uuid, at timestamptz DEFAULT clock_timestamp());
CREATE OR REPLACE FUNCTION bench_note() RETURNS trigger LANGUAGE plpgsql AS
 $$ BEGIN INSERT INTO bench_commits (case_id) VALUES ({case_id}); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER bench_note AFTER {event} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
 EXECUTE FUNCTION bench_note()
"""
_FORGET = "DROP FUNCTION bench_note CASCADE; DROP TABLE bench_commits"
_PRODUCED = _NOTE.format(case_id="((NEW.body::jsonb)->>'caseid')::uuid", event="INSERT ON outbox")
_CONSUMED = _NOTE.format(case_id="NEW.case_id", event="INSERT OR UPDATE ON inbox")
_TEXT = f"""\
`arrange` is posted at {PER_SECOND} a second, whether or not earlier ones were answered, for {SECONDS:.0f} s after
{WARM_UP:.0f} s of warm-up. Measured is the time from the commit of the case with its event to the commit of what the
event does in notifications: outbox, wake-up, relay, broker, consumer and both databases' work between. Both moments
are taken by deferred triggers, the last thing a transaction does before it commits, by the one clock of the machine.
*Apart* is one process each for HTTP, relay and consumer; *together* is one process per service in all its roles.
"""


def measure(contest: Contest) -> Part:
    ours = contest.contestants[0]
    cases = range(step.CASES.stop, prepare.CASES)
    half = (cases.stop - cases.start) // 2
    port, reader_port = free_ports(2)
    together = [
        contest.process("together.type_approval", SOURCE, port),
        contest.process("together.notifications", READER, reader_port),
    ]
    found = {
        "apart": _run(contest, ours.members, ours.port, cases[:half]),
        "together": _run(contest, together, port, cases[half:]),
    }
    figures = {
        "latency.p50_ms": _percentile(found["apart"], 50),
        "latency.p99_ms": _percentile(found["apart"], 99),
        "latency.together_p50_ms": _percentile(found["together"], 50),
        "latency.together_p99_ms": _percentile(found["together"], 99),
    }
    columns = (50, 90, 99)
    rows = [
        [name, *(f"{_percentile(times, one):.1f}" for one in columns), f"{times[-1]:.1f}", str(len(times))]
        for name, times in found.items()
    ]
    head = ["ms from commit to commit", *(f"p{one}" for one in columns), "longest", "steps"]
    return Part("latency", figures, "\n".join([_TEXT, part.table(head, rows)]))


def _run(contest: Contest, members: Sequence[Member], port: int, cases: range) -> list[float]:
    """Milliseconds of each step, the shortest first."""
    ours, servers = contest.contestants[0], contest.servers
    servers.purge(ours.queues)
    servers.tidy(ours.producer, ours.consumer)
    servers.execute(ours.producer, _PRODUCED)
    servers.execute(ours.consumer, _CONSUMED)
    sent = step.requests(port, contest.token, cases)
    with closing(servers.database(ours.producer)) as producer, closing(servers.database(ours.consumer)) as consumer:
        with Stack(servers, RUN) as stack:
            stack.start(members)
            _post(port, sent, WARM_UP)
            time.sleep(1)
            servers.execute(ours.producer, "TRUNCATE bench_commits")
            count = _post(port, sent, SECONDS)
            stack.await_true(
                lambda: servers.scalar(consumer, "SELECT count(*) FROM bench_commits") >= count + PER_SECOND * WARM_UP,
                "all consumed",
                interval=0.2,
            )
        began, ended = (
            servers.moments(session, "SELECT case_id, at FROM bench_commits") for session in (producer, consumer)
        )
    servers.execute(ours.producer, _FORGET)
    servers.execute(ours.consumer, _FORGET)
    return sorted(1000 * (ended[case] - at).total_seconds() for case, at in began.items())


def _post(port: int, sent: Iterator[bytes], seconds: float) -> int:
    return load.open_loop(port, sent, per_second=PER_SECOND, seconds=seconds)


def _percentile(times: list[float], percent: int) -> float:
    """Of sorted times: the shortest that so many per cent do not exceed."""
    return times[max(0, -(-len(times) * percent // 100) - 1)]
