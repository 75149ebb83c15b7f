"""Cases driven through the engine, without HTTP."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import Connection, insert, text

from services.c_mark.procedure import PROCEDURE as C_MARK
from services.licensing.licence.historic import LICENCES
from services.licensing.procedure import PROCEDURE as LICENSING
from services.type_approval.certificate.historic import CERTIFICATES
from services.type_approval.procedure import PROCEDURE as TYPE_APPROVAL
from shared.casework import Case, Cause, Transition, apply, create, get_case
from shared.historic.kinds import Told
from shared.historic.loads import take
from shared.identity import SYSTEM, Actor, Role
from shared.law import load
from shared.messaging.envelope import new_id
from shared.problems import Problem
from shared.uploads.models import uploads
from tests.shared.casework.rights import laboratory_for
from tests.support import (
    DOERS,
    WAYS,
    c_mark_form,
    content_of,
    credit_code,
    expert,
    licence_form,
    people,
    type_approval_form,
)
from tests.support.forms import NAMING, OIML, findings, named_in

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

NOW = datetime(2013, 9, 17, 1, 0, tzinfo=UTC)
DECLARED_AT = datetime(2019, 6, 3, 1, 0, tzinfo=UTC)
"""When the law has the C mark declared."""
RULES = load("jilin-2013")
PROCEDURES = {"type_approval": TYPE_APPROVAL, "licensing": LICENSING, "c_mark": C_MARK}
FORMS = {"type_approval": type_approval_form, "licensing": licence_form, "c_mark": c_mark_form}
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "report_assessment": tuple(
        {
            "conclusion": conclusion,
            "findings": findings(c4_2=result),
        }
        for conclusion, result in (("pass", "conform"), ("rectify", "minor"), ("fail", "major"))
    ),
    "decide_recusal": ({}, {"outcome": "rejected", "reason": "经核实无利害关系"}),
    "deem_accept": ({}, {"due_on": "2013-09-16"}),
    "record_test": ({}, {"serial": "S-2"}, {"supersedes": 1, "reason": "读数抄错"}),
    "review_documents": (
        {},
        {"documents": [{"document": "user_manual", "verdict": "not_conform", "remark": "无封印位置"}]},
    ),
    "draft_report": ({}, {"conclusion": "fail"}),
    "refuse": ({}, {"bar": "FALSE_MATERIALS"}),
    "revoke": ({}, {"fault": "holder", "bar": "DECEIT"}),
    "examine_oiml": ({}, {"decision": "refuse", "reason": "国家要求差异过大，须全部重新试验"}),
    "release_archive": ({"now": NOW + timedelta(days=1200)},),
    "close_hearing": ({"now": NOW + timedelta(days=20)},),
    "assess": ({}, {"conclusion": "fail"}),
    "check": ({}, {"result": "to_correct", "findings": "净含量不足"}),
    "report_conformity": ({}, {"conforms": False}),
    "lapse": ({"now": NOW + timedelta(days=1200)},),
}
"""Contents of an action that lead different ways."""
HISTORIC = {"type_approval": CERTIFICATES, "licensing": LICENCES}
HEADINGS = {
    "type_approval": "证号,单位名称,单位代码,住所,类别,器具,发证机关,发证日期,失效日期,失效原因",
    "licensing": "证号,单位名称,单位代码,住所,器具,发证机关,发证日期,有效期至,失效日期,失效原因",
}
ENTRY = {
    "type_approval": "2006F{serial}-22,老厂,{code},某街1号,non_automatic_scale,秤=ACS-15,某局,2006-05-08,{ended}",
    "licensing": "吉制0201{serial}号,老厂,{code},某街1号,秤=ACS-15,某局,2009-05-08,2015-05-07,{ended}",
}
"""A line of a historic register."""
SERIALS = count(1000)
ENTERED = "SELECT id::text FROM cases WHERE data -> 'entered' ->> 'batch' = :batch ORDER BY number"
"""The cases of an import."""
LIVE = ("grant", "deliver")
"""After which a licence is in force."""
GONE = "dispose_of_samples"
MOVED = {"places_of_manufacture": ["吉林省长春市新试验路9号"]}
"""What is made elsewhere from now on."""
STANDING = ("declare_change", "assess_change", "issue_order")
"""What is attached to a certificate in force."""
ENDING = ("abolish_type", "revoke", "withdraw_certificate", "cancel")
"""By which the office ends a certificate."""
HEARD = ("tell_hearing_right", "request_hearing", "order_hearing")
"""By which a hearing comes about that the applicant asks for."""
PATHS = {
    "type_approval": [
        WAYS["type_approval"],
        ("submit", "request_supplement", "supplement"),
        ("submit", "deem_accept"),
        ("submit", "accept", "reject_preliminarily", *HEARD),
        ("submit", "accept", "commission", "arrange", "receive_samples", "record_test", "find_nonconformity"),
        (*WAYS["type_approval"][:6], "review_documents"),
        (*WAYS["type_approval"][:7], "void_test"),
        *((*WAYS["type_approval"][:step], "write_programme", "approve_programme") for step in (5, 6, 7)),
        (*WAYS["type_approval"][:7], "review_documents"),
        (*WAYS["type_approval"][:-3], *HEARD),
        (*WAYS["type_approval"][:-2], "refuse", "deliver", GONE),
        *((*WAYS["type_approval"][:10], end, GONE) for end in ("withdraw", "terminate")),
        (*WAYS["type_approval"], GONE),
        *((*WAYS["type_approval"], "issue_order", end, GONE) for end in ENDING),
        *(
            (*way, "report_change", "enter_change", *STANDING)
            for way in (WAYS["type_approval"][:-1], WAYS["type_approval"])
        ),
    ],
    "licensing": [
        WAYS["licensing"],
        (*WAYS["licensing"][:-3], *HEARD),
        (*WAYS["licensing"][:-2], *HEARD),
        ("submit", "request_supplement", "supplement"),
        ("submit", "deem_accept"),
        ("submit", "accept", "plan_assessment", "request_recusal", "decide_recusal"),
        (*WAYS["licensing"][:-2], "refuse", "deliver"),
        *(
            (*way, "report_change", "enter_change", "report_contract")
            for way in (WAYS["licensing"][:-1], WAYS["licensing"])
        ),
        *((*WAYS["licensing"], end) for end in ("expire", "revoke", "withdraw_licence", "penalise")),
    ],
    "c_mark": [
        WAYS["c_mark"],
        (*WAYS["c_mark"][:-3], *HEARD),
        (*WAYS["c_mark"][:-2], *HEARD),
        ("submit", "request_supplement", "supplement"),
        ("submit", "deem_accept"),
        (*WAYS["c_mark"][:-2], "refuse", "deliver"),
        *((*WAYS["c_mark"], end) for end in ("revoke", "withdraw_mark", "cancel")),
        *((*way, "report_change", "enter_change") for way in (WAYS["c_mark"][:-1], WAYS["c_mark"])),
    ],
}
"""Ways that together pass every state."""

REFUSALS = {
    "not_confirmed",
    *("unknown_record", "tested_prototype", "to_be_improved", "told_once", "served_already", "extended_already"),
    *(
        "not_held",
        "may_be_requested",
        "held_already",
        "improved_once",
        "reviewed_already",
        "unchanged",
        "check_under_way",
        "does_not_conform",
        "twice",
        "unknown_order",
        "not_confirmed",
    ),
    *(
        "samples_left",
        "told_in_time",
        "conclusion_contradicts_records",
        "incomplete",
        "unknown_prototype",
        "not_evaluated",
        "too_late",
        "laboratory_assesses",
        "no_renewal",
        "unknown_contract",
        "own_office",
        "another_office",
        "recusal_undecided",
        "recusal_rejected",
    ),
}
"""Why contents that are right in themselves are refused: the case has gone another way."""


class Desk:
    """One case of a new maker inside one transaction, and the people who act on it."""

    def __init__(
        self,
        tx: Connection,
        service: str = "type_approval",
        code: str | None = None,
        *,
        now: datetime = NOW,
        **form: Any,
    ) -> None:
        self.tx, self.procedure, self.now = tx, PROCEDURES[service], now
        self.code = code or credit_code()
        self.people: dict[str, Actor] = {**people(self.code), "system": SYSTEM}
        self.form = FORMS[service](self.code, **form)
        self.approval = ""
        """What licensing knows of the maker's type approval, when it does."""
        self.case: Case = create(tx, self.procedure, self.people["applicant"], now, self.form)

    def attempt(
        self,
        action: str,
        who: str | None = None,
        *,
        versions: Collection[int] | None = None,
        now: datetime | None = None,
        **changes: Any,
    ) -> Case:
        """Do the action with right content, changed by `changes`. Raises Problem."""
        case = get_case(self.tx, self.case.id)
        named = named_in(action, case.data, changes) if action in NAMING else {}
        return apply(
            self.tx,
            self.procedure,
            self.case.id,
            action,
            {**content_of(action, self.form), **named, **changes},
            actor=of_the_office(self.person(who or self._doer(action, case), case), case),
            now=now or self.now,
            rules=RULES,
            cause=Cause("correlation", "cause"),
            versions=versions,
        )

    def _doer(self, action: str, case: Case) -> str:
        """Who does it as a rule; what is asked of a laboratory that the office named, one of its people."""
        who = DOERS[action]
        named = self.people["named"].organisation
        return "named" if who == "signatory" and laboratory_for(case, action) == named else who

    def person(self, who: str, case: Case) -> Actor:
        """Who that is: `expert` leads the team, whoever was drawn; before that, somebody else."""
        return expert(case.team[0] if case.team else "E-0") if who == "expert" else self.people[who]

    def do(self, *actions: str, **changes: Any) -> Case:
        for action in actions:
            self.case = self.attempt(action, **changes)
        return self.case

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self.tx.execute(text(query), {"id": self.case.id, **parameters})]

    def outbox(self) -> list[dict[str, Any]]:
        """The events of the case that wait to be published, in order."""
        return [
            row[0]
            for row in self.rows("SELECT body::jsonb FROM outbox WHERE body::jsonb ->> 'caseid' = :id ORDER BY id")
        ]

    def upload(self, kind: str, content: str = "", *, replacing: str | None = None, filed: bool = False) -> str:
        """Let the applicant have uploaded a document, or the laboratory one that is `filed`; returns its id."""
        document = new_id()
        made = {"case_id": self.case.id, "kind": kind, "name": f"{kind}.pdf", "size": 1}
        more = {"media": "application/pdf", "sha256": content or kind, "added_at": NOW, "added_by": "钱联系"}
        more["filed_at"] = NOW if filed else None
        self.tx.execute(insert(uploads).values(id=document, **made, **more, replaces=replacing))
        return document

    def approve(self, status: str = "in_force") -> None:
        """Let licensing know of a type approval of the same maker that covers the form."""
        self.approval = status
        certificate = f"2013F{self.code[-6:]}-22" if status == "in_force" else None
        lines = self.form["lines"]
        statement = (
            "INSERT INTO type_approvals (case_id, application, holder, status, certificate, lines)"
            " VALUES (gen_random_uuid(), 'TA-' || :holder, :holder, :status, :certificate, CAST(:lines AS jsonb))"
        )
        self.tx.execute(
            text(statement),
            {"holder": self.code, "status": status, "certificate": certificate, "lines": orjson.dumps(lines).decode()},
        )

    def end_approval(self, *, back: bool = False) -> None:
        """Let licensing know that the certificates of the maker have ended, or are `back` in force."""
        self.approval = "regained" if back else "lost"
        ended = None if back else orjson.dumps({"on": "2013-09-17", "zh": "撤销", "en": "revoked"}).decode()
        self.rows(
            "UPDATE type_approvals SET status = :status, ended = CAST(:ended AS jsonb) WHERE holder = :holder"
            " RETURNING 1",
            holder=self.code,
            status="in_force" if back else "ended",
            ended=ended,
        )


