"""A running system for tests: clients with tokens, cases brought to a given state, and access to the databases."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Protocol, Self

from sqlalchemy import text

from services import SERVICES
from shared.law import PROVINCE
from shared.sql import autocommit
from tests.support.calling import Answer, Caller
from tests.support.databases import engine_of, snapshot
from tests.support.forms import (
    NAMING,
    c_mark_form,
    content_of,
    credit_code,
    licence_form,
    named_in,
    type_approval_form,
)
from tests.support.people import applicant, expert, laboratory, officer
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

    from shared.identity import Actor

NOW = "2013-09-17T09:00:00+08:00"
LAB = "LAB-01"
_CASES = "events FROM cases WHERE events > 0"
TELLING = (
    ("type_approval", _CASES, ("licensing", "notifications")),
    (
        *("type_approval", "versions AS events FROM register_entries WHERE register = 'mandates'"),
        ("licensing", "c_mark", "notifications"),
    ),
    ("licensing", _CASES, ("notifications",)),
    ("c_mark", _CASES, ("notifications",)),
    ("notifications", "events FROM tracked_cases WHERE events > 0", ("type_approval", "licensing", "c_mark")),
)
"""Each service, how many events it has told of each case, and who hears them."""
_TOLD = (
    "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint, EXISTS (SELECT 1 FROM outbox),"
    " (SELECT jsonb_object_agg(id, events) FROM (SELECT id, {counted} AND xmin::text::bigint >= :since) AS told)"
)
"""The oldest transaction that may still write, whether events wait to be published, and how many each case has told."""
FORMS = {"type_approval": type_approval_form, "licensing": licence_form, "c_mark": c_mark_form}
FACES = {
    "applicant": "/v1/applications",
    "lab": "/v1/lab/applications",
    "expert": "/v1/expert/applications",
    "staff": "/internal/v1/applications",
}

DOERS = {
    **dict.fromkeys(("edit", "submit", "supplement", "correct", "withdraw", "correct_documents"), "applicant"),
    **dict.fromkeys(("discard", "restore_draft"), "applicant"),
    **dict.fromkeys(("accept", "request_supplement", "not_required", "not_accept", "deliver"), "intake"),
    **dict.fromkeys(("revoke_acceptance", "withdraw_supplement_notice", "cancel_delivery"), "intake"),
    **dict.fromkeys(
        (
            *("commission", "serve_time_notice", "plan_assessment", "report_assessment", "verify_rectification"),
            *("review", "reject_preliminarily", "order_hearing", "withdraw_commission", "withdraw_review"),
            *("replace_time_notice", "withdraw_time_notice", "correct_hearing", "cancel_hearing", "return_to_lab"),
            *("confirm_assessors", "replace_assessor", "reinstate_assessor"),
            *("replan_assessment", "cancel_assessment", "withdraw_assessment_report", "withdraw_verification"),
            *("settle_approval", "examine_oiml", "withdraw_oiml_examination"),
            *("assess_change_by_office", "withdraw_office_opinion"),
            *("request_conformity_check", "withdraw_conformity_check"),
            *("name_laboratory", "withdraw_named_laboratory"),
            *("assess", "withdraw_assessment", "check", "withdraw_check"),
        ),
        "examiner",
    ),
    **dict.fromkeys(("agree_to_assess", "stand_aside", "record_findings"), "expert"),
    **dict.fromkeys(("send_back", "grant", "refuse", "extend", "terminate"), "decider"),
    **dict.fromkeys(("withdraw_licence", "withdraw_certificate", "penalise", "abolish_type"), "decider"),
    **dict.fromkeys(("cancel", "cancel_ended", "enter_change", "refuse_change"), "decider"),
    "set_conformity_check_aside": "decider",
    **dict.fromkeys(("transfer", "return_transfer"), "decider"),
    **dict.fromkeys(("correct_document", "take_change_back"), "decider"),
    **dict.fromkeys(("report_change", "withdraw_change_report", "give_feedback", "change_feedback"), "applicant"),
    **dict.fromkeys(("report_rectification", "withdraw_rectification_report"), "applicant"),
    **dict.fromkeys(("reopen", "withdraw_extension", "recall_decision", "revoke_refusal"), "decider"),
    **dict.fromkeys(("restore", "withdraw_cancellation"), "decider"),
    **dict.fromkeys(("hand_over_samples", "cancel_handover", "dispose_of_samples", "cancel_disposal"), "tester"),
    "release_archive": "tester",
    **dict.fromkeys(("declare_change", "withdraw_declared_change"), "applicant"),
    **dict.fromkeys(("assess_change", "withdraw_opinion"), "signatory"),
    **dict.fromkeys(("report_conformity", "withdraw_conformity_report", "decline_conformity_check"), "signatory"),
    **dict.fromkeys(("issue_order", "lift_order"), "decider"),
    **dict.fromkeys(("tell_hearing_right", "withdraw_hearing_right", "register_hearing_request"), "examiner"),
    "cancel_hearing_request": "examiner",
    **dict.fromkeys(("request_hearing", "withdraw_hearing_request"), "applicant"),
    "revoke": "second_decider",
    **dict.fromkeys(("arrange", "receive_samples", "record_test", "void_test", "draft_report"), "tester"),
    **dict.fromkeys(("find_nonconformity", "deliver_improved"), "tester"),
    **dict.fromkeys(("review_documents", "change_document_review"), "tester"),
    **dict.fromkeys(("write_programme", "change_programme", "withdraw_programme"), "tester"),
    **dict.fromkeys(("approve_programme", "recall_report"), "signatory"),
    **dict.fromkeys(("rearrange", "correct_receipt", "cancel_receipt", "decline_commission"), "tester"),
    **dict.fromkeys(("withdraw_nonconformity", "cancel_improved"), "tester"),
    **dict.fromkeys(("close_hearing", "correct_minutes"), "chair"),
    **dict.fromkeys(("claim", "assign", "release", "take_entry_back"), "head"),
    **dict.fromkeys(("check_report", "return_report"), "checker"),
    **dict.fromkeys(
        ("amend", "report_correction", "withdraw_declaration", "report_contract", "end_contract"), "applicant"
    ),
    **dict.fromkeys(("strike_off", "withdraw_mark"), "decider"),
    **dict.fromkeys(("decide_recusal", "reopen_recusal"), "decider"),
    **dict.fromkeys(("request_recusal", "withdraw_recusal_request"), "applicant"),
    "issue_report": "signatory",
    "end_archive": "system",
    **dict.fromkeys(("receive", "return", "deem_accept", "fail_evaluation", "fail_rectification"), "system"),
    **dict.fromkeys(("renew", "expire", "lapse", "abolish", "grant_by_silence", "follow_approvals"), "system"),
    "change_by_decision": "system",
}
"""Who carries out each action: somebody with the right role whom the four-eyes rules allow."""

WAYS = {
    "type_approval": (
        *("submit", "accept", "commission", "serve_time_notice", "arrange", "receive_samples", "record_test"),
        *("draft_report", "check_report", "issue_report", "review", "grant", "deliver"),
    ),
    "c_mark": ("submit", "accept", "serve_time_notice", "assess", "review", "grant", "deliver"),
    "licensing": (
        *("submit", "accept", "plan_assessment", "confirm_assessors", "serve_time_notice", "report_assessment"),
        *("review", "grant", "deliver"),
    ),
}
"""The actions that lead directly from a draft to a permit."""


def people(code: str, office: str = PROVINCE) -> dict[str, Actor]:
    """Everybody who acts on a case of the manufacturer `code`, decided by `office`."""
    return {
        "applicant": applicant(code),
        "intake": officer("intake-1", "intake", office=office),
        "examiner": officer("examiner-1", "examiner", office=office),
        "chair": officer("chair-1", "examiner", office=office),
        "head": officer("head-1", office=office),
        "decider": officer("decider-1", "decider", office=office),
        "second_decider": officer("decider-2", "decider", office=office),
        "tester": laboratory(LAB, "tester-1"),
        "checker": laboratory(LAB, "checker-1"),
        "signatory": laboratory(LAB, "signatory-1"),
        "named": laboratory("LAB-02", "signatory-1"),
    }


Sweep = Callable[[str], dict[str, int]]
"""See `Office.sweep`."""


class Running(Protocol):
    """The processes of the system."""

    def url(self, service: str) -> str: ...

    def token(self, actor: Actor) -> str: ...


class Office:
    """The system `running`, and its databases."""

    def __init__(self, running: Running, server: str, namespace: str) -> None:
        self._running = running
        self.engines = {service: engine_of(server, f"{namespace}_{service}") for service in SERVICES}
        self._settled_until: dict[tuple[str, str], int] = {}
        self._open = ExitStack()
        for engine in self.engines.values():
            self._open.callback(engine.dispose)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def caller(self, service: str, actor: Actor | None, now: str = NOW) -> Caller:
        return Caller(self._running.url(service), self._running.token(actor) if actor else None, now)

    def case(self, service: str, code: str | None = None, **form: Any) -> PlayedCase:
        """A new draft of the manufacturer `code`, or of a new manufacturer."""
        return PlayedCase(self, service, code or credit_code(), form)

    def sweep(self, now: str) -> dict[str, int]:
        """Let time pass until then, for the cases of all tests; returns how many clocks fired and moved."""
        answer = self.caller("notifications", officer("s"), now).post("/internal/v1/sweeps")
        if answer.status != 200:
            raise AssertionError(answer.body.decode())
        found: dict[str, int] = answer.json
        return found

    def rows(self, service: str, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        with autocommit(self.engines[service]) as tx:
            result = tx.execute(text(query), parameters)
            return [tuple(row) for row in result] if result.returns_rows else []

    def settled(self) -> bool:
        """Whether every published event has reached all its consumers and the feed."""
        for source, counted, readers in TELLING:
            # A test run makes thousands of cases: ask only of what was written since all was settled.
            since = self._settled_until.get((source, counted), 0)
            ((now, waiting, written),) = self.rows(source, _TOLD.format(counted=counted), since=since)
            if waiting or (written and not all(self._has_heard(reader, source, written) for reader in readers)):
                return False
            self._settled_until[source, counted] = now
        return not self.rows("notifications", "SELECT 1 FROM feed WHERE position IS NULL LIMIT 1")

    def _has_heard(self, reader: str, source: str, told: Mapping[str, int]) -> bool:
        # Compare by case: tests also send events of cases that no service has.
        query = "SELECT case_id::text, last_seq + held FROM inbox WHERE source = :source AND case_id::text = ANY(:told)"
        heard = dict(self.rows(reader, query, source=source, told=[*told]))
        return all(heard.get(case, 0) >= events for case, events in told.items())

    def quiet(self) -> bool:
        """Whether, in addition, no webhook has pending events: every attempt writes to the database."""
        pending = "SELECT 1 FROM webhooks WHERE state = 'enabled' AND head > cursor LIMIT 1"
        return self.settled() and not self.rows("notifications", pending)

    def end_webhooks(self) -> None:
        """Delete all webhooks: one that fails would be retried for a day, during other tests."""
        self.rows("notifications", "DELETE FROM webhooks")

    def state(self) -> dict[str, dict[str, str | None]]:
        """A fingerprint of each table, by service, once nothing is in progress."""
        wait_for(self.quiet, what="all events to arrive")
        found = {}
        for service, engine in self.engines.items():
            with autocommit(engine) as tx:
                found[service] = snapshot(tx)
        return found

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Asserts that the block stores nothing in any database."""
        before = self.state()
        yield
        after = self.state()
        changed = [
            f"{service}.{table}"
            for service, tables in after.items()
            for table, mark in tables.items()
            if mark != before[service][table]
        ]
        assert not changed, f"stored something in {', '.join(changed)}"


