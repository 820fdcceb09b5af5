"""Word documents: the text as it stands and as it is printed."""

from __future__ import annotations

from typing import Any

import pytest

from etude.media.text.medium import MEDIUM as TEXT
from tests.media import textfiles as files

read = TEXT.read
P = files.paragraph


def docx_text(body: str, **more: Any) -> str:
    text: str = read(files.docx(body, **more), suffix=".docx").content
    return text


def run(text: str, look: str = "") -> str:
    return f'<w:r><w:rPr>{look}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def test_a_document_is_its_text_as_it_stands() -> None:
    reading = read(files.letters(), suffix=".docx")
    assert reading.content == "Letters\n\nChapter One\n\nDear Ann,\n\nfirst line\nsecond line\n\nThe end.\n"
    assert (reading.title, reading.maker) == ("Letters", "Bo Writer")
    assert reading.warnings == ("left out 1 table of contents: “Chapter One ..... 3”",)
    assert "Chapter One ..... 3\n" in read(files.letters(), suffix=".docx", keep_all=True).content


def test_empty_paragraphs_part_stanzas() -> None:
    assert (
        docx_text("".join(P(line) for line in ("one", "two", "", "three", "four")))
        == "one\ntwo\n\nthree\nfour\n"
    )


SPACED = (
    '<w:docDefaults><w:pPrDefault><w:pPr><w:spacing w:after="160"/></w:pPr></w:pPrDefault></w:docDefaults>'
)
TIGHT = (
    '<w:docDefaults><w:pPrDefault/></w:docDefaults><w:style w:type="paragraph" w:styleId="In"><w:name '
    'w:val="Indented"/><w:pPr><w:ind w:firstLine="400"/></w:pPr></w:style>'
)
STANZA = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Last"><w:basedOn w:val="N"/><w:pPr><w:spacing '
    'w:after="200"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Close"><w:pPr><w:spacing '
    'w:after="200"/><w:contextualSpacing/></w:pPr></w:style>'
)


