"""OpenDocument texts and rich text: the text as it stands and as it is printed."""

from __future__ import annotations

import pytest

from etude.errors import WorkError
from etude.media.text.medium import MEDIUM as TEXT
from tests.media import textfiles as files

read = TEXT.read


# OpenDocument


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            "<text:h>One</text:h><text:p>a  b\n c<text:s "
            "text:c='3'/>d<text:tab/>e<text:line-break/>f</text:p>",
            "One\n\na b c   d\te\nf\n",
        ),
        ("<text:p>a</text:p><text:p/><text:p>b</text:p>", "a\n\nb\n"),
        ("<text:p>a <text:span text:style-name='H'>no </text:span>b</text:p>", "a b\n"),
        ("<text:p>mc<text:span text:style-name='U'>2</text:span></text:p>", "mc²\n"),
        (
            "<text:p>hill<text:note><text:note-citation>1</text:note-citation><text:note-body>"
            "<text:p>small</text:p></text:note-body></text:note> on</text:p>",
            "hill on\n",
        ),
        (
            "<text:p>a<office:annotation><dc:creator>X</dc:creator><text:p>no</text:p>"
            "</office:annotation>b</text:p>",
            "ab\n",
        ),
        (
            "<text:tracked-changes><text:deletion><text:p>no</text:p></text:deletion>"
            "</text:tracked-changes><text:p>a<text:change-start/>b</text:p>",
            "ab\n",
        ),
        (
            "<text:table-of-content><text:index-body><text:p>One "
            "3</text:p></text:index-body></text:table-of-content><text:p>a</text:p>",
            "a\n",
        ),
        (
            "<text:p><text:ruby><text:ruby-base>夢</text:ruby-base><text:ruby-text>"
            "ゆめ</text:ruby-text></text:ruby></text:p>",
            "夢\n",
        ),
        (
            "<text:p>a<draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame>"
            "b</text:p><text:p>c</text:p>",
            "ab\nbox\nc\n",
        ),
        (
            "<text:list><text:list-item><text:p>a</text:p></text:list-item><text:list-item><text:p>"
            "b</text:p></text:list-item></text:list>",
            "a\nb\n",
        ),
        (
            "<text:p>p. <text:page-number>7</text:page-number> of <text:title>Letters</text:title></text:p>",
            "p. of Letters\n",
        ),
        ("<text:section text:display='none'><text:p>no</text:p></text:section><text:p>a</text:p>", "a\n"),
        ("<text:p>a<text:soft-page-break/>b</text:p><text:p text:style-name='G'>c</text:p>", "ab\n\nc\n"),
        ("<text:p>a<text:hidden-paragraph text:is-hidden='true'/> no</text:p><text:p>b</text:p>", "b\n"),
        (
            "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
            "</table:table-row></table:table>",
            "a\n",
        ),
    ],
)
def test_opendocument_texts_are_read_as_they_are_printed(body: str, text: str) -> None:
    styles = (
        '<style:style style:name="H" style:family="text"><style:text-properties '
        'text:display="none"/></style:style>'
        '<style:style style:name="U" style:family="text"><style:text-properties '
        'style:text-position="super 58%"/></style:style>'
        '<style:style style:name="G" style:family="paragraph"><style:paragraph-properties '
        'fo:margin-top="0.5cm"/></style:style>'
    )
    reading = read(files.odt(body, styles), suffix=".odt")
    assert reading.content == text
    assert (reading.title, reading.maker) == ("Letters", "Bo Writer")


def test_flat_and_protected_opendocument_files() -> None:
    flat = (
        f'<?xml version="1.0"?><office:document {files.ODF}><office:body><office:text><text:p>'
        f"a</text:p></office:text></office:body></office:document>"
    )
    assert read(flat.encode(), suffix=".fodt").content == "a\n"
    assert read(flat.encode(), suffix=".odt").content == "a\n"
    running = (
        f"<x {files.ODF}><style:master-page><style:header><text:p>Bo / "
        f"Letters</text:p></style:header></style:master-page></x>"
    )
    reading = read(files.odt("<text:p>a</text:p>", extra={"styles.xml": running}), suffix=".odt")
    assert (reading.content, reading.warnings) == ("a\n", ("left out 1 page header: “Bo / Letters”",))
    locked = files.odt(
        "<text:p>a</text:p>", extra={"META-INF/manifest.xml": "<manifest><encryption-data/></manifest>"}
    )
    with pytest.raises(WorkError, match="password"):
        read(locked, suffix=".odt")
    sheet = flat.replace("office:text>", "office:spreadsheet>")
    with pytest.raises(WorkError, match="not a text document"):
        read(sheet.encode(), suffix=".fodt")