def of_the_office(actor: Actor, case: Case) -> Actor:
    """Whoever is of the staff is of that of the office that decides the case."""
    return replace(actor, office=case.office) if actor.role is Role.STAFF else actor


def naming_oiml(tx: Connection) -> Desk:
    """The draft of an application that names an OIML certificate."""
    return Desk(tx, oiml_certificate=OIML)


def certified(tx: Connection) -> Desk:
    """A certificate of type approval that has been delivered."""
    desk = Desk(tx)
    desk.do(*WAYS["type_approval"])
    return desk


def marked(tx: Connection) -> Desk:
    """A C mark that has been delivered."""
    desk = Desk(tx, "c_mark")
    desk.do(*WAYS["c_mark"])
    return desk


def remarking(tx: Connection) -> Desk:
    """The draft of a renewal of such a mark."""
    first = marked(tx)
    return Desk(tx, "c_mark", first.code, renews=first.case.data["mark"])


def licensed(tx: Connection) -> Desk:
    """A licence that has been delivered."""
    desk = Desk(tx, "licensing")
    desk.approve()
    desk.do(*WAYS["licensing"])
    return desk


def renewing(tx: Connection) -> Desk:
    """The draft of a renewal of such a licence."""
    first = licensed(tx)
    return Desk(tx, "licensing", first.code, kind="renewal", renews=first.case.data["licence"])


