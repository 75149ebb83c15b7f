"""What the portal was built for: journeys of everybody who uses it, each with the tests that show it.

Tests of what no other module shows are here.
"""

from __future__ import annotations

import ast
import csv
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.licensing.parts import known_as
from tests.services.portal.test_cases import NOW, known, page
from tests.services.portal.test_office import directory
from tests.support import credit_code, type_approval_form, wait_for, weighing_test
from tests.support.people import applicant, officer

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.portal.browsing import Browser
    from tests.support import Office

LATE = "2016-09-01T09:00:00+08:00"
"""Less than three months before a licence ends."""
ROOT = Path(__file__).parents[2]
PORTAL, BROWSER = "services/portal/", "browser/"
CASES, DESK, OFFICE, HERE = (f"{PORTAL}test_{name}.py" for name in ("cases", "desk", "office", "acceptance"))
APPLICANTS, OFFICERS = (f"{PORTAL}test_{name}.py" for name in ("applicants", "officers"))
PAPERS, FRAME, STORY, KEYBOARD = (
    *(f"{PORTAL}test_{name}.py" for name in ("papers", "frame")),
    *(f"{BROWSER}test_{name}.py" for name in ("story", "keyboard")),
)
SHOWN = {
    "P1 a paper's QR leads to its page, which tells when the permit ends": (
        f"{STORY}::test_the_whole_story",
        f"{PAPERS}::test_the_paper_of_a_licence_that_ended_says_until_when_instruments_are_covered",
        f"{HERE}::test_a_page_of_a_permit_tells_its_end_as_soon_as_the_office_ended_it",
    ),
    "P2 a wrong code and an unknown number are one page": (
        f"{PAPERS}::test_an_unknown_number_and_a_wrong_code_are_the_same_page",
    ),
    "P3 a number is found in any spelling; of one that is nearly right the right one is shown": (
        f"{HERE}::test_a_number_is_found_however_it_is_typed",
        f"{HERE}::test_of_a_number_that_is_nearly_right_the_right_one_is_shown",
    ),
    "P4 the register is searched by model, and its file has the same rows": (
        f"{HERE}::test_what_a_search_by_model_finds_is_in_the_file_too",
    ),
    "P5 the permits of a day of 2013 and of 2018": (f"{HERE}::test_the_permits_of_a_day_say_which_are_gone_and_why",),
    "P6 five working days across a Sunday that works": (
        f"{PAPERS}::test_anybody_counts_a_limit_across_a_sunday_that_works",
    ),
    "P7 a changed byte is found": (f"{PAPERS}::test_a_file_is_checked_and_of_a_changed_one_the_page_says_what_failed",),
    "A1 a draft goes on in another browser": (f"{STORY}::test_the_whole_story",),
    "A2 all faults are told, each at its field; a double click submits once": (
        f"{HERE}::test_of_an_empty_draft_every_fault_leads_to_its_field",
        f"{HERE}::test_a_double_click_submits_once",
        f"{APPLICANTS}::test_the_page_after_a_submission_names_number_day_and_law",
    ),
    "A3 a session that ends loses nothing": (
        f"{CASES}::test_a_session_that_ends_inside_a_form_loses_nothing",
        f"{HERE}::test_a_topic_that_was_typed_too_late_is_there_again",
    ),
    "A4 two windows on one draft": (f"{CASES}::test_two_who_change_one_draft_see_both_versions_side_by_side",),
    "A5 the language switch keeps what was typed": (
        f"{CASES}::test_the_language_switch_of_a_form_keeps_what_was_typed",
        f"{CASES}::test_the_language_switch_of_a_search_keeps_what_was_typed",
        f"{CASES}::test_the_language_switch_of_the_queue_keeps_what_was_typed_and_chosen",
        f"{HERE}::test_a_topic_that_was_typed_too_late_is_there_again",
    ),
    "A6 documents stay, and bad ones are refused in words": (
        f"{PORTAL}test_documents.py::test_documents_are_sent_replaced_and_fetched",
        f"{PORTAL}test_documents.py::test_good_files_stay_whatever_was_wrong_with_others",
        f"{PORTAL}test_documents.py::test_an_officer_finds_the_documents_that_are_theirs_on_the_page_of_the_case",
        f"{PORTAL}test_documents.py::test_a_file_that_is_too_large_is_refused_in_words_and_leaves_nothing",
        f"{STORY}::test_the_whole_story",
    ),
    "A7 a supplement is answered": (
        f"{STORY}::test_the_whole_story",
        f"{APPLICANTS}::test_a_supplement_is_answered_item_by_item_with_the_days_left_in_sight",
    ),
    "A8 a licence lodged ahead is received automatically": (f"{STORY}::test_the_whole_story",),
    "A9 a licence is renewed without typing; late after a warning": (
        f"{PORTAL}test_following.py::test_a_licence_is_applied_for_from_certificates_and_renewed_without_typing",
        f"{HERE}::test_a_late_renewal_is_warned_of_before_it_is_submitted",
    ),
    "A10 why a date is what it is": (
        f"{CASES}::test_the_applicant_sees_who_acts_by_when_and_each_day_why",
        f"{APPLICANTS}::test_a_paused_and_a_provisional_date_say_why",
    ),
    "A11 fewer messages are unread as they are read, and the office sees it": (
        f"{HERE}::test_fewer_messages_are_unread_as_they_are_read",
        f"{HERE}::test_the_office_sees_which_messages_were_read",
    ),
    "A12 an application is withdrawn after a look at what that ends": (
        f"{CASES}::test_an_action_shows_what_it_would_do_and_is_done_once",
    ),
    "L1 tests are arranged and prototypes received": (
        f"{STORY}::test_the_whole_story",
        f"{DESK}::test_items_and_prototypes_are_chosen_not_typed",
    ),
    "L2 a point that is out says so before anything is kept": (
        f"{DESK}::test_an_item_is_checked_point_by_point_and_recorded_once",
        f"{DESK}::test_a_record_is_corrected_with_a_reason_and_repeated_with_an_occasion",
    ),
    "L3 points are pasted, and the desk works by keyboard": (
        f"{DESK}::test_points_are_pasted_and_rows_added",
        f"{STORY}::test_the_whole_story",
        f"{KEYBOARD}::test_from_the_first_test_to_the_decision_by_five_people",
    ),
    "L4 a standard out of calibration is refused": (
        f"{DESK}::test_every_fault_is_at_its_cell_and_what_can_be_judged_is",
    ),
    "L5 nonconformity, improvement, test": (f"{STORY}::test_the_whole_story",),
    "L6 a report is signed by three": (
        f"{STORY}::test_the_whole_story",
        f"{DESK}::test_who_drew_up_a_report_is_told_that_another_checks_it",
    ),
    "L7 another laboratory's case is not found": (f"{CASES}::test_other_sides_and_other_companies_find_nothing",),
    "S1 the queue: days left, filters in the address, taking a case": (
        f"{HERE}::test_a_case_is_taken_from_the_queue_and_a_colleague_sees_who_has_it",
        f"{CASES}::test_the_language_switch_of_the_queue_keeps_what_was_typed_and_chosen",
    ),
    "S2 a supplement is requested once": (
        f"{CASES}::test_who_is_overtaken_sees_what_was_done_and_keeps_what_was_typed",
        f"{HERE}::test_what_cannot_be_done_again_is_not_offered_and_says_so",
        f"{OFFICERS}::test_a_second_supplement_is_refused_with_the_reason",
    ),
    "S3 an application is accepted and commissioned": (
        f"{STORY}::test_the_whole_story",
        f"{CASES}::test_an_officer_fills_in_a_form_and_every_fault_is_at_its_field",
        f"{OFFICERS}::test_an_acceptance_shows_its_dates_first_and_the_applicant_sees_the_same",
    ),
    "S4 who examined does not decide": (f"{HERE}::test_who_examined_is_told_that_another_decides",),
    "S5 a refusal names its norms, and the remedies": (
        f"{HERE}::test_a_refusal_without_norms_is_sent_back",
        f"{OFFICERS}::test_a_refusal_prints_what_may_be_done_against_it",
    ),
    "S6 of two who act at once one is told what happened": (
        f"{OFFICERS}::test_of_two_who_decide_at_once_the_second_sees_what_the_first_did",
        f"{CASES}::test_who_is_overtaken_sees_what_was_done_and_keeps_what_was_typed",
    ),
    "S7 who stands in finds the work of who is away": (
        f"{HERE}::test_who_stands_in_finds_the_cases_of_who_is_away_marked_so",
    ),
    "S8 a row added to a table is an action of the portal, and of the API with its documents": (
        "browser/test_new_action.py::test_a_new_action_is_found_filled_in_tried_and_done",
        f"{PORTAL}test_new_action.py::test_it_is_offered_asked_for_tried_and_done",
        "shared/http/test_new_action.py::test_it_is_offered_to_whom_the_row_names_and_done_as_its_example_shows",
        "shared/http/test_new_action.py::test_it_can_be_tried",
        "shared/http/test_new_action.py::test_it_is_on_the_page",
    ),
    "S9 a case of one's own organisation is not found": (
        f"{OFFICERS}::test_a_case_of_the_reader_s_own_organisation_is_not_found",
        "shared/casework/test_rights.py::test_staff_of_the_applicant_s_own_organisation_see_nothing_of_its_cases",
    ),
    "S10 the figures are the service's": (
        f"{PORTAL}test_times.py::test_the_page_and_the_file_say_what_the_service_counts",
    ),
    "S11 an operator acts on a parked event": (
        f"{OFFICE}::test_an_operator_discards_an_event_for_a_reason",
        f"{OFFICE}::test_an_operator_has_a_parked_event_tried_again_and_it_takes_effect",
    ),
    "X1 without scripts": (f"{STORY}::test_the_whole_story",),
    "X2 by keyboard": (
        f"{KEYBOARD}::test_an_applicant_applies",
        f"{KEYBOARD}::test_an_officer_takes_a_case_from_the_queue_to_its_acceptance",
    ),
    "X3 with a service down": (
        f"{PORTAL}test_down.py::test_what_needs_a_service_that_is_down_says_so_and_the_rest_works",
    ),
    "X4 no token in the browser": (f"{FRAME}::test_no_token_reaches_the_browser",),
    "X5 a post from elsewhere is refused": (f"{FRAME}::test_a_post_from_elsewhere_is_refused",),
    "X6 pages on paper": (f"{BROWSER}test_paper.py::test_pages_are_printed_without_navigation",),
}
"""The journeys, each with the tests that show it, by file below tests/ and name."""


