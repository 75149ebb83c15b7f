"""Every example in the API documents, sent to the running system, works as documented."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest
from joserfc.jwk import ECKey

from deploy.local.registers import example
from services.documents import OFFERS
from shared.http import faces, openapi
from shared.http.pages.reference import read
from shared.http.paths import operation_id
from shared.messaging.envelope import new_id
from tests.pressing import log_documents, make_documents
from tests.registered import expert_entry, laboratory_entry, person_entry, standard_entry
from tests.services.spreadsheets import filled
from tests.shared.casework.parts import ENTERED, HISTORIC, MOVED, PATHS, PROCEDURES, STANDING, VARIANTS, register_of
from tests.shared.uploads.files import pdf
from tests.support import DOERS, NOW, WAYS, Answer, Caller, PlayedCase, credit_code, people, wait_for, weighing_test
from tests.support.forms import NAMING, OIML, content_of, elsewhere, named_in
from tests.support.office import LAB
from tests.support.schemas import Documented
from tests.walkthroughs import APPLICANT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from shared.http.pages.reference import Operation
    from shared.http.routes import Route
    from tests.support import Office

pytestmark = pytest.mark.long

CALLERS = {"public": "applicant", "lab": "tester", "expert": "expert", "internal": "head"}
"""By face, somebody who reads."""
AT = "2013-09-24T16:00:00+08:00"
"""When the examples are sent; what they are about was done a week before."""
LATER = {
    "applications_close_hearing": "2013-10-31T16:00:00+08:00",
    "applications_release_archive": "2016-10-31T16:00:00+08:00",
    "licences_renewals_create": "2016-06-17T09:00:00+08:00",
    **{
        f"applications_{action}": "2019-06-10T16:00:00+08:00"
        for action in ("amend", "check", "withdraw_check", "report_correction", "strike_off", "withdraw_declaration")
    },
}
"""Operations that are for a later day."""
AFTER = {
    "change_feedback": ("give_feedback",),
    "reinstate_assessor": ("replace_assessor",),
    "release": ("assign",),
    "withdraw_extension": ("extend",),
}
"""What the table asks for beyond the state."""
PLANNED = {"planned_from": "2013-09-18", "planned_to": "2013-09-20"}
"""An assessment before the examples are sent: one of them reports it."""
FORMS_OF_MARKS = ("applications_create", "applications_submit", "applications_correct", "applications_read")
DECLARED = "2019-06-03T09:00:00+08:00"
"""When C marks are declared."""
ANY_VERSION = {"If_Match": "*"}
SENDING = {
    "type_approval": ("submit", "accept", "commission", "arrange", "receive_samples"),
    "licensing": ("submit", "accept", "plan_assessment"),
}
"""Ways to where laboratories and the office send files."""
RECTIFYING = ("submit", "accept", "plan_assessment", "confirm_assessors", "report_assessment to rectifying")
BESIDES = {
    ("type_approval", "reopen"): ("submit", "terminate"),
    ("licensing", "reopen"): ("submit", "terminate"),
    ("type_approval", "restore_draft"): ("discard",),
    ("licensing", "restore_draft"): ("discard",),
    ("licensing", "return_transfer"): ("submit", "accept", "transfer"),
    ("type_approval", "correct_minutes"): (
        "submit",
        "accept",
        "reject_preliminarily",
        "order_hearing",
        "close_hearing",
    ),
    ("licensing", "correct_minutes"): (*WAYS["licensing"][:-3], "order_hearing", "close_hearing"),
    ("type_approval", "correct_documents"): (*WAYS["type_approval"][:6], "review_documents to faulty", "upload"),
    ("type_approval", "cancel_improved"): (*WAYS["type_approval"][:7], "find_nonconformity", "deliver_improved"),
    **{
        ("licensing", action): ("submit", "accept", "plan_assessment", *before)
        for action, before in (
            ("request_recusal", ()),
            ("withdraw_recusal_request", ("request_recusal",)),
            ("decide_recusal", ("request_recusal",)),
            ("reopen_recusal", ("request_recusal", "decide_recusal to rejected")),
        )
    },
    ("licensing", "withdraw_rectification_report"): (*RECTIFYING, "report_rectification"),
    ("licensing", "withdraw_verification"): (*RECTIFYING, "verify_rectification"),
    **{
        ("type_approval", action): (*WAYS["type_approval"], "report_change")
        for action in ("enter_change", "refuse_change", "withdraw_change_report")
    },
    **{
        ("type_approval", action): (*WAYS["type_approval"], "report_change moved", *before)
        for action, before in (
            ("request_conformity_check", ()),
            *(
                (action, ("request_conformity_check",))
                for action in ("withdraw_conformity_check", "decline_conformity_check", "report_conformity")
            ),
            ("withdraw_conformity_report", ("request_conformity_check", "report_conformity")),
            ("set_conformity_check_aside", ("request_conformity_check", "report_conformity to failed")),
        )
    },
    ("type_approval", "withdraw_named_laboratory"): (*WAYS["type_approval"], "name_laboratory"),
    ("type_approval", "change_document_review"): (*WAYS["type_approval"][:6], "review_documents"),
    ("type_approval", "cancel_handover"): (*WAYS["type_approval"][:6], "hand_over_samples"),
    ("type_approval", "dispose_of_samples"): WAYS["type_approval"],
    **{
        ("type_approval", action): (*WAYS["type_approval"], "dispose_of_samples")
        for action in ("cancel_disposal", "release_archive")
    },
    ("type_approval", "examine_oiml"): ("submit naming", "accept"),
    ("type_approval", "withdraw_oiml_examination"): ("submit naming", "accept", "examine_oiml"),
    ("type_approval", "assess_change_by_office"): ("enter", "declare_change"),
    ("type_approval", "withdraw_office_opinion"): ("enter", "declare_change", "assess_change_by_office"),
    **{
        ("type_approval", action): (*WAYS["type_approval"], *STANDING[:done])
        for action, done in (
            *(("assess_change", 1), ("withdraw_declared_change", 1), ("withdraw_opinion", 2), ("lift_order", 3)),
        )
    },
    ("type_approval", "take_change_back"): (*WAYS["type_approval"], "correct_document"),
    ("type_approval", "withdraw_cancellation"): (*WAYS["type_approval"], "revoke", "cancel_ended"),
    **{
        ("c_mark", action): ("submit declared", "check to correct")
        for action in ("withdraw_check", "report_correction", "strike_off")
    },
    **{("c_mark", action): ("submit declared",) for action in ("amend", "check", "withdraw_declaration")},
    ("licensing", "end_contract"): (*WAYS["licensing"], "report_contract"),
    ("licensing", "settle_approval"): (*WAYS["licensing"], "lose approval"),
    ("licensing", "withdraw_cancellation"): (*WAYS["licensing"], "revoke", "cancel_ended"),
    **{(service, "take_entry_back"): ("enter",) for service in HISTORIC},
}
"""Ways to what those that pass every state do not lead to."""
LOST = (
    "UPDATE cases SET data = data || jsonb_build_object('lost_approvals', jsonb_build_array(jsonb_build_object("
    "'certificate', '2013F101-22', 'on', '2013-09-17', 'zh', '撤销', 'en', 'revoked', 'lines', '[1]'::jsonb)))"
    " WHERE id = :id"
)
"""A type approval under a licence ends, which the service hears of."""
PARKED = (
    "INSERT INTO held (type, subject, body, error, parked_at)"
    " VALUES ('', '', convert_to(:body, 'UTF8'), 'not JSON', now()) RETURNING id"
)


@dataclass(frozen=True)
class Document:
    """What one service says of its operations on one face."""

    text: dict[str, Any]
    schemas: Documented
    operations: dict[str, Operation]


@cache
def document(service: str, face: faces.Face) -> Document:
    """The document of the service on that face. Made when a test asks: to collect the tests takes no documents."""
    offer = next(offer for offer in OFFERS if offer.service == service)
    text = json.loads(json.dumps(openapi.document(face, [offer])))
    listed = (operation for section in read(text).sections for operation in section.operations)
    return Document(text, Documented(text), {operation.id: operation for operation in listed})


@dataclass(frozen=True)
class Asked:
    """An operation of one service on one face."""

    service: str
    face: faces.Face
    id: str

    def __str__(self) -> str:
        return f"{self.service}-{self.face.name}-{self.id}"

    @property
    def document(self) -> Document:
        """The document it stands in."""
        return document(self.service, self.face)

    @property
    def operation(self) -> Operation:
        return self.document.operations[self.id]

    @property
    def action(self) -> str | None:
        """What is done to a case, if it is that."""
        found = re.search("/applications/{ref}/actions/(.*)", self.operation.path)
        return found[1] if found else None

    @property
    def who(self) -> str:
        """Somebody who may."""
        reads = CALLERS[self.face.name]
        return DOERS[self.action] if self.action and reads != "expert" else reads


def routes_of(offer: faces.Offer) -> Iterator[Route]:
    for route in offer.routes:
        yield from (route,) if route.operations is None else route.operations


def asked() -> Iterator[Asked]:
    """What the other permits offer too, of the C mark only where its form is sent: it is the same code."""
    others = {(route.method, route.path) for offer in OFFERS if offer.service != "c_mark" for route in routes_of(offer)}
    for offer in OFFERS:
        for route in routes_of(offer):
            it = Asked(offer.service, faces.face_of(route), operation_id(route))
            shared = (route.method, route.path) in others
            if not (shared and offer.service == "c_mark") or it.id in FORMS_OF_MARKS:
                yield it


OPERATIONS = list(asked())


@dataclass
class Story:
    """What the examples are about: a maker with an approval and a licence, a laboratory, an office."""

    office: Office
    code: str
    cases: dict[str, PlayedCase]
    places: dict[str, list[tuple[tuple[str, ...], str]]] = field(default_factory=dict)
    idle: dict[tuple[str, tuple[str, ...]], list[PlayedCase]] = field(default_factory=dict)
    """By service and by the way that they went, cases with which nothing was done since."""

    def answer(self, it: Asked, about: PlayedCase) -> Answer:
        """What the example of the operation is answered, asked about that case if it is about one."""
        request, caller = it.operation.request, self.caller(it, about)
        names = {name: self.name(it, name, shown, about) for name, shown in request.params.items()}
        path = re.sub("{(.*?)}", lambda match: names[match[1]], request.path)
        if it.operation.path.endswith(("/calendar-key", "/calendars")):
            key = self.calendar_key(it)
            request = replace(request, query=dict.fromkeys(request.query, key))
        if request.query:
            path += "?" + "&".join(f"{name}={value}" for name, value in request.query.items())
        headers = dict(request.headers)
        if "If-Match" in headers:
            of = re.sub("/(actions|spreadsheet|dcc)(/.*|$)", "", path.partition("?")[0])
            headers["If-Match"] = caller.get(of).headers["ETag"]
        body = None
        if request.body is not None:
            named = named_in(it.action, about.read("head"), {}) if it.action in NAMING else {}
            # What was not tested is of the case, and so is what is to be confirmed.
            told = {**content_of(it.action or ""), **named}
            sent = request.body
            if it.action and it.service == "licensing" and "form" in sent:
                # Another case may be for the place that the example names: each stays at its own.
                sites = about.read("applicant")["form"]["production_sites"]
                sent = {**sent, "form": {**sent["form"], "production_sites": sites}}
            if more := {name: told[name] for name in ("left_out", "confirmed") if name in told}:
                sent = {**sent, **more}
            # No two experts have one certificate, and who was drawn is not known before.
            shown = json.dumps(sent).replace(APPLICANT, about.code).replace("2012007", credit_code()[-8:])
            shown = shown.replace("E-1", named.get("assessor", "E-1"))
            body = shown.encode()
        if request.file:
            body = self.file(it, path, caller)
        return caller.send(request.method, path, b"" if body is None and request.method == "POST" else body, **headers)

    def caller(self, it: Asked, about: PlayedCase | None = None) -> Caller:
        someone = about or self.cases.get(it.service) or self.about(it)
        actor = None if it.operation.public else someone.person(it.who)
        return self.office.caller(it.service, actor, LATER.get(it.id, AT))

    def about(self, it: Asked) -> PlayedCase:
        """A case that has been through everything; for a new form, one that has just been begun, and for experts, one
        that is being assessed."""
        if it.who == "expert" and "{ref}" in it.operation.path:
            return self.played("licensing", SENDING["licensing"])
        if it.id == "applications_replace" or (it.who == "applicant" and "/documents" in it.operation.path):
            return self.played(it.service, ())
        if "/samples/" in it.operation.path:
            return self.played(it.service, WAYS[it.service][:-2])
        taken_back = it.operation.method == "DELETE" and "/documents" in it.operation.path
        if "{ref}" in it.operation.path and (it.operation.request.file or taken_back):
            return self.played(it.service, SENDING[it.service])
        return self.cases.get(it.service) or self.cases["licensing" if it.who == "expert" else "type_approval"]

    def name(self, it: Asked, name: str, shown: str, about: PlayedCase) -> str:
        """What stands in the path, of what there is; else what the document shows."""
        before = it.operation.path.partition(f"/{{{name}}}")[0].rpartition("/")[2]
        known: dict[str, Callable[[], Any]] = {
            "applications/ref": lambda: about.id,
            "cases/number": lambda: about.read()["number"],
            "clocks/clock": lambda: self.clock(it, about),
            "certificates/number": lambda: self.cases["type_approval"].read()["certificate"],
            "marks/number": lambda: self.cases["c_mark"].read()["mark"],
            "licences/number": lambda: self.cases["licensing"].read()["licence"],
            "p/number": lambda: self.paper(it)[0],
            "n/number": lambda: self.paper(it)[0],
            "documents/document": lambda: self.document(it, about),
            "notices/number": lambda: self.notice(it, about),
            "{number}/code": lambda: self.paper(it)[1],
            "historic/batch": lambda: self.load(it.service, credit_code()),
            "absences/id": lambda: self.absence(it),
            "messages/id": lambda: self.message(it),
            "undelivered/id": self.undelivered,
            "webhooks/webhook": lambda: self.webhook(it, about),
            "laboratories/lab": lambda: self.laboratory(it),
            "people/code": lambda: self.entry(it, "people"),
            "standards/code": lambda: self.entry(it, "standards"),
            "experts/code": lambda: self.expert(it),
            "devices/code": lambda: self.device(it),
            "mandates/code": lambda: self.mandate(it),
            "parked/id": lambda: self.office.rows(it.service, PARKED, body=f"junk {new_id()}")[0][0],
        }
        return str(known.get(f"{before}/{name}", lambda: shown)())

    def notice(self, it: Asked, about: PlayedCase) -> str:
        """A notice; where its service is registered, one of which no step does that."""
        if not it.operation.path.endswith("/service"):
            return str(about.read()["time_notice"]["number"])
        unserved = (one for one in about.read("head")["notices"] if "service" in one and "served" not in one)
        return str(next(unserved)["number"])

    def laboratory(self, it: Asked) -> str:
        """One that has people and standards, or where it is changed a new one."""
        if it.operation.method == "GET":
            return LAB
        return self.begun(it, "/internal/v1/laboratories", laboratory_entry(f"L{credit_code()[-8:]}", "某院"))

    def entry(self, it: Asked, register: str) -> str:
        """A person or standard, where it is changed a new one."""
        people = register == "people"
        if it.operation.method == "GET":
            return "tester-1" if people else "M1-set"
        code = credit_code()[-8:]
        form = person_entry(LAB, code) if people else standard_entry(code, "2014-05-30")
        return self.begun(it, f"/v1/lab/{register}", form)

    def expert(self, it: Asked) -> str:
        """An expert, where it is changed a new one."""
        if it.operation.method == "GET":
            return "E-1"
        return self.begun(it, "/internal/v1/experts", expert_entry(f"X{credit_code()[-8:]}", kinds=["taximeter"]))

    def device(self, it: Asked) -> str:
        """A device with a key; the office reads one of the laboratory."""
        key = ECKey.generate_key("P-256").as_dict(private=False)
        days = {"valid_from": "2013-01-01", "valid_until": "2016-12-31", "since": "2013-01-01"}
        form = {"code": f"D{credit_code()[-8:]}", "name": "加载台", "x": key["x"], "y": key["y"], **days}
        keeper = self.office.caller(it.service, people(self.code)["tester"], AT)
        assert keeper.post("/v1/lab/devices", form).status == 201
        if it.operation.path.endswith("/restore"):
            ended = {"since": "2013-09-01", "reason": "密钥遗失"}
            assert keeper.post(f"/v1/lab/devices/{form['code']}/actions/end", ended, **ANY_VERSION).status == 200
        return str(form["code"])

    def mandate(self, it: Asked) -> str:
        days = {"valid_from": "2013-01-01", "valid_until": "2014-12-31"}
        return self.begun(it, "/v1/mandates", {"code": credit_code(), "name": "某代理公司", "scope": "act", **days})

    def begun(self, it: Asked, path: str, form: dict[str, Any]) -> str:
        """An entry of a register, ended where that is to be taken back."""
        caller, code = self.caller(it), str(form["code"])
        assert caller.post(path, {**form, "since": "2013-01-01"}).status == 201
        if it.operation.path.endswith("/restore"):
            ended = {"since": "2013-09-01", "reason": "误报废"}
            assert caller.post(f"{path}/{code}/actions/end", ended, **ANY_VERSION).status == 200
        return code

    def file(self, it: Asked, path: str, caller: Caller) -> bytes:
        """What a laboratory or an applicant would send there."""
        if "/import" in path:
            return example(path.partition("/import")[0].rpartition("/")[2])
        if "/historic" in path:
            return register_of(it.service, credit_code(), "")
        if "/documents" in path:
            return pdf(b"example")
        if path.endswith("/spreadsheet"):
            return filled(caller.get(f"{path}?item=r76.weighing").body, weighing_test())
        return caller.get(f"{self.cases[it.service].path(it.who)}/dcc").body

    def load(self, service: str, code: str) -> str:
        """An import of a historic register with a permit of the maker `code` in force."""
        caller = self.office.caller(service, people(code)["head"], AT)
        path = f"/internal/v1/{HISTORIC[service].permit.name}s/historic?source=旧台账"
        answer = caller.send("POST", path, register_of(service, code, ""), Content_Type="text/csv")
        return str(answer.json["batch"])

    def document(self, it: Asked, about: PlayedCase) -> Any:
        """One that is sent for the example; the office and the laboratory read what was submitted."""
        if it.who == "applicant":
            return send_document(about).json["id"]
        if it.operation.method in {"PUT", "DELETE"} or it.who == "expert":
            kind = "custody_photo" if it.face.name == "lab" else "assessment_evidence"
            sent = f"{about.path(it.who)}/documents?kind={kind}&name=样机.pdf"
            return self.caller(it, about).send("POST", sent, pdf(), Content_Type="application/pdf").json["id"]
        return self.caller(it, about).get(f"{about.path(it.who)}/documents").json["items"][0]["id"]

    def clock(self, it: Asked, about: PlayedCase) -> Any:
        cases = it.operation.path.partition("/{number}")[0]
        return self.caller(it).get(f"{cases}/{about.read()['number']}/clocks").json["items"][0]["id"]

    def paper(self, it: Asked) -> Any:
        made = (
            "SELECT number, code FROM issues"
            " WHERE case_id = :case AND made_at IS NOT NULL AND (notice IS NOT NULL) = :notice"
        )
        notice = it.operation.path.startswith("/n/")
        return self.office.rows(it.service, made, case=self.cases[it.service].id, notice=notice)[0]

    def absence(self, it: Asked) -> Any:
        away = {"from": "2014-03-03", "to": "2014-03-07", "cover": "wang"}
        return self.caller(it).post("/internal/v1/staff/li/absences", away).json["id"]

    def message(self, it: Asked) -> Any:
        return self.caller(it).get(it.operation.path.partition("/{id}")[0]).json["items"][0]["id"]

    def undelivered(self) -> Any:
        failed = (
            "UPDATE messages SET state = 'failed' WHERE id = (SELECT max(id::text)::uuid FROM messages) RETURNING id"
        )
        return self.office.rows("notifications", failed)[0][0]

    def calendar_key(self, it: Asked) -> str:
        """A key for calendars of the side that asks, or of that whose port is asked."""
        path = f"{it.operation.path.rpartition('/')[0]}/calendar-key"
        maker = self.office.caller("notifications", self.cases["licensing"].person(it.who), AT)
        return str(maker.post(path).json["key"])

    def webhook(self, it: Asked, about: PlayedCase) -> Any:
        made = next(one for one in OPERATIONS if (one.id, one.face) == ("webhooks_create", it.face))
        return self.answer(made, about).json["id"]

    def reached(self, it: Asked) -> Iterator[PlayedCase]:
        """Cases in each state in which the table has the action, by the ways that lead there. Ask for the next only
        after the action was refused."""
        for way in self.leading(it):
            case = self.played(it.service, way)
            yield case
            self.idle.setdefault((it.service, way), []).append(case)

    def leading(self, it: Asked) -> Iterator[tuple[str, ...]]:
        """The ways to the states in which the table has the action."""
        action = it.action
        sources = {row.source for row in PROCEDURES[it.service].transitions if row.action == action}
        if way := BESIDES.get((it.service, str(action))):
            yield tuple(way)
        for way, state in self.ways(it.service):
            if state in sources:
                yield (*way, *AFTER.get(action or "", ()))

    def ways(self, service: str) -> list[tuple[tuple[str, ...], str]]:
        """Ways through the table, people's steps only, and the state each ends in."""
        if service not in self.places:
            found: dict[tuple[str, ...], str] = {(): "draft"}
            for path in [*PATHS[service], *([RECTIFYING] if service == "licensing" else [])]:
                case, way = self.played(service, ()), tuple[str, ...]()
                for action in path:
                    if DOERS.get(action.split()[0]) == "system":
                        break
                    way = (*way, action)
                    found[way] = self.step(case, action)["state"]
                self.idle.setdefault((service, way), []).append(case)
            self.places[service] = sorted(found.items(), key=lambda item: len(item[0]))
        return self.places[service]

    def played(self, service: str, way: tuple[str, ...]) -> PlayedCase:
        """A case that went this way; from where an idle one is, as far along it as there is one."""
        named: dict[str, Any] = {"oiml_certificate": OIML} if "submit naming" in way else {}
        for done in range(len(way), 0 if named else -1, -1):
            if idle := self.idle.get((service, way[:done])):
                case = idle.pop()
                break
        else:
            # Of one maker there is no second application for the same under way: licences are for other places.
            of_the_maker = service == "licensing"
            named |= elsewhere() if of_the_maker else {}
            done, case = 0, self.office.case(service, self.code if of_the_maker else None, **named)
        for action in way[done:]:
            self.step(case, action)
        return case

    def step(self, case: PlayedCase, action: str) -> Any:
        if action == "lose approval":
            return self.office.rows("licensing", LOST, id=case.id)
        if action == "enter":
            # The permit is in a case of its own, which is meant from here on; the draft stays behind.
            batch = self.load(case.service, case.code)
            ((case.id,),) = self.office.rows(case.service, ENTERED, batch=batch)
            return None
        if action == "upload":
            return send_document(case, "user_manual")
        name, _, how = action.partition(" ")
        now = DECLARED if how == "declared" else LATER.get(f"applications_{name}", NOW)
        changes = VARIANTS[name][1] if how.startswith("to ") else PLANNED if name == "plan_assessment" else {}
        if how == "moved":
            changes = MOVED
        return case.do(name, now=now, **changes)