def amending(tx: Connection) -> Desk:
    """The draft of an application to move the place of manufacture of such a licence."""
    first = licensed(tx)
    moved = [{"address": "吉林省长春市新试验路9号", "postcode": "130000"}]
    about = {"kind": "changed_conditions", "amends": first.case.data["licence"]}
    return Desk(tx, "licensing", first.code, **about, production_sites=moved)


def adding(tx: Connection) -> Desk:
    """The draft of an application to have another model in such a licence, whose type is approved."""
    first = licensed(tx)
    lines = [{**line, "model": "ACS-60"} for line in first.form["lines"]]
    desk = Desk(tx, "licensing", first.code, kind="additions", amends=first.case.data["licence"], lines=lines)
    desk.approve()
    return desk


def desks(tx: Connection, service: str) -> Iterator[Desk]:
    """Cases of one procedure, each at every step of the ways that pass all its states."""
    yield from entered(tx, service)
    desk = Desk(tx, service)
    if service == "licensing":
        desk.approve()
    yield from _along(desk, *PATHS[service])
    if service == "c_mark":
        yield from declared(tx)
    if service == "type_approval":
        yield from _along(naming_oiml(tx), ("submit", "accept", "examine_oiml"))
        for last in LIVE:
            moved = Desk(tx, service)
            moved.do(*WAYS[service][: WAYS[service].index(last) + 1])
            moved.do("report_change", **MOVED)
            named = ("name_laboratory", "request_conformity_check", "report_conformity")
            ended = (("name_laboratory", end) for end in ENDING)
            yield from _along(moved, ("request_conformity_check",), named, *ended)
            moved.do("request_conformity_check")
            moved.do("report_conformity", **VARIANTS["report_conformity"][1])
            yield moved
        for steps in (6, 7):
            faulted = Desk(tx, service)
            faulted.do(*WAYS[service][:steps])
            faulted.do("review_documents", **VARIANTS["review_documents"][1])
            faulted.upload("user_manual")
            yield faulted
    if service == "licensing":
        lodged = Desk(tx, service)
        lodged.approve("running")
        yield from _along(lodged, ("submit",))
        returned = Desk(tx, service)
        returned.approve("running")
        returned.do("submit", "return")
        yield returned
        first = Desk(tx, service)
        first.approve()
        for desk in (first, renewing(tx)):
            desk.do(*WAYS[service][:5])
            desk.do("report_assessment", **VARIANTS["report_assessment"][1])
            yield desk
        yield from _along(renewing(tx), *PATHS[service][:4])
        yield from _along(amending(tx), WAYS[service])
        for last in LIVE:
            lost = Desk(tx, service)
            lost.approve()
            lost.do(*WAYS[service][: WAYS[service].index(last) + 1])
            lost.end_approval()
            yield from _along(lost, ("follow_approvals",))
            lost.do("follow_approvals")
            lost.end_approval(back=True)
            yield lost


