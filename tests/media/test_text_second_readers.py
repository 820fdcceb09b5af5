"""Other people's readers beside ours: the same words in the same order, on samples of every format;
differences are named here.

python-docx and mammoth for Word, ebooklib for books, odfdo for OpenDocument, striprtf for rich text, a
browser for pages.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import pytest
from lxml import etree

from etude.media import MEDIA
from etude.media.text import docx_out, epub_out, rtf_out
from tests.media import textfiles as files

TEXT = MEDIA["text"]
VERSE = (
    "The gate is shut,\nthe grass is high,\n\n“and no one” asks\n  the reason why — café 春の夜 😀.\n\n\n"
    "End & <done> {here}.\n"
)
SAMPLES = [VERSE, files.VERSE, files.PROSE, "One line.\n", "a\tb\n\nc\n" * 20]


def words(text: str) -> list[str]:
    return unicodedata.normalize("NFKC", re.sub("[\u00ad\u200b\ufeff]", "", text)).split()


def lines(text: str) -> list[str]:
    text = text.encode("utf-16", "surrogatepass").decode(
        "utf-16"
    )  # striprtf leaves the halves of an emoji apart
    text = unicodedata.normalize("NFKC", re.sub("[\u00ad\u200b\ufeff]", "", text))
    return [" ".join(line.split()) for line in text.split("\n") if line.strip()]


# Word


@pytest.mark.parametrize("text", SAMPLES)
def test_other_readers_of_word_read_what_is_written(text: str) -> None:
    import docx
    import mammoth

    data = docx_out.write(text)
    ours = TEXT.read(data, suffix=".docx").content
    theirs = "\n".join(p.text for p in docx.Document(io.BytesIO(data)).paragraphs)
    assert lines(ours) == lines(theirs) == lines(text)
    assert words(mammoth.extract_raw_text(io.BytesIO(data)).value.replace("\n", " ")) or not words(text)
    assert [p.text for p in docx.Document(io.BytesIO(data)).paragraphs if p.text] == [
        block for block in re.split("\n\n+", text.strip("\n")) if block
    ]


def written_by_python_docx() -> bytes:
    """A document as python-docx makes it: headings, styles, runs, breaks, a table, a header."""
    import docx
    from docx.enum.text import WD_BREAK

    document = docx.Document()
    document.add_heading("The Lamp", 0)
    document.add_heading("Chapter One", 1)
    paragraph = document.add_paragraph("It was ")
    paragraph.add_run("bright").bold = True
    paragraph.add_run(" and cold; tab\there.").italic = True
    paragraph = document.add_paragraph("first line")
    paragraph.add_run().add_break(WD_BREAK.LINE)
    paragraph.add_run("second line")
    document.add_paragraph("A list", style="List Bullet")
    document.add_paragraph("quoted", style="Intense Quote")
    table = document.add_table(2, 2)
    for number, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"cell {number}"
    document.add_page_break()
    document.add_paragraph("After the page.")
    document.sections[0].header.paragraphs[0].text = "running head"
    document.core_properties.title, document.core_properties.author = "The Lamp", "Ann"
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def test_documents_of_python_docx_are_read_as_it_reads_them() -> None:
    import docx
    import mammoth
    from docx.text.paragraph import Paragraph

    data = written_by_python_docx()
    reading = TEXT.read(data, suffix=".docx")
    document = docx.Document(io.BytesIO(data))
    inner = [
        paragraph.text
        for block in document.iter_inner_content()
        for paragraph in (
            [block]
            if isinstance(block, Paragraph)
            else [p for row in block.rows for cell in row.cells for p in cell.paragraphs]
        )
    ]
    assert lines(reading.content) == lines("\n".join(inner))
    assert words(mammoth.extract_raw_text(io.BytesIO(data)).value) == words(
        reading.content.replace("first line\n", "first line")
    )
    assert (reading.title, reading.maker) == ("The Lamp", "Ann")
    assert reading.warnings == ("left out 1 page header: “running head”",)
    assert (
        "Chapter One\n\nIt was bright" in reading.content and "first line\nsecond line\n\n" in reading.content
    )


# Books


def spine_text(data: bytes) -> str:
    """The words of a book as ebooklib and lxml have them, in the order of its spine."""
    from ebooklib import epub

    book = epub.read_epub(io.BytesIO(data), {"ignore_ncx": True})
    out = []
    for name, _ in book.spine:
        if name == "nav":
            continue
        root = etree.fromstring(book.get_item_with_id(name).get_content(), etree.HTMLParser(encoding="utf-8"))
        out += ["".join(element.itertext()) for element in root.iter("p", "h1", "h2")]
    return "\n".join(out)


@pytest.mark.parametrize("text", SAMPLES)
def test_another_reader_of_books_reads_what_is_written(text: str) -> None:
    data = epub_out.write(text)
    assert words(spine_text(data)) == words(re.sub(r"\n", " ", text)) or "\n" in text.strip()
    assert words(TEXT.read(data, suffix=".epub").content) == words(text)


def test_books_of_ebooklib_are_read_as_it_reads_them() -> None:
    from ebooklib import epub

    book = epub.EpubBook()
    book.set_title("The Lamp")
    book.set_language("en")
    book.add_author("Ann Author")
    book.add_author("T. Ranslator", role="trl", uid="t")
    chapters = []
    for number, name in enumerate(("One", "Two", "Three")):
        chapter = epub.EpubHtml(title=name, file_name=f"text/c{number}.xhtml", lang="en")
        chapter.content = (
            f"<h1>{name}</h1><p>Words of {name.lower()},<br/>caf\u00e9.</p><p>More &amp; more.</p>"
        )
        book.add_item(chapter)
        chapters.append(chapter)
    book.toc = chapters
    book.add_item(epub.EpubNcx())
    book.add_item(epub.EpubNav())
    book.spine = ["nav", *chapters[::-1]]
    out = io.BytesIO()
    epub.write_epub(out, book)
    reading = TEXT.read(out.getvalue(), suffix=".epub")
    assert (reading.title, reading.maker) == ("The Lamp", "Ann Author")
    assert words(reading.content.replace(",\n", ",")) == words(spine_text(out.getvalue()))
    assert reading.content.startswith("Three\n\nWords of three,\ncafé.\n\nMore & more.\n\n\nTwo\n")
    assert "table of" in reading.warnings[0]


# OpenDocument and rich text


def test_documents_of_odfdo_are_read_as_it_reads_them() -> None:
    import odfdo

    document = odfdo.Document("text")
    document.body.clear()
    document.body.append(odfdo.Header(1, "The Lamp"))
    for line in ("It was bright.", "Two  blanks\tand a tab", "last line\nof two"):
        document.body.append(odfdo.Paragraph(line))
    document.meta.title = "The Lamp"
    out = io.BytesIO()
    document.save(out)
    reading = TEXT.read(out.getvalue(), suffix=".odt")
    theirs = [part.text_recursive for part in document.body.children if part.tag in ("text:p", "text:h")]
    assert words(reading.content) == words("\n".join(theirs))
    assert "Two  blanks\tand a tab" in reading.content and "last line\nof two" in reading.content
    assert reading.title == "The Lamp"


@pytest.mark.parametrize("text", SAMPLES)
def test_another_reader_of_rich_text_reads_what_is_written(text: str) -> None:
    from striprtf.striprtf import rtf_to_text

    data = rtf_out.write(text)
    theirs = rtf_to_text(data.decode("ascii"))
    assert lines(theirs) == lines(text) == lines(TEXT.read(data, suffix=".rtf").content)


@pytest.mark.parametrize(
    "body",
    [
        r"\pard caf\'e9 \b bold\b0  and {\i it}\par next\line line\par",
        r"\pard \u8220?q\u8221? \emdash  \ldblquote r\rdblquote\par",
        r"{\f2 \'cf\'f0\'e8\'e2\'e5\'f2}\par {\*\generator no;}x\tab y\par",
        r"{\field{\*\fldinst HYPERLINK x}{\fldrslt link}} after\par",
    ],
)
def test_rich_text_is_read_as_another_reads_it(body: str) -> None:
    from striprtf.striprtf import rtf_to_text

    data = files.rtf(body)
    assert lines(TEXT.read(data, suffix=".rtf").content) == lines(
        rtf_to_text(data.decode("latin-1"), encoding="cp1252")
    )


# Pages

PAGES = {
    "breaks": "<p>one<br>two<br><br>three</p><p>four</p><div>x</div><div>y</div><div><br></div><div>z</div>",
    "blanks": "<p>a <b> b</b> <i>c </i>d</p><p>\n e\tf\n\n g</p>",
    "blocks by a sheet": "<style>.l {display: block} li {display: inline}</style><p><span class=l>a</span>"
    "<span "
    "class=l>b</span></p><ul><li>c</li><li>d</li></ul>",
    "hidden": "<p>a <span style='display:none'>no</span>b <span hidden>no</span><span "
    "style='visibility:hidden'>no</span>c</p>",
    "selectors": "<style>div.a >"
    " p {display: none} #x p.y {display: none} .z {visibility: hidden} p, i {color: "
    "red}</style>"
    "<div class=a><p>no</p><div><p>yes</p></div></div><div id=x><p "
    "class=y>no</p><p>too</p></div><span class=z>no</span>",
    "weight": "<style>p {display: none !important} p.b {display: block} i {display: none} i.c {display: "
    "inline}</style><p class=b style='display:block'>no</p>a<i class=c>b</i>",
    "preformatted": "<pre>\n a\n  b\n\nc</pre><p style='white-space: pre-wrap'>a  b\n c</p>"
    "<p style='white-space: "
    "pre-line'>d  e\n f</p>",
    "tables": "<table><caption>t</caption><tr><td>1<td>2<tr><td>3<td>4</table>after",
    "lists": "<ul><li>a<li>b<ul><li>c</ul></ul><ol><li><p>d</p></ol><dl><dt>e<dd>f</dl>",
    "references": "<p>&ldquo;a&rdquo; &amp; &#146;b&#146; &hellip; &shy;x &nbsp;y &notit; &#x2014;</p>",
    "unclosed": "<p>one<p>two<b>bold<p>three</b>four<p>five<div>six</div>seven",
    "deep": "<font color=red>" * 400 + "deep<p>more",
    "no text": "<p>a<script>no()</script>b</p><noscript>no</noscript><template>no</template><iframe>"
    "no</iframe><!-- no --><meter>no</meter>",
    "sections": "<header>h</header><main><article><h1>t</h1><section>s</section></article></main><footer>"
    "f</footer><address>a</address>",
    "drawn": "<p>a</p><svg><title>no</title><text>yes</text></svg><figure><img alt='A long "
    "description'><figcaption>cap</figcaption></figure>",
    "office": "<!--[if mso]><p>no</p><![endif]--><p class=MsoNormal>x<o:p></o:p></p><o:p>"
    "&nbsp;</o:p><p>y</p>",
    "inline blocks": "<span style='display:inline-block'>a</span> <span style='display:inline-block'>"
    "b</span>",
    "links": "<a href=#x><div>one</div></a><a><div>two</div></a>three",
    "cells": "<table><tr><td><p>p1</p><p>p2</p></td><td>q</td></tr></table>",
    "details": "<details open><summary>s</summary>text</details><dialog open>yes</dialog><dialog>no</dialog>",
}


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[object]:
    sync = pytest.importorskip("playwright.sync_api")
    with sync.sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield started.new_page()
        started.close()


@pytest.mark.browser
@pytest.mark.parametrize("name", PAGES)
def test_pages_are_read_as_a_browser_shows_them(name: str, browser: Any) -> None:
    page = f"<!doctype html><html><head><meta charset=utf-8></head><body>{PAGES[name]}</body></html>"
    browser.set_content(page)
    shown = browser.evaluate("document.body.innerText")
    assert lines(TEXT.read(page.encode(), suffix=".html").content) == lines(shown)