# Rich text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"\pard one\par two\par\par three\par", "one\ntwo\n\nthree\n"),
        (r"\pard\sa200 one\line two\par three\par", "one\ntwo\n\nthree\n"),
        (r"\pard\fi400 one\par two\par", "one\n\ntwo\n"),
        ("one\\\ntwo\\\n", "one\ntwo\n"),
        (r"caf\'e9 \ldblquote q\rdblquote\emdash x\~y\_z\-w \bullet", "café “q”—x\xa0y\u2011zw •\n"),
        (r"\u26085?\u26412? \uc2\u8364\'80\'80 \uc0\u233 x \u-10179 \u-8704 ", "日本 € éx 😀\n"),
        (r"{\f2 \'cf\'f0\'e8\'e2\'e5\'f2} {\f3 \'93\'fa\'96\'7b} {\f1 \'b0a\'62}", "Привет 日本 °αβ\n"),
        (r"She {\v [no] }left{\deleted  never}.", "She left.\n"),
        (r"hill{\super\chftn{\footnote\pard\chftn  A small hill.}} and on", "hill and on\n"),
        (
            r'{\field{\*\fldinst HYPERLINK "http://x"}{\fldrslt link}} {\field{\*\fldinst SYMBOL '
            r'176 \\f "Symbol"}{\fldrslt}}',
            "link °\n",
        ),
        (r"{\field{\*\fldinst TOC}{\fldrslt One 3\par Two 5\par}}\par a\par", "a\n"),
        (r"{\header Page {\field{\*\fldinst PAGE}{\fldrslt 1}}}a{\*\unknown no}{\*\bkmkstart x}b", "ab\n"),
        (
            r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt \pard boxed\par}}}first\par second\par",
            "first\nboxed\nsecond\n",
        ),
        (r"{\pict\pngblip 89504e47}a{\object{\objdata 00}{\result b}}", "a\n"),
        (r"{\upr{plain}{\*\ud{\u233?lan}}}", "élan\n"),
        (r"mc{\super 2} H{\sub 2}O", "mc² H₂O\n"),
        (r"\pard\dropcapli3\dropcapt1 T\par\pard he house\par", "The house\n"),
        (r"\trowd a\cell b\cell\row c\par", "a\nb\nc\n"),
        (r"a\page b\sect c", "a\nb\nc\n"),
        (r"{\info{\title The Well}{\author Ann}}words \{kept\} \\", "words {kept} \\\n"),
    ],
)
def test_rich_text_is_read_as_it_is_printed(body: str, text: str) -> None:
    assert read(files.rtf(body), suffix=".rtf").content == text


def test_what_a_rich_text_says_of_itself() -> None:
    reading = read(files.rtf("words", r"{\info{\title The \'c9tude}{\author Ann \u321?}}"), suffix=".rtf")
    assert (reading.title, reading.maker) == ("The Étude", "Ann Ł")
    mac = rb"{\rtf1\mac\deff0 caf\'8e}"
    assert read(mac, suffix=".rtf").content == "café\n"
    assert read(rb"{\rtf1\ansi caf\'8e}", suffix=".rtf", encoding="macintosh").content == "café\n"
    assert read("{\\rtf1\\ansi café}".encode(), suffix=".rtf").content == "café\n"


def test_broken_rich_text_is_read_as_far_as_it_goes() -> None:
    for data, text in (
        (rb"{\rtf1 words", "words\n"),
        (rb"{\rtf1 words}}}} {rubbish", "words\n"),
        (rb"{\rtf1 {\b words\par more}", "words\nmore\n"),
    ):
        assert read(data, suffix=".rtf").content == text
    with pytest.raises(WorkError, match="nested"):
        read(b"{\\rtf1" + b"{" * 6000, suffix=".rtf")