@pytest.mark.parametrize("journey", SHOWN)
def test_every_journey_is_shown_by_tests_that_are_there(journey: str) -> None:
    for test in SHOWN[journey]:
        file, _, name = test.partition("::")
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        assert name in {one.name for one in tree.body if isinstance(one, ast.FunctionDef)}, test


def test_a_page_of_a_permit_tells_its_end_as_soon_as_the_office_ended_it(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("deliver")
    place = f"/certificates/{case.read()['certificate']}"
    assert "失效" not in browser.get(place).main.text
    case.do("revoke", now="2014-03-03T09:00:00+08:00", fault="holder", bar="DECEIT")
    ended = browser.at("2014-03-03T10:00:00+08:00").get(place).main.text
    assert [one for one in ("撤销", "失效日期： 2014年3月3日") if one not in ended] == [], ended


def test_a_number_is_found_however_it_is_typed(browser: Browser, office: Office) -> None:
    number = office.case("type_approval").until("grant")["certificate"]
    wide = "".join(chr(ord(one) + 0xFEE0) if one.isascii() else one for one in number.lower())
    assert browser.get(f"/check?number={wide[:4]}  {wide[4:]}").url.endswith(f"/certificates/{number}")


def test_of_a_number_that_is_nearly_right_the_right_one_is_shown(browser: Browser, office: Office) -> None:
    number = office.case("type_approval").until("grant")["certificate"]
    mistaken = browser.get(f"/check?number={number.replace('0', 'o')}")
    assert mistaken.status == 404
    assert f"/certificates/{number}" in {one["href"] for one in mistaken.main.all("a")}
    assert "查找的编号是“2013F999-22”" in browser.get("/check?number=2013f999－ 22").main.text


def test_what_a_search_by_model_finds_is_in_the_file_too(browser: Browser, office: Office) -> None:
    code, model = credit_code(), "ACS-P4"
    case = office.case("type_approval", code, lines=[{**type_approval_form(code)["lines"][0], "model": model}])
    case.until("deliver")
    seen = browser.get(f"/register?q={model}").main
    found = {one.text for one in seen.all("a") if one["href"].startswith("/certificates/")}
    assert found
    for status, numbers in (("", found), (".in_force", found), (".revoked", set())):
        seen = browser.get(f"/register?q={model}&of=certificates{status}").main
        assert {one.text for one in seen.all("a") if one["href"].startswith("/certificates/")} == numbers, status
        assert [one["value"] for one in seen.all("option") if "selected" in one.attributes] == [f"certificates{status}"]
    pages = islice(browser.pages("/register?of=certificates"), 3)
    listed = [one["href"] for page in pages for one in page.main.all("a") if one["href"].startswith("/certificates/")]
    assert len(listed) == len(set(listed)), "no page repeats another"
    links = [one["href"] for one in browser.get("/register").main.all("a")]
    link = next(one for one in links if one.startswith("/published/certificates/") and one.endswith(".csv"))
    rows = csv.DictReader(browser.raw("GET", link).content.decode("utf-8-sig").splitlines())
    assert found == {row["number"] for row in rows if model in str(row)}


def test_the_permits_of_a_day_say_which_are_gone_and_why(browser: Browser) -> None:
    then = browser.get("/permits?on=2013-09-17").main.text
    assert "已经取消" not in then
    said = ("使用说明书", "仅用于变更", "自收到申请材料之日起即为受理", "申请行政复议（自知道之日起60日内）")
    assert [one for one in said if one not in then] == [], then
    later = browser.get("/permits?on=2018-06-01").main.text
    assert [one for one in ("已经取消", "2017") if one not in later] == [], later


def test_of_an_empty_draft_every_fault_leads_to_its_field(browser: Browser) -> None:
    browser.sign_in(applicant(credit_code())).at(NOW)
    draft = browser.send(browser.get("/my/apply"), "type-approval")
    told = 0
    for topic in [one["href"] for one in draft.main.one("ol", class_="tasks").all("a") if "/draft/" in one["href"]]:
        seen = browser.get(f"{topic.partition('?')[0]}?check=1")
        errors = seen.main.all(id="errors")
        links = errors[0].all("a") if errors else []
        fields = {one.get("id") for one in seen.main.all() if one.tag in {"input", "select", "textarea", "fieldset"}}
        lost = [one["href"] for one in links if one["href"].removeprefix("#") not in fields]
        assert lost == [], (topic, lost)
        told += len(links)
    assert told >= 11


def test_a_double_click_submits_once(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(NOW)
    preview = browser.get(f"/my/type-approval/{case.id}/actions/submit")
    assert "2013年9月25日" in preview.main.text
    first, second = browser.send(preview, "do"), browser.send(preview, "do")
    assert (first.status, case.read()["number"] in first.main.text) == (200, True)
    assert case.read()["number"] in second.main.text
    done = case.caller("applicant").get(f"{case.path('applicant')}/journal").json["items"]
    assert [one["action"] for one in done].count("submit") == 1


def test_a_topic_that_was_typed_too_late_is_there_again(
    browser: Browser, office: Office, end_sessions: Callable[[], None]
) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(NOW)
    tasks = browser.get(f"/my/type-approval/{case.id}/draft").main.one("ol", class_="tasks")
    topics = (browser.get(one["href"]) for one in tasks.all("a") if "/draft/" in one["href"])
    topic = next(one for one in topics if one.main.all("input", name="phone"))
    switched = browser.post(
        topic.url, {**topic.main.one("form", id="typed").typed(), "phone": "写了一半", "_lang": "en"}
    )
    assert switched.main.one("input", name="phone")["value"] == "写了一半"
    end_sessions()
    ended = browser.send(switched, "next")
    assert ended.status == 401
    away = browser.raw("GET", next(one["href"] for one in ended.main.all("a")))
    back = browser.answer_issuer(away.headers["Location"], case.people["applicant"])
    assert back.main.one("input", name="phone")["value"] == "写了一半"


def test_a_late_renewal_is_warned_of_before_it_is_submitted(browser: Browser, office: Office) -> None:
    approval = office.case("type_approval")
    approval.until("grant")
    known_as(office, approval, "in_force")
    licence = office.case("licensing", approval.code)
    licence.until("deliver")
    browser.at(LATE).sign_in(licence.people["applicant"])
    renewal = browser.send(browser.get(f"/my/licensing/{licence.read()['number']}"), "renewals")
    warned = browser.get(f"{renewal.url.removesuffix('/draft')}/actions/submit")
    (box,) = warned.main.all("input", name="_confirmed", type="checkbox")
    assert (warned.status, box["value"].partition(":")[0]) == (409, "late_renewal")
    done = browser.send(browser.send(warned, "preview", _confirmed=box["value"]), "do")
    assert "已办理：提交申请" in done.main.text


def test_fewer_messages_are_unread_as_they_are_read(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("accept")
    known(office)
    browser.sign_in(case.people["applicant"]).at(NOW)

    def unread() -> int:
        return sum(one.text == "未读" for one in browser.get("/my/messages").main.all("span"))

    before = unread()
    assert before >= 2
    inbox = browser.get("/my/messages")
    assert f"有{before}条未读通知" in inbox.main.text
    browser.send(browser.get(next(one["href"] for one in inbox.main.all("a") if "/messages/" in one["href"])))
    assert unread() == before - 1


def test_the_office_sees_which_messages_were_read(browser: Browser, english: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    english.sign_in(case.people["intake"]).at(NOW)

    def told() -> list[str]:
        found = english.get(page(case, "/office")).main.all("details")
        return [one.text for one in found if "to the applicant" in one.text]

    (message,) = told()
    assert "Unread" in message
    browser.sign_in(case.people["applicant"]).at("2013-09-18T10:00:00+08:00")
    inbox = browser.get("/my/messages")
    browser.send(browser.get(next(one["href"] for one in inbox.main.all("a") if "/messages/" in one["href"])))
    (message,) = told()
    assert "read 18 September 2013" in message, message


def test_a_case_is_taken_from_the_queue_and_a_colleague_sees_who_has_it(
    browser: Browser, english: Browser, office: Office
) -> None:
    subject, case = directory(office), office.case("type_approval")
    case.until("submit")
    wait_for(office.settled, what="all events to arrive")
    number = case.read()["number"]
    browser.sign_in(officer(subject, "intake")).at("2013-09-22T09:00:00+08:00")
    queue = next(seen for seen in browser.pages("/office") if number in seen.main.text)
    row = next(one for one in queue.main.all("tr") if number in one.text)
    assert [one for one in ("2013年9月25日", "还有3个工作日") if one not in row.text] == [], row.text
    taken = browser.send(queue, "claim", case=f"type_approval {number}")
    assert f"{number} ：由{subject}承办" in taken.main.one("div", role="status").text
    assert subject in next(one for one in taken.main.all("tr") if number in one.text).text, "the list agrees at once"
    wait_for(office.settled, what="all events to arrive")
    english.sign_in(officer("liu", "intake")).at(NOW)
    assert number not in " ".join(seen.main.text for seen in english.pages("/office")), "it is a colleague's now"
    everything = next(one["href"] for one in english.get("/office").main.all("a") if "assignee=all" in one["href"])
    for path in (everything, f"/office?assignee={subject}"):
        seen = next(seen for seen in english.pages(path) if number in seen.main.text)
        assert subject in next(one for one in seen.main.all("tr") if number in one.text).text


def test_what_cannot_be_done_again_is_not_offered_and_says_so(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    case.do("request_supplement")
    browser.sign_in(case.people["intake"]).at(NOW)
    seen = browser.get(page(case, "/office"))
    assert not [one for one in seen.main.all("a") if one["href"].endswith("/request_supplement")]
    gone = browser.get(f"{page(case, '/office')}/actions/request_supplement")
    assert (gone.status, "补正" in gone.main.text) == (409, True)


def test_who_examined_is_told_that_another_decides(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("review")
    both = officer(case.people["examiner"].subject, "examiner", "decider")
    browser.sign_in(both).at(NOW)
    refused = browser.get(f"{page(case, '/office')}/actions/grant")
    assert (refused.status, "须由另一名行政机关负责人办理" in refused.main.text) == (403, True), refused.main.text
    for reader in (both, case.people["examiner"]):
        offered = browser.sign_in(reader).at(NOW).get(page(case, "/office")).main
        (told,) = (one.text for one in offered.all("p") if "“准予许可”" in one.text)
        assert f"“审查”已由{case.people['examiner'].name}办理，" in told
        assert told.endswith("须由另一名行政机关负责人办理。")


def test_a_refusal_without_norms_is_sent_back(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("receive_samples")
    case.do("record_test", **weighing_test(indication="10.020 kg"))
    for action in ("draft_report", "check_report", "issue_report", "review"):
        case.do(action, **({"conclusion": "fail"} if action == "draft_report" else {}))
    browser.sign_in(case.people["decider"]).at(NOW)
    form = browser.get(f"{page(case, '/office')}/actions/refuse")
    wrong = browser.send(form, "preview", reason="示值超差")
    assert wrong.status == 422
    assert "#f-norms" in {one["href"] for one in wrong.page.one(id="errors").all("a")}
    assert case.read()["state"] != "refused"


def test_who_stands_in_finds_the_cases_of_who_is_away_marked_so(browser: Browser, office: Office) -> None:
    away, cover = directory(office), directory(office)
    absence = {"from": "2013-09-17", "to": "2013-10-18", "cover": cover}
    head = officer("chu", "section_head")
    assert office.caller("notifications", head, NOW).post(f"/internal/v1/staff/{away}/absences", absence).status == 201
    case = office.case("type_approval")
    case.until("submit")
    case.do("assign", to={"subject": away, "name": away})
    wait_for(office.settled, what="all events to arrive")
    seen = browser.sign_in(officer(cover, "examiner")).at(NOW).get("/office?assignee=me")
    row = next(one for one in seen.main.all("tr") if case.read()["number"] in one.text)
    assert "代办" in row.text