class PlayedCase:
    """A case, and the people who act on it."""

    def __init__(self, office: Office, service: str, code: str, form: dict[str, Any]) -> None:
        self.office, self.service, self.code = office, service, code
        self.people = people(code)
        self.form = FORMS[service](code, **form)
        created = self.caller("applicant").post("/v1/applications", self.form)
        if created.status != 201:
            raise AssertionError(created.body.decode())
        self.id: str = created.json["id"]

    def caller(self, who: str, now: str = NOW) -> Caller:
        return self.office.caller(self.service, self.person(who), now)

    def person(self, who: str) -> Actor:
        """Who that is: `expert` leads the team, whoever was drawn."""
        return expert(self.read("head")["assessment_plan"]["team"][0]["code"]) if who == "expert" else self.people[who]

    def path(self, who: str, action: str | None = None) -> str:
        path = f"{FACES[self.person(who).role]}/{self.id}"
        return f"{path}/actions/{action}" if action else path

    def read(self, who: str = "applicant") -> Any:
        return self.caller(who).get(self.path(who)).json

    def etag(self, who: str) -> str:
        """The ETag that `who` sees now; `*` if they see none."""
        return self.caller(who).get(self.path(who)).headers.get("ETag", "*")

    def attempt(
        self,
        action: str,
        who: str | None = None,
        *,
        now: str = NOW,
        query: str = "",
        headers: Mapping[str, str] | None = None,
        **changes: Any,
    ) -> Answer:
        """Carry out an action with valid content, changed by `changes`, on the current version; returns any
        response."""
        who = who or DOERS[action]
        named = named_in(action, self.read("head"), changes) if action in NAMING else {}
        content = {**content_of(action, self.form), **named, **changes}
        sent = headers or {}
        if "If_Match" not in sent:
            sent = {"If_Match": self.etag(who), **sent}
        return self.caller(who, now).post(self.path(who, action) + query, content, **sent)

    def do(self, action: str, who: str | None = None, *, now: str = NOW, **changes: Any) -> Any:
        """Carry out an action that must succeed, on whatever version is current; returns the case."""
        answer = self.attempt(action, who, now=now, headers={"If_Match": "*"}, **changes)
        if answer.status != 200:
            raise AssertionError(f"{action}: {answer.status} {answer.body.decode()}")
        if action in {"transfer", "return_transfer"}:
            self.people = people(self.code, answer.json["office"]["id"])
        return answer.json

    def until(self, last: str) -> Any:
        """Carry out the actions of WAYS up to and including `last`; returns the case."""
        for action in WAYS[self.service]:
            case = self.do(action)
            if action == last:
                return case
        raise ValueError(f"{last} is not on the way of {self.service}")