@pytest.mark.parametrize(
    ("styles", "paragraphs", "text"),
    [
        (SPACED, [("a", ""), ("b", "")], "a\n\nb\n"),
        (TIGHT, [("a", ""), ("b", "")], "a\nb\n"),
        (TIGHT, [("a", "In"), ("b", "In")], "a\n\nb\n"),
        (
            TIGHT,
            [("long words " * 20, ""), ("“No,” he said.", "")],
            "long words " * 19 + "long words\n\n“No,” he said.\n",
        ),
        (STANZA, [("a", "N"), ("b", "Last"), ("c", "N"), ("d", "N")], "a\nb\n\nc\nd\n"),
        (STANZA, [("a", "Close"), ("b", "Close"), ("c", "Last")], "a\nb\n\nc\n"),
        (STANZA, [("One", "Heading1"), ("a", "N"), ("b", "N")], "One\n\na\nb\n"),
        (TIGHT, [("\ta", ""), ("\tb", "")], "\ta\n\n\tb\n"),
    ],
)
def test_space_between_paragraphs_says_what_is_a_line(
    styles: str, paragraphs: list[tuple[str, str]], text: str
) -> None:
    body = "".join(P(words, style) for words, style in paragraphs)
    assert docx_text(body, styles=styles) == text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        # paragraph marks that are no ends
        (
            "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>" + run("one ") + "</w:p>" + P("sentence."),
            "one sentence.\n",
        ),
        (
            "<w:p><w:pPr><w:rPr><w:moveFrom/></w:rPr></w:pPr>" + run("one ") + "</w:p>" + P("sentence."),
            "one sentence.\n",
        ),
        (
            P("a")
            + (
                "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:del><w:r><w:delText>x</w:delText></w:r>"
                "</w:del></w:p>"
            )
            + P("b"),
            "a\n\nb\n",
        ),
        (
            '<w:p><w:pPr><w:framePr w:dropCap="drop" w:lines="3"/></w:pPr>'
            + run("T")
            + "</w:p>"
            + P("he house."),
            "The house.\n",
        ),
        # changes, fields, controls
        (
            "<w:p>"
            + run("a ")
            + "<w:ins>"
            + run("new ")
            + "</w:ins><w:moveTo>"
            + run("moved ")
            + "</w:moveTo><w:moveFrom>"
            + run("no")
            + "</w:moveFrom>"
            + run("b")
            + "</w:p>",
            "a new moved b\n",
        ),
        (
            "<w:p>"
            + run("see ")
            + '<w:fldSimple w:instr=" REF x ">'
            + run("part 2")
            + "</w:fldSimple>"
            + run(" p. ")
            + '<w:fldSimple w:instr="PAGE">'
            + run("7")
            + "</w:fldSimple></w:p>",
            "see part 2 p.\n",
        ),
        (
            "<w:p>"
            + run("a")
            + (
                '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK '
                '"x"</w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>'
            )
            + run("b")
            + '<w:del><w:r><w:fldChar w:fldCharType="end"/></w:r></w:del>'
            + run("c")
            + "</w:p>",
            "abc\n",
        ),
        (
            '<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK</w:instrText></w:r></w:p>'
            + P("The field never ends."),
            "The field never ends.\n",
        ),
        (
            "<w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent>"
            + P("Click here")
            + "</w:sdtContent></w:sdt>"
            + P("a"),
            "a\n",
        ),
        (
            "<w:p><w:sdt><w:sdtContent>" + run("in a control") + "</w:sdtContent></w:sdt></w:p>",
            "in a control\n",
        ),
        (
            "<w:p><w:hyperlink>"
            + run("li")
            + run("nk")
            + "</w:hyperlink><w:smartTag>"
            + run("ed")
            + "</w:smartTag></w:p>",
            "linked\n",
        ),
        (
            "<w:tbl><w:tr><w:tc>"
            + P("a")
            + "</w:tc><w:tc>"
            + P("b")
            + "</w:tc></w:tr><w:tr><w:trPr><w:del/></w:trPr><w:tc>"
            + P("no")
            + "</w:tc></w:tr></w:tbl>",
            "a\n\nb\n",
        ),
        # signs of every sort
        (
            "<w:p>" + run("Ten") + '<w:r><w:sym w:font="Symbol" w:char="F0B0"/><w:sym w:font="Wingdings" '
            'w:char="F0FC"/><w:sym w:font="Arial" w:char="2014"/></w:r></w:p>',
            "Ten°🗸—\n",
        ),
        ("<w:p>" + run("\uf061\uf062", '<w:rFonts w:ascii="Symbol"/>') + "</w:p>", "αβ\n"),
        (
            "<w:p>"
            + run("mc")
            + run("2", '<w:vertAlign w:val="superscript"/>')
            + run(" H")
            + run("2", '<w:vertAlign w:val="subscript"/>')
            + run("O")
            + "</w:p>",
            "mc² H₂O\n",
        ),
        (
            "<w:p><w:r><w:t>a</w:t><w:noBreakHyphen/><w:t>b</w:t><w:softHyphen/><w:t>c</w:t>"
            "<w:tab/><w:t>d</w:t><w:cr/><w:t>e</w:t></w:r></w:p>",
            "a-bc\td\ne\n",
        ),
        (
            "<w:p>" + run("x = ") + '<m:oMath xmlns:m="m"><m:r><m:t>π + 1</m:t></m:r></m:oMath></w:p>',
            "x = π + 1\n",
        ),
        (
            "<w:p><w:r><w:ruby><w:rt><w:r><w:t>ゆめ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>夢</w:t>"
            "</w:r></w:rubyBase></w:ruby></w:r></w:p>",
            "夢\n",
        ),
        (
            r'<w:p><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>EQ \* jc2 \* hps10 '
            r'\o\ad(\s\up 9(ゆめ),夢)</w:instrText><w:fldChar w:fldCharType="end"/></w:r></w:p>',
            "夢\n",
        ),
        # pages and pictures
        (P("a") + '<w:p><w:r><w:br w:type="page"/></w:r></w:p>' + P("b"), "a\n\nb\n"),
        ("<w:p>" + run("a") + "<w:r><w:lastRenderedPageBreak/></w:r>" + run("b") + "</w:p>", "ab\n"),
        (P("a") + "<w:p><w:r><w:drawing/></w:r></w:p>" + P("b"), "a\n\nb\n"),
    ],
)
def test_documents_are_read_as_they_are_printed(body: str, text: str) -> None:
    assert docx_text(body) == text


