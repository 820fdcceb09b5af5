"""Files of text: what is read, what is left out, and one clear sentence for everything that is no text."""

from __future__ import annotations

import io
import os
import random
import zipfile

import pytest
import textfiles as files

from etude.config.media import TEXT
from etude.errors import WorkError
from etude.media import MEDIA
from etude.media.encoding.decode import decode_text

read = MEDIA["text"].read


def text_of(data: bytes, suffix: str = ".txt") -> str:
    return read(data, suffix=suffix).content


def refusal(data: bytes, suffix: str = ".txt") -> str:
    with pytest.raises(WorkError) as error:
        read(data, suffix=suffix)
    assert error.value.hint
    return error.value.message


# Encodings


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_unicode_in_every_form(encoding):
    data = files.PROSE.encode(encoding)
    if encoding == "utf-32-be":
        data = b"\0\0\xfe\xff" + data
    assert text_of(data) == files.PROSE.rstrip() + "\n"


def test_utf16_without_a_mark_is_said():
    assert "UTF-16-LE" in read(files.PROSE.encode("utf-16-le"), suffix=".txt").warnings[0]


def test_windows_and_latin_bytes():
    text = "Le caf\u00e9 \u00e9tait ferm\u00e9 \u2014 \u201cfini\u201d, dit-elle."
    reading = read(text.encode("cp1252"), suffix=".txt")
    assert reading.content == text + "\n" and "Windows-1252" in reading.warnings[0]
    assert text_of("na\u00efve \u00fcber alles".encode("latin-1")) == "na\u00efve \u00fcber alles\n"


RUSSIAN = "Мороз и солнце; день чудесный! Ещё ты дремлешь, друг прелестный. " * 40
JAPANESE = "古池や蛙飛びこむ水の音。夏草や、兵どもが夢の跡。「こんにちは」と言った。" * 40
GERMAN = "Über den Wäldern hängt der Nebel; »Größe«, sagte er, 5 £ für 3½ Stück, na schön. " * 40


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "cp1252"),
        (GERMAN, "latin-1"),
        (RUSSIAN, "koi8-r"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift-jis"),
        (JAPANESE, "euc-jp"),
        (RUSSIAN, "utf-16-le"),
    ],
)
def test_encodings_that_are_guessed(text, encoding):
    assert text_of(text.encode(encoding)).strip() == text.strip()


@pytest.mark.parametrize("size", [1_000, 5_001, 100_000])
@pytest.mark.parametrize("lowest", [0, 1, 32, 160], ids=["any", "no-nul", "no-control", "high"])
def test_random_bytes_are_no_text(size, lowest):
    draw = random.Random(size + lowest)
    plain = range(32, 127) if lowest == 160 else ()
    for _ in range(3):
        assert "binary" in refusal(bytes(draw.choices([*plain, *range(lowest, 256)], k=size)))


def test_mixed_encodings_are_mended_and_counted():
    data = "Caf\u00e9 na\u00efve \u2014 d\u00e9j\u00e0 vu.\n".encode() * 3 + "caf\u00e9\n".encode("cp1252")
    reading = read(data, suffix=".txt")
    assert reading.content.endswith("vu.\ncaf\u00e9\n")
    assert reading.warnings == ("mixed encodings: 1 bytes were not UTF-8 and were read as Windows-1252",)


def test_other_scripts_are_guessed_and_said():
    text = (
        "\u0412\u0441\u0435 \u0441\u0447\u0430\u0441\u0442\u043b\u0438\u0432\u044b\u0435 \u0441\u0435\u043c\u044c\u0438 \u043f\u043e\u0445\u043e\u0436\u0438 \u0434\u0440\u0443\u0433 \u043d\u0430 \u0434\u0440\u0443\u0433\u0430, \u043a\u0430\u0436\u0434\u0430\u044f \u043d\u0435\u0441\u0447\u0430\u0441\u0442\u043b\u0438\u0432\u0430\u044f \u0441\u0435\u043c\u044c\u044f \u043d\u0435\u0441\u0447\u0430\u0441\u0442\u043b\u0438\u0432\u0430 \u043f\u043e-\u0441\u0432\u043e\u0435\u043c\u0443. "
        * 20
    )
    reading = read(text.encode("cp1251"), suffix=".txt")
    assert "guess" in reading.warnings[0]
    assert "\u0441\u0435\u043c\u044c\u0438" in reading.content


