"""The demo story: one manufacturer's scale, from its application to certificate and licence.

It takes place in 2013 and 2014: every call gives its `now`. It waits for events, never for time, and retries if a
service does not respond, so it reaches the same end even if services are killed on the way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from deploy.local import story_forms as forms
from deploy.local.client import Client, Refused, wait_for
from shared.identity import Actor, Role

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from deploy.local.system import System

ZONE = ZoneInfo("Asia/Shanghai")

APPLICANT = Actor("sun", "孙负责", Role.APPLICANT, forms.APPLICANT)
INTAKE = Actor("wang", "王受理", Role.STAFF, posts=frozenset({"intake"}))
EXAMINER = Actor("li", "李承办", Role.STAFF, posts=frozenset({"examiner"}))
DECIDER = Actor("zhao", "赵局长", Role.STAFF, posts=frozenset({"decider"}))
OPERATOR = Actor("he", "何运维", Role.STAFF, posts=frozenset({"operator"}))
TESTER = Actor("chen", "陈主检", Role.LAB, forms.LAB)
CHECKER = Actor("zhou", "周核验", Role.LAB, forms.LAB)
SIGNATORY = Actor("wu", "吴批准", Role.LAB, forms.LAB)

FACE = {Role.APPLICANT: "/v1", Role.LAB: "/v1/lab", Role.STAFF: "/internal/v1"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A step that was carried out: when, by whom, what, and in which case."""

    at: datetime
    who: str
    what: str
    case: str


@dataclass(frozen=True, slots=True)
class Step:
    """An action of a person on a day, at ten in the morning."""

    on: date
    actor: Actor
    action: str
    body: Mapping[str, Any]
    what: str


EVALUATION = (
    Step(date(2013, 9, 22), INTAKE, "accept", {}, "受理 accepts it: this Sunday is a working day 调休"),
    Step(date(2013, 9, 25), EXAMINER, "commission", forms.COMMISSION, "委托型式评价 commissions the evaluation"),
    Step(
        date(2013, 9, 25),
        EXAMINER,
        "serve_time_notice",
        forms.EVALUATION_NOTICE,
        "送达所需时间告知书 serves the notice of the time needed",
    ),
    Step(date(2013, 10, 15), TESTER, "arrange", forms.ARRANGEMENT, "联系申请人 contacts the applicant, a day late"),
    Step(date(2013, 10, 18), TESTER, "receive_samples", forms.SAMPLES, "接收样机 receives the samples"),
    Step(date(2013, 10, 21), TESTER, "record_test", forms.TESTS[0], "试验 tests: 称量性能 weighing performance"),
    Step(date(2013, 10, 28), TESTER, "record_test", forms.TESTS[1], "试验 tests: 静态温度 static temperatures"),
    Step(date(2013, 11, 26), TESTER, "draft_report", forms.REPORT, "出具报告 draws up the report"),
    Step(date(2013, 11, 28), CHECKER, "check_report", {"opinion": "数据无误"}, "核验报告 checks the report"),
    Step(date(2013, 11, 29), SIGNATORY, "issue_report", {"opinion": "同意"}, "批准报告 signs and issues the report"),
    Step(date(2013, 12, 5), EXAMINER, "review", forms.REPORT_REVIEW, "审查报告 examines the report"),
    Step(date(2013, 12, 10), DECIDER, "grant", {}, "准予型式批准 grants the type approval"),
)

DELIVERY = Step(date(2013, 12, 13), INTAKE, "deliver", forms.CERTIFICATE_RECEIPT, "送达证书 delivers the certificate")

LICENSING = (
    Step(date(2013, 12, 13), INTAKE, "accept", {}, "受理 accepts the licence application"),
    Step(date(2013, 12, 20), EXAMINER, "plan_assessment", forms.ASSESSMENT_PLAN, "抽取考核组 draws the team"),
    Step(date(2013, 12, 23), EXAMINER, "confirm_assessors", forms.CONFIRMATION, "考评员确认 the assessors agree"),
    Step(
        date(2013, 12, 27),
        EXAMINER,
        "serve_time_notice",
        forms.ASSESSMENT_NOTICE,
        "送达所需时间告知书 serves the notice of the time needed",
    ),
    Step(
        date(2014, 2, 12),
        EXAMINER,
        "report_assessment",
        forms.ASSESSMENT_REPORT,
        "提交考核报告 files the report; the Spring Festival lay between",
    ),
    Step(date(2014, 2, 14), EXAMINER, "review", forms.ASSESSMENT_REVIEW, "审查 examines the case"),
    Step(date(2014, 2, 18), DECIDER, "grant", {}, "准予制造许可 grants the licence"),
    Step(date(2014, 2, 24), INTAKE, "deliver", forms.LICENCE_RECEIPT, "送达许可证 delivers the licence"),
)

RUNGS = {
    "reminder": "提醒 reminder",
    "due": "到期日 last day",
    "breach": "逾期 breach, recorded for good",
    "escalation": "上报 escalation",
    "expired": "期满 expired",
}


