"""Files of text: what is a text and what is refused with one clear sentence, Markdown, plain text, limits and
guards.
"""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from etude.config.media import TEXT
from etude.errors import WorkError
from etude.media import MEDIA
from etude.media.contract import Reading
from etude.media.encoding.decode import decode_text
from tests.media import textfiles as files

read = MEDIA["text"].read


def text_of(data: bytes, suffix: str = ".txt") -> str:
    text: str = read(data, suffix=suffix).content
    return text


def refusal(data: bytes, suffix: str = ".txt") -> str:
    with pytest.raises(WorkError) as error:
        read(data, suffix=suffix)
    assert error.value.hint
    assert "\n" not in error.value.message
    return error.value.message


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
def test_binaries_named_txt_are_refused(data: bytes, word: str) -> None:
    assert word in refusal(data)
    if data.strip():
        assert not MEDIA["text"].sniff(data, ".txt")


def test_random_bytes_are_refused() -> None:
    import numpy as np

    for seed in range(5):
        refusal(np.random.default_rng(seed).bytes(50_000))


def test_too_large_a_file_is_refused_with_both_numbers() -> None:
    message = refusal(b"a" * (200 * 2**20))
    assert "200.0 MB" in message and "64 MB" in message


@pytest.mark.parametrize(
    ("data", "suffix", "what", "way"),
    [
        (b"%PDF-1.7 ...", ".pdf", "a PDF", "pdftotext"),
        (b"%PDF-1.7 ...", ".docx", "a PDF", "pdftotext"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".doc", "an old Word document", "soffice"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ".docx", "an old Word document", "soffice"),
        (
            b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"),
            ".docx",
            "password",
            "without the password",
        ),
        (b"words", ".pages", "a Pages document", "Export"),
        (bytes(60) + b"BOOKMOBI", ".txt", "Kindle", "ebook-convert"),
        (b"", ".azw3", "Kindle", "ebook-convert"),
        (b"\x1f\x8b\x08", ".txt", "gzip", "gunzip"),
        (b"words", ".xyz", "'.xyz' is not a text format", ".docx"),
        (b"plain words", ".docx", "is not a valid Word document", ".txt"),
        (b"plain words", ".rtf", "is not a valid rich-text file", ".txt"),
        (files.zipped({"xl/workbook.xml": "x"}), ".docx", "a spreadsheet", ".docx"),
        (files.zipped({"ppt/slides.xml": "x"}), ".txt", "a presentation", ".docx"),
        (files.zipped({"a.txt": "x"}), ".txt", "a zip archive", ".docx"),
    ],
)
def test_what_is_not_supported_is_named_with_the_way_to_convert_it(
    data: bytes, suffix: str, what: str, way: str
) -> None:
    with pytest.raises(WorkError) as error:
        read(data, suffix=suffix)
    assert what in error.value.message and way in error.value.hint
    assert "damaged" not in error.value.message


@pytest.mark.parametrize(
    ("data", "suffix"),
    [
        (files.letters(), ".epub"),
        (files.letters(), ".txt"),
        (files.book(), ".docx"),
        (files.odt("<text:p>a</text:p>"), ".docx"),
        (files.rtf("a"), ".txt"),
        (files.rtf("a"), ".doc"),
        (files.letters(), ".doc"),
        (files.rtf("a"), ".docx"),
        (b"<html><p>a</html>", ".docx"),
        (b"\xef\xbb\xbf" + files.rtf("a"), ".rtf"),
    ],
)
def test_files_under_another_name_are_read_as_what_they_are(data: bytes, suffix: str) -> None:
    reading = read(data, suffix=suffix)
    assert reading.content and (
        suffix in (".rtf", ".doc") or f"its name ends in {suffix}" in reading.warnings[0]
    )


def test_any_exception_of_a_decoder_is_the_reason_of_that_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from etude.media.text import docx
    from etude.media.text import files as textfiles

    class Bad(Exception):
        pass

    for error, words in (
        (Bad("line one\nline two\x1b[31m \u202e"), "line one line two"),
        (Bad(""), "Bad"),
        (RecursionError("x"), "nested too deeply"),
        (MemoryError(), "more memory"),
        (UnicodeDecodeError("utf-8", b"a", 0, 1, "odd"), "odd"),
    ):

        def fails(*_: object, error: Exception = error) -> Reading:
            raise error

        monkeypatch.setitem(textfiles._KINDS, ".docx", textfiles._Kind("Word document", ".docx", fails))
        message = refusal(files.letters(), ".docx")
        assert message.startswith("This Word document cannot be read: ") and words in message
        assert message.isprintable()
    assert docx is not None


def test_quoted_words_of_a_file_are_one_clean_line() -> None:
    body = files.page("<nav>one\ntwo \u202eevil &#27;[31m</nav><p>a</p>", "Ti\u202etle")
    reading = read(body.encode(), suffix=".html")
    assert reading.warnings[0].isprintable() and reading.title == "Title"
    data = files.epub({"a\x1b[2J\n.xhtml": None})
    with pytest.raises(WorkError) as error:
        read(data, suffix=".epub")
    assert error.value.message.isprintable()


