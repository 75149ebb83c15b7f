"""A file is what its name says and nothing else, and nothing in it runs."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import STAFF_POSTS
from shared.law import load
from shared.uploads.content import FORMATS, examine, faults_of_name
from shared.uploads.pdf import WINDOW_BYTES
from tests.drawing import few
from tests.shared.uploads.files import (
    CONTENT_TYPES,
    JPEG,
    PNG,
    archive,
    attached,
    jpeg,
    packed,
    pdf,
    png,
    related,
    workbook,
)

FINE = {
    "a.pdf": pdf(),
    "B.PDF": packed(b"1 0 <</S /GoTo>>"),
    "发票.pdf": pdf(objects=b"4 0 obj <<" + attached(b"(factur-x.xml)", b"/F (a\\056xml)") + b">> endobj\n"),
    "证书.pdf": packed(b"<<" + attached(b"<FEFF8BC14E66002E006A00770073>") + b">>"),
    "样机.png": PNG,
    "a.jpeg": JPEG,
    "A0.jpg": jpeg(9934, 14043, b"\xff\xff\xfe\0\x03x"),
    "A0.png": png(9934, 14043),
    "a.xlsx": workbook(),
    "a.docx": archive(CONTENT_TYPES, "word/document.xml", **{"word/_rels/a.rels": related("hyperlink", "External")}),
    "a.csv": "型号,最大,误差\nACS-15,15 kg,-0.5\n-,+5,- (无)\n".encode("gb18030"),
    "a.xml": b"<?xml version='1.0'?><?xml-model href='a.xsd'?><a/>",
}
ATTACHED = (
    (b"(a.exe)",),
    (b"(a.xml)", b"/F (a.exe)"),
    (b"(a.xml)", b"/F 7 0 R"),
    (b"(a.x\\155l.e\\170e)",),
    (b"(a.pdf)",),
    (b"<FEFF0061002E006A0073>",),
    (b"()",),
    (b"(endobj",),
)
"""Names of files that are no data, or of which one is not, or that cannot be read here."""
FORMULAS = (b"=1+1", b'"=1+1"', b"x,@SUM(A1)", b" =1", b"+cmd|' /C calc'!A0", b"x\t-cmd|x", "＝1".encode())
WRONG = (
    ("a.pdf", b"", "empty"),
    ("a.pdf", archive("a"), "kind_of_file"),
    ("a.pdf", b"MZ program", "kind_of_file"),
    ("a.pdf", pdf() + archive("a"), "hidden"),
    ("a.jpg", JPEG + archive("a"), "hidden"),
    ("a.png", PNG[:33] + pdf(), "hidden"),
    ("a.pdf", pdf()[:-7], "broken"),
    ("a.pdf", pdf() + b"more", "broken"),
    ("a.png", PNG[:-1], "broken"),
    ("a.png", PNG + b"x", "broken"),
    ("a.jpg", JPEG[:-1], "broken"),
    ("a.pdf", pdf(b"/OpenAction <</S /JavaScript /JS (x)>>"), "active"),
    ("a.pdf", pdf(b"/OpenAction <</S/J#61vaScript/JS (x)>>"), "broken"),
    ("a.pdf", pdf(b"/AA <</O <</S /Launch>>>>"), "active"),
    ("a.pdf", packed(b"1 0 <</S /JavaScript /JS (x)>>"), "active"),
    ("a.pdf", packed(b"1 0 <</S /GoTo>>", b"/DecodeParms <</Predictor 12>> "), "broken"),
    ("a.pdf", pdf(b"/Encrypt 3 0 R"), "encrypted"),
    ("a.pdf", pdf(b"/OpenAction <</S /SubmitForm /F (http://x)>>"), "active"),
    ("a.pdf", pdf(b"/OpenAction <</S/GoToE /T <<>>>>"), "active"),
    *(("a.pdf", pdf(objects=b"4 0 obj <<" + attached(*named) + b">> endobj\n"), "hidden") for named in ATTACHED),
    *(("a.pdf", packed(b"<<" + attached(*named) + b">>"), "hidden") for named in ATTACHED),
    ("a.pdf", pdf(objects=b"4 0 obj <</EF<</F 5 0 R>>>> endobj\n"), "hidden"),
    (
        "a.pdf",
        pdf(objects=b"4 0 obj <<" + attached(b"(a.xml)", b"/Desc (" + b"x" * 5000 + b")") + b">> endobj\n"),
        "hidden",
    ),
    ("a.pdf", pdf(objects=b"4 0 obj <<" + attached(b"(a.xml)", b"/#55F (a.exe)") + b">> endobj\n"), "broken"),
    ("a.xlsx", archive(CONTENT_TYPES), "broken"),
    ("a.xlsx", workbook("xl/workbook.xml"), "broken"),
    ("a.xlsx", workbook("XL/Workbook.xml"), "broken"),
    ("a.xlsx", workbook("xl/vbaProject.bin"), "active"),
    *(
        (
            "a.xlsx",
            workbook(**{CONTENT_TYPES: f'<Types><Override PartName="/a" ContentType="{kind}"/></Types>'}),
            "active",
        )
        for kind in ("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "application/vnd.ms-office.vbaProject")
    ),
    *(
        ("a.xlsx", workbook(**{"xl/_rels/a.rels": related(*of)}), "active")
        for of in (
            ("vbaProject",),
            ("oleObject",),
            ("externalLink",),
            ("attachedTemplate", "External"),
            ("image", "External"),
        )
    ),
    ("a.xlsx", workbook(**{"_rels/.rels": "<!DOCTYPE a><a/>"}), "active"),
    ("a.xlsx", workbook(**{"_rels/.rels": "<a>"}), "broken"),
    ("a.xlsx", workbook(**{"_rels/.rels": " " * (5 << 20)}), "broken"),
    ("a.png", png(0, 1), "broken"),
    ("a.png", png(100_000, 100_000), "broken"),
    ("a.png", PNG[:8] + PNG[33:], "broken"),
    ("a.jpg", jpeg(65_000, 65_000), "broken"),
    ("a.jpg", jpeg(0), "broken"),
    ("a.jpg", JPEG[:6] + b"\xff\xd9", "broken"),
    ("a.jpg", JPEG[:12] + JPEG[25:], "broken"),
    ("a.xlsx", b"\xd0\xcf\x11\xe0 old", "kind_of_file"),
    ("a.csv", b"\0\1\2", "broken"),
    ("a.csv", b"<html>", "kind_of_file"),
    *(("a.csv", b"a,b\n" + cell, "active") for cell in FORMULAS),
    ("a.csv", b"=1+1", "active"),
    ("a.csv", b"x" * (1 << 20) + b",=1+1", "active"),
    ("a.xml", b"<a>", "broken"),
    ("a.xml", b"<!DOCTYPE a><a/>", "active"),
    ("a.xml", b"<x:svg xmlns:x='http://www.w3.org/2000/svg'/>", "active"),
    ("a.xml", b"<x:img xmlns:x='http://www.w3.org/1999/xhtml' onerror='x'/>", "active"),
    ("a.xml", b"<?xml-stylesheet href='a.xsl'?><a/>", "active"),
    ("a.xml", b"<HTML>", "active"),
    ("a.png", b"<svg/>", "kind_of_file"),
    ("a.jpg", b"<html>", "kind_of_file"),
    ("a.docx", b"<html>", "kind_of_file"),
)


def codes(name: str, content: bytes, media: str = "") -> list[str]:
    return [fault.code for fault in examine(BytesIO(content), name, media)[1]]


@pytest.mark.parametrize("name", FINE)
def test_files_are_taken_that_are_what_their_names_say(name: str) -> None:
    media, faults = examine(BytesIO(FINE[name]), name, "application/octet-stream")
    assert (faults, faults_of_name(name)) == ([], [])
    assert codes(name, FINE[name], media) == []
    other = next(one.media for one in FORMATS if one.media != media)
    assert codes(name, FINE[name], other) == ["contradictory"]


@pytest.mark.parametrize(("name", "content", "code"), WRONG)
def test_other_files_are_refused_with_the_reason(name: str, content: bytes, code: str) -> None:
    assert codes(name, content) == [code]


@given(place=st.integers(WINDOW_BYTES - 200, WINDOW_BYTES + 200))
@few(30)
def test_a_script_is_found_wherever_it_stands(place: int) -> None:
    assert codes("a.pdf", pdf(b" " * place + b"/S /JavaScript")) == ["active"]


@given(st.binary(max_size=400), st.sampled_from(sorted(FINE)))
@few(30)
def test_whatever_is_in_a_file_there_is_an_answer(content: bytes, name: str) -> None:
    examine(BytesIO(content), name, "")
    examine(BytesIO(FINE[name][:8] + content), name, "")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *(
            (name, "form")
            for name in (
                "../a.pdf",
                "..\\a.pdf",
                "a/b.pdf",
                "C:\\a.pdf",
                ".pdf",
                "a.pdf ",
                "a?.pdf",
                "x" * 120 + ".pdf",
            )
        ),
        *((name, "kind_of_file") for name in ("a", "a.exe", "a.pdf.zip")),
    ],
)
def test_a_name_is_no_path_and_says_what_the_file_is(name: str, code: str) -> None:
    assert [fault.code for fault in faults_of_name(name)] == [code]


def test_the_law_says_of_each_day_which_documents_belong_to_which_application() -> None:
    rules = load()
    readers = {reader for row in rules.documents for reader in row.readers}
    assert readers <= {"lab", "expert", "staff", *(f"staff:{post}" for post in STAFF_POSTS)}
    online, paper = date(2024, 1, 2), date(2013, 9, 17)
    required = {row.id for row in rules.documents_on("type_approval", online, "first") if row.required}
    assert required == {"business_licence", "photos", "user_manual", "drawings", "standard", "test_report"}
    assert "change_statement" in {row.id for row in rules.documents_on("type_approval", online, "change")}
    assert not [row for row in rules.documents_on("type_approval", paper, "first") if row.required]
    assert "licence" not in {row.id for row in rules.documents_on("manufacture", paper, "first")}
    assert "licence" in {row.id for row in rules.documents_on("manufacture", paper, "renewal")}