def box(text: str) -> str:
    return f"<w:txbxContent>{P(text)}</w:txbxContent>"


MC = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:wps="s" xmlns:v="v"'


@pytest.mark.parametrize(
    "drawing",
    [
        f'<w:pict {MC}><v:shape><v:textpath string="Boxed."/></v:shape></w:pict>',
        f"<w:pict><v:textbox {MC}>{box('Boxed.')}</v:textbox></w:pict>",
        f"<mc:AlternateContent {MC}><mc:Choice><w:drawing><wps:txbx>{box('Boxed.')}</wps:txbx>"
        f"</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box('Boxed.')}</w:pict></mc:Fallback></mc:AlternateContent>",
        f"<mc:AlternateContent {MC}><mc:Choice><w:drawing/></mc:Choice><mc:Fallback><w:pict>"
        f"{box('Boxed.')}</w:pict></mc:Fallback>"
        "</mc:AlternateContent>",
        '<w:drawing><a:txBody xmlns:a="a"><a:p><a:r><a:t>Boxed.</a:t></a:r></a:p></a:txBody></w:drawing>',
    ],
)
def test_text_boxes_are_read_once_after_their_paragraph(drawing: str) -> None:
    body = P("First.") + f"<w:p><w:r>{drawing}</w:r>{run('Second.')}</w:p>" + P("Third.")
    assert docx_text(body) == "First.\n\nSecond.\n\nBoxed.\n\nThird.\n"


@pytest.mark.parametrize(
    ("look", "styles"),
    [
        ("<w:vanish/>", ""),
        ('<w:vanish w:val="true"/>', ""),
        (
            '<w:rStyle w:val="H"/>',
            '<w:style w:type="character" w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style>',
        ),
        (
            '<w:rStyle w:val="H2"/>',
            '<w:style w:styleId="H"><w:rPr><w:vanish/></w:rPr></w:style><w:style '
            'w:styleId="H2"><w:basedOn w:val="H"/></w:style>',
        ),
    ],
)
def test_hidden_words_go_and_are_named(look: str, styles: str) -> None:
    body = (
        "<w:p>"
        + run("She left ")
        + run("[ask the editor] ", look)
        + run("at dawn.", '<w:vanish w:val="0"/>')
        + "</w:p>"
    )
    reading = read(files.docx(body, styles=styles), suffix=".docx")
    assert reading.content == "She left at dawn.\n"
    assert reading.warnings == ("left out 1 hidden passage: “[ask the editor]”",)
    assert "editor" in read(files.docx(body, styles=styles), suffix=".docx", keep_all=True).content


def test_contents_are_known_by_style_field_or_gallery_and_titles_are_text() -> None:
    toc = '<w:style w:type="paragraph" w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>'
    body = (
        P("Poems", "Title")
        + P("for stocks", "Stock")
        + P("The Well 3", "Verzeichnis1")
        + P("The Gate 5", "Verzeichnis1")
        + P("The Well", "Subtitle")
    )
    reading = read(files.docx(body, styles=toc), suffix=".docx")
    assert (
        "The Well 3" not in reading.content
        and reading.content.startswith("Poems\n")
        and "for stocks" in reading.content
    )
    assert reading.warnings == ("left out 1 table of contents: “The Well 3 The Gate 5”",)
    field = (
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>TOC \\o</w:instrText></w:r>'
        f'<w:r><w:fldChar w:fldCharType="separate"/></w:r>{run("The Well")}</w:p>{P("The Gate")}'
        f'<w:p><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>{P("a")}'
    )
    reading = read(files.docx(field), suffix=".docx")
    assert reading.content == "a\n" and "“The WellThe Gate”" in reading.warnings[0]
    cover = (
        '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Cover Pages"/></w:docPartObj></w:sdtPr>'
        f"<w:sdtContent>{P('BIG TITLE')}</w:sdtContent></w:sdt>{P('a')}"
    )
    reading = read(files.docx(cover), suffix=".docx")
    assert reading.content == "a\n" and reading.warnings == ("left out 1 cover page: “BIG TITLE”",)