@dataclass(slots=True)
class Story:
    """Run it with `tell`; the numbers are known afterwards."""

    system: System
    type_approval: str = ""
    licence_application: str = ""
    certificate: str = ""
    licence: str = ""
    today: date = field(default=date(2013, 9, 17))

    def tell(self) -> Iterator[Moment]:
        """Carry out the story, yielding every moment as it happens."""
        self.type_approval = self._submit("type_approval", forms.TYPE_APPROVAL_FORM, 9)
        yield Moment(instant(self.today, 9), APPLICANT.name, "申请型式批准 applies for approval", self.type_approval)
        self.licence_application = self._submit("licensing", forms.licence_form(self.type_approval), 10)
        lodged = "预先提交制造许可申请 submits the licence application in advance"
        yield Moment(instant(self.today, 10), APPLICANT.name, lodged, self.licence_application)
        for step in EVALUATION:
            yield from self._do("type_approval", step)
        self.certificate = self._case("type_approval", self.type_approval)["certificate"]
        # No new input is needed: the certificate's event triggers the receipt of the waiting application.
        wait_for(
            "the application submitted in advance to be received automatically",
            lambda: self._case("licensing", self.licence_application)["state"] == "received",
        )
        self._caught_up("licensing", self.licence_application)
        received = "预先提交的申请自动收件 the application submitted in advance is received automatically"
        yield Moment(instant(self.today, 10), "系统 system", received, self.licence_application)
        yield from self._do("type_approval", DELIVERY)
        for step in LICENSING:
            yield from self._do("licensing", step)
        self.licence = self._case("licensing", self.licence_application)["licence"]

    def client(self, service: str, actor: Actor | None = None) -> Client:
        return Client(self.system.url(service), self.system.token(actor) if actor else None)

    def clocks(self, number: str) -> list[dict[str, Any]]:
        """The clocks of a case, as staff see them at the end of the last day."""
        path = f"/internal/v1/cases/{number}/clocks"
        return list(self.client("notifications", INTAKE).get(path, instant(self.today, 18))["items"])

    def messages(self, number: str) -> list[dict[str, Any]]:
        return list(self.client("notifications", INTAKE).get(f"/internal/v1/cases/{number}/messages")["items"])

    def _submit(self, service: str, form: dict[str, Any], hour: int) -> str:
        """Create a draft and submit it; returns its number."""
        at = instant(self.today, hour)
        client = self.client(service, APPLICANT)
        draft = client.post("/v1/applications", form, at)

        def submitted() -> dict[str, Any] | None:
            try:
                return client.act(f"/v1/applications/{draft['id']}", "submit", {}, at)
            except Refused as refused:
                # Licensing learns of the pending type approval from an event that may not have arrived yet.
                if "unknown_type_approval" not in refused.codes:
                    raise
                return None

        return str(wait_for("the type approval to be known to licensing", submitted)["number"])

    def _do(self, service: str, step: Step) -> Iterator[Moment]:
        yield from self._until(step.on)
        number = self.type_approval if service == "type_approval" else self.licence_application
        at = instant(self.today, 10)
        case = f"{FACE[step.actor.role]}/applications/{number}"
        self.client(service, step.actor).act(case, step.action, step.body, at)
        self._caught_up(service, number)
        yield Moment(at, step.actor.name, step.what, number)

    def _until(self, day: date) -> Iterator[Moment]:
        """Let the days pass, with a sweep of due clocks each morning."""
        client = self.client("notifications", OPERATOR)
        while self.today < day:
            self.today += timedelta(days=1)
            morning = instant(self.today, 8)
            if client.post("/internal/v1/sweeps", {}, morning)["fired"]:
                for number in (self.type_approval, self.licence_application):
                    yield from self._fired(number, morning)

    def _fired(self, number: str, morning: datetime) -> Iterator[Moment]:
        clocks = self.client("notifications", INTAKE).get(f"/internal/v1/cases/{number}/clocks", morning)["items"]
        for clock in clocks:
            for fired in clock["fired"]:
                if datetime.fromisoformat(fired["fired_at"]) == morning:
                    name = clock["name"]
                    what = f"{RUNGS[fired['kind']]}: {name['zh']} {name['en']}, {fired['due_on']}"
                    yield Moment(morning, "系统 system", what, number)

    def _caught_up(self, service: str, number: str) -> None:
        """Wait until notifications has handled all events of this case."""
        told = self._case(service, number)["events"]
        client = self.client("notifications", INTAKE)
        wait_for(
            f"notifications to hear event {told} of {number}",
            # More is told meanwhile, of documents that are made.
            lambda: (client.find(f"/internal/v1/cases/{number}/clocks") or {}).get("heard", 0) >= told,
        )

    def _case(self, service: str, number: str) -> dict[str, Any]:
        return self.client(service, INTAKE).get(f"/internal/v1/applications/{number}")


def instant(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE).astimezone(UTC)
