"""Encodings: those that a file or a person names, those that are guessed and said, mixtures and damage that
is mended.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etude.errors import WorkError
from etude.media.encoding import labels
from etude.media.encoding.decode import decode_text
from etude.media.encoding.guess import guess
from etude.media.text.medium import MEDIUM as TEXT
from tests.media import textfiles as files
from tests.media.languages import ENCODINGS, SENTENCES

read = TEXT.read


def text_of(data: bytes, suffix: str = ".txt", **said: Any) -> str:
    text: str = read(data, suffix=suffix, **said).content
    return text


def refusal(data: bytes) -> str:
    with pytest.raises(WorkError) as error:
        read(data, suffix=".txt")
    assert error.value.hint
    return error.value.message


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"]
)
def test_unicode_in_every_form(encoding: str) -> None:
    data = files.PROSE.encode(encoding)
    if encoding == "utf-32-be":
        data = b"\0\0\xfe\xff" + data
    assert text_of(data) == files.PROSE.rstrip() + "\n"


def test_utf16_without_a_mark_is_said() -> None:
    assert "UTF-16-LE" in read(files.PROSE.encode("utf-16-le"), suffix=".txt").warnings[0]


def test_windows_and_latin_bytes() -> None:
    text = "Le caf\u00e9 \u00e9tait ferm\u00e9 \u2014 \u201cfini\u201d, dit-elle."
    reading = read(text.encode("cp1252"), suffix=".txt")
    assert reading.content == text + "\n" and "Windows-1252" in reading.warnings[0]
    assert text_of("na\u00efve \u00fcber alles".encode("latin-1")) == "na\u00efve \u00fcber alles\n"


@pytest.mark.parametrize(
    ("language", "encoding"),
    [(name, code) for name, codes in ENCODINGS.items() for code in codes if code != "hz"],
)
def test_encodings_are_guessed_from_a_few_sentences(language: str, encoding: str) -> None:
    data = (SENTENCES[language] + "\n").encode(encoding, "replace") * 2
    text = data.decode(encoding)
    assert decode_text(data)[0] == text


def test_guesses_are_right_from_a_line_on() -> None:
    """Of 60 and of 120 bytes in some 85 pairs of language and encoding."""
    for size, least in ((60, 0.9), (120, 0.9), (400, 0.96)):
        pairs = [
            (name, code)
            for name, codes in ENCODINGS.items()
            for code in codes
            if "2022" not in code and code != "hz"
        ]
        right = 0
        for name, code in pairs:
            text = (SENTENCES[name] * 9)[:size]
            data = text.encode(code, "replace")
            right += labels.decode(data, guess(data).encoding) == data.decode(code)
        assert right >= least * len(pairs), (size, right, len(pairs))


@pytest.mark.parametrize(
    "text",
    [
        "café",
        "naïve über alles",
        "Le café – “fini”, dit-elle.",
        "It’s here",
        "5 £ for a ½ pint",
        "Señor",
        "one – two",
        "© 2001 by me",
        "Straße",
        "It was 20° outside",
        "El Niño",
        "Zürich",
        "Škoda",
        "œuvre",
        "and then… nothing",
        "« oui »",
        "Ärger",
        "50 €",
    ],
)
def test_a_few_signs_are_read_as_windows_1252(text: str) -> None:
    assert text_of(text.encode("cp1252")) == text + "\n"


def test_a_guess_is_said_with_its_rival_and_the_way_to_name_it() -> None:
    warning = read((SENTENCES["cs"] * 2).encode("cp1250"), suffix=".txt").warnings[0]
    assert "Windows-1250 (a guess" in warning and "next likely" in warning and "--encoding" in warning


def test_a_person_names_the_encoding() -> None:
    data = "für Größe".encode("cp850")
    for name in ("cp850", "IBM850", "code page 850", "850"):
        reading = read(data, suffix=".txt", encoding=name)
        assert (reading.content, reading.warnings) == ("für Größe\n", ())
    assert text_of("été".encode("cp037"), encoding="cp037") == "été\n"
    assert text_of("<p>été".encode("mac_roman"), ".html", encoding="macintosh") == "été\n"
    book = files.epub({"a.xhtml": "<html><body><p>été</p></body></html>".encode("mac_roman")})
    assert text_of(book, ".epub", encoding="macintosh") == "été\n"
    for name, word in (
        ("klingon", "klingon"),
        ("rot13", "rot13"),
        ("utf-8", "UTF-8"),
        ("shift_jis", "Shift_JIS"),
    ):
        with pytest.raises(WorkError, match=word) as error:
            read("für \x81".encode("latin-1"), suffix=".txt", encoding=name)
        assert error.value.hint


def test_utf16_without_a_mark_in_every_script() -> None:
    for name in ("ja", "zh", "ko", "ru", "el", "en"):
        for code in ("utf-16-le", "utf-16-be", "utf-32-le"):
            text = SENTENCES[name] + "\n"
            assert decode_text(text.encode(code))[0] == text, (name, code)


@pytest.mark.parametrize(
    ("data", "text", "said"),
    [
        ("Le café – déjà vu".encode().decode("cp1252").encode(), "Le café – déjà vu\n", "encoded twice"),
        ("“Don’t”".encode("cp1252").decode("latin-1").encode(), "“Don’t”\n", "encoded as Latin-1"),
        ("déjà vu é".encode()[:-1], "déjà vu\n", "half a character"),
        (b"caf\xc3\xa9 \xed\xa0\xbd\xed\xb8\x80 ok", "café 😀 ok\n", "CESU-8"),
        (b"\x1b[31mred\x1b[0m words " * 30, ("[31mred[0m words " * 30).strip() + "\n", "binary"),
    ],
)
def test_damage_of_text_sent_through_twice_is_mended_and_said(data: bytes, text: str, said: str) -> None:
    try:
        reading = read(data, suffix=".txt")
    except WorkError as error:
        assert said in error.message
        return
    assert reading.content == text and said in reading.warnings[0]


def test_only_what_is_surely_encoded_twice_is_mended() -> None:
    for text in ("Ã©", "São Paulo, Ã±", "½ Â°C – Â", "ÂÂÂ"):
        assert text_of(text.encode()) == text + "\n"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"a\r\r\nb\r\r\n\r\r\nc", "a\nb\n\nc\n"),
        (b"a\n\rb\n\r\n\rc", "a\nb\n\nc\n"),
        (b"a\rb\r\rc", "a\nb\n\nc\n"),
        (b"a\r\nb\nc\rd", "a\nb\nc\nd\n"),
        ("a\u2028b\x0bc\x85d".encode(), "a\nb\nc\nd\n"),
    ],
)
def test_line_ends_of_every_kind(data: bytes, text: str) -> None:
    assert text_of(data) == text


def test_undefined_bytes_of_a_code_page_are_no_reason_to_refuse() -> None:
    page = b"<meta charset=iso-8859-1><p>caf\xe9 \x81 \x93q\x94"
    reading = read(page, suffix=".html")
    assert reading.content == "café “q”\n" and "1 control character" in reading.warnings[0]


@given(
    st.sampled_from(["cp1252", "utf-8", "utf-16", "cp1251", "shift_jis", "gb18030"]),
    st.text(min_size=1, max_size=80),
)
@settings(max_examples=120, deadline=None)
def test_named_encodings_come_back(name: str, text: str) -> None:
    data = text.encode(name, "ignore")
    try:
        reading = read(data, suffix=".txt", encoding=name)
    except WorkError as error:
        assert error.hint  # NULs, control characters, no words
        return
    again = read(reading.content.encode(), suffix=".txt", encoding="utf-8")
    assert again.content == reading.content


@pytest.mark.parametrize("size", [1_000, 5_001, 100_000])
@pytest.mark.parametrize("lowest", [0, 1, 32, 160], ids=["any", "no-nul", "no-control", "high"])
def test_random_bytes_are_no_text(size: int, lowest: int) -> None:
    draw = random.Random(size + lowest)
    plain = range(32, 127) if lowest == 160 else ()
    for _ in range(3):
        assert "binary" in refusal(bytes(draw.choices([*plain, *range(lowest, 256)], k=size)))


def test_mixed_encodings_are_mended_and_counted() -> None:
    data = "Caf\u00e9 na\u00efve \u2014 d\u00e9j\u00e0 vu.\n".encode() * 3 + "caf\u00e9\n".encode("cp1252")
    reading = read(data, suffix=".txt")
    assert reading.content.endswith("vu.\ncaf\u00e9\n")
    assert reading.warnings == ("mixed encodings: 1 byte was not UTF-8 and read as Windows-1252",)


def test_other_scripts_are_guessed_and_said() -> None:
    text = (
        "\u0412\u0441\u0435 \u0441\u0447\u0430\u0441\u0442\u043b\u0438\u0432\u044b\u0435 "
        "\u0441\u0435\u043c\u044c\u0438 \u043f\u043e\u0445\u043e\u0436\u0438 "
        "\u0434\u0440\u0443\u0433 \u043d\u0430 \u0434\u0440\u0443\u0433\u0430, "
        "\u043a\u0430\u0436\u0434\u0430\u044f \u043d\u0435\u0441\u0447\u0430\u0441\u0442\u043b"
        "\u0438\u0432\u0430\u044f \u0441\u0435\u043c\u044c\u044f "
        "\u043d\u0435\u0441\u0447\u0430\u0441\u0442\u043b\u0438\u0432\u0430 "
        "\u043f\u043e-\u0441\u0432\u043e\u0435\u043c\u0443. " * 20
    )
    reading = read(text.encode("cp1251"), suffix=".txt")
    assert "guess" in reading.warnings[0]
    assert "\u0441\u0435\u043c\u044c\u0438" in reading.content


def test_line_ends_and_invisible_characters_are_settled() -> None:
    assert text_of(b"one\r\ntwo\rthree \x0cfour\n\n\n\n\nfive") == "one\ntwo\nthree\nfour\n\n\nfive\n"
    assert text_of("e\u0301t\u00e9 soft\u00adhyphen".encode()) == "\u00e9t\u00e9 softhyphen\n"
    reading = read(b"a" * 5000 + b"\x07", suffix=".txt")
    assert reading.content == "a" * 5000 + "\n" and "1 control character" in reading.warnings[0]
