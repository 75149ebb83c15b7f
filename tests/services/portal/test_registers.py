"""The registers in the portal: the office its laboratories, a laboratory its people and standards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from deploy.local.registers import SECTION_HEAD, example
from tests.registered import laboratory_entry
from tests.services.portal.test_cases import NOW, page
from tests.support import laboratory, officer
from tests.support.forms import credit_code, line_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.services.portal.browsing import Browser, Seen
    from tests.support import Office


def chosen(browser: Browser, seen: Seen, content: bytes) -> Seen:
    """What a file would do, chosen in the last form of the page."""
    form = seen.main.all("form")[-1]
    typed = {name: values[0] for name, values in form.typed().items() if name != "file"}
    return browser.send_file(form["action"], {**typed, "_step": "preview"}, content)


def test_an_office_registers_changes_and_ends_a_laboratory(browser: Browser) -> None:
    browser.sign_in(SECTION_HEAD).at(NOW)
    code = f"L{credit_code()[-8:]}"
    form = browser.get("/office/add/laboratories")
    filled = {"code": code, "name": "某院", "authorisation": "授权1", "valid_from": "2012-7-1", "capacity": "3"}
    wrong = browser.send(form, "keep", **filled, valid_until="2011年1月1日")
    assert wrong.status == 422
    assert {one["href"] for one in wrong.page.one(id="errors").all("a")} == {"#f-scope-0-category"}
    scope = {"scope__0__category": "water_meter", "scope__0__programmes": "R 49"}
    late = browser.send(wrong, "keep", **scope)
    assert {one["href"] for one in late.page.one(id="errors").all("a")} == {"#f-valid_until"}
    done = browser.send(late, "keep", valid_until="2017-6-30")
    assert "已登记" in done.main.text
    assert "某院" in done.main.one("h1").text
    change = browser.get(f"/office/laboratories/{code}/actions/change")
    assert "水表" in change.main.one("option", value="water_meter").text
    browser.send(change, "keep", name="某院（更名）", since="2013-9-17")
    assert "更名" in browser.get(f"/office/laboratories/{code}").main.one("h1").text
    ended = browser.send(browser.get(f"/office/laboratories/{code}/actions/end"), "keep", reason="注销")
    assert "已终止" in ended.main.one("h1").text
    restored = browser.send(browser.get(f"/office/laboratories/{code}/actions/restore"), "keep", reason="误注销")
    assert "有效" in restored.main.one("h1").text
    said = [one.text for one in restored.main.one(class_="timeline").all("p", class_="small")]
    assert [told.partition(" · ")[2] for told in said] == [f"行政机关 {SECTION_HEAD.name}"] * 4
    browser.sign_in(officer("li", "examiner"))
    assert browser.get("/office/add/laboratories").status == 404
    assert code in browser.get(f"/office/laboratories?q={code}").main.text


def test_a_scope_is_read_by_the_names_of_characteristics_and_their_values(
    browser: Browser, english: Browser, office: Office
) -> None:
    bounds = [
        {"characteristic": "class", "within": "III, IIII"},
        {"characteristic": "Max", "within": "3 kg … 30 kg"},
        {"characteristic": "receptor", "within": "platform, tank"},
    ]
    kinds = ("non_automatic_scale", "balance", "water_meter", "taximeter", "load_cell", "fuel_dispenser")
    code = f"L{credit_code()[-8:]}"
    entry = laboratory_entry(code, "某院") | {"scope": [{"category": kind} for kind in kinds]}
    entry["scope"][0]["bounds"] = bounds
    assert office.caller("type_approval", SECTION_HEAD).post("/internal/v1/laboratories", entry).status == 201
    told = {
        browser: ("准确度等级 III, IIII", "最大秤量 3 kg … 30 kg", "承载器 平台、罐或料斗"),
        english: (
            "Accuracy class III, IIII",
            "Maximum capacity 3 kg … 30 kg",
            "Load receptor Platform, Tank or hopper",
        ),
    }
    for reader, each in told.items():
        reader.sign_in(SECTION_HEAD).at(NOW)
        seen = reader.get(f"/office/laboratories/{code}").main.text
        # A list of so many kinds is shut when it is changed: each row says what it has.
        shut = reader.get(f"/office/laboratories/{code}/actions/change").main.one(id="f-scope-0").text
        for bound in each:
            assert bound in seen
            assert bound in shut


def test_who_is_overtaken_at_a_register_sees_both_versions_and_an_ended_session_loses_nothing(
    browser: Browser, office: Office, end_sessions: Callable[[], None]
) -> None:
    code, chu = f"L{credit_code()[-8:]}", officer("chu", "section_head")
    head = office.caller("type_approval", chu, NOW)
    whole = laboratory_entry(code, "某院")
    entry = {**whole, "scope": whole["scope"][:30], "capacity": 3}
    assert head.post("/internal/v1/laboratories", entry).status == 201
    browser.sign_in(chu).at(NOW)
    page = f"/office/laboratories/{code}/actions/change"
    form = browser.get(page)
    changed = {**entry, "capacity": 5, "since": "2013-09-17"}
    del changed["code"]
    assert head.post(f"/internal/v1/laboratories/{code}/actions/change", changed, If_Match="*").status == 200
    late = browser.send(form, "keep", capacity="7", since="2013-9-17")
    assert late.status == 412
    (row,) = late.main.one("table", class_="apart").one("tbody").all("tr")
    assert [cell.text for cell in row.all("td")] == ["5", "7"]
    assert late.page.one("input", id="f-capacity")["value"] == "7"
    end_sessions()
    ended = browser.send(late, "keep")
    assert ended.status == 401
    away = browser.raw("GET", next(one["href"] for one in ended.main.all("a")))
    back = browser.answer_issuer(away.headers["Location"], chu)
    assert back.page.one("input", id="f-capacity")["value"] == "7"
    assert "已变更" in browser.send(back, "keep").main.text


def test_a_laboratory_takes_its_list_from_a_file_after_looking_at_it(browser: Browser, office: Office) -> None:
    code = f"L{credit_code()[-8:]}"
    head = office.caller("type_approval", officer("chu", "section_head"), NOW)
    assert head.post("/internal/v1/laboratories", laboratory_entry(code, "某院")).status == 201
    browser.sign_in(laboratory(code)).at(NOW)
    form = browser.get("/lab/import/standards")
    broken = chosen(browser, form, example("standards").replace(b"2015-03-14", b"2012-03-14"))
    assert "有误2条" in broken.main.text.replace(" ", "")
    unknown = chosen(browser, browser.get("/lab/import/people"), example("people").replace(b"load_cell", b"load_bell"))
    assert "执业项目：目录中没有器具种类“load_bell”" in unknown.main.text.replace(" ", "")
    previewed = chosen(browser, broken, example("standards"))
    assert "新登记3条" in previewed.main.text.replace(" ", "")
    assert browser.get("/lab/standards").main.all("table") == []
    taken = browser.send(previewed, "take")
    assert "已导入" in taken.main.text
    assert "M1-20kg-set-07" in taken.main.text
    later = chosen(
        browser, browser.get("/lab/import/standards"), example("standards").replace(b"2015-03-14", b"2016-03-14")
    )
    assert "变更 有效期至" in next(row.text for row in later.main.all("tr") if "E2-20kg-set-01" in row.text)
    assert browser.get("/lab/standards/nothing").status == 404


def test_a_laboratory_declines_a_commission(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("commission")
    browser.sign_in(case.people["tester"]).at(NOW)
    form = browser.get(f"{page(case, '/lab')}/actions/decline_commission")
    done = browser.send(browser.send(form, "preview", reason="试验设备检修"), "do")
    assert "已谢绝委托" in done.main.text
    browser.sign_in(case.people["examiner"])
    again = browser.get(f"{page(case, '/office')}/actions/commission")
    assert "试验设备检修" in again.main.text


def test_the_office_chooses_another_laboratory_for_what_is_asked_about_a_certificate(
    browser: Browser, office: Office
) -> None:
    case = office.case("type_approval")
    case.until("deliver")
    browser.sign_in(case.people["examiner"]).at(NOW)
    form = browser.get(f"{page(case, '/office')}/actions/name_laboratory")
    assert form.main.one("input", name="lab", value="LAB-02")["type"] == "radio"
    preview = browser.send(form, "preview", lab="LAB-02", reason="原技术机构授权已失效")
    assert "另一计量院（LAB-02）" in preview.main.text
    browser.send(preview, "do")
    case.do("declare_change")
    browser.sign_in(case.people["named"])
    shown = browser.get(page(case, "/lab"))
    assert (shown.status, "另一计量院（LAB-02）" in shown.main.text) == (200, True)
    opinion = browser.get(f"{page(case, '/lab')}/actions/assess_change")
    done = browser.send(browser.send(opinion, "preview", affects="false", opinion="不影响"), "do")
    assert (done.status, done.url) == (200, shown.url + "?done=assess_change")


def test_the_office_enters_a_historic_register_after_looking_at_it_and_takes_it_back(browser: Browser) -> None:
    browser.sign_in(officer("chu", "section_head")).at(NOW)
    assert "/office/historic/licences" in {one["href"] for one in browser.get("/register").main.all("a")}
    holder = credit_code()
    headings = "证号,单位名称,单位代码,住所,器具,发证机关,发证日期,有效期至"
    line = f"吉制０３００８００１号,长春老厂,{holder},某街1号,电子计价秤=ACS-15,某局,2010-10-01,2013-12-31"

    def sent(*lines: str) -> Seen:
        content = "\n".join((headings, *lines)).encode()
        form = browser.get("/office/historic/licences").main.all("form")[0]
        typed = {"_key": form.typed()["_key"][0], "_step": "preview", "source": "旧台账"}
        return browser.send_file("/office/historic/licences", typed, content)

    others = [line.replace("０３００８００１", f"0300{serial}") for serial in range(8100, 8300)]
    bad = line.replace("８００１号", "8002号").replace("2010-10-01", "2010-1O-01")
    assert "列出2行，有误的在前，有提示的在后；另有200行未列出" in sent(bad, *others, line).main.text.replace("\n", "")
    wrong = sent(line, bad)
    assert "有误1件" in wrong.main.text.replace(" ", "")
    assert "含全角字符" in wrong.main.text
    assert "发证日期" in wrong.main.text
    previewed = sent(line)
    assert "吉制03000001号" in previewed.main.text, "the number that is missing"
    done = browser.send(previewed, "take")
    assert "已录入" in done.main.text
    permit = browser.get("/licences/吉制03008001号")
    assert "录自“旧台账”" in permit.main.text
    batch = done.main.all("button", name="batch")[0]
    back = browser.send(done, batch["value"], **{f"reason.{batch['value']}": "误录"})
    assert "已撤销整批" in back.main.text
    assert browser.get("/licences/吉制03008001号").status == 404


def test_a_type_that_is_abolished_is_shown_before_all_its_certificates_end(browser: Browser, office: Office) -> None:
    case = office.case("type_approval", lines=[line_of(f"OLD-{credit_code()[-8:]}")])
    case.until("grant")
    model = case.form["lines"][0]["model"]
    browser.sign_in(case.people["decider"]).at(NOW)
    assert "/office/abolition" in {one["href"] for one in browser.get("/register").main.all("a")}
    form = browser.get("/office/abolition")
    told = {"category": "non_automatic_scale", "models": model, "act": "总局公告2013年第120号", "reason": "技术落后"}
    wrong = browser.send(form, "preview", **told, on="昨天")
    assert (wrong.status, {one["href"] for one in wrong.page.one(id="errors").all("a")}) == (422, {"#f-on"})
    shown = browser.send(wrong, "preview", on=NOW[:10])
    assert "将登记废除" in shown.main.text
    assert case.read()["state"] == "granted"
    ending = next(one for one in shown.main.all("form") if "do" in {told.get("value") for told in one.all("button")})
    assert {one["type"] for one in ending.all("input")} == {"hidden"}, "what ends is what was shown"
    done = browser.send(shown, "do")
    assert "已登记废除1件" in done.main.text.replace(" ", "")
    assert case.read()["state"] == "type_abolished"
    assert browser.sign_in(case.people["intake"]).get("/office/abolition").status == 404
