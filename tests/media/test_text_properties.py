"""One content written in every way that its format allows, and read back the same."""

from __future__ import annotations

import re
from itertools import pairwise
from random import Random
from xml.sax.saxutils import escape

from hypothesis import given, settings
from hypothesis import strategies as st

from etude.media import MEDIA
from etude.media.encoding import labels
from tests.media import textfiles as files
from tests.media.languages import ENCODINGS, SENTENCES

TEXT = MEDIA["text"]
WORD = st.sampled_from(
    [
        "The",
        "gate",
        "is",
        "shut,",
        "café",
        "“no”",
        "—",
        "5",
        "春の夜",
        "a&b",
        "<x>",
        "{y}",
        "\\z",
        "Ωmega",
        "😀",
    ]
)
LINE = st.lists(WORD, min_size=1, max_size=6).map(" ".join)
STANZA = st.lists(LINE, min_size=1, max_size=3)
TEXTS = st.lists(STANZA, min_size=1, max_size=4)
DRAW = st.randoms(use_true_random=False)


def expected(stanzas: list[list[str]]) -> str:
    return "\n\n".join("\n".join(lines) for lines in stanzas) + "\n"


def pieces(text: str, draw: Random) -> list[str]:
    """The text cut anywhere, as word processors cut it into runs."""
    cuts = sorted({0, len(text), *(draw.randrange(len(text) + 1) for _ in range(draw.randrange(4)))})
    return [text[a:b] for a, b in pairwise(cuts)]


def docx_run(text: str, draw: Random) -> str:
    look = draw.choice(
        ("", "<w:rPr><w:b/></w:rPr>", '<w:rPr><w:vanish w:val="0"/><w:rFonts w:ascii="Arial"/></w:rPr>')
    )
    inner = f'<w:r>{look}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
    return draw.choice(
        (
            "{}",
            "{}",
            "<w:ins>{}</w:ins>",
            "<w:moveTo>{}</w:moveTo>",
            "<w:hyperlink>{}</w:hyperlink>",
            "<w:smartTag>{}</w:smartTag>",
            "<w:sdt><w:sdtPr/><w:sdtContent>{}</w:sdtContent></w:sdt>",
            '<w:fldSimple w:instr="REF x">{}</w:fldSimple>',
            "<w:bookmarkStart/>{}<w:bookmarkEnd/>",
            "{}<w:del><w:r><w:delText>no</w:delText></w:r></w:del>",
            "<w:customXml>{}</w:customXml>",
            '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK</w:instrText><w:fldChar '
            'w:fldCharType="separate"/></w:r>{}'
            '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
            "{}<w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>",
            "<w:proofErr/>{}<w:r><w:lastRenderedPageBreak/></w:r>",
            "<mc:AlternateContent xmlns:mc='m'><mc:Choice>{}</mc:Choice><mc:Fallback>"
            "{}</mc:Fallback></mc:AlternateContent>",
        ),
    ).replace("{}", inner)


@given(TEXTS, DRAW)
@settings(max_examples=50)
def test_word_documents(stanzas: list[list[str]], draw: Random) -> None:
    body = ""
    for lines in stanzas:
        breaks = draw.choice(
            ("<w:r><w:br/></w:r>", "<w:r><w:cr/></w:r>", '<w:r><w:br w:type="textWrapping"/></w:r>')
        )
        inner = breaks.join("".join(docx_run(piece, draw) for piece in pieces(line, draw)) for line in lines)
        paragraph = f"<w:p><w:pPr><w:jc/></w:pPr>{inner}</w:p>"
        body += draw.choice(
            (
                "{}",
                "{}",
                "<w:tbl><w:tr><w:tc>{}</w:tc></w:tr></w:tbl>",
                "<w:sdt><w:sdtContent>{}</w:sdtContent></w:sdt>",
                "<w:ins>{}</w:ins>",
            ),
        ).replace("{}", paragraph)
    assert TEXT.read(files.docx(body), suffix=".docx").content == expected(stanzas)


@given(TEXTS, DRAW)
@settings(max_examples=50)
def test_opendocument_texts(stanzas: list[list[str]], draw: Random) -> None:
    body = ""
    for lines in stanzas:
        parts = []
        for line in lines:
            text = escape(line)
            if draw.random() < 0.3:
                text = re.sub(" ", draw.choice(("<text:s/>", "\n", "  ")), text)
            around = draw.choice(
                (
                    "{}",
                    "<text:span>{}</text:span>",
                    "<text:a>{}</text:a>",
                    "<text:bookmark-start/>{}<text:bookmark-end/>",
                )
            )
            parts.append(
                around.replace("{}", text)
                + draw.choice(("", "<office:annotation><text:p>no</text:p></office:annotation>"))
            )
        paragraph = f"<text:p>{'<text:line-break/>'.join(parts)}</text:p>"
        body += draw.choice(
            (
                "{}",
                "<text:section>{}</text:section>",
                "<text:list><text:list-item>{}</text:list-item></text:list>",
            )
        ).replace("{}", paragraph)
    styles = (
        '<style:default-style style:family="paragraph"><style:paragraph-properties '
        'fo:margin-bottom="0.2cm"/></style:default-style>'
    )
    assert TEXT.read(files.odt(body, styles), suffix=".odt").content == expected(stanzas)


