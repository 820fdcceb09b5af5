"""Damaged texts, pages, books and documents are read or refused in one plain sentence, soon and within little
memory.
"""

from __future__ import annotations

import pytest

from etude.media.text.medium import MEDIUM as TEXT
from tests.fuzz import mutate
from tests.media import textfiles as files

VERSE = (
    "The gate is shut,\nthe grass is high,\n\n\u201cand no one\u201d asks\n\tthe reason why \u2014 "
    "caf\u00e9 \u6625\u306e\u591c.\n\n\nEnd.\n"
)
PAGE = files.page(
    "<h1>One</h1><p>a<br/>b<sup><a epub:type='noteref' href='#n'>1</a></sup> "
    "<q>c</q></p><ruby>\u5922<rt>x</rt></ruby>"
    "<div class='stanza'><div>d</div><div>e</div></div><aside epub:type='footnote' id='n'><p>note</p></aside>"
    "<table><tr><td>f</td><td>g</td></tr></table><pre>\n h\n</pre><nav><a href='x'>i</a></nav>",
    "Title",
).replace("</head>", "<style>.stanza { margin: 1em } p > b { display: none }</style></head>")
RTF = files.rtf(
    r"{\info{\title T}}\pard\sa200 one \b two\b0\line \'e9\u26085?{\f1\'b0}{\footnote "
    r"n}{\field{\*\fldinst TOC}{\fldrslt x}}\par"
    r"{\shp{\*\shpinst{\shptxt box\par}}}{\v hid}\dropcapli3 T\par\trowd a\cell "
    r"b\cell\row{\upr{a}{\*\ud{\u233?}}}\par"
)
DOCX = files.docx(
    files.paragraph("One", "Heading1")
    + '<w:p><w:r><w:t>a</w:t><w:br/><w:sym w:font="Symbol" w:char="F0B0"/><w:footnoteReference '
    'w:id="2"/></w:r>'
    '<w:r><w:fldChar w:fldCharType="begin"/><w:instrText>TOC</w:instrText><w:fldChar '
    'w:fldCharType="end"/></w:r></w:p>'
    "<w:p><w:r><w:pict><w:txbxContent>" + files.paragraph("box") + "</w:txbxContent></w:pict></w:r></w:p>",
    {
        "word/footnotes.xml": (
            f"<w:footnotes {files.W}><w:footnote w:id='2'>{files.paragraph('n')}</w:footnote></w:footnotes>"
        )
    },
    styles='<w:style w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Heading1"/></w:style>',
)
ODT = files.odt(
    "<text:h>One</text:h><text:p text:style-name='P'>a<text:s "
    "text:c='3'/><text:note><text:note-body><text:p>n</text:p></text:note-body>"
    "</text:note></text:p><text:section><text:p/><draw:frame><draw:text-box><text:p>b</text:p>"
    "</draw:text-box></draw:frame></text:section>",
    '<style:style style:name="P" style:parent-style-name="P"><style:paragraph-properties '
    'fo:margin-top="1cm"/></style:style>',
)
MARKDOWN = f"---\ntitle: T\nauthor:\n  - A\n---\n# One\n\n<!-- c -->\n```\ncode\n```\n{VERSE}"
GUTENBERG = (
    "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\nCONTENTS\n\nI. A 1\nII. B 2\n\nI. A\n\nx\n\nII. "
    "B\n\n*** END OF THE PROJECT GUTENBERG"
)
MARKUP = [
    b"<",
    b">",
    b"&",
    b"</p>",
    b"<p>",
    b"<div>",
    b"&#0;",
    b"&#x10ffff;",
    b"<!--",
    b"<![CDATA[",
    b"\0",
    b"\x1b[31m",
    "\u202e".encode(),
]
SEEDS = {
    ".txt": (
        [
            VERSE.encode(),
            VERSE.encode("utf-16"),
            VERSE.encode("cp1252", "replace"),
            VERSE.encode("cp932", "replace"),
            GUTENBERG.encode(),
        ],
        [b"\r", b"\0", b"\x85", b"\xff\xfe", b"\x1b$B"],
    ),
    ".md": (
        [MARKDOWN.encode(), b"+++\na = 1\n+++\nx\n"],
        [b"---\n", b"+++\n", b"<!--", b"-->", b"`", b"```\n", b": "],
    ),
    ".html": (
        [PAGE.encode(), b"<meta charset=shift_jis><p>" + "\u6625".encode("cp932")],
        [*MARKUP, b"<rt>", b"<a href=#n>1</a>", b"{", b"charset=utf-7"],
    ),
    ".epub": (
        [files.book(), files.epub({"a.xhtml": PAGE}), TEXT.write(VERSE, "epub")],
        [*MARKUP, b"<itemref idref='i0'/>", b"../", b"%"],
    ),
    ".docx": (
        [DOCX, files.letters(), TEXT.write(VERSE, "docx")],
        [*MARKUP, b"<w:p>", b"</w:r>", b"<w:del>", b'w:val="', b"<w:sdt>"],
    ),
    ".odt": (
        [ODT, files.odt("<text:p>a</text:p>")],
        [*MARKUP, b"<text:p>", b"<text:span>", b"<text:s text:c='999999999'/>"],
    ),
    ".rtf": (
        [RTF, TEXT.write(VERSE, "rtf")],
        [
            b"{",
            b"}",
            b"\\",
            b"\\'",
            b"\\u",
            b"\\u-1?",
            b"\\bin9 ",
            b"\\*",
            b"\\uc9 ",
            b"\\f9 ",
            b"\\v",
            b"{\\footnote",
            b"\\par",
        ],
    ),
}


@pytest.mark.parametrize("suffix", SEEDS)
def test_damaged_files_are_read_or_refused_in_a_sentence(suffix: str) -> None:
    seeds, words = SEEDS[suffix]
    for number, data in enumerate(mutate.mutations(seeds, words, mutate.how_many(400))):
        fault = mutate.faults(lambda data: TEXT.read(data, suffix=suffix), data)
        assert not fault, f"mutation {number} of {suffix}: {fault}"


@pytest.mark.parametrize("suffix", SEEDS)
def test_what_is_read_is_tidy_and_said_plainly(suffix: str) -> None:
    from etude.errors import EtudeError

    seeds, words = SEEDS[suffix]
    for number, data in enumerate(mutate.mutations(seeds, words, mutate.how_many(100), number=1)):
        try:
            reading = TEXT.read(data, suffix=suffix, keep_all=bool(number % 2))
        except EtudeError:
            continue
        assert (
            reading.content
            == TEXT.read(reading.content.encode(), suffix=".txt", encoding="utf-8", keep_all=True).content
        ), number
        for words_said in (*reading.warnings, reading.title, reading.maker):
            assert words_said.isprintable() or "\u200d" in words_said or "\u200c" in words_said, (
                number,
                words_said,
            )
