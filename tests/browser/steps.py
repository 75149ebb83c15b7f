"""What people do in more than one story: write an application, attach documents, stand at the desk, read a QR code."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from shared.documents import jws
from shared.documents.pages import printer
from tests.shared.uploads.files import pdf
from tests.support import weighing_test

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from playwright.sync_api import FilePayload

    from tests.browser.people import Person


def begin(applicant: Person, procedure: str) -> str:
    """A new draft; its place."""
    applicant.open("/my/apply", "apply")
    applicant.follow(f"main button[name=procedure][value='{procedure}']")
    applicant.see(f"tasks-{procedure}")
    return applicant.path.removesuffix("/draft")


def write(applicant: Person, draft: str, topics: Sequence[int], form: Mapping[str, Any]) -> None:
    """Fill in these topics of a draft, of which the list is open or opened."""
    page = applicant.page
    page.goto(f"{draft}/draft")
    links = [str(one.get_attribute("href")).partition("?")[0] for one in page.locator(".tasks a").all()]
    for topic in topics:
        page.goto(links[topic])
        applicant.see(f"section-{links[topic].rpartition('/')[2]}")
        here = applicant.path
        while applicant.path == here:
            # Once the kind of an instrument is known, the same page asks for its characteristics.
            applicant.fill(form, only_there=True)
            applicant.press("next")
            expect(page.locator("#errors")).to_have_count(0)


def attach(applicant: Person, place: str, kind: str) -> None:
    """Send a document of that kind."""
    page = applicant.page
    page.goto(f"{place}/documents")
    wrong: FilePayload = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"no PDF at all"}
    for file, outcome in ((wrong, ".notice.bad, .errors"), (document(kind), ".notice.good")):
        page.locator(f"#file-{kind}").set_input_files(file)
        applicant.follow(f"form:has(#file-{kind}) button")
        expect(page.locator(outcome).first).to_be_visible()
    applicant.see("documents-sent")


def replace(applicant: Person, place: str) -> None:
    """Send a new version of the only document."""
    applicant.open(f"{place}/documents", "documents-supplement")
    page = applicant.page
    page.locator(".change summary").click()
    page.locator(".change input[type=file]").set_input_files(document("v2"))
    applicant.follow(".change details button")
    expect(page.locator(".older")).to_be_visible()
    applicant.see("documents-replaced")


def document(name: str) -> FilePayload:
    """A file that somebody has."""
    return {"name": f"{name}.pdf", "mimeType": "application/pdf", "buffer": pdf(f"/Lang ({name})".encode())}


def submit(applicant: Person, draft: str, name: str) -> str:
    """Look at all answers, declare and submit; the number of the case."""
    applicant.open(f"{draft}/draft/check", f"check-answers-{name}")
    applicant.follow("a.button[href$='/actions/submit']")
    applicant.settle(f"submit-{name}")
    return applicant.page.locator("h1").inner_text().split()[0]


_PASTE = """(cell, text) => {
  const copied = new DataTransfer();
  copied.setData("text", text);
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: copied, bubbles: true, cancelable: true }));
}"""
"""What a browser does when copied cells are pasted."""


def at_the_desk(tester: Person, case: str, serial: str, occasion: str, *, fails: bool) -> None:
    """A weighing test is recorded at the desk: points are pasted and corrected where they cannot be read."""
    page = tester.page
    tester.open(f"{case}/tests", "desk")
    tester.follow(f"a[href*='r76.weighing?serial={serial}']")
    tester.see("bench")
    points = weighing_test()["points"]
    tester.fill(
        {
            "occasion": occasion,
            "conditions": {"temperature": "20.1", "humidity": "48"},
            "conditions_at_end": {"temperature": "20.4", "humidity": "47"},
            "equipment": [{"asset": "M1-set"}],
        }
    )
    copied = "\n".join(f"{one['load'].split()[0]}\t{one['indication'].split()[0]}\t2.5 g" for one in points)
    if tester.way.script:
        page.locator("#f-points-0-load").evaluate(_PASTE, copied)
    else:
        page.locator("details:has(#pasted) > summary").click()
        page.locator("#pasted").fill(copied)
        tester.press("paste")
    typed = page.locator("#f-points-0-indication")
    typed.fill("10.020")
    if not tester.way.script:
        tester.press("check")
    expect(page.locator("tr[data-row='0'] .tag")).to_have_class("tag bad")
    tester.see("bench-fails")
    if not fails:
        typed = page.locator("#f-points-0-indication")
        typed.fill("10 m")
        if tester.way.script:
            expect(page.locator("#outcome a[href='#f-points-0-indication']")).to_be_visible()
            expect(page.locator("td:has(#f-points-0-indication) .wrong-text")).to_be_visible()
        tester.press("record")
        expect(page.locator("#errors a[href='#f-points-0-indication']")).to_be_visible()
        tester.see("bench-fault")
        page.locator("#f-points-0-indication").fill("10.000")
    tester.press("record")
    expect(page.locator(".notice.good")).to_be_visible()
    tester.see("desk-recorded")


def scan(anybody: Person, permit: str) -> str:
    """Where the QR code on the newest paper of the permit leads, as a telephone reads it."""
    link = anybody.page.locator(f"a[href^='{permit}/document.jws']").first.get_attribute("href")
    data = anybody.page.request.get(str(link)).text()
    # At 110 dots per inch a module of the code has fewer than three dots, and one code in many cannot be read.
    picture = printer().picture(jws.read(data).payload, data, 200)
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return str(urlsplit(code.text).path)
