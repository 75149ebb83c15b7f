"""Valid and invalid requests generated from the checked-in OpenAPI documents, and checks of the responses."""

from __future__ import annotations

import json
import random
import time
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import hypothesis
import requests
import schemathesis
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from services.documents import REFERENCE
from shared.http.faces import FACES
from shared.http.routes import XLSX
from tests.fuzz.world import doer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from schemathesis import Case, Response

    from tests.fuzz.world import World

CHECKS: list[Any] = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
schemathesis.serializer.alias(XLSX.type, "application/octet-stream")
EXAMPLES = 4
"""Requests to one operation of one service at a time, before it is the next one's turn."""
TIMEOUT_SECONDS = 30


@dataclass
class Findings:
    """What came of it. `told` has each different finding once, with the request that led to it."""

    requests: int = 0
    statuses: dict[int, int] = field(default_factory=dict)
    server_errors: int = 0
    undocumented: int = 0
    told: dict[tuple[str, ...], str] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        return self.requests > 0 and not self.server_errors and not self.undocumented

    def __str__(self) -> str:
        return f"fuzz: requests={self.requests} server_errors={self.server_errors} undocumented={self.undocumented}"


@dataclass(frozen=True)
class Target:
    """An operation as one service answers it, with right or with wrong input."""

    face: str
    service: str
    operation: Any
    mode: GenerationMode


def targets() -> list[Target]:
    """Every operation of the documents under docs/reference."""
    return list(_targets())


def _targets() -> Iterator[Target]:
    for face in FACES:
        text = (REFERENCE / f"openapi-{face.name}.json").read_text(encoding="utf-8")
        for result in schemathesis.openapi.from_dict(json.loads(text)).get_all_operations():
            operation: Any = result.ok()  # type: ignore[union-attr]
            for service in (server["x-service"] for server in operation.definition.raw["servers"]):
                for mode in GenerationMode:
                    yield Target(face.name, service, operation, mode)


def fuzz(world: World, seed: int, seconds: float) -> Findings:
    """Ask all operations in turn until the time is up; the same seed asks the same, as far as the time goes."""
    chance, findings, until = random.Random(seed), Findings(), time.monotonic() + seconds  # noqa: S311 - no secret
    with requests.Session() as session:
        for target in _in_turn(targets(), chance):
            if time.monotonic() >= until:
                return findings
            _ask(target, world, session, chance, findings)
    raise AssertionError("turns never end")


def _in_turn(found: list[Target], chance: random.Random) -> Iterator[Target]:
    while True:
        chance.shuffle(found)
        yield from found


def _ask(target: Target, world: World, session: requests.Session, chance: random.Random, findings: Findings) -> None:
    @hypothesis.seed(chance.randrange(1 << 32))
    @hypothesis.settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(case=target.operation.as_strategy(generation_mode=target.mode))
    def asked(case: Case[Any]) -> None:
        _address(case, target, world, chance)
        answer = case.call(base_url=world.url(target.service), session=session, timeout=TIMEOUT_SECONDS)
        _judge(case, answer, target, findings)

    with suppress(Unsatisfiable):  # raised where nothing of an operation's input can be wrong
        asked()


def _address(case: Case[Any], target: Target, world: World, chance: random.Random) -> None:
    """Make the request be about something that is, sent by somebody who is; mostly."""
    about = world.case(target.service, chance)
    steps = case.path.split("/")
    for before, step in pairwise(steps):
        name = step.strip("{}")
        known = world.name(f"{before}/{name}", about, chance) if step.startswith("{") else None
        if known is not None and chance.random() < 7 / 8:
            case.path_parameters[name] = known
    if "If-Match" in case.headers and chance.random() < 3 / 4:
        case.headers["If-Match"] = "*"
    if chance.random() < 31 / 32:
        case.headers["Authorization"] = f"Bearer {world.token(doer(target.face, steps[-1], about, chance))}"


def _judge(case: Case[Any], answer: Response, target: Target, findings: Findings) -> None:
    findings.requests += 1
    findings.statuses[answer.status_code] = findings.statuses.get(answer.status_code, 0) + 1
    try:
        case.validate_response(answer, checks=CHECKS)
    except FailureGroup as group:
        server_error = answer.status_code >= 500
        findings.server_errors += server_error
        findings.undocumented += not server_error
        for failure in group.exceptions:
            what = (target.service, case.method, case.path, failure.title)
            sent = {name: value for name, value in answer.request.headers.items() if name != "Authorization"}
            request = f"{case.method} {answer.request.url} {sent} {answer.request.body!r}"
            findings.told.setdefault(
                (*what, str(answer.status_code)), f"{failure.message}\n  {request[:2000]}\n  {answer.text[:1000]}"
            )