@pytest.fixture(scope="module")
def story(office: Office) -> Iterator[Story]:
    code = credit_code()
    approval = office.case("type_approval", code)
    send_document(approval)
    approval.until("deliver")
    wait_for(office.settled, what="licensing to know the certificate")
    licence = office.case("licensing", code)
    send_document(licence)
    licence.until("deliver")
    wait_for(office.settled, what="notifications to know the licence")
    mark = office.case("c_mark", code)
    mark.until("deliver")
    make_documents(office, approval, licence, mark)
    for case in (approval, licence, mark):
        log_documents(office, case.service)
    story = Story(office, code, {"type_approval": approval, "licensing": licence, "c_mark": mark})
    for it in OPERATIONS:
        if it.id in {"staff_replace", "contact_replace"}:
            assert story.answer(it, story.about(it)).status == 200
    # Who stands in where somebody is away.
    wang = {"name": "王收件", "email": "wang@metrology.example", "posts": ["intake"], "language": "both"}
    assert office.caller("notifications", people(code)["head"]).put("/internal/v1/staff/wang", wang).status == 200
    yield story
    office.end_webhooks()


@pytest.mark.parametrize("it", OPERATIONS, ids=str)
def test_an_example_is_answered_as_it_is_documented(it: Asked, story: Story) -> None:
    refused = []
    for case in story.reached(it) if it.action else [story.about(it)]:
        answer = story.answer(it, case)
        if answer.status == int(it.operation.status):
            break
        refused.append((answer.status, answer.body.decode()))
    else:
        raise AssertionError(refused or "no way through the table leads to it")
    content = success(it).get("content", {})
    if "application/json" in content:
        assert it.document.schemas.faults(content["application/json"]["schema"], answer.json) == []
    else:
        known = {answer.headers.get("Content-Type", "text/plain").partition(";")[0], "*/*"} & content.keys()
        assert known or (answer.status, content) == (204, {})
    assert {name.title() for name in success(it)["headers"]} <= {name.title() for name in answer.headers}


def send_document(case: PlayedCase, kind: str = "other") -> Answer:
    path = f"{case.path('applicant')}/documents?kind={kind}&name=a.pdf"
    return case.caller("applicant").send("POST", path, pdf(), Content_Type="application/pdf")


def success(it: Asked) -> dict[str, Any]:
    item = it.document.text["paths"][it.operation.path][it.operation.method.lower()]
    return item["responses"][it.operation.status]  # type: ignore[no-any-return]


@pytest.mark.parametrize("it", OPERATIONS, ids=str)
def test_a_curl_line_says_what_the_example_is(it: Asked) -> None:
    request = it.operation.request
    command, *arguments = shlex.split(it.operation.curl)
    assert command == "curl"
    assert f"$URL{request.url}" in arguments
    options = {value for option, value in pairwise(arguments) if option == "-H"}
    token = set() if it.operation.public else {"Authorization: Bearer $TOKEN"}
    assert options == {f"{name}: {value}" for name, value in request.headers.items()} | token
    sent = [value for option, value in pairwise(arguments) if option == "-d"]
    assert [json.loads(body) for body in sent] == ([] if request.body is None else [request.body])
