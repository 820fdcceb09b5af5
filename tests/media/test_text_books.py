"""E-books: every part that can be read, in order; what is declared as no text goes and is named, what only
looks like it stays.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.text.medium import MEDIUM as TEXT
from tests.media import textfiles as files

read = TEXT.read
EVENING = "It was the evening of a long day, and the lamps were lit in the street below. " * 3


def reading_of(
    chapters: Mapping[str, str | bytes | None], extra: Mapping[str, str | bytes] | None = None, **more: Any
) -> Reading:
    return read(files.epub(chapters, extra, **more), suffix=".epub")


def test_a_book_is_its_chapters() -> None:
    reading = read(files.book(), suffix=".epub")
    assert (reading.title, reading.maker) == ("The Lighthouse", "Ann Author")
    assert reading.content == (
        "Chapter One\n\nThe lamp was lit.\n\nNobody came.\n\n\nChapter Two\n\nThe sea\nwas calm.\n"
        "\nCafé & tea—quiet.\n"
    )
    said = "\n".join(reading.warnings)
    for words in (
        "cover page: “COVER PICTURE”",
        "title page: “The Lighthouse by Ann Author”",
        "copyright page: “Copyright",
    ):
        assert words in said
    assert "table of links: “Chapter One Chapter Two”" in said
    assert "table of contents: “Chapter One Chapter Two”" in said
    assert "COVER PICTURE" in read(files.book(), suffix=".epub", keep_all=True).content


def test_project_gutenbergs_frame_is_left_out_of_books() -> None:
    chapters = {
        "h.xhtml": files.page(
            '<section class="pg-boilerplate pgheader" id="pg-header"><p>The Project Gutenberg '
            "eBook</p></section>"
            "<p>*** START OF THE PROJECT GUTENBERG EBOOK X ***</p><p>It began.</p>"
        ),
        "f.xhtml": files.page(
            '<p>It ended.</p><section id="pg-footer"><p>*** END OF THE PROJECT GUTENBERG EBOOK X '
            "***</p></section>"
        ),
    }
    assert reading_of(chapters).content == "It began.\n\n\nIt ended.\n"


def test_poems_with_names_and_notices_of_front_matter_stay() -> None:
    poems = {
        "cover-me.xhtml": "<h1>Cover Me</h1><p>with leaves</p>",
        "nav.xhtml": "<h1>Navigation</h1><p>by stars</p><p>Copyright © 2001. All rights reserved. ISBN 1</p>",
        "toc.xhtml": "<h1 class='toc'>Tick, Toc</h1><p>first published in <i>Clock</i></p>",
        "copyright.xhtml": "<h1 id='copyright'>Copyright</h1><p>© the sea, © the wind</p>",
        "index.xhtml": "<div id='index' class='titlepage'>Index of winds</div>",
    }
    reading = reading_of({name: files.page(body) for name, body in poems.items()})
    for words in ("with leaves", "by stars", "in Clock", "© the wind", "Index of winds"):
        assert words in reading.content
    assert reading.warnings == ()


def test_a_poem_of_links_stays_and_a_list_of_contents_goes() -> None:
    one, two = (
        files.page(f"<h1>The Gate</h1><p>{EVENING}</p>"),
        files.page(f"<h1>The Hill</h1><p>{EVENING}</p>"),
    )
    links = files.page("<p><a href='1.xhtml'>go through me</a></p><p><a href='2.xhtml'>climb me</a></p>")
    reading = reading_of({"poem.xhtml": links, "1.xhtml": one, "2.xhtml": two})
    assert reading.content.startswith("go through me\n\nclimb me\n") and reading.warnings == ()
    contents = files.page(
        "<h1>Poems</h1><p><a href='1.xhtml'>The Gate</a></p><p><a href='2.xhtml#x'>The Hill</a></p>"
    )
    reading = reading_of({"c.xhtml": contents, "1.xhtml": one, "2.xhtml": two})
    assert (
        reading.content.startswith("The Gate\n\nIt was")
        and "table of contents: “Poems The Gate" in reading.warnings[0]
    )


@pytest.mark.parametrize(
    ("guide", "starts"),
    [
        ('<reference type="toc" href="a.xhtml#toc"/>', "Part\n\nOne\n"),
        ('<reference type="cover" href="a.xhtml#top"/>', "Part\n\nOne\n"),
        ('<reference type="title-page" href="a.xhtml"/>', "Part\n\n"),
        ('<reference type="cover" href="b.xhtml"/>', "Part\n\n"),
        ('<reference type="toc" href="gone.xhtml"/>', "Part\n\n"),
        ('<reference type="toc" href="b.xhtml"/>', "Part\n\n"),
    ],
)
def test_guides_are_believed_only_about_short_parts(guide: str, starts: str) -> None:
    a = files.page(
        '<h1 id="top">Part</h1><div id="toc"><p><a href="#c1">One</a></p><p><a href="#c2">Two</a></p></div>'
        f"<h2 id='c1'>One</h2><p>{EVENING * 9}</p><h2 id='c2'>Two</h2><p>{EVENING * 9}</p>"
    )
    reading = reading_of(
        {"a.xhtml": a, "b.xhtml": files.page("<p>Cover</p>")}, guide=f"<guide>{guide}</guide>"
    )
    assert reading.content.startswith(starts) and reading.content.count("evening") == 54
    assert ("Cover\n" in reading.content) == ('type="cover" href="b.xhtml"' not in guide)


def test_landmarks_declare_parts_as_guides_do() -> None:
    nav = files.page(
        '<nav epub:type="toc"><a href="1.xhtml">One</a></nav>'
        '<nav epub:type="landmarks"><a epub:type="cover" href="0.xhtml">Cover</a></nav>'
    )
    reading = reading_of(
        {
            "0.xhtml": files.page("<p>THE BOOK, a picture</p>"),
            "1.xhtml": files.page("<p>words</p>"),
            "n.xhtml": nav,
        },
        properties={"n.xhtml": "nav"},
        spine='<itemref idref="i0"/><itemref idref="i1"/>',
    )
    assert reading.content == "words\n" and "cover page: “THE BOOK" in reading.warnings[0]


def test_a_navigation_page_that_holds_the_text_is_read() -> None:
    nav = files.page(f'<nav epub:type="toc"><a href="#c">One</a></nav><h1 id="c">One</h1><p>{EVENING}</p>')
    assert reading_of({"all.xhtml": nav}, properties={"all.xhtml": "nav"}).content.startswith(
        "One\n\nIt was the evening"
    )


@pytest.mark.parametrize(
    "kind",
    [
        "application/XHTML+XML",
        "text/x-oeb1-document",
        "text/html",
        "application/xml",
        "text/xml",
        "",
        "application/x-dtbook+xml",
        "application/octet-stream",
        " application/xhtml+xml ",
        "text/plain; charset=utf-8",
    ],
)
def test_parts_of_every_kind_are_read(kind: str) -> None:
    reading = reading_of(
        {"a.xhtml": files.page("<p>first</p>"), "b.html": files.page("<p>second</p>")},
        kinds={"a.xhtml": kind},
    )
    assert reading.content.endswith("second\n") and "first" in reading.content and reading.warnings == ()


def test_parts_that_cannot_be_read_are_named_and_the_rest_stands() -> None:
    words = files.page("<p>words</p>")
    reading = reading_of(
        {
            "a.xhtml": words,
            "gone.xhtml": "",
            "empty.xhtml": "",
            "bad.xhtml": b"\x00\x01\x02" * 400,
            "p.png": b"\x89PNG",
            "b.xhtml": words,
        },
        kinds={"p.png": "image/png"},
        spine="".join(f'<itemref idref="i{n}"/>' for n in (0, 1, 2, 3, 4, 5, 5))
        + '<itemref idref="nobody"/>',
    )
    assert reading.content == "words\n\n\nwords\n"
    said = "\n".join(reading.warnings)
    assert "bad.xhtml" in said and "p.png: it is image/png" in said and "nobody" in said
    without = files.epub({"a.xhtml": words, "c.xhtml": words}).replace(b"OEBPS/c.xhtml", b"OEBPS/d.xhtml")
    reading = read(without, suffix=".epub")
    assert (
        reading.content == "words\n" and "c.xhtml" in reading.warnings[0] and "missing" in reading.warnings[0]
    )


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("Ch%20One.xhtml", "OEBPS/Ch One.xhtml"),
        ("chapter1.xhtml", "OEBPS/Chapter1.XHTML"),
        ("text/a.xhtml", "OEBPS\\text\\a.xhtml"),
        ("../Text/a.xhtml", "Text/a.xhtml"),
        ("./a.xhtml#start", "OEBPS/a.xhtml"),
        ("caf\u00e9.xhtml", "OEBPS/cafe\u0301.xhtml"),
        ("%C3%A9t%C3%A9.xhtml", "OEBPS/\u00e9t\u00e9.xhtml"),
    ],
)
def test_names_are_found_however_they_are_spelt(href: str, name: str) -> None:
    data = files.epub({href: None}, {name: files.page("<p>words</p>")})
    assert read(data, suffix=".epub").content == "words\n"


def test_a_book_without_container_order_or_list_is_read_as_far_as_it_goes() -> None:
    words = files.page("<p>words</p>")
    no_container = files.zipped(
        {
            "book.opf": '<package><manifest><item id="a" href="a.xhtml"/></manifest></package>',
            "a.xhtml": words,
        }
    )
    reading = read(no_container, suffix=".epub")
    assert reading.content == "words\n" and "no reading order" in reading.warnings[0]
    broken = files.zipped({"book.opf": "<package></metadata>", "a.xhtml": words, "b.htm": words})
    reading = read(broken, suffix=".epub")
    assert reading.content == "words\n\n\nwords\n" and "damaged" in reading.warnings[0]


def test_fallbacks_svg_and_cdata_are_text() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg"><text>drawn</text><text>words</text></svg>'
    page = files.page("<p>stands <![CDATA[in & <on>]]></p>")
    items = '<item id="f" href="a.pdf" fallback="i0" media-type="application/pdf"/>'
    reading = reading_of(
        {"a.xhtml": page, "p.svg": svg},
        kinds={"p.svg": "image/svg+xml"},
        more=items,
        spine='<itemref idref="f"/><itemref idref="i1"/>',
    )
    assert reading.content == "stands in & <on>\n\n\ndrawn\nwords\n"


def test_stanzas_stand_as_the_books_style_sheet_prints_them() -> None:
    sheet = "p.v { margin: 0; } p.last { margin-bottom: 1em } .alt { display: none }"
    body = '<p class="v">a</p><p class="v last">b</p><p class="v">c</p><p class="alt">hidden</p>'
    page = files.page(body).replace("<head>", '<head><link rel="stylesheet" href="../s/v.css"/>')
    reading = reading_of({"t/a.xhtml": page}, {"OEBPS/s/v.css": sheet})
    assert reading.content == "a\nb\n\nc\n"
    missing = reading_of({"t/a.xhtml": page})
    assert missing.content == "a\n\nb\n\nc\n\nhidden\n"


def test_notes_and_what_lies_outside_the_order_go_and_are_named() -> None:
    body = (
        '<p>on the hill<sup><a epub:type="noteref" href="#n1">1</a></sup> and there.<a href="#n2" '
        'epub:type="noteref">2</a> The end.</p>'
        '<aside epub:type="footnote" id="n1"><p>1. A small hill.</p></aside>'
    )
    notes = files.page("<p>2. But mice.</p>", attributes='epub:type="endnotes"')
    reading = reading_of(
        {"a.xhtml": files.page(body), "n.xhtml": notes, "q.xhtml": files.page("<p>A quiz.</p>")},
        spine='<itemref idref="i0"/><itemref idref="i1"/><itemref idref="i2" linear="no"/>',
    )
    assert reading.content == "on the hill and there. The end.\n"
    said = "\n".join(reading.warnings)
    assert (
        "2 notes: “1. A small hill.”, “2. But mice.”" in said
        and "“A quiz.”" in said
        and "2 note marks" in said
    )


def test_makers_are_the_authors() -> None:
    data = files.epub({"a.xhtml": files.page("<p>words</p>")})
    creators = (
        '<dc:creator xmlns:o="x" o:role="aut">Ann Author</dc:creator><dc:creator o:role="trl" '
        'xmlns:o="x">T. Ranslator</dc:creator>'
        '<dc:creator id="c3">Bo Second</dc:creator><meta refines="#c3" property="role">aut</meta>'
    )
    package = (
        f'<package xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>{creators}</metadata><manifest>'
        '<item id="a" href="a.xhtml" media-type="text/html"/></manifest><spine><itemref '
        'idref="a"/></spine></package>'
    )
    data = files.zipped({"x.opf": package, "a.xhtml": files.page("<p>words</p>")})
    assert read(data, suffix=".epub").maker == "Ann Author, Bo Second"


def test_encodings_inside_books() -> None:
    page = '<?xml version="1.0" encoding="windows-31j"?><html><body><p>春の夜の夢</p></body></html>'.encode(
        "cp932"
    )
    wide = '<?xml version="1.0" encoding="utf-16"?><html><body><p>été</p></body></html>'.encode("utf-16")
    assert reading_of({"a.xhtml": page, "b.xhtml": wide}).content == "春の夜の夢\n\n\nété\n"


def test_protected_books_are_refused() -> None:
    encryption = '<encryption><CipherReference URI="OEBPS/one.xhtml"/></encryption>'
    data = files.epub({"one.xhtml": files.page("<p>words</p>")}, {"META-INF/encryption.xml": encryption})
    with pytest.raises(WorkError, match="protected"):
        read(data, suffix=".epub")
    fonts = '<encryption><CipherReference URI="OEBPS/font.otf"/></encryption>'
    data = files.epub(
        {"one.xhtml": files.page("<p>words</p>")}, {"META-INF/encryption.xml": fonts, "OEBPS/font.otf": "x"}
    )
    assert read(data, suffix=".epub").content == "words\n"


def test_a_book_of_pictures_says_that_it_holds_no_text() -> None:
    with pytest.raises(WorkError, match="no text"):
        reading_of({"a.xhtml": files.page("<img src='a.png' alt='A long description'/>")})
    with pytest.raises(WorkError, match="left out"):
        reading_of({"a.xhtml": files.page("<p>only a cover</p>", attributes='epub:type="cover"')})