def test_line_ends_and_invisible_characters_are_settled():
    assert text_of(b"one\r\ntwo\rthree \x0cfour\n\n\n\n\nfive") == "one\ntwo\nthree\nfour\n\n\nfive\n"
    assert text_of("e\u0301t\u00e9 soft\u00adhyphen".encode()) == "\u00e9t\u00e9 softhyphen\n"
    reading = read(b"a" * 5000 + b"\x07", suffix=".txt")
    assert reading.content == "a" * 5000 + "\n" and "1 control character" in reading.warnings[0]


# Not texts


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"\x89PNG\r\n\x1a\n" + os.urandom(500), "PNG"),
        (b"%PDF-1.4 ...", "PDF"),
        (b"MThd\0\0\0\6", "MIDI"),
        (b"words and \0 a NUL", "NUL"),
        (bytes(range(1, 32)) * 40, "control"),
        (b"", "no text"),
        (b" \n\n\t ", "no text"),
    ],
)
def test_binaries_named_txt_are_refused(data, word):
    assert word in refusal(data)
    if data.strip():
        assert not MEDIA["text"].sniff(data, ".txt")


def test_random_bytes_are_refused():
    import numpy as np

    for seed in range(5):
        refusal(np.random.default_rng(seed).bytes(50_000))


def test_too_large_a_file_is_refused_with_both_numbers():
    message = refusal(b"a" * (200 * 2**20))
    assert "200.0 MB" in message and "64 MB" in message


def test_unknown_suffixes_are_refused():
    assert ".pages" in refusal(b"words", ".pages")


# E-books


@pytest.fixture(scope="module")
def bomb() -> bytes:
    return files.zipped({"OEBPS/one.xhtml": b"\0" * (300 * 2**20)})


def test_a_book_is_its_chapters():
    reading = read(files.book(), suffix=".epub")
    assert (reading.title, reading.maker) == ("The Lighthouse", "Ann Author")
    assert reading.content == (
        "Chapter One\n\nThe lamp was lit.\n\nNobody came.\n\n\nChapter Two\n\nThe sea\nwas calm.\n\nCaf\u00e9 & tea\u2014quiet.\n"
    )
    assert "left out 5 parts of front matter" in reading.warnings[-1]


def test_project_gutenbergs_frame_is_left_out_of_books():
    chapters = {
        "h.xhtml": files.page(
            '<section class="pg-boilerplate pgheader" id="pg-header"><p>The Project Gutenberg eBook</p></section>'
            "<p>*** START OF THE PROJECT GUTENBERG EBOOK X ***</p><p>It began.</p>"
        ),
        "f.xhtml": files.page(
            '<p>It ended.</p><section id="pg-footer"><p>*** END OF THE PROJECT GUTENBERG EBOOK X ***</p></section>'
        ),
    }
    assert text_of(files.epub(chapters), ".epub") == "It began.\n\n\nIt ended.\n"


def test_protected_books_are_refused():
    encryption = '<encryption><CipherReference URI="OEBPS/one.xhtml"/></encryption>'
    data = files.epub({"one.xhtml": files.page("<p>words</p>")}, {"META-INF/encryption.xml": encryption})
    assert "protected" in refusal(data, ".epub")
    fonts = '<encryption><CipherReference URI="OEBPS/font.otf"/></encryption>'
    assert (
        text_of(
            files.epub({"one.xhtml": files.page("<p>words</p>")}, {"META-INF/encryption.xml": fonts}), ".epub"
        )
        == "words\n"
    )