# Archives


@pytest.fixture(scope="module")
def bomb() -> bytes:
    return files.zipped({"OEBPS/one.xhtml": b"\0" * (300 * 2**20)})


@pytest.mark.parametrize("suffix", [".epub", ".docx"])
def test_zip_bombs_are_refused_before_they_unpack(suffix: str, bomb: bytes) -> None:
    message = refusal(bomb, suffix)
    assert "300.0 MB" in message and "zip bomb" in message
    small = files.zipped({"word/document.xml": b"a" * 5_000_000})
    assert "zip bomb" in refusal(small, suffix)
    assert "parts" in refusal(files.zipped({f"p{i}": "" for i in range(TEXT.max_entries + 1)}), suffix)


def test_a_part_that_lies_about_its_size_is_refused() -> None:
    data = bytearray(files.epub({"one.xhtml": files.page("<p>words</p>" * 50_000)}))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as archive:
        info = archive.getinfo("OEBPS/one.xhtml")
    size = info.file_size.to_bytes(4, "little")
    while (at := bytes(data).find(size)) >= 0:
        data[at : at + 4] = (1000).to_bytes(4, "little")
    assert "damaged" in refusal(bytes(data), ".epub")


def test_encrypted_and_broken_archives_are_refused() -> None:
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


def test_entities_and_outside_files_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET")
    lol = (
        '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "'
        + "&a;" * 1000
        + '"><!ENTITY c "'
        + "&b;" * 1000
        + f'"><!ENTITY x SYSTEM "file://{secret}">]>'
    )
    document = (
        f"{lol}<w:document {files.W}><w:body><w:p><w:r><w:t>kept &c; "
        f"&x;</w:t></w:r></w:p></w:body></w:document>"
    )
    data = files.zipped({"word/document.xml": document})
    try:
        content = text_of(data, ".docx")
    except WorkError:
        return
    assert "SECRET" not in content and "haha" not in content


# Pages, and what takes time


def test_pages_keep_paragraphs_and_lose_the_rest() -> None:
    page = (
        "<html><head><title>My  Page</title><meta name=author "
        "content='Cy'><style>p{}</style></head><body><nav>menu</nav>"
        "<h1>One</h1><p>First\n paragraph,<br>second "
        "<b>line</b>.</p><ul><li>a</li><li>b</li></ul><pre>  kept\n   as is</pre>"
        "<div hidden>no</div><div>x</div><div>y</div><script>no</script><table><tr><td>1</td><td>"
        "2</td></tr></table></body></html>"
    )
    reading = read(page.encode(), suffix=".html")
    assert (reading.title, reading.maker) == ("My Page", "Cy")
    assert (
        reading.content
        == "One\n\nFirst paragraph,\nsecond line.\n\na\nb\n\n  kept\n   as is\n\nx\ny\n\n1\t2\n"
    )


def test_pages_name_their_encoding() -> None:
    page = '<html><head><meta charset="iso-8859-2"></head><body><p>\u017b\u00f3\u0142w</p></body></html>'
    assert text_of(page.encode("iso-8859-2"), ".html") == "\u017b\u00f3\u0142w\n"
    hostile = '<html><head><meta charset="zlib_codec"></head><body><p>caf\u00e9</p></body></html>'
    assert text_of(hostile.encode("cp1252"), ".html") == "caf\u00e9\n"


def test_deep_pages_do_not_overflow() -> None:
    page = "<div>" * 5000 + "deep" + "</div>" * 5000
    try:
        assert "deep" in text_of(page.encode(), ".html")
    except WorkError as error:
        assert error.message


def test_decode_text_is_deterministic() -> None:
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
        ("<p>x" + "<![CDATA[" * 100_000, ".xhtml"),
        (
            "<style>"
            + "".join(f".a .b{i} {{display: none}}" for i in range(9_000))
            + "</style>"
            + "<p class='a b1'>x" * 5_000,
            ".html",
        ),
        ("<style>" + "@media all {" * 20_000 + "</style><p>x", ".html"),
        ("<p>" + "<span class='stanza line'>" * 1_900 + "x", ".html"),
        ("{\\rtf1 " + "{\\b x}" * 50_000, ".rtf"),
        ("```\n" * 100_000 + "<!-- x -->", ".md"),
        ("`a" * 200_000 + "<!-- x -->", ".md"),
        ("\u00c3\u00a9" * 200_000, ".txt"),
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
def test_hostile_texts_take_no_time(text: str, suffix: str) -> None:
    try:
        content = text_of(text.encode(), suffix)
    except WorkError:
        return
    MEDIA["text"].boundaries(content)
    MEDIA["text"].marks(content)
    MEDIA["text"].place(content, len(content))
    MEDIA["text"].describe(content)
