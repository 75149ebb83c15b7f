"""Documents in the portal: chosen, sent, seen, replaced, fetched, without a script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploy.local.system import RUN
from tests.shared.http.sockets import Wire
from tests.shared.uploads.files import archive, pdf
from tests.support import NOW, content_of, wait_for
from tests.support.forms import findings

if TYPE_CHECKING:
    from tests.services.portal.browsing import Browser, Seen
    from tests.support import Office, PlayedCase

ONLINE = "2024-01-02T09:00:00+08:00"
MANUAL = pdf(b"manual")


def page_of(case: PlayedCase, side: str = "my") -> str:
    return f"/{side}/type-approval/{case.id}"


def send(browser: Browser, seen: Seen, kind: str, content: bytes, name: str = "说明书.pdf", **changes: str) -> Seen:
    """Choose a file for a kind on the page, and send it."""
    form = next(one for one in seen.main.all("form") if one.typed().get("kind") == [kind])
    typed = {field: values[0] for field, values in form.typed().items() if field != "file" and values}
    own = {"Origin": browser.portal.url}
    files = {"file": (name, content, "application/pdf")}
    return browser._seen(browser.raw("POST", form["action"], data={**typed, **changes}, files=files, headers=own))


def test_documents_are_sent_replaced_and_fetched(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(ONLINE)
    tasks = browser.get(f"{page_of(case)}/draft")
    assert "缺6项" in tasks.main.text
    page = browser.get(f"{page_of(case)}/documents")
    refused = send(browser, page, "user_manual", archive("a"))
    assert (refused.status, "内容却是" in refused.main.text) == (422, True)
    none = send(browser, page, "user_manual", b"", name="")
    assert (none.status, "请先选择文件" in none.main.text) == (422, True)

    page = send(browser, page, "user_manual", MANUAL)
    assert (page.status, "说明书.pdf" in page.main.text) == (200, True)
    assert "缺5项" in browser.get(f"{page_of(case)}/draft").main.text
    (first,) = _listed(case)
    newer = send(browser, page, "user_manual", pdf(b"second"), name="第二版.pdf", replaces=first["id"])
    assert all(name in newer.main.text for name in ("第二版.pdf", "此前版本", "说明书.pdf"))
    file = browser.raw("GET", f"{page_of(case)}/documents/{first['id']}")
    assert (file.content, file.headers["Content-Type"]) == (MANUAL, "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")

    second = _listed(case)[1]
    taken_back = next(one for one in newer.main.all("form") if one["action"].endswith(f"{second['id']}/remove"))
    gone = browser.post(taken_back["action"], taken_back.typed())
    assert (gone.status, "第二版.pdf" in gone.main.text, _listed(case)) == (200, False, [])


def test_good_files_stay_whatever_was_wrong_with_others(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(ONLINE)
    page = browser.get(f"{page_of(case)}/documents")
    good = ("photos", "user_manual", "drawings", "standard", "test_report")
    for kind in good:
        page = send(browser, page, kind, pdf(kind.encode()), name=f"{kind}.pdf")
        assert page.status == 200, kind
    wrong = send(browser, page, "business_licence", b"GIF89a", name="licence.gif")
    assert (wrong.status, "licence.gif" in wrong.main.text) == (422, True)
    back = browser.get(f"{page_of(case)}/documents").main.text
    assert [kind for kind in good if f"{kind}.pdf" not in back] == []
    assert "缺1项" in browser.get(f"{page_of(case)}/draft").main.text


def test_an_officer_finds_the_documents_that_are_theirs_on_the_page_of_the_case(
    browser: Browser, office: Office
) -> None:
    case = office.case("type_approval")
    sent = {"Content_Type": "application/pdf"}
    upload, drawing = (
        case.caller("applicant").send(
            "POST", f"{case.path('applicant')}/documents?kind={kind}&name={name}", MANUAL, **sent
        )
        for kind, name in (("other", "a.pdf"), ("drawings", "secret.pdf"))
    )
    case.do("submit")
    browser.sign_in(case.people["examiner"])
    number = case.read()["number"]
    page = browser.get(f"/office/type-approval/{number}")
    assert all(text in page.main.text for text in ("申请材料", "a.pdf", "secret.pdf", upload.json["sha256"][:12]))
    file = browser.raw("GET", f"/office/type-approval/{number}/documents/{upload.json['id']}")
    assert (file.status_code, file.content) == (200, MANUAL)
    browser.sign_in(case.people["intake"])
    assert "secret.pdf" not in browser.get(f"/office/type-approval/{number}").main.text
    assert browser.raw("GET", f"/office/type-approval/{number}/documents/{drawing.json['id']}").status_code == 404


def test_evidence_is_uploaded_from_the_form_of_the_report_and_chosen_for_a_finding(
    browser: Browser, office: Office
) -> None:
    case = office.case("licensing")
    case.until("confirm_assessors")
    place = f"/office/licensing/{case.read()['number']}"
    browser.sign_in(case.people["examiner"]).at(NOW)
    form = browser.get(f"{place}/actions/report_assessment")
    page = browser.send(form, "attach", number="K-9")
    assert page.main.one("h1").text == "考核证据"
    page = send(browser, page, "assessment_evidence", MANUAL, name="现场.pdf")
    assert (page.status, "尚未提交" in page.main.text) == (200, True)
    form = browser.get(page.main.one("a", class_="button")["href"])
    assert form.main.one("input", name="number")["value"] == "K-9"
    (photo,) = case.caller("examiner").get(f"{case.path('examiner')}/documents").json["items"]
    box = form.main.one("input", value=photo["id"], name="findings.0.documents")
    assert form.main.one("label", for_=box["id"]).text == "现场.pdf（现场考核证据）"
    again = browser.send(form, "preview", findings__0__documents=[photo["id"]], findings__0__result="conform")
    assert (again.status, "checked" in again.main.one("input", id=box["id"]).attributes) == (422, True)
    applicant = f"/my/licensing/{case.read()['number']}"
    assert "现场.pdf" not in browser.sign_in(case.people["applicant"]).get(applicant).main.text
    case.do("report_assessment", findings=[{**one, "documents": [photo["id"]]} for one in findings()])
    # Under its name, not its id: by every finding, and in the list of documents.
    assert browser.get(applicant).main.text.count("现场.pdf") == len(findings()) + 1


def test_a_laboratory_sends_photographs_and_names_them_in_what_it_registers(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    case.until("commission")
    place = f"/lab/type-approval/{case.read()['number']}"
    browser.sign_in(case.people["tester"]).at(NOW)
    assert not browser.get(f"{place}/documents").main.all("form"), "before the evaluation is arranged"
    case.do("arrange")
    form = browser.get(f"{place}/actions/receive_samples")
    page = browser.send(form, "attach", samples__0__serial="S-77")
    assert page.main.one("h1").text == "照片、原始数据和检查资料"
    wrong = send(browser, page, "custody_photo", archive("a"), name="样机.pdf")
    assert (wrong.status, "样机.pdf" in wrong.main.one(id="errors").text) == (422, True)
    page = send(browser, wrong, "custody_photo", MANUAL, name="样机.pdf")
    form = browser.get(page.main.one("a", class_="button")["href"])
    assert form.main.one("input", name="samples.0.serial")["value"] == "S-77"
    box = form.main.one("input", name="samples.0.photos")
    assert form.main.one("label", for_=box["id"]).text == "样机.pdf"
    first, sha256 = box["value"].split()
    page = send(browser, page, "custody_photo", pdf(b"second"), name="重拍.pdf", replaces=first)
    assert all(name in page.main.text for name in ("重拍.pdf", "此前版本", "样机.pdf"))
    assert not [one for one in page.main.all("form") if one["action"].endswith("/remove")], "replaced, never removed"
    seen = browser.get(place)
    assert f"{place}/documents" in {one["href"] for one in seen.main.all("a")}
    old = browser.send(form, "preview", samples__0__photos=[box["value"]])
    assert (old.status, "checked" in old.main.one("input", value=box["value"]).attributes) == (422, True)
    photos = [{"document": first, "sha256": sha256}]
    receipt = content_of("receive_samples")
    case.do("receive_samples", samples=[{**receipt["samples"][0], "photos": photos}, *receipt["samples"][1:]])
    # What was registered names the photograph by its name.
    assert browser.get(place).main.text.count("样机.pdf") == 2


def test_what_is_infected_is_replaced_after_the_submission_too(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    path = f"{case.path('applicant')}/documents?kind=user_manual&name=a.pdf"
    sent = case.caller("applicant").send("POST", path, MANUAL, Content_Type="application/pdf").json["id"]
    case.do("submit")
    browser.sign_in(case.people["applicant"]).at(ONLINE)
    page = browser.get(f"{page_of(case)}/documents")
    assert page.status == 200
    assert not [one for one in page.main.all("form") if one.typed().get("kind")]
    office.rows("type_approval", "UPDATE uploads SET scan = 'infected' WHERE id = :id", id=sent)
    page = browser.get(f"{page_of(case)}/documents")
    assert "查出病毒" in page.main.text
    page = send(browser, page, "user_manual", pdf(b"clean"), name="b.pdf")
    assert (page.status, [one.get("replaces") for one in _listed(case)]) == (200, [None, sent])


def test_a_file_that_is_too_large_is_refused_in_words_and_leaves_nothing(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(ONLINE)
    page = browser.get(f"{page_of(case)}/documents")
    refused = send(browser, page, "photos", b"\0" * (51 << 20))
    assert (refused.status, "不得超过50 MB" in refused.main.text) == (422, True)
    assert (_listed(case), arriving(office)) == ([], [])


HOSTILE = (
    ("a.pdf", archive("a")),
    ("a.pdf", pdf() + archive("a")),
    ("a.pdf", pdf(b"/OpenAction <</S /JavaScript /JS (x)>>")),
    ("a.pdf.exe", pdf()),
    ("../../a.pdf", pdf()),
    ("a\u202efdp.pdf", pdf()),
    ("<script>.pdf.zip", b"PK"),
)
"""Archives and polyglots under another name, scripts, programs, names that are paths or read backwards."""


def test_hostile_files_are_refused_in_words_and_leave_nothing(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(ONLINE)
    page = browser.get(f"{page_of(case)}/documents")
    for name, content in HOSTILE:
        refused = send(browser, page, "photos", content, name=name)
        assert refused.status in {400, 422}, name
        assert "文件没有保存" in refused.main.text, name
        assert "<script>" not in refused.text
        page = refused
    assert (_listed(case), arriving(office)) == ([], [])


def test_an_upload_that_breaks_off_leaves_nothing(browser: Browser, office: Office) -> None:
    case = office.case("type_approval")
    browser.sign_in(case.people["applicant"]).at(ONLINE)
    page = browser.get(f"{page_of(case)}/documents")
    form = next(one for one in page.main.all("form") if one.typed().get("kind") == ["photos"])
    fields = "".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{values[0]}\r\n'
        for name, values in form.typed().items()
        if name != "file"
    )
    file = (
        '--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\nContent-Type: application/pdf\r\n\r\n'
    )
    told = {
        "Host": browser.portal.url.partition("//")[2],
        "Origin": browser.portal.url,
        "Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items()),
        "Content-Type": "multipart/form-data; boundary=x",
        "Content-Length": "100000",
    }
    head = "\r\n".join(
        [f"POST {form['action']} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items()), "", ""]
    )
    with Wire(browser.portal.url) as wire:
        wire.send(f"{head}{fields}{file}".encode() + MANUAL)
        wait_for(lambda: arriving(office) != [], what="the file to begin to arrive")
        wire.reset()
    wait_for(lambda: arriving(office) == [], what="what was cut off to be forgotten")
    assert _listed(case) == []


def arriving(office: Office) -> list[str]:
    """What is being received."""
    incoming = RUN / "documents" / str(office.engines["type_approval"].url.database) / "incoming"
    return [path.name for path in incoming.iterdir()]


def _listed(case: PlayedCase) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (
        case.caller("applicant", ONLINE).get(f"{case.path('applicant')}/documents").json["items"]
    )
    return items