@pytest.mark.parametrize("suffix", [".epub", ".docx"])
def test_zip_bombs_are_refused_before_they_unpack(suffix, bomb):
    message = refusal(bomb, suffix)
    assert "300.0 MB" in message and "zip bomb" in message
    small = files.zipped({"word/document.xml": b"a" * 5_000_000})
    assert "zip bomb" in refusal(small, suffix)
    assert "parts" in refusal(files.zipped({f"p{i}": "" for i in range(TEXT.max_entries + 1)}), suffix)


def test_a_part_that_lies_about_its_size_is_refused():
    data = bytearray(files.epub({"one.xhtml": files.page("<p>words</p>" * 50_000)}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("OEBPS/one.xhtml")
    size = info.file_size.to_bytes(4, "little")
    while (at := bytes(data).find(size)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(data), ".epub")


def test_encrypted_and_broken_archives_are_refused():
    data = bytearray(files.book())
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        offsets = [info.header_offset for info in archive.infolist()]
    assert offsets
    at = bytes(data).find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1  # the flag of encryption
        at = bytes(data).find(b"PK\x01\x02", at + 1)
    assert "password" in refusal(bytes(data), ".epub")
    for cut in (10, 100, len(files.book()) // 2):
        refusal(files.book()[:cut], ".epub")
    refusal(b"PK\x03\x04 not really", ".docx")
    refusal(files.zipped({"other": "x"}), ".docx")
    refusal(files.zipped({"META-INF/container.xml": "<a>"}), ".epub")
    assert "package" in refusal(files.zipped({"META-INF/container.xml": "<a/>"}), ".epub")


def test_entities_and_outside_files_are_not_followed(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    lol = (
        '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "'
        + "&a;" * 1000
        + '"><!ENTITY c "'
        + "&b;" * 1000
        + f'"><!ENTITY x SYSTEM "file://{secret}">]>'
    )
    document = f"{lol}<w:document {files.W}><w:body><w:p><w:r><w:t>kept &c; &x;</w:t></w:r></w:p></w:body></w:document>"
    data = files.zipped({"word/document.xml": document})
    try:
        content = text_of(data, ".docx")
    except WorkError:
        return
    assert "SECRET" not in content and "haha" not in content


# Documents, pages, Markdown, plain text


def test_a_document_is_its_text_as_it_stands():
    reading = read(files.letters(), suffix=".docx")
    assert reading.content == "Chapter One\n\nDear Ann,\n\nfirst line\nsecond line\n\nThe end.\n"
    assert (reading.title, reading.maker) == ("Letters", "Bo Writer")
    assert "left out 2 paragraphs" in reading.warnings[0]


def test_empty_paragraphs_part_stanzas():
    body = "".join(files.paragraph(line) for line in ("one", "two", "", "three", "four"))
    assert text_of(files.docx(body), ".docx") == "one\ntwo\n\nthree\nfour\n"


def test_pages_keep_paragraphs_and_lose_the_rest():
    page = (
        "<html><head><title>My  Page</title><meta name=author content='Cy'><style>p{}</style></head><body><nav>menu</nav>"
        "<h1>One</h1><p>First\n paragraph,<br>second <b>line</b>.</p><ul><li>a</li><li>b</li></ul><pre>  kept\n   as is</pre>"
        "<div hidden>no</div><div>x</div><div>y</div><script>no</script><table><tr><td>1</td><td>2</td></tr></table></body></html>"
    )
    reading = read(page.encode(), suffix=".html")
    assert (reading.title, reading.maker) == ("My Page", "Cy")
    assert (
        reading.content
        == "One\n\nFirst paragraph,\nsecond line.\n\na\nb\n\n  kept\n   as is\n\nx\ny\n\n1\t2\n"
    )


def test_pages_name_their_encoding():
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>\u017b\u00f3\u0142w</p></body></html>'
    assert text_of(page.encode("iso-8859-2"), ".html") == "\u017b\u00f3\u0142w\n"
    hostile = '<html><head><meta charset="zlib_codec"></head><body><p>caf\u00e9</p></body></html>'
    assert text_of(hostile.encode("cp1252"), ".html") == "caf\u00e9\n"


def test_deep_pages_do_not_overflow():
    page = "<div>" * 5000 + "deep" + "</div>" * 5000
    try:
        assert "deep" in text_of(page.encode(), ".html")
    except WorkError as error:
        assert error.message


def test_settings_of_markdown_are_not_text():
    data = b'---\ntitle: "The Tide"\nauthor: Di\ntags: [a]\n---\n\n# Heading\n\nWords <!-- hidden\nnote --> stay.\n'
    reading = read(data, suffix=".md")
    assert (reading.title, reading.maker) == ("The Tide", "Di")
    assert reading.content == "# Heading\n\nWords  stay.\n"
    assert read(b"+++\ntitle = 'T'\n+++\nx\n", suffix=".md").title == "T"
    assert read(b"# Only heading\n\nx\n", suffix=".md").title == "Only heading"
    assert text_of(b"---\n\nA rule, no settings.\n", ".md") == "---\n\nA rule, no settings.\n"


GUTENBERG = """The Project Gutenberg eBook of A Tale, by Eve Writer

Title: A Tale
        of the Sea
Author: Eve Writer

*** START OF THE PROJECT GUTENBERG EBOOK A TALE ***

Produced by Some Volunteers and the
Distributed Proofreading Team

A TALE

by Eve Writer

Copyright 1899

CONTENTS

  I. The Storm ..... 3
  II. The Calm ..... 40


I. THE STORM

It blew.

II. THE CALM

It did not.

*** END OF THE PROJECT GUTENBERG EBOOK A TALE ***

Updated editions will replace the previous one.
"""


def test_project_gutenbergs_frame_is_left_out():
    reading = read(GUTENBERG.encode(), suffix=".txt")
    assert reading.content == "I. THE STORM\n\nIt blew.\n\nII. THE CALM\n\nIt did not.\n"
    assert (reading.title, reading.maker) == ("A Tale of the Sea", "Eve Writer")
    assert "front and back matter" in reading.warnings[0]


def test_contents_of_a_persons_own_text_stay():
    text = "CONTENTS\n\nof my pockets: string.\n"
    assert text_of(text.encode()) == text


def test_decode_text_is_deterministic():
    data = os.urandom(64) + b"words" * 400
    results = []
    for _ in range(2):
        try:
            results.append(decode_text(data))
        except WorkError as error:
            results.append((error.message, ()))
    assert results[0] == results[1]


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("a" + " " * 2_000_000 + "b", ".txt"),
        ("<!--" * 500_000, ".md"),
        ("---\n" + "a:" * 500_000, ".md"),
        ("<p>" + "<br>" * 300_000 + "x", ".html"),
        ("<b>" * 100_000 + "x", ".html"),
        ("<a href=x>" * 50_000 + "x", ".html"),
        (
            "*** START OF THE PROJECT GUTENBERG EBOOK X ***\nCONTENTS\n"
            + "." * 200_000
            + "\n"
            + "a\n" * 100_000,
            ".txt",
        ),
        ("x\n" + "*** START OF THE PROJECT GUTENBERG " * 20_000, ".txt"),
        ("\u0301" * 500_000, ".txt"),
        ("." * 1_000_000 + '"' * 1_000_000, ".txt"),
    ],
)
def test_hostile_texts_take_no_time(text, suffix):
    try:
        content = text_of(text.encode(), suffix)
    except WorkError:
        return
    MEDIA["text"].boundaries(content)
    MEDIA["text"].marks(content)
    MEDIA["text"].place(content, len(content))
    MEDIA["text"].describe(content)