def related(kind: str, target: str, number: int = 1, mode: str = "") -> str:
    return f'<Relationship Id="r{number}" Type="{files.OFFICE}/{kind}" Target="{target}" {mode}/>'


def test_notes_headers_and_footers_go_and_are_named() -> None:
    notes = (
        f'<w:footnotes {files.W}><w:footnote w:type="separator" '
        f'w:id="0"><w:p/></w:footnote><w:footnote w:id="2">{P("A small hill.")}</w:footnote>'
        f"</w:footnotes>"
    )
    header = f"<w:hdr {files.W}>{P('Writer / The Well')}</w:hdr>"
    body = (
        "<w:p>"
        + run("on the hill")
        + '<w:r><w:footnoteReference w:id="2"/></w:r>'
        + run(" and on")
        + "</w:p>"
    )
    data = files.docx(
        body,
        {"word/footnotes.xml": notes, "word/header1.xml": header},
        related=related("header", "header1.xml") + related("header", "/word/header1.xml", 2),
    )
    reading = read(data, suffix=".docx")
    assert reading.content == "on the hill and on\n"
    assert reading.warnings == (
        "left out 1 note: “A small hill.”",
        "left out 1 page header: “Writer / The Well”",
    )
    assert (
        read(data, suffix=".docx", keep_all=True).content
        == "Writer / The Well\n\non the hill and on\n\n[A small hill.]\n"
    )


def test_pieces_that_a_document_imports_are_read_or_named() -> None:
    body = (
        P("a")
        + (
            '<w:altChunk r:id="r1" xmlns:r="r"/><w:altChunk r:id="r2" xmlns:r="r"/><w:altChunk '
            'r:id="r3" xmlns:r="r"/>'
        )
        + P("b")
    )
    data = files.docx(
        body,
        {"word/one.html": "<html><p>from a page</p></html>", "word/two.rtf": files.rtf("from rich text")},
        related=related("aFChunk", "one.html", 1)
        + related("aFChunk", "two.rtf", 2)
        + related("aFChunk", "gone.docx", 3),
    )
    reading = read(data, suffix=".docx")
    assert reading.content == "a\n\nfrom a page\n\nfrom rich text\n\nb\n"
    assert len(reading.warnings) == 1 and "gone.docx" in reading.warnings[0]


@pytest.mark.parametrize(
    "name",
    ["word/document2.xml", "Word/Document.xml", "/word/document.xml", "word\\document.xml", "other/main.xml"],
)
def test_the_package_says_where_the_text_is(name: str) -> None:
    document = f"<w:document {files.W}><w:body>{P('words')}</w:body></w:document>"
    relations = (
        f'<Relationships xmlns="{files.PACKAGE}"><Relationship Id="a" '
        f'Type="{files.OFFICE}/officeDocument" Target="other/main.xml"/></Relationships>'
    )
    parts = {name: document} | ({"_rels/.rels": relations, "word/x": ""} if name.startswith("other") else {})
    assert read(files.zipped(parts), suffix=".docx").content == "words\n"


def test_strict_documents_and_damaged_side_parts_are_read() -> None:
    strict = files.W.replace(
        "schemas.openxmlformats.org/wordprocessingml/2006/main", "purl.oclc.org/ooxml/wordprocessingml/main"
    )
    document = f"<w:document {strict}><w:body>{P('words', 'Title')}</w:body></w:document>"
    assert read(files.zipped({"word/document.xml": document}), suffix=".docx").content == "words\n"
    reading = read(files.docx(P("words"), {"word/styles.xml": "<w:styles"}), suffix=".docx")
    assert reading.content == "words\n"
    cut = f"<w:document {files.W}><w:body>{P('first')}{P('second')}<w:p><w:r><w:t>thi"
    assert (
        read(files.zipped({"word/document.xml": cut}), suffix=".docx").content == "first\n\nsecond\n\nthi\n"
    )
