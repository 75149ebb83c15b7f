"""A GET of a case: ours and FastAPI's, with the same query and the same body. Closed loop, 16 clients."""

from __future__ import annotations

import json
import urllib.request
from itertools import cycle
from statistics import median
from typing import TYPE_CHECKING, Any

from tests.bench import load, part, prepare
from tests.bench.part import Part, Rate
from tests.bench.servers import RUN
from tests.bench.stack import Stack

if TYPE_CHECKING:
    from tests.bench.systems import Contest, Contestant

ROUNDS = 3
CLIENTS = 16
SECONDS = 4.0
WARM_UP = 1.5
_CASES = range(28_000, 29_000)
_PATH = "/v1/lab/applications"
_TEXT = f"""\
A laboratory reads a case: token, one query by its id, the rights, a body of 1.5 KB. {CLIENTS} clients in a closed loop
ask for {len(_CASES):,} cases in turn for {SECONDS:.0f} s after {WARM_UP} s of warm-up; nothing but one process for
HTTP runs. FastAPI answers through a pydantic model, and its query runs outside of a transaction, as ours does.
The two bodies are compared.
"""


def measure(contest: Contest) -> Part:
    contestants = [one for one in contest.contestants if one.name != "celery"]
    bodies: dict[str, Any] = {}
    rounds: dict[str, list[Rate]] = {contestant.name: [] for contestant in contestants}
    for _ in range(ROUNDS):
        for contestant in contestants:
            with Stack(contest.servers, RUN) as stack:
                stack.start([contestant.member("api")])
                bodies[contestant.name] = _body(contestant.port, contest.token)
                rounds[contestant.name].append(_asked(stack, contestant, contest.token))
    if any(body != bodies["quanheng"] for body in bodies.values()):
        raise RuntimeError(f"the answers differ: {json.dumps(bodies, ensure_ascii=False)}")
    ours = rounds["quanheng"]
    cpu = {name: median(one.cpu_sum for one in measured) for name, measured in rounds.items()}
    figures = {"get.per_s": part.rate(ours), "get.cpu_ms": cpu["quanheng"]}
    for peer in (name for name in rounds if name != "quanheng"):
        figures[f"get.ratio_{peer}"] = part.rate(ours) / part.rate(rounds[peer])
        figures[f"get.cpu_ratio_{peer}"] = cpu["quanheng"] / cpu[peer]
    rates = {name: [one.per_s for one in measured] for name, measured in rounds.items()}
    return Part("get", figures, "\n".join([_TEXT, part.rates("reads", rates), part.cpu("read", rounds)]))


def _asked(stack: Stack, contestant: Contestant, token: str) -> Rate:
    port = contestant.port
    questions = cycle([load.question(port, f"{_PATH}/{prepare.case_id(number)}", token) for number in _CASES])
    load.closed_loop(port, questions, clients=CLIENTS, seconds=WARM_UP)
    before = stack.cpu()
    count = load.closed_loop(port, questions, clients=CLIENTS, seconds=SECONDS)
    return stack.rate(count, SECONDS, before)


def _body(port: int, token: str) -> Any:
    """What the first case is answered with; how moments are written may differ."""
    url = f"http://127.0.0.1:{port}{_PATH}/{prepare.case_id(_CASES[0])}"
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        body = json.load(answer)
    return body | {name: body[name][:19] for name in ("created_at", "updated_at")}