def declared(tx: Connection) -> Iterator[Desk]:
    """Declarations of the C mark: as they were made, to be corrected, struck off, and withdrawn."""
    desk = Desk(tx, "c_mark", now=DECLARED_AT)
    yield from _along(desk, ("submit", "amend"))
    desk.do("submit", "amend")
    desk.do("check", **VARIANTS["check"][1])
    yield from _along(desk, ("report_correction", "strike_off"))
    withdrawn = Desk(tx, "c_mark", now=DECLARED_AT)
    withdrawn.do("submit", "withdraw_declaration")
    yield withdrawn
    expired = Desk(tx, "c_mark")
    expired.do(*WAYS["c_mark"])
    expired.do("lapse", **VARIANTS["lapse"][0])
    yield expired


def entered(tx: Connection, service: str) -> Iterator[Desk]:
    """Cases of permits from a historic register, where the service has one: in force, and ended in each way."""
    if service not in HISTORIC:
        return
    kind, code = HISTORIC[service], credit_code()
    register = register_of(service, code, "", *kind.ended)
    told = Told(people(code)["head"], NOW, RULES, "旧台账", Cause("correlation", "cause"))
    loaded = take(tx, kind, register, told, preview=False)
    assert loaded.batch, loaded.lines
    for case_id in tx.execute(text(ENTERED), {"batch": loaded.batch}).scalars().all():
        desk = Desk(tx, service, code)
        desk.case = get_case(tx, case_id)
        judged = service == "type_approval" and desk.case.state == "effective"
        yield from _along(desk, ("declare_change", "assess_change_by_office") if judged else ())


