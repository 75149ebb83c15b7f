"""A second, hand-written table of who may do what on a case; the code must agree with it in both directions.

Whoever adds an action adds its line here; that is the review of who may do it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    from shared.casework import Case
    from shared.identity import Actor

INTAKE, EXAMINER, DECIDER = "staff:intake", "staff:examiner", "staff:decider"
HEADS = ("staff:section_head", "staff:bureau_head", DECIDER)
BOTH = {
    **dict.fromkeys(("submit", "edit", "supplement", "correct", "withdraw"), ("applicant",)),
    **dict.fromkeys(("discard", "restore_draft"), ("applicant",)),
    **dict.fromkeys(("accept", "request_supplement", "not_required", "not_accept", "deliver"), (INTAKE,)),
    **dict.fromkeys(("revoke_acceptance", "withdraw_supplement_notice", "cancel_delivery"), (INTAKE,)),
    **dict.fromkeys(("replace_time_notice", "withdraw_time_notice", "withdraw_review"), (EXAMINER,)),
    **dict.fromkeys(("correct_hearing", "cancel_hearing", "correct_minutes"), (EXAMINER,)),
    **dict.fromkeys(("tell_hearing_right", "withdraw_hearing_right", "register_hearing_request"), (EXAMINER,)),
    "cancel_hearing_request": (EXAMINER,),
    **dict.fromkeys(("request_hearing", "withdraw_hearing_request"), ("applicant",)),
    **dict.fromkeys(("reopen", "withdraw_extension", "recall_decision", "revoke_refusal"), (DECIDER,)),
    **dict.fromkeys(("serve_time_notice", "order_hearing", "close_hearing", "review"), (EXAMINER,)),
    **dict.fromkeys(("extend", "send_back", "grant", "refuse"), (DECIDER,)),
    **dict.fromkeys(("revoke", "cancel", "cancel_ended", "restore", "withdraw_cancellation"), (DECIDER,)),
    "terminate": (DECIDER, "system"),
    "deem_accept": ("system",),
    "claim": (INTAKE, EXAMINER, DECIDER),
    "assign": HEADS,
    "release": ("staff", *HEADS),
}
WHO: dict[str, dict[str, tuple[str, ...]]] = {
    "type_approval": {
        **BOTH,
        **dict.fromkeys(("commission", "withdraw_commission", "reject_preliminarily"), (EXAMINER,)),
        **dict.fromkeys(("examine_oiml", "withdraw_oiml_examination"), (EXAMINER,)),
        **dict.fromkeys(("arrange", "receive_samples", "record_test", "void_test"), ("lab",)),
        **dict.fromkeys(("find_nonconformity", "deliver_improved"), ("lab",)),
        **dict.fromkeys(("review_documents", "change_document_review"), ("lab",)),
        "correct_documents": ("applicant",),
        **dict.fromkeys(("write_programme", "change_programme", "approve_programme", "withdraw_programme"), ("lab",)),
        **dict.fromkeys(("draft_report", "check_report", "issue_report"), ("lab",)),
        **dict.fromkeys(("rearrange", "correct_receipt", "cancel_receipt", "decline_commission"), ("lab",)),
        **dict.fromkeys(("withdraw_nonconformity", "cancel_improved"), ("lab",)),
        **dict.fromkeys(("return_report", "recall_report"), ("lab",)),
        "return_to_lab": (EXAMINER,),
        **dict.fromkeys(("fail_evaluation", "end_archive"), ("system",)),
        **dict.fromkeys(("withdraw_certificate", "abolish_type"), (DECIDER,)),
        "take_entry_back": ("staff:section_head",),
        **dict.fromkeys(("report_change", "withdraw_change_report"), ("applicant",)),
        **dict.fromkeys(("hand_over_samples", "cancel_handover", "dispose_of_samples", "cancel_disposal"), ("lab",)),
        "release_archive": ("lab",),
        **dict.fromkeys(("declare_change", "withdraw_declared_change"), ("applicant",)),
        **dict.fromkeys(("assess_change", "withdraw_opinion"), ("lab",)),
        **dict.fromkeys(("assess_change_by_office", "withdraw_office_opinion"), (EXAMINER,)),
        **dict.fromkeys(("request_conformity_check", "withdraw_conformity_check"), (EXAMINER,)),
        **dict.fromkeys(("report_conformity", "withdraw_conformity_report", "decline_conformity_check"), ("lab",)),
        **dict.fromkeys(("name_laboratory", "withdraw_named_laboratory"), (EXAMINER,)),
        "set_conformity_check_aside": (DECIDER,),
        **dict.fromkeys(("issue_order", "lift_order"), (DECIDER,)),
        **dict.fromkeys(("enter_change", "refuse_change", "correct_document", "take_change_back"), (DECIDER,)),
    },
    "licensing": {
        **BOTH,
        "plan_assessment": (EXAMINER,),
        **dict.fromkeys(("report_assessment", "verify_rectification"), (EXAMINER, "expert")),
        **dict.fromkeys(("agree_to_assess", "stand_aside", "record_findings"), ("expert",)),
        **dict.fromkeys(("withdraw_licence", "penalise"), (DECIDER,)),
        "take_entry_back": ("staff:section_head",),
        **dict.fromkeys(("replan_assessment", "cancel_assessment", "confirm_assessors"), (EXAMINER,)),
        **dict.fromkeys(("replace_assessor", "reinstate_assessor"), (EXAMINER,)),
        **dict.fromkeys(("request_recusal", "withdraw_recusal_request"), ("applicant",)),
        **dict.fromkeys(("decide_recusal", "reopen_recusal"), (DECIDER,)),
        **dict.fromkeys(("withdraw_assessment_report", "withdraw_verification"), (EXAMINER,)),
        **dict.fromkeys(("receive", "return", "renew", "expire", "abolish", "grant_by_silence"), ("system",)),
        **dict.fromkeys(("give_feedback", "change_feedback"), ("applicant",)),
        **dict.fromkeys(("report_rectification", "withdraw_rectification_report"), ("applicant",)),
        **dict.fromkeys(("report_change", "withdraw_change_report"), ("applicant",)),
        **dict.fromkeys(("enter_change", "refuse_change", "correct_document", "take_change_back"), (DECIDER,)),
        "change_by_decision": ("system",),
        **dict.fromkeys(("report_contract", "end_contract"), ("applicant",)),
        **dict.fromkeys(("follow_approvals", "fail_rectification"), ("system",)),
        "settle_approval": (EXAMINER,),
        **dict.fromkeys(("transfer", "return_transfer"), (DECIDER,)),
    },
    "c_mark": {
        **BOTH,
        **dict.fromkeys(("assess", "withdraw_assessment", "check", "withdraw_check"), (EXAMINER,)),
        **dict.fromkeys(("amend", "report_correction", "withdraw_declaration"), ("applicant",)),
        **dict.fromkeys(("strike_off", "withdraw_mark"), (DECIDER,)),
        **dict.fromkeys(("report_change", "withdraw_change_report"), ("applicant",)),
        **dict.fromkeys(("enter_change", "refuse_change", "correct_document", "take_change_back"), (DECIDER,)),
        "lapse": ("system",),
    },
}
"""By service and action: the sides, and the posts of the office, that do it."""

OTHER_THAN = {
    "approve_programme": {"write_programme", "change_programme"},
    "check_report": {"draft_report"},
    "issue_report": {"draft_report", "check_report"},
    "close_hearing": {"review", "reject_preliminarily"},
    "correct_minutes": {"review", "reject_preliminarily"},
    "review": {"close_hearing", "grant", "refuse"},
    "reject_preliminarily": {"grant", "refuse"},
    "send_back": {"review", "reject_preliminarily"},
    "grant": {"review", "reject_preliminarily"},
    "refuse": {"review", "reject_preliminarily"},
    "revoke": {"grant"},
    "strike_off": {"check"},
}
"""Four eyes: who did one of these last may not do that."""

_OWN = {"applicant": lambda _case: True}
_ALL = {**_OWN, "lab": lambda _case: True, "expert": lambda _case: True}
_TEAM = {"expert": lambda _case: True}
_ASSESSED = {**_OWN, **_TEAM}
_LAB = {"lab": lambda _case: True}
_SIGNED = {**_ALL, "applicant": lambda case: "issued_on" in case.data.get("report", {})}
_GATHERED: dict[str, Mapping[str, Callable[[Case], bool]]] = {
    **dict.fromkeys(("received_on", "accepted", "assignee", "time_notice"), _ALL),
    **dict.fromkeys(("supplement_notice", "supplemented_on", "referred_to"), _OWN),
    **dict.fromkeys(("extension", "hearing_right", "hearing_request", "hearing", "decision", "bar", "delivery"), _OWN),
    "review": {"applicant": lambda case: case.data.get("decision") is not None},
    "sent_back": {},
    # The laboratory reads what it is told of its own tests' time.
    "notices": {**_OWN, "lab": lambda case: any("laboratory" in notice for notice in case.data["notices"])},
}
READS: dict[str, dict[str, Mapping[str, Callable[[Case], bool]]]] = {
    "type_approval": {
        **_GATHERED,
        **dict.fromkeys(("form", "commission", "arrangement", "programme", "samples", "documents"), _ALL),
        **dict.fromkeys(("improvement", "certificate", "end", "cancelled_on", "oiml"), _ALL),
        **dict.fromkeys(("declared_change", "assessed_changes", "conformity_checks", "checker"), _ALL),
        **dict.fromkeys(("reported_change", "refused_change", "changes", "orders", "entered"), _OWN),
        **dict.fromkeys(("tests", "voided_tests", "report", "document_reviews"), _SIGNED),
        "declined": {},
        **dict.fromkeys(("disposals", "superseded_reports"), _ALL),
        **dict.fromkeys(("programme_draft", "handovers", "archive_due", "archive_released"), _LAB),
    },
    "licensing": {
        **_GATHERED,
        **dict.fromkeys(("form", "assessment_plan", "assessment", "lapsed_equipment"), _ASSESSED),
        **dict.fromkeys(("lodged_on", "recusals", "feedback"), _OWN),
        "recorded_findings": _TEAM,
        "draw": {},
        **dict.fromkeys(
            ("licence", "end", "cancelled_on", "lost_approvals", "amendments", "contracts", "entered", "transferred"),
            _OWN,
        ),
        **dict.fromkeys(("reported_change", "refused_change", "changes"), _OWN),
    },
    "c_mark": {
        **_GATHERED,
        **dict.fromkeys(("form", "assessment", "mark", "check", "correction_order"), _OWN),
        **dict.fromkeys(("reported_change", "refused_change", "changes", "end", "cancelled_on"), _OWN),
    },
}
"""By service and datum of a case, the sides outside the office that read it, and when. The office reads all."""
OF_NAMED = {"form", "certificate", "declared_change", "assessed_changes", "conformity_checks", "checker", "end"}
"""What of that a laboratory reads that the office named, and that did not evaluate."""


def sees(actor: Actor, case: Case) -> bool:
    if actor.role == "applicant":
        return actor.organisation == case.applicant
    if actor.role == "lab":
        return actor.organisation in {case.lab, checker_of(case)}
    if actor.role == "expert":
        undecided = {"assessment_planned", "rectifying", "assessed", "reviewed", "hearing"}
        return case.state in undecided and actor.organisation in team_of(case)
    if actor.role == "staff":
        of_theirs = actor.office in {"provincial", case.office}
        return of_theirs and case.state not in {"draft", "discarded"} and actor.organisation != case.applicant
    return True


def checker_of(case: Case) -> str | None:
    """The laboratory that checks and assesses what is asked about a certificate."""
    named: str | None = case.data.get("checker", {}).get("lab")
    return named or case.lab


def laboratory_for(case: Case, action: str) -> str | None:
    """The laboratory that does it: what one has said, it takes back itself."""
    if action in {"report_conformity", "decline_conformity_check", "assess_change"}:
        return checker_of(case)
    said = {
        "withdraw_conformity_report": [one.get("report") for one in case.data.get("conformity_checks", ())],
        "withdraw_opinion": case.data.get("assessed_changes", ()),
    }.get(action)
    return (said[-1] or {}).get("lab", case.lab) if said else case.lab


def team_of(case: Case) -> list[str]:
    return [one["code"] for one in case.data.get("assessment_plan", {}).get("team", ())]


def may_act_for(actor: Actor, mandate: Mapping[str, Any] | None, on: date) -> set[str]:
    """The scopes with which an agent acts for who gave it the mandate; none without one in force on that day."""
    if actor.role != "applicant" or mandate is None or mandate["ended"]:
        return set()
    if not mandate["valid_from"] <= on.isoformat() <= mandate["valid_until"]:
        return set()
    return {"read", "write"} & {*actor.scopes} if mandate["scope"] == "act" else {"read"}


def verdict(service: str, case: Case, action: str, doers: set[str], actor: Actor) -> str | None:
    """The code of the refusal, or None if it is allowed. `doers` may do it in the state the case is in."""
    if not sees(actor, case):
        return "not_found"
    if not doers:
        return "wrong_state"
    led = action in {"report_assessment", "verify_rectification"} and actor.role == "expert"
    hats = {str(actor.role), *(f"{actor.role}:{post}" for post in actor.posts)}
    theirs = {case.office, "provincial"} if action == "revoke" else {case.office}
    if action == "restore":
        theirs = {case.data.get("end", {}).get("office", case.office)}
    elsewhere = actor.role == "staff" and actor.office not in theirs
    elsewhere |= actor.role == "lab" and actor.organisation != laboratory_for(case, action)
    elsewhere |= led and team_of(case)[0] != actor.organisation
    if not hats & doers or "write" not in actor.scopes or elsewhere:
        return "forbidden"
    if action == "release" and not hats & {*HEADS} and case.assignee and case.assignee.subject != actor.subject:
        return "forbidden"
    mine = [earlier for earlier, subject in case.done_by.items() if subject == actor.subject]
    for earlier in mine:
        sides = {who.partition(":")[0] for who in WHO[service].get(earlier, ("applicant",))}
        if str(actor.role) not in sides:
            return "conflict_of_interest"
    return "four_eyes" if OTHER_THAN.get(action, set()) & set(mine) else None