def rtf_sign(sign: str, draw: Random) -> str:
    if sign in "\\{}":
        return "\\" + sign
    ways = []
    if sign.isascii():
        ways += [sign] * 6
    if ord(sign) < 256:
        ways.append(f"\\'{ord(sign):02x}")
    units = sign.encode("utf-16-le")
    numbers = [int.from_bytes(units[i : i + 2], "little", signed=True) for i in range(0, len(units), 2)]
    ways.append("".join(f"\\u{n}?" for n in numbers))
    ways.append("{\\uc0" + "".join(f"\\u{n} " for n in numbers) + "}")
    ways.append("{\\uc3" + "".join(f"\\u{n}\\'3fxy" for n in numbers) + "}")
    named = {"“": "\\ldblquote ", "”": "\\rdblquote ", "—": "\\emdash "}
    ways += [named[sign]] * 3 if sign in named else []
    return draw.choice(ways)


@given(TEXTS, DRAW)
@settings(max_examples=50)
def test_rich_text(stanzas: list[list[str]], draw: Random) -> None:
    body = ""
    look = draw.choice(("\\pard\\sa120 ", "\\pard\\sb200\\plain ", "\\pard\\fi400 "))
    for lines in stanzas:
        out = []
        for line in lines:
            line = "".join(rtf_sign(sign, draw) for sign in line)
            out.append(
                draw.choice(
                    (
                        "{}",
                        "{\\b {}}",
                        "{\\field{\\*\\fldinst HYPERLINK x}{\\fldrslt {}}}",
                        "{}{\\*\\x no}{\\v no}",
                    )
                ).replace("{}", line)
            )
        body += look + "\\line ".join(out) + "\\par\n"
    assert TEXT.read(files.rtf(body), suffix=".rtf").content == expected(stanzas)


@given(TEXTS, DRAW)
@settings(max_examples=50)
def test_pages(stanzas: list[list[str]], draw: Random) -> None:
    """Verse as `br`, as `div`s in a stanza, as `p`s in a stanza, as blocks of a sheet, and as preformatted
    text.
    """
    body = ""
    for lines in stanzas:
        lines = [escape(line) for line in lines]
        lines = [
            draw.choice(
                ("{}", "<i>{}</i>", "<span>{}</span><!-- no -->", "{}<span hidden>no</span>", "\n {}\n")
            ).replace("{}", line)
            for line in lines
        ]
        body += draw.choice(
            (
                "<p>" + "<br>".join(lines) + "</p>",
                "<p>" + "<br/>\n".join(lines) + "<br></p>",
                "<div class='stanza'>" + "".join(f"<div>{line}</div>" for line in lines) + "</div>",
                "<div class='stanza'>" + "".join(f"<p>{line}</p>" for line in lines) + "</div>",
                "<p>" + "".join(f"<span class='b'>{line}</span>" for line in lines) + "</p>",
                "<section>" + "".join(f"<div>{line}</div>" for line in lines) + "</section>",
                "<blockquote>" + "<br>".join(lines) + "</blockquote>",
            )
        )
    page = (
        f"<html><head><meta charset=utf-8><style>.b {{ display: block "
        f"}}</style></head><body>{body}</body></html>"
    )
    assert TEXT.read(page.encode(), suffix=".html").content == expected(stanzas)


@given(st.lists(STANZA, min_size=1, max_size=4), DRAW)
@settings(max_examples=40)
def test_books(chapters: list[list[str]], draw: Random) -> None:
    """Chapters under names, folders, kinds and orders of every sort."""
    names = [draw.choice((f"c{n}.xhtml", f"Text/c {n}.html", f"t/ü{n}.htm")) for n in range(len(chapters))]
    kinds = {
        name: draw.choice(
            ("application/xhtml+xml", "APPLICATION/XHTML+XML", "text/html", "text/x-oeb1-document")
        )
        for name in names
    }
    pages = {
        name: files.page("<p>" + "<br/>".join(map(escape, lines)) + "</p>")
        for name, lines in zip(names, chapters, strict=True)
    }
    order = list(range(len(chapters)))
    draw.shuffle(order)
    spine = "".join(f'<itemref idref="i{n}"/>' for n in order)
    data = files.epub(pages, {"OEBPS/x.css": "p { color: red }"}, spine, kinds=kinds)
    text = "\n\n\n".join("\n".join(chapters[n]) for n in order) + "\n"
    assert TEXT.read(data, suffix=".epub").content == text


@given(
    st.sampled_from([(name, code) for name, codes in ENCODINGS.items() for code in codes]),
    st.randoms(use_true_random=False),
)
@settings(max_examples=60)
def test_declared_encodings(pair: tuple[str, str], draw: Random) -> None:
    """A page in any encoding, which it names by any of its labels."""
    language, code = pair
    known = labels.find(code)
    assert known is not None
    said = [
        label
        for encoding, names in labels._LABELS
        if encoding.codec == known.codec
        for label in names.split()
    ]
    label = draw.choice([code, *said]).upper() if draw.random() < 0.3 else draw.choice([code, *said])
    start = draw.choice(
        (
            "<?xml version='1.0' encoding='{}'?><html><body>",
            "<meta charset={}>",
            "<meta http-equiv=Content-Type content='text/html; charset={}'>",
        )
    )
    page = start.replace("{}", label) + f"<p>{SENTENCES[language]}</p>"
    text = page.encode(code, "replace").decode(code).partition("<p>")[2].partition("</p>")[0]
    assert TEXT.read(page.encode(code, "replace"), suffix=".html").content == text.strip() + "\n"


@given(st.text(min_size=1, max_size=200))
@settings(max_examples=40)
def test_written_texts_are_read_again(text: str) -> None:
    from etude.errors import WorkError

    try:
        content = TEXT.read(text.encode(), suffix=".txt").content
    except WorkError:
        return
    for fmt in TEXT.formats:
        data = TEXT.write(content, fmt)
        assert data == TEXT.write(content, fmt)
        assert TEXT.read(data, suffix=".txt" if fmt == "md" else f".{fmt}").content == content