def register_of(service: str, code: str, *grounds: str) -> bytes:
    """A historic register with new permits of this maker, each ended on its ground, or in force if that is empty."""
    lines = [
        ENTRY[service].format(serial=serial, code=code, ended=f"2010-01-01,{ground}" if ground else ",")
        for ground, serial in zip(grounds, SERIALS, strict=False)
    ]
    return "\n".join((HEADINGS[service], *lines)).encode()


def _along(desk: Desk, *ways: Sequence[str]) -> Iterator[Desk]:
    """The case at every step of the ways, once where they share steps; where one branches off, the other is undone."""
    yield desk
    onward: dict[str, list[Sequence[str]]] = {}
    for way in filter(None, ways):
        onward.setdefault(way[0], []).append(way[1:])
    for action, rests in onward.items():
        before, undone = desk.case, desk.tx.begin_nested()
        desk.do(action)
        yield from _along(desk, *rests)
        undone.rollback()
        desk.case = before


def moves(desk: Desk, seen: set[tuple[Any, ...]]) -> Iterator[tuple[Transition, Case]]:
    """What can be done next with the case, and the case after it; each is undone once it has been looked at.

    All succeeds but what the way here forbids. A move that a case of the same kind with the same facts made before is
    in `seen` and is left out.
    """
    facts = sorted(name for name, value in desk.case.data.items() if value is not None)
    situation = (desk.now, desk.approval, desk.case.form.get("kind"), desk.case.state, *facts)
    state, possible = desk.case.state, {id(row) for row in desk.procedure.rows(desk.case)}
    for row in desk.procedure.transitions:
        if row.source != state or (row.action != "release" and id(row) not in possible):
            continue
        for number, changes in enumerate(VARIANTS.get(row.action, ({},))):
            move = (row.action, number, *situation)
            if move in seen:
                continue
            undone = desk.tx.begin_nested()
            try:
                if row.action == "release":
                    desk.attempt("assign")
                after = desk.attempt(row.action, **changes)
                seen.add(move)
                yield row, after
                yield from _ways_back(desk, row, after)
            except Problem as problem:
                if not {violation.code for violation in problem.violations} & REFUSALS:
                    raise
            undone.rollback()


INSTEAD: dict[str, dict[str, Any]] = {"correct_document": {"address": "吉林省长春市试验路12号"}}
"""What is said instead where saying the same again changes nothing."""


def _ways_back(desk: Desk, row: Transition, after: Case) -> Iterator[tuple[Transition, Case]]:
    """What takes the move back at once, and the case after it."""
    backs = {back.action: back for back in desk.procedure.rows(after) if row.action in back.undoes}
    for back in backs.values():
        undone = desk.tx.begin_nested()
        try:
            yield back, desk.attempt(back.action, **INSTEAD.get(back.action, {}))
        finally:
            undone.rollback()
