"""ABC as a file: encodings, accents, books, text blocks, empty lines, and what must never reach a
terminal."""

from __future__ import annotations

import pytest

from etude.errors import WorkError
from etude.media import MEDIA
from etude.media.music import abc

MUSIC = MEDIA["music"]
HEAD = "X:1\nT:Étude…\nM:4/4\nL:1/4\n"
BODY = "K:C\nCDEF|\nGABc|]\n"
SCALE = [60, 62, 64, 65, 67, 69, 71, 72]


def pitches(data: bytes | str) -> list[int]:
    score = abc.read(data.encode() if isinstance(data, str) else data).content
    return [n.pitch for _, n in score.flat()]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "windows-1252"],
)
@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r", "\r\r\n"])
def test_every_encoding_and_line_end_gives_the_same_tune(encoding: str, ends: str) -> None:
    data = (HEAD + BODY).replace("\n", ends).encode(encoding)
    assert MUSIC.sniff(data, ".abc")
    reading = MUSIC.read(data, suffix=".abc")
    assert reading.title == "Étude…"
    assert pitches(data) == SCALE


def test_an_encoding_that_is_named_or_had_to_be_guessed() -> None:
    body = b"M:4/4\nL:1/4\nK:C\nCDEF|\n"
    named = abc.read(b"%%abc-charset iso-8859-2\nX:1\nT:\xa9koda\n" + body)
    assert (named.title, named.warnings) == ("Škoda", ())
    western = abc.read(b"I:abc-charset iso-8859-1\nX:1\nT:L\x92\xc9t\xe9\x85\n" + body)
    assert western.title == "L’Été…"
    guessed = abc.read(b"X:1\nT:L\x92\xc9t\xe9\n" + body)
    assert guessed.title == "L’Été"
    assert "Windows-1252" in guessed.warnings[0]
    wrong = abc.read("%%abc-charset iso-8859-1\nX:1\nT:Été\n".encode() + body)
    assert wrong.title == "Été"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        (r"\'Et\'e \`a \"Uber \^ile", "Été à Über île"),
        (r"\cca, \~nu, \AE\ae, \ss, \aa, \/o, \vS, \uA, \HO", "ça, ñu, Ææ, ß, å, ø, Š, Ă, Ő"),
        (r"\u00e9 \351 &eacute; &#233; &#xE9; &lt;b&gt;", "é é é é é <b>"),
        (r"{\"o} \'{e} 50\% \\ AT&T C:\Music", "ö é 50% \\ AT&T C:\\Music"),
    ],
)
def test_accents_as_old_files_write_them(written: str, read: str) -> None:
    assert abc.read(f"X:1\nT:{written}\n{BODY}".encode()).title == read


def test_nothing_that_a_terminal_obeys_is_kept_or_told() -> None:
    head = "X:1\nT:a\x1b[2J b\u202e\u2028c\x07\nC:An\u200b\x9b31m\nO:x\x00y\nM:\x1b]0;\x07\nL:1/4\n"
    with pytest.raises(WorkError) as caught:
        abc.read((head + BODY).encode())  # NULs
    assert "\x00" not in str(caught.value)
    reading = abc.read((head.replace("\x00", "") + "K:C\nCDEFGABcdefgab\x1b|\u2029\x85\n").encode())
    texts = [reading.title, reading.maker, *reading.meta.values(), *reading.warnings]
    assert all(c.isprintable() for text in texts for c in text)
    assert reading.title == "a[2J b c"
    assert any("U+001B" in w for w in reading.warnings)


def test_what_a_file_is_instead_is_said() -> None:
    with pytest.raises(WorkError, match="This file is a PNG picture, not ABC notation"):
        abc.read(b"\x89PNG\r\n\x1a\n" + b"\0" * 50)


@pytest.mark.parametrize(
    "text",
    [
        BODY + "\nCollected by A. Bead, a cab in a bag. F. Gee.\n",
        BODY + "\nK: is what ends a header.\nA:rea, B:ook and C:omposer are words.\n",
        "K:C\n%%begintext\nA good dance for eight.\n\nBegin facing; go back.\n%%endtext\nCDEF|GABc|]\n",
        "K:C\nCDEF|\n%%begintext justify\nX:9 marks the place, K:G\n%%endtext\nGABc|]\n",
        "K:C\n%%beginps\n/deco{gsave 0 2 a e grestore}def\n%%endps\nCDEF|GABc|]\n",
        'K:C\n%%beginsvg\n<svg><g id="A"/></svg>\n%%endsvg\nCDEF|GABc|]\n',
        "K:C\n%%text A cab. Feed a bad egg.\n%%center BAG\nCDEF|GABc|]\n",
        "K:C\n%%begintext\nNever closed: a bad cabbage.\nCDEF|GABc|]\n",
        "K:C\nCD% a bad egg\nEF|\n%\n% face\nGABc|]\n",
        "%%begintext\nM:3/4 and K:G\n%%endtext\n" + BODY,
        "K:C\nCDEF|\nw:a bad egg fed\nW:A bad egg fed a cab\ns:!f! * * *\nGABc|]\n",
        "K:C\nCDEF|[r:a remark, egad]GABc|]\nN:a note\n",
        "\nK:C\n\nWords before the music.\nCDEF|\nGABc|]\n",
    ],
)
def test_words_are_no_music(text: str) -> None:
    reading = abc.read((HEAD + text).encode())
    assert [n.pitch for t in reading.content.tracks for n in t.notes] == SCALE
    assert reading.content.meters == ((0, 4, 4),)
    assert reading.warnings == ()


def test_music_after_an_empty_line_is_left_out_and_told() -> None:
    reading = abc.read((HEAD + "K:C\nCDEF|\n\nGABc|\nc4|]\n").encode())
    assert len(reading.content.tracks[0].notes) == 4
    assert reading.warnings == ("lines 8 to 9: music after an empty line, which ends a tune, was left out",)


def test_a_text_in_which_every_second_line_is_empty_is_one_tune() -> None:
    assert pitches((HEAD + BODY).replace("\n", "\n\n")) == SCALE


def test_books_are_cut_at_tune_numbers_outside_of_text() -> None:
    block = "%%begintext\nX:7 is no tune\n%%endtext\n"
    book = (
        f"%abc-2.1\nO:Wales\nFree text, K:G too\n\n{HEAD}{BODY}\n{block}\nX:2\nT:Two\nK:G\nF4|\n\nX:3\nno "
        "tune\n"
    )
    for encoding in ("utf-8", "utf-16", "windows-1252"):
        tunes = MUSIC.split(book.encode(encoding), ".abc")
        assert [abc.read(tune).title for tune in tunes] == ["Étude…", "Two"]
        assert all(abc.read(tune).meta == {"O": "Wales"} for tune in tunes)
    assert book.encode().startswith(b"%abc") and abc.split_book(book.encode())[1].startswith(
        b"%abc-2.1\nO:Wales\nX:2"
    )


def test_what_is_abc_and_what_is_not() -> None:
    assert abc.looks_like(b"X:1\nK:C\n")
    assert abc.looks_like(b"T:Without a key\n", ".abc")  # the reader then says what is missing
    assert not abc.looks_like(b"Once upon a time\n", ".abc")
    assert not abc.looks_like(b"K: a letter to K.\n")
    assert not abc.looks_like(b"\0asm\1\0\0\0", ".abc")
