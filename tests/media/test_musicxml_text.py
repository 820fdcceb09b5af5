"""MusicXML as bytes: labels that lie, characters that XML forbids, containers, refusals, and what is quoted from a file."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from etude.errors import WorkError
from etude.media.contract import Reading
from etude.media.music import musicxml
from etude.media.music.guarded import clean, guarded, reason
from tests.media.xml_score import attributes, note, notes, part, text

BARS = [attributes(0, (4, 4)) + note("C4", 2) + note("D4", 2)]
TITLE = "<work><work-title>{}</work-title></work>"
PLAIN = text(part(BARS), top=TITLE.format("Étude"))


def labelled(label: str, body: str = PLAIN) -> str:
    return f'<?xml version="1.0" encoding="{label}" standalone="no"?>\n{body}'


def read(data: bytes | str) -> Reading:
    found = musicxml.read(data.encode() if isinstance(data, str) else data)
    assert notes(found) == [(0, 60, 48), (48, 62, 48)]
    return found


@pytest.mark.parametrize(
    "data",
    [
        labelled("UTF-16").encode(),
        labelled("utf-16le").encode("utf-8-sig"),
        labelled("UTF-8").encode("utf-16"),
        labelled("UTF-16").encode("utf-16-le"),
        labelled("UTF-8").encode("utf-16-be"),
        b"\xfe\xff" + labelled("ISO-8859-1").encode("utf-16-be"),
        labelled("UTF-8").encode("utf-32"),
        labelled("ISO-8859-1").encode("latin-1"),
        labelled("ISO-8859-1").encode(),
        labelled("windows-1252").encode("cp1252"),
        labelled("macintosh").encode("mac_roman"),
        labelled("x-mac-roman").encode("mac_roman"),
        labelled("us-ascii").encode("latin-1"),
        labelled("no-such-thing").encode(),
        labelled("punycode").encode(),
        ("\n\n  " + labelled("UTF-8")).encode(),
        PLAIN.encode(),
        labelled("UTF-8").replace("'", '"').encode("utf-8-sig"),
    ],
)
def test_the_bytes_count_more_than_the_label(data: bytes) -> None:
    reading = read(data)
    assert (reading.title, reading.warnings) == ("Étude", ())


def test_latin_1_means_windows_1252_as_on_pages_and_japanese_labels_are_known() -> None:
    quoted = text(part(BARS), top=TITLE.format("“Étude” – 1"))
    assert read(labelled("iso-8859-1", quoted).encode("cp1252")).title == "“Étude” – 1"
    spring = text(part(BARS), top=TITLE.format("春の夢"))
    for label in ("Shift_JIS", "x-sjis", "windows-31j"):
        assert read(labelled(label, spring).encode("cp932")).title == "春の夢"


def test_text_in_no_known_encoding_is_read_and_told() -> None:
    reading = read(PLAIN.encode("latin-1"))
    assert reading.title == "Étude"
    assert reading.warnings == ("its text is neither UTF-8 nor what it says; it was read as Windows-1252",)


@pytest.mark.parametrize(
    ("title", "read_as", "warnings"),
    [
        ("A\x0cB", "AB", 1),
        ("A&#12;B&#x0;", "AB", 1),
        ("Smith & Sons", "Smith & Sons", 0),
        ("&Eacute;tude &nbsp;in&hearts;", "Étude in♥", 0),
        ("&unknown; &amp; &lt;b&gt;", "&unknown; & <b>", 0),
        ("A\u202ed\u200bc\x9b31m\n B", "Adc 31m B", 0),
        ("&#27;[31mred", "[31mred", 1),
    ],
)
def test_characters_that_xml_forbids_and_names_that_it_does_not_know(
    title: str, read_as: str, warnings: int
) -> None:
    reading = read(labelled("UTF-8", text(part(BARS), top=TITLE.format(title))))
    assert (reading.title, len(reading.warnings)) == (read_as, warnings)


def test_what_follows_the_score_is_not_read() -> None:
    read(PLAIN.encode() + b"\0" * 100)
    read(PLAIN + "\n<!-- end --> and more")


def test_namespaces_and_wrappers_are_looked_through() -> None:
    read(
        PLAIN.replace("<", "<m:")
        .replace("<m:/", "</m:")
        .replace("score-partwise>", 'score-partwise xmlns:m="urn:x">', 1)
    )
    read(PLAIN.replace("<score-partwise>", '<score-partwise xmlns="urn:x">', 1))
    read(f"<envelope><inner/>{PLAIN}</envelope>")


def test_titles_and_makers_are_found_where_programs_write_them() -> None:
    credit = "<credit><credit-type>title</credit-type><credit-words>The Well</credit-words></credit>"
    assert musicxml.read(text(part(BARS), top=credit).encode()).title == "The Well"
    assert musicxml.read(text(part(BARS), top="<movement-title>Two</movement-title>").encode()).title == "Two"
    makers = "<creator type='lyricist'>L</creator><creator type='composer'>A.\n B.</creator><creator type='composer'>C</creator>"
    assert (
        musicxml.read(text(part(BARS), top=f"<identification>{makers}</identification>").encode()).maker
        == "A. B."
    )


@pytest.mark.parametrize(
    ("data", "said", "hint"),
    [
        ("<opus/>", "an opus, which lists scores", "Add the scores"),
        ("<museScore version='4'/>", "MuseScore's own format", "export it as MusicXML"),
        ("<mei xmlns='http://www.music-encoding.org/ns/mei'/>", "MEI", "MusicXML or MIDI"),
        ("<score-partwise><part-list>", "not well-formed XML", "export MusicXML again"),
        ("", "not well-formed XML", "export MusicXML again"),
        ("no tag at all", "not well-formed XML", "export MusicXML again"),
        ("<a\u202e\x1b[31m/>", "not well-formed XML", "export MusicXML again"),
        (
            labelled("UTF-8", "<score-partwise><part><x\x00</part></score-partwise>"),
            "not well-formed XML",
            "export",
        ),
    ],
)
def test_refusals_are_one_clean_line_with_what_to_do(data: str, said: str, hint: str) -> None:
    with pytest.raises(WorkError) as caught:
        musicxml.read(data.encode())
    assert said in caught.value.message
    assert hint in caught.value.hint
    assert caught.value.message.isprintable()


# ---- zipped

CONTAINER = "<container><rootfiles>{}</rootfiles></container>"
ROOT = '<rootfile full-path="{}"{}/>'


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def container(*paths: str, media: str = "") -> bytes:
    said = f' media-type="{media}"' if media else ""
    return CONTAINER.format(
        "".join(ROOT.format(p, said if p.endswith("pdf") else "") for p in paths)
    ).encode()


@pytest.mark.parametrize(
    "members",
    [
        {"META-INF/container.xml": container("a/b.xml"), "z.xml": b"<other/>", "a/b.xml": PLAIN.encode()},
        {"META-INF/container.xml": container("a\\b.xml"), "a/b.xml": PLAIN.encode()},
        {"META-INF/container.xml": container("/a/b.xml"), "a/b.xml": PLAIN.encode()},
        {"META-INF/container.xml": container("a%20b.xml"), "a b.xml": PLAIN.encode()},
        {"META-INF/container.xml": container("missing.xml"), "b.musicxml": PLAIN.encode()},
        {"META-INF/container.xml": b"<container", "b.xml": PLAIN.encode()},
        {"META-INF/container.xml": container("s.pdf", "b.xml", media="application/pdf"), "s.pdf": b"%PDF", "b.xml": PLAIN.encode()},
        {"__MACOSX/._b.xml": b"\0\5\x16\7", "._b.xml": b"\0\5", "b.xml": PLAIN.encode()},
        {"about.xml": b"<about/>", "b.XML": PLAIN.encode("utf-16")},
        {"b.xml": labelled("UTF-16").encode()},
    ],
)  # fmt: skip
def test_the_score_of_a_zip_is_found(members: dict[str, bytes]) -> None:
    assert notes(musicxml.read_zipped(zipped(members))) == [(0, 60, 48), (48, 62, 48)]


def test_a_zip_that_cannot_be_read_says_why() -> None:
    whole = zipped({"b.xml": PLAIN.encode()})
    with pytest.raises(WorkError, match="holds no score among its 1 members"):
        musicxml.read_zipped(zipped({"readme.txt": b"x"}))
    with pytest.raises(WorkError, match="This is a file of MuseScore, not a MusicXML score") as caught:
        musicxml.read_zipped(zipped({"a.mscx": b"<museScore/>", "Thumbnails/1.png": b"x"}))
    assert caught.value.hint == "Export it as MusicXML from MuseScore."
    packed = zipped({"b.xml": PLAIN.encode()}, zipfile.ZIP_LZMA)
    with pytest.raises(
        WorkError, match=r"packs 'b.xml' in a way that is not read \(zip method 14\)"
    ) as caught:
        musicxml.read_zipped(packed)
    assert "Unpack it" in caught.value.hint
    locked = bytearray(whole)
    for sign, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = whole.index(sign) + at
        struct.pack_into("<H", locked, place, 1)
    with pytest.raises(WorkError, match="protected by a password"):
        musicxml.read_zipped(bytes(locked))


# ---- the guard and the cleaning


def test_whatever_goes_wrong_in_a_reader_is_one_line_with_words() -> None:
    @guarded("file of notes", "Do this.")
    def fails(error: Exception) -> Reading:
        raise error

    for error, said in (
        (KeyError(), "KeyError"),
        (ValueError("two\nlines\x1b[0m"), "ValueError: two"),
        (RecursionError("too deep."), "RecursionError: too deep"),
        (struct.error("unpack"), "error: unpack"),
    ):
        with pytest.raises(WorkError) as caught:
            fails(error)
        assert caught.value.message == f"This file of notes cannot be read ({said})."
        assert caught.value.hint == "Do this."
    with pytest.raises(WorkError, match="as it is"):
        fails(WorkError("as it is"))


def test_clean_and_reason() -> None:
    assert clean(None) == clean("\x1b\u2066 \n") == ""
    assert clean("می\u200cخواهم \u202a1\u202c") == "می\u200cخواهم 1"
    assert clean("x" * 400, 10) == "x" * 10
    assert reason(OSError()) == "OSError"
    assert reason(ValueError("\n\n  second: line, \nthird")) == "second: line"
