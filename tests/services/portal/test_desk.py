"""The laboratory's test desk: a checklist, a table of points judged by the service, files in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.services.portal.test_cases import NOW
from tests.services.spreadsheets import filled
from tests.shared.uploads.files import pdf
from tests.support import weighing_test

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser, Seen
    from tests.support import Office
    from tests.support.office import PlayedCase

HEAD = {
    "conditions__temperature": "20.1",
    "conditions__humidity": "48 %",
    "conditions_at_end__temperature": "20.4",
    "conditions_at_end__humidity": "47",
    "equipment__0__asset": "M1-set",
}


def received(office: Office, items: tuple[str, ...] = ("r76.weighing", "A.4.10")) -> PlayedCase:
    case = office.case("type_approval")
    for action in ("submit", "accept", "commission"):
        case.do(action)
    case.do("arrange", items=[*items], samples=1)
    case.do("receive_samples", samples=[{"serial": "S-1", "model": "ACS-15", "seals": "完好"}])
    return case


def desk(browser: Browser, case: PlayedCase) -> str:
    browser.sign_in(case.people["tester"]).at(NOW)
    return f"/lab/type-approval/{case.read()['number']}/tests"


def points(*rows: tuple[str, ...], columns: tuple[str, ...] = ("load", "indication", "added")) -> dict[str, str]:
    return {f"points__{n}__{name}": text for n, row in enumerate(rows) for name, text in zip(columns, row, strict=True)}


def loads(indication: str = "10.000") -> dict[str, str]:
    """The ten loads that the item asks for, the first of 10 kg."""
    told = [one["load"].removesuffix(" kg") for one in weighing_test()["points"]]
    return points((told[0], indication, "2.5 g"), *((load, load, "2.5 g") for load in told[1:]))


def row(seen: Seen, number: int) -> list[str]:
    return [one.text for one in seen.main.one("tr", data_row=str(number)).all("td", class_="result")]


def test_an_item_is_checked_point_by_point_and_recorded_once(browser: Browser, office: Office) -> None:
    case = received(office)
    path = desk(browser, case)
    lab = browser.get(path.removesuffix("/tests"))
    assert path in [one.get("href") for one in lab.main.all("a")]
    seen = browser.get(path)
    assert "已完成 0 / 2" in seen.main.text
    links = [one.get("href") for one in seen.main.all("a")]
    bench = browser.get(next(one for one in links if "r76.weighing?serial=S-1" in one))
    assert bench.main.one("input", name="units.load")["value"] == "kg"
    checked = browser.send(bench, "check", **HEAD, **loads("10.010"))
    assert checked.status == 200, checked.main.text
    assert row(checked, 0)[0] == "10 g"
    assert row(checked, 0)[1].startswith("±5 g")
    assert [row(checked, n)[2] for n in (0, 1)] == ["不合格", "合格"]
    assert case.read("tester")["tests"] == [], "nothing is kept"
    right = browser.send(checked, "check", points__0__indication="10.000")
    assert row(right, 0)[2] == "合格"
    done = browser.send(right, "record")
    assert "已记录：称量性能" in done.main.text
    assert "已完成 1 / 2" in done.main.text
    browser.send(right, "record")
    (record,) = case.read("tester")["tests"]
    assert record["points"][0]["load"] == "10 kg"
    assert record["conditions"] == {"temperature": "20.1 Cel", "humidity": "48 %"}


def test_every_fault_is_at_its_cell_and_what_can_be_judged_is(browser: Browser, office: Office) -> None:
    case = received(office)
    bench = browser.get(f"{desk(browser, case)}/r76.weighing?serial=S-1")
    # The second row is left empty: what is wrong is told of the third.
    values = points(("10", "10.000", "2.5 g"), ("", "", ""), ("10 m", "10.000", "2.5 g"))
    seen = browser.send(bench, "check", **HEAD, **values)
    assert seen.status == 422
    assert {one["href"] for one in seen.page.one(id="errors").all("a")} == {"#f-points-2-load"}
    assert seen.page.one("input", id="f-points-2-load").get("aria-invalid") == "true"
    assert row(seen, 0)[2] == "合格"
    assert seen.page.one("input", id="f-conditions-temperature")["value"] == "20.1"
    refused = browser.send(seen, "record")
    assert refused.status == 422
    assert case.read("tester")["tests"] == []
    late = browser.send(seen, "check", points__2__load="10", equipment__0__asset="M1-old")
    assert {one["href"] for one in late.page.one(id="errors").all("a")} == {"#f-equipment-0-asset"}


def test_points_are_pasted_and_rows_added(browser: Browser, office: Office) -> None:
    case = received(office)
    bench = browser.get(f"{desk(browser, case)}/r76.weighing?serial=S-1")
    sheet = "".join(f"{n / 2:g}\t{n / 2:.3f}\t2.5 g\tup\n" for n in range(1, 21))
    wide = "1\t1.000\t2.5 g\tup\t9\t9\t9\t9"
    seen = browser.send(bench, "paste", pasted=f"{sheet}{wide}", **HEAD)
    left = seen.main.one("textarea", id="pasted")
    assert "".join(map(str, left.children)).strip() == wide
    assert "hidden" not in seen.main.one(id="pasted-error").attributes
    seen = browser.send(seen, "check", pasted="")
    assert "hidden" in seen.main.one(id="pasted-error").attributes
    assert [seen.page.one("input", id=f"f-points-{n}-load")["value"] for n in (0, 19)] == ["0.5", "10"]
    more = browser.send(seen, "_add")
    browser.send(more, "record")
    assert len(case.read("tester")["tests"][0]["points"]) == 20


def test_who_drew_up_a_report_is_told_that_another_checks_it(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("draft_report")
    lab = desk(browser, case).removesuffix("/tests")
    own = browser.get(f"{lab}/actions/check_report")
    assert (own.status, "须由他人办理" in own.main.text) == (403, True), own.main.text
    assert "“核验报告”须由另一名技术机构人员办理" in browser.get(lab).main.text
    browser.sign_in(case.people["checker"])
    assert "须由另一名" not in browser.get(lab).main.text
    assert browser.get(f"{lab}/actions/check_report").status == 200


def test_a_record_is_corrected_with_a_reason_and_repeated_with_an_occasion(browser: Browser, office: Office) -> None:
    case = received(office)
    path = desk(browser, case)
    forged = {"verdict": "pass", "points__0__verdict": "pass", "points__0__error": "0 g"}
    browser.send(browser.get(f"{path}/r76.weighing?serial=S-1"), "record", **HEAD, **loads("10.01"), **forged)
    assert case.read("tester")["tests"][0]["verdict"] == "fail", "a verdict is not sent but computed"
    seen = browser.get(path)
    assert "不合格" in seen.main.text
    again = browser.get(next(one["href"] for one in seen.main.all("a") if "record=1" in one.get("href")))
    assert again.page.one("input", id="f-points-0-load")["value"] == "10"
    assert "selected" in again.page.one("select", id="f-equipment-0-asset").one("option", value="M1-set").attributes
    without = browser.send(again, "record", points__0__indication="10.000")
    assert {one["href"] for one in without.page.one(id="errors").all("a")} == {"#f-reason"}
    done = browser.send(without, "record", reason="抄错示值")
    assert "已由第2号更正" in done.main.text
    repeated = browser.get(f"{path}/r76.weighing?serial=S-1")
    assert repeated.main.one("input", value="repeat_incident").attributes.get("checked") is not None


def test_records_go_in_and_out_as_files(browser: Browser, office: Office) -> None:
    case = received(office, ("r76.weighing",))
    path = desk(browser, case)
    template = browser.raw("GET", f"{path}/r76.weighing/template.xlsx")
    assert template.headers["Content-Disposition"].startswith("attachment")
    seen = browser.get(path)
    record: dict[str, Any] = {**weighing_test(), "points": [{"load": "10 kg", "indication": "10 m", "added": "2.5 g"}]}

    def sent(content: bytes) -> Seen:
        key = seen.main.one("input", name="_key")["value"]
        return browser.send_file(path, {"_key": key}, content)

    wrong = sent(filled(template.content, record))
    assert wrong.status == 422
    assert wrong.page.one(id="errors").all("td", class_="code"), "the cell is named"
    assert sent(b"").status == 422
    seen = wrong
    done = sent(filled(template.content, weighing_test()))
    assert "文件中的试验已全部记录" in done.main.text
    assert case.read("tester")["tests"][0]["verdict"] == "pass"
    for action in ("draft_report", "check_report", "issue_report"):
        case.do(action)
    exported = browser.raw("GET", f"{path.removesuffix('/tests')}/dcc.xml")
    assert b"digitalCalibrationCertificate" in exported.content


def test_a_warning_is_confirmed_before_the_record_is_kept(browser: Browser, office: Office) -> None:
    case = received(office, ("r76.repeatability",))
    bench = browser.get(f"{desk(browser, case)}/r76.weighing?serial=S-1")
    warned = browser.send(bench, "record", **HEAD, **points(("10", "10.000", "2.5 g")))
    assert warned.status == 409
    assert row(warned, 0)[2] == "合格"
    assert warned.main.one("input", name="_confirmed")["value"] == "not_in_programme:item"
    done = browser.send(warned, "record", _confirmed="not_in_programme:item")
    assert done.status == 200
    assert len(case.read("tester")["tests"]) == 1


def test_a_review_has_a_row_for_each_document_and_those_left_empty_wait(browser: Browser, office: Office) -> None:
    case = received(office)
    page = desk(browser, case).replace("/tests", "/actions/review_documents")
    form = browser.get(page)
    told = case.caller("tester").get(f"{case.path('tester')}/documents").json["kinds"]
    kinds = [one for one in told if one["sender"] == "applicant"]
    assert "business_licence" not in [one["kind"] for one in kinds], "that is none of the laboratory's business"
    rows = form.main.one("tbody").all("tr")
    assert [row.one("th").text for row in rows] == [one["zh"] for one in kinds]
    place = next(index for index, one in enumerate(kinds) if one["kind"] == "user_manual")
    wrong = browser.send(form, "preview", **{f"documents__{place}__verdict": "not_conform"})
    assert wrong.page.one(id="errors").one("a")["href"] == f"#f-documents-{place}-remark"
    right = browser.send(browser.send(wrong, "preview", **{f"documents__{place}__verdict": "conform"}), "do")
    assert right.status == 200
    assert [one["document"] for one in case.read("tester")["document_reviews"]] == ["user_manual"]
    assert len(browser.get(page).main.one("tbody").all("tr")) == len(kinds) - 1


def test_a_document_without_a_verdict_is_missing_and_leads_to_its_review(english: Browser, office: Office) -> None:
    case = office.case("type_approval")
    mine, path = case.caller("applicant"), f"{case.path('applicant')}/documents"
    name = {"Content_Type": "application/pdf"}
    sent = mine.send("POST", f"{path}?kind=user_manual&name=a.pdf", pdf(b"1"), **name).json
    case.until("receive_samples")
    page = desk(english, case).removesuffix("/tests")
    review, told = f"{page}/actions/review_documents", "User manual: no verdict yet"

    def links() -> dict[str, str]:
        return {one.text: one["href"] for at in (page, f"{page}/tests") for one in english.get(at).main.all("a")}

    assert links()[told] == review
    faulty = {"document": "user_manual", "verdict": "not_conform", "remark": "无封印位置"}
    case.do("review_documents", documents=[faulty])
    assert told not in links()
    newer = mine.send("PUT", f"{sent['href']}?name=b.pdf", pdf(b"2"), **name)
    assert newer.status == 201
    case.do("correct_documents")
    assert links()[told] == review, "the verdict was on the version before"
    rows = [row.one("th").text for row in english.get(review).main.one("tbody").all("tr")]
    assert "User manual" in rows
    case.do("review_documents", documents=[{"document": "user_manual", "verdict": "conform"}])
    assert told not in links()


def test_items_and_prototypes_are_chosen_not_typed(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("commission")
    page = desk(browser, case).removesuffix("/tests")
    arrange = browser.get(f"{page}/actions/arrange")
    weighing = arrange.main.one("input", name="items", value="r76.weighing")
    assert "称量" in arrange.main.one("label", for_=weighing["id"]).text
    preview = browser.send(arrange, "preview", plan="10月18日送样", samples="1", items=["r76.weighing"])
    browser.send(preview, "do")
    assert case.read("tester")["arrangement"]["items"] == ["r76.weighing"]
    case.do("receive_samples")
    case.do("record_test", **weighing_test(indication="10.020 kg"))
    found = browser.get(f"{page}/actions/find_nonconformity")
    item, serial = (found.main.one("select", name=f"items.0.{name}").all("option") for name in ("item", "serial"))
    assert [one["value"] for one in item] == ["", "r76.weighing"]
    assert [one["value"] for one in serial] == ["", "S-1"]


def test_a_report_has_a_row_for_each_item_that_nobody_tested(browser: Browser, office: Office) -> None:
    case = received(office, ("r76.weighing",))
    case.do("record_test")
    lab = desk(browser, case).removesuffix("/tests")
    form = browser.get(f"{lab}/actions/draft_report")
    rows = [one["value"] for one in form.main.all("input", type="hidden") if one["name"].startswith("left_out.")]
    assert rows[:2] == ["r76.temp-no-load", "r76.eccentricity"]
    said = {"number": "R-1", "conclusion": "pass", "synopsis": "符合"}
    reasons = {f"left_out__{n}__reason": "前次评价已证明" for n in range(len(rows))}
    wrong = browser.send(form, "preview", **said, **{**reasons, "left_out__0__reason": ""})
    assert (wrong.status, "A.5.3.2 空载温度" in wrong.page.one(id="errors").text) == (422, True)
    preview = browser.send(wrong, "preview", **said, **reasons)
    browser.send(preview, "do")
    assert [one["item"] for one in case.read("tester")["report"]["left_out"] if not one["exempt"]] == rows
    for action in ("check_report", "issue_report"):
        case.do(action)
    browser.sign_in(case.people["examiner"])
    place = f"/office/type-approval/{case.read()['number']}"
    assert "前次评价已证明" in browser.get(place).main.text
    review = browser.get(f"{place}/actions/review")
    warned = browser.send(review, "preview", opinion="同意", recommendation="grant")
    assert (warned.status, "A.5.3.2 空载温度：前次评价已证明" in warned.main.text) == (409, True)
