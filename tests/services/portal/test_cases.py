"""A case in a browser: found, followed, acted on; and what happens when two act, a session ends, a form comes twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from shared.metrology import family
from tests.services.notices import intake_expired
from tests.support import credit_code, wait_for
from tests.support.people import applicant

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploy.local.backing import Backing
    from tests.services.portal.browsing import Browser, Seen
    from tests.support import Office
    from tests.support.office import PlayedCase

NOW = "2013-09-17T09:00:00+08:00"


def known(office: Office) -> None:
    """Until the clocks of what was just done are there."""
    wait_for(office.settled, what="all events to arrive")


def page(case: PlayedCase, home: str = "/my") -> str:
    return f"{home}/type-approval/{case.read()['number']}"


def test_the_applicant_sees_who_acts_by_when_and_each_day_why(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    browser.sign_in(case.people["applicant"]).at("2013-09-18T09:00:00+08:00")
    home = browser.get("/my")
    row = next(one for one in home.main.all("tr") if case.read()["number"] in one.text)
    assert "行政机关办理" in row.text
    assert "2013年9月25日" in row.text
    assert "还有4个工作日" in row.text
    seen = browser.get(page(case))
    assert "2013年9月25日" in seen.main.text
    assert "最后一日过后仍未办理：逾期不告知的，自收到申请材料之日起即为受理" in seen.main.text
    assert "提交申请" in seen.main.one("ol", class_="timeline").text
    days = next(one["href"] for one in seen.main.all("a") if "/clocks/" in one["href"])
    explained = browser.get(days)
    assert "2013年9月22日" in explained.main.text, "the Sunday that works"
    assert browser.raw("GET", explained.main.one("img")["src"]).headers["Content-Type"] == "image/svg+xml"


def test_an_action_shows_what_it_would_do_and_is_done_once(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    browser.sign_in(case.people["applicant"]).at(NOW)
    place = page(case)
    preview = browser.get(f"{place}/actions/withdraw")
    assert "申请人撤回" in preview.main.text
    assert "停止" in preview.main.text, "the clock that would stop"
    assert case.read()["state"] == "received"
    done = browser.send(preview, "do")
    assert done.status == 200
    assert "已办理：撤回申请" in done.main.text
    again = browser.send(preview, "do")
    assert (again.status, again.url) == (200, done.url), "a second click leads to the same page"
    assert [
        entry["action"] for entry in case.caller("applicant").get(f"{case.path('applicant')}/journal").json["items"]
    ] == [
        "create",
        "submit",
        "withdraw",
    ]


def test_an_officer_fills_in_a_form_and_every_fault_is_at_its_field(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("accept")
    browser.sign_in(case.people["examiner"]).at(NOW)
    form = browser.get(f"{page(case, '/office')}/actions/commission")
    assert "型式评价大纲 （选填）" in {label.text for label in form.main.all("label")}
    assert form.main.one("input", name="lab", value="LAB-01")["type"] == "radio"
    assert "授权范围覆盖全部规格" in form.main.text
    wrong = browser.send(form, "preview", lab="LAB-01", programme="R" * 201)
    assert wrong.status == 422
    assert wrong.page.one("title").text.startswith("错误：")
    summary = wrong.page.one(id="errors")
    targets = {one["href"][1:] for one in summary.all("a")}
    assert targets == {"f-programme"}
    chosen = wrong.page.one("input", name="lab", value="LAB-01")
    assert "checked" in chosen.attributes, "what was chosen stays"
    right = browser.send(wrong, "preview", programme="R 76-1:2006")
    assert "已委托型式评价" in right.main.text
    back = browser.send(right, "edit")
    assert back.page.one("input", id="f-programme")["value"] == "R 76-1:2006"
    browser.send(browser.send(back, "preview"), "do")
    assert case.read("examiner")["commission"]["lab_name"] == "试验计量院"


def test_who_is_overtaken_sees_what_was_done_and_keeps_what_was_typed(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    browser.sign_in(case.people["intake"]).at(NOW)
    form = browser.get(f"{page(case, '/office')}/actions/request_supplement")
    case.do("claim", "intake")
    late = browser.send(form, "preview", items="缺少说明书")
    assert late.status == 412
    assert "认领" in late.main.one("section", **{"aria-labelledby": "latest"}).text
    assert "缺少说明书" in late.main.one("textarea", id="f-items").text
    browser.send(browser.send(late, "preview"), "do")
    assert case.read()["state"] == "supplement"


def test_characteristics_and_their_values_are_called_in_the_readers_language(
    browser: Browser, english: Browser, office: Office
) -> None:
    case = office.case("type_approval")
    sides = (
        (browser, ("承载器", "罐或料斗", "不填即为"), "if not said"),
        (english, ("Load receptor", "Tank or hopper", "if not said"), "不填即为"),
    )
    for reader, told, foreign in sides:
        reader.sign_in(case.people["applicant"]).at(NOW)
        seen = reader.get(f"/my/type-approval/{case.id}/draft/models").main.text
        assert [one for one in told if one not in seen] == []
        assert foreign not in seen


def test_what_the_law_did_is_told_in_the_readers_language(
    browser: Browser, english: Browser, office: Office, servers: Backing
) -> None:
    case = office.case("type_approval")
    case.do("submit")
    intake_expired(servers, case)
    for reader, told, foreign in ((browser, "期限届满", "time is over"), (english, "time is over", "期限届满")):
        reader.sign_in(case.people["applicant"]).at(NOW)
        seen = reader.get(page(case)).main.text
        assert (told in seen, foreign in seen) == (True, False)


def test_a_self_assessment_has_a_row_for_each_clause_and_keeps_what_was_found(browser: Browser, office: Office) -> None:
    case = office.case("licensing", self_assessed=[{"clause": "4.2", "result": "conform"}])
    browser.sign_in(case.people["applicant"]).at(NOW)
    address = f"/my/licensing/{case.id}/draft/assessment"
    form = browser.get(address)
    rows = [one["value"] for one in form.main.all("input", type="hidden") if one["name"].endswith(".clause")]
    assert rows[:10] == [f"4.{number}" for number in range(1, 11)]
    browser.send(form, "back", **{"self_assessed.3.result": "not_conform", "self_assessed.3.note": "缺计量人员"})
    assert case.read()["form"]["self_assessed"] == [
        {"clause": "4.2", "result": "conform"},
        {"clause": "4.4", "result": "not_conform", "note": "缺计量人员"},
    ]
    checked = browser.get(f"{address}?check=1")
    assert "4.1" in checked.main.one(id="errors").text
    assert "缺计量人员" in checked.main.one("textarea", name="self_assessed.3.note").text


def test_a_permit_that_is_abolished_is_not_offered_and_a_draft_says_what_may_stay_empty(browser: Browser) -> None:
    browser.sign_in(applicant(credit_code())).at(NOW)
    offered = [one["value"] for one in browser.get("/my/apply").main.all("button", name="procedure")]
    assert offered == ["type-approval", "licensing", "c-mark"]
    assert "选填" in browser.send(browser.get("/my/apply"), "type-approval").main.one("ol", class_="tasks").text
    later = browser.at("2018-01-02T09:00:00+08:00").get("/my/apply")
    assert [one["value"] for one in later.main.all("button", name="procedure")] == ["type-approval", "c-mark"]
    assert "这项许可已经取消" in later.main.text


def test_two_who_change_one_draft_see_both_versions_side_by_side(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(NOW)
    form = browser.get(f"/my/type-approval/{case.id}/draft/models")
    browser.send(form, "back", **{"lines.0.model": "ACS-30"})
    late = browser.send(form, "next", **{"lines.0.model": "ACS-6"})
    assert late.status == 412
    saved, typed = late.main.one("table", class_="apart").one("tbody").all("td")
    assert "ACS-30" in saved.text
    assert "ACS-6" in typed.text
    assert late.page.one("input", name="lines.0.model")["value"] == "ACS-6"
    browser.send(late, "back")
    assert case.read()["form"]["lines"][0]["model"] == "ACS-6"


def test_an_officer_sees_what_is_requested_what_is_missing_and_the_evidence(english: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("arrange")
    case.do("rearrange", items=["r76.weighing", "r76.eccentricity"])
    case.do("receive_samples")
    case.do("record_test")
    case.do("withdraw_time_notice")
    case.do("claim", "examiner")
    known(office)
    english.sign_in(case.people["examiner"]).at(NOW)
    seen = english.get(page(case, "/office"))
    parts = {one.one("h2")["id"]: one.text for one in seen.main.all("section") if one.all("h2")}
    assert "电子计价秤" in parts["asked"]
    assert "A.4.7 eccentricity" in parts["missing"]
    assert "Notice of the time needed: not served yet" in parts["missing"]
    assert seen.main.all("a", href=f"{page(case, '/office')}/actions/serve_time_notice")
    assert "Notice of the time needed: not served yet" in english.get("/office?assignee=me").main.text
    case.do("serve_time_notice")
    known(office)
    assert "not served yet" not in english.get(page(case, "/office")).main.text
    assert "10.000 kg" in parts["tests"]
    assert "Pass" in parts["tests"]
    assert {"clocks", "notices", "history"} <= set(parts)


def test_a_session_that_ends_inside_a_form_loses_nothing(
    browser: Browser, office: Office, end_sessions: Callable[[], None]
) -> None:
    case = office.case("type_approval")
    case.until("accept")
    browser.sign_in(case.people["examiner"]).at(NOW)
    form = browser.get(f"{page(case, '/office')}/actions/commission")
    end_sessions()
    ended = browser.send(form, "preview", lab="LAB-01", programme="R 76-1:2006")
    assert ended.status == 401
    away = browser.raw("GET", next(one["href"] for one in ended.main.all("a")))
    back = browser.answer_issuer(away.headers["Location"], case.people["examiner"])
    assert back.page.one("input", id="f-programme")["value"] == "R 76-1:2006"


def test_the_language_switch_of_a_form_keeps_what_was_typed(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("accept")
    browser.sign_in(case.people["head"]).at(NOW)
    for path, name in (
        (f"{page(case, '/office')}/actions/commission", "programme"),
        ("/office/add/laboratories", "name"),
        ("/office/import/laboratories", "since"),
        ("/office/historic/certificates", "source"),
    ):
        for language in ("en", "zh"):
            seen = browser.get(path)
            switch = seen.page.one("button", name="_lang")
            assert switch["value"] == language
            typed = {**seen.main.one("form", id=switch["form"]).typed(), name: "写了一半", "_lang": language}
            other = browser.post(path, typed)
            assert other.page.one("html")["lang"].startswith(language)
            assert other.page.one("input", name=name)["value"] == "写了一半"
            assert "errors" not in {one.get("id") for one in other.page.all()}


def test_the_language_switch_of_a_search_keeps_what_was_typed(browser: Browser, office: Office) -> None:
    browser.sign_in(office.case("type_approval").people["head"]).at(NOW)
    for path, name in (
        *(("/", "number"), ("/check", "number"), ("/register", "q"), ("/permits", "on"), ("/need", "on")),
        *(("/due", "days"), ("/office/search", "q"), ("/office/times", "from"), ("/office/laboratories", "q")),
    ):
        seen = browser.get(f"{path}?lang=zh")
        switch = seen.page.one("button", name="lang")
        form = seen.page.one("form", id=switch["form"])
        assert (switch["value"], switch["formaction"], form.get("method", "get")) == ("en", path, "get")
        typed = {part: values[0] for part, values in form.typed().items()}
        other = browser.get(f"{path}?{urlencode({**typed, name: '9x', 'lang': 'en'})}")
        assert other.page.one("html")["lang"] == "en"
        assert [one["value"] for one in other.page.all("input", name=name)] == ["9x"], (path, other.main.text)


def test_the_language_switch_of_the_queue_keeps_what_was_typed_and_chosen(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    wait_for(office.settled, what="all events to arrive")
    browser.sign_in(case.people["head"]).at(NOW)
    form = browser.get("/office?assignee=none").main.one("form", id="typed")
    box = form.all("input", name="case")[0]["value"]
    other = browser.post("/office", {**form.typed(), "q": "电子", "case": box, "_lang": "en"})
    assert other.page.one("html")["lang"] == "en"
    assert other.main.one("input", name="q")["value"] == "电子"
    assert "checked" in other.main.one("input", value=box).attributes
    assert other.main.one("option", value="none").attributes.keys() >= {"selected"}
    found = browser.post("/office", {**other.main.one("form", id="typed").typed(), "_do": "search"})
    assert found.url.endswith("/office/search?q=%E7%94%B5%E5%AD%90")
    kept = browser.post("/office", {**other.main.one("form", id="typed").typed(), "_do": "filter"})
    assert kept.url.endswith("/office?clock=running&assignee=none")


def test_what_was_typed_too_late_is_for_its_writer_alone(
    browser: Browser, office: Office, end_sessions: Callable[[], None]
) -> None:
    case = office.case("type_approval")
    case.until("accept")
    browser.sign_in(case.people["examiner"]).at(NOW)
    form = browser.get(f"{page(case, '/office')}/actions/commission")
    end_sessions()
    ended = browser.send(form, "preview", programme="某大纲")
    away = browser.raw("GET", next(one["href"] for one in ended.main.all("a")))
    back = browser.answer_issuer(away.headers["Location"], case.people["decider"])
    assert "某大纲" not in back.text


def test_a_form_of_another_session_does_nothing(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    browser.sign_in(case.people["applicant"]).at(NOW)
    preview = browser.get(f"{page(case)}/actions/withdraw")
    browser.sign_in(case.people["applicant"])
    assert "请再次提交" in browser.send(preview, "do").main.text
    assert case.read()["state"] == "received"


def test_other_sides_and_other_companies_find_nothing(browser: Browser, english: Browser, office: Office) -> None:
    case, other = office.case("type_approval"), office.case("type_approval")
    case.until("submit")
    browser.sign_in(other.people["applicant"])
    assert browser.get(page(case)).status == 404
    assert browser.get(page(case, "/office")).status == 404
    english.sign_in(case.people["tester"])
    assert english.get(page(case, "/lab")).status == 404


def test_messages_are_read_and_marked_by_a_button(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("submit")
    known(office)
    browser.sign_in(case.people["applicant"]).at(NOW)
    inbox = browser.get("/my/messages")
    message = browser.get(next(one["href"] for one in inbox.main.all("a") if "/messages/" in one["href"]))
    assert case.read()["number"] in message.main.text
    after = browser.send(message)
    assert "未读" not in after.main.text
    assert browser.get(f"/my/cases/{case.read()['number']}").url.endswith(page(case))


def test_an_application_is_written_in_parts_and_submitted_once(browser: Browser, office: Office) -> None:
    model = office.case("type_approval")
    maker = applicant(model.code)
    browser.sign_in(maker).at(NOW)
    begun = browser.send(browser.get("/my/apply"), "type-approval")
    assert begun.url.endswith("/draft")
    _filled(browser, begun, model)
    ready = browser.get(begun.url)
    assert "各部分都已填好" in ready.main.text
    answers = browser.get(f"{begun.url}/check")
    assert "ACS-15" in answers.main.text
    preview = browser.get(next(one["href"] for one in answers.main.all("a") if one["href"].endswith("/submit")))
    assert "2013年9月25日" in preview.main.text, "the day that submission starts"
    done = browser.send(preview, "do")
    assert "已办理：提交申请" in done.main.text
    assert "TA-2013-" in done.main.text


def test_a_declaration_is_written_made_and_checked_by_its_number(
    browser: Browser, english: Browser, office: Office
) -> None:
    model, now = office.case("c_mark"), "2019-06-03T09:00:00+08:00"
    browser.sign_in(applicant(model.code)).at(now)
    begun = browser.send(browser.get("/my/apply"), "c-mark")
    _filled(browser, begun, model)
    done = browser.send(browser.get(f"{begun.url.removesuffix('/draft')}/actions/submit"), "do")
    assert "已办理：提交声明" in done.main.text
    number = re.search("吉C2019[0-9]{4}", done.main.text)
    assert number
    shown = english.at(now).get(f"/check?number={number[0].lower()}").main.text
    for said in ("In force", "These goods, packed from 3 June 2019 on", "2.5 kg", "25 kg", "By declaration"):
        assert said in shown, said
    assert number[0] in english.get(f"/register?q={number[0]}").main.text
    known(office)
    officer = browser.sign_in(model.people["examiner"]).at(now)
    assert "登记核查结果" in officer.get(f"/office/cases/{_number(done.main.text)}").main.text


def _number(said: str) -> str:
    found = re.search("CM-[0-9]{4}-[0-9]{5}", said)
    assert found
    return found[0]


def test_only_the_characteristics_of_the_kind_are_asked_for(browser: Browser, office: Office) -> None:
    browser.sign_in(applicant(office.case("type_approval").code)).at(NOW)
    draft = browser.send(browser.get("/my/apply"), "type-approval").url
    assert _asked(browser.get(f"{draft}/models"), "lines.0") == set(), "of no kind yet"
    kind = browser.get(f"{draft}/kind")
    assert "水表" in kind.main.text
    browser.send(kind, "back", category="water_meter")
    models = browser.get(f"{draft}/models")
    assert {"q3", "r"} <= _asked(models, "lines.0")
    assert "e" not in _asked(models, "lines.0")
    browser.send(models, "back", lines__0__model="LXS-20", lines__0__characteristics__q3="2.5 m3/h")
    browser.send(browser.get(f"{draft}/kind"), "back", category="non_automatic_scale")
    models = browser.get(f"{draft}/models")
    assert _asked(models, "lines.0") == {one.id for one in family("r76").characteristics}
    assert any(one.get("value") == "LXS-20" for one in models.main.all("input")), "the rest is kept"


def test_a_line_of_a_licence_chooses_its_own_kind(browser: Browser, office: Office) -> None:
    browser.sign_in(applicant(office.case("licensing").code)).at(NOW)
    draft = browser.send(browser.get("/my/apply"), "licensing").url
    lines = browser.get(f"{draft}/instruments")
    assert _asked(lines, "lines.0") == set()
    chosen = browser.send(lines, "next", lines__0__category="taximeter")
    assert chosen.url.endswith("/instruments"), "its characteristics are still to come"
    assert _asked(chosen, "lines.0") == {one.id for one in family("r21").characteristics}


def _asked(seen: Seen, line: str) -> set[str]:
    """The characteristics that a page asks for."""
    names = (str(one.get("name")) for one in seen.main.all())
    return {name.rpartition(".")[2] for name in names if name.startswith(f"{line}.characteristics.")}


def _filled(browser: Browser, draft: Seen, model: PlayedCase) -> None:
    """Fill every part as the form of `model` is filled."""
    place = draft.url
    for section in [
        one["href"] for one in draft.main.all("a") if "/draft/" in one["href"] and "check" not in one["href"]
    ]:
        seen = browser.get(section)
        typed = {}
        for name, values in _typed(model.form).items():
            if any(one.get("name") == name for one in seen.main.all()):
                typed[name.replace(".", "__")] = values
        saved = browser.send(seen, "back", **typed)
        assert saved.status == 200, saved.main.text
        assert saved.url.startswith(place)


def _typed(form: dict[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}

    def walk(value: object, path: str) -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                walk(part, f"{path}.{name}" if path else name)
        elif isinstance(value, list):
            for index, part in enumerate(value):
                walk(part, f"{path}.{index}")
        else:
            found[path] = str(value)

    walk(form, "")
    return found
